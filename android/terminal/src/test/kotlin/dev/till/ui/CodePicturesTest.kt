package dev.till.ui

import android.graphics.Bitmap
import android.os.Handler
import android.os.Looper
import android.util.Base64
import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import dev.till.internal.CodeForm
import dev.till.testing.TillRunner
import java.io.ByteArrayOutputStream
import java.io.File
import java.net.InetAddress
import java.net.InetSocketAddress
import java.security.KeyStore
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.HttpsURLConnection
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Codes that come as pictures, or as the address of one: shown as they are, or not at all. */
@RunWith(TillRunner::class)
@Config(sdk = [34])
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class CodePicturesTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val work = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val pictures = Pictures(work, Handler(Looper.getMainLooper()))
    private val usual = HttpsURLConnection.getDefaultSSLSocketFactory()
    private val threads = Executors.newSingleThreadExecutor()
    private var server: HttpsServer? = null

    @After
    fun stop() {
        HttpsURLConnection.setDefaultSSLSocketFactory(usual)
        server?.stop(0)
        threads.shutdownNow()
    }

    private fun png(width: Int, height: Int = width): ByteArray {
        val bytes = ByteArrayOutputStream()
        Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
            .compress(Bitmap.CompressFormat.PNG, 100, bytes)
        return bytes.toByteArray()
    }

    private fun base64(bytes: ByteArray, flags: Int = Base64.NO_WRAP) =
        Base64.encodeToString(bytes, flags)

    private fun shown(value: String, form: CodeForm): Picture {
        var taken: Picture? = null
        pictures.of(value, form) {
            assertSame(Looper.getMainLooper(), Looper.myLooper())
            taken = it
        }
        val end = System.nanoTime() + 60_000_000_000L
        while (taken == null) {
            shadowOf(Looper.getMainLooper()).idle()
            assertTrue("in time", System.nanoTime() < end)
            Thread.sleep(2)
        }
        return taken!!
    }

    private fun widthOf(picture: Picture): Int = (picture as Picture.Image).bitmap.width

    @Test
    fun aPictureIsShownAsItCame() {
        val png = png(45)
        for (text in listOf(
            base64(png),
            "data:image/png;base64," + base64(png),
            base64(png, Base64.DEFAULT),
        )) {
            assertEquals(45, widthOf(shown(text, CodeForm.PICTURE)))
        }
    }

    @Test
    fun whatIsNoPictureIsNone() {
        val huge = png(4_097, 1)
        for (text in listOf("", "?", base64("no picture".toByteArray()), base64(huge))) {
            assertSame(text.take(20), Picture.None, shown(text, CodeForm.PICTURE))
        }
    }

    /** Serves pictures over HTTPS, with a certificate that this process trusts. */
    private fun serve(answer: (HttpExchange) -> Unit): String {
        val keys = keys()
        val password = PASSWORD.toCharArray()
        val ours = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
        ours.init(keys, password)
        val trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
        trusted.init(keys)
        val tls = SSLContext.getInstance("TLS")
        tls.init(ours.keyManagers, trusted.trustManagers, null)
        HttpsURLConnection.setDefaultSSLSocketFactory(tls.socketFactory)
        val here = InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
        val server = HttpsServer.create(here, 0)
        server.httpsConfigurator = HttpsConfigurator(tls)
        server.executor = threads
        server.createContext("/") { exchange -> exchange.use(answer) }
        server.start()
        this.server = server
        return "https://127.0.0.1:${server.address.port}/code.png"
    }

    private fun HttpExchange.use(answer: (HttpExchange) -> Unit) = try {
        answer(this)
    } finally {
        close()
    }

    private fun keys(): KeyStore {
        val file = File(folder.root, "keys.p12")
        val tool = File(System.getProperty("java.home"), "bin/keytool").path
        val made = ProcessBuilder(
            tool, "-genkeypair", "-keystore", file.path, "-storetype", "PKCS12",
            "-storepass", PASSWORD, "-alias", "a", "-keyalg", "EC", "-dname", "CN=bank",
            "-ext", "san=ip:127.0.0.1", "-validity", "2",
        ).redirectErrorStream(true).start()
        val said = made.inputStream.bufferedReader().readText()
        assertEquals(said, 0, made.waitFor())
        return KeyStore.getInstance(file, PASSWORD.toCharArray())
    }

    private fun HttpExchange.give(status: Int, body: ByteArray) {
        sendResponseHeaders(status, body.size.toLong())
        responseBody.write(body)
    }

    @Test
    fun anAddressIsFetchedAgainUntilThePictureComes() {
        val asked = AtomicInteger()
        val url = serve {
            val there = asked.incrementAndGet() == 3
            if (there) it.give(200, png(33)) else it.give(503, ByteArray(1))
        }
        assertEquals(33, widthOf(shown(url, CodeForm.PICTURE_URL)))
        assertEquals(3, asked.get())
    }

    @Test
    fun whatComesIsReadUpToAMegabyte() {
        val asked = AtomicInteger()
        val url = serve {
            asked.incrementAndGet()
            it.give(200, ByteArray(3 shl 20))
        }
        assertSame(Picture.None, shown(url, CodeForm.PICTURE_URL))
        assertEquals("what is no picture does not become one", 1, asked.get())
    }

    @Test
    fun onlyHttpsIsFetched() {
        for (url in listOf("http://127.0.0.1:1/x.png", "file:///etc/hosts", "x", "")) {
            assertSame(url, Picture.None, shown(url, CodeForm.PICTURE_URL))
        }
    }

    private companion object {
        const val PASSWORD = "secret"
    }
}
