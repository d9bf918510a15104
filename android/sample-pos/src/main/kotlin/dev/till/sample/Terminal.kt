package dev.till.sample

import android.app.Activity
import android.content.Context
import android.content.Intent

/** How this app speaks to the terminal. Copy this file. */
internal object Terminal {
    const val PACKAGE = "dev.till.terminal"
    const val PAY = "ru.lifepay.checkout.quick_payments_terminal.pay"
    const val REFUND = "ru.lifepay.checkout.quick_payments_terminal.refund"
    const val STATUS = "dev.till.terminal.action.STATUS"

    /** Asks for a payment of [amount] minor units, by the terminal's launch intent. */
    fun pay(context: Context, requestId: String, amount: Long, purpose: String): Intent? =
        context.packageManager.getLaunchIntentForPackage(PACKAGE)
            ?.setFlags(0) // or the answer would not come back
            ?.setAction(PAY)
            ?.putExtra("request_id", requestId) // always send one
            ?.putExtra("amount", amount)
            ?.putExtra("purpose", purpose)
            ?.putExtra("metadata", hashMapOf("OrderId" to "12345")) // comes back untouched

    /** Asks what became of an earlier request, by an implicit intent. It moves no money. */
    fun status(requestId: String, refund: Boolean): Intent =
        Intent(STATUS)
            .putExtra("request_id", requestId)
            .putExtra("dev.till.extra.ACTION", if (refund) "refund" else "pay")

    /** Reads what `onActivityResult` was given. */
    fun answer(resultCode: Int, data: Intent?): Answer {
        // The terminal was killed, or this app was: never take that for "not paid".
        if (resultCode != Activity.RESULT_OK || data == null) return Answer.AskStatus
        val message = data.getStringExtra("message").orEmpty()
        val code = data.getIntExtra("code", -1)
        return when {
            code == 0 -> Answer.Done(data.getStringExtra("transaction").orEmpty())
            data.getStringExtra("error_type") == "unknown_result_error" -> Answer.RepeatRefund
            data.getStringExtra("dev.till.extra.ADVICE") == "ask_status" -> Answer.AskStatus
            else -> Answer.NotDone(code, message)
        }
    }
}

/** Is what the terminal said, and so what to do next. */
internal sealed interface Answer {
    /** The money moved: keep the transaction, a refund needs it. */
    class Done(val transaction: String) : Answer

    /** It did not; a new attempt needs a new request id. */
    class NotDone(val code: Int, val message: String) : Answer

    /** Ask for the refund again, with the same request id: no second one is made. */
    object RepeatRefund : Answer

    /** Nobody knows yet: ask [Terminal.status] with the same request id. */
    object AskStatus : Answer
}
