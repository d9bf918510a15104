package dev.till.bench

import dev.till.Names
import dev.till.internal.Action
import dev.till.internal.Amount
import dev.till.internal.Answer
import dev.till.internal.Call
import dev.till.internal.Event
import dev.till.internal.Extra
import dev.till.internal.Intent
import dev.till.internal.Listener
import dev.till.internal.NamedExtra
import dev.till.internal.Native
import dev.till.internal.Operation
import dev.till.internal.OperationState
import dev.till.internal.Reader
import dev.till.internal.StoryLine
import dev.till.internal.Writer
import dev.till.internal.call
import dev.till.internal.event
import dev.till.internal.operation
import java.io.File
import java.util.concurrent.LinkedBlockingQueue
import kotlin.system.exitProcess

/** The library as Android uses it. */
internal fun main(arguments: Array<String>) {
    when (arguments[0]) {
        "first" -> first()
        "calls" -> calls()
        "keep" -> keep(File(arguments[1]), arguments[2], File(arguments[3]))
        "code" -> code(File(arguments[1]))
        else -> error("first, calls, keep or code")
    }
    exitProcess(0)
}

/** Gives the same bytes back after Rust read and wrote them; only the measured library has it. */
internal object Echo {
    @JvmStatic
    external fun operation(bytes: ByteArray): ByteArray
}

private fun first() {
    // The caller's own: what Kotlin's collections take to be loaded is not the library's.
    val extras = listOf(
        NamedExtra("request_id", Extra.Text("r")),
        NamedExtra("amount", Extra.Text("no number")),
    )
    val began = System.nanoTime()
    val events = LinkedBlockingQueue<ByteArray>()
    val bytes = Writer().apply { call(Call.Run(Intent("pos", Names.PAY, extras), false)) }.done()
    Native.start(bytes, Listener(events::add))
    val answer = (Reader(events.take()).event() as Event.Answer).answer
    val ns = System.nanoTime() - began
    check(answer.code == 5) { "${answer.code}" }
    tellBoot()
    tell("first", ns)
}

private fun calls() {
    tell("call", perCall { check(Native.contract() != 0L) })
    val operation = operation()
    tell(
        "record",
        perCall {
            val bytes = Writer().apply { operation(operation) }.done()
            check(Reader(Echo.operation(bytes)).operation().createdAtMs != 0L)
        },
    )
}

private fun operation() = Operation(
    "0197b1e2-0000-7000-8000-000000000001",
    Action.PAY,
    "com.example.pos",
    "order-1",
    Amount(12_500, "UZS", 2),
    "Coffee",
    "octo",
    "TILL0000000000000000000001",
    1_700_000_000_000,
    true,
    OperationState.APPROVED,
    false,
    true,
    null,
    false,
    listOf(StoryLine(1, "begin", 1_700_000_000_000), StoryLine(2, "paid", 1_700_000_009_000)),
    Answer(Names.PAY, -1, listOf(NamedExtra("code", Extra.Int(0))), 0, "order-1", "", null),
)
