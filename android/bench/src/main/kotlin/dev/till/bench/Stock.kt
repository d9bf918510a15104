package dev.till.bench

import dev.till.Names
import java.util.concurrent.LinkedBlockingQueue
import kotlin.system.exitProcess
import uniffi.till_ffi.Action
import uniffi.till_ffi.Amount
import uniffi.till_ffi.Answer
import uniffi.till_ffi.Call
import uniffi.till_ffi.Event
import uniffi.till_ffi.Extra
import uniffi.till_ffi.Intent
import uniffi.till_ffi.Listener
import uniffi.till_ffi.NamedExtra
import uniffi.till_ffi.Operation
import uniffi.till_ffi.OperationState
import uniffi.till_ffi.StoryLine
import uniffi.till_ffi.contract
import uniffi.till_ffi.echo
import uniffi.till_ffi.start

/** The same interface over the bindings that uniffi makes for Kotlin, and JNA. */
internal fun main(arguments: Array<String>) {
    when (arguments[0]) {
        "first" -> first()
        "calls" -> calls()
        else -> error("first or calls")
    }
    exitProcess(0)
}

private fun first() {
    // The caller's own: what Kotlin's collections take to be loaded is not the library's.
    val extras = listOf(
        NamedExtra("request_id", Extra.Text("r")),
        NamedExtra("amount", Extra.Text("no number")),
    )
    val began = System.nanoTime()
    val events = LinkedBlockingQueue<Event>()
    val listener = object : Listener {
        override fun event(event: Event) {
            events.add(event)
        }
    }
    start(Call.Run(Intent("pos", Names.PAY, extras), false), listener)
    val answer = (events.take() as Event.Answer).answer
    val ns = System.nanoTime() - began
    check(answer.code == 5) { "${answer.code}" }
    tell("first", ns)
}

private fun calls() {
    tell("call", perCall { check(contract() != 0L) })
    val operation = operation()
    tell("record", perCall { check(echo(operation).createdAtMs != 0L) })
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
