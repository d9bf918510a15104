package dev.till

import dev.till.internal.BadWire
import dev.till.internal.Reader
import dev.till.internal.Writer
import dev.till.internal.call
import dev.till.internal.event
import dev.till.internal.handOver
import java.io.DataInputStream
import java.io.File
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

/** Every type that Rust wrote with random values is read, and written again to the same bytes. */
class WireTest {
    private fun samples(): List<Pair<Int, ByteArray>> {
        val file = File(System.getProperty("till.out"), "wire-samples.bin")
        val list = ArrayList<Pair<Int, ByteArray>>()
        DataInputStream(file.inputStream().buffered()).use { input ->
            while (true) {
                val kind = input.read()
                if (kind < 0) break
                list.add(kind to ByteArray(input.readInt()).also(input::readFully))
            }
        }
        return list
    }

    private fun again(kind: Int, bytes: ByteArray): ByteArray {
        val reader = Reader(bytes)
        val writer = Writer()
        when (kind) {
            0 -> writer.call(reader.call())
            1 -> writer.event(reader.event())
            else -> writer.handOver(reader.handOver())
        }
        reader.end()
        return writer.done()
    }

    @Test
    fun whatRustWroteIsReadAndWrittenTheSame() {
        val samples = samples()
        assertEquals(6_000, samples.size)
        for ((kind, bytes) in samples) assertArrayEquals(bytes, again(kind, bytes))
        // A sealed type's number is its first four bytes: 15 calls, 6 events.
        val kinds = { kind: Int ->
            samples.filter { it.first == kind }.map { it.second[3] }.toSet()
        }
        assertEquals(listOf(15, 6), listOf(kinds(0).size, kinds(1).size))
    }

    @Test
    fun whatIsCutShortIsRefused() {
        for ((kind, bytes) in samples().take(300)) {
            for (length in bytes.indices) {
                assertThrows(RuntimeException::class.java) { again(kind, bytes.copyOf(length)) }
            }
        }
    }

    @Test
    fun halfASurrogatePairIsNoText() {
        for (text in listOf("\ud83d", "a\ude00", "\ude00\ud83d", "\ud83d\ud83d\ude00")) {
            assertThrows(BadWire::class.java) { Writer().string(text) }
        }
        val whole = "a\ud83d\ude00\u0000Я"
        assertEquals(whole, Reader(Writer().apply { string(whole) }.done()).string())
    }
}
