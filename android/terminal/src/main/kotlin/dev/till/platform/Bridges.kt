package dev.till.platform

import dev.till.Till
import dev.till.TillBridge

/** Sees to it that customers can be handed over: by the app's own bridge, else by the screens. */
internal object Bridges {
    @Volatile
    private var own = false

    /** The bridge of the screens, once there is one. */
    @Volatile
    var usual: TillBridge? = null

    /** Notes that the app has set its own bridge, or taken it away. */
    fun set(bridge: TillBridge?) {
        own = bridge != null
    }

    /** A bridge counts from the next configuring on, so it is set before. */
    fun beforeConfiguring() {
        val bridge = usual
        if (!own && bridge != null) Till.usualBridge(bridge)
    }
}
