package dev.till.ui

import dev.till.LatePayment
import dev.till.R
import dev.till.TillOperation
import dev.till.TillResult

/** Is what the history shows. */
internal sealed interface Past {
    data object Loading : Past

    class Failed(val words: String) : Past

    class List(val operations: kotlin.collections.List<TillOperation>) : Past

    class One(val operation: TillOperation, val asking: Boolean = false) : Past

    class Refund(val operation: TillOperation, val wrong: Boolean = false) : Past

    class Settle(val operation: TillOperation, val note: String, val missing: Boolean) : Past

    class Sure(val operation: TillOperation, val note: String, val paid: Boolean) : Past
}

/** Is how an operation is told apart at a glance. */
internal enum class Tone { GOOD, CARE, BAD, PLAIN }

/** Somebody has to look: it runs, is not known, or its money came late and stays. */
internal val TillOperation.needsLook: Boolean
    get() = when (state) {
        TillOperation.State.CREATING,
        TillOperation.State.WAITING,
        TillOperation.State.CLOSING,
        TillOperation.State.IN_DOUBT,
        -> true
        TillOperation.State.LATE -> when (result.facts.latePayment) {
            LatePayment.REFUND_FAILED, LatePayment.REPORTED, LatePayment.REFUNDING -> true
            LatePayment.REFUNDED, null -> false
        }
        TillOperation.State.APPROVED,
        TillOperation.State.NOT_PAID,
        TillOperation.State.REFUSED,
        TillOperation.State.CLOSED,
        -> false
    }

internal fun TillOperation.stateWord(): Int = when (state) {
    TillOperation.State.CREATING, TillOperation.State.CLOSING -> R.string.till_state_running
    TillOperation.State.WAITING -> R.string.till_state_waiting
    TillOperation.State.IN_DOUBT -> R.string.till_state_doubt
    TillOperation.State.APPROVED ->
        if (refund) R.string.till_state_refunded else R.string.till_state_paid
    TillOperation.State.NOT_PAID ->
        if (refund) R.string.till_state_refund_no else R.string.till_state_no
    TillOperation.State.REFUSED -> R.string.till_state_refused
    TillOperation.State.CLOSED -> R.string.till_state_closed
    TillOperation.State.LATE -> when (result.facts.latePayment) {
        LatePayment.REFUNDING -> R.string.till_late_refunding
        LatePayment.REFUNDED -> R.string.till_late_refunded
        LatePayment.REFUND_FAILED -> R.string.till_late_failed
        LatePayment.REPORTED -> R.string.till_late_reported
        null -> R.string.till_state_late
    }
}

internal fun TillOperation.tone(): Tone = when (state) {
    TillOperation.State.APPROVED ->
        if (result.facts.latePayment == null) Tone.GOOD else Tone.CARE
    TillOperation.State.CREATING,
    TillOperation.State.WAITING,
    TillOperation.State.CLOSING,
    TillOperation.State.IN_DOUBT,
    -> Tone.CARE
    TillOperation.State.LATE -> when (result.facts.latePayment) {
        LatePayment.REFUND_FAILED -> Tone.BAD
        LatePayment.REFUNDED -> Tone.PLAIN
        LatePayment.REFUNDING, LatePayment.REPORTED, null -> Tone.CARE
    }
    TillOperation.State.NOT_PAID, TillOperation.State.CLOSED -> Tone.PLAIN
    TillOperation.State.REFUSED -> Tone.BAD
}

/** A refund needs the payment's receipt. */
internal val TillOperation.receipt: String?
    get() = if (refund) null else (result as? TillResult.Approved)?.transaction
