package dev.till.sample.shrunk

import android.app.Activity
import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import dev.till.testing.TillRunner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The sample as R8 leaves it: names are gone, so it is used as its user does, by what it shows. */
@RunWith(TillRunner::class)
@Config(sdk = [34])
class ShrunkSampleTest {
    private val receipt = "{\"schemaVersion\":1,\"id\":\"p-1\",\"type\":\"PAY\",\"amount\":12500}"

    private fun texts(view: View): List<TextView> = when (view) {
        is TextView -> listOf(view)
        is ViewGroup -> (0 until view.childCount).flatMap { texts(view.getChildAt(it)) }
        else -> emptyList()
    }

    private fun says(activity: Activity): String =
        texts(activity.window.decorView)
            .first { it !is Button && it.text.isNotEmpty() }
            .text
            .toString()

    private fun press(activity: Activity, number: Int): Intent {
        texts(activity.window.decorView).filterIsInstance<Button>()[number].performClick()
        return shadowOf(activity).nextStartedActivityForResult.intent
    }

    @Test
    fun aPaymentAndItsRefundGoThrough() {
        val packages = shadowOf(RuntimeEnvironment.getApplication().packageManager)
        val launcher = ComponentName("dev.till.terminal", "dev.till.terminal.Terminal")
        packages.addActivityIfNotPresent(launcher)
        val main = IntentFilter(Intent.ACTION_MAIN).apply { addCategory(Intent.CATEGORY_LAUNCHER) }
        packages.addIntentFilterForActivity(launcher, main)
        val name = Class.forName("dev.till.sample.PosActivity").asSubclass(Activity::class.java)
        val activity = Robolectric.buildActivity(name).setup().get()
        val done = Intent().putExtra("code", 0).putExtra("transaction", receipt)

        val pay = press(activity, 0)
        assertEquals(12_500L, pay.extras!!.get("amount"))
        shadowOf(activity).receiveResult(pay, Activity.RESULT_OK, done)
        assertEquals("Paid", says(activity))

        val refund = press(activity, 1)
        assertEquals(receipt, refund.getStringExtra("primary_transaction"))
        assertEquals(12_500L, refund.extras!!.get("amount"))
        shadowOf(activity).receiveResult(refund, Activity.RESULT_OK, done)
        assertTrue(says(activity), says(activity).contains("given back"))
    }
}
