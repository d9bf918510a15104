package dev.till.platform

import dev.till.TillSettings
import dev.till.internal.Config
import dev.till.internal.EcommpayConfig
import dev.till.internal.GatewayConfig
import dev.till.internal.OctoConfig
import dev.till.internal.PageValue
import org.json.JSONObject

/** Writes a setup as settings, so that what an app configured can be kept over versions. */
internal object SettingsWriter {
    fun settings(setup: Setup, usualJournalFolder: String, pinBefore: String?): TillSettings {
        val made = TillSettings.Builder()
        val config = setup.config
        made.put(Key.TERMINAL_ID, config.terminalId)
        made.put(Key.CURRENCY, config.currency)
        made.put(Key.LANGUAGE, config.language)
        made.put(Key.RAIL, config.rail)
        if (config.journalFolder != usualJournalFolder) {
            made.put(Key.JOURNAL_FOLDER, config.journalFolder)
        }
        val seconds = config.waitMs / SettingsReader.MS
        if (seconds * SettingsReader.MS == config.waitMs && seconds in SettingsReader.WAITS_S) {
            made.put(Key.WAIT_S, seconds.toString())
        } else {
            made.put(Key.WAIT_MS, config.waitMs.toString())
        }
        made.put(Key.LATE_PAYMENT, if (config.reportLatePayments) "report" else "refund")
        made.put(Key.FOREIGN_REFUNDS, config.foreignRefunds.toString())
        made.put(Key.SANDBOX, config.sandbox.toString())
        made.put(Key.ALLOWED_CALLERS, setup.guards.callers.joinToString(",") { it.written() })
        made.put(Key.REFUND_PIN, setup.guards.pin?.written(pinBefore))
        made.put(Key.JOB_ID, setup.guards.jobId.toString())
        config.octo?.let { octo(made, it) }
        config.ecommpay?.let { ecommpay(made, it) }
        config.gateway?.let { gateway(made, it) }
        return made.build()
    }

    private fun octo(made: TillSettings.Builder, octo: OctoConfig) {
        made.put(Key.OCTO_BASE_URL, octo.baseUrl)
        made.put(Key.OCTO_CLIENT_ID, octo.clientId)
        made.put(Key.OCTO_CLIENT_SECRET, String(octo.clientSecret, Charsets.UTF_8))
        made.put(Key.OCTO_USER_ID, octo.userId)
        made.put(Key.OCTO_REGION, octo.region)
        made.put(Key.OCTO_LIVE, octo.live.toString())
        made.put(Key.OCTO_TERMINAL_TYPE, if (octo.appTerminal) "APP" else "POS")
        made.put(Key.OCTO_USER_AGENT, octo.userAgent)
        made.put(Key.OCTO_CLIENT_IP, octo.clientIp)
        made.put(Key.OCTO_EXTRA_ROOTS, octo.extraRootsPem)
        made.put(Key.OCTO_PROXY, octo.proxy?.let { String(it, Charsets.UTF_8) })
        made.put(Key.OCTO_QR_USER_ID, octo.qrUserId)
        made.put(Key.OCTO_PERFORM_BEFORE_SCAN, octo.performBeforeScan.toString())
        made.put(Key.OCTO_OPEN_CODES, octo.openCodes)
        made.put(Key.OCTO_FINAL_CODES, octo.finalCodes)
        made.put(Key.OCTO_EXPIRED_CODES, octo.expiredCodes)
        made.put(Key.OCTO_REQUEST_CODES, octo.requestCodes)
        made.put(Key.OCTO_EXISTS_CODES, octo.existsCodes)
        made.put(Key.OCTO_REFUND_INQUIRY, octo.refundInquiry.toString())
        made.put(
            Key.OCTO_REFUND_SUM,
            if (octo.refundByPaymentAmount) "payment" else "withdrawal",
        )
        made.put(Key.OCTO_EXPONENTS_CONFIRMED, octo.exponentsConfirmed)
        made.put(Key.OCTO_DECLINED_IS_PAYABLE, octo.declinedIsPayable.toString())
    }

    private fun ecommpay(made: TillSettings.Builder, ecommpay: EcommpayConfig) {
        val parameters = JSONObject()
        for (parameter in ecommpay.parameters) {
            val value: Any = when (val value = parameter.value) {
                is PageValue.Text -> value.text
                is PageValue.Number -> value.number
                is PageValue.Flag -> value.flag
            }
            parameters.put(parameter.name, value)
        }
        val customer = JSONObject()
        for (field in ecommpay.customer) customer.put(field.name, field.value)
        made.put(Key.ECOMMPAY_PROJECT_ID, ecommpay.projectId.toString())
        made.put(Key.ECOMMPAY_SECRET, String(ecommpay.secret, Charsets.UTF_8))
        made.put(Key.ECOMMPAY_GATE_URL, ecommpay.gateUrl)
        made.put(Key.ECOMMPAY_PAYMENT_PAGE_URL, ecommpay.paymentPageUrl)
        made.put(Key.ECOMMPAY_LIVE, ecommpay.live.toString())
        made.put(Key.ECOMMPAY_TEST_PROJECT, ecommpay.testProject.toString())
        if (parameters.length() > 0) made.put(Key.ECOMMPAY_PARAMETERS, parameters.toString())
        made.put(Key.ECOMMPAY_CUSTOMER_ID, ecommpay.customerId)
        made.put(Key.ECOMMPAY_CUSTOMER_IP, ecommpay.customerIp)
        if (customer.length() > 0) made.put(Key.ECOMMPAY_CUSTOMER, customer.toString())
        made.put(Key.ECOMMPAY_RETURN_URL, ecommpay.returnUrl)
        made.put(Key.ECOMMPAY_RETURN_URL_SUCCESS, ecommpay.returnUrlSuccess)
        made.put(Key.ECOMMPAY_CALLBACK_URL, ecommpay.callbackUrl)
        made.put(Key.ECOMMPAY_CURRENCIES, ecommpay.currencies)
        made.put(Key.ECOMMPAY_BASE_TIME_S, ecommpay.baseTimeS?.toString())
        made.put(Key.ECOMMPAY_LIFETIME_S, ecommpay.lifetimeS?.toString())
        made.put(Key.ECOMMPAY_DECLINED_IS_PAYABLE, ecommpay.declinedIsPayable.toString())
        made.put(Key.ECOMMPAY_EXTRA_ROOTS, ecommpay.extraRootsPem)
        made.put(Key.ECOMMPAY_PROXY, ecommpay.proxy?.let { String(it, Charsets.UTF_8) })
    }

    private fun gateway(made: TillSettings.Builder, gateway: GatewayConfig) {
        made.put(Key.GATEWAY_URL, gateway.url)
        made.put(Key.GATEWAY_TOKEN, String(gateway.token, Charsets.UTF_8))
        made.put(Key.GATEWAY_ACQUIRER, gateway.acquirer)
        made.put(Key.GATEWAY_EXTRA_ROOTS, gateway.extraRootsPem)
        made.put(Key.GATEWAY_PROXY, gateway.proxy?.let { String(it, Charsets.UTF_8) })
    }

    private fun TillSettings.Builder.put(key: Key, text: String?) {
        set(key.setting, text)
    }

    private fun TillSettings.Builder.put(key: Key, texts: List<String>) {
        set(key.setting, texts.joinToString(","))
    }
}
