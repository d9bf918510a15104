package shop

import dev.till.PaymentRequest
import dev.till.Till
import dev.till.TillResult
import dev.till.models.GSONConverter
import dev.till.models.QPTransaction
import kotlinx.coroutines.runBlocking

/** Runs shrunk: the natives, their listener and the models must have been kept. */
fun main() {
    val request = PaymentRequest.Builder(12_500, "Coffee").requestId("r-1").build()
    val result = runBlocking { Till.pay(request) } as TillResult.Refused
    check(result.code == 6) { "code ${result.code}: ${result.facts.message}" }
    check(result.facts.requestId == "r-1")
    val receipt = GSONConverter.fromJSON("{\"id\":\"7\",\"x\":1}", QPTransaction::class.java)
    check(receipt.id == "7" && receipt.toJSON() == "{\"id\":\"7\",\"x\":1}")
    println("shrunk: it works")
}
