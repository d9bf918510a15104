package dev.till.platform

import android.util.AtomicFile
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec

/**
 * Keeps one text, wrapped by a key of the device's keystore.
 *
 * Where the keystore does not work, the text is kept as it is, in the app's private folder, and
 * whoever asks is told so: a terminal without a configuration would be of no use to anybody.
 */
internal class Vault(private val file: File, private val keys: KeySource = Keystore) {
    /** Is what was found. */
    sealed interface Content {
        /** Nothing was kept. */
        object Nothing : Content

        /** The text. */
        class Text(val text: String, val wrapped: Boolean) : Content

        /** Something is there and cannot be read. */
        class Unreadable(val why: String) : Content
    }

    /** Reads; blocks. */
    fun read(): Content {
        Slow.note("reads settings")
        val bytes = try {
            AtomicFile(file).readFully()
        } catch (_: FileNotFoundException) {
            return Content.Nothing
        } catch (failure: IOException) {
            return Content.Unreadable("${failure.message}")
        }
        val head = HEAD.size
        if (bytes.size <= head || !bytes.copyOf(head).contentEquals(HEAD)) {
            return Content.Unreadable("the file is damaged, or of a newer version")
        }
        return when (bytes[head]) {
            PLAIN -> Content.Text(String(bytes, head + 1, bytes.size - head - 1), wrapped = false)
            WRAPPED -> try {
                Content.Text(Keystore.ask { String(unwrap(bytes)) }, wrapped = true)
            } catch (failure: KeystoreFailure) {
                Content.Unreadable("${failure.message}")
            }
            else -> Content.Unreadable("the file is of a newer version")
        }
    }

    /**
     * Writes, and gives why the keystore could not wrap it; null if it did. Blocks.
     *
     * @throws IOException if nothing can be written.
     */
    fun write(text: String): String? {
        Slow.note("writes settings")
        val plain = text.toByteArray()
        var failure: String? = null
        val bytes = try {
            // What cannot be read back is as good as lost: some keystores do that.
            Keystore.ask {
                wrap(plain).also { check(unwrap(it).contentEquals(plain)) { "reads it wrongly" } }
            }
        } catch (broken: KeystoreFailure) {
            failure = broken.message
            HEAD + PLAIN + plain
        }
        file.parentFile?.mkdirs()
        val atomic = AtomicFile(file)
        val out = atomic.startWrite()
        try {
            out.write(bytes)
            atomic.finishWrite(out)
        } catch (full: IOException) {
            atomic.failWrite(out)
            throw full
        }
        return failure
    }

    /** Forgets what is kept; blocks. */
    fun erase() {
        Slow.note("erases settings")
        AtomicFile(file).delete()
    }

    private fun wrap(plain: ByteArray): ByteArray {
        val cipher = Cipher.getInstance(CIPHER)
        cipher.init(Cipher.ENCRYPT_MODE, keys.key())
        cipher.updateAAD(HEAD)
        val nonce = cipher.iv
        return HEAD + WRAPPED + nonce.size.toByte() + nonce + cipher.doFinal(plain)
    }

    private fun unwrap(bytes: ByteArray): ByteArray {
        val start = HEAD.size + 2
        val end = start + bytes[HEAD.size + 1]
        val cipher = Cipher.getInstance(CIPHER)
        val nonce = GCMParameterSpec(TAG_BITS, bytes.copyOfRange(start, end))
        cipher.init(Cipher.DECRYPT_MODE, keys.key(), nonce)
        cipher.updateAAD(HEAD)
        return cipher.doFinal(bytes, end, bytes.size - end)
    }

    private companion object {
        const val CIPHER = "AES/GCM/NoPadding"
        const val TAG_BITS = 128
        const val PLAIN: Byte = 0
        const val WRAPPED: Byte = 1

        /** A name and the version of the format. */
        val HEAD = "till".toByteArray() + 1
    }
}
