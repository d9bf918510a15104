package dev.till.platform

import dev.till.Till
import dev.till.ui.ScreenBridge

/** Sees to it that customers can be handed over: by the app's own bridge, else by the screens. */
internal object Bridges {
    @Volatile
    private var own = false

    /** Notes that the app has decided: for a bridge of its own, or for none. */
    fun decided() {
        own = true
    }

    /** A bridge counts from the next configuring on, so it is set before. */
    fun beforeConfiguring() {
        if (!own) Till.usualBridge(ScreenBridge)
    }
}
