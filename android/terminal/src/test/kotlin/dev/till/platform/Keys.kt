package dev.till.platform

import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** Gives one key, as a device's keystore does. */
internal fun oneKey(): KeySource {
    val key = randomKey()
    return KeySource { key }
}

internal fun randomKey(): SecretKey =
    SecretKeySpec(ByteArray(32).also { SecureRandom().nextBytes(it) }, "AES")

/** Stands in for the device's keystore, under its name, through Java's own interfaces. */
internal class StandIn : Provider("AndroidKeyStore", 1.0, "a keystore for tests") {
    init {
        put("KeyStore.AndroidKeyStore", Store::class.java.name)
        put("KeyGenerator.AES", Maker::class.java.name)
        kept.clear()
        made = 0
    }

    companion object {
        val kept = HashMap<String, Key>()
        var made = 0
    }

    class Maker : KeyGeneratorSpi() {
        private lateinit var alias: String

        override fun engineInit(random: SecureRandom?) = error("without a name")

        override fun engineInit(size: Int, random: SecureRandom?) = error("without a name")

        override fun engineInit(spec: AlgorithmParameterSpec, random: SecureRandom?) {
            val wanted = spec as android.security.keystore.KeyGenParameterSpec
            check(wanted.keySize == 256 && wanted.blockModes.contentEquals(arrayOf("GCM")))
            check(!wanted.isUserAuthenticationRequired)
            alias = wanted.keystoreAlias
        }

        override fun engineGenerateKey(): SecretKey {
            made++
            return randomKey().also { kept[alias] = it }
        }
    }

    class Store : KeyStoreSpi() {
        override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit

        override fun engineGetKey(alias: String, password: CharArray?): Key? = kept[alias]

        override fun engineContainsAlias(alias: String): Boolean = alias in kept

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(kept.keys)

        override fun engineSize(): Int = kept.size

        override fun engineDeleteEntry(alias: String) {
            kept.remove(alias)
        }

        override fun engineIsKeyEntry(alias: String): Boolean = alias in kept

        override fun engineIsCertificateEntry(alias: String): Boolean = false

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificateAlias(certificate: Certificate): String? = null

        override fun engineGetCreationDate(alias: String): Date? = null

        override fun engineSetKeyEntry(a: String, k: ByteArray, c: Array<Certificate>) = no()

        override fun engineSetKeyEntry(a: String, k: Key, p: CharArray?, c: Array<Certificate>?) =
            no()

        override fun engineSetCertificateEntry(alias: String, certificate: Certificate) = no()

        override fun engineStore(stream: OutputStream?, password: CharArray?) = no()

        private fun no(): Nothing = throw UnsupportedOperationException()
    }
}
