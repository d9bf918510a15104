package dev.till.bench

import java.lang.management.ManagementFactory

private const val WARM_UP = 200_000
private const val ROUNDS = 10
private const val CALLS = 20_000

/** Tells one figure, in nanoseconds. */
internal fun tell(name: String, ns: Long) {
    println("$name=$ns")
}

/** Tells how long the JVM took from its start until now. */
internal fun tellBoot() {
    val started = ManagementFactory.getRuntimeMXBean().startTime
    tell("boot", (System.currentTimeMillis() - started) * 1_000_000)
}

/** Gives what one call takes in a warm process: the median of some rounds, in nanoseconds. */
internal inline fun perCall(call: () -> Unit): Long {
    repeat(WARM_UP) { call() }
    val rounds = LongArray(ROUNDS) {
        val began = System.nanoTime()
        repeat(CALLS) { call() }
        (System.nanoTime() - began) / CALLS
    }
    rounds.sort()
    return rounds[ROUNDS / 2]
}
