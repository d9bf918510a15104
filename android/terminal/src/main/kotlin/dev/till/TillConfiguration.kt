package dev.till

import android.content.Context
import dev.till.internal.Config
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

    /**
     * Makes a configuration; the currency (ISO 4217) and the acquirer are those of requests that
     * name none.
     */
    public class Builder(internal val currency: String, acquirer: Acquirer) {
        internal val acquirers = arrayListOf(acquirer)
        internal var terminalId = "T-1"
        internal var language = "en"
        internal var journalFolder: File? = null
        internal var waitMs = 120_000L
        internal var reportLatePayments = false
        internal var foreignRefunds = false
        internal var sandbox = false

        /** Adds another acquirer, for requests that name it. */
        public fun acquirer(another: Acquirer): Builder = apply { acquirers.add(another) }

        /** Names the terminal, for people. */
        public fun terminalId(id: String): Builder = apply { terminalId = id }

        /** Sets the language of messages: `en`, `ru` or `zh`. */
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

        /** Says that the bank is the sandbox: answers say so too. */
        public fun sandbox(bank: Boolean): Builder = apply { sandbox = bank }

        /** Makes the configuration. */
        public fun build(): TillConfiguration = TillConfiguration(this)
    }

    internal val isSandbox: Boolean get() = sandbox

    internal val screenLanguage: String get() = language

    internal fun journalIn(context: Context): File =
        journalFolder ?: File(context.noBackupFilesDir, "till")

    internal fun toConfig(folder: File): Config = Config(
        terminalId,
        currency,
        language,
        acquirers.first().rail,
        folder.path,
        waitMs,
        reportLatePayments,
        foreignRefunds,
        sandbox,
        acquirers.filterIsInstance<OctoAcquirer>().lastOrNull()?.toConfig(),
        acquirers.filterIsInstance<EcommpayAcquirer>().lastOrNull()?.toConfig(),
    )
}
