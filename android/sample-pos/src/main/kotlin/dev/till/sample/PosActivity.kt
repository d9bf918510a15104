package dev.till.sample

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.content.SharedPreferences
import android.os.Bundle
import android.view.View
import android.widget.Button
import android.widget.TextView
import java.util.UUID

/** The till of a shop that sells coffee, and takes payments through the terminal. */
public class PosActivity : Activity() {
    private lateinit var store: SharedPreferences

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(R.layout.pos)
        store = getSharedPreferences("requests", MODE_PRIVATE)
        findViewById<View>(R.id.pay).setOnClickListener {
            begin(Request(UUID.randomUUID().toString(), PRICE, refunded = null))
        }
        findViewById<View>(R.id.refund).setOnClickListener {
            val payment = store.getString(PAID, null) ?: return@setOnClickListener
            begin(Request(UUID.randomUUID().toString(), Refund.paid(payment), payment))
        }
        findViewById<View>(R.id.ask).setOnClickListener { askStatus() }
        show(getString(R.string.ready))
        // Started anew with a request under way: this app was killed, its answer went nowhere.
        if (savedInstanceState == null && Request.unanswered(store) != null) askStatus()
    }

    private fun begin(request: Request) {
        request.remember(store)
        send(request)
    }

    private fun send(request: Request) {
        val intent = when (val payment = request.refunded) {
            null -> Terminal.pay(this, request.id, request.amount, getString(R.string.coffee))
            else -> Refund.of(request.id, request.amount, payment)
        }
        ask(intent)
    }

    private fun askStatus() {
        val request = Request.unanswered(store) ?: return
        ask(Terminal.status(request.id, request.isRefund))
    }

    private fun ask(intent: Intent?) {
        try {
            if (intent == null) throw ActivityNotFoundException()
            startActivityForResult(intent, ASKED)
        } catch (_: ActivityNotFoundException) {
            show(getString(R.string.no_terminal))
        }
    }

    @Deprecated("Deprecated in Java")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val request = Request.unanswered(store) ?: return
        when (val answer = Terminal.answer(resultCode, data)) {
            is Answer.Done -> {
                if (!request.isRefund) store.edit().putString(PAID, answer.transaction).apply()
                if (request.isRefund) store.edit().remove(PAID).apply()
                Request.answered(store)
                show(getString(if (request.isRefund) R.string.refunded else R.string.paid))
            }
            is Answer.NotDone -> {
                Request.answered(store)
                show(getString(R.string.not_done, answer.code, answer.message))
            }
            is Answer.RepeatRefund -> {
                show(getString(R.string.repeating))
                window.decorView.postDelayed({ send(request) }, AGAIN_MS)
            }
            is Answer.AskStatus -> show(getString(R.string.unknown))
        }
    }

    private fun show(text: String) {
        findViewById<TextView>(R.id.said).text = text
        findViewById<Button>(R.id.refund).isEnabled = store.contains(PAID)
        findViewById<Button>(R.id.ask).isEnabled = Request.unanswered(store) != null
    }

    private companion object {
        const val PRICE = 12_500L
        const val PAID = "paid"
        const val ASKED = 1
        const val AGAIN_MS = 3_000L
    }
}
