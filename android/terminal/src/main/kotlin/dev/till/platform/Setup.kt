package dev.till.platform

import dev.till.internal.Config

/** Is everything that a terminal is set up with. */
internal class Setup(
    /** What the library is told. */
    val config: Config,
    /** What this side does by itself. */
    val guards: Guards,
    /** The language that somebody chose; null: the device's. */
    val language: String?,
)

/** Is what the library never hears of: who may ask, and what the system is asked for. */
internal class Guards(
    /** Apps that may ask; empty: any. */
    val callers: List<AllowedCaller> = emptyList(),
    /** The operator's PIN for refunds. */
    val pin: PinHash? = null,
    /** The number of the job that settles; jobs are numbered per app. */
    val jobId: Int = JOB_ID,
) {
    companion object {
        /** Unlikely to be an app's own: "till" in ASCII. */
        const val JOB_ID = 0x74696c6c
    }
}
