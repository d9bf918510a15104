package dev.till.ui

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.os.Handler
import android.util.Base64
import dev.till.TillNative
import dev.till.internal.Call
import dev.till.internal.CodeForm
import dev.till.internal.Event
import java.io.IOException
import java.net.URL
import javax.net.ssl.HttpsURLConnection
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch

/** Makes pictures of codes, off the main thread. */
internal class Pictures(private val work: CoroutineScope, private val main: Handler) {
    /** Gives the picture of a code on the main thread. */
    fun of(value: String, form: CodeForm = CodeForm.TEXT, take: (Picture) -> Unit) {
        when (form) {
            CodeForm.TEXT -> drawn(value, take)
            CodeForm.PICTURE -> made(take) { decoded(value) }
            CodeForm.PICTURE_URL -> made(take) { fetched(value) }
        }
    }

    private fun drawn(text: String, take: (Picture) -> Unit) {
        TillNative.start(Call.Draw(text)) { event ->
            val picture = (event as? Event.Drawn)?.let { Picture.Modules(it.side, it.modules) }
            main.post { take(picture ?: Picture.None) }
        }
    }

    private fun made(take: (Picture) -> Unit, make: () -> Bitmap?) {
        work.launch(Dispatchers.IO) {
            val picture = make()?.let { Picture.Image(it) } ?: Picture.None
            main.post { take(picture) }
        }
    }

    /** A picture may come with a data URL's head. */
    private fun decoded(base64: String): Bitmap? = try {
        bitmap(Base64.decode(base64.substringAfter("base64,"), Base64.DEFAULT))
    } catch (_: IllegalArgumentException) {
        null
    }

    private fun fetched(url: String): Bitmap? {
        repeat(TRIES) {
            try {
                return once(url)
            } catch (_: IOException) {
                // The network may come back before the code ends.
            }
            Thread.sleep(PAUSE_MS)
        }
        return null
    }

    private fun once(url: String): Bitmap? {
        val connection = URL(url).openConnection() as? HttpsURLConnection ?: return null
        connection.connectTimeout = TIMEOUT_MS
        connection.readTimeout = TIMEOUT_MS
        try {
            val bytes = ByteArray(BYTES_MAX)
            var length = 0
            connection.inputStream.use { input ->
                while (length < bytes.size) {
                    val read = input.read(bytes, length, bytes.size - length)
                    if (read < 0) break
                    length += read
                }
            }
            return bitmap(bytes.copyOf(length))
        } finally {
            connection.disconnect()
        }
    }

    /** Looks at the size first: a small file may be an endless picture. */
    private fun bitmap(bytes: ByteArray): Bitmap? {
        val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeByteArray(bytes, 0, bytes.size, bounds)
        val fits = bounds.outWidth in 1..SIDE_MAX && bounds.outHeight in 1..SIDE_MAX
        return if (fits) BitmapFactory.decodeByteArray(bytes, 0, bytes.size) else null
    }

    private companion object {
        const val TRIES = 4
        const val PAUSE_MS = 1_000L
        const val TIMEOUT_MS = 10_000
        const val BYTES_MAX = 1 shl 20
        const val SIDE_MAX = 4_096
    }
}
