package dev.till

import java.io.Closeable
import java.net.HttpURLConnection
import java.net.URL

/** The sandbox bank, wherever it runs. */
internal open class Bank(
    val baseUrl: String,
    val controlUrl: String,
    val rootsPem: String,
) : Closeable {
    /** Orders faults, such as `drop-answer:refund:1`. */
    fun faults(vararg faults: String) {
        post("faults", "{\"faults\":[${faults.joinToString(",") { "\"$it\"" }}]}")
    }

    fun clearFaults() {
        open("faults").run {
            requestMethod = "DELETE"
            check(responseCode == OK) { "$responseCode" }
        }
    }

    /** Sets what the customer does: `approve`, `decline`, `cancel`, `ignore`. */
    fun customer(does: String) {
        post("auto", "{\"auto\":\"$does\",\"delay_ms\":0}")
    }

    /** Gives all that the bank moved, as JSON. */
    fun ledger(): String = open("ledger").inputStream.bufferedReader().readText()

    /** Tells how often the bank moved money. */
    fun movements(): Int = Regex("\"external_id\"").findAll(ledger()).count()

    /** Lets go of the bank. */
    override fun close() = Unit

    private fun post(what: String, body: String) {
        open(what).run {
            requestMethod = "POST"
            doOutput = true
            setRequestProperty("Content-Type", "application/json")
            outputStream.use { it.write(body.toByteArray()) }
            check(responseCode == OK) { "$what: $responseCode" }
        }
    }

    private fun open(what: String): HttpURLConnection =
        (URL("$controlUrl/control/$what").openConnection() as HttpURLConnection).apply {
            setRequestProperty("X-Till-Sandbox", "1")
        }

    private companion object {
        const val OK = 200
    }
}
