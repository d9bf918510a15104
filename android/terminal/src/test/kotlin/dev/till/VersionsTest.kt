package dev.till

import android.os.Build
import dev.till.testing.TillRunner
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** The natives answer on the oldest Android, on one in between and on a new one. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 28, 34])
class VersionsTest {
    @Test
    fun aCallIsAnswered() = runBlocking {
        Till.stop()
        val request = PaymentRequest.Builder(1, "Coffee").requestId("v${Build.VERSION.SDK_INT}")
        val result = Till.pay(request.build()) as TillResult.Refused
        assertEquals("v${Build.VERSION.SDK_INT}", result.facts.requestId)
        assertEquals(6, result.code)
    }
}
