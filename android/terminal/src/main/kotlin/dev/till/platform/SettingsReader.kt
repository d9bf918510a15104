package dev.till.platform

import dev.till.TillException
import dev.till.TillSettings
import dev.till.internal.Config
import dev.till.internal.EcommpayConfig
import dev.till.internal.FormField
import dev.till.internal.GatewayConfig
import dev.till.internal.OctoConfig
import dev.till.internal.PageParameter
import dev.till.internal.PageValue
import java.util.Locale
import org.json.JSONException
import org.json.JSONObject

/** Reads settings; what they mean for the bank is the library's to judge. */
internal class SettingsReader(private val settings: TillSettings) {
    private val wrong = ArrayList<String>()

    /** Gives the setup, or says everything that is wrong in one exception. */
    fun setup(journalFolder: String): Setup {
        // A console may set flags alone: they say nothing about whether an acquirer is used.
        val asOcto = uses(Key.OCTO_BASE_URL, Key.OCTO_CLIENT_ID, Key.OCTO_CLIENT_SECRET)
        val octo = if (asOcto) octo() else null
        val ecommpay = if (uses(Key.ECOMMPAY_PROJECT_ID, Key.ECOMMPAY_SECRET)) ecommpay() else null
        val gateway = if (uses(Key.GATEWAY_URL, Key.GATEWAY_TOKEN)) gateway() else null
        val usual = when {
            octo != null -> "octo"
            ecommpay != null -> "ecommpay"
            gateway != null -> "gateway"
            else -> "octo"
        }
        val config = Config(
            text(Key.TERMINAL_ID) ?: "T-1",
            needed(Key.CURRENCY, "three capital letters of ISO 4217, such as UZS"),
            text(Key.LANGUAGE) ?: deviceLanguage(),
            text(Key.RAIL) ?: usual,
            text(Key.JOURNAL_FOLDER) ?: journalFolder,
            waitMs(),
            word(Key.LATE_PAYMENT, "refund", "report") == "report",
            flag(Key.FOREIGN_REFUNDS, false),
            flag(Key.SANDBOX, false),
            octo,
            ecommpay,
            gateway,
        )
        val guards = guards()
        if (wrong.isNotEmpty()) {
            throw TillException(TillException.Todo.CORRECT_CONFIGURATION, wrong)
        }
        return Setup(config, guards, text(Key.LANGUAGE))
    }

    private fun waitMs(): Long {
        val seconds = number(Key.WAIT_S, WAITS_S) ?: DEFAULT_WAIT_S
        return number(Key.WAIT_MS, 1L..Long.MAX_VALUE) ?: (seconds * MS)
    }

    private fun guards(): Guards {
        val callers = list(Key.ALLOWED_CALLERS).mapNotNull { entry ->
            AllowedCaller.parse(entry).also {
                if (it == null) {
                    bad(Key.ALLOWED_CALLERS, "package=SHA-256 of its certificate, 64 hex digits")
                }
            }
        }
        val pin = text(Key.REFUND_PIN)?.let { written ->
            PinHash.parse(written)
                ?: PinHash.of(written)
                ?: bad(Key.REFUND_PIN, "4 to 12 digits")
        }
        val job = number(Key.JOB_ID, Int.MIN_VALUE.toLong()..Int.MAX_VALUE.toLong())
        return Guards(callers, pin, job?.toInt() ?: Guards.JOB_ID)
    }

    private fun octo() = OctoConfig(
        needed(Key.OCTO_BASE_URL, "the bank's address, https://"),
        needed(Key.OCTO_CLIENT_ID, "the client id from the bank"),
        needed(Key.OCTO_CLIENT_SECRET, "the client secret from the bank").toByteArray(),
        needed(Key.OCTO_USER_ID, "the user id from the bank"),
        text(Key.OCTO_REGION) ?: "UZ",
        flag(Key.OCTO_LIVE, false),
        word(Key.OCTO_TERMINAL_TYPE, "APP", "POS") != "POS",
        text(Key.OCTO_USER_AGENT),
        text(Key.OCTO_CLIENT_IP),
        text(Key.OCTO_EXTRA_ROOTS),
        text(Key.OCTO_PROXY)?.toByteArray(),
        text(Key.OCTO_QR_USER_ID),
        flag(Key.OCTO_PERFORM_BEFORE_SCAN, true),
        list(Key.OCTO_OPEN_CODES),
        list(Key.OCTO_FINAL_CODES),
        list(Key.OCTO_EXPIRED_CODES),
        list(Key.OCTO_REQUEST_CODES),
        list(Key.OCTO_EXISTS_CODES),
        flag(Key.OCTO_REFUND_INQUIRY, true),
        word(Key.OCTO_REFUND_SUM, "withdrawal", "payment") == "payment",
        list(Key.OCTO_EXPONENTS_CONFIRMED),
        flag(Key.OCTO_DECLINED_IS_PAYABLE, false),
    )

    private fun ecommpay() = EcommpayConfig(
        number(Key.ECOMMPAY_PROJECT_ID, 1L..Long.MAX_VALUE)
            ?: 0L.also { bad(Key.ECOMMPAY_PROJECT_ID, "the project's number, such as 201") },
        needed(Key.ECOMMPAY_SECRET, "the project's secret key").toByteArray(),
        text(Key.ECOMMPAY_GATE_URL),
        text(Key.ECOMMPAY_PAYMENT_PAGE_URL),
        flag(Key.ECOMMPAY_LIVE, false),
        flag(Key.ECOMMPAY_TEST_PROJECT, false),
        members(Key.ECOMMPAY_PARAMETERS).map { (name, value) -> PageParameter(name, page(value)) },
        text(Key.ECOMMPAY_CUSTOMER_ID),
        text(Key.ECOMMPAY_CUSTOMER_IP),
        members(Key.ECOMMPAY_CUSTOMER).map { (name, value) -> FormField(name, value.toString()) },
        text(Key.ECOMMPAY_RETURN_URL),
        text(Key.ECOMMPAY_RETURN_URL_SUCCESS),
        text(Key.ECOMMPAY_CALLBACK_URL),
        list(Key.ECOMMPAY_CURRENCIES),
        number(Key.ECOMMPAY_BASE_TIME_S, 1L..Long.MAX_VALUE),
        number(Key.ECOMMPAY_LIFETIME_S, 1L..Long.MAX_VALUE),
        flag(Key.ECOMMPAY_DECLINED_IS_PAYABLE, true),
        text(Key.ECOMMPAY_EXTRA_ROOTS),
        text(Key.ECOMMPAY_PROXY)?.toByteArray(),
    )

    private fun gateway() = GatewayConfig(
        needed(Key.GATEWAY_URL, "the gateway's address, https://"),
        needed(Key.GATEWAY_TOKEN, "the token that the gateway made for this terminal")
            .toByteArray(),
        text(Key.GATEWAY_ACQUIRER),
        text(Key.GATEWAY_EXTRA_ROOTS),
        text(Key.GATEWAY_PROXY)?.toByteArray(),
    )

    private fun page(value: Any): PageValue = when (value) {
        is Boolean -> PageValue.Flag(value)
        is Int -> PageValue.Number(value.toLong())
        is Long -> PageValue.Number(value)
        else -> PageValue.Text(value.toString())
    }

    private fun uses(vararg keys: Key): Boolean = keys.any { text(it) != null }

    private fun text(key: Key): String? = settings[key.setting]?.trim()?.ifEmpty { null }

    private fun needed(key: Key, right: String): String =
        text(key) ?: "".also { bad(key, right) }

    private fun flag(key: Key, otherwise: Boolean): Boolean = when (text(key)) {
        null -> otherwise
        "true" -> true
        "false" -> false
        else -> otherwise.also { bad(key, "true or false") }
    }

    private fun number(key: Key, within: LongRange): Long? {
        val text = text(key) ?: return null
        val number = text.toLongOrNull()?.takeIf { it in within }
        if (number == null) bad(key, "a whole number from ${within.first} to ${within.last}")
        return number
    }

    private fun word(key: Key, vararg words: String): String? {
        val text = text(key)
        if (text != null && text !in words) bad(key, words.joinToString(" or "))
        return text
    }

    private fun list(key: Key): List<String> =
        text(key)?.split(',', '\n')?.map { it.trim() }?.filter { it.isNotEmpty() }.orEmpty()

    private fun members(key: Key): List<Pair<String, Any>> {
        val text = text(key) ?: return emptyList()
        return try {
            val whole = JSONObject(text)
            whole.keys().asSequence().map { it to whole.get(it) }.toList()
        } catch (_: JSONException) {
            bad(key, "an object of JSON")
            emptyList()
        }
    }

    private fun bad(key: Key, right: String): Nothing? {
        wrong.add("${key.setting}: write $right")
        return null
    }

    internal companion object {
        /** Gives the device's language if screens speak it, else English. */
        fun deviceLanguage(): String =
            Locale.getDefault().language.takeIf { it == "ru" || it == "zh" } ?: "en"

        const val MS = 1_000L
        val WAITS_S = 1L..3_600L
        private const val DEFAULT_WAIT_S = 120L
    }
}
