package dev.till

import dev.till.internal.Call
import dev.till.internal.Extra
import dev.till.internal.Intent
import dev.till.internal.MapEntry
import dev.till.internal.NamedExtra
import dev.till.internal.Refused
import dev.till.internal.Word

/** Names of the intents and their extras; what they mean is decided in the library alone. */
internal object Names {
    const val PAY = "ru.lifepay.checkout.quick_payments_terminal.pay"
    const val REFUND = "ru.lifepay.checkout.quick_payments_terminal.refund"
    const val STATUS = "dev.till.terminal.action.STATUS"
    const val CODE = "code"
    const val REQUEST_ID = "request_id"
    const val METADATA = "metadata"
    const val AMOUNT = "amount"
    const val PURPOSE = "purpose"
    const val PRIMARY_TRANSACTION = "primary_transaction"
    const val TRANSACTION = "transaction"
    const val MESSAGE = "message"
    const val CURRENCY = "dev.till.extra.CURRENCY"
    const val RAIL = "dev.till.extra.RAIL"
    const val CODE_VALUE = "dev.till.extra.CODE_VALUE"
    const val IDEMPOTENT = "dev.till.extra.IDEMPOTENT"
    const val ACTION = "dev.till.extra.ACTION"
    const val OUTCOME = "dev.till.extra.OUTCOME"
    const val ADVICE = "dev.till.extra.ADVICE"
    const val LATE_PAYMENT = "dev.till.extra.LATE_PAYMENT"
    const val PAID_AMOUNT = "dev.till.extra.PAID_AMOUNT"
    const val SANDBOX = "dev.till.extra.SANDBOX"
}

/** Asks for a payment. */
public class PaymentRequest private constructor(builder: Builder) {
    private val extras = builder.extras.toList()
    private val attended = builder.attended

    /** Asks for [amountMinor] in minor units (kopecks, tiyin, cents). */
    public class Builder(amountMinor: Long, purpose: String) {
        internal val extras = arrayListOf(
            NamedExtra(Names.AMOUNT, Extra.Long(amountMinor)),
            NamedExtra(Names.PURPOSE, Extra.Text(purpose)),
        )
        internal var attended = false

        /** Sets the request's id. Always set one: without it, an outcome cannot be asked for. */
        public fun requestId(id: String): Builder = apply { extras.text(Names.REQUEST_ID, id) }

        /** Sets data that comes back with the result. */
        public fun metadata(data: Map<String, String>): Builder = apply { extras.metadata(data) }

        /** Sets the currency, ISO 4217; without it, the configured one. */
        public fun currency(code: String): Builder = apply { extras.text(Names.CURRENCY, code) }

        /** Sets the acquirer; without it, the configured one. */
        public fun rail(name: String): Builder = apply { extras.text(Names.RAIL, name) }

        /** Sets a code that the customer's camera read, instead of a new one to show. */
        public fun scannedCode(value: String): Builder =
            apply { extras.text(Names.CODE_VALUE, value) }

        /** Gives a repeated request id the first one's answer, always. */
        public fun idempotent(): Builder =
            apply { extras.add(NamedExtra(Names.IDEMPOTENT, Extra.Flag(true))) }

        /**
         * Says that somebody stands before a screen and decides with [Till.choose] about the goods
         * while the payment is not confirmed. Without it, doubt is told as [TillResult.Unknown].
         */
        public fun attended(): Builder = apply { attended = true }

        /** Makes the request. */
        public fun build(): PaymentRequest = PaymentRequest(this)
    }

    internal fun toIntent(caller: String) = Intent(caller, Names.PAY, extras)

    internal fun toCall(caller: String): Call = callOf(toIntent(caller), attended)
}

/** Asks to give money back. */
public class RefundRequest private constructor(builder: Builder) {
    private val extras = builder.extras.toList()

    /** Asks for [amountMinor] of the payment whose result held this transaction. */
    public class Builder(amountMinor: Long, primaryTransaction: String) {
        internal val extras = arrayListOf(
            NamedExtra(Names.AMOUNT, Extra.Long(amountMinor)),
            NamedExtra(Names.PRIMARY_TRANSACTION, Extra.Text(primaryTransaction)),
        )

        /** Sets the request's id. Always set one: a refund in doubt is repeated with the same. */
        public fun requestId(id: String): Builder = apply { extras.text(Names.REQUEST_ID, id) }

        /** Sets data that comes back with the result. */
        public fun metadata(data: Map<String, String>): Builder = apply { extras.metadata(data) }

        /** Makes the request. */
        public fun build(): RefundRequest = RefundRequest(this)
    }

    internal fun toIntent(caller: String) = Intent(caller, Names.REFUND, extras)

    internal fun toCall(caller: String): Call = callOf(toIntent(caller), attended = false)
}

internal fun statusCall(caller: String, requestId: String, refund: Boolean): Call {
    val extras = ArrayList<NamedExtra>()
    extras.text(Names.REQUEST_ID, requestId)
    extras.text(Names.ACTION, if (refund) "refund" else "pay")
    return callOf(Intent(caller, Names.STATUS, extras), attended = false)
}

/** Asks what became of an earlier request of the same id; null for a request without one. */
internal fun earlierCall(intent: Intent): Call? {
    val id = intent.extras.find { it.name == Names.REQUEST_ID } ?: return null
    if (id.value is Extra.Null || (id.value as? Extra.Text)?.text == "") return null
    val about = if (intent.action == Names.REFUND) "refund" else "pay"
    val extras = intent.extras.filter { it.name == Names.METADATA } + id +
        NamedExtra(Names.ACTION, Extra.Text(about))
    return callOf(Intent(intent.caller, Names.STATUS, extras), attended = false)
}

/**
 * Makes the call for an intent. One with half a surrogate pair anywhere is refused as unreadable,
 * since such a text cannot be echoed; what else it has is.
 */
internal fun callOf(intent: Intent, attended: Boolean): Call {
    val whole = isText(intent.action) &&
        intent.extras.all { isText(it.name) && it.value.isWhole() }
    return if (whole) Call.Run(intent, attended) else refusalOf(intent, Refused.UNREADABLE)
}

/** Makes the refusal of an intent, of which only what is text can be echoed. */
internal fun refusalOf(intent: Intent, why: Refused): Call {
    val whole = intent.extras.filter { isText(it.name) && it.value.isWhole() }
    val action = if (isText(intent.action)) intent.action else ""
    return Call.Refuse(Intent(intent.caller, action, whole), why)
}

private fun Extra.isWhole(): Boolean = when (this) {
    is Extra.Text -> isText(text)
    is Extra.Map -> entries.all { it.key.isWhole() && it.value.isWhole() }
    is Extra.Foreign -> isText(typeName)
    is Extra.Flag, is Extra.Int, is Extra.Long, is Extra.Null -> true
}

private fun Word.isWhole(): Boolean = when (this) {
    is Word.Text -> isText(text)
    is Word.Foreign -> isText(typeName)
}

private fun isText(text: String): Boolean = Charsets.UTF_8.newEncoder().canEncode(text)

private fun ArrayList<NamedExtra>.text(name: String, text: String) {
    removeAll { it.name == name }
    add(NamedExtra(name, Extra.Text(text)))
}

private fun ArrayList<NamedExtra>.metadata(data: Map<String, String>) {
    removeAll { it.name == Names.METADATA }
    val entries = data.map { (key, value) -> MapEntry(Word.Text(key), Word.Text(value)) }
    add(NamedExtra(Names.METADATA, Extra.Map(entries)))
}
