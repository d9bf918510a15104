package dev.till

import dev.till.internal.GatewayConfig

/**
 * The merchant's gateway: it holds the banks' secrets, and this terminal a token that can be
 * revoked. Whether its bank is the sandbox is said by [TillConfiguration.Builder.sandbox].
 */
public class GatewayAcquirer private constructor(builder: Builder) : Acquirer {
    override val rail: String get() = "gateway"

    private val url = builder.url
    private val token = builder.token
    private val acquirer = builder.acquirer
    private val extraRootsPem = builder.extraRootsPem?.trim()?.ifEmpty { null }
    private val proxy = builder.proxy

    /**
     * Makes the acquirer: where the gateway is, `https://host[:port][/prefix]`, and the token that
     * it made for this terminal. The token's bytes are taken as they are now and may be wiped
     * after.
     */
    public class Builder(internal val url: String, token: ByteArray) {
        internal val token = token.copyOf()
        internal var acquirer: String? = null
        internal var extraRootsPem: String? = null
        internal var proxy: ByteArray? = null

        /** Names the gateway's acquirer of requests that name none, else the gateway chooses. */
        public fun acquirer(rail: String): Builder = apply { acquirer = rail }

        /** Trusts these certificates beside the public ones: PEM. */
        public fun extraRootsPem(pem: String): Builder = apply { extraRootsPem = pem }

        /** Uses a proxy, `http://[user:password@]host:port`: the device's own one is not seen. */
        public fun proxy(url: String): Builder = apply { proxy = url.toByteArray() }

        /** Makes the acquirer. */
        public fun build(): GatewayAcquirer = GatewayAcquirer(this)
    }

    internal fun toConfig(): GatewayConfig = GatewayConfig(
        url,
        token,
        acquirer,
        extraRootsPem,
        proxy,
    )
}
