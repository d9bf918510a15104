package shop

import android.content.Context
import dev.till.Advice
import dev.till.GatewayAcquirer
import dev.till.OctoAcquirer
import dev.till.PaymentRequest
import dev.till.Till
import dev.till.TillConfiguration
import dev.till.TillEvent
import dev.till.TillResult
import dev.till.TillStage
import dev.till.models.GSONConverter
import dev.till.models.QPTransaction
import kotlinx.coroutines.flow.collect

/** A merchant's app with an older compiler than the library's. */
class Shop(private val context: Context, private val draw: (String) -> Unit) {
    suspend fun sell(secret: ByteArray): Long? {
        val octo = OctoAcquirer.Builder("https://oi-dev.octo.uz", "shop", secret, "2088").build()
        Till.configure(context, TillConfiguration.Builder("UZS", octo).language("ru").build())
        val request = PaymentRequest.Builder(12_500, "Coffee").requestId("order-7").build()
        var paid: Long? = null
        Till.payment(request).collect { event ->
            when (event) {
                is TillEvent.Progress -> show(event.stage)
                is TillEvent.Finished -> paid = paidBy(event.result)
            }
        }
        return paid
    }

    /** Sets up a terminal that holds no secret of a bank. */
    suspend fun setUpBehindGateway(token: ByteArray) {
        val gateway = GatewayAcquirer.Builder("https://till.example.com:8443", token).build()
        Till.configure(context, TillConfiguration.Builder("UZS", gateway).build())
    }

    private fun show(stage: TillStage) {
        if (stage is TillStage.CodeShown) draw(stage.code)
    }

    private suspend fun paidBy(result: TillResult): Long? = when (result) {
        is TillResult.Approved ->
            GSONConverter.fromJSON(result.transaction, QPTransaction::class.java).paymentAmount
        is TillResult.Declined -> null
        is TillResult.Refused -> null
        is TillResult.Unknown -> when (result.facts.advice) {
            Advice.ASK_STATUS -> paidBy(Till.status(result.facts.requestId))
            else -> null
        }
    }
}
