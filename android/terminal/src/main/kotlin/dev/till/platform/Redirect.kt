package dev.till.platform

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import dev.till.TillHandOver

/** Takes customers to the wallet's page from a screen. */
internal object Redirect {
    /** What makes a browser show a tab of the app's, without a library for it. */
    private const val CUSTOM_TABS_SESSION = "android.support.customtabs.extra.SESSION"

    /**
     * Opens the page; false if nothing on this device can, or it is for a wallet's SDK: then the
     * address is shown as a code.
     */
    fun open(activity: Activity, handOver: TillHandOver): Boolean = when (handOver) {
        is TillHandOver.Sdk -> false
        is TillHandOver.Url -> start(activity, intent(handOver.url))
        is TillHandOver.Form -> PageActivity.canShow() &&
            start(activity, PageActivity.intent(activity, handOver.url, handOver.fields))
    }

    private fun intent(url: String): Intent? {
        val page = Uri.parse(url)
        if (page.scheme != "https" || page.host.isNullOrEmpty()) return null
        val session = Bundle().apply { putBinder(CUSTOM_TABS_SESSION, null) }
        return Intent(Intent.ACTION_VIEW, page)
            .addCategory(Intent.CATEGORY_BROWSABLE)
            .putExtras(session)
    }

    private fun start(activity: Activity, intent: Intent?): Boolean {
        if (intent == null) return false
        return try {
            activity.startActivity(intent)
            true
        } catch (_: ActivityNotFoundException) {
            false
        } catch (_: SecurityException) {
            // An app that claims such addresses and lets nobody in.
            false
        }
    }
}
