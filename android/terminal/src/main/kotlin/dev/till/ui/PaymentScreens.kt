package dev.till.ui

import android.view.View
import android.widget.TextView
import dev.till.Advice
import dev.till.R
import dev.till.TillHandOver

/** Is what the buttons of a payment's screens do. */
internal interface Acts {
    fun cancel()

    fun askGoods(goods: Screen.Goods?)

    fun choose(goods: Screen.Goods)

    fun open(page: TillHandOver)

    fun pin(digits: CharArray)

    fun done()
}

/** Makes the screens of a payment or a refund. */
internal class PaymentScreens(
    private val look: Look,
    private val frame: Frame,
    private val acts: Acts,
) {
    /** A small text that comes and goes without the screen being made anew. */
    private var note: TextView? = null

    fun make(screen: Screen): View = when (screen) {
        is Screen.Preparing -> preparing(screen)
        is Screen.Code -> code(screen)
        is Screen.Wallet -> wallet(screen)
        is Screen.Closing -> waiting(R.string.till_closing, R.string.till_closing_text).build()
        is Screen.Doubt -> doubt(screen)
        is Screen.Refunding -> refunding(screen)
        is Screen.Pin -> PinScreen(look, headed(), screen, acts).make()
        is Screen.Result -> result(screen.end)
    }

    /** Changes what is shown where only the note differs; false if it has to be made anew. */
    fun change(from: Screen, to: Screen): Boolean {
        val same = when (to) {
            is Screen.Code -> to.copy(note = null) == (from as? Screen.Code)?.copy(note = null)
            is Screen.Wallet ->
                to.copy(note = null) == (from as? Screen.Wallet)?.copy(note = null)
            is Screen.Refunding ->
                to.copy(note = null) == (from as? Screen.Refunding)?.copy(note = null)
            is Screen.Preparing, is Screen.Closing, is Screen.Doubt, is Screen.Pin,
            is Screen.Result,
            -> to == from
        }
        if (same) show(noteOf(to))
        return same
    }

    private fun noteOf(screen: Screen): Note? = when (screen) {
        is Screen.Code -> screen.note
        is Screen.Wallet -> screen.note
        is Screen.Refunding -> screen.note
        is Screen.Preparing, is Screen.Closing, is Screen.Doubt, is Screen.Pin, is Screen.Result ->
            null
    }

    private fun headed(): Page {
        val page = Page(look, frame.sandbox)
        val amount = frame.amount
        if (amount == null) {
            val what = if (frame.refund) R.string.till_refund else R.string.till_payment
            page.head(look.soft(look.say(what), KIND_SP))
        } else {
            if (frame.refund) page.head(look.soft(look.say(R.string.till_refund), KIND_SP))
            page.head(look.sum(money(amount, look.locale), SUM_SP))
        }
        if (frame.purpose.isNotBlank()) {
            val purpose = look.soft(frame.purpose.trim(), KIND_SP)
            purpose.maxLines = 2
            purpose.ellipsize = android.text.TextUtils.TruncateAt.END
            page.head(purpose, above = 4)
        }
        return page
    }

    private fun waiting(title: Int, text: Int): Page = headed().figure(wait())
        .body(look.title(look.say(title))).body(look.soft(look.say(text)))

    private fun wait() =
        WaitView(look, look.colour(R.color.till_accent), look.colour(R.color.till_line))

    private fun preparing(screen: Screen.Preparing): View {
        val page = when (screen.slow) {
            Screen.Slow.NO -> waiting(R.string.till_preparing, R.string.till_preparing_wait)
            Screen.Slow.OFFER -> waiting(R.string.till_slow, R.string.till_slow_text)
            Screen.Slow.URGE -> waiting(R.string.till_stuck, R.string.till_stuck_text)
        }
        val cancel = look.say(R.string.till_cancel)
        val button = if (screen.slow == Screen.Slow.URGE) {
            look.primary(cancel, acts::cancel)
        } else {
            look.secondary(cancel, acts::cancel)
        }
        return page.action(button).build()
    }

    private fun code(screen: Screen.Code): View {
        val page = headed()
        if (screen.picture is Picture.None) {
            page.figure(outcome(OutcomeView.Sign.BANG, CARE))
                .body(look.title(look.say(R.string.till_code_unreadable), SMALL_TITLE_SP))
        } else {
            val spoken = frame.amount?.let { money(it, look.locale) }.orEmpty()
            page.figure(codeView(screen.picture, look.say(R.string.till_code_spoken, spoken)))
                .body(look.title(look.say(R.string.till_scan), SMALL_TITLE_SP))
                .body(CountdownView(look, screen.endsAtMs))
        }
        return page.body(noted(screen.note))
            .action(look.secondary(look.say(R.string.till_cancel), acts::cancel)).build()
    }

    private fun codeView(picture: Picture, spoken: String): View {
        val screen = look.context.resources.configuration
        val height = screen.screenHeightDp
        val room = when {
            look.landscape -> height - EDGES_DP
            look.tight -> height * 2 / 5
            else -> height / 2
        }
        return CodeView(look.context, picture, look.dp(maxOf(CODE_MIN_DP, room))).apply {
            contentDescription = spoken
        }
    }

    private fun wallet(screen: Screen.Wallet): View {
        val code = screen.code
        if (code != null) {
            return headed().figure(codeView(code, look.say(R.string.till_wallet_scan_text)))
                .body(look.title(look.say(R.string.till_wallet_scan), SMALL_TITLE_SP))
                .body(look.soft(look.say(R.string.till_wallet_scan_text)))
                .body(noted(screen.note))
                .action(look.secondary(look.say(R.string.till_cancel), acts::cancel)).build()
        }
        val page = waiting(R.string.till_wallet, R.string.till_wallet_text).body(noted(screen.note))
        screen.to?.let { to ->
            page.action(look.primary(look.say(R.string.till_wallet_open)) { acts.open(to) })
        }
        return page.action(look.secondary(look.say(R.string.till_cancel), acts::cancel)).build()
    }

    private fun doubt(screen: Screen.Doubt): View = when {
        screen.told -> waiting(R.string.till_doubt, R.string.till_doubt_text).build()
        screen.sure == Screen.Goods.KEPT -> sure(
            screen.sure,
            R.string.till_goods_kept_sure,
            R.string.till_goods_kept_text,
            R.string.till_yes_kept,
        )
        screen.sure == Screen.Goods.GONE -> sure(
            screen.sure,
            R.string.till_goods_gone_sure,
            R.string.till_goods_gone_text,
            R.string.till_yes_gone,
        )
        else -> waiting(R.string.till_doubt, R.string.till_doubt_text)
            .body(look.soft(look.say(R.string.till_doubt_hint), HINT_SP), above = 16)
            .action(
                look.secondary(look.say(R.string.till_goods_kept)) {
                    acts.askGoods(Screen.Goods.KEPT)
                },
            )
            .action(
                look.secondary(look.say(R.string.till_goods_gone)) {
                    acts.askGoods(Screen.Goods.GONE)
                },
            ).build()
    }

    private fun sure(goods: Screen.Goods, title: Int, text: Int, yes: Int): View =
        headed().figure(outcome(OutcomeView.Sign.QUESTION, CARE))
            .body(look.title(look.say(title)))
            .body(look.soft(look.say(text)))
            .action(look.primary(look.say(yes)) { acts.choose(goods) })
            .action(look.secondary(look.say(R.string.till_back)) { acts.askGoods(null) })
            .build()

    private fun refunding(screen: Screen.Refunding): View {
        val page = if (screen.doubt) {
            waiting(R.string.till_refund_doubt, R.string.till_refund_doubt_text)
        } else {
            waiting(R.string.till_refunding, R.string.till_refunding_text)
        }
        return page.body(noted(screen.note)).build()
    }

    private fun result(end: End): View {
        val (sign, tone) = when (end.code) {
            PAID -> OutcomeView.Sign.CHECK to GOOD
            DECLINED, CANCELLED, EXPIRED -> OutcomeView.Sign.CROSS to BAD
            UNKNOWN -> OutcomeView.Sign.QUESTION to CARE
            else -> OutcomeView.Sign.BANG to CARE
        }
        val title = look.title(look.say(titleOf(end)), RESULT_SP)
        title.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE
        val page = headed().figure(outcome(sign, tone)).body(title)
        // A plain success, and what the title says already, needs no more words.
        val plain = end.code == PAID && !end.late
        val said = end.words.trimEnd('.', '。') == title.text.toString()
        if (!plain && !said) page.body(look.soft(end.words))
        next(end)?.let { page.body(look.text(look.say(it), NEXT_SP), above = 16) }
        return page.action(look.primary(look.say(R.string.till_done), acts::done)).build()
    }

    private fun titleOf(end: End): Int = when (end.code) {
        PAID -> if (end.refund) R.string.till_refunded else R.string.till_paid
        DECLINED -> R.string.till_declined
        CANCELLED -> R.string.till_cancelled
        EXPIRED -> R.string.till_expired
        UNKNOWN -> if (end.refund) R.string.till_unknown_refund else R.string.till_unknown_pay
        BAD_REQUEST -> R.string.till_bad_request
        NOT_CONFIGURED -> R.string.till_not_configured
        NO_CONNECTION -> R.string.till_no_connection
        IN_USE -> R.string.till_in_use
        NOT_REFUNDABLE -> R.string.till_not_refundable
        NO_SUCH -> R.string.till_no_such
        else -> R.string.till_journal
    }

    /** What to do, where the words do not say it yet. */
    private fun next(end: End): Int? = when (end.advice) {
        Advice.NONE, Advice.NEW_REQUEST -> null
        Advice.REPEAT_SAME_REQUEST -> R.string.till_next_repeat
        Advice.ASK_STATUS -> R.string.till_next_ask.takeIf { !end.refund }
        Advice.FIX_REQUEST -> R.string.till_next_fix
        Advice.CONFIGURE -> R.string.till_next_configure
        Advice.CALL_SUPPORT -> R.string.till_next_support
    }

    private fun outcome(sign: OutcomeView.Sign, tone: Pair<Int, Int>): View =
        OutcomeView(look, sign, look.colour(tone.first), look.colour(tone.second))

    /** The place of a note; it keeps its room, so that nothing jumps when one comes. */
    private fun noted(first: Note?): View {
        val view = look.text("", NOTE_SP, R.color.till_care)
        view.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        view.minLines = if (look.tight) 1 else 2
        note = view
        show(first)
        return view
    }

    private fun show(what: Note?) {
        note?.text = when (what) {
            null -> ""
            is Note.Silent -> look.say(R.string.till_bank_silent)
            is Note.Refused -> look.say(R.string.till_bank_refuses, what.words)
            is Note.BackAgain -> look.say(R.string.till_back_again)
            is Note.Wait -> look.say(R.string.till_wait_for_bank)
        }
    }

    private companion object {
        const val PAID = 0
        const val DECLINED = 1
        const val CANCELLED = 2
        const val EXPIRED = 3
        const val UNKNOWN = 4
        const val BAD_REQUEST = 5
        const val NOT_CONFIGURED = 6
        const val NO_CONNECTION = 7
        const val IN_USE = 8
        const val NOT_REFUNDABLE = 9
        const val NO_SUCH = 11

        const val KIND_SP = 16
        const val SUM_SP = 40
        const val SMALL_TITLE_SP = 20
        const val RESULT_SP = 30
        const val HINT_SP = 15
        const val NEXT_SP = 16
        const val NOTE_SP = 14
        const val CODE_MIN_DP = 200
        const val EDGES_DP = 90

        val GOOD = R.color.till_good to R.color.till_good_ground
        val CARE = R.color.till_care to R.color.till_care_ground
        val BAD = R.color.till_bad to R.color.till_bad_ground
    }
}
