package dev.till.ui

import dev.till.Names
import dev.till.TillOperation
import dev.till.host.Hosts
import dev.till.testing.TillRunner
import kotlinx.coroutines.CompletableDeferred
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** Whatever stops a request before it begins must not deny what an earlier one of its id did. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 34])
class BegunBeforeTest {
    @get:Rule
    val at = AtTheDesk(waitMs = 2_000)

    private val desk get() = at.desk
    private val before = Hosts.present

    @After
    fun close() {
        Hosts.present = before
    }

    /** A PIN that is refused would tell "cancelled" of money that is perhaps on its way. */
    @Test
    fun aRepeatedRefundIsToldItsOwnOutcomeWithoutAPin() {
        val json = desk.paid("r-1")[Names.TRANSACTION] as String
        val moved = desk.movements()
        desk.bank.faults("drop-answer:refund:1000", "drop-request:process:1000")
        val refund = desk.refund("r-2", json, 2_500L)
        assertEquals(4, desk.start(refund).result()[Names.CODE])
        Hosts.present = Guarded(pin = "4711")
        val unknown = desk.start(refund).result()
        assertEquals(4, unknown[Names.CODE])
        assertEquals("unknown_result_error", unknown["error_type"])
        desk.bank.clearFaults()
        for (time in 1..2) {
            val known = desk.start(refund).result()
            assertEquals(listOf(0, Names.REFUND), listOf(known[Names.CODE], known.action))
        }
        // Another sum under the same id moves nothing either.
        assertEquals(8, desk.start(desk.refund("r-2", json, 2_600L)).result()[Names.CODE])
        assertEquals(1, desk.movements() - moved)
    }

    /** The first screen waits for its PIN while another one gives the money back. */
    @Test
    fun aPinThatIsGivenUpDoesNotDenyWhatAnotherScreenDid() {
        val json = desk.paid("r-1")[Names.TRANSACTION] as String
        val refund = desk.refund("r-2", json, 2_500L)
        Hosts.present = Guarded(pin = "4711")
        val waiting = desk.start(refund).awaitSays("PIN for refunds")
        Hosts.present = Guarded()
        assertEquals(0, desk.start(refund).result()[Names.CODE])
        assertEquals(0, waiting.tap("Cancel refund").result()[Names.CODE])
    }

    @Test
    fun whatNobodyCanTellIsNotToldAsCancelled() {
        Hosts.present = Guarded(pin = "4711")
        val refund = desk.refund("x".repeat(2_000), "{}")
            .putExtra(Names.METADATA, hashMapOf("a" to "b"))
        val result = desk.start(refund).result()
        assertEquals(listOf(5, Names.REFUND), listOf(result[Names.CODE], result.action))
        assertEquals(hashMapOf("a" to "b"), result[Names.METADATA])
    }

    @Test
    fun aPaymentThatIsCancelledBeforeTheTerminalIsOpenTellsWhatWasPaid() {
        desk.start(desk.pay("r-1")).awaitEnd().takenAway()
        desk.die()
        desk.open()
        val again = cancelledBeforeOpen("r-1")
        assertEquals(0, again.result()[Names.CODE])
        assertEquals(1, desk.movements())
    }

    @Test
    fun aPaymentInDoubtIsNotToldAsCancelledByItsRepetition() {
        desk.bank.customer("ignore")
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        desk.bank.faults("drop-request:process:1000")
        shown.tap("Cancel payment").awaitSays("Not confirmed yet").takenAway()
        desk.die()
        desk.open()
        val again = cancelledBeforeOpen("r-1").result()
        assertEquals(listOf(4, "ask_status"), listOf(again[Names.CODE], again[Names.ADVICE]))
    }

    @Test
    fun aNewPaymentThatIsCancelledBeforeTheTerminalIsOpenBeginsNothing() {
        for (id in listOf("r-1", "", null)) {
            assertEquals(2, cancelledBeforeOpen(id).result()[Names.CODE])
        }
        assertEquals(emptyList<TillOperation>(), desk.operations())
    }

    private fun cancelledBeforeOpen(id: String?): Shown {
        val open = CompletableDeferred<Unit>()
        Hosts.present = Guarded(open = open)
        val shown = desk.start(desk.pay(id))
        shown.back()
        open.complete(Unit)
        return shown
    }
}
