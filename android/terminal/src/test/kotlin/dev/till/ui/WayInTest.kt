package dev.till.ui

import android.content.Intent
import android.os.Bundle
import android.view.WindowManager
import dev.till.Names
import dev.till.Till
import dev.till.TillHandOver
import dev.till.TillOperation
import dev.till.host.Hosts
import dev.till.testing.TillRunner
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** How requests begin, how their screens come again, and how Back ends them. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 34])
class WayInTest {
    @get:Rule
    val at = AtTheDesk()

    private val desk get() = at.desk
    private val before = Hosts.present

    @Before
    fun open() {
        desk.bank.customer("ignore")
    }

    @After
    fun close() {
        Hosts.present = before
    }

    private fun operations() = desk.operations()

    @Test
    fun theIconOpensHome() {
        val main = Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_LAUNCHER)
        for (caller in listOf(null, Desk.POS)) {
            val shown = desk.start(main, caller)
            assertTrue(shown.activity.isFinishing)
            val opened = shown.started()!!
            assertEquals(Till.ACTION_HOME, opened.action)
            assertEquals(desk.context.packageName, opened.`package`)
        }
        assertEquals(emptyList<TillOperation>(), operations())
    }

    @Test
    fun anOldRequestOutOfTheListOfRecentAppsBeginsNothing() {
        val replayed = desk.pay("r-1").addFlags(Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY)
        assertTrue(desk.start(replayed).activity.isFinishing)
        assertEquals(emptyList<TillOperation>(), operations())
    }

    @Test
    fun aRequestThatNobodyWaitsForBeginsNothing() {
        assertTrue(desk.start(desk.pay("r-1"), caller = null).activity.isFinishing)
        assertEquals(emptyList<TillOperation>(), operations())
    }

    @Test
    fun aSavedStateWithoutAnOperationBeginsNothingAndAnswersNothing() {
        for (saved in listOf(Bundle(), bundle("new:gone"))) {
            val shown = desk.again(desk.pay("r-1"), saved)
            assertTrue(shown.activity.isFinishing)
            assertFalse(shown.hasEnded)
        }
        assertEquals(emptyList<TillOperation>(), operations())
    }

    private fun bundle(name: String) =
        Bundle().apply { putString(PaymentActivity.OPERATION, name) }

    @Test
    fun aRotatedScreenShowsTheSameCodeAndItsStateHoldsTheOperationAlone() {
        val intent = desk.pay("r-1").putExtra(Names.METADATA, hashMapOf("a" to "b"))
        val shown = desk.start(intent).awaitCode()
        val saved = shown.takenAway()
        val id = operations().single().id
        val ours = saved.keySet().filter { it.startsWith("dev.till") }
        assertEquals(listOf(PaymentActivity.OPERATION), ours)
        assertEquals(id, saved.getString(PaymentActivity.OPERATION))
        val again = desk.again(intent, saved).awaitCode()
        assertEquals(1, operations().size)
        assertEquals(1, Sessions.count())
        val result = again.tap("Cancel payment").result()
        assertEquals(2, result[Names.CODE])
        assertEquals(hashMapOf("a" to "b"), result[Names.METADATA])
        assertEquals(0, Sessions.count())
    }

    @Test
    fun afterTheDeathOfTheProcessTheJournalBringsTheScreenBack() {
        val intent = desk.pay("r-1").putExtra(Names.METADATA, hashMapOf("a" to "b"))
        val saved = desk.start(intent).awaitCode().takenAway()
        desk.die()
        desk.open()
        val again = desk.again(intent, saved).awaitCode()
        assertTrue(again.says("Coffee"))
        assertTrue(again.says("125.00"))
        assertEquals(1, operations().size)
        desk.bank.customer("approve")
        again.tap("Cancel payment")
        val result = again.result()
        assertEquals(hashMapOf("a" to "b"), result[Names.METADATA])
        assertEquals("r-1", result[Names.REQUEST_ID])
    }

    @Test
    fun anotherAppCannotTakeAnOperationByItsName() {
        val saved = desk.start(desk.pay("r-1")).awaitCode().takenAway()
        desk.die()
        desk.open()
        val thief = desk.again(desk.pay("r-1"), saved, caller = "thief.app")
        assertEquals(11, thief.result()[Names.CODE])
        assertTrue(operations().single().open)
    }

    @Test
    fun aDoubtComesBackAsADoubtAfterTheDeathOfTheProcess() {
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        desk.bank.faults("drop-request:process:1000")
        val saved = shown.tap("Cancel payment").awaitSays("Not confirmed yet").takenAway()
        desk.die()
        desk.open()
        val again = desk.again(desk.pay("r-1"), saved).awaitSays("Not confirmed yet")
        again.tap("The goods stay here").tap("Yes, they stay here")
        assertEquals(4, again.result()[Names.CODE])
    }

    @Test
    fun aResultThatWasNotTakenIsShownAgain() {
        desk.bank.customer("approve")
        val saved = desk.start(desk.pay("r-1")).awaitEnd().takenAway()
        desk.die()
        desk.open()
        val again = desk.again(desk.pay("r-1"), saved)
        assertEquals(0, again.result()[Names.CODE])
        assertEquals(1, desk.movements())
        assertTrue(operations().single().handedOver)
    }

    @Test
    fun anActivityThatEndsWithoutAnAnswerLetsTheOperationGoOn() {
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        shown.systemEnds()
        assertFalse(shown.hasEnded)
        assertEquals(0, Sessions.count())
        desk.bank.customer("approve")
        desk.await("the payment") { operations().single().state == TillOperation.State.APPROVED }
        assertEquals(0, desk.ask(desk.status("r-1"))!![Names.CODE])
    }

    /** The way of Android 13 and newer, and that of apps that did not ask for it. */
    private val ways = listOf(Shown::back, Shown::oldBack)

    @Test
    fun backAsksTwiceBeforeItCancelsAndNeverEndsWithoutAnAnswer() {
        for (back in ways) {
            val shown = desk.start(desk.pay("r-1")).awaitCode()
            back(shown)
            assertTrue(shown.says("Press back once more"))
            assertTrue(shown.has<CodeView>())
            shown.later(7_000)
            assertFalse(shown.says("Press back once more"))
            back(shown)
            back(shown)
            assertFalse(shown.has<CodeView>())
            assertFalse(shown.activity.isFinishing)
            shown.awaitEnd()
            back(shown)
            assertTrue(shown.activity.isFinishing)
            assertEquals(2, shown.resultIntent!![Names.CODE])
        }
    }

    @Test
    fun backOutOfADoubtEndsNothing() {
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        desk.bank.faults("drop-request:process:1000")
        shown.tap("Cancel payment").awaitSays("Not confirmed yet")
        for (back in ways) repeat(5) { back(shown) }
        assertFalse(shown.activity.isFinishing)
        assertFalse(shown.hasEnded)
    }

    @Test
    fun backBeforeThereIsACodeGivesThePaymentUp() {
        desk.bank.faults("delay:get-qr-code:3000:10")
        for ((number, back) in ways.withIndex()) {
            val shown = desk.start(desk.pay("r-$number")).awaitSays("Getting the code ready")
            back(shown)
            assertFalse(shown.activity.isFinishing)
            assertEquals(2, shown.result()[Names.CODE])
        }
    }

    @Test
    fun backDoesNotEndARefundThatIsUnderWay() {
        desk.bank.customer("approve")
        val json = desk.paid("r-1")[Names.TRANSACTION] as String
        desk.bank.faults("delay:refund:2000:10")
        val shown = desk.start(desk.refund("r-2", json))
        for (back in ways) {
            back(shown)
            assertFalse(shown.activity.isFinishing)
            assertTrue(shown.says("Please wait for the bank"))
        }
        assertEquals(0, shown.result()[Names.CODE])
    }

    @Test
    fun aCodeIsBrightAndAwakeAndAResultIsNot() {
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        val lit = shown.activity.window.attributes
        assertEquals(1f, lit.screenBrightness)
        val awake = WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON
        assertEquals(awake, lit.flags and awake)
        assertEquals(0, lit.flags and WindowManager.LayoutParams.FLAG_SECURE)
        shown.tap("Cancel payment").awaitEnd()
        val dim = shown.activity.window.attributes
        assertEquals(-1f, dim.screenBrightness)
        assertEquals(0, dim.flags and awake)
    }

    @Test
    fun aSlowNetworkIsToldAndCancellingIsOffered() {
        desk.bank.faults("delay:get-qr-code:3000:10")
        val shown = desk.start(desk.pay("r-1")).awaitSays("Getting the code ready")
        shown.later(8_001)
        assertTrue(shown.says("It takes longer than usual"))
        shown.later(22_000)
        assertTrue(shown.says("No answer yet"))
        shown.tap("Cancel payment")
        assertEquals(2, shown.result()[Names.CODE])
    }

    @Test
    fun anAnswerThatNobodyTapsAwayGoesBackByItself() {
        desk.bank.customer("approve")
        val shown = desk.start(desk.pay("r-1")).awaitEnd()
        assertFalse(shown.activity.isFinishing)
        shown.later(3_100)
        assertTrue(shown.activity.isFinishing)
    }

    @Test
    fun whoIsNotAllowedIsRefusedAndNothingIsBegun() {
        Hosts.present = Guarded(allowed = "good.app")
        val result = desk.start(desk.pay("r-1"), caller = "bad.app").result()
        assertEquals(listOf(6, "refused"), listOf(result[Names.CODE], result[Names.OUTCOME]))
        assertEquals("r-1", result[Names.REQUEST_ID])
        assertEquals(6, desk.ask(desk.status("r-1"), caller = "bad.app")!![Names.CODE])
        assertEquals(emptyList<TillOperation>(), operations())
        desk.start(desk.pay("r-1"), caller = "good.app").awaitCode()
    }

    @Test
    fun aRefundBehindAPinBeginsWithTheRightOneOnly() {
        desk.bank.customer("approve")
        val json = desk.paid("r-1")[Names.TRANSACTION] as String
        Hosts.present = Guarded(pin = "4711")
        val shown = desk.start(desk.refund("r-2", json)).awaitSays("PIN for refunds")
        type(shown, "0000").tap("OK").awaitSays("Wrong PIN")
        assertEquals(1, operations().size)
        type(shown, "4711").tap("OK")
        assertEquals(0, shown.result()[Names.CODE])
        val given = desk.start(desk.refund("r-3", json)).awaitSays("PIN for refunds")
        val result = given.tap("Cancel refund").result()
        assertEquals(listOf(2, "cancelled"), listOf(result[Names.CODE], result[Names.OUTCOME]))
        assertEquals("r-3", result[Names.REQUEST_ID])
        assertEquals(2, operations().size)
    }

    @Test
    fun threeWrongPinsEndTheRefund() {
        desk.bank.customer("approve")
        val json = desk.paid("r-1")[Names.TRANSACTION] as String
        Hosts.present = Guarded(pin = "4711")
        val shown = desk.start(desk.refund("r-2", json)).awaitSays("PIN for refunds")
        repeat(3) { type(shown, "1234").tap("OK").later(1).let { Thread.sleep(50) } }
        assertEquals(2, shown.result()[Names.CODE])
        assertEquals(1, operations().size)
    }

    private fun type(shown: Shown, digits: String): Shown {
        desk.await("keys") { shown.activity.content?.let { enabled(it) } ?: false }
        for (digit in digits) shown.tap(digit.toString())
        return shown
    }

    private fun enabled(view: android.view.View) = Shown.views(view)
        .filterIsInstance<android.widget.Button>().first { it.text == "1" }.isEnabled

    @Test
    fun anAddressIsOpenedOnceAndIsACodeWhereNoBrowserIs() {
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        val id = operations().single().id
        val url = TillHandOver.Url(id, "https://wallet.example/7", null, null)
        assertTrue(ScreenBridge.handOver(url))
        shown.awaitSays("Paying in the wallet")
        val opened = shown.started()!!
        assertEquals(Intent.ACTION_VIEW, opened.action)
        assertEquals("https://wallet.example/7", opened.dataString)
        assertTrue(opened.hasExtra("android.support.customtabs.extra.SESSION"))
        shown.coveredAndSeen()
        assertNull(shown.started())
        desk.browser(there = false)
        shown.tap("Open the payment page").awaitSays("This device has no browser").awaitCode()
        assertFalse(ScreenBridge.handOver(TillHandOver.Sdk(id, "{}")))
        val none = TillHandOver.Url("none", "https://x", null, null)
        assertFalse(ScreenBridge.handOver(none))
        desk.browser(there = true)
        shown.tap("Cancel payment").result()
    }

    /** A page that wants a form sent cannot be a code: without a WebView the bank is asked. */
    @Test
    fun aFormIsSentOnceByAPageOfOurOwnAndTheBankIsAskedWhenItIsLeft() {
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        val id = operations().single().id
        val fields = listOf("token" to "a b", "sum" to "7")
        assertTrue(ScreenBridge.handOver(TillHandOver.Form(id, "https://page.example/", fields)))
        shown.awaitSays("Paying in the wallet")
        val page = shown.started()!!
        assertEquals("dev.till.platform.PageActivity", page.component!!.className)
        assertEquals("https://page.example/", page["dev.till.extra.URL"])
        assertEquals("token=a+b&sum=7", String(page["dev.till.extra.BODY"] as ByteArray))
        // The customer comes back and has paid there: no poll is waited for.
        desk.bank.customer("approve")
        shown.coveredAndSeen()
        assertNull("sent once", shown.started())
        assertEquals(0, shown.result()[Names.CODE])
    }

    @Test
    fun aFormThatLeadsNowhereSafeIsNotSent() {
        val shown = desk.start(desk.pay("r-1")).awaitCode()
        val id = operations().single().id
        assertTrue(ScreenBridge.handOver(TillHandOver.Form(id, "http://page.example/", listOf())))
        shown.awaitSays("Paying in the wallet")
        assertNull(shown.started())
        assertFalse(shown.has<CodeView>())
        shown.tap("Open the payment page")
        assertNull(shown.started())
        assertEquals(2, shown.tap("Cancel payment").result()[Names.CODE])
    }

    @Test
    fun embeddersGetAnIntentOfTheirOwnAndReadItsResult() {
        desk.bank.customer("approve")
        val request = dev.till.PaymentRequest.Builder(4_200, "Tea").requestId("e-1")
            .metadata(mapOf("k" to "v")).build()
        val intent = Till.payIntent(desk.context, request)
        assertEquals(PaymentActivity::class.java.name, intent.component!!.className)
        val back = desk.start(intent, caller = desk.context.packageName).result()
        val result = Till.parseResult(-1, back) as dev.till.TillResult.Approved
        assertEquals("e-1", result.facts.requestId)
        assertEquals(mapOf("k" to "v"), result.facts.metadata)
        val status = kotlinx.coroutines.runBlocking { Till.status("e-1") }
        assertTrue(status is dev.till.TillResult.Approved)
        assertNull(Till.parseResult(0, null))
        assertNull(Till.parseResult(-1, Intent("x")))
        val refund = dev.till.RefundRequest.Builder(4_200, result.transaction).build()
        val given = desk.start(Till.refundIntent(desk.context, refund), desk.context.packageName)
        assertTrue(Till.parseResult(-1, given.result()) is dev.till.TillResult.Approved)
    }
}
