package dev.till

import java.io.BufferedReader
import java.io.Closeable
import java.net.HttpURLConnection
import java.net.URL

/** The sandbox bank as a process of its own, over TLS; it ends with this one. */
internal class Sandbox : Closeable {
    private val process: Process =
        ProcessBuilder(System.getProperty("till.sandbox"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
    private val told: BufferedReader = process.inputStream.bufferedReader()

    val baseUrl: String = told.readLine()
    private val controlUrl: String = told.readLine() + "/control/"
    val rootsPem: String = told.readLine().replace("\\n", "\n")

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

    override fun close() {
        process.outputStream.close()
        process.waitFor()
    }

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
        (URL(controlUrl + what).openConnection() as HttpURLConnection).apply {
            setRequestProperty("X-Till-Sandbox", "1")
        }

    private companion object {
        const val OK = 200
    }
}
