package dev.till.host

import android.content.Context
import dev.till.TillConfiguration
import dev.till.TillException
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.withTimeoutOrNull

/**
 * Waits for an app that calls `Till.configure` when its process starts.
 *
 * A process that was killed under a payment's screen is started with that screen: configuring is
 * then under way beside it.
 */
internal object AppHost : TerminalHost {
    private val opened = MutableStateFlow<Opened?>(null)

    /** Notes how configuring ended. */
    fun configured(configuration: TillConfiguration, failure: TillException?) {
        opened.value = Opened(configuration.isSandbox, configuration.screenLanguage, failure)
    }

    /** Notes that the terminal was stopped. */
    fun stopped() {
        opened.value = null
    }

    override suspend fun ensureOpen(context: Context): Opened =
        withTimeoutOrNull(PATIENCE_MS) { opened.first { it != null } }
            ?: Opened(
                sandbox = false,
                language = null,
                failure = TillException(TillException.Todo.CONFIGURE, emptyList()),
            )

    override suspend fun callerAllowed(context: Context, callingPackage: String?): Boolean = true

    override suspend fun refundNeedsPin(context: Context): Boolean = false

    override suspend fun pinIsRight(context: Context, pin: CharArray): Boolean = false

    private const val PATIENCE_MS = 5_000L
}
