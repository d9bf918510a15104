package dev.till.terminal

import java.util.Locale
import org.junit.Assert.assertEquals
import org.junit.Test

/** Digits become sums without a rounding. */
class SumTest {
    @Test
    fun digitsMoveInFromTheRight() {
        var sum = Sum()
        for (key in listOf("1", "2", "5", "00")) sum = sum.with(key)
        assertEquals(12_500L, sum.minor)
        assertEquals(1_250L, sum.erased().minor)
        assertEquals(0L, Sum().erased().minor)
    }

    @Test
    fun aSumThatIsTooLargeIsNotTaken() {
        var sum = Sum()
        repeat(40) { sum = sum.with("9") }
        assertEquals(999_999_999_999L, sum.minor)
        assertEquals(sum.minor, sum.with("00").minor)
        assertEquals("not half of a key", 99_999_999_999L, Sum(99_999_999_999L).with("00").minor)
    }

    @Test
    fun aSumIsWrittenWithTheDigitsOfItsCurrency() {
        assertEquals("125.00", Sum(12_500).written(2, Locale.ENGLISH))
        assertEquals("12,500", Sum(12_500).written(0, Locale.ENGLISH))
        assertEquals("12.500", Sum(12_500).written(3, Locale.ENGLISH))
        assertEquals("0.05", Sum(5).written(2, Locale.ENGLISH))
        assertEquals("125,00", Sum(12_500).written(2, Locale("ru")))
        assertEquals("9,007,199,254.74", Sum(900_719_925_474L).written(2, Locale.ENGLISH))
    }
}
