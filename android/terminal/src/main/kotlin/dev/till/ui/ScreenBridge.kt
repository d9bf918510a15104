package dev.till.ui

import dev.till.TillBridge
import dev.till.TillHandOver

/**
 * Takes customers to a browser from the screen of their payment; where there is no browser, the
 * screen shows the address as a QR code.
 *
 * Set it with `Till.setBridge` before `Till.configure`. Payments without a screen, and what only
 * the wallet's SDK can take, it does not hand over.
 */
public object ScreenBridge : TillBridge {
    override fun handOver(handOver: TillHandOver): Boolean = Sessions.handOver(handOver)
}
