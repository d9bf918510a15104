package dev.till

import java.io.BufferedReader

/** The sandbox bank as a process of its own, over TLS; it ends with this one. */
internal class Sandbox private constructor(private val process: Process, told: BufferedReader) :
    Bank(told.readLine(), told.readLine(), told.readLine().replace("\\n", "\n")) {
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
