package dev.till.platform

import android.os.StrictMode

/** Marks what must never run on a main thread, so that an app's or a test's StrictMode sees it. */
internal object Slow {
    fun note(what: String) {
        StrictMode.noteSlowCall("till $what")
    }
}
