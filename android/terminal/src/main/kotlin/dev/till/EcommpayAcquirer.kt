package dev.till

import dev.till.internal.EcommpayConfig
import dev.till.internal.FormField
import dev.till.internal.PageParameter
import dev.till.internal.PageValue

/** What ecommpay gave the merchant: Alipay by the Payment Page. */
public class EcommpayAcquirer private constructor(builder: Builder) : Acquirer {
    override val rail: String get() = "ecommpay"

    private val projectId = builder.projectId
    private val secret = builder.secret
    private val gateUrl = builder.gateUrl
    private val paymentPageUrl = builder.paymentPageUrl
    private val live = builder.live
    private val testProject = builder.testProject
    private val parameters = builder.parameters.toList()
    private val customerId = builder.customerId
    private val customerIp = builder.customerIp
    private val customer = builder.customer.toList()
    private val returnUrl = builder.returnUrl
    private val returnUrlSuccess = builder.returnUrlSuccess
    private val callbackUrl = builder.callbackUrl
    private val currencies = builder.currencies
    private val baseTimeS = builder.baseTimeS
    private val lifetimeS = builder.lifetimeS
    private val declinedIsPayable = builder.declinedIsPayable
    private val extraRootsPem = builder.extraRootsPem?.trim()?.ifEmpty { null }
    private val proxy = builder.proxy

    /** Makes the acquirer; the secret's bytes are taken as they are now and may be wiped after. */
    public class Builder(internal val projectId: Long, secret: ByteArray) {
        internal val secret = secret.copyOf()
        internal var gateUrl: String? = null
        internal var paymentPageUrl: String? = null
        internal var live = false
        internal var testProject = false
        internal val parameters = ArrayList<PageParameter>()
        internal var customerId: String? = null
        internal var customerIp: String? = null
        internal val customer = ArrayList<FormField>()
        internal var returnUrl: String? = null
        internal var returnUrlSuccess: String? = null
        internal var callbackUrl: String? = null
        internal var currencies = emptyList<String>()
        internal var baseTimeS: Long? = null
        internal var lifetimeS: Long? = null
        internal var declinedIsPayable = true
        internal var extraRootsPem: String? = null
        internal var proxy: ByteArray? = null

        /** Sets where the Gate API is. */
        public fun gateUrl(url: String): Builder = apply { gateUrl = url }

        /** Sets the address of the Payment Page. */
        public fun paymentPageUrl(url: String): Builder = apply { paymentPageUrl = url }

        /** Says that real money may move. */
        public fun live(allow: Boolean): Builder = apply { live = allow }

        /** Says that the project is the test project. */
        public fun testProject(test: Boolean): Builder = apply { testProject = test }

        /** Adds a parameter of the Payment Page. */
        public fun parameter(name: String, value: String): Builder =
            apply { parameters.add(PageParameter(name, PageValue.Text(value))) }

        /** Adds a parameter of the Payment Page that is sent in digits. */
        public fun parameter(name: String, value: Long): Builder =
            apply { parameters.add(PageParameter(name, PageValue.Number(value))) }

        /** Adds a parameter of the Payment Page that is sent as 1 or 0. */
        public fun parameter(name: String, value: Boolean): Builder =
            apply { parameters.add(PageParameter(name, PageValue.Flag(value))) }

        /** Gives all payments one customer. */
        public fun customerId(id: String): Builder = apply { customerId = id }

        /** Names the customer's address; without it, it is this device's. */
        public fun customerIp(address: String): Builder = apply { customerIp = address }

        /** Adds a member of `customer`, such as `country`. */
        public fun customer(name: String, value: String): Builder =
            apply { customer.add(FormField(name, value)) }

        /** Sets where the customer is sent after any step. */
        public fun returnUrl(url: String): Builder = apply { returnUrl = url }

        /** Sets where the customer is sent after a success. */
        public fun returnUrlSuccess(url: String): Builder = apply { returnUrlSuccess = url }

        /** Sets where the platform sends callbacks, if not where the project says. */
        public fun callbackUrl(url: String): Builder = apply { callbackUrl = url }

        /** Names the currencies that are opened. */
        public fun currencies(codes: List<String>): Builder = apply { currencies = codes.toList() }

        /** Sets the time in which payments usually end, in seconds. */
        public fun baseTimeS(seconds: Long): Builder = apply { baseTimeS = seconds }

        /** Sets how long a payment lives, in seconds. */
        public fun lifetimeS(seconds: Long): Builder = apply { lifetimeS = seconds }

        /** Says whether a declined payment can be paid again. */
        public fun declinedIsPayable(payable: Boolean): Builder =
            apply { declinedIsPayable = payable }

        /** Trusts these certificates beside the public ones: PEM. */
        public fun extraRootsPem(pem: String): Builder = apply { extraRootsPem = pem }

        /** Uses a proxy, `http://[user:password@]host:port`: the device's own one is not seen. */
        public fun proxy(url: String): Builder = apply { proxy = url.toByteArray() }

        /** Makes the acquirer. */
        public fun build(): EcommpayAcquirer = EcommpayAcquirer(this)
    }

    internal fun toConfig(): EcommpayConfig = EcommpayConfig(
        projectId,
        secret,
        gateUrl,
        paymentPageUrl,
        live,
        testProject,
        parameters,
        customerId,
        customerIp,
        customer,
        returnUrl,
        returnUrlSuccess,
        callbackUrl,
        currencies,
        baseTimeS,
        lifetimeS,
        declinedIsPayable,
        extraRootsPem,
        proxy,
    )
}
