package dev.till.platform

import android.app.Activity
import android.app.Application
import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import android.view.ViewGroup
import android.webkit.WebView
import dev.till.TillHandOver
import dev.till.testing.TillRunner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** Where customers are taken, and where nobody can be. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 34])
class RedirectTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private val screen = Robolectric.buildActivity(Activity::class.java).setup().get()

    private fun url(url: String) = TillHandOver.Url("op-1", url, null, null)

    private val fields = listOf("a b" to "ü&=", "c" to "")

    private fun form(url: String) = TillHandOver.Form("op-1", url, fields)

    @Test
    fun anAddressIsOpenedInATabOfABrowser() {
        assertTrue(Redirect.open(screen, url("https://wallet.example/pay?x=1")))
        val started = shadowOf(screen).nextStartedActivity
        assertEquals(Intent.ACTION_VIEW, started.action)
        assertEquals("https://wallet.example/pay?x=1", started.dataString)
        assertTrue(started.hasExtra("android.support.customtabs.extra.SESSION"))
        assertNull(started.extras!!.getBinder("android.support.customtabs.extra.SESSION"))
        assertEquals(0, started.flags and Intent.FLAG_ACTIVITY_NEW_TASK)
    }

    @Test
    fun withoutABrowserItIsSaidSo() {
        shadowOf(app).checkActivities(true)
        assertFalse(Redirect.open(screen, url("https://wallet.example/pay")))
        val browser = ComponentName(app, "a.Browser")
        shadowOf(app.packageManager).addActivityIfNotPresent(browser)
        val pages = IntentFilter(Intent.ACTION_VIEW).apply {
            addCategory(Intent.CATEGORY_DEFAULT)
            addCategory(Intent.CATEGORY_BROWSABLE)
            addDataScheme("https")
        }
        shadowOf(app.packageManager).addIntentFilterForActivity(browser, pages)
        assertTrue(Redirect.open(screen, url("https://wallet.example/pay")))
    }

    @Test
    fun onlyHttpsLeadsAnywhere() {
        for (wrong in listOf(
            "http://a.example", "javascript:alert(1)", "intent:#Intent;end",
            "file:///etc/hosts", "https:", "", "alipays://pay"
        )) {
            assertFalse(wrong, Redirect.open(screen, url(wrong)))
            assertFalse(wrong, Redirect.open(screen, form(wrong)))
        }
        assertFalse(Redirect.open(screen, TillHandOver.Sdk("op-1", "payload")))
        assertNull(shadowOf(screen).nextStartedActivity)
    }

    @Test
    fun aFormIsSentByAPageOfOurOwn() {
        val intent = PageActivity.intent(app, "https://page.example", fields)!!
        assertEquals(PageActivity::class.java.name, intent.component!!.className)
        assertEquals("a+b=%C3%BC%26%3D&c=", PageActivity.encoded(fields))
        val page = Robolectric.buildActivity(PageActivity::class.java, intent).create().get()
        assertFalse(page.isFinishing)
        val content = page.findViewById<ViewGroup>(android.R.id.content)
        val view = content.getChildAt(0) as WebView
        assertTrue(view.settings.javaScriptEnabled)
        assertFalse(view.settings.allowFileAccess || view.settings.allowContentAccess)
    }

    @Test
    fun aPageThatNobodyOfOursAskedForEnds() {
        val page = Robolectric.buildActivity(PageActivity::class.java, Intent()).create().get()
        assertTrue(page.isFinishing)
    }
}
