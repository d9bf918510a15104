package dev.till.ui

import android.app.Activity
import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.PackageManager
import dev.till.Names
import dev.till.models.GSONConverter
import dev.till.models.QPTransaction
import dev.till.testing.TillRunner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** An activity as a developer writes it after LIFE POS's documentation; it knows us not. */
internal class LifePosActivity : Activity() {
    var transaction: QPTransaction? = null
    var refunded = false
    var unknown = false
    var error: String? = null

    fun pay(terminal: String, requestId: String) {
        val intent = packageManager.getLaunchIntentForPackage(terminal)?.setFlags(0)
            ?.setAction("ru.lifepay.checkout.quick_payments_terminal.pay")!!
        val metadata = HashMap<String, String>().apply { put("OrderId", "12345") }
        intent.putExtra("request_id", requestId)
        intent.putExtra("metadata", metadata)
        intent.putExtra("amount", 12_500L)
        intent.putExtra("purpose", "Оплата заказа № 12345")
        @Suppress("DEPRECATION")
        startActivityForResult(intent, PAY)
    }

    fun refund(requestId: String) {
        val intent = Intent("ru.lifepay.checkout.quick_payments_terminal.refund")
        intent.putExtra("request_id", requestId)
        intent.putExtra("amount", 12_500L)
        intent.putExtra("primary_transaction", transaction!!.toJSON())
        @Suppress("DEPRECATION")
        startActivityForResult(intent, REFUND)
    }

    @Deprecated("The framework's own way")
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        val extras = data?.extras
        if (resultCode != RESULT_OK || extras == null) {
            error = "the terminal failed"
            return
        }
        if (extras.getInt("code") != 0) {
            error = extras.getString("message")
            unknown = extras.getString("error_type") == "unknown_result_error"
            return
        }
        if (requestCode == PAY) {
            @Suppress("DEPRECATION")
            val metadata = extras.getSerializable("metadata") as HashMap<*, *>
            check(metadata["OrderId"] == "12345")
            val json = extras.getString("transaction")!!
            transaction = GSONConverter.fromJSON(json, QPTransaction::class.java)
        } else {
            refunded = true
        }
    }

    companion object {
        const val PAY = 1
        const val REFUND = 2
    }
}

/** A POS app that was written for another terminal works unchanged. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 28, 34])
class PosAppTest {
    @get:Rule
    val at = AtTheDesk(waitMs = 3_000, language = "ru")

    private val desk get() = at.desk
    private lateinit var pos: LifePosActivity

    @Before
    fun open() {
        install()
        pos = Robolectric.buildActivity(LifePosActivity::class.java).setup().get()
    }

    /** The app's manifest, as the terminal's own has it. */
    private fun install() {
        val manager = shadowOf(desk.context.packageManager)
        val alias = ComponentName(TERMINAL, "dev.till.terminal.Terminal")
        manager.addActivityIfNotPresent(alias)
        manager.addIntentFilterForActivity(
            alias,
            IntentFilter(Intent.ACTION_MAIN).apply { addCategory(Intent.CATEGORY_LAUNCHER) },
        )
        manager.addIntentFilterForActivity(
            alias,
            IntentFilter(Names.PAY).apply {
                addAction(Names.REFUND)
                addCategory(Intent.CATEGORY_DEFAULT)
                addCategory(Intent.CATEGORY_LAUNCHER)
            },
        )
    }

    /** What the system does between the two apps. */
    private fun carry() {
        val started = shadowOf(pos).nextStartedActivityForResult
        assertEquals(0, started.intent.flags and Intent.FLAG_ACTIVITY_NEW_TASK)
        val way = Intent(started.intent).setComponent(null)
        val found = desk.context.packageManager
            .queryIntentActivities(way, PackageManager.MATCH_DEFAULT_ONLY)
        assertEquals(TERMINAL, found.single().activityInfo.packageName)
        val result = desk.start(started.intent, caller = "life.pos").result("Готово")
        shadowOf(pos).receiveResult(started.intent, Activity.RESULT_OK, result)
    }

    @Test
    fun itPaysAndRefunds() {
        pos.pay(TERMINAL, "q-1")
        carry()
        assertEquals(null, pos.error)
        assertEquals(12_500L, pos.transaction!!.amount)
        pos.refund("q-2")
        carry()
        assertTrue(pos.refunded)
        assertEquals(2, desk.movements())
    }

    @Test
    fun itRepeatsAnUnknownRefundAndIsToldOfTheFirst() {
        pos.pay(TERMINAL, "q-1")
        carry()
        desk.bank.faults("drop-answer:refund:1000", "drop-request:process:1000")
        pos.refund("q-2")
        carry()
        assertTrue(pos.unknown)
        assertTrue(pos.error!!.startsWith("Возврат пока не подтверждён"))
        desk.die()
        desk.bank.clearFaults()
        desk.open(waitMs = 3_000, language = "ru")
        pos.refund("q-2")
        carry()
        assertTrue(pos.refunded)
        assertEquals(2, desk.movements())
    }

    private companion object {
        const val TERMINAL = "dev.till.terminal"
    }
}
