package dev.till.ui

import android.text.InputType
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import dev.till.R
import dev.till.TillOperation
import dev.till.TillResult
import java.text.DateFormat
import java.util.Date

/** Is what the buttons of the history do. */
internal interface PastActs {
    fun load()

    fun open(operation: TillOperation)

    fun ask(operation: TillOperation)

    fun refund(operation: TillOperation)

    fun giveBack(operation: TillOperation, typed: String)

    fun settle(operation: TillOperation, note: String)

    fun sure(operation: TillOperation, note: String, paid: Boolean)

    fun record(operation: TillOperation, note: String, paid: Boolean)

    fun back()
}

/** Makes the screens of the history. */
internal class HistoryScreens(
    private val look: Look,
    private val sandbox: Boolean,
    private val acts: PastActs,
) {
    fun make(past: Past): View = when (past) {
        is Past.Loading -> waiting(R.string.till_loading)
        is Past.Failed -> failed(past)
        is Past.List -> list(past.operations)
        is Past.One -> if (past.asking) waiting(R.string.till_asking) else one(past.operation)
        is Past.Refund -> refund(past)
        is Past.Settle -> settle(past)
        is Past.Sure -> sure(past)
    }

    private fun page() = Page(look, sandbox)

    private fun waiting(title: Int): View {
        val wait = WaitView(look, look.colour(R.color.till_accent), look.colour(R.color.till_line))
        return page().figure(wait).body(look.title(look.say(title))).build()
    }

    private fun failed(past: Past.Failed): View = page()
        .figure(sign(OutcomeView.Sign.BANG))
        .body(look.title(look.say(R.string.till_history_failed)))
        .body(look.soft(past.words))
        .action(look.primary(look.say(R.string.till_try_again), acts::load)).build()

    private fun sign(sign: OutcomeView.Sign): View = OutcomeView(
        look, sign, look.colour(R.color.till_care), look.colour(R.color.till_care_ground),
    )

    private fun list(operations: List<TillOperation>): View {
        if (operations.isEmpty()) {
            return page().head(top(R.string.till_history))
                .body(look.title(look.say(R.string.till_history_empty)))
                .body(look.soft(look.say(R.string.till_history_empty_text))).build()
        }
        val rows = column()
        rows.addView(top(R.string.till_history))
        val first = operations.filter { it.needsLook }
        if (first.isNotEmpty()) {
            rows.addView(section(R.string.till_needs_look))
            for (one in first) rows.addView(row(one), spaced(8))
            rows.addView(section(R.string.till_all))
        }
        for (one in operations - first.toSet()) rows.addView(row(one), spaced(8))
        return framed(rows)
    }

    private fun top(title: Int): TextView = look.title(look.say(title), TOP_SP).apply {
        gravity = Gravity.START
        setPadding(0, look.dp(4), 0, look.dp(8))
    }

    private fun section(title: Int): TextView =
        look.soft(look.say(title), SECTION_SP).apply {
            typeface = Look.medium
            gravity = Gravity.START
            setPadding(0, look.dp(16), 0, 0)
        }

    private fun row(one: TillOperation): View {
        val card = column()
        card.background =
            look.rippled(look.outlined(R.color.till_card, R.color.till_line, CARD_DP))
        card.setPadding(look.dp(16), look.dp(12), look.dp(16), look.dp(12))
        card.isClickable = true
        card.isFocusable = true
        card.setOnClickListener { acts.open(one) }
        card.addView(left(look.sum(sumOf(one), ROW_SUM_SP)))
        card.narrow(chip(one))
        card.addView(left(look.soft(about(one), SMALL_SP)))
        card.contentDescription =
            listOf(sumOf(one), look.say(one.stateWord()), about(one)).joinToString(". ")
        return card
    }

    private fun LinearLayout.narrow(view: View) {
        val params = LinearLayout.LayoutParams(WRAP_CONTENT, WRAP_CONTENT)
        params.topMargin = look.dp(4)
        params.bottomMargin = look.dp(4)
        addView(view, params)
    }

    private fun sumOf(one: TillOperation): String {
        val sum = money(one.amount, look.locale)
        return if (one.refund) "− $sum" else sum
    }

    private fun about(one: TillOperation): String {
        val what = when {
            one.giveBack -> look.say(R.string.till_give_back)
            one.refund -> look.say(R.string.till_refund)
            else -> one.purpose.ifBlank { look.say(R.string.till_payment) }
        }
        return "$what · ${time(one.createdAtMs)}"
    }

    private fun time(ms: Long): String = DateFormat
        .getDateTimeInstance(DateFormat.MEDIUM, DateFormat.SHORT, look.locale).format(Date(ms))

    private fun chip(one: TillOperation): TextView {
        val (ink, ground) = when (one.tone()) {
            Tone.GOOD -> R.color.till_good to R.color.till_good_ground
            Tone.CARE -> R.color.till_care to R.color.till_care_ground
            Tone.BAD -> R.color.till_bad to R.color.till_bad_ground
            Tone.PLAIN -> R.color.till_ink_soft to R.color.till_ground
        }
        return look.text(look.say(one.stateWord()), CHIP_SP, ink).apply {
            typeface = Look.medium
            background = look.filled(ground, CHIP_DP)
            setPadding(look.dp(10), look.dp(3), look.dp(10), look.dp(3))
        }
    }

    private fun one(one: TillOperation): View {
        val all = column()
        all.addView(left(look.sum(sumOf(one), SUM_SP)))
        all.narrow(chip(one))
        all.addView(left(look.soft(about(one))))
        val plain = one.result is TillResult.Approved && one.result.facts.latePayment == null
        if (!plain) all.addView(left(look.text(one.result.facts.message, TEXT_SP)), spaced(16))
        if (one.receipt != null) {
            val refund = look.primary(look.say(R.string.till_refund_this)) { acts.refund(one) }
            all.addView(refund, spaced(20))
        }
        if (one.needsLook) {
            val ask = look.primary(look.say(R.string.till_ask_bank)) { acts.ask(one) }
            all.addView(ask, spaced(20))
        }
        if (one.state == TillOperation.State.IN_DOUBT) {
            val settle = look.secondary(look.say(R.string.till_settle)) { acts.settle(one, "") }
            all.addView(settle, spaced(12))
        }
        all.addView(section(R.string.till_story))
        for (line in one.story) {
            all.addView(left(look.text(Stories.tell(line.event, look), TEXT_SP)), spaced(10))
            all.addView(left(look.soft(time(line.atMs), SMALL_SP)))
        }
        fact(all, R.string.till_caller, one.caller)
        fact(all, R.string.till_request_id, one.requestId)
        fact(all, R.string.till_rail, one.rail)
        fact(all, R.string.till_external_id, one.externalId)
        all.addView(look.secondary(look.say(R.string.till_back), acts::back), spaced(24))
        return framed(all)
    }

    private fun fact(into: LinearLayout, name: Int, value: String) {
        into.addView(section(name))
        into.addView(left(look.text(value, SMALL_SP)).apply { setTextIsSelectable(true) })
    }

    private fun refund(past: Past.Refund): View {
        val amount = past.operation.amount
        val most = money(amount, look.locale)
        val typed = field(
            java.math.BigDecimal.valueOf(amount.minor, amount.exponent).toPlainString(),
            InputType.TYPE_CLASS_NUMBER or InputType.TYPE_NUMBER_FLAG_DECIMAL,
            R.string.till_refund_amount,
        )
        typed.keyListener = android.text.method.DigitsKeyListener.getInstance("0123456789.,")
        val text = if (past.wrong) R.string.till_amount_wrong else R.string.till_refund_amount_text
        val colour = if (past.wrong) R.color.till_bad else R.color.till_ink_soft
        val give = look.primary(look.say(R.string.till_refund_start)) {
            acts.giveBack(past.operation, typed.text.toString())
        }
        return page().head(look.soft(about(past.operation)))
            .body(look.title(look.say(R.string.till_refund_amount)))
            .body(typed, above = 16)
            .body(look.text(look.say(text, most), TEXT_SP, colour))
            .action(give)
            .action(look.secondary(look.say(R.string.till_back), acts::back)).build()
    }

    private fun settle(past: Past.Settle): View {
        val note = field(past.note, InputType.TYPE_CLASS_TEXT, R.string.till_settle_note)
        val one = past.operation
        val page = page().head(look.sum(sumOf(one), ROW_SUM_SP)).head(look.soft(about(one)))
            .body(look.title(look.say(R.string.till_settle)))
            .body(look.soft(look.say(R.string.till_settle_text)))
            .body(left(look.soft(look.say(R.string.till_settle_note), SMALL_SP)), above = 16)
            .body(note)
        if (past.missing) {
            val missing = look.say(R.string.till_settle_note_missing)
            page.body(look.text(missing, TEXT_SP, R.color.till_bad))
        }
        return page
            .action(
                look.secondary(look.say(R.string.till_settle_paid)) {
                    acts.sure(one, note.text.toString(), true)
                },
            )
            .action(
                look.secondary(look.say(R.string.till_settle_not_paid)) {
                    acts.sure(one, note.text.toString(), false)
                },
            )
            .action(look.secondary(look.say(R.string.till_back), acts::back)).build()
    }

    private fun sure(past: Past.Sure): View {
        val title = if (past.paid) R.string.till_settle_sure_paid else R.string.till_settle_sure_not
        return page().head(look.sum(sumOf(past.operation), ROW_SUM_SP))
            .figure(sign(OutcomeView.Sign.QUESTION))
            .body(look.title(look.say(title)))
            .body(look.soft(past.note))
            .body(look.soft(look.say(R.string.till_settle_sure_text)))
            .action(
                look.primary(look.say(R.string.till_settle_yes)) {
                    acts.record(past.operation, past.note, past.paid)
                },
            )
            .action(look.secondary(look.say(R.string.till_back), acts::back)).build()
    }

    private fun field(text: String, type: Int, name: Int) = EditText(look.context).apply {
        setText(text)
        inputType = type
        contentDescription = look.say(name)
        textSize = FIELD_SP
        setTextColor(look.colour(R.color.till_ink))
        background = look.outlined(R.color.till_card, R.color.till_line, CARD_DP)
        setPadding(look.dp(16), look.dp(14), look.dp(16), look.dp(14))
    }

    private fun framed(content: View): View {
        val scroll = ScrollView(look.context)
        content.setPadding(look.dp(20), look.dp(16), look.dp(20), look.dp(24))
        scroll.addView(content)
        return page().around(scroll)
    }

    private fun left(view: TextView): TextView = view.apply { gravity = Gravity.START }

    private fun column() = LinearLayout(look.context).apply {
        orientation = LinearLayout.VERTICAL
    }

    private fun spaced(above: Int) =
        LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { topMargin = look.dp(above) }

    private companion object {
        const val TOP_SP = 26
        const val SECTION_SP = 14
        const val ROW_SUM_SP = 20
        const val SUM_SP = 34
        const val TEXT_SP = 16
        const val SMALL_SP = 14
        const val CHIP_SP = 13
        const val FIELD_SP = 20f
        const val CARD_DP = 14
        const val CHIP_DP = 10
    }
}
