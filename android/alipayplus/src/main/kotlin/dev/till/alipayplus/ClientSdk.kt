package dev.till.alipayplus

import android.content.Context
import com.iap.android.mppclient.basic.AlipayPlusClient
import com.iap.android.mppclient.basic.callback.Callback
import com.iap.android.mppclient.basic.model.CommonOAuthServiceParams
import com.iap.android.mppclient.basic.model.CommonOAuthServiceResult
import com.iap.android.mppclient.basic.model.Configuration
import com.iap.android.mppclient.basic.model.DecodeServiceParams
import com.iap.android.mppclient.basic.model.DecodeServiceResult
import com.iap.android.mppclient.basic.model.InquireQuoteParams
import com.iap.android.mppclient.basic.model.InquireQuoteResult
import com.iap.android.mppclient.basic.service.CommonOAuthService
import com.iap.android.mppclient.mpm.AlipayPlusClientMPM
import com.iap.android.mppclient.mpm.model.LaunchParams
import com.iap.android.mppclient.mpm.model.LaunchResult
import com.iap.android.mppclient.mpm.service.MPMService
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext

/** Is the real SDK, which the app adds by itself: this library only knows its members' names. */
public class ClientSdk : AlipayPlusSdk {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val basic: AlipayPlusClient get() = AlipayPlusClient.getInstance()
    private val mpm: AlipayPlusClientMPM get() = AlipayPlusClientMPM.getInstance()

    override suspend fun setConfiguration(
        clientId: String,
        environment: Environment,
        siteName: String,
    ) {
        val configuration = Configuration()
        configuration.clientId = clientId
        configuration.envType = environment.name
        configuration.siteName = siteName
        basic.setConfiguration(configuration)
    }

    // These return what they give: they may read files, so never on a main thread.
    override suspend fun getAcceptanceMarkLogos(
        context: Context,
        scenario: Scenario,
        region: String?,
    ): List<Logo> = withContext(Dispatchers.IO) {
        val logos = basic.getAcceptanceMarkLogos(context, scenario.word, region).orEmpty()
        logos.map { Logo(it.logoName.orEmpty(), it.logoUrl.orEmpty()) }
    }

    override suspend fun getCurrentRegion(context: Context): String? =
        withContext(Dispatchers.IO) { basic.getCurrentRegion(context)?.ifEmpty { null } }

    override suspend fun isAlipayPlusSupportedRegion(context: Context, region: String): Boolean =
        withContext(Dispatchers.IO) { basic.isAlipayPlusSupportedRegion(context, region) }

    override suspend fun inquireQuote(sellCurrency: String, buyCurrency: String): Quote {
        val params = InquireQuoteParams()
        params.sellCurrency = sellCurrency
        params.buyCurrency = buyCurrency
        val result: InquireQuoteResult = answer { basic.inquireQuote(params, it) }
        return Quote(
            result.quoteId.orEmpty(),
            result.quoteCurrencyPair.orEmpty(),
            result.quotePrice.orEmpty(),
        )
    }

    override suspend fun launch(
        context: Context,
        url: String,
        userAgent: String?,
        acDecodeConfig: String?,
    ) {
        val params = LaunchParams()
        params.url = url
        params.userAgent = userAgent
        // Without this field the SDK decodes by itself; a configuration that counts must reach it.
        if (acDecodeConfig != null) {
            NewerMembers.set(params, "acDecodeConfig", acDecodeConfig)
        }
        answer<LaunchResult> { mpm.launch(context, params, it) }
    }

    override suspend fun handleAction(context: Context, sdkActionPayload: String) {
        NewerMembers.handleAction(listOf(mpm, basic), context, sdkActionPayload)
    }

    override fun setServices(services: AlipayPlusServices) {
        mpm.mpmService = Decoding(services, scope)
        basic.commonOAuthService = Authorising(services, scope)
    }

    private suspend fun <T> answer(ask: (Callback<T>) -> Unit): T =
        suspendCancellableCoroutine { waiting ->
            // The SDK is known to call twice.
            val once = AtomicBoolean()
            ask(object : Callback<T> {
                override fun onSuccess(result: T) {
                    if (!once.getAndSet(true)) waiting.resume(result)
                }

                override fun onFailure(code: String?, message: String?) {
                    if (once.getAndSet(true)) return
                    val why = AlipayPlusException(code.orEmpty(), message.orEmpty())
                    waiting.resumeWithException(why)
                }
            })
        }

    private class Decoding(
        private val services: AlipayPlusServices,
        private val scope: CoroutineScope,
    ) : MPMService {
        override fun decode(params: DecodeServiceParams, callback: Callback<DecodeServiceResult>) {
            scope.serve(callback) {
                val result = DecodeServiceResult()
                val payload = services.decode(params.codeValue)
                if (payload != null) {
                    NewerMembers.set(result, "sdkActionPayload", payload)
                }
                result
            }
        }
    }

    private class Authorising(
        private val services: AlipayPlusServices,
        private val scope: CoroutineScope,
    ) : CommonOAuthService {
        override fun getAuthCode(
            params: CommonOAuthServiceParams,
            callback: Callback<CommonOAuthServiceResult>,
        ) {
            scope.serve(callback) {
                val result = CommonOAuthServiceResult()
                val scopes = params.scopes.orEmpty()
                result.authCode = services.getAuthCode(params.authClientId, scopes)
                result
            }
        }
    }

    private companion object {
        const val SYSTEM_ERROR = "1003"

        /** Answers the SDK, whatever the app's service does. */
        @Suppress("TooGenericExceptionCaught") // It is the app's code.
        fun <T> CoroutineScope.serve(callback: Callback<T>, work: suspend () -> T) {
            launch {
                val result = try {
                    work()
                } catch (failure: AlipayPlusException) {
                    callback.onFailure(failure.code, failure.message)
                    return@launch
                } catch (failure: Exception) {
                    // A time limit of the service's own cancels nothing here.
                    ensureActive()
                    callback.onFailure(SYSTEM_ERROR, failure.javaClass.simpleName)
                    return@launch
                } catch (failure: LinkageError) {
                    callback.onFailure(SYSTEM_ERROR, failure.javaClass.simpleName)
                    return@launch
                }
                callback.onSuccess(result)
            }
        }
    }
}
