package dev.till.ui

import android.app.Activity
import android.app.Instrumentation
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.KeyEvent
import androidx.test.platform.app.InstrumentationRegistry
import dev.till.Bank
import java.io.File
import java.net.URL
import java.util.concurrent.Callable
import java.util.concurrent.FutureTask
import org.junit.Assume.assumeTrue

/**
 * Gives the sandbox that the instrumentation's arguments `till.bank` and `till.control` name: it
 * runs beside the device, and `adb reverse` leads there.
 */
internal fun newBank(): Bank {
    val arguments = InstrumentationRegistry.getArguments()
    val bank = arguments.getString("till.bank")
    val control = arguments.getString("till.control")
    assumeTrue("no sandbox is named", bank != null && control != null)
    return Bank(bank.orEmpty(), control.orEmpty(), rootsOf(control.orEmpty())).apply {
        clearFaults()
        customer("approve")
    }
}

private fun rootsOf(control: String): String {
    val connection = URL("$control/control/ca.pem").openConnection()
    connection.setRequestProperty("X-Till-Sandbox", "1")
    return connection.getInputStream().bufferedReader().use { it.readText() }
}

/** Makes the tests' desk on this device. */
internal fun newDesk(bank: Bank, folder: File): Desk = DeviceDesk(bank, folder)

/** Is the desk on a device: all is the system's own, and nobody can be another app. */
internal class DeviceDesk(bank: Bank, folder: File) : Desk(bank, folder) {
    private val instrumentation = InstrumentationRegistry.getInstrumentation()

    override val context: Context get() = instrumentation.targetContext

    override fun start(intent: Intent, caller: String?): Shown {
        val asking = asked(intent, PaymentActivity::class.java, caller)
        return DeviceShown(this, asking.first, asking.second as PaymentActivity)
    }

    override fun again(intent: Intent, saved: Bundle, caller: String?): Shown =
        skip("only the system makes a screen anew from what it saved")

    override fun ask(intent: Intent, caller: String?): Intent? {
        val (asking, _) = asked(intent, StatusActivity::class.java, caller)
        await("STATUS's answer") { asking.isAnswered }
        return asking.answer
    }

    override fun idle() = instrumentation.waitForIdleSync()

    override fun browser(there: Boolean) {
        if (!there) skip<Unit>("the device has a browser or has none")
    }

    /** Starts an activity of the library's from a screen that waits for its result. */
    private fun asked(
        intent: Intent,
        of: Class<out Activity>,
        caller: String?,
    ): Pair<AskingActivity, Activity> {
        assumeTrue("nobody can be another app here", caller == POS || caller == context.packageName)
        val home = Intent(context, AskingActivity::class.java)
            .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        val asking = instrumentation.startActivitySync(home) as AskingActivity
        val monitor = Instrumentation.ActivityMonitor(of.name, null, false)
        instrumentation.addMonitor(monitor)
        val own = Intent(intent).setClass(context, of)
        instrumentation.runOnMainSync { asking.ask(own) }
        val started = instrumentation.waitForMonitorWithTimeout(monitor, PATIENCE_MS)
        instrumentation.removeMonitor(monitor)
        instrumentation.waitForIdleSync()
        return asking to checkNotNull(started) { "${of.simpleName} did not start" }
    }

    private companion object {
        const val PATIENCE_MS = 20_000L
    }
}

internal class DeviceShown(
    private val desk: Desk,
    private val asking: AskingActivity,
    override val activity: PaymentActivity,
) : Shown(desk) {
    private val instrumentation = InstrumentationRegistry.getInstrumentation()

    /** Android tells what an activity has set only when it has finished, but for these fields. */
    override val resultIntent: Intent? get() = field("mResultData") as Intent?

    override val resultCode: Int get() = field("mResultCode") as Int

    private fun field(name: String): Any? = onMain {
        Activity::class.java.getDeclaredField(name).apply { isAccessible = true }.get(activity)
    }

    override fun back() {
        instrumentation.sendKeyDownUpSync(KeyEvent.KEYCODE_BACK)
        instrumentation.waitForIdleSync()
    }

    @Suppress("DEPRECATION")
    override fun oldBack() = onMain { activity.onBackPressed() }

    override fun coveredAndSeen() {
        val over = Intent(activity, AskingActivity::class.java)
            .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        val cover = instrumentation.startActivitySync(over)
        onMain { cover.finish() }
        instrumentation.waitForIdleSync()
    }

    override fun started(): Intent? = skip("what is started here is really started")

    override fun systemEnds() {
        onMain { activity.finish() }
        desk.await("the end of it") { activity.isDestroyed }
    }

    override fun takenAway(): Bundle =
        skip("only the system makes a screen anew from what it saved")

    override fun later(ms: Long) {
        assumeTrue("time goes on by itself here", ms <= LONGEST_MS)
        Thread.sleep(ms)
        instrumentation.waitForIdleSync()
    }

    override fun <T> onMain(work: () -> T): T {
        val task = FutureTask(Callable { work() })
        instrumentation.runOnMainSync(task)
        return task.get()
    }

    override fun taken(): Intent {
        desk.await("the result") { asking.isAnswered }
        return checkNotNull(asking.answer)
    }

    private companion object {
        const val LONGEST_MS = 10_000L
    }
}

/** Asks the terminal and keeps what comes back. */
internal class AskingActivity : Activity() {
    @Volatile
    var isAnswered = false
        private set

    @Volatile
    var answer: Intent? = null
        private set

    @Suppress("DEPRECATION")
    fun ask(intent: Intent) = startActivityForResult(intent, 1)

    @Deprecated("The framework's own way")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        answer = data
        isAnswered = true
    }
}

private fun <T> skip(why: String): T {
    assumeTrue(why, false)
    error(why)
}
