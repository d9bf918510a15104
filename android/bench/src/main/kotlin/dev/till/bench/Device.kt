package dev.till.bench

import android.content.BroadcastReceiver
import android.content.Context
import android.content.ContextWrapper
import android.content.Intent
import android.content.IntentFilter
import android.net.ConnectivityManager
import android.os.Build
import android.os.Bundle
import android.os.StrictMode
import android.util.AtomicFile
import dev.till.platform.KeySource
import java.io.File
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec
import org.json.JSONObject

/**
 * Is a device without system services, on a JVM with the framework's own classes: nobody manages
 * it, no job can be ordered, and its keystore is a file.
 */
internal class Device(private val folder: File) : ContextWrapper(null) {
    /** Gives the key of this device, made when it is first asked for. */
    val keys = KeySource {
        val file = File(folder, "key")
        if (!file.exists()) file.writeBytes(KeyGenerator.getInstance(AES).generateKey().encoded)
        SecretKeySpec(file.readBytes(), AES)
    }

    /** Loads what every process of a device has from its zygote: the framework, and Java's own. */
    fun isUp() {
        check(Build.VERSION.SDK_INT > 0)
        StrictMode.noteSlowCall("starts")
        AtomicFile(File(folder, "none")).baseFile
        JSONObject("{\"a\":[]}").keys()
        Bundle().keySet()
        IntentFilter(Intent.ACTION_MAIN)
        object : BroadcastReceiver() {
            override fun onReceive(context: Context, intent: Intent) = Unit
        }
        ConnectivityManager.NetworkCallback()
        val key: SecretKey = SecretKeySpec(ByteArray(32), AES)
        val cipher = Cipher.getInstance("AES/GCM/NoPadding")
        cipher.init(Cipher.ENCRYPT_MODE, key)
        cipher.doFinal()
    }

    override fun getApplicationContext(): Context = this

    override fun getPackageName(): String = "dev.till.bench"

    override fun getNoBackupFilesDir(): File = folder

    override fun getSystemService(name: String): Any? = null

    override fun registerReceiver(receiver: BroadcastReceiver?, filter: IntentFilter?): Intent? =
        null

    private companion object {
        const val AES = "AES"
    }
}
