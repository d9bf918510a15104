package dev.till.host

import android.content.Context
import dev.till.TillException
import dev.till.platform.DeviceHost

/**
 * Sets the terminal up for the screens, and says who may use it.
 *
 * Everything here suspends: screens ask from threads of their own, never from a main thread.
 */
internal interface TerminalHost {
    /** Opens the terminal if it is not open yet; never throws. */
    suspend fun ensureOpen(context: Context): Opened

    /** Says whether an app may ask for payments here; null is an app that is not known. */
    suspend fun callerAllowed(context: Context, callingPackage: String?): Boolean

    /** Says whether a refund needs the operator's PIN. */
    suspend fun refundNeedsPin(context: Context): Boolean

    /** Checks the operator's PIN; the digits are the caller's to wipe. */
    suspend fun pinIsRight(context: Context, pin: CharArray): Boolean
}

/** Is what became of opening, with what screens need to know of the terminal. */
internal class Opened(
    /** Whether the bank is the sandbox: every screen says so. */
    val sandbox: Boolean,
    /** The language of screens, `en`, `ru` or `zh`; null: the device's. */
    val language: String?,
    /** Why it is not open; requests are answered with that all the same. */
    val failure: TillException? = null,
)

/** Holds who sets the terminal up in this process. */
internal object Hosts {
    /** By default the device: what manages it, what is kept, or the app with `Till.configure`. */
    @Volatile
    var present: TerminalHost = DeviceHost
}
