package dev.till.ui

import dev.till.R

/** Tells the journal's lines in the operator's language; one that is not known, as it stands. */
internal object Stories {
    private class Line(pattern: String, val says: Int) {
        val pattern = Regex(pattern, RegexOption.DOT_MATCHES_ALL)
    }

    private val lines = listOf(
        Line("pay of .* recorded", R.string.till_story_recorded_pay),
        Line("refund of .* recorded", R.string.till_story_recorded_refund),
        Line("payment of another terminal confirmed.*", R.string.till_story_foreign),
        Line("code shown.*", R.string.till_story_code),
        Line("customer handed over", R.string.till_story_wallet),
        Line("closing: .*", R.string.till_story_closing),
        Line("in doubt", R.string.till_story_doubt),
        Line("taken by the bank.*", R.string.till_story_taken),
        Line("the operator wants to close it", R.string.till_story_wants),
        Line("told: not known \\(GoodsKept\\)", R.string.till_story_kept),
        Line("told: not known \\(GoodsHandedOver\\)", R.string.till_story_gone),
        Line("approved: .*", R.string.till_story_approved),
        Line("settled as paid by the operator: (.*)", R.string.till_story_settled_paid),
        Line("settled as not paid by the operator: (.*)", R.string.till_story_settled_not),
        Line("ALARM: the bank took its word back", R.string.till_story_reversed),
        Line("declined: (.*)", R.string.till_story_declined),
        Line("cancelled by the customer", R.string.till_story_customer),
        Line("expired: .*", R.string.till_story_nothing),
        Line("paid and given back", R.string.till_story_given_back),
        Line("refused \\([0-9]+\\): (.*)", R.string.till_story_refused),
        Line("answer handed over", R.string.till_story_told),
        Line("closed: .*", R.string.till_story_closed),
        Line("late money, .*: being given back", R.string.till_story_late_back),
        Line("late money, .*: given back", R.string.till_story_late_done),
        Line("ALARM: late money, .*: the bank refuses.*", R.string.till_story_late_failed),
        Line("ALARM: late money, .*: kept.*", R.string.till_story_late_kept),
        Line("give-back recorded", R.string.till_story_give_back),
    )

    fun tell(event: String, look: Look): String {
        for (line in lines) {
            val found = line.pattern.matchEntire(event) ?: continue
            val words = found.groupValues.drop(1).toTypedArray<Any>()
            return look.say(line.says, *words)
        }
        return event
    }
}
