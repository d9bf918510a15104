package dev.till

import dev.till.internal.OctoConfig

/** Is an acquirer's API with what the merchant was given for it; holds secrets. */
public sealed interface Acquirer {
    /** The name of the API in requests and receipts. */
    public val rail: String
}

/** What OCTO gave the merchant. */
public class OctoAcquirer private constructor(builder: Builder) : Acquirer {
    override val rail: String get() = "octo"
    private val baseUrl = builder.baseUrl
    private val clientId = builder.clientId
    private val clientSecret = builder.clientSecret
    private val userId = builder.userId
    private val region = builder.region
    private val live = builder.live
    private val appTerminal = builder.appTerminal
    private val clientIp = builder.clientIp
    private val extraRootsPem = builder.extraRootsPem?.trim()?.ifEmpty { null }
    private val proxy = builder.proxy
    private val qrUserId = builder.qrUserId
    private val performBeforeScan = builder.performBeforeScan
    private val refundInquiry = builder.refundInquiry
    private val refundByPaymentAmount = builder.refundByPaymentAmount
    private val declinedIsPayable = builder.declinedIsPayable
    private val exponentsConfirmed = builder.exponentsConfirmed
    private val codes = builder.codes

    /**
     * Makes the acquirer: where the bank's API is, the name and the secret of the token call, the
     * id of the payer or MPP. The secret's bytes are taken as they are now and may be wiped after.
     */
    public class Builder(
        internal val baseUrl: String,
        internal val clientId: String,
        clientSecret: ByteArray,
        internal val userId: String,
    ) {
        internal val clientSecret = clientSecret.copyOf()
        internal var region = "UZ"
        internal var live = false
        internal var appTerminal = true
        internal var clientIp: String? = null
        internal var extraRootsPem: String? = null
        internal var proxy: ByteArray? = null
        internal var qrUserId: String? = null
        internal var performBeforeScan = true
        internal var refundInquiry = true
        internal var refundByPaymentAmount = false
        internal var declinedIsPayable = false
        internal var exponentsConfirmed = emptyList<String>()
        internal val codes = HashMap<ResultCodes, List<String>>()

        /** Sets the country: two capital letters of ISO 3166. */
        public fun region(country: String): Builder = apply { region = country }

        /**
         * Says that real money may move: needed for any host that is neither loopback nor DEV, but
         * for a sandbox at a private address; refused with [TillConfiguration.Builder.sandbox].
         */
        public fun live(allow: Boolean): Builder = apply { live = allow }

        /** Calls the client a terminal of its own instead of an app. */
        public fun ownTerminal(own: Boolean): Builder = apply { appTerminal = !own }

        /** Names the device's own address; without it, it is found out. */
        public fun clientIp(address: String): Builder = apply { clientIp = address }

        /** Trusts these certificates beside the public ones: PEM. */
        public fun extraRootsPem(pem: String): Builder = apply { extraRootsPem = pem }

        /** Uses a proxy, `http://[user:password@]host:port`: the device's own one is not seen. */
        public fun proxy(url: String): Builder = apply { proxy = url.toByteArray() }

        /** Sets the id in get-qr-code, if the bank wants another there. */
        public fun qrUserId(id: String): Builder = apply { qrUserId = id }

        /** Says whether perform binds the amount before anybody can scan. */
        public fun performBeforeScan(before: Boolean): Builder =
            apply { performBeforeScan = before }

        /** Says whether the bank knows a refund by its own external id. */
        public fun refundInquiry(knows: Boolean): Builder = apply { refundInquiry = knows }

        /** Sends a refund's sum as paymentAmount instead of withdrawalAmount. */
        public fun refundByPaymentAmount(by: Boolean): Builder =
            apply { refundByPaymentAmount = by }

        /** Says whether a declined code can be paid again while it lives. */
        public fun declinedIsPayable(payable: Boolean): Builder =
            apply { declinedIsPayable = payable }

        /** Names currencies whose minor units, other than hundredths, the bank has confirmed. */
        public fun exponentsConfirmed(currencies: List<String>): Builder =
            apply { exponentsConfirmed = currencies.toList() }

        /** Says what these result codes of the bank mean. */
        public fun resultCodes(meaning: ResultCodes, codes: List<String>): Builder =
            apply { this.codes[meaning] = codes.toList() }

        /** Makes the acquirer. */
        public fun build(): OctoAcquirer = OctoAcquirer(this)
    }

    /** Is what a result code of the bank, which its document does not name, means. */
    public enum class ResultCodes {
        /** Nobody has paid yet. */
        OPEN,

        /** Declined for good. */
        FINAL,

        /** The code ended unpaid. */
        EXPIRED,

        /** It speaks of the request. */
        REQUEST,

        /** An external id was used before. */
        EXISTS,
    }

    internal fun toConfig(): OctoConfig = OctoConfig(
        baseUrl,
        clientId,
        clientSecret,
        userId,
        region,
        live,
        appTerminal,
        null,
        clientIp,
        extraRootsPem,
        proxy,
        qrUserId,
        performBeforeScan,
        codes[ResultCodes.OPEN].orEmpty(),
        codes[ResultCodes.FINAL].orEmpty(),
        codes[ResultCodes.EXPIRED].orEmpty(),
        codes[ResultCodes.REQUEST].orEmpty(),
        codes[ResultCodes.EXISTS].orEmpty(),
        refundInquiry,
        refundByPaymentAmount,
        exponentsConfirmed,
        declinedIsPayable,
    )
}
