package dev.till.platform

import android.content.Context
import android.net.ConnectivityManager
import android.net.Network
import dev.till.TillNative
import dev.till.internal.Call
import java.util.concurrent.atomic.AtomicBoolean

/** Tells the library when the device's network is another one, as long as the process lives. */
internal object NetworkWatch {
    private val begun = AtomicBoolean()

    fun begin(context: Context) {
        if (begun.getAndSet(true)) return
        val manager = context.getSystemService(Context.CONNECTIVITY_SERVICE) as ConnectivityManager?
        try {
            val changes = Changes { TillNative.start(Call.NetworkChanged) {} }
            manager?.registerDefaultNetworkCallback(changes)
        } catch (_: RuntimeException) {
            // Too many listeners, or a system that refuses: calls find out by themselves.
            begun.set(false)
        }
    }

    /** Hears of networks; the first one is no change. */
    internal class Changes(
        private val changed: () -> Unit,
    ) : ConnectivityManager.NetworkCallback() {
        private var present: Network? = null
        private var lost = false

        override fun onAvailable(network: Network) {
            val other = lost || (present != null && present != network)
            present = network
            lost = false
            if (other) changed()
        }

        override fun onLost(network: Network) {
            lost = true
        }
    }
}
