package dev.till

/** Is how the terminal is set up on this device, for a settings screen or a fleet's monitor. */
public class TillHealth internal constructor(
    /** Where the configuration in use comes from. */
    public val configuredBy: Source,
    /** How kept secrets are protected. */
    public val secrets: Secrets,
    /** What the device's keystore said when it failed; null if it did not. */
    public val keystoreFailure: String?,
    /** What is wrong or was left out, one line each. */
    public val problems: List<String>,
    /** What the terminal runs with; null: it does not run. */
    public val running: Running?,
) {
    /** Is what a terminal runs with that is no secret. */
    public class Running internal constructor(
        /** The terminal's name, for people. */
        public val terminalId: String,
        /** The currency of requests that name none, ISO 4217. */
        public val currency: String,
        /** The acquirer of requests that name none. */
        public val rail: String,
        /** Whether the bank is the sandbox. */
        public val sandbox: Boolean,
    )

    /** Is where a configuration comes from. */
    public enum class Source {
        /** There is none. */
        NONE,

        /** The app called [Till.configure]. */
        APP,

        /** Whoever manages the device. */
        MANAGED,

        /** Settings that were kept on the device. */
        KEPT,
    }

    /** Is how kept secrets are protected. */
    public enum class Secrets {
        /** None are kept on this device. */
        NONE,

        /** Encrypted; the device's keystore has the key. */
        KEYSTORE,

        /**
         * The keystore does not work here: they are in the app's private folder as they are, kept
         * from other apps and from backups by the system alone.
         */
        UNWRAPPED,

        /** They were encrypted, and the keystore does not open them now. */
        UNREADABLE,
    }
}
