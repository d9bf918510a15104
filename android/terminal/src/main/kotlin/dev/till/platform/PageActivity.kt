package dev.till.platform

import android.annotation.SuppressLint
import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.view.View
import android.webkit.WebResourceRequest
import android.webkit.WebView
import android.webkit.WebViewClient
import dev.till.NewerApi
import java.net.URISyntaxException
import java.net.URLEncoder

/**
 * Shows the page that a form opens: no browser can be sent one. Its links to wallet apps are
 * followed; what the customer does there, the bank tells.
 */
public class PageActivity : Activity() {
    private var page: WebView? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val url = intent.getStringExtra(URL)
        val body = intent.getByteArrayExtra(BODY)
        if (url == null || body == null || !url.startsWith("https://")) return finish()
        val shown = try {
            view()
        } catch (_: RuntimeException) {
            // No WebView, or one that is being updated: the screen below asks the bank.
            return finish()
        }
        page = shown
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) clearOfBars(shown) else {
            shown.fitsSystemWindows = true
        }
        setContentView(shown)
        // A form is sent once: recreated, the page would begin anew.
        if (savedInstanceState == null) shown.postUrl(url, body) else finish()
    }

    override fun onDestroy() {
        page?.destroy()
        super.onDestroy()
    }

    // Banks' pages do not work without scripts; nothing of the app is given to them.
    @SuppressLint("SetJavaScriptEnabled")
    private fun view(): WebView = WebView(this).apply {
        settings.javaScriptEnabled = true
        settings.domStorageEnabled = true
        settings.allowFileAccess = false
        settings.allowContentAccess = false
        webViewClient = Links(this@PageActivity)
    }

    @NewerApi(30)
    private fun clearOfBars(view: View) {
        view.setOnApplyWindowInsetsListener { shown, insets ->
            val kinds = android.view.WindowInsets.Type.systemBars() or
                android.view.WindowInsets.Type.displayCutout() or
                android.view.WindowInsets.Type.ime()
            val bars = insets.getInsets(kinds)
            shown.setPadding(bars.left, bars.top, bars.right, bars.bottom)
            insets
        }
    }

    /** Keeps web pages here, and gives all else to the app that it is for. */
    private class Links(private val activity: Activity) : WebViewClient() {
        override fun shouldOverrideUrlLoading(view: WebView, request: WebResourceRequest): Boolean {
            val scheme = request.url.scheme
            if (scheme == "https") return false
            if (scheme != "http" && scheme != "file" && scheme != "content") {
                open(request.url.toString())
            }
            return true
        }

        private fun open(url: String) {
            try {
                val intent = Intent.parseUri(url, Intent.URI_INTENT_SCHEME)
                // A page must not reach what no other app can: only what any browser would start.
                intent.addCategory(Intent.CATEGORY_BROWSABLE)
                intent.component = null
                intent.selector = null
                intent.flags = 0
                activity.startActivity(intent)
            } catch (_: URISyntaxException) {
                // The page shows what it shows without it.
            } catch (_: ActivityNotFoundException) {
                // Likewise.
            } catch (_: SecurityException) {
                // Likewise.
            }
        }
    }

    internal companion object {
        private const val URL = "dev.till.extra.URL"
        private const val BODY = "dev.till.extra.BODY"

        /** Says whether this device has a WebView; before 8.0 only trying tells. */
        fun canShow(): Boolean =
            Build.VERSION.SDK_INT < Build.VERSION_CODES.O || hasPackage()

        @NewerApi(26)
        private fun hasPackage(): Boolean = WebView.getCurrentWebViewPackage() != null

        fun intent(context: Context, url: String, fields: List<Pair<String, String>>): Intent? {
            if (!url.startsWith("https://")) return null
            return Intent(context, PageActivity::class.java)
                .putExtra(URL, url)
                .putExtra(BODY, encoded(fields).toByteArray())
        }

        /** Writes fields as a browser sends a form's. */
        fun encoded(fields: List<Pair<String, String>>): String =
            fields.joinToString("&") { (name, value) -> "${escaped(name)}=${escaped(value)}" }

        private fun escaped(text: String) = URLEncoder.encode(text, "UTF-8")
    }
}
