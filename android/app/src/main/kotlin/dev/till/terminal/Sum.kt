package dev.till.terminal

import java.math.BigDecimal
import java.text.NumberFormat
import java.util.Locale

/** Is a sum that is being entered, in minor units. */
internal class Sum(val minor: Long = 0) {
    /** Puts digits at its end; stays as it is if it would become too large to be a price. */
    fun with(digits: String): Sum {
        var longer = minor
        for (digit in digits) {
            longer = longer * BASE + (digit - '0')
            if (longer > MOST) return this
        }
        return Sum(longer)
    }

    /** Takes the last digit away. */
    fun erased(): Sum = Sum(minor / BASE)

    /** Writes it as people of a language do, exactly: no step of it is a rounding. */
    fun written(exponent: Int, locale: Locale): String {
        val format = NumberFormat.getNumberInstance(locale)
        format.minimumFractionDigits = exponent
        format.maximumFractionDigits = exponent
        return format.format(BigDecimal.valueOf(minor, exponent))
    }

    private companion object {
        const val BASE = 10L
        const val MOST = 999_999_999_999L
    }
}
