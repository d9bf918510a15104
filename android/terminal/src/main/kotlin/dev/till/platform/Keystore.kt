package dev.till.platform

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.KeyStore
import java.util.concurrent.ExecutionException
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey

/** Says that the device's keystore did not do what it is there for. */
internal class KeystoreFailure(why: String, cause: Throwable? = null) : Exception(why, cause)

/** Gives the key that wraps what is kept, made when it is first needed. */
internal fun interface KeySource {
    /** Gives the key; may throw whatever a broken keystore throws. */
    fun key(): SecretKey
}

/** Asks the device's keystore, which on some terminals throws, hangs or lies. */
internal object Keystore : KeySource {
    private const val PROVIDER = "AndroidKeyStore"
    private const val ALIAS = "dev.till.settings"
    private const val KEY_BITS = 256
    private const val PATIENCE_S = 10L

    override fun key(): SecretKey {
        val store = KeyStore.getInstance(PROVIDER)
        store.load(null)
        (store.getKey(ALIAS, null) as SecretKey?)?.let { return it }
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val wanted = KeyGenParameterSpec.Builder(ALIAS, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(KEY_BITS)
            .build()
        val maker = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER)
        maker.init(wanted)
        return maker.generateKey()
    }

    /**
     * Does something with the keystore, on a thread of its own: one that hangs must not take a
     * thread of anybody else's, nor the start of the terminal.
     */
    @Suppress("SwallowedException") // An ExecutionException only wraps what is thrown on.
    fun <T> ask(patienceS: Long = PATIENCE_S, work: () -> T): T {
        val task = FutureTask(work)
        Thread(task, "till-keystore").apply { isDaemon = true }.start()
        try {
            return task.get(patienceS, TimeUnit.SECONDS)
        } catch (late: TimeoutException) {
            throw KeystoreFailure("no answer in $patienceS s", late)
        } catch (failure: ExecutionException) {
            val cause = failure.cause
            // Whatever it throws: runtime exceptions of every kind are known from real devices.
            if (cause is VirtualMachineError) throw cause
            val why = cause?.let { "${it.javaClass.simpleName}: ${it.message}" }.orEmpty()
            throw KeystoreFailure(why, failure)
        }
    }
}
