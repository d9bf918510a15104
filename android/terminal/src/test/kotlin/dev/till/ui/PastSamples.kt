package dev.till.ui

import dev.till.Advice
import dev.till.LatePayment
import dev.till.TillAmount
import dev.till.TillOperation
import dev.till.TillResult

/** Operations for the pictures of the history. */
internal class PastSamples(private val language: String) {
    fun all(): Map<String, Past> {
        val doubt = one("d", TillOperation.State.IN_DOUBT, 450_000, unknown(), story = doubtStory)
        val paid = one("a", TillOperation.State.APPROVED, 1_250_000, approved(), open = false)
        val late = one(
            "l", TillOperation.State.LATE, 99_000, lateResult(), story = lateStory, open = false,
        )
        val all = listOf(
            doubt,
            late,
            paid,
            one("r", TillOperation.State.APPROVED, 250_000, approved(), refund = true),
            one("n", TillOperation.State.NOT_PAID, 1_800_000, declined()),
            one("c", TillOperation.State.CLOSED, 700_000, declined()),
            one("x", TillOperation.State.REFUSED, 123_456_789_00, refused()),
        )
        return linkedMapOf(
            "history" to Past.List(all),
            "history-empty" to Past.List(emptyList()),
            "history-loading" to Past.Loading,
            "history-failed" to Past.Failed("till.sqlite: file is not a database"),
            "history-one" to Past.One(doubt),
            "history-paid" to Past.One(paid),
            "history-late" to Past.One(late),
            "history-refund" to Past.Refund(paid),
            "history-refund-wrong" to Past.Refund(paid, wrong = true),
            "history-settle" to Past.Settle(doubt, "", missing = true),
            "history-sure" to Past.Sure(doubt, note, true),
        )
    }

    private val note: String
        get() = say("Bank statement, line 7", "Выписка, строка 7", "银行流水第 7 行")

    private fun say(en: String, ru: String, zh: String) = when (language) {
        "ru" -> ru
        "zh" -> zh
        else -> en
    }

    private fun one(
        id: String,
        state: TillOperation.State,
        minor: Long,
        result: TillResult,
        refund: Boolean = false,
        open: Boolean = false,
        story: List<TillOperation.Line> = paidStory,
    ) = TillOperation(
        id, refund, "com.example.pos", "5f3c9f0e-8a41-4b0e-9d62-1c0f6a7b2d11",
        TillAmount(minor, "UZS", 2),
        if (refund) "" else say("Lunch, table 4", "Обед, стол 4", "午餐，4 号桌"),
        "octo", "t1w8k2m3n4p5q6r7s8t9v0", AT, state, open, true, null, false, story, result,
    )

    private val paidStory = listOf(
        TillOperation.Line("pay of 12500.00 UZS recorded", AT),
        TillOperation.Line("code shown, payable for 120 s", AT + 900),
        TillOperation.Line("approved: 12500.00 UZS", AT + 21_000),
        TillOperation.Line("answer handed over", AT + 24_000),
    )

    private val doubtStory = listOf(
        TillOperation.Line("pay of 4500.00 UZS recorded", AT),
        TillOperation.Line("code shown, payable for 120 s", AT + 900),
        TillOperation.Line("closing: cancelled", AT + 60_000),
        TillOperation.Line("in doubt", AT + 70_000),
    )

    private val lateStory = listOf(
        TillOperation.Line("pay of 990.00 UZS recorded", AT),
        TillOperation.Line("closed: nobody paid in time", AT + 120_000),
        TillOperation.Line("late money, 990.00 UZS: being given back", AT + 150_000),
        TillOperation.Line("ALARM: late money, 990.00 UZS: the bank refuses to give it back", AT),
    )

    private fun facts(words: String, advice: Advice, late: LatePayment? = null) =
        TillResult.Facts("r", emptyMap(), advice, words, "o", late, null, false)

    private fun approved() = TillResult.Approved(facts("", Advice.NONE), "{}")

    private fun unknown() = TillResult.Unknown(
        facts(
            say(
                "Payment not confirmed yet. Ask again: do not charge twice.",
                "Оплата пока не подтверждена. Проверьте ещё раз: не берите деньги дважды.",
                "付款尚未确认。请再次查询，不要重复收款。",
            ),
            Advice.ASK_STATUS,
        ),
    )

    private fun declined() = TillResult.Declined(
        facts(say("Payment declined.", "Оплата отклонена.", "付款被拒绝。"), Advice.NEW_REQUEST),
        TillResult.Reason.DECLINED,
    )

    private fun lateResult() = TillResult.Declined(
        facts(
            say(
                "Nobody paid in time. Received 990.00 UZS: could not be given back, call support.",
                "Время оплаты вышло. Поступило 990.00 UZS: вернуть не удалось, " +
                    "обратитесь в поддержку.",
                "付款超时。收到 990.00 UZS：无法退回，请联系支持人员。",
            ),
            Advice.NEW_REQUEST, LatePayment.REFUND_FAILED,
        ),
        TillResult.Reason.EXPIRED,
    )

    private fun refused() = TillResult.Refused(
        facts(
            say(
                "The terminal is not set up, or the bank does not accept it.",
                "Терминал не настроен или не принят банком.",
                "终端未设置，或银行不接受此终端。",
            ),
            Advice.CONFIGURE,
        ),
        6,
    )

    private companion object {
        const val AT = 1_795_600_000_000L
    }
}

/** Does nothing. */
internal object NoPast : PastActs {
    override fun load() = Unit

    override fun open(operation: TillOperation) = Unit

    override fun ask(operation: TillOperation) = Unit

    override fun refund(operation: TillOperation) = Unit

    override fun giveBack(operation: TillOperation, typed: String) = Unit

    override fun settle(operation: TillOperation, note: String) = Unit

    override fun sure(operation: TillOperation, note: String, paid: Boolean) = Unit

    override fun record(operation: TillOperation, note: String, paid: Boolean) = Unit

    override fun back() = Unit
}
