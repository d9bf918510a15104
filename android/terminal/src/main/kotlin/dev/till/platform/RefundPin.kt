package dev.till.platform

import java.io.File
import java.io.IOException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/** Compares PINs, the slower the more wrong ones came before; a restart does not help. */
internal class RefundPin(
    private val tries: File,
    private val wait: suspend (Long) -> Unit = ::delay,
) {
    suspend fun check(hash: PinHash, pin: CharArray): Boolean = turn.withLock {
        val before = withContext(Dispatchers.IO) { read() }
        if (before >= FREE) wait(minOf(MOST_MS, FIRST_MS shl minOf(before - FREE, SHIFTS)))
        withContext(Dispatchers.IO) {
            // Counted first: ending the process while it compares gives no free try.
            write(before + 1)
            hash.matches(pin).also { if (it) write(0) }
        }
    }

    private fun read(): Int = try {
        if (tries.exists()) tries.readText().toIntOrNull() ?: FREE else 0
    } catch (_: IOException) {
        FREE
    }

    private fun write(count: Int) {
        try {
            tries.parentFile?.mkdirs()
            if (count == 0) tries.delete() else tries.writeText(count.toString())
        } catch (_: IOException) {
            // A full disk makes nobody's PIN wrong.
        }
    }

    private companion object {
        /** One at a time in the process. */
        val turn = Mutex()

        /** So many wrong ones wait for nothing. */
        const val FREE = 3
        const val FIRST_MS = 1_000L
        const val MOST_MS = 30_000L
        const val SHIFTS = 5
    }
}
