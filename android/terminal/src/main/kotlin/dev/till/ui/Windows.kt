package dev.till.ui

import android.app.Activity
import android.content.Intent
import android.os.Build
import android.view.View
import android.view.ViewGroup
import android.view.Window
import android.view.WindowInsets
import android.view.WindowManager
import android.widget.FrameLayout
import android.window.OnBackInvokedCallback
import android.window.OnBackInvokedDispatcher
import dev.till.NewerApi

// What each Android version wants of a window.

/**
 * Takes the intent with its extras out of the activity, which keeps one without: Android's own
 * `finish` looks into the extras on the main thread, and what strangers sent may throw there.
 */
internal fun Activity.takeIntent(): Intent {
    val sent = intent
    intent = Intent(sent.action).setComponent(sent.component).setFlags(sent.flags)
    return sent
}

/** Makes the frame that screens go into: clear of bars, cutouts and keyboard. */
internal fun Activity.frame(): FrameLayout {
    val frame = FrameLayout(this)
    if (Build.VERSION.SDK_INT >= 30) edgeToEdge(window, frame) else frame.fitsSystemWindows = true
    if (Build.VERSION.SDK_INT >= 31) hideOverlays(window)
    setContentView(frame)
    return frame
}

@NewerApi(30)
private fun edgeToEdge(window: Window, frame: View) {
    window.setDecorFitsSystemWindows(false)
    frame.setOnApplyWindowInsetsListener { view, insets ->
        val kept = insets.getInsets(
            WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout() or
                WindowInsets.Type.ime(),
        )
        view.setPadding(kept.left, kept.top, kept.right, kept.bottom)
        WindowInsets.CONSUMED
    }
}

/** A window of another app over the code could show another code. */
@NewerApi(31)
private fun hideOverlays(window: Window) {
    try {
        window.setHideOverlayWindows(true)
    } catch (_: SecurityException) {
        // An app that took the permission away again has decided so.
    }
}

/** Scanners want it bright, and nobody touches the device while the customer scans. */
internal fun Window.lit(lit: Boolean, awake: Boolean) {
    val wanted = if (lit) 1f else WindowManager.LayoutParams.BRIGHTNESS_OVERRIDE_NONE
    if (attributes.screenBrightness != wanted) {
        attributes = attributes.apply { screenBrightness = wanted }
    }
    if (awake) {
        addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
    } else {
        clearFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
    }
}

/** Takes Back from 33 on; before, the activity's own `onBackPressed` is called. */
internal fun Activity.onBack(act: () -> Unit) {
    if (Build.VERSION.SDK_INT >= 33) register(this, act)
}

@NewerApi(33)
private fun register(activity: Activity, act: () -> Unit) {
    activity.onBackInvokedDispatcher.registerOnBackInvokedCallback(
        OnBackInvokedDispatcher.PRIORITY_DEFAULT,
        OnBackInvokedCallback { act() },
    )
}

/** Puts one screen in place of another. */
internal fun ViewGroup.only(view: View) {
    removeAllViews()
    addView(view)
}
