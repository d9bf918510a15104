package dev.till.terminal

import android.app.Activity
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.view.View
import android.view.WindowInsets
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/** Is a screen with work in the background that ends with it. */
public abstract class Screen : Activity() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val main = Handler(Looper.getMainLooper())

    /** Does something away from the main thread. */
    internal fun inBackground(work: suspend () -> Unit) {
        scope.launch { work() }
    }

    /** Shows something, unless the screen is gone. */
    internal fun onMain(show: () -> Unit) {
        main.post { if (!isDestroyed) show() }
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContentView(layout())
        val root = findViewById<View>(R.id.root)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            drawUnderBars(root)
        } else {
            root.fitsSystemWindows = true
        }
    }

    /** Leaves room for the system's bars, for cutouts and for the keyboard. */
    @NewerApi(30)
    private fun drawUnderBars(root: View) {
        window.setDecorFitsSystemWindows(false)
        root.setOnApplyWindowInsetsListener(Insets)
    }

    @NewerApi(30)
    private object Insets : View.OnApplyWindowInsetsListener {
        override fun onApplyWindowInsets(view: View, insets: WindowInsets): WindowInsets {
            val kinds = WindowInsets.Type.systemBars() or
                WindowInsets.Type.displayCutout() or WindowInsets.Type.ime()
            val bars = insets.getInsets(kinds)
            view.setPadding(bars.left, bars.top, bars.right, bars.bottom)
            return insets
        }
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    /** Gives the layout, whose root is `root`. */
    protected abstract fun layout(): Int
}
