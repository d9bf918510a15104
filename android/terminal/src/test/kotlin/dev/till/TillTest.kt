package dev.till

import android.content.Context
import dev.till.testing.TillRunner
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** The public API against the real library and a real bank over TLS. */
@RunWith(TillRunner::class)
@Config(sdk = [34])
class TillTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val context: Context get() = RuntimeEnvironment.getApplication()
    private lateinit var bank: Sandbox

    @Before
    fun start() {
        bank = Sandbox()
        runBlocking { Till.stop() }
    }

    @After
    fun stop() {
        runBlocking { Till.stop() }
        bank.close()
    }

    private fun configuration(waitMs: Long = 120_000): TillConfiguration {
        val octo = OctoAcquirer.Builder(
            bank.baseUrl, "till-sandbox", "sandbox-secret".toByteArray(), "208800000000000001",
        ).extraRootsPem(bank.rootsPem).build()
        return TillConfiguration.Builder("UZS", octo)
            .sandbox(true)
            .waitMs(waitMs)
            .journalFolder(folder.root)
            .build()
    }

    private fun coffee(id: String) = PaymentRequest.Builder(12_500, "Coffee").requestId(id)

    private fun movements() = Regex("\"external_id\"").findAll(bank.ledger()).count()

    @Test
    fun aPaymentShowsItsCodeAndIsApproved() = runBlocking {
        Till.configure(context, configuration())
        val request = coffee("r-1").metadata(mapOf("order" to "7")).build()
        val events = Till.payment(request).toList()
        val stages = events.filterIsInstance<TillEvent.Progress>().map { it.stage }
        val shown = stages.filterIsInstance<TillStage.CodeShown>().single()
        assertTrue(shown.code.isNotEmpty() && shown.leftMs > 0)
        assertEquals(12_500L, shown.amount.minor)
        val result = (events.last() as TillEvent.Finished).result as TillResult.Approved
        assertEquals("r-1", result.facts.requestId)
        assertEquals(mapOf("order" to "7"), result.facts.metadata)
        assertEquals(shown.operationId, result.facts.operationId)
        assertTrue(result.facts.sandbox)
        val status = Till.status("r-1") as TillResult.Approved
        assertEquals(result.transaction, status.transaction)
        val told = Till.history().single()
        assertEquals(context.packageName, told.caller)
        assertEquals(TillOperation.State.APPROVED, told.state)
    }

    @Test
    fun aRefundInDoubtIsRepeatedAcrossARestartAndMadeOnce() = runBlocking {
        Till.configure(context, configuration(waitMs = 4_000))
        val paid = Till.pay(coffee("r-1").build()) as TillResult.Approved
        val before = movements()
        bank.faults("drop-answer:refund:1000", "drop-request:process:1000")
        val refund = RefundRequest.Builder(2_500, paid.transaction).requestId("r-2").build()
        val unknown = Till.refund(refund) as TillResult.Unknown
        assertEquals(Advice.REPEAT_SAME_REQUEST, unknown.facts.advice)
        Till.stop()
        bank.clearFaults()
        Till.configure(context, configuration(waitMs = 4_000))
        val known = Till.refund(refund) as TillResult.Approved
        assertEquals(unknown.facts.operationId, known.facts.operationId)
        assertEquals(1, movements() - before)
    }

    @Test
    fun aPaymentThatNobodyMakesIsCancelled() = runBlocking {
        bank.customer("ignore")
        Till.configure(context, configuration())
        val events = ArrayList<TillStage>()
        val cancel = Thread {
            runBlocking { assertTrue(Till.cancel("r-3") is TillResult.Declined) }
        }
        val result = Till.pay(coffee("r-3").build()) { stage ->
            synchronized(events) { events.add(stage) }
            if (stage is TillStage.CodeShown) cancel.start()
        } as TillResult.Declined
        cancel.join()
        assertEquals(TillResult.Reason.CANCELLED, result.reason)
        assertEquals(Advice.NEW_REQUEST, result.facts.advice)
        assertTrue(events.any { it is TillStage.Closing })
    }

    @Test
    fun withoutAConfigurationNothingMovesAndTheReasonIsTold() = runBlocking {
        val refused = Till.pay(coffee("r-4").build()) as TillResult.Refused
        assertEquals(6, refused.code)
        assertEquals(Advice.CONFIGURE, refused.facts.advice)
        val failure = assertThrows(TillException::class.java) { runBlocking { Till.history() } }
        assertEquals(TillException.Todo.CONFIGURE, failure.advice)
        val octo = OctoAcquirer.Builder("http://bank.example", "c", ByteArray(0), "u").build()
        val wrong = TillConfiguration.Builder("uz", octo).journalFolder(folder.root).build()
        val why = assertThrows(TillException::class.java) {
            runBlocking { Till.configure(context, wrong) }
        }
        assertEquals(TillException.Todo.CORRECT_CONFIGURATION, why.advice)
        assertTrue(why.details.any { it.startsWith("currency") })
    }

    @Test
    fun aTextThatIsNoTextIsRefusedWithoutACrash() = runBlocking {
        Till.configure(context, configuration())
        val broken = PaymentRequest.Builder(1, "half \ud83d").requestId("r-5").build()
        val result = Till.pay(broken) as TillResult.Refused
        assertEquals(5, result.code)
        assertEquals("r-5", result.facts.requestId)
        assertEquals(emptyList<TillOperation>(), Till.history())
    }

    @Test
    fun theBridgeGetsTheCustomerOfAScannedCode() = runBlocking {
        val handed = java.util.concurrent.LinkedBlockingQueue<TillHandOver>()
        Till.setBridge { handed.add(it) }
        Till.configure(context, configuration())
        val request = coffee("r-6").scannedCode("https://merchant.example/qr/7").build()
        val result = Till.pay(request)
        val one = handed.poll(10, java.util.concurrent.TimeUnit.SECONDS)
        assertNotNull(one)
        assertEquals(result.facts.operationId, one!!.operationId)
        Till.setBridge(null)
    }
}
