package dev.till.alipayplus

import android.app.Activity
import android.content.Context
import android.os.Looper
import com.iap.android.mppclient.basic.AlipayPlusClient
import com.iap.android.mppclient.basic.callback.Callback
import com.iap.android.mppclient.basic.model.CommonOAuthServiceParams
import com.iap.android.mppclient.basic.model.CommonOAuthServiceResult
import com.iap.android.mppclient.basic.model.DecodeServiceParams
import com.iap.android.mppclient.basic.model.DecodeServiceResult
import com.iap.android.mppclient.mpm.AlipayPlusClientMPM
import dev.till.TillHandOver
import dev.till.testing.TillRunner
import java.io.IOException
import java.util.concurrent.CancellationException
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.delay
import kotlinx.coroutines.withTimeout
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The SDK as it may be, and as it may fail: no payment and no process ends with it. */
@RunWith(TillRunner::class)
@Config(sdk = [34])
class OtherSdksTest {
    private val screen get() = Robolectric.buildActivity(Activity::class.java).setup().get()

    @Before
    fun renew() {
        AlipayPlusClient.renew()
        AlipayPlusClientMPM.renew()
    }

    class Fields {
        @JvmField
        var sdkActionPayload: String? = null
    }

    class Setter {
        var told: String? = null

        @Suppress("unused")
        fun setSdkActionPayload(payload: String) {
            told = payload
        }
    }

    open class Closed private constructor() {
        private var sdkActionPayload: String? = null

        fun told() = sdkActionPayload
    }

    class Made(val told: String)

    abstract class Nobody

    class TakesFields {
        var told: String? = null

        @Suppress("unused", "UNUSED_PARAMETER")
        fun handleAction(activity: Activity, params: Fields) {
            told = params.sdkActionPayload
        }
    }

    class TakesSetter {
        var told: String? = null

        @Suppress("unused", "UNUSED_PARAMETER")
        fun handleAction(context: Context, params: Setter) {
            told = params.told
        }
    }

    class TakesClosed {
        var told: String? = null

        @Suppress("unused", "UNUSED_PARAMETER")
        fun handleAction(context: Context, params: Closed) {
            told = params.told()
        }
    }

    class TakesMade {
        var told: String? = null

        @Suppress("unused", "UNUSED_PARAMETER")
        fun handleAction(context: Context, params: Made) {
            told = params.told
        }
    }

    class TakesText {
        var told: String? = null

        @Suppress("unused", "UNUSED_PARAMETER")
        fun handleAction(context: Context, payload: CharSequence) {
            told = payload.toString()
        }
    }

    class TakesNobody {
        @Suppress("unused", "UNUSED_PARAMETER")
        fun handleAction(context: Context, params: Nobody) = Unit
    }

    @Test
    fun thePayloadGoesIntoWhateverShapeTheSdkHas() {
        val fields = TakesFields()
        val setter = TakesSetter()
        val closed = TakesClosed()
        val made = TakesMade()
        val text = TakesText()
        for (client in listOf(fields, setter, closed, made, text)) {
            NewerMembers.handleAction(listOf(Any(), client), screen, "payload")
        }
        val told = listOf(fields.told, setter.told, closed.told, made.told, text.told)
        assertEquals(List(5) { "payload" }, told)
    }

    @Test
    fun aShapeThatCannotBeFilledIsNamed() {
        val failure = assertThrows(AlipayPlusException::class.java) {
            NewerMembers.handleAction(listOf(TakesNobody()), screen, "payload")
        }
        assertEquals(AlipayPlusException.SDK_TOO_OLD, failure.code)
        assertTrue(failure.message, failure.message!!.contains("Nobody"))
    }

    private class Failing(private val failure: Throwable) : AlipayPlusSdk by ClientSdk() {
        override suspend fun launch(
            context: Context,
            url: String,
            userAgent: String?,
            acDecodeConfig: String?,
        ) = throw failure

        override suspend fun handleAction(context: Context, sdkActionPayload: String) =
            throw failure
    }

    @Test
    fun whateverTheSdkThrowsTheBankIsAskedAtOnce() {
        val failures = listOf(
            IllegalStateException("not initialised"),
            IOException("no network"),
            CancellationException("a limit of its own"),
            NoSuchFieldError("url"),
            NoClassDefFoundError("com/iap/android/mppclient/mpm/AlipayPlusClientMPM"),
        )
        for (failure in failures) {
            val back = LinkedBlockingQueue<String>()
            val bridge = Bridge(Failing(failure), { screen }) { back.add(it) }
            assertTrue(bridge.handOver(TillHandOver.Sdk("op-1", "payload")))
            shadowOf(Looper.getMainLooper()).idle()
            assertEquals("$failure", "op-1", back.poll(10, TimeUnit.SECONDS))
            val url = TillHandOver.Url("op-2", "https://wallet.example", null, null)
            assertTrue(bridge.handOver(url))
            shadowOf(Looper.getMainLooper()).idle()
            assertEquals("$failure", "op-2", back.poll(10, TimeUnit.SECONDS))
        }
    }

    private class Answers<T>(private val queue: LinkedBlockingQueue<String>) : Callback<T> {
        override fun onSuccess(result: T) {
            queue.add("done")
        }

        override fun onFailure(code: String, message: String) {
            queue.add("$code $message")
        }
    }

    @Test
    fun theSdkIsAnsweredHoweverTheAppsServicesFail() {
        ClientSdk().setServices(object : AlipayPlusServices {
            override suspend fun decode(codeValue: String): String? {
                if (codeValue == "offline") throw IOException("no network")
                if (codeValue == "old") throw NoSuchMethodError("decode")
                return withTimeout(10) {
                    delay(10_000)
                    null
                }
            }

            override suspend fun getAuthCode(authClientId: String, scopes: List<String>): String =
                throw IOException("no network")
        })
        val queue = LinkedBlockingQueue<String>()
        val mpm = AlipayPlusClientMPM.getInstance()
        for ((code, answer) in listOf(
            "offline" to "1003 IOException",
            "old" to "1003 NoSuchMethodError",
            "slow" to "1003 TimeoutCancellationException",
        )) {
            val params = DecodeServiceParams().apply { codeValue = code }
            mpm.mpmService.decode(params, Answers<DecodeServiceResult>(queue))
            assertEquals(answer, queue.poll(10, TimeUnit.SECONDS))
        }
        AlipayPlusClient.getInstance().commonOAuthService.getAuthCode(
            CommonOAuthServiceParams().apply { authClientId = "c" },
            Answers<CommonOAuthServiceResult>(queue),
        )
        assertEquals("1003 IOException", queue.poll(10, TimeUnit.SECONDS))
    }
}
