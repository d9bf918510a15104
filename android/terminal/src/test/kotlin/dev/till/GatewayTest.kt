package dev.till

import android.content.Context
import dev.till.testing.TillRunner
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** A terminal without secrets, behind a real gateway over TLS. */
@RunWith(TillRunner::class)
@Config(sdk = [34])
class GatewayTest {
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

    private fun configuration(token: String = bank.gatewayToken): TillConfiguration {
        val gateway = GatewayAcquirer.Builder(bank.gatewayUrl, token.toByteArray())
            .extraRootsPem(bank.gatewayRootsPem)
            .build()
        return TillConfiguration.Builder("UZS", gateway)
            .sandbox(true)
            .journalFolder(folder.root)
            .kept(false)
            .build()
    }

    private fun coffee(id: String) = PaymentRequest.Builder(12_500, "Coffee").requestId(id)

    @Test
    fun aPaymentAndItsRefundGoThroughTheGateway() = runBlocking {
        Till.configure(context, configuration())
        val events = Till.payment(coffee("r-1").build()).toList()
        val stages = events.filterIsInstance<TillEvent.Progress>().map { it.stage }
        assertTrue(stages.filterIsInstance<TillStage.CodeShown>().single().code.isNotEmpty())
        val paid = (events.last() as TillEvent.Finished).result as TillResult.Approved
        assertTrue(paid.facts.sandbox)
        assertTrue(paid.transaction.contains("\"rail\":\"octo\""))
        val refund = RefundRequest.Builder(2_500, paid.transaction).requestId("r-2").build()
        assertTrue(Till.refund(refund) is TillResult.Approved)
        assertEquals(2, Regex("\"external_id\"").findAll(bank.ledger()).count())
    }

    @Test
    fun aRevokedTokenIsAMatterOfConfiguration() = runBlocking {
        Till.configure(context, configuration("till_revoked_x"))
        val refused = Till.pay(coffee("r-1").build()) as TillResult.Refused
        assertEquals(Advice.CONFIGURE, refused.facts.advice)
    }
}
