package dev.till.platform

import android.util.Base64
import java.security.GeneralSecurityException
import java.security.MessageDigest
import java.security.SecureRandom
import javax.crypto.SecretKeyFactory
import javax.crypto.spec.PBEKeySpec

/** Is a PIN that can be compared, and is kept so that it cannot be read. */
internal sealed class PinHash {
    /** Compares; takes a good part of a second on slow devices. */
    abstract fun matches(pin: CharArray): Boolean

    /** Gives it as it is kept; as it was kept before, if that is the same PIN. */
    abstract fun written(before: String? = null): String

    private class Hashed(
        private val rounds: Int,
        private val salt: ByteArray,
        private val hash: ByteArray,
    ) : PinHash() {
        override fun matches(pin: CharArray): Boolean {
            Slow.note("compares a PIN")
            return MessageDigest.isEqual(hash, derive(pin, salt, rounds))
        }

        override fun written(before: String?): String = "$MARK$rounds:${text(salt)}:${text(hash)}"
    }

    /** Comes from whoever manages the device: hashing it at every start would only cost time. */
    private class Given(private val pin: String) : PinHash() {
        override fun matches(pin: CharArray): Boolean =
            MessageDigest.isEqual(this.pin.toByteArray(), String(pin).toByteArray())

        override fun written(before: String?): String {
            if (before != null && parse(before)?.matches(pin.toCharArray()) == true) return before
            val salt = ByteArray(SALT_BYTES).also { SecureRandom().nextBytes(it) }
            return Hashed(ROUNDS, salt, derive(pin.toCharArray(), salt, ROUNDS)).written()
        }
    }

    companion object {
        private const val MARK = "pbkdf2:"
        private const val ROUNDS = 60_000
        private const val MOST_ROUNDS = 10_000_000
        private const val SALT_BYTES = 16
        private const val HASH_BITS = 160
        private val LENGTHS = 4..12

        /** Takes a PIN as somebody wrote it; null unless it is 4 to 12 digits. */
        fun of(pin: String): PinHash? =
            if (pin.length in LENGTHS && pin.all { it in '0'..'9' }) Given(pin) else null

        /** Reads what [written] wrote; null for anything else. */
        fun parse(text: String): PinHash? {
            if (!text.startsWith(MARK)) return null
            val parts = text.removePrefix(MARK).split(':')
            val rounds = parts[0].toIntOrNull()?.takeIf { it in 1..MOST_ROUNDS }
            if (parts.size != 3 || rounds == null) return null
            return try {
                Hashed(rounds, bytes(parts[1]), bytes(parts[2]))
            } catch (_: IllegalArgumentException) {
                null
            }
        }

        /** SHA-1 is what every Android has for this, and good enough in this construction. */
        private fun derive(pin: CharArray, salt: ByteArray, rounds: Int): ByteArray {
            val spec = PBEKeySpec(pin, salt, rounds, HASH_BITS)
            try {
                val factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1")
                return factory.generateSecret(spec).encoded
            } catch (failure: GeneralSecurityException) {
                throw IllegalStateException("this Android lacks PBKDF2WithHmacSHA1", failure)
            } finally {
                spec.clearPassword()
            }
        }

        private fun text(bytes: ByteArray) = Base64.encodeToString(bytes, Base64.NO_WRAP)

        private fun bytes(text: String) = Base64.decode(text, Base64.NO_WRAP)
    }
}
