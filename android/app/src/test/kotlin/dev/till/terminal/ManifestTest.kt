package dev.till.terminal

import android.app.Application
import android.content.ComponentName
import android.content.Intent
import android.content.pm.ActivityInfo
import android.content.pm.ApplicationInfo
import android.content.pm.PackageManager
import dev.till.platform.SettleJob
import dev.till.testing.TillRunner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** The ways into the app, and no others. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 34])
class ManifestTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val packages: PackageManager get() = app.packageManager
    private val pay = "ru.lifepay.checkout.quick_payments_terminal.pay"
    private val refund = "ru.lifepay.checkout.quick_payments_terminal.refund"
    private val status = "dev.till.terminal.action.STATUS"

    private fun targets(intent: Intent): List<String?> =
        packages.queryIntentActivities(intent, PackageManager.MATCH_DEFAULT_ONLY)
            .map { it.activityInfo.targetActivity }

    /** A POS app takes the launch intent, drops its flags and sets its own action. */
    @Test
    fun theLaunchIntentTakesPayAndRefund() {
        val launch = packages.getLaunchIntentForPackage(app.packageName)!!
        assertEquals("dev.till.terminal.Terminal", launch.component!!.className)
        for (action in listOf(pay, refund)) {
            val asked = Intent(launch).setFlags(0).setAction(action)
            val found = packages.resolveActivity(asked, 0)!!.activityInfo
            assertTrue(found.exported)
            assertEquals("dev.till.ui.PaymentActivity", found.targetActivity)
            // Android 13 and newer want a filter to match, LAUNCHER included.
            val matched = packages.queryIntentActivities(Intent(asked).setComponent(null), 0)
            assertEquals(listOf("dev.till.terminal.Terminal"), matched.map { it.activityInfo.name })
        }
    }

    /** The same intent with STATUS matches too; which activity it reaches is in it. */
    @Test
    fun theLaunchIntentTakesQuestions() {
        val launch = packages.getLaunchIntentForPackage(app.packageName)!!
        val asked = Intent(launch).setFlags(0).setAction(status).setComponent(null)
        val matched = packages.queryIntentActivities(asked, 0).map { it.activityInfo.name }
        assertTrue("$matched", "dev.till.terminal.Terminal" in matched)
    }

    @Test
    fun implicitIntentsTakeAllThree() {
        for (action in listOf(pay, refund)) {
            assertEquals(listOf("dev.till.ui.PaymentActivity"), targets(Intent(action)))
        }
        assertEquals(listOf("dev.till.ui.StatusActivity"), targets(Intent(status)))
    }

    @Test
    fun oneIconAndOneHome() {
        val icons = Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_LAUNCHER)
        assertEquals(1, packages.queryIntentActivities(icons, 0).size)
        val home = Intent("dev.till.terminal.action.HOME").setPackage(app.packageName)
        val found = packages.resolveActivity(home, PackageManager.MATCH_DEFAULT_ONLY)!!.activityInfo
        assertEquals("dev.till.terminal.HomeActivity", found.name)
    }

    @Test
    fun nothingElseIsOpenToOthers() {
        val flags = PackageManager.GET_ACTIVITIES or PackageManager.GET_SERVICES or
            PackageManager.GET_RECEIVERS or PackageManager.GET_PROVIDERS or
            PackageManager.GET_PERMISSIONS
        val info = packages.getPackageInfo(app.packageName, flags)
        val open = info.activities.orEmpty().filter { it.exported }.map { it.name }
        assertEquals(setOf("dev.till.terminal.Terminal", "dev.till.terminal.Status"), open.toSet())
        val job = info.services.orEmpty().single()
        assertEquals(SettleJob::class.java.name, job.name)
        assertFalse(job.exported)
        assertEquals("android.permission.BIND_JOB_SERVICE", job.permission)
        assertEquals(0, info.receivers.orEmpty().size + info.providers.orEmpty().size)
        val asked = setOf(
            "INTERNET", "ACCESS_NETWORK_STATE", "RECEIVE_BOOT_COMPLETED", "HIDE_OVERLAY_WINDOWS",
        )
        val permissions = info.requestedPermissions.orEmpty()
        assertEquals(asked, permissions.map { it.removePrefix("android.permission.") }.toSet())
    }

    /** singleTop and singleTask would cancel a request, or answer the wrong one. */
    @Test
    fun eachRequestHasAnActivityOfItsOwn() {
        val name = ComponentName(app, "dev.till.ui.PaymentActivity")
        val info = packages.getActivityInfo(name, 0)
        assertEquals(ActivityInfo.LAUNCH_MULTIPLE, info.launchMode)
        assertFalse(info.exported)
    }

    @Test
    fun nothingIsBackedUpAndFleetsCanManageIt() {
        val info = packages.getApplicationInfo(app.packageName, PackageManager.GET_META_DATA)
        assertEquals(0, info.flags and ApplicationInfo.FLAG_ALLOW_BACKUP)
        val restrictions = info.metaData.getInt("android.content.APP_RESTRICTIONS")
        assertEquals("till_restrictions", app.resources.getResourceEntryName(restrictions))
        assertNotNull(app.resources.getXml(restrictions))
    }
}
