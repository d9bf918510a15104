package dev.till.ui

import dev.till.TillAmount
import dev.till.internal.Amount
import java.math.BigDecimal
import java.text.DecimalFormatSymbols
import java.text.NumberFormat
import java.util.Locale

/** Writes a sum as people of a language do, with its currency's code: nothing to guess. */
internal fun money(minor: Long, currency: String, exponent: Int, locale: Locale): String {
    val format = NumberFormat.getInstance(locale).apply {
        minimumFractionDigits = exponent
        maximumFractionDigits = exponent
    }
    // No line may end within a sum.
    return format.format(BigDecimal.valueOf(minor, exponent)).replace(' ', NARROW) +
        NO_BREAK + currency
}

internal fun money(amount: Amount, locale: Locale): String =
    money(amount.minor, amount.currency, amount.exponent, locale)

internal fun money(amount: TillAmount, locale: Locale): String =
    money(amount.minor, amount.currency, amount.exponent, locale)

/** Reads a sum that was typed; null if it is none, or has more digits than the currency. */
internal fun minorOf(typed: String, exponent: Int, locale: Locale): Long? {
    val point = DecimalFormatSymbols.getInstance(locale).decimalSeparator
    val plain = typed.trim().filterNot { it == ' ' || it == NO_BREAK || it == NARROW }
        .replace(point, '.').replace(',', '.')
    if (!plain.matches(Regex("[0-9]{1,15}(\\.[0-9]{1,9})?"))) return null
    return try {
        BigDecimal(plain).movePointRight(exponent).longValueExact()
    } catch (_: ArithmeticException) {
        null
    }
}

private const val NO_BREAK = '\u00a0'
private const val NARROW = '\u202f'
