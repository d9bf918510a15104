package dev.till.ui

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.widget.FrameLayout
import dev.till.Names
import dev.till.R
import dev.till.RefundRequest
import dev.till.Till
import dev.till.TillException
import dev.till.TillOperation
import dev.till.host.Hosts
import dev.till.host.Opened
import java.util.UUID
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

private const val CODE_UNKNOWN = 4

/** Not known; still running, or in use; not to be had from the journal. */
private val notKnown = setOf(CODE_UNKNOWN, 8, 10)

/**
 * Shows what this terminal did, lets an operator refund a payment, ask the bank about what is open,
 * and decide what the bank cannot.
 *
 * The app's manifest declares it, not exported, with the theme `@style/till_History`.
 */
public class HistoryActivity : Activity() {
    private val main = Handler(Looper.getMainLooper())
    private val work = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private var frame: FrameLayout? = null
    private var opened: Opened? = null
    private var wanted: String? = null

    /** The ids of refunds whose outcome is not known here yet, by payment and sum. */
    private var refunds = Bundle()

    internal var past: Past = Past.Loading
        private set

    override fun onCreate(savedInstanceState: Bundle?) {
        setTheme(R.style.till_History)
        super.onCreate(savedInstanceState)
        wanted = savedInstanceState?.getString(OPERATION)
        savedInstanceState?.getBundle(REFUND)?.let { refunds = it }
        frame = frame()
        onBack { back() }
        show(Past.Loading)
        acts.load()
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString(OPERATION, operation()?.id)
        outState.putBundle(REFUND, refunds)
    }

    private fun operation(): TillOperation? = when (val past = past) {
        is Past.One -> past.operation
        is Past.Refund -> past.operation
        is Past.Settle -> past.operation
        is Past.Sure -> past.operation
        is Past.Failed, is Past.List, is Past.Loading -> null
    }

    @Deprecated("Called by Android before 33")
    override fun onBackPressed() {
        back()
    }

    private fun back() {
        when (val past = past) {
            is Past.Failed, is Past.List, is Past.Loading -> finish()
            is Past.One -> {
                wanted = null
                acts.load()
            }
            is Past.Refund -> show(Past.One(past.operation))
            is Past.Settle -> show(Past.One(past.operation))
            is Past.Sure -> show(Past.Settle(past.operation, past.note, missing = false))
        }
    }

    private fun show(past: Past) {
        this.past = past
        val look = Look(this, opened?.language)
        frame?.only(HistoryScreens(look, opened?.sandbox ?: false, acts).make(past))
    }

    /** Does something that waits, and shows what came of it. */
    private fun then(ask: suspend () -> Past) {
        work.launch {
            val opening = Hosts.present.ensureOpen(applicationContext)
            val next = try {
                ask()
            } catch (failure: TillException) {
                Past.Failed(failure.details.joinToString("\n").ifEmpty { "${failure.advice}" })
            }
            main.post {
                opened = opening
                if (!isDestroyed) show(next)
            }
        }
    }

    private suspend fun list(id: String?): Past {
        val operations = Till.history(LIMIT)
        return operations.find { it.id == id }?.let { Past.One(it) } ?: Past.List(operations)
    }

    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        if (resultCode == RESULT_OK && data != null) told(data)
        acts.load()
    }

    /**
     * Lets go of a refund's id once its outcome is known. Until then whoever gives the same sum
     * back again means the same refund, and must not give it twice.
     */
    private fun told(answer: Intent) {
        if (answer.getIntExtra(Names.CODE, CODE_UNKNOWN) in notKnown) return
        val id = answer.getStringExtra(Names.REQUEST_ID)
        refunds.keySet().filter { refunds.getString(it) == id }.forEach(refunds::remove)
    }

    private val acts = object : PastActs {
        override fun load() {
            val id = wanted
            then { list(id) }
        }

        override fun open(operation: TillOperation) {
            wanted = operation.id
            show(Past.One(operation))
        }

        override fun ask(operation: TillOperation) {
            show(Past.One(operation, asking = true))
            then {
                Till.resume()
                list(operation.id)
            }
        }

        override fun refund(operation: TillOperation) = show(Past.Refund(operation))

        override fun giveBack(operation: TillOperation, typed: String) {
            val amount = operation.amount
            val locale = Look(this@HistoryActivity, opened?.language).locale
            val minor = minorOf(typed, amount.exponent, locale)
            val receipt = operation.receipt
            if (minor == null || minor <= 0 || minor > amount.minor || receipt == null) {
                return show(Past.Refund(operation, wrong = true))
            }
            // A second tap while the screen opens is the same refund.
            val what = "${operation.id} $minor"
            val id = refunds.getString(what)
                ?: UUID.randomUUID().toString().also { refunds.putString(what, it) }
            val request = RefundRequest.Builder(minor, receipt).requestId(id).build()
            startActivityForResult(Till.refundIntent(this@HistoryActivity, request), 1)
        }

        override fun settle(operation: TillOperation, note: String) =
            show(Past.Settle(operation, note, missing = false))

        override fun sure(operation: TillOperation, note: String, paid: Boolean) = show(
            if (note.isBlank()) {
                Past.Settle(operation, note, missing = true)
            } else {
                Past.Sure(operation, note.trim(), paid)
            },
        )

        override fun record(operation: TillOperation, note: String, paid: Boolean) {
            show(Past.One(operation, asking = true))
            then {
                Till.settle(operation, paid, note)
                list(operation.id)
            }
        }

        override fun back() = this@HistoryActivity.back()
    }

    override fun onDestroy() {
        work.cancel()
        super.onDestroy()
    }

    private companion object {
        const val OPERATION = "dev.till.operation"
        const val REFUND = "dev.till.refund"
        const val LIMIT = 100
    }
}
