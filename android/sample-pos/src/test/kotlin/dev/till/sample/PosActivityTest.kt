package dev.till.sample

import android.app.Activity
import android.app.Application
import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import android.os.Looper
import dev.till.testing.TillRunner
import java.io.File
import java.time.Duration
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config

/** What the sample sends, and what it makes of answers. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 34])
class PosActivityTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val receipt = """{"schemaVersion":1,"id":"p-1","type":"PAY","amount":12500}"""

    @Before
    fun install() {
        // The terminal's launcher, as its manifest declares it.
        val launcher = ComponentName(Terminal.PACKAGE, "dev.till.terminal.Terminal")
        val main = IntentFilter(Intent.ACTION_MAIN).apply { addCategory(Intent.CATEGORY_LAUNCHER) }
        shadowOf(app.packageManager).addActivityIfNotPresent(launcher)
        shadowOf(app.packageManager).addIntentFilterForActivity(launcher, main)
    }

    private fun pos(): ActivityController<PosActivity> =
        Robolectric.buildActivity(PosActivity::class.java).setup()

    private fun sent(pos: ActivityController<PosActivity>): Intent? =
        shadowOf(pos.get()).nextStartedActivityForResult?.intent

    private fun answer(pos: ActivityController<PosActivity>, sent: Intent, data: Intent?) {
        shadowOf(pos.get()).receiveResult(sent, Activity.RESULT_OK, data)
    }

    private fun done() = Intent().putExtra("code", 0).putExtra("transaction", receipt)

    @Test
    fun aPaymentIsAskedForByTheLaunchIntent() {
        val pos = pos()
        pos.get().pay.performClick()
        val sent = sent(pos)!!
        assertEquals(Terminal.PAY, sent.action)
        assertEquals(Terminal.PACKAGE, sent.component!!.packageName)
        // A new task would cancel the request at once.
        assertEquals(0, sent.flags)
        assertEquals(12_500L, sent.extras!!.get("amount"))
        assertEquals("Coffee", sent.getStringExtra("purpose"))
        assertTrue(sent.getStringExtra("request_id")!!.isNotEmpty())
        assertTrue(sent.extras!!.get("metadata") is HashMap<*, *>)
        assertFalse("while one is under way", pos.get().pay.isEnabled)
        answer(pos, sent, done())
        assertEquals("Paid", pos.get().said.text)
        assertTrue(pos.get().pay.isEnabled && pos.get().refund.isEnabled)
    }

    @Test
    fun aRefundThatIsNotKnownIsRepeatedWithTheSameId() {
        val pos = pos()
        pos.get().pay.performClick()
        answer(pos, sent(pos)!!, done())
        pos.get().refund.performClick()
        val first = sent(pos)!!
        assertEquals(Terminal.REFUND, first.action)
        assertNull("by an implicit intent", first.component)
        assertEquals(receipt, first.getStringExtra("primary_transaction"))
        val unknown = Intent().putExtra("code", 4).putExtra("error_type", "unknown_result_error")
        answer(pos, first, unknown)
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(5))
        val second = sent(pos)!!
        assertEquals(first.getStringExtra("request_id"), second.getStringExtra("request_id"))
        assertEquals(first.extras!!.get("amount"), second.extras!!.get("amount"))
        answer(pos, second, done())
        assertEquals("The money is given back", pos.get().said.text)
        assertFalse(pos.get().refund.isEnabled)
        // A real second attempt has another id.
        pos.get().pay.performClick()
        assertFalse(sent(pos)!!.getStringExtra("request_id") == first.getStringExtra("request_id"))
    }

    @Test
    fun afterItsOwnDeathItAsksWhatBecameOfTheRequest() {
        val killed = pos()
        killed.get().pay.performClick()
        val lost = sent(killed)!!
        val anew = pos()
        val asked = sent(anew)!!
        assertEquals(Terminal.STATUS, asked.action)
        assertEquals(lost.getStringExtra("request_id"), asked.getStringExtra("request_id"))
        assertEquals("pay", asked.getStringExtra("dev.till.extra.ACTION"))
        answer(anew, asked, done())
        assertEquals("Paid", anew.get().said.text)
        assertNull("nothing is left to ask", sent(pos()))
    }

    @Test
    fun noAnswerIsNeverTakenForNotPaid() {
        for ((code, data) in listOf(
            Activity.RESULT_CANCELED to null,
            Activity.RESULT_OK to null,
            Activity.RESULT_CANCELED to done(),
        )) {
            assertTrue(Terminal.answer(code, data) is Answer.AskStatus)
        }
        val asks = Intent().putExtra("code", 4).putExtra("dev.till.extra.ADVICE", "ask_status")
        assertTrue(Terminal.answer(Activity.RESULT_OK, asks) is Answer.AskStatus)
        val declined = Intent().putExtra("code", 1).putExtra("message", "Declined")
        val told = Terminal.answer(Activity.RESULT_OK, declined) as Answer.NotDone
        assertEquals("1 Declined", "${told.code} ${told.message}")
    }

    @Test
    fun withoutATerminalItSaysSo() {
        shadowOf(app.packageManager).deletePackage(Terminal.PACKAGE)
        val pos = pos()
        pos.get().pay.performClick()
        assertEquals("The terminal is not installed", pos.get().said.text)
    }

    /** Android hides other apps from those that do not say whom they look for. */
    @Test
    fun theManifestNamesWhomTheSampleLooksFor() {
        val manifest = File(
            System.getProperty("till.root"), "android/sample-pos/src/main/AndroidManifest.xml",
        ).readText()
        val queries = manifest.substringAfter("<queries>").substringBefore("</queries>")
        for (name in listOf(Terminal.PACKAGE, Terminal.PAY, Terminal.REFUND, Terminal.STATUS)) {
            assertTrue(name, queries.contains("\"$name\""))
        }
    }
}
