package dev.till.platform

import android.content.Context
import android.content.pm.PackageInfo
import android.content.pm.Signature
import android.content.pm.SigningInfo
import android.os.Build
import dev.till.testing.TillRunner
import java.io.File
import java.security.MessageDigest
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow

/** Who may ask, by certificates, before and after Android learned of rotated ones; the PIN. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 28, 34], shadows = [SigningPackages::class])
class GuardsTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val context: Context get() = RuntimeEnvironment.getApplication()

    private fun install(name: String, vararg signers: ByteArray) {
        val info = PackageInfo()
        info.packageName = name
        val signatures = signers.map { Signature(it) }.toTypedArray()
        @Suppress("DEPRECATION")
        info.signatures = signatures
        if (Build.VERSION.SDK_INT >= 28) {
            info.signingInfo = Shadow.newInstanceOf(SigningInfo::class.java)
            shadowOf(info.signingInfo).setSignatures(signatures)
        }
        shadowOf(context.packageManager).installPackage(info)
    }

    private fun sha256(signer: ByteArray): String =
        MessageDigest.getInstance("SHA-256").digest(signer).joinToString(":") { "%02X".format(it) }

    @Test
    fun onlyTheAppWithTheNamedCertificateMayAsk() {
        val own = byteArrayOf(1, 2, 3)
        install("com.pos", own)
        install("com.fake", byteArrayOf(4))
        val list = listOf(
            AllowedCaller.parse("com.pos=${sha256(own)}")!!,
            AllowedCaller.parse("com.fake=${sha256(own)}")!!,
            AllowedCaller.parse("com.gone=${sha256(own)}")!!,
        )
        assertTrue(Callers.allowed(context, "com.pos", list))
        for (name in listOf("com.fake", "com.gone", "com.other", "", null)) {
            assertFalse("$name", Callers.allowed(context, name, list))
        }
        assertTrue("the app itself", Callers.allowed(context, context.packageName, list))
        assertTrue("without a list", Callers.allowed(context, null, emptyList()))
    }

    /** Before Android 9, a second signer could be one that nobody checked. */
    @Test
    fun anAppOfTwoSignersIsRefusedWhereTheyCannotBeTold() {
        if (Build.VERSION.SDK_INT >= 28) return
        val own = byteArrayOf(1, 2, 3)
        install("com.pos", own, byteArrayOf(9))
        val list = listOf(AllowedCaller.parse("com.pos=${sha256(own)}")!!)
        assertFalse(Callers.allowed(context, "com.pos", list))
    }

    @Test
    fun anEntryIsAPackageAndTheWholeFingerprint() {
        val hex = "0123456789abcdef".repeat(4)
        val read = AllowedCaller.parse(" com.pos = ${hex.uppercase()} ")!!
        assertEquals("com.pos=$hex", read.written())
        for (wrong in listOf(
            "com.pos", "com.pos=", "com.pos=${hex}0", "pos=$hex", "=$hex",
            "com.pos=${"zz".repeat(32)}", "com..pos=$hex"
        )) {
            assertNull(wrong, AllowedCaller.parse(wrong))
        }
    }

    @Test
    fun wrongPinsAreAnsweredMoreAndMoreSlowly() = runBlocking {
        val hash = PinHash.parse(PinHash.of("2468")!!.written())!!
        val waits = ArrayList<Long>()
        val tries = File(folder.root, "deep/tries")

        // A pin object for each: a restart of the process begins no count anew.
        suspend fun check(pin: String) =
            RefundPin(tries) { waits.add(it) }.check(hash, pin.toCharArray())
        repeat(3) { assertFalse(check("0000")) }
        assertEquals(emptyList<Long>(), waits)
        repeat(3) { assertFalse(check("1111")) }
        assertEquals(listOf(1_000L, 2_000L, 4_000L), waits)
        assertTrue(check("2468"))
        waits.clear()
        assertFalse(check("0000"))
        assertEquals(emptyList<Long>(), waits)
    }
}
