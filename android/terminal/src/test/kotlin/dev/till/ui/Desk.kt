package dev.till.ui

import android.app.Activity
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.os.Looper
import android.os.Parcel
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import dev.till.Bank
import dev.till.Names
import dev.till.OctoAcquirer
import dev.till.Till
import dev.till.TillConfiguration
import java.io.File
import java.time.Duration
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertTrue
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/**
 * What stands between the tests and the device: here Robolectric. Intents, bundles and activities
 * are the framework's own, and everything crosses a parcel as it does between apps.
 */
internal class Desk(val bank: Bank, private val folder: File) {
    val context: Context get() = RuntimeEnvironment.getApplication()

    fun open(waitMs: Long = 120_000, language: String = "en") {
        Till.setBridge(ScreenBridge)
        runBlocking { Till.configure(context, configuration(waitMs, language)) }
    }

    private fun configuration(waitMs: Long, language: String): TillConfiguration {
        val octo = OctoAcquirer.Builder(
            bank.baseUrl, "till-sandbox", "sandbox-secret".toByteArray(), "208800000000000001",
        ).extraRootsPem(bank.rootsPem).build()
        return TillConfiguration.Builder("UZS", octo)
            .sandbox(true)
            .waitMs(waitMs)
            .language(language)
            .journalFolder(folder)
            .build()
    }

    /** The process is gone, with all that was only in memory; the journal stays. */
    fun die() {
        Sessions.dieForTests()
        runBlocking { Till.stop() }
    }

    fun pay(id: String?, amount: Any = 12_500L, purpose: String = "Coffee"): Intent =
        Intent(Names.PAY).put(id).putExtra(Names.PURPOSE, purpose).put(Names.AMOUNT, amount)

    fun refund(id: String?, transaction: String, amount: Any = 12_500L): Intent =
        Intent(Names.REFUND).put(id).putExtra(Names.PRIMARY_TRANSACTION, transaction)
            .put(Names.AMOUNT, amount)

    fun status(id: String, refund: Boolean = false): Intent = Intent(Names.STATUS).put(id)
        .putExtra(Names.ACTION, if (refund) "refund" else "pay")

    private fun Intent.put(id: String?) = apply { id?.let { putExtra(Names.REQUEST_ID, it) } }

    private fun Intent.put(name: String, number: Any) = apply {
        when (number) {
            is Long -> putExtra(name, number)
            is Int -> putExtra(name, number)
            else -> putExtra(name, number.toString())
        }
    }

    /** An app starts the terminal for a result. */
    fun start(intent: Intent, caller: String? = POS): Shown = Shown(made(intent, caller).setup())

    /** The system makes a screen anew, from what it saved. */
    fun again(intent: Intent, saved: Bundle, caller: String? = POS): Shown {
        val made = made(intent, caller)
        made.create(parcelled(saved)).start().restoreInstanceState(parcelled(saved))
        return Shown(made.resume().visible())
    }

    private fun made(intent: Intent, caller: String?): ActivityController<PaymentActivity> {
        val made = Robolectric.buildActivity(PaymentActivity::class.java, parcelled(intent))
        called(made.get(), caller)
        return made
    }

    /** Asks STATUS and gives the result intent. */
    fun ask(intent: Intent, caller: String? = POS): Intent? {
        val made = Robolectric.buildActivity(StatusActivity::class.java, parcelled(intent))
        called(made.get(), caller)
        made.create().start().resume()
        await("STATUS's answer") { made.get().isFinishing }
        return shadowOf(made.get()).resultIntent
    }

    /** Takes a payment that is paid at once; gives its result intent. */
    fun paid(id: String?, caller: String = POS): Intent = start(pay(id), caller).result()

    fun operations() = runBlocking { Till.history(1_000) }

    /** How often the bank moved money. */
    fun movements(): Int = Regex("\"external_id\"").findAll(bank.ledger()).count()

    internal companion object {
        const val POS = "pos.example"

        fun called(activity: Activity, caller: String?) {
            if (caller == null) return
            shadowOf(activity).setCallingActivity(ComponentName(caller, "$caller.Main"))
            shadowOf(activity).setCallingPackage(caller)
        }

        fun parcelled(intent: Intent): Intent = over(
            { intent.writeToParcel(it, 0) },
            { Intent.CREATOR.createFromParcel(it) },
        ).apply { setExtrasClassLoader(Desk::class.java.classLoader) }

        fun parcelled(bundle: Bundle): Bundle =
            over({ bundle.writeToParcel(it, 0) }, { Bundle.CREATOR.createFromParcel(it) })

        private fun <T> over(write: (Parcel) -> Unit, read: (Parcel) -> T): T {
            val parcel = Parcel.obtain()
            try {
                write(parcel)
                parcel.setDataPosition(0)
                return read(parcel)
            } finally {
                parcel.recycle()
            }
        }

        /** Lets the main thread work until something is so; other threads take what they need. */
        fun await(what: String, so: () -> Boolean) {
            val end = System.nanoTime() + PATIENCE_NS
            while (!so()) {
                shadowOf(Looper.getMainLooper()).idle()
                assertTrue("waited for $what", System.nanoTime() < end)
                Thread.sleep(2)
            }
        }

        private const val PATIENCE_NS = 60_000_000_000L
    }
}

/** Is a screen as a person before it sees and uses it. */
internal class Shown(val controller: ActivityController<PaymentActivity>) {
    val activity: PaymentActivity get() = controller.get()

    private val saved = Bundle()

    fun texts(): List<String> = views(activity.window.decorView)
        .filterIsInstance<TextView>().map { it.text.toString() }.filter { it.isNotBlank() }

    fun says(text: String): Boolean = texts().any { it.contains(text) }

    fun awaitSays(text: String): Shown = apply {
        Desk.await("“$text” instead of ${texts()}") { says(text) }
    }

    inline fun <reified T : View> has(): Boolean =
        views(activity.window.decorView).any { it is T }

    /** Waits until the customer could scan. */
    fun awaitCode(): Shown = apply { Desk.await("a code, not ${texts()}") { has<CodeView>() } }

    fun tap(text: String): Shown = apply {
        val button = views(activity.window.decorView).filterIsInstance<Button>()
            .first { it.text.toString() == text }
        assertTrue(button.performClick())
        shadowOf(Looper.getMainLooper()).idle()
    }

    fun awaitEnd(): Shown = apply {
        Desk.await("an end, not ${texts()}") { ended }
    }

    val ended: Boolean get() = shadowOf(activity).resultIntent != null

    val resultCode: Int get() = shadowOf(activity).resultCode

    /** The person reads it and is done; gives what the POS app gets. */
    fun result(): Intent {
        awaitEnd()
        tap("Done")
        assertTrue(activity.isFinishing)
        controller.pause().stop().destroy()
        val intent = shadowOf(activity).resultIntent
        return Desk.parcelled(intent)
    }

    /** The system takes the screen away, to make it anew later. */
    fun takenAway(): Bundle {
        controller.pause().stop().saveInstanceState(saved)
        controller.destroy()
        return saved
    }

    fun later(ms: Long) = shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(ms))

    companion object {
        fun views(view: View): List<View> = if (view is ViewGroup) {
            listOf(view) + (0 until view.childCount).flatMap { views(view.getChildAt(it)) }
        } else {
            listOf(view)
        }
    }
}

@Suppress("DEPRECATION")
internal operator fun Intent.get(name: String): Any? = extras?.get(name)
