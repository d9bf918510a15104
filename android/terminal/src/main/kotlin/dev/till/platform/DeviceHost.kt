package dev.till.platform

import android.content.Context
import dev.till.TillException
import dev.till.host.AppHost
import dev.till.host.Opened
import dev.till.host.TerminalHost
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** Sets the terminal up for screens from what manages the device, or from what is kept. */
internal object DeviceHost : TerminalHost {
    override suspend fun ensureOpen(context: Context): Opened = try {
        val present = Opening.open(context)
        Opened(present.setup.config.sandbox, present.setup.language)
    } catch (failure: TillException) {
        if (failure.advice == TillException.Todo.CONFIGURE) {
            // An app that configures by itself may be about to.
            AppHost.ensureOpen(context)
        } else {
            Opened(sandbox = false, language = null, failure = failure)
        }
    }

    override suspend fun callerAllowed(context: Context, callingPackage: String?): Boolean {
        // Without a configuration there is no list, and no money either.
        val callers = Opening.present?.setup?.guards?.callers ?: return true
        return withContext(Dispatchers.IO) { Callers.allowed(context, callingPackage, callers) }
    }

    override suspend fun refundNeedsPin(context: Context): Boolean =
        Opening.present?.setup?.guards?.pin != null

    override suspend fun pinIsRight(context: Context, pin: CharArray): Boolean {
        val hash = Opening.present?.setup?.guards?.pin ?: return true
        return RefundPin(Opening.own(context.applicationContext ?: context, "tries"))
            .check(hash, pin)
    }
}
