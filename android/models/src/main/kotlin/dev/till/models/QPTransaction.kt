package dev.till.models

import com.google.gson.JsonObject
import com.google.gson.JsonParseException
import com.google.gson.JsonPrimitive

/**
 * The receipt of a payment or a refund, as a terminal gave it.
 *
 * Store the text that came with the result, or what [toJSON] gives: a refund needs it whole, with
 * the fields that this version does not know, and those are kept.
 *
 * A field is null where the receipt does not have it.
 */
public class QPTransaction internal constructor(internal val json: JsonObject) {
    /** The version of the receipt's shape. */
    public val schemaVersion: Int? = number("schemaVersion")?.let(::whole)?.let {
        if (it in 0..Int.MAX_VALUE) it.toInt() else wrong("schemaVersion", "a small number")
    }

    /** The terminal's name of the operation. */
    public val id: String? = text("id")

    /** Whether it is of a payment or of a refund. */
    public val type: Type? = text("type")?.let { word ->
        Type.entries.find { it.name == word } ?: wrong("type", "PAY or REFUND")
    }

    /** `SUCCESS`: there is no receipt for anything else. */
    public val status: String? = text("status")

    /** The sum asked for, in minor units (kopecks, tiyin, cents). */
    public val amount: Long? = minor("amount")

    /** The currency of [amount], ISO 4217. */
    public val currency: String? = text("currency")

    /** What a payment was for. */
    public val purpose: String? = text("purpose")

    /** The acquirer's API. */
    public val rail: String? = text("rail")

    /** The POS app's own id of the request. */
    public val requestId: String? = text("requestId")

    /** The name of the operation at the bank. */
    public val externalId: String? = text("externalId")

    /** The merchant's reference at the bank. */
    public val referenceOrderId: String? = text("referenceOrderId")

    /** The sum that moved, in minor units. */
    public val paymentAmount: Long? = minor("paymentAmount")

    /** The currency of [paymentAmount], ISO 4217. */
    public val paymentCurrency: String? = text("paymentCurrency")

    /** What the wallet was debited, in minor units. */
    public val withdrawalAmount: Long? = minor("withdrawalAmount")

    /** The currency of [withdrawalAmount], ISO 4217. */
    public val withdrawalCurrency: String? = text("withdrawalCurrency")

    /** When the request was recorded: ISO 8601, UTC, `Z`. */
    public val createdAt: String? = text("createdAt")

    /** When the bank's word came: ISO 8601, UTC, `Z`. */
    public val completedAt: String? = text("completedAt")

    /** The [id] of a refund's payment. */
    public val primaryTransactionId: String? = text("primaryTransactionId")

    /** Whether the bank was the sandbox. */
    public val sandbox: Boolean? = flag("sandbox")

    /** The terminal's seal over the figures. */
    public val mac: String? = text("mac")

    /** Tells a payment from a refund. */
    public enum class Type {
        /** Of a payment. */
        PAY,

        /** Of a refund. */
        REFUND,
    }

    /** Writes the receipt as it came, unknown fields included. */
    public fun toJSON(): String = GSONConverter.gson.toJson(json)

    override fun equals(other: Any?): Boolean = other is QPTransaction && other.json == json

    override fun hashCode(): Int = json.hashCode()

    /** Names the receipt for a log: without the seal and without anything that could be private. */
    override fun toString(): String = "QPTransaction(id=$id, type=$type, status=$status)"

    private fun primitive(name: String): JsonPrimitive? {
        val value = json.get(name)
        return if (value == null || value.isJsonNull) {
            null
        } else {
            value as? JsonPrimitive ?: wrong(name, "a plain value")
        }
    }

    private fun text(name: String): String? = primitive(name)?.let {
        if (it.isString) it.asString else wrong(name, "text")
    }

    private fun number(name: String): Pair<String, JsonPrimitive>? = primitive(name)?.let {
        if (it.isNumber) name to it else wrong(name, "a number")
    }

    private fun minor(name: String): Long? = number(name)?.let(::whole)

    private fun flag(name: String): Boolean? = primitive(name)?.let {
        if (it.isBoolean) it.asBoolean else wrong(name, "true or false")
    }

    /** Reads a whole number exactly: money is never rounded. */
    private fun whole(named: Pair<String, JsonPrimitive>): Long = try {
        named.second.asBigDecimal.longValueExact()
    } catch (_: ArithmeticException) {
        wrong(named.first, "a whole number")
    } catch (_: NumberFormatException) {
        wrong(named.first, "a whole number")
    }

    private fun wrong(name: String, right: String): Nothing =
        throw JsonParseException("a QPTransaction's $name is $right")
}
