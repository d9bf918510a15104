package dev.till.ui

import android.content.Intent
import dev.till.Names
import dev.till.TillOperation
import dev.till.testing.TillRunner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** What POS apps are promised, through real activities, on an old, a middle and a new Android. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 28, 34])
class IntentsTest {
    @get:Rule
    val at = AtTheDesk()

    private val desk get() = at.desk

    @Test
    fun aPaymentComesBackAsTheContractSays() {
        val metadata = hashMapOf("OrderId" to "12345", "Я" to "中")
        val shown = desk.start(desk.pay("r-1").putExtra(Names.METADATA, metadata))
        shown.awaitEnd()
        assertEquals(-1, shown.resultCode)
        val result = shown.result()
        assertEquals(Names.PAY, result.action)
        assertEquals(0, result[Names.CODE])
        assertEquals("r-1", result[Names.REQUEST_ID])
        assertEquals(metadata, result[Names.METADATA])
        assertTrue(result[Names.METADATA] is HashMap<*, *>)
        assertEquals("approved", result[Names.OUTCOME])
        assertEquals("none", result[Names.ADVICE])
        assertEquals(true, result[Names.SANDBOX])
        assertNull(result["error_type"])
        assertNull(result[Names.MESSAGE])
        val json = result[Names.TRANSACTION] as String
        val read = dev.till.models.GSONConverter
            .fromJSON(json, dev.till.models.QPTransaction::class.java)
        assertEquals(12_500L, read.amount)
        assertEquals(1, desk.movements())
    }

    @Test
    fun anIntAmountIsTheSameNumberAndAMissingIdIsMade() {
        val result = desk.start(desk.pay(null, amount = 700)).result()
        assertEquals(0, result[Names.CODE])
        assertTrue((result[Names.REQUEST_ID] as String).length >= 32)
        assertEquals(700L, desk.operations().single().amount.minor)
    }

    @Test
    fun anEmptyIdIsNone() {
        val result = desk.start(desk.pay("")).result()
        assertNotEquals("", result[Names.REQUEST_ID])
    }

    @Test
    fun whatTheCustomerDoesIsTheCode() {
        desk.bank.customer("decline")
        val declined = desk.start(desk.pay("r-1")).result()
        assertEquals(listOf(1, "declined", "new_request"), told(declined))
        assertEquals("default_error", declined["error_type"])
        assertTrue((declined[Names.MESSAGE] as String).isNotEmpty())
        desk.bank.customer("ignore")
        val cancelled = desk.start(desk.pay("r-2")).awaitCode().tap("Cancel payment").result()
        assertEquals(listOf(2, "cancelled", "new_request"), told(cancelled))
        assertEquals(0, desk.movements())
    }

    @Test
    fun nobodyPaysInTime() {
        desk.die()
        desk.open(waitMs = 1_500)
        desk.bank.customer("ignore")
        val result = desk.start(desk.pay("r-1")).result()
        assertEquals(listOf(3, "expired", "new_request"), told(result))
    }

    @Test
    fun wrongExtrasAre5AndNothingIsBegun() {
        for (amount in listOf("12500", 0L, -1L, Long.MIN_VALUE)) {
            val result = desk.start(desk.pay("r-1", amount = amount)).result()
            assertEquals(listOf(5, "refused", "fix_request"), told(result))
            assertEquals("r-1", result[Names.REQUEST_ID])
            assertTrue((result[Names.MESSAGE] as String).startsWith("amount"))
        }
        val long = desk.start(desk.pay("r-1", purpose = "x".repeat(256))).result()
        assertEquals(5, long[Names.CODE])
        val bare = desk.start(Intent(Names.PAY)).result()
        assertEquals(5, bare[Names.CODE])
        assertEquals(emptyList<TillOperation>(), desk.operations())
    }

    @Test
    fun aRefundIsMadeOnceForItsId() {
        val json = desk.paid("r-1")[Names.TRANSACTION] as String
        val first = desk.start(desk.refund("r-2", json, 2_500L)).result()
        assertEquals(listOf(0, "approved", "none"), told(first))
        val before = desk.movements()
        val second = desk.start(desk.refund("r-2", json, 2_500L)).result()
        assertEquals(first[Names.TRANSACTION], second[Names.TRANSACTION])
        assertEquals(before, desk.movements())
        val other = desk.start(desk.refund("r-2", json, 2_600L)).result()
        assertEquals(listOf(8, "refused", "new_request"), told(other))
        val above = desk.start(desk.refund("r-3", json, 12_000L)).result()
        assertEquals(listOf(9, "refused", "fix_request"), told(above))
        val broken = desk.start(desk.refund("r-4", "{")).result()
        assertEquals(5, broken[Names.CODE])
        val ofRefund = desk.start(desk.refund("r-5", first[Names.TRANSACTION] as String)).result()
        assertEquals(5, ofRefund[Names.CODE])
    }

    @Test
    fun anUnknownRefundIsRepeatedWithTheSameIdAcrossADeath() {
        desk.die()
        desk.open(waitMs = 2_000)
        val json = desk.paid("r-1")[Names.TRANSACTION] as String
        val before = desk.movements()
        desk.bank.faults("drop-answer:refund:1000", "drop-request:process:1000")
        val refund = desk.refund("r-2", json, 2_500L)
        val unknown = desk.start(refund).result()
        assertEquals(listOf(4, "unknown", "repeat_same_request"), told(unknown))
        assertEquals("unknown_result_error", unknown["error_type"])
        desk.die()
        desk.bank.clearFaults()
        desk.open(waitMs = 2_000)
        val known = desk.start(refund).result()
        assertEquals(listOf(0, "approved", "none"), told(known))
        assertEquals(1, desk.movements() - before)
    }

    @Test
    fun onePayIdNeverHasTwoCodes() {
        desk.bank.customer("ignore")
        val first = desk.start(desk.pay("r-1")).awaitCode()
        // A double tap: the second is the same operation.
        val second = desk.start(desk.pay("r-1")).awaitCode()
        assertEquals(1, desk.operations().size)
        val others = desk.start(desk.pay("r-1", amount = 1L)).result()
        assertEquals(listOf(8, "refused", "new_request"), told(others))
        desk.bank.customer("approve")
        second.tap("Cancel payment")
        val results = listOf(second.result(), first.result())
        assertEquals(1, results.map { it[Names.CODE] }.toSet().size)
    }

    @Test
    fun aSuccessThatWasNeverHandedOverIsToldAgainAndAHandedOverOneIsNot() {
        val shown = desk.start(desk.pay("r-1")).awaitEnd()
        // Killed before the activity finished with it.
        shown.takenAway()
        desk.die()
        desk.open()
        val same = desk.start(desk.pay("r-1")).result()
        assertEquals(0, same[Names.CODE])
        assertEquals(1, desk.movements())
        val new = desk.start(desk.pay("r-1")).result()
        assertEquals(0, new[Names.CODE])
        assertEquals(2, desk.movements())
        val kept = desk.start(desk.pay("r-1").putExtra(Names.IDEMPOTENT, true)).result()
        assertEquals(new[Names.TRANSACTION], kept[Names.TRANSACTION])
        assertEquals(2, desk.movements())
    }

    @Test
    fun statusTellsWithoutMovingOrShowing() {
        assertEquals(listOf(11, "refused", "new_request"), told(desk.ask(desk.status("r-1"))!!))
        val paid = desk.paid("r-1")
        val status = desk.ask(desk.status("r-1").putExtra(Names.METADATA, hashMapOf("a" to "b")))!!
        assertEquals(Names.STATUS, status.action)
        assertEquals(paid[Names.TRANSACTION], status[Names.TRANSACTION])
        assertEquals(hashMapOf("a" to "b"), status[Names.METADATA])
        assertEquals(1, desk.movements())
        // Another app's id is another id.
        assertEquals(11, desk.ask(desk.status("r-1"), caller = "other.app")!![Names.CODE])
        desk.bank.customer("ignore")
        val running = desk.start(desk.pay("r-2")).awaitCode()
        assertEquals(listOf(8, "refused", "ask_status"), told(desk.ask(desk.status("r-2"))!!))
        running.tap("Cancel payment").result()
    }

    /** The launch intent leads to the payments' activity, whatever its action. */
    @Test
    fun statusByTheLaunchIntentIsAnsweredWithoutAScreen() {
        val paid = desk.paid("r-1")
        val shown = desk.start(desk.status("r-1")).awaitEnd()
        assertTrue(shown.activity.isFinishing)
        assertNull("nothing is drawn", shown.activity.content)
        val status = shown.resultIntent!!
        assertEquals(Names.STATUS, status.action)
        assertEquals(paid[Names.TRANSACTION], status[Names.TRANSACTION])
        assertEquals(0, Sessions.count())
        assertEquals(11, desk.start(desk.status("r-2")).awaitEnd().resultIntent!![Names.CODE])
        val alone = desk.start(desk.status("r-1"), caller = null)
        assertTrue(alone.activity.isFinishing)
        assertFalse(alone.hasEnded)
    }

    @Test
    fun statusTakesNothingButQuestions() {
        val result = desk.ask(desk.pay("r-1"))!!
        assertEquals(5, result[Names.CODE])
        assertEquals(emptyList<TillOperation>(), desk.operations())
        assertNull(desk.ask(desk.status("r-1"), caller = null))
    }

    @Test
    fun twoAppsAtOnceGetTheirOwnAnswers() {
        desk.bank.customer("ignore")
        val one = desk.start(desk.pay("same", amount = 100L), caller = "one.app").awaitCode()
        val two = desk.start(desk.pay("same", amount = 200L), caller = "two.app").awaitCode()
        one.tap("Cancel payment")
        assertEquals(2, one.result()[Names.CODE])
        assertFalse(two.hasEnded)
        two.tap("Cancel payment")
        assertEquals(2, two.result()[Names.CODE])
        val sums = desk.operations().map { it.caller to it.amount.minor }.toSet()
        assertEquals(setOf("one.app" to 100L, "two.app" to 200L), sums)
    }

    @Test
    fun aPaymentInDoubtStaysUntilTheOperatorChooses() {
        desk.bank.customer("ignore")
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        desk.bank.faults("drop-request:process:1000")
        shown.tap("Cancel payment").awaitSays("Not confirmed yet")
        assertFalse(shown.has<CodeView>())
        shown.later(600_000)
        assertFalse(shown.hasEnded)
        shown.tap("The goods stay here").tap("Back").tap("The customer has the goods")
        assertFalse(shown.hasEnded)
        val result = shown.tap("Yes, they are gone").result()
        assertEquals(listOf(4, "unknown", "ask_status"), told(result))
        assertEquals("default_error", result["error_type"])
        desk.bank.clearFaults()
        desk.die()
        desk.open()
        assertNotNull(desk.operations().single())
    }

    private fun told(result: Intent) =
        listOf(result[Names.CODE], result[Names.OUTCOME], result[Names.ADVICE])
}
