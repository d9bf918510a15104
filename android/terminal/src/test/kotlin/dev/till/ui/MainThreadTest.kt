package dev.till.ui

import android.os.Looper
import android.os.StrictMode
import dev.till.Names
import dev.till.testing.TillRunner
import java.io.File
import java.security.Permission
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.annotation.Config

/**
 * Nothing of ours reads, writes or connects on the main thread.
 *
 * On a device StrictMode ends the process for it. The JVM's own files and sockets know nothing of
 * StrictMode: there a security manager throws instead.
 */
@RunWith(TillRunner::class)
@Config(sdk = [34])
class MainThreadTest {
    @get:Rule
    val at = AtTheDesk()

    private val desk get() = at.desk

    @Test
    fun paymentsRefundsStatusAndHistoryWaitForNothingThere() = guarded {
        val paid = desk.start(desk.pay("r-1")).awaitEnd()
        val json = paid.result()[Names.TRANSACTION] as String
        assertEquals(0, desk.start(desk.refund("r-2", json)).result()[Names.CODE])
        assertEquals(0, desk.ask(desk.status("r-1"))!![Names.CODE])
        val saved = desk.start(desk.pay("r-3")).takenAway()
        desk.again(desk.pay("r-3"), saved).result()
        val history = Robolectric.buildActivity(HistoryActivity::class.java).setup().get()
        desk.await("the history") { history.past is Past.List }
    }

    /** A guard that lets everything pass would prove nothing. */
    @Test
    fun theGuardSeesWhatItGuardsAgainst() = guarded {
        assertThrows(OnTheMainThread::class.java) { Pretender.reads(File(at.folder.root, "x")) }
    }

    @Suppress("DEPRECATION")
    private fun guarded(work: () -> Unit) {
        val policy = StrictMode.getThreadPolicy()
        StrictMode.setThreadPolicy(
            StrictMode.ThreadPolicy.Builder().detectAll().penaltyLog().penaltyDeath().build(),
        )
        val guard = Guard(Looper.getMainLooper().thread)
        System.setSecurityManager(guard)
        try {
            work()
        } finally {
            System.setSecurityManager(null)
            StrictMode.setThreadPolicy(policy)
        }
        assertEquals(emptyList<String>(), guard.seen - "dev.till.ui.Pretender")
    }

    internal class OnTheMainThread(what: String) : SecurityException(what)

    @Suppress("DEPRECATION")
    private class Guard(private val main: Thread) : SecurityManager() {
        val seen = ArrayList<String>()
        private val tests = File(System.getProperty("till.out"), "tests").let { root ->
            root.walkTopDown().filter { it.name.endsWith(".class") }
                .map { it.relativeTo(root).path.removeSuffix(".class").replace('/', '.') }.toSet()
        } - "dev.till.ui.Pretender"

        override fun checkPermission(perm: Permission?) = Unit

        override fun checkRead(file: String?) = check("reads $file")

        override fun checkWrite(file: String?) = check("writes $file")

        override fun checkDelete(file: String?) = check("deletes $file")

        override fun checkConnect(host: String?, port: Int) = check("connects to $host")

        private fun check(what: String) {
            if (Thread.currentThread() !== main) return
            for (frame in Throwable().stackTrace) {
                val name = frame.className
                // Classes and resources are the system's to load, when and where it likes.
                val system = name.startsWith("java.lang.ClassLoader") ||
                    name.startsWith("org.robolectric.") || name.startsWith("android.content.res")
                if (system) return
                if (!name.startsWith("dev.till.") || name == javaClass.name) continue
                if (name.substringBefore('$') in tests || name in tests) return
                seen += name
                throw OnTheMainThread("$name $what")
            }
        }
    }
}

/** Does what nothing of ours may. */
internal object Pretender {
    fun reads(file: File) = file.exists()
}
