package dev.till.alipayplus

import android.app.Activity
import android.app.Application
import android.content.Context
import android.os.Looper
import com.iap.android.mppclient.basic.AlipayPlusClient
import com.iap.android.mppclient.basic.callback.Callback
import com.iap.android.mppclient.basic.model.CommonOAuthServiceParams
import com.iap.android.mppclient.basic.model.CommonOAuthServiceResult
import com.iap.android.mppclient.basic.model.DecodeServiceParams
import com.iap.android.mppclient.basic.model.DecodeServiceResult
import com.iap.android.mppclient.mpm.AlipayPlusClientMPM
import dev.till.Advice
import dev.till.PaymentRequest
import dev.till.Sandbox
import dev.till.Till
import dev.till.TillHandOver
import dev.till.TillResult
import dev.till.TillSettings
import dev.till.testing.TillRunner
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The SDK's rules, with classes of its names and members. */
@RunWith(TillRunner::class)
@Config(sdk = [34])
class AlipayPlusTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val sdk = ClientSdk()
    private var nowMs = 0L
    private val basic get() = AlipayPlusClient.getInstance()
    private val mpm get() = AlipayPlusClientMPM.getInstance()

    @Before
    fun renew() {
        AlipayPlusClient.renew()
        AlipayPlusClientMPM.renew()
    }

    private fun alipayPlus(
        environment: Environment = Environment.DEV,
        bank: String = "https://oi-dev.octo.uz",
    ): AlipayPlus {
        val builder = AlipayPlus.Builder(sdk, "client", "site", environment, bank)
        builder.clock = { nowMs }
        return builder.build()
    }

    @Test
    fun theSdkIsToldTheEnvironmentOfTheBank() = runBlocking {
        alipayPlus().start { null }
        assertEquals("client", basic.configuration.clientId)
        assertEquals("DEV", basic.configuration.envType)
        assertEquals("site", basic.configuration.siteName)
        alipayPlus(Environment.PROD, "https://bank.example").start { null }
        assertEquals("PROD", basic.configuration.envType)
    }

    @Test
    fun anEnvironmentThatIsNotTheBanksIsRefused() {
        val wrong = listOf(
            Environment.PROD to "https://oi-dev.octo.uz",
            Environment.PROD to "https://127.0.0.1:8443",
            Environment.DEV to "https://bank.example",
            Environment.DEV to "https://oi-dev.octo.uz.example",
            Environment.DEV to "no address at all",
        )
        for ((environment, bank) in wrong) {
            val failure = assertThrows(AlipayPlusException::class.java) {
                runBlocking { alipayPlus(environment, bank).start { null } }
            }
            assertEquals(AlipayPlusException.CONFIGURATION, failure.code)
            assertNull("nothing is told to the SDK", basic.configuration)
        }
    }

    /** The environment decides where money goes: what does not fit the bank takes none. */
    @Test
    fun aScannedCodeIsRefusedWith6WhereTheEnvironmentIsNotTheBanks() = runBlocking {
        val bank = Sandbox()
        try {
            val code = PaymentRequest.Builder(12_500, "Coffee").scannedCode("https://m.example/7")
            for (environment in listOf(Environment.PROD, Environment.DEV)) {
                Till.stop()
                try {
                    alipayPlus(environment, bank.baseUrl).start { null }
                } catch (failure: AlipayPlusException) {
                    assertEquals(AlipayPlusException.CONFIGURATION, failure.code)
                }
                Till.keep(app, settings(bank))
                val result = Till.pay(code.build())
                if (environment == Environment.DEV) {
                    // It reached the bank, and nobody was there to be taken anywhere.
                    assertFalse("$result", result is TillResult.Refused)
                } else {
                    assertEquals(6, (result as TillResult.Refused).code)
                    assertEquals(Advice.CONFIGURE, result.facts.advice)
                    assertEquals(0, bank.movements())
                }
            }
        } finally {
            Till.stop()
            bank.close()
        }
    }

    private fun settings(bank: Sandbox): TillSettings = TillSettings.Builder()
        .set("currency", "UZS")
        .set("sandbox", "true")
        .set("wait_s", "5")
        .set("octo_base_url", bank.baseUrl)
        .set("octo_client_id", "till-sandbox")
        .set("octo_client_secret", "sandbox-secret")
        .set("octo_user_id", "208800000000000001")
        .set("octo_extra_roots", bank.rootsPem)
        .build()

    @Test
    fun anEmptyFirstListOfLogosIsAskedForAgain() = runBlocking {
        basic.emptyLists = 1
        val logos = alipayPlus().acceptanceMarks(app, Scenario.MPM)
        assertEquals(listOf("Alipay"), logos.map { it.name })
        assertEquals(List(2) { "PAYMENT_SCENARIO_MPM UZ" }, basic.asked)
    }

    @Test
    fun logosAreAskedForOnceAnHour() = runBlocking {
        val alipayPlus = alipayPlus()
        repeat(3) { alipayPlus.acceptanceMarks(app, Scenario.MPM) }
        nowMs += 60 * 60_000 - 1
        alipayPlus.acceptanceMarks(app, Scenario.MPM)
        assertEquals(1, basic.asked.size)
        nowMs += 1
        alipayPlus.acceptanceMarks(app, Scenario.MPM)
        assertEquals(2, basic.asked.size)
        alipayPlus.acceptanceMarks(app, Scenario.UPM)
        assertEquals("PAYMENT_SCENARIO_UPM UZ", basic.asked.last())
    }

    @Test
    fun whereItIsNotSupportedItIsNotOffered() = runBlocking {
        basic.region = "AQ"
        assertFalse(alipayPlus().isOffered(app))
        assertEquals(0, alipayPlus().acceptanceMarks(app, Scenario.MPM).size)
        assertEquals(emptyList<String>(), basic.asked)
    }

    @Test
    fun aFalseRightAfterTheStartIsAskedAgain() = runBlocking {
        basic.falseAnswers = 1
        assertTrue(alipayPlus().isOffered(app))
    }

    @Test
    fun whatTheSdkRefusesKeepsItsCodeAndMessage() = runBlocking {
        val quote = sdk.inquireQuote("USD", "KRW")
        assertEquals("USD/KRW 1331.25", "${quote.currencyPair} ${quote.price}")
        val failure = assertThrows(AlipayPlusException::class.java) {
            runBlocking { sdk.inquireQuote("XXX", "KRW") }
        }
        assertEquals("1001 PARAM_ILLEGAL", "${failure.code} ${failure.message}")
    }

    @Test
    fun thePayloadReachesTheSdkByteForByte() = runBlocking {
        val payload = " {\"a\" : \"ü\\u0000\"}\n"
        sdk.handleAction(app, payload)
        assertEquals(payload, mpm.handled.sdkActionPayload)
        sdk.launch(app, "https://e.example", "agent", "{\"forceHttps\":true}")
        assertEquals("{\"forceHttps\":true}", mpm.launched.acDecodeConfig)
        assertEquals("agent", mpm.launched.userAgent)
    }

    /** As 1.4.0 is: without the members that came later. */
    class OldClient {
        @Suppress("unused")
        fun launch(context: Context) = context
    }

    class OldParams {
        @JvmField
        var url: String? = null
    }

    @Test
    fun anSdkThatLacksAMemberIsNamedWithTheVersionThatIsNeeded() {
        val failures = listOf(
            assertThrows(AlipayPlusException::class.java) {
                NewerMembers.handleAction(listOf(OldClient()), app, "payload")
            },
            assertThrows(AlipayPlusException::class.java) {
                NewerMembers.set(OldParams(), "acDecodeConfig", "{}")
            },
        )
        for (failure in failures) {
            assertEquals(AlipayPlusException.SDK_TOO_OLD, failure.code)
            assertTrue(failure.message!!.contains("newer than 1.4.0"))
            assertFalse(failure.message!!.contains("payload"))
        }
    }

    @Test
    fun theAppsServicesAnswerTheSdk() {
        sdk.setServices(object : AlipayPlusServices {
            override suspend fun decode(codeValue: String): String? {
                if (codeValue == "broken") throw AlipayPlusException("1002", "INVALID_NETWORK")
                check(codeValue != "worse")
                return "payload of $codeValue"
            }

            override suspend fun getAuthCode(authClientId: String, scopes: List<String>) =
                "code for $authClientId $scopes"
        })
        val answers = LinkedBlockingQueue<String>()
        val decoded = object : Callback<DecodeServiceResult> {
            override fun onSuccess(result: DecodeServiceResult) {
                answers.add(result.sdkActionPayload)
            }

            override fun onFailure(code: String, message: String) {
                answers.add("$code $message")
            }
        }
        for ((code, answer) in listOf(
            "a" to "payload of a",
            "broken" to "1002 INVALID_NETWORK",
            "worse" to "1003 IllegalStateException",
        )) {
            mpm.mpmService.decode(DecodeServiceParams().apply { codeValue = code }, decoded)
            assertEquals(answer, answers.poll(10, TimeUnit.SECONDS))
        }
        val params = CommonOAuthServiceParams()
        params.authClientId = "c"
        params.scopes = listOf("BASE_USER_INFO")
        val authorised = object : Callback<CommonOAuthServiceResult> {
            override fun onSuccess(result: CommonOAuthServiceResult) {
                answers.add(result.authCode)
            }

            override fun onFailure(code: String, message: String) = Unit
        }
        basic.commonOAuthService.getAuthCode(params, authorised)
        assertEquals("code for c [BASE_USER_INFO]", answers.poll(10, TimeUnit.SECONDS))
    }

    private fun url(url: String) = TillHandOver.Url("op-1", url, null, null)

    @Test
    fun whoComesBackIsToldAtOnce() {
        val screen = Robolectric.buildActivity(Activity::class.java).setup()
        val back = LinkedBlockingQueue<String>()
        val bridge = Bridge(sdk, { screen.get() }) { back.add(it) }
        assertTrue(bridge.handOver(TillHandOver.Sdk("op-7", "payload")))
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals("payload", mpm.handled.sdkActionPayload)
        assertNull("still there", back.poll())
        screen.pause().resume()
        assertEquals("op-7", back.poll(10, TimeUnit.SECONDS))
        screen.pause().resume()
        assertNull("once", back.poll(200, TimeUnit.MILLISECONDS))
    }

    @Test
    fun anSdkThatTakesNobodyIsToldAtOnce() {
        val screen = Robolectric.buildActivity(Activity::class.java).setup()
        val back = LinkedBlockingQueue<String>()
        mpm.fails = "1004"
        val bridge = Bridge(sdk, { screen.get() }) { back.add(it) }
        assertTrue(bridge.handOver(url("https://wallet.example")))
        assertTrue(bridge.handOver(TillHandOver.Sdk("op-2", "payload")))
        shadowOf(Looper.getMainLooper()).idle()
        val told = setOf(back.poll(10, TimeUnit.SECONDS), back.poll(10, TimeUnit.SECONDS))
        assertEquals(setOf("op-1", "op-2"), told)
    }

    @Test
    fun nobodyIsHandedOverWithoutAScreenOrByAnInsecureAddress() {
        val screen = Robolectric.buildActivity(Activity::class.java).setup().get()
        assertFalse(Bridge(sdk, { null }) {}.handOver(url("https://wallet.example")))
        assertFalse(Bridge(sdk, { screen }) {}.handOver(url("http://wallet.example")))
        val form = TillHandOver.Form("op-1", "https://page.example", emptyList())
        assertFalse(Bridge(sdk, { screen }) {}.handOver(form))
        screen.finish()
        assertFalse(Bridge(sdk, { screen }) {}.handOver(url("https://wallet.example")))
    }

    @Test
    fun theSandboxOpensItsWalletPage() = runBlocking {
        val screen = Robolectric.buildActivity(Activity::class.java).setup().get()
        val sandbox = SandboxSdk("http://127.0.0.1:8080")
        sandbox.handleAction(screen, "payload")
        assertEquals("http://127.0.0.1:8080/", shadowOf(screen).nextStartedActivity.dataString)
        sandbox.launch(screen, "https://127.0.0.1:8443/w/p", null, null)
        assertEquals("https://127.0.0.1:8443/w/p", shadowOf(screen).nextStartedActivity.dataString)
        val failure = assertThrows(AlipayPlusException::class.java) {
            runBlocking { sandbox.setConfiguration("c", Environment.PROD, "s") }
        }
        assertEquals(AlipayPlusException.CONFIGURATION, failure.code)
    }
}
