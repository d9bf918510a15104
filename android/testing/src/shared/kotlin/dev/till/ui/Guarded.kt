package dev.till.ui

import android.content.Context
import dev.till.host.Opened
import dev.till.host.TerminalHost
import kotlinx.coroutines.CompletableDeferred

/** Is a terminal that a test opened, with the guards that it wants. */
internal class Guarded(
    private val allowed: String? = null,
    private val pin: String? = null,
    /** Who asks before this is done waits for the terminal to be open. */
    private val open: CompletableDeferred<Unit> = CompletableDeferred(Unit),
) : TerminalHost {
    override suspend fun ensureOpen(context: Context): Opened {
        open.await()
        return Opened(true, "en")
    }

    override suspend fun callerAllowed(context: Context, callingPackage: String?) =
        allowed == null || callingPackage == allowed

    override suspend fun refundNeedsPin(context: Context) = pin != null

    override suspend fun pinIsRight(context: Context, pin: CharArray) = String(pin) == this.pin
}
