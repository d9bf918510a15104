package dev.till.terminal

import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.EditText
import android.widget.TextView
import dev.till.Till
import dev.till.TillException
import dev.till.TillHealth
import dev.till.TillOperation
import dev.till.ui.HistoryActivity
import dev.till.ui.PaymentActivity
import java.util.UUID

/** The first screen: take a payment by hand, and see what is open. */
public class HomeActivity : Screen() {
    private var sum = Sum()
    private var exponent = 2
    private var running: TillHealth.Running? = null

    override fun layout(): Int = R.layout.home

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        sum = Sum(savedInstanceState?.getLong(SUM) ?: 0)
        on(R.id.history) { startActivity(Intent(this, HistoryActivity::class.java)) }
        on(R.id.open) { startActivity(Intent(this, HistoryActivity::class.java)) }
        on(R.id.settings) { startActivity(Intent(this, SettingsActivity::class.java)) }
        on(R.id.setup_go) { startActivity(Intent(this, SettingsActivity::class.java)) }
        on(R.id.erase) { enter(sum.erased()) }
        findViewById<View>(R.id.erase).setOnLongClickListener {
            enter(Sum())
            true
        }
        on(R.id.pay) { pay() }
        val keys = findViewById<ViewGroup>(R.id.keys)
        for (at in 0 until keys.childCount) {
            val digits = keys.getChildAt(at).tag as? String ?: continue
            keys.getChildAt(at).setOnClickListener {
                notice(null)
                enter(sum.with(digits))
            }
        }
        enter(sum)
    }

    override fun onResume() {
        super.onResume()
        inBackground { look() }
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putLong(SUM, sum.minor)
    }

    /** Finds out how it stands, and shows it. */
    private suspend fun look() {
        val failure = try {
            Till.open(this)
            null
        } catch (failure: TillException) {
            failure
        }
        val health = Till.health(this)
        val digits = health.running?.let { Till.exponent(it.currency) }
        val open = try {
            Till.history().count { it.state in UNFINISHED }
        } catch (_: TillException) {
            0
        }
        onMain {
            running = health.running
            exponent = digits ?: exponent
            show(failure, open)
        }
    }

    private fun show(failure: TillException?, open: Int) {
        val works = failure == null
        visible(R.id.setup, !works)
        visible(R.id.till, works)
        // Beside it in landscape; nothing is to move when it goes.
        findViewById<View?>(R.id.till_keys)?.visibility =
            if (works) View.VISIBLE else View.INVISIBLE
        if (failure != null) explain(failure)
        text(R.id.terminal, running?.terminalId.orEmpty())
        text(R.id.currency, running?.currency.orEmpty())
        visible(R.id.sandbox, running?.sandbox == true)
        visible(R.id.open, open > 0)
        text(R.id.open, resources.getQuantityString(R.plurals.open_operations, open, open))
        enter(sum)
    }

    private fun explain(failure: TillException) {
        val fresh = failure.advice == TillException.Todo.CONFIGURE
        val title = if (fresh) R.string.not_set_up else R.string.does_not_work
        text(R.id.setup_title, getString(title))
        val words = if (fresh) {
            getString(R.string.not_set_up_words)
        } else {
            (failure.details + getString(R.string.call_support)).joinToString("\n")
        }
        text(R.id.setup_words, words)
        val settings = fresh || failure.advice == TillException.Todo.CORRECT_CONFIGURATION
        visible(R.id.setup_go, settings)
    }

    private fun enter(next: Sum) {
        sum = next
        val locale = resources.configuration.locales[0]
        text(R.id.sum, sum.written(exponent, locale))
        findViewById<Button>(R.id.pay).isEnabled = sum.minor > 0 && running != null
    }

    /** This app is its own POS app: the same request, the same screen, the same journal. */
    private fun pay() {
        val written = findViewById<EditText>(R.id.purpose).text.toString().trim()
        val request = Intent(this, PaymentActivity::class.java)
            .setAction(PAY)
            .putExtra("request_id", UUID.randomUUID().toString())
            .putExtra("amount", sum.minor)
            .putExtra("purpose", written.ifEmpty { getString(R.string.purpose_usual) })
        @Suppress("DEPRECATION")
        startActivityForResult(request, ASKED)
    }

    @Deprecated("Deprecated in Java")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        if (requestCode != ASKED) return
        val code = data?.getIntExtra("code", -1)
        when {
            resultCode != RESULT_OK || code == null -> notice(getString(R.string.no_answer))
            code == 0 -> {
                val paid = sum.written(exponent, resources.configuration.locales[0])
                notice(getString(R.string.paid, paid))
                findViewById<EditText>(R.id.purpose).setText("")
                enter(Sum())
            }
            else -> notice(data.getStringExtra("message"))
        }
    }

    private fun notice(words: String?) {
        visible(R.id.notice, words != null)
        if (words != null) text(R.id.notice, words)
    }

    private fun text(id: Int, words: String) {
        findViewById<TextView>(id).text = words
    }

    private fun visible(id: Int, whether: Boolean) {
        findViewById<View>(id).visibility = if (whether) View.VISIBLE else View.GONE
    }

    private fun on(id: Int, act: () -> Unit) {
        findViewById<View>(id).setOnClickListener { act() }
    }

    private companion object {
        /** States in which money may still move; what is only watched is finished for people. */
        val UNFINISHED = setOf(
            TillOperation.State.CREATING,
            TillOperation.State.WAITING,
            TillOperation.State.CLOSING,
            TillOperation.State.IN_DOUBT,
        )
        const val PAY = "ru.lifepay.checkout.quick_payments_terminal.pay"
        const val ASKED = 1
        const val SUM = "sum"
    }
}
