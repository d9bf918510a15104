package shop

import android.content.ContextWrapper
import com.iap.android.mppclient.basic.callback.Callback
import com.iap.android.mppclient.basic.model.DecodeServiceParams
import com.iap.android.mppclient.basic.model.DecodeServiceResult
import com.iap.android.mppclient.mpm.AlipayPlusClientMPM
import dev.till.alipayplus.AlipayPlusServices
import dev.till.alipayplus.ClientSdk
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlinx.coroutines.runBlocking

/** Runs shrunk, with an SDK: what is found in it by name must have been kept. */
fun main() {
    val sdk = ClientSdk()
    val mpm = AlipayPlusClientMPM.getInstance()
    val context = ContextWrapper(null)
    runBlocking {
        sdk.handleAction(context, "payload")
        sdk.launch(context, "https://wallet.example", null, "{}")
    }
    check(mpm.handled.sdkActionPayload == "payload")
    check(mpm.launched.acDecodeConfig == "{}")
    sdk.setServices(Services)
    val answers = LinkedBlockingQueue<String>()
    mpm.mpmService.decode(DecodeServiceParams().apply { codeValue = "7" }, Answers(answers))
    check(answers.poll(10, TimeUnit.SECONDS) == "payload of 7")
    println("shrunk: it finds the SDK's members")
}

private object Services : AlipayPlusServices {
    override suspend fun decode(codeValue: String) = "payload of $codeValue"

    override suspend fun getAuthCode(authClientId: String, scopes: List<String>) = ""
}

private class Answers(private val to: LinkedBlockingQueue<String>) : Callback<DecodeServiceResult> {
    override fun onSuccess(result: DecodeServiceResult) {
        to.add(result.sdkActionPayload)
    }

    override fun onFailure(code: String, message: String) {
        to.add("$code $message")
    }
}
