package dev.till.alipayplus

import android.app.Activity
import android.content.Context
import android.os.SystemClock
import dev.till.Till
import java.net.URI
import java.net.URISyntaxException
import kotlinx.coroutines.delay
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock

/**
 * Connects the terminal to the Alipay+ client SDK, and keeps its rules.
 *
 * ```
 * val alipayPlus = AlipayPlus.Builder(ClientSdk(), clientId, siteName, Environment.DEV, bankUrl)
 *     .build()
 * alipayPlus.start { activity }   // before Till.configure or Till.open
 * ```
 */
public class AlipayPlus private constructor(builder: Builder) {
    private val sdk = builder.sdk
    private val clientId = builder.clientId
    private val siteName = builder.siteName
    private val environment = builder.environment
    private val bankUrl = builder.bankUrl
    private val logosForMs = builder.logosForMs
    private val clock = builder.clock
    private val turn = Mutex()
    private val logos = HashMap<Pair<Scenario, String>, Kept>()

    private class Kept(val logos: List<Logo>, val atMs: Long)

    /** Makes the connection; [bankUrl] is the acquirer's address, with which [environment] goes. */
    public class Builder(
        internal val sdk: AlipayPlusSdk,
        internal val clientId: String,
        internal val siteName: String,
        internal val environment: Environment,
        internal val bankUrl: String,
    ) {
        internal var logosForMs = LOGOS_FOR_MS
        internal var clock: () -> Long = SystemClock::elapsedRealtime

        /** Sets how long a list of logos is used before it is asked for again. */
        public fun logosForMs(ms: Long): Builder = apply { logosForMs = ms }

        /** Makes the connection. */
        public fun build(): AlipayPlus = AlipayPlus(this)
    }

    /**
     * Configures the SDK and becomes the terminal's bridge. [screen] gives the activity in front.
     *
     * @throws AlipayPlusException with [AlipayPlusException.CONFIGURATION] if the environment is
     * not the bank's; then the terminal has no bridge, and refuses what needs one: code 6.
     */
    public suspend fun start(screen: () -> Activity?) {
        // Nobody is handed over until the SDK has taken its configuration.
        Till.setBridge(null)
        checkEnvironment()
        sdk.setConfiguration(clientId, environment, siteName)
        Till.setBridge(Bridge(sdk, screen))
    }

    /** Says whether to offer Alipay+ where the device is. */
    public suspend fun isOffered(context: Context): Boolean = supportedRegion(context) != null

    /** Gives the wallets' logos for a screen; none where Alipay+ is not offered. */
    public suspend fun acceptanceMarks(context: Context, scenario: Scenario): List<Logo> {
        val region = supportedRegion(context) ?: return emptyList()
        return turn.withLock {
            val kept = logos[scenario to region]
            if (kept != null && clock() - kept.atMs < logosForMs) return@withLock kept.logos
            var found = sdk.getAcceptanceMarkLogos(context, scenario, region)
            if (found.isEmpty()) {
                // The first list of a process comes before the SDK has one.
                delay(AGAIN_MS)
                found = sdk.getAcceptanceMarkLogos(context, scenario, region)
            }
            if (found.isNotEmpty()) logos[scenario to region] = Kept(found, clock())
            found
        }
    }

    /** Asks for a rate of exchange. */
    public suspend fun quote(sellCurrency: String, buyCurrency: String): Quote =
        sdk.inquireQuote(sellCurrency, buyCurrency)

    private suspend fun supportedRegion(context: Context): String? {
        val region = sdk.getCurrentRegion(context) ?: return null
        if (sdk.isAlipayPlusSupportedRegion(context, region)) return region
        // Right after the start, the SDK may not know yet.
        delay(AGAIN_MS)
        return region.takeIf { sdk.isAlipayPlusSupportedRegion(context, it) }
    }

    private fun checkEnvironment() {
        val fits = if (isDev(bankUrl)) Environment.DEV else Environment.PROD
        if (environment != fits) {
            throw AlipayPlusException(
                AlipayPlusException.CONFIGURATION,
                "the environment is $environment; with the bank's address it must be $fits",
            )
        }
    }

    private companion object {
        const val LOGOS_FOR_MS = 60 * 60 * 1_000L
        const val AGAIN_MS = 1_000L

        const val DEV_HOST = "oi-dev.octo.uz"

        /** Says whether an address is the bank's DEV host, or the sandbox on this machine. */
        fun isDev(url: String): Boolean {
            val host = try {
                URI(url).host.orEmpty()
            } catch (_: URISyntaxException) {
                return false
            }
            return host == DEV_HOST || host == "localhost" || host == "[::1]" ||
                host.startsWith("127.")
        }
    }
}
