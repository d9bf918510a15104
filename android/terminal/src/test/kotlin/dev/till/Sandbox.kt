package dev.till

import java.io.BufferedReader
import java.io.Closeable
import java.net.HttpURLConnection
import java.net.URL

/** The sandbox bank, wherever it runs. */
internal open class Bank(
    val baseUrl: String,
    val controlUrl: String,
    val rootsPem: String,
) {
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

/** The sandbox bank as a process of its own, over TLS; it ends with this one. */
internal class Sandbox private constructor(private val process: Process, told: BufferedReader) :
    Bank(told.readLine(), told.readLine(), told.readLine().replace("\\n", "\n")), Closeable {
    constructor() : this(begun())

    private constructor(process: Process) : this(process, process.inputStream.bufferedReader())

    /** Where a gateway to this bank is. */
    val gatewayUrl: String = told.readLine()

    /** The token of its one terminal. */
    val gatewayToken: String = told.readLine()

    /** What its certificate hangs from, as PEM. */
    val gatewayRootsPem: String = told.readLine().replace("\\n", "\n")

    override fun close() {
        process.outputStream.close()
        process.waitFor()
    }

    private companion object {
        fun begun(): Process = ProcessBuilder(System.getProperty("till.sandbox"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
    }
}
