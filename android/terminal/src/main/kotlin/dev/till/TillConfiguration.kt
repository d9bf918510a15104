package dev.till

import android.content.Context
import dev.till.internal.Config
import dev.till.platform.AllowedCaller
import dev.till.platform.Guards
import dev.till.platform.Opening
import dev.till.platform.PinHash
import dev.till.platform.SettingsReader
import java.io.File

/**
 * Everything that the terminal is told when it starts.
 *
 * Holds secrets: keep it no longer than needed, and never in a saved state.
 */
public class TillConfiguration private constructor(builder: Builder) {
    private val currency = builder.currency
    private val acquirers = builder.acquirers.toList()
    private val terminalId = builder.terminalId
    private val language = builder.language
    private val journalFolder = builder.journalFolder
    private val waitMs = builder.waitMs
    private val reportLatePayments = builder.reportLatePayments
    private val foreignRefunds = builder.foreignRefunds
    private val sandbox = builder.sandbox

    internal val guards = Guards(
        builder.callers.toList(),
        builder.refundPin?.let { PinHash.of(it) },
        builder.jobId,
    )
    internal val isKept = builder.kept

    /**
     * Makes a configuration; the currency (ISO 4217) and the acquirer are those of requests that
     * name none.
     */
    public class Builder(internal val currency: String, acquirer: Acquirer) {
        internal val acquirers = arrayListOf(acquirer)
        internal var terminalId = "T-1"
        internal var language: String? = null
        internal var journalFolder: File? = null
        internal var waitMs = 120_000L
        internal var reportLatePayments = false
        internal var foreignRefunds = false
        internal var sandbox = false
        internal val callers = ArrayList<AllowedCaller>()
        internal var refundPin: String? = null
        internal var jobId = Guards.JOB_ID
        internal var kept = true

        /** Adds another acquirer, for requests that name it. */
        public fun acquirer(another: Acquirer): Builder = apply { acquirers.add(another) }

        /** Names the terminal, for people. */
        public fun terminalId(id: String): Builder = apply { terminalId = id }

        /** Sets the language: `en`, `ru` or `zh`; without it, the device's if it is one of them. */
        public fun language(code: String): Builder = apply { language = code }

        /**
         * Sets the folder of the journal, which must never be backed up or restored elsewhere.
         * Without it: a folder of its own in the app's `noBackupFilesDir`.
         */
        public fun journalFolder(folder: File): Builder = apply { journalFolder = folder }

        /** Sets how long a customer is waited for, in milliseconds. */
        public fun waitMs(ms: Long): Builder = apply { waitMs = ms }

        /** Reports money that came after its payment was closed, instead of giving it back. */
        public fun reportLatePayments(report: Boolean): Builder =
            apply { reportLatePayments = report }

        /** Allows refunds of payments that another terminal took. */
        public fun foreignRefunds(allow: Boolean): Builder = apply { foreignRefunds = allow }

        /** Says that the bank is the sandbox: answers say so too, and no acquirer may be live. */
        public fun sandbox(bank: Boolean): Builder = apply { sandbox = bank }

        /**
         * Lets an app ask by intents; once one is named, no other app may. The certificate that
         * signs it is given by its SHA-256 in hex digits, with colons or without.
         *
         * @throws IllegalArgumentException if one of them cannot be right.
         */
        public fun allowCaller(packageName: String, certificateSha256: String): Builder = apply {
            val caller = AllowedCaller.parse("$packageName=$certificateSha256")
            requireNotNull(caller) { "a package, and 64 hex digits of its certificate's SHA-256" }
            callers.add(caller)
        }

        /**
         * Lets the screen ask for a PIN, 4 to 12 digits, before it gives money back.
         *
         * @throws IllegalArgumentException if it is anything else.
         */
        public fun refundPin(pin: String): Builder = apply {
            requireNotNull(PinHash.of(pin)) { "4 to 12 digits" }
            refundPin = pin
        }

        /** Numbers the job that settles, if the app has one of the usual number already. */
        public fun jobId(id: Int): Builder = apply { jobId = id }

        /** Says whether the configuration is kept for starts at which the app says nothing. */
        public fun kept(keep: Boolean): Builder = apply { kept = keep }

        /** Makes the configuration. */
        public fun build(): TillConfiguration = TillConfiguration(this)
    }

    internal val isSandbox: Boolean get() = sandbox

    internal val screenLanguage: String? get() = language

    internal fun journalIn(context: Context): File =
        journalFolder ?: Opening.usualJournal(context)

    internal fun toConfig(folder: File): Config = Config(
        terminalId,
        currency,
        language ?: SettingsReader.deviceLanguage(),
        acquirers.first().rail,
        folder.path,
        waitMs,
        reportLatePayments,
        foreignRefunds,
        sandbox,
        acquirers.filterIsInstance<OctoAcquirer>().lastOrNull()?.toConfig(),
        acquirers.filterIsInstance<EcommpayAcquirer>().lastOrNull()?.toConfig(),
        acquirers.filterIsInstance<GatewayAcquirer>().lastOrNull()?.toConfig(),
    )
}
