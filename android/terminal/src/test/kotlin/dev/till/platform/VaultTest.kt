package dev.till.platform

import android.os.Looper
import dev.till.testing.TillRunner
import java.io.File
import java.security.ProviderException
import java.security.Security
import java.util.concurrent.CountDownLatch
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** Secrets are wrapped where the keystore works, and kept, told so, where it does not. */
@RunWith(TillRunner::class)
@Config(sdk = [34])
class VaultTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val file: File get() = File(folder.root, "deep/settings")
    private val text = "{\"octo_client_secret\":\"s3cret-Я\"}"

    @Test
    fun whatIsKeptIsWrappedAndReadBack() {
        val vault = Vault(file, oneKey())
        assertTrue(vault.read() is Vault.Content.Nothing)
        assertNull(vault.write(text))
        assertFalse(String(file.readBytes(), Charsets.ISO_8859_1).contains("s3cret"))
        val content = vault.read() as Vault.Content.Text
        assertEquals(text, content.text)
        assertTrue(content.wrapped)
        vault.erase()
        assertTrue(vault.read() is Vault.Content.Nothing)
    }

    @Test
    fun aKeystoreThatThrowsLeavesItUnwrappedAndIsTold() {
        val broken = listOf(
            KeySource { throw ProviderException("Keystore operation failed") },
            KeySource { throw NullPointerException() },
            KeySource { throw NoClassDefFoundError("android/security/KeyStore") },
            // It gives another key each time: what it wrapped is lost.
            KeySource { randomKey() },
        )
        for (keys in broken) {
            val vault = Vault(file, keys)
            assertNotNull(vault.write(text))
            val content = vault.read() as Vault.Content.Text
            assertEquals(text, content.text)
            assertFalse(content.wrapped)
        }
    }

    @Test
    fun aKeystoreThatHangsIsWaitedForOnlySoLong() {
        val never = CountDownLatch(1)
        val failure = assertThrows(KeystoreFailure::class.java) {
            Keystore.ask(patienceS = 1) { never.await() }
        }
        assertEquals("no answer in 1 s", failure.message)
    }

    @Test
    fun aKeyThatIsGoneLaterIsTold() {
        assertNull(Vault(file, oneKey()).write(text))
        val content = Vault(file, oneKey()).read()
        assertTrue(content is Vault.Content.Unreadable)
    }

    @Test
    fun aDamagedFileIsNeverTakenForSettings() {
        val vault = Vault(file, oneKey())
        vault.write(text)
        val whole = file.readBytes()
        for (at in 0 until whole.size) {
            // The kind may become "plain": then what is read is no JSON, which is told as well.
            val damaged = whole.copyOf().also { it[at] = (it[at] + 1).toByte() }
            file.writeBytes(damaged)
            val read = vault.read()
            assertFalse("byte $at", read is Vault.Content.Text && read.text == text)
            file.writeBytes(whole.copyOf(at))
            assertFalse("cut at $at", vault.read() is Vault.Content.Text)
        }
    }

    /** The real way to the keystore, with Java's own interfaces under it. */
    @Test
    fun theKeyIsMadeOnceAndFoundAgain() {
        val missing = assertThrows(KeystoreFailure::class.java) {
            Keystore.ask { Keystore.key() }
        }
        assertTrue(missing.message!!.contains("AndroidKeyStore"))
        val provider = StandIn()
        Security.addProvider(provider)
        try {
            val vault = Vault(file)
            assertNull(vault.write(text))
            assertTrue((Vault(file).read() as Vault.Content.Text).wrapped)
            assertEquals(1, StandIn.made)
            assertEquals(setOf("dev.till.settings"), StandIn.kept.keys)
        } finally {
            Security.removeProvider(provider.name)
        }
    }

    @Test
    fun theKeystoreIsNeverAskedOnAMainThread() {
        var main = true
        val keys = KeySource {
            main = Looper.myLooper() == Looper.getMainLooper()
            randomKey()
        }
        Vault(file, keys).write(text)
        assertFalse(main)
    }
}
