package dev.till.ui

import android.os.Bundle
import dev.till.Names
import dev.till.internal.Extra
import dev.till.internal.Intent
import dev.till.internal.MapEntry
import dev.till.internal.NamedExtra
import dev.till.internal.Word
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.withTimeoutOrNull

/** Is a request as it was sent; nothing of it is checked but that it could be read at all. */
internal class Asked(
    val intent: Intent,
    /** Whether everything could be read; else the request is refused. */
    val readable: Boolean,
) {
    val refund: Boolean get() = intent.action == Names.REFUND

    val purpose: String
        get() = (intent.extras.find { it.name == Names.PURPOSE }?.value as? Extra.Text)?.text
            .orEmpty()

    internal companion object {
        /** No honest request comes near this; a binder transaction ends at a megabyte. */
        private const val EXTRAS_MAX = 1_000
        private const val PATIENCE_MS = 3_000L

        /**
         * Reads a request on a thread of its own: what strangers sent may run code of ours while it
         * is read, may be endless, and may end the thread's stack.
         */
        suspend fun read(caller: String, intent: android.content.Intent): Asked {
            val action = intent.action.orEmpty()
            val read = CompletableDeferred<Asked>()
            Thread(null, { read.complete(readNow(caller, intent)) }, "till-extras").apply {
                isDaemon = true
                start()
            }
            return withTimeoutOrNull(PATIENCE_MS) { read.await() }
                ?: Asked(Intent(caller, action, emptyList()), readable = false)
        }

        /**
         * Reads every extra once. On the first failure of any kind the bundle is never touched
         * again: a second read may succeed with extras missing.
         */
        fun readNow(caller: String, intent: android.content.Intent): Asked {
            val action = intent.action.orEmpty()
            val extras = ArrayList<NamedExtra>()
            val readable = try {
                val bundle = intent.extras
                if (bundle != null) readAll(bundle, extras)
                true
            } catch (_: Throwable) {
                false
            }
            return Asked(Intent(caller, action, extras), readable)
        }

        private fun readAll(bundle: Bundle, extras: ArrayList<NamedExtra>) {
            val names = bundle.keySet().toList()
            require(names.size <= EXTRAS_MAX) { "too many extras" }
            // What is echoed comes first: it is there even if one of the others cannot be read.
            val (echoed, others) =
                names.partition { it == Names.REQUEST_ID || it == Names.METADATA }
            for (name in echoed.sortedDescending() + others) {
                val value = extra(valueOf(bundle, name))
                if (name in known) extras.add(NamedExtra(name, value))
            }
        }

        /** A typed getter gives null for a wrong type, as if nothing had been sent. */
        @Suppress("DEPRECATION")
        private fun valueOf(bundle: Bundle, name: String?): Any? = bundle.get(name)

        private fun extra(value: Any?): Extra = when (value) {
            null -> Extra.Null
            is String -> Extra.Text(value)
            is Long -> Extra.Long(value)
            is Int -> Extra.Int(value)
            is Boolean -> Extra.Flag(value)
            is Map<*, *> -> Extra.Map(value.entries.map { MapEntry(word(it.key), word(it.value)) })
            else -> Extra.Foreign(value.javaClass.name)
        }

        private fun word(value: Any?): Word = when (value) {
            is String -> Word.Text(value)
            null -> Word.Foreign("null")
            else -> Word.Foreign(value.javaClass.name)
        }

        /** All names of requests and answers; what else comes means nothing here. */
        private val known = setOf(
            Names.REQUEST_ID,
            Names.METADATA,
            Names.AMOUNT,
            Names.PURPOSE,
            Names.PRIMARY_TRANSACTION,
            Names.CURRENCY,
            Names.RAIL,
            Names.CODE_VALUE,
            Names.IDEMPOTENT,
            Names.ACTION,
            Names.CODE,
            Names.TRANSACTION,
            Names.MESSAGE,
            Names.OUTCOME,
            Names.ADVICE,
            Names.LATE_PAYMENT,
            Names.PAID_AMOUNT,
            Names.SANDBOX,
        )
    }
}
