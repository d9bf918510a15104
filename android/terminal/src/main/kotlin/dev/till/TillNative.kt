package dev.till

import dev.till.internal.BridgeListener
import dev.till.internal.Call
import dev.till.internal.Event
import dev.till.internal.HandOver
import dev.till.internal.Listener
import dev.till.internal.Native
import dev.till.internal.Reader
import dev.till.internal.TillError
import dev.till.internal.Writer
import dev.till.internal.call
import dev.till.internal.event
import dev.till.internal.handOver
import java.util.concurrent.Executor
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.coroutines.resume
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.buffer
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.suspendCancellableCoroutine

/**
 * The library's calls as suspend functions and flows.
 *
 * Whoever begins a call may be a main thread: loading, writing and reading bytes happen on a thread
 * of this object's, one call after the other, so that they begin in the order in which they came.
 */
internal object TillNative {
    private val order: Executor =
        ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, LinkedBlockingQueue()) { work ->
            Thread(work, "till-order").apply { isDaemon = true }
        }.apply { allowCoreThreadTimeOut(true) }

    /** Is a call under way. */
    internal class Running(private val take: (Event) -> Unit) {
        private val ended = AtomicBoolean()
        private var handle = 0L

        internal fun begin(call: Call) {
            if (ended.get()) return
            val bytes = Writer().apply { call(call) }.done()
            try {
                handle = Native.start(bytes, Listener { tell(it) })
            } finally {
                bytes.fill(0)
            }
        }

        /** Lets go: nothing is heard any more. What the call began goes on. */
        internal fun cancel() {
            if (ended.getAndSet(true)) return
            order.execute { if (handle != 0L) Native.cancel(handle) }
        }

        internal fun fail(failure: Throwable) {
            end(Event.Failed(TillError.CallSupport(wordsOf(failure))))
        }

        private fun tell(bytes: ByteArray) {
            if (ended.get()) return
            val event = try {
                Reader(bytes).run { event().also { end() } }
            } catch (failure: RuntimeException) {
                return fail(failure)
            }
            if (event is Event.Stage) take(event) else end(event)
        }

        private fun end(event: Event) {
            if (!ended.getAndSet(true)) take(event)
        }
    }

    /** Begins a call; [take] gets its events on threads of the library and must not block. */
    fun start(call: Call, take: (Event) -> Unit): Running {
        val running = Running(take)
        order.execute {
            // An app whose library is missing or of another version must not crash for it.
            try {
                running.begin(call)
            } catch (failure: LinkageError) {
                running.fail(failure)
            } catch (failure: RuntimeException) {
                running.fail(failure)
            }
        }
        return running
    }

    /** Makes a call and gives its last event. */
    suspend fun ask(call: Call, onStage: (Event.Stage) -> Unit = {}): Event =
        suspendCancellableCoroutine { waiting ->
            val running = start(call) { event ->
                if (event is Event.Stage) onStage(event) else waiting.resume(event)
            }
            waiting.invokeOnCancellation { running.cancel() }
        }

    /** Makes a call when it is collected; gives its events, the last one included. */
    fun events(call: Call): Flow<Event> = callbackFlow {
        val running = start(call) { event ->
            trySend(event)
            if (event !is Event.Stage) close()
        }
        awaitClose { running.cancel() }
    }.buffer(Channel.UNLIMITED)

    /** Sets who takes customers to the SDK or a browser; counts from the next configuring on. */
    fun setBridge(bridge: ((HandOver) -> Boolean)?) {
        order.execute {
            val listener = bridge?.let { take ->
                BridgeListener { bytes -> take(Reader(bytes).run { handOver().also { end() } }) }
            }
            try {
                Native.setBridge(listener)
            } catch (_: LinkageError) {
                // Each call says so by itself.
            }
        }
    }

    private fun wordsOf(failure: Throwable): String =
        if (failure is LinkageError) {
            "the library libtill.so cannot be loaded: ${failure.message}"
        } else {
            "the library and its classes do not understand each other: ${failure.message}"
        }
}
