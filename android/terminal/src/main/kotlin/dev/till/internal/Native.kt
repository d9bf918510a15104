package dev.till.internal

/** Takes the events of one call, on threads of the library. */
internal fun interface Listener {
    fun event(bytes: ByteArray)
}

/** Takes customers to the SDK or a browser, on a thread of the library. */
internal fun interface BridgeListener {
    fun handOver(bytes: ByteArray): Boolean
}

/**
 * The library. The first use loads it, which takes some milliseconds: never on a main thread.
 *
 * This package uses nothing of Android and nothing of coroutines, so that tests can keep it apart
 * from what they load anew for each Android version: a library is loaded once in a process.
 */
internal object Native {
    init {
        System.loadLibrary("till")
        if (contract() != CONTRACT) {
            throw UnsatisfiedLinkError("libtill.so is of another version than the classes")
        }
    }

    @JvmStatic
    external fun contract(): Long

    /** Begins a call and gives its handle; never blocks. */
    @JvmStatic
    external fun start(call: ByteArray, listener: Listener): Long

    /** Lets go of a call; what it began goes on. */
    @JvmStatic
    external fun cancel(handle: Long)

    /** Gives how many digits of a sum stand after the point; -1 for what is no currency. */
    @JvmStatic
    external fun exponent(currency: ByteArray): Int

    /** Sets who takes customers to the SDK or a browser; counts from the next configuring on. */
    @JvmStatic
    external fun setBridge(bridge: BridgeListener?)
}
