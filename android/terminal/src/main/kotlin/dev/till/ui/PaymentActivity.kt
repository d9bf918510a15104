package dev.till.ui

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.view.View
import android.view.accessibility.AccessibilityManager
import android.widget.FrameLayout
import dev.till.Names
import dev.till.NewerApi
import dev.till.R
import dev.till.Till
import dev.till.TillHandOver
import dev.till.platform.Redirect
import dev.till.platform.SettleJob

/**
 * Takes a payment, or gives money back, for the app that started it for a result.
 *
 * The app's manifest declares it, not exported, with launch mode `standard` and the theme
 * `@style/till_Payment`; a terminal for other apps adds an exported alias. A request begins only
 * here, once: whatever is made anew, or comes out of the list of recent apps, begins nothing.
 */
public class PaymentActivity : Activity() {
    private var session: Session? = null
    private var question: Question? = null
    private var frame: FrameLayout? = null
    private var screens: PaymentScreens? = null
    private var shown: Screen? = null
    private var shownFrame: Frame? = null
    private var away = false
    private var resumed = false
    private val main = Handler(Looper.getMainLooper())
    private val watcher: (Session) -> Unit = { show(it) }
    private val end = Runnable { finish() }

    override fun onCreate(savedInstanceState: Bundle?) {
        val request = takeIntent()
        setTheme(R.style.till_Payment)
        super.onCreate(savedInstanceState)
        if (intent.action == Names.STATUS) return ask(request)
        val caller = callingPackage ?: callingActivity?.packageName.orEmpty()
        val found = when {
            savedInstanceState != null ->
                Sessions.again(this, savedInstanceState.getString(OPERATION), caller, request)
            mayBegin() -> Sessions.begin(this, caller, request)
            else -> null
        }
        session = found
        if (found == null) {
            if (savedInstanceState == null) goHome()
            return finish()
        }
        frame = frame()
        onBack { back() }
        show(found)
    }

    /**
     * A POS app may send its question by the launch intent too, which leads here. The window is
     * never shown: there is nothing in it, and the answer comes at once.
     */
    private fun ask(request: Intent) {
        setVisible(false)
        question = Question(this).apply { ask(request) }
    }

    /** Nobody waits for an answer, or recents replay an old request: no money. */
    private fun mayBegin(): Boolean {
        val main = intent.action == null || intent.action == Intent.ACTION_MAIN
        val replayed = intent.flags and Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY != 0
        return !main && !replayed && callingActivity != null
    }

    private fun goHome() {
        val home = Intent(Till.ACTION_HOME).setPackage(packageName)
        try {
            startActivity(home)
        } catch (_: ActivityNotFoundException) {
            try {
                startActivity(Intent(this, HistoryActivity::class.java))
            } catch (_: ActivityNotFoundException) {
                // An app that has neither shows nothing of ours but payments.
            }
        }
    }

    override fun onStart() {
        super.onStart()
        session?.let {
            it.watch(watcher)
            show(it)
        }
    }

    override fun onResume() {
        super.onResume()
        resumed = true
        if (away) {
            away = false
            session?.returned()
        }
        openIfAsked()
    }

    override fun onPause() {
        resumed = false
        super.onPause()
    }

    /** A page is opened once, by a screen that somebody sees. */
    private fun openIfAsked() {
        if (resumed) session?.takePage()?.let { open(it) }
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        session?.let { outState.putString(OPERATION, it.name) }
    }

    override fun onStop() {
        super.onStop()
        // A process that nobody sees may be frozen or killed at any time.
        if (question == null && session?.answer == null) SettleJob.schedule(this)
    }

    override fun onDestroy() {
        main.removeCallbacks(end)
        question?.letGo()
        session?.let {
            it.unwatch(watcher)
            // Finished without an answer: the caller is gone, and the journal goes on.
            if (isFinishing && it.answer == null) it.letGo()
        }
        super.onDestroy()
    }

    override fun finish() {
        session?.let { session ->
            session.answer?.let {
                setResult(RESULT_OK, it.toIntent())
                session.delivered()
            }
        }
        super.finish()
    }

    @Deprecated("Called by Android before 33")
    override fun onBackPressed() {
        back()
    }

    private fun back() {
        val session = session ?: return finish()
        when (val screen = session.screen) {
            is Screen.Result -> finish()
            is Screen.Code -> backTwice(screen.note)
            is Screen.Wallet -> backTwice(screen.note)
            is Screen.Preparing, is Screen.Pin -> session.cancel()
            is Screen.Doubt -> session.askGoods(null)
            is Screen.Closing -> {}
            is Screen.Refunding -> session.note(Note.Wait)
        }
    }

    /** One touch of a key at the edge must not take the code away from the customer. */
    private fun backTwice(note: Note?) {
        if (note is Note.BackAgain) session?.cancel() else session?.note(Note.BackAgain)
    }

    private fun show(session: Session) {
        val into = frame ?: return
        val screen = session.screen
        val about = session.frame
        val before = shown
        val framed = shownFrame
        val still = framed != null && framed.amount == about.amount &&
            framed.purpose == about.purpose && framed.sandbox == about.sandbox &&
            framed.language == about.language && framed.refund == about.refund
        val changed = before != null && still && screens?.change(before, screen) == true
        if (!changed) {
            val made = PaymentScreens(Look(this, about.language), about, acts)
            into.only(made.make(screen))
            screens = made
        }
        shown = screen
        shownFrame = about
        window.lit(lit = screen is Screen.Code, awake = screen !is Screen.Result)
        if (screen is Screen.Result && before !is Screen.Result) ended(session, screen.end)
        openIfAsked()
    }

    /** From now on whatever finishes this activity brings the answer. */
    private fun ended(session: Session, end: End) {
        session.answer?.let { setResult(RESULT_OK, it.toIntent()) }
        val wanted = if (end.code == 0) GOOD_MS else OTHER_MS
        val long = if (Build.VERSION.SDK_INT >= 29) recommended(wanted) else wanted
        main.postDelayed(this.end, long.toLong())
    }

    /** People who read with their ears need longer, and have said so to the system. */
    @NewerApi(29)
    private fun recommended(ms: Int): Int {
        val manager = getSystemService(AccessibilityManager::class.java) ?: return ms
        val content = AccessibilityManager.FLAG_CONTENT_TEXT
        return manager.getRecommendedTimeoutMillis(ms, content)
    }

    private fun open(page: TillHandOver) {
        if (Redirect.open(this, page)) away = true else session?.showAsCode()
    }

    private val acts = object : Acts {
        override fun cancel() {
            session?.cancel()
        }

        override fun askGoods(goods: Screen.Goods?) {
            session?.askGoods(goods)
        }

        override fun choose(goods: Screen.Goods) {
            session?.choose(goods)
        }

        override fun open(page: TillHandOver) = this@PaymentActivity.open(page)

        override fun pin(digits: CharArray) {
            session?.pin(digits)
        }

        override fun done() = finish()
    }

    internal companion object {
        /** All that a saved state holds. */
        const val OPERATION = "dev.till.operation"
        private const val GOOD_MS = 3_000
        private const val OTHER_MS = 15_000
    }

    /** The view that is shown now. */
    internal val content: View? get() = frame?.getChildAt(0)
}
