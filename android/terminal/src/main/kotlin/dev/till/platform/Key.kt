package dev.till.platform

/** Is a setting's name and what its text must be. */
internal enum class Key(val setting: String, val kind: Kind) {
    CURRENCY("currency", Kind.TEXT),
    TERMINAL_ID("terminal_id", Kind.TEXT),
    LANGUAGE("language", Kind.TEXT),
    RAIL("rail", Kind.TEXT),
    WAIT_S("wait_s", Kind.NUMBER),

    /** What an app configured, where that is no number of seconds that people may set. */
    WAIT_MS("wait_ms", Kind.NUMBER),
    LATE_PAYMENT("late_payment", Kind.TEXT),
    FOREIGN_REFUNDS("foreign_refunds", Kind.FLAG),
    SANDBOX("sandbox", Kind.FLAG),
    ALLOWED_CALLERS("allowed_callers", Kind.LIST),
    REFUND_PIN("refund_pin", Kind.SECRET),
    JOB_ID("job_id", Kind.NUMBER),
    JOURNAL_FOLDER("journal_folder", Kind.TEXT),
    OCTO_BASE_URL("octo_base_url", Kind.TEXT),
    OCTO_CLIENT_ID("octo_client_id", Kind.TEXT),
    OCTO_CLIENT_SECRET("octo_client_secret", Kind.SECRET),
    OCTO_USER_ID("octo_user_id", Kind.TEXT),
    OCTO_REGION("octo_region", Kind.TEXT),
    OCTO_LIVE("octo_live", Kind.FLAG),
    OCTO_TERMINAL_TYPE("octo_terminal_type", Kind.TEXT),
    OCTO_USER_AGENT("octo_user_agent", Kind.TEXT),
    OCTO_CLIENT_IP("octo_client_ip", Kind.TEXT),
    OCTO_EXTRA_ROOTS("octo_extra_roots", Kind.TEXT),
    OCTO_PROXY("octo_proxy", Kind.SECRET),
    OCTO_QR_USER_ID("octo_qr_user_id", Kind.TEXT),
    OCTO_PERFORM_BEFORE_SCAN("octo_perform_before_scan", Kind.FLAG),
    OCTO_OPEN_CODES("octo_open_codes", Kind.LIST),
    OCTO_FINAL_CODES("octo_final_codes", Kind.LIST),
    OCTO_EXPIRED_CODES("octo_expired_codes", Kind.LIST),
    OCTO_REQUEST_CODES("octo_request_codes", Kind.LIST),
    OCTO_EXISTS_CODES("octo_exists_codes", Kind.LIST),
    OCTO_REFUND_INQUIRY("octo_refund_inquiry", Kind.FLAG),
    OCTO_REFUND_SUM("octo_refund_sum", Kind.TEXT),
    OCTO_EXPONENTS_CONFIRMED("octo_exponents_confirmed", Kind.LIST),
    OCTO_DECLINED_IS_PAYABLE("octo_declined_is_payable", Kind.FLAG),
    ECOMMPAY_PROJECT_ID("ecommpay_project_id", Kind.NUMBER),
    ECOMMPAY_SECRET("ecommpay_secret", Kind.SECRET),
    ECOMMPAY_GATE_URL("ecommpay_gate_url", Kind.TEXT),
    ECOMMPAY_PAYMENT_PAGE_URL("ecommpay_payment_page_url", Kind.TEXT),
    ECOMMPAY_LIVE("ecommpay_live", Kind.FLAG),
    ECOMMPAY_TEST_PROJECT("ecommpay_test_project", Kind.FLAG),
    ECOMMPAY_PARAMETERS("ecommpay_parameters", Kind.JSON),
    ECOMMPAY_CUSTOMER_ID("ecommpay_customer_id", Kind.TEXT),
    ECOMMPAY_CUSTOMER_IP("ecommpay_customer_ip", Kind.TEXT),
    ECOMMPAY_CUSTOMER("ecommpay_customer", Kind.JSON),
    ECOMMPAY_RETURN_URL("ecommpay_return_url", Kind.TEXT),
    ECOMMPAY_RETURN_URL_SUCCESS("ecommpay_return_url_success", Kind.TEXT),
    ECOMMPAY_CALLBACK_URL("ecommpay_callback_url", Kind.TEXT),
    ECOMMPAY_CURRENCIES("ecommpay_currencies", Kind.LIST),
    ECOMMPAY_BASE_TIME_S("ecommpay_base_time_s", Kind.NUMBER),
    ECOMMPAY_LIFETIME_S("ecommpay_lifetime_s", Kind.NUMBER),
    ECOMMPAY_DECLINED_IS_PAYABLE("ecommpay_declined_is_payable", Kind.FLAG),
    ECOMMPAY_EXTRA_ROOTS("ecommpay_extra_roots", Kind.TEXT),
    ECOMMPAY_PROXY("ecommpay_proxy", Kind.SECRET),
    GATEWAY_URL("gateway_url", Kind.TEXT),
    GATEWAY_TOKEN("gateway_token", Kind.SECRET),
    GATEWAY_ACQUIRER("gateway_acquirer", Kind.TEXT),
    GATEWAY_EXTRA_ROOTS("gateway_extra_roots", Kind.TEXT),
    GATEWAY_PROXY("gateway_proxy", Kind.SECRET),
    ;

    /** Is what a text must be. */
    enum class Kind {
        /** Anything. */
        TEXT,

        /** Anything, never shown. */
        SECRET,

        /** `true` or `false`. */
        FLAG,

        /** A whole number. */
        NUMBER,

        /** Texts with commas between them. */
        LIST,

        /** An object of JSON. */
        JSON,
    }

    companion object {
        private val byName = entries.associateBy { it.setting }

        fun of(setting: String): Key? = byName[setting]
    }
}
