package dev.till.ui

import android.app.Activity
import android.app.Application
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.pm.PackageInfo
import android.os.Build
import android.os.Bundle
import android.os.Looper
import dev.till.Bank
import dev.till.Sandbox
import java.io.File
import java.time.Duration
import org.junit.Assert.assertNotNull
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.shadows.ShadowWebView

/** Starts a bank for a test. */
internal fun newBank(): Bank = Sandbox()

/** Makes the tests' desk on this JVM. */
internal fun newDesk(bank: Bank, folder: File): Desk = RobolectricDesk(bank, folder)

/** Is the desk where Robolectric plays the system; time goes on when it is told to. */
internal class RobolectricDesk(bank: Bank, folder: File) : Desk(bank, folder) {
    override val context: Context get() = RuntimeEnvironment.getApplication()

    init {
        // Every device with a screen has one; Robolectric has none unless told.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) {
            val page = PackageInfo().apply { packageName = "com.android.webview" }
            ShadowWebView.setCurrentWebViewPackage(page)
        }
    }

    override fun start(intent: Intent, caller: String?): Shown =
        RobolectricShown(this, made(intent, caller).setup())

    override fun again(intent: Intent, saved: Bundle, caller: String?): Shown {
        val made = made(intent, caller)
        made.create(parcelled(saved)).start().restoreInstanceState(parcelled(saved))
        return RobolectricShown(this, made.resume().visible())
    }

    private fun made(intent: Intent, caller: String?): ActivityController<PaymentActivity> {
        // The manifest says so; Robolectric does not read it there.
        if (Build.VERSION.SDK_INT >= 33) {
            context.applicationInfo.setEnableOnBackInvokedCallback(true)
        }
        val made = Robolectric.buildActivity(PaymentActivity::class.java, parcelled(intent))
        called(made.get(), caller)
        return made
    }

    override fun ask(intent: Intent, caller: String?): Intent? {
        val made = Robolectric.buildActivity(StatusActivity::class.java, parcelled(intent))
        called(made.get(), caller)
        made.create().start().resume()
        await("STATUS's answer") { made.get().isFinishing }
        return shadowOf(made.get()).resultIntent
    }

    override fun idle() = shadowOf(Looper.getMainLooper()).idle()

    override fun browser(there: Boolean) {
        // Whoever starts what nobody can open is told so.
        shadowOf(context as Application).checkActivities(!there)
    }

    private fun called(activity: Activity, caller: String?) {
        if (caller == null) return
        shadowOf(activity).setCallingActivity(ComponentName(caller, "$caller.Main"))
        shadowOf(activity).setCallingPackage(caller)
    }
}

internal class RobolectricShown(
    desk: Desk,
    val controller: ActivityController<PaymentActivity>,
) : Shown(desk) {
    override val activity: PaymentActivity get() = controller.get()

    override val resultIntent: Intent? get() = shadowOf(activity).resultIntent

    override val resultCode: Int get() = shadowOf(activity).resultCode

    override fun back() {
        if (Build.VERSION.SDK_INT < 33) return oldBack()
        val root = activity.window.decorView.viewRootImpl
        val top = root.onBackInvokedDispatcher.topCallback
        assertNotNull("somebody takes Back", top)
        top!!.onBackInvoked()
    }

    @Suppress("DEPRECATION")
    override fun oldBack() = activity.onBackPressed()

    override fun coveredAndSeen() {
        controller.pause().resume()
    }

    override fun started(): Intent? = shadowOf(activity).nextStartedActivity

    override fun systemEnds() {
        activity.finish()
        controller.pause().stop().destroy()
    }

    override fun takenAway(): Bundle {
        val saved = Bundle()
        controller.pause().stop().saveInstanceState(saved)
        controller.destroy()
        return saved
    }

    override fun later(ms: Long) = shadowOf(Looper.getMainLooper()).idleFor(Duration.ofMillis(ms))

    override fun <T> onMain(work: () -> T): T = work()

    override fun taken(): Intent {
        controller.pause().stop().destroy()
        return Desk.parcelled(checkNotNull(resultIntent))
    }
}
