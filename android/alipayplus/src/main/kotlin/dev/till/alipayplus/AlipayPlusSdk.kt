package dev.till.alipayplus

import android.content.Context

/**
 * Is what the terminal needs of the Alipay+ client SDK, which is not public: the real one is behind
 * [ClientSdk], the sandbox's is [SandboxSdk].
 *
 * What the SDK refuses is an [AlipayPlusException] with its own code and message.
 */
public interface AlipayPlusSdk {
    /** Names the app to the SDK; before anything else. */
    public suspend fun setConfiguration(
        clientId: String,
        environment: Environment,
        siteName: String,
    )

    /** Gives the logos of the wallets that can pay; the first list of a process may be empty. */
    public suspend fun getAcceptanceMarkLogos(
        context: Context,
        scenario: Scenario,
        region: String?,
    ): List<Logo>

    /** Gives the country where the device is: two capital letters, or null. */
    public suspend fun getCurrentRegion(context: Context): String?

    /** Says whether wallets can pay in a country; may be wrongly false right after the start. */
    public suspend fun isAlipayPlusSupportedRegion(context: Context, region: String): Boolean

    /** Asks for a rate of exchange. */
    public suspend fun inquireQuote(sellCurrency: String, buyCurrency: String): Quote

    /** Opens the page that an entry code leads to. */
    public suspend fun launch(
        context: Context,
        url: String,
        userAgent: String?,
        acDecodeConfig: String?,
    )

    /** Goes on with a payment as the bank's answer says; returns nothing of its outcome. */
    public suspend fun handleAction(context: Context, sdkActionPayload: String)

    /** Gives the SDK what it asks the app for. */
    public fun setServices(services: AlipayPlusServices)
}

/** Is what the SDK asks the app for; each may be called from any thread. */
public interface AlipayPlusServices {
    /** Has a code decoded by the wallet's server; gives `sdkActionPayload`, if the server did. */
    public suspend fun decode(codeValue: String): String?

    /** Gives the code with which Alipay+ gets the customer's authorisation. */
    public suspend fun getAuthCode(authClientId: String, scopes: List<String>): String
}

/** Is the SDK's environment. */
public enum class Environment {
    /** For tests: goes with the bank's DEV host. */
    DEV,

    /** With real money. */
    PROD,
}

/** Says who shows the code. */
public enum class Scenario(internal val word: String) {
    /** The merchant does. */
    MPM("PAYMENT_SCENARIO_MPM"),

    /** The customer does. */
    UPM("PAYMENT_SCENARIO_UPM"),
}

/** Is a wallet's logo. */
public class Logo(
    /** The wallet's name. */
    public val name: String,
    /** Where its picture is. */
    public val url: String,
)

/** Is a rate of exchange. */
public class Quote(
    /** Its name. */
    public val id: String,
    /** What is exchanged, such as `USD/KRW`. */
    public val currencyPair: String,
    /** The price, in decimal digits. */
    public val price: String,
)

/** Says why the SDK did not do something. */
public class AlipayPlusException(
    /** The SDK's code, such as `1004`; or [CONFIGURATION], [SDK_TOO_OLD], [NOT_HTTPS] of ours. */
    public val code: String,
    message: String,
) : Exception(message) {
    public companion object {
        /** What the SDK is told does not fit the bank. */
        public const val CONFIGURATION: String = "CONFIGURATION"

        /** The SDK in the app lacks what is needed. */
        public const val SDK_TOO_OLD: String = "SDK_TOO_OLD"

        /** The address is no https address. */
        public const val NOT_HTTPS: String = "NOT_HTTPS"
    }
}
