package dev.till.internal

import java.nio.Buffer
import java.nio.ByteBuffer
import java.nio.charset.StandardCharsets.UTF_8

/** Says that bytes or text cannot cross the boundary. */
internal class BadWire(what: String) : IllegalStateException(what)

/** Reads uniffi's wire format: big endian, lengths before texts and lists. */
internal class Reader(private val bytes: ByteBuffer) {
    constructor(bytes: ByteArray) : this(ByteBuffer.wrap(bytes))

    fun bad(what: String): Nothing = throw BadWire(what)

    fun i32(): Int = bytes.getInt()

    fun i64(): Long = bytes.getLong()

    fun bool(): Boolean = when (bytes.get().toInt()) {
        0 -> false
        1 -> true
        else -> bad("bool")
    }

    fun bytes(): ByteArray = ByteArray(length()).also { bytes.get(it) }

    fun string(): String = String(bytes(), UTF_8)

    inline fun <T> opt(read: () -> T): T? = if (bool()) read() else null

    inline fun <T> list(read: () -> T): List<T> {
        val length = length()
        val list = ArrayList<T>(length)
        repeat(length) { list.add(read()) }
        return list
    }

    /** Fails if anything is left. */
    fun end() {
        if (bytes.hasRemaining()) bad("${bytes.remaining()} bytes are left")
    }

    /** Reads a length; nothing is so long that each part takes less than a byte. */
    fun length(): Int = bytes.getInt().also { if (it < 0 || it > bytes.remaining()) bad("length") }
}

/** Writes uniffi's wire format. */
internal class Writer {
    private var bytes = ByteBuffer.allocate(256)

    fun i32(v: Int) {
        room(4).putInt(v)
    }

    fun i64(v: Long) {
        room(8).putLong(v)
    }

    fun bool(v: Boolean) {
        room(1).put(if (v) 1 else 0)
    }

    fun bytes(v: ByteArray) {
        i32(v.size)
        room(v.size).put(v)
    }

    /** Writes a text; half a surrogate pair is none. */
    fun string(v: String) {
        if (hasHalfPair(v)) throw BadWire("half a surrogate pair")
        bytes(v.toByteArray(UTF_8))
    }

    inline fun <T : Any> opt(v: T?, write: (T) -> Unit) {
        bool(v != null)
        if (v != null) write(v)
    }

    inline fun <T> list(v: List<T>, write: (T) -> Unit) {
        i32(v.size)
        for (one in v) write(one)
    }

    /** Gives the bytes and wipes what is left of them here: they may hold secrets. */
    fun done(): ByteArray {
        val done = bytes.array().copyOf(bytes.position())
        bytes.array().fill(0)
        return done
    }

    /** Found before encoding, which would write a question mark for it. */
    private fun hasHalfPair(text: String): Boolean {
        var at = 0
        while (at < text.length) {
            if (text[at].isSurrogate()) {
                if (!text[at].isHighSurrogate()) return true
                at += 1
                if (at == text.length || !text[at].isLowSurrogate()) return true
            }
            at += 1
        }
        return false
    }

    private fun room(size: Int): ByteBuffer {
        if (bytes.remaining() < size) {
            val old = bytes
            bytes = ByteBuffer.allocate(maxOf(old.capacity() * 2, old.position() + size))
            // As a Buffer: ByteBuffer's own flip is newer than API 24.
            val flipped: Buffer = old
            flipped.flip()
            bytes.put(old)
            old.array().fill(0)
        }
        return bytes
    }
}
