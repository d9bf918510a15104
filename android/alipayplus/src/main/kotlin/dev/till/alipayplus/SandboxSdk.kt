package dev.till.alipayplus

import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.net.Uri

/**
 * Does what the SDK does, against the sandbox bank: opens its wallet page, where the customer
 * approves, declines or cancels. [walletUrl] is the page's address as the sandbox tells it.
 */
public class SandboxSdk(private val walletUrl: String) : AlipayPlusSdk {
    override suspend fun setConfiguration(
        clientId: String,
        environment: Environment,
        siteName: String,
    ) {
        if (environment != Environment.DEV) {
            throw AlipayPlusException(
                AlipayPlusException.CONFIGURATION, "the sandbox is a DEV environment",
            )
        }
    }

    override suspend fun getAcceptanceMarkLogos(
        context: Context,
        scenario: Scenario,
        region: String?,
    ): List<Logo> = listOf(Logo("Sandbox", "$walletUrl/"))

    override suspend fun getCurrentRegion(context: Context): String? = REGION

    override suspend fun isAlipayPlusSupportedRegion(context: Context, region: String): Boolean =
        region == REGION

    override suspend fun inquireQuote(sellCurrency: String, buyCurrency: String): Quote =
        Quote("sandbox-$sellCurrency-$buyCurrency", "$sellCurrency/$buyCurrency", "1")

    override suspend fun launch(
        context: Context,
        url: String,
        userAgent: String?,
        acDecodeConfig: String?,
    ) {
        open(context, url)
    }

    /** The payload means something to the real SDK alone: the page lists what can be paid. */
    override suspend fun handleAction(context: Context, sdkActionPayload: String) {
        open(context, "$walletUrl/")
    }

    /** The page asks nobody for codes. */
    override fun setServices(services: AlipayPlusServices): Unit = Unit

    private fun open(context: Context, url: String) {
        try {
            context.startActivity(Intent(Intent.ACTION_VIEW, Uri.parse(url)))
        } catch (_: ActivityNotFoundException) {
            throw AlipayPlusException("NO_BROWSER", "no browser shows the wallet page here")
        }
    }

    private companion object {
        const val REGION = "UZ"
    }
}
