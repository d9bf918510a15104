package dev.till.ui

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.os.Parcel
import dev.till.Bank
import dev.till.Names
import dev.till.OctoAcquirer
import dev.till.Till
import dev.till.TillConfiguration
import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertTrue

/**
 * What stands between the tests and Android: Robolectric on a JVM, or a device. Intents, bundles
 * and activities are the framework's own on both, and everything crosses a parcel as between apps.
 *
 * What one of them cannot do, such as be another app on a device, skips the test that needs it.
 */
internal abstract class Desk(val bank: Bank, private val folder: File) {
    private val movedBefore = bank.movements()

    abstract val context: Context

    /** An app starts the terminal for a result; [caller] null: for none. */
    abstract fun start(intent: Intent, caller: String? = POS): Shown

    /** The system makes a screen anew, from what it saved. */
    abstract fun again(intent: Intent, saved: Bundle, caller: String? = POS): Shown

    /** Asks STATUS and gives the result intent. */
    abstract fun ask(intent: Intent, caller: String? = POS): Intent?

    /** Lets the main thread work for a moment. */
    abstract fun idle()

    /** Sets whether this device has a browser. */
    abstract fun browser(there: Boolean)

    /** Lets the main thread work until something is so; other threads take what they need. */
    fun await(what: String, so: () -> Boolean) {
        val end = System.nanoTime() + PATIENCE_NS
        while (!so()) {
            idle()
            assertTrue("waited for $what", System.nanoTime() < end)
            Thread.sleep(2)
        }
    }

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

    /** Takes a payment that is paid at once; gives its result intent. */
    fun paid(id: String?, caller: String = POS): Intent = start(pay(id), caller).result()

    fun operations() = runBlocking { Till.history(1_000) }

    /** How often the bank moved money since the test began. */
    fun movements(): Int = bank.movements() - movedBefore

    internal companion object {
        const val POS = "pos.example"
        private const val PATIENCE_NS = 60_000_000_000L

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
    }
}

@Suppress("DEPRECATION")
internal operator fun Intent.get(name: String): Any? = extras?.get(name)
