package dev.till.platform

import android.annotation.SuppressLint
import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import dev.till.NewerApi
import java.security.MessageDigest

/** Is an app that may ask: its package, signed with this certificate. */
internal class AllowedCaller(val packageName: String, private val sha256: ByteArray) {
    fun written(): String = "$packageName=${sha256.joinToString("") { HEX.format(it) }}"

    /** Compares the app that is installed under the package with the certificate. */
    fun isInstalled(packages: PackageManager): Boolean =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            newer(packages)
        } else {
            older(packages)
        }

    /** Heeds rotated certificates too. */
    @NewerApi(28)
    private fun newer(packages: PackageManager): Boolean =
        packages.hasSigningCertificate(packageName, sha256, PackageManager.CERT_INPUT_SHA256)

    // With one signer, the flaw of this way (a signer that is not checked) cannot be used.
    @Suppress("DEPRECATION")
    @SuppressLint("PackageManagerGetSignatures")
    private fun older(packages: PackageManager): Boolean {
        val signers = try {
            packages.getPackageInfo(packageName, PackageManager.GET_SIGNATURES).signatures
        } catch (_: PackageManager.NameNotFoundException) {
            null
        }
        val only = signers?.singleOrNull() ?: return false
        val digest = MessageDigest.getInstance("SHA-256").digest(only.toByteArray())
        return MessageDigest.isEqual(digest, sha256)
    }

    companion object {
        private const val HEX = "%02x"
        private const val BYTES = 32
        private val DIGITS = Regex("[0-9A-Fa-f]{64}")
        private val PACKAGE = Regex("[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z0-9_]+)+")

        /** Reads `package=SHA-256`, in hex digits with colons or without. */
        fun parse(entry: String): AllowedCaller? {
            val name = entry.substringBefore('=').trim()
            val digits = entry.substringAfter('=', "").filter { it != ':' && it != ' ' }
            if (!PACKAGE.matches(name) || !DIGITS.matches(digits)) return null
            val bytes = ByteArray(BYTES) {
                digits.substring(it * 2, it * 2 + 2).toInt(radix = 16).toByte()
            }
            return AllowedCaller(name, bytes)
        }
    }
}

/** Says which apps may ask. A name is no proof: this keeps honest apps to what was agreed. */
internal object Callers {
    /** Looks the app up: never on a main thread. The app that embeds the terminal may always. */
    fun allowed(context: Context, packageName: String?, list: List<AllowedCaller>): Boolean {
        if (list.isEmpty() || packageName == context.packageName) return true
        Slow.note("looks a caller up")
        return list.any { it.packageName == packageName && it.isInstalled(context.packageManager) }
    }
}
