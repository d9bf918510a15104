package dev.till.platform

import android.content.pm.PackageManager
import java.security.MessageDigest
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowApplicationPackageManager

/** Answers about certificates as the system does from Android 9 on; Robolectric does not. */
@Implements(className = "android.app.ApplicationPackageManager", isInAndroidSdk = false)
class SigningPackages : ShadowApplicationPackageManager() {
    @Implementation(minSdk = 28)
    protected fun hasSigningCertificate(name: String, certificate: ByteArray, type: Int): Boolean {
        check(type == PackageManager.CERT_INPUT_SHA256)
        val info = try {
            getPackageInfo(name, PackageManager.GET_SIGNING_CERTIFICATES)
        } catch (_: PackageManager.NameNotFoundException) {
            return false
        } ?: return false
        return info.signingInfo.apkContentsSigners.any {
            val digest = MessageDigest.getInstance("SHA-256").digest(it.toByteArray())
            digest.contentEquals(certificate)
        }
    }
}
