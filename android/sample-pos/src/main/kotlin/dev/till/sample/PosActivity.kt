package dev.till.sample

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.content.SharedPreferences
import android.os.Bundle
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import java.util.UUID

/** The till of a shop that sells coffee, and takes payments through the terminal. */
public class PosActivity : Activity() {
    internal lateinit var said: TextView
    internal lateinit var pay: Button
    internal lateinit var refund: Button
    internal lateinit var ask: Button
    private lateinit var store: SharedPreferences

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        store = getSharedPreferences("requests", MODE_PRIVATE)
        draw()
        show("Ready")
        // Started anew with a request under way: this app was killed, its answer went nowhere.
        if (savedInstanceState == null && Request.unanswered(store) != null) askStatus()
    }

    private fun begin(refunded: String?) {
        // A new id for every attempt: the same id is the same attempt.
        val id = UUID.randomUUID().toString()
        val amount = if (refunded == null) PRICE else Refund.paid(refunded)
        val request = Request(id, amount, refunded)
        request.remember(store)
        show("The terminal is asked")
        send(request)
    }

    private fun send(request: Request) {
        when (val payment = request.refunded) {
            null -> ask(Terminal.pay(this, request.id, request.amount, "Coffee"))
            else -> ask(Refund.of(request.id, request.amount, payment))
        }
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
            show("The terminal is not installed")
        }
    }

    @Deprecated("Deprecated in Java")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val request = Request.unanswered(store) ?: return
        when (val answer = Terminal.answer(resultCode, data)) {
            is Answer.Done -> {
                request.answered(store, paid = if (request.isRefund) null else answer.transaction)
                show(if (request.isRefund) "The money is given back" else "Paid")
            }
            is Answer.NotDone -> {
                request.answered(store, paid = request.refunded)
                show("Not done (${answer.code}): ${answer.message}")
            }
            is Answer.RepeatRefund -> {
                show("Not known yet: the same refund is asked for again")
                said.postDelayed({ send(request) }, AGAIN_MS)
            }
            is Answer.AskStatus -> show("Not known yet: ask before you try again")
        }
    }

    private fun show(text: String) {
        said.text = text
        pay.isEnabled = Request.unanswered(store) == null
        refund.isEnabled = pay.isEnabled && Request.paid(store) != null
        ask.isEnabled = !pay.isEnabled
    }

    private fun draw() {
        said = TextView(this).apply { textSize = TEXT_SP }
        pay = button("Pay 125.00 for a coffee") { begin(refunded = null) }
        refund = button("Give the money back") { begin(Request.paid(store)) }
        ask = button("What became of it?") { askStatus() }
        val column = LinearLayout(this)
        column.orientation = LinearLayout.VERTICAL
        column.fitsSystemWindows = true
        for (view in listOf(said, pay, refund, ask)) column.addView(view)
        setContentView(column)
    }

    private fun button(text: String, act: () -> Unit) = Button(this).apply {
        this.text = text
        setOnClickListener { act() }
    }

    private companion object {
        const val PRICE = 12_500L
        const val ASKED = 1
        const val AGAIN_MS = 3_000L
        const val TEXT_SP = 20f
    }
}
