package dev.till.ui

import android.content.Intent
import android.os.Bundle
import android.view.View
import android.widget.Button
import android.widget.EditText
import android.widget.TextView
import dev.till.Names
import dev.till.TillOperation
import dev.till.testing.TillRunner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config

/** What an operator reads and does in the history. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 34])
class HistoryTest {
    @get:Rule
    val at = AtTheDesk(waitMs = 600_000)

    private val desk get() = at.desk
    private lateinit var made: ActivityController<HistoryActivity>

    private fun history(): HistoryActivity {
        made = Robolectric.buildActivity(HistoryActivity::class.java).setup()
        desk.await("the history") { made.get().past !is Past.Loading }
        return made.get()
    }

    private fun views(): List<View> = Shown.views(made.get().window.decorView)

    private fun says(text: String) =
        views().filterIsInstance<TextView>().any { it.text.contains(text) }

    private fun awaitSays(text: String) = desk.await(text) { says(text) }

    private fun tap(text: String) {
        val button = views().first { it is Button && it.text.toString() == text }
        assertTrue(text, button.performClick())
    }

    private fun openFirst() {
        val card = views().first {
            it.isClickable && it.contentDescription != null && it !is Button
        }
        assertTrue(card.performClick())
    }

    @Test
    fun anEmptyOneSaysSo() {
        history()
        assertTrue(says("No payments yet"))
    }

    @Test
    fun aPaymentIsRefundedInPart() {
        desk.paid("r-1")
        history()
        openFirst()
        assertTrue(says("The bank confirmed: the money moved"))
        tap("Refund")
        val field = views().filterIsInstance<EditText>().single()
        assertEquals("125.00", field.text.toString())
        for (wrong in listOf("125.01", "0", "", "1.234", "x")) {
            views().filterIsInstance<EditText>().single().setText(wrong)
            tap("Give back")
            assertTrue(wrong, says("Enter a sum of at most"))
        }
        views().filterIsInstance<EditText>().single().setText("25.5")
        tap("Give back")
        val started = shadowOf(made.get()).nextStartedActivityForResult
        assertEquals(2_550L, started.intent[Names.AMOUNT])
        val own = desk.context.packageName
        val result = desk.start(started.intent, caller = own).result()
        assertEquals(0, result[Names.CODE])
        shadowOf(made.get()).receiveResult(started.intent, -1, result)
        desk.await("the payment again") { says("The bank confirmed: the money moved") }
        assertEquals(2, desk.operations().size)
    }

    /** Gives a sum of the first payment back; gives the refund that was asked for. */
    private fun giveBack(sum: String): Intent {
        desk.await("the payment") { says("The bank confirmed: the money moved") }
        tap("Refund")
        views().filterIsInstance<EditText>().single().setText(sum)
        tap("Give back")
        return shadowOf(made.get()).nextStartedActivityForResult.intent
    }

    @Test
    fun aRefundWhoseOutcomeIsNotKnownIsRepeatedAndNotGivenTwice() {
        desk.paid("r-1")
        history()
        openFirst()
        val first = giveBack("25.5")
        val id = first[Names.REQUEST_ID] as String
        val come = { code: Int ->
            Intent().putExtra(Names.CODE, code).putExtra(Names.REQUEST_ID, id)
        }
        val unknown = listOf(0 to null, -1 to null, -1 to come(4), -1 to come(8), -1 to come(10))
        var asked = first
        for ((result, data) in unknown) {
            shadowOf(made.get()).receiveResult(asked, result, data)
            asked = giveBack("25.5")
            assertEquals("$result ${data?.get(Names.CODE)}", id, asked[Names.REQUEST_ID])
        }
        // Another sum is another refund, and a screen made anew knows both.
        shadowOf(made.get()).receiveResult(asked, 0, null)
        val other = giveBack("10")
        assertNotEquals(id, other[Names.REQUEST_ID])
        shadowOf(made.get()).receiveResult(other, 0, null)
        val saved = Bundle()
        made.pause().stop().saveInstanceState(saved).destroy()
        made = Robolectric.buildActivity(HistoryActivity::class.java).setup(saved)
        asked = giveBack("25.5")
        assertEquals(id, asked[Names.REQUEST_ID])
        shadowOf(made.get()).receiveResult(asked, -1, come(0))
        assertNotEquals(id, giveBack("25.5")[Names.REQUEST_ID])
    }

    @Test
    fun whatTheBankCannotDecideTheOperatorDoesWithANote() {
        desk.bank.customer("ignore")
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        desk.bank.faults("drop-request:process:1000")
        shown.tap("Cancel payment").awaitSays("Not confirmed yet")
        shown.tap("The goods stay here").tap("Yes, they stay here").result()
        history()
        assertTrue(says("Needs attention"))
        openFirst()
        assertTrue(says("Told: not known. The goods stayed here"))
        tap("Decide by hand")
        tap("The money did not move")
        assertTrue(says("Write how you know it."))
        views().filterIsInstance<EditText>().single().setText("bank statement")
        tap("The money did not move")
        assertTrue(says("Record that the money did not move?"))
        desk.bank.clearFaults()
        tap("Record it")
        awaitSays("Operator: the money did not move. bank statement")
        assertEquals(TillOperation.State.NOT_PAID, desk.operations().single().state)
    }

    @Test
    fun lateMoneyIsTold() {
        desk.bank.customer("ignore")
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        desk.bank.faults("drop-request:process:1000")
        shown.tap("Cancel payment").awaitSays("Not confirmed yet")
        shown.tap("The goods stay here").tap("Yes, they stay here").result()
        desk.bank.customer("approve")
        desk.bank.clearFaults()
        history()
        openFirst()
        tap("Ask the bank")
        desk.await("late money") {
            desk.operations().any { it.giveBack } || desk.operations().all { !it.open }
        }
        assertTrue(desk.operations().first { !it.giveBack }.story.isNotEmpty())
    }
}
