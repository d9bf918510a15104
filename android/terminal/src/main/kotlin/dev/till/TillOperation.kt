package dev.till

/** Is a payment or a refund as the journal has it. */
public class TillOperation internal constructor(
    /** The terminal's name of the operation. */
    public val id: String,
    /** Whether it is a refund. */
    public val refund: Boolean,
    /** Who asked: an app's package. */
    public val caller: String,
    /** The caller's id of the request. */
    public val requestId: String,
    /** The sum asked for. */
    public val amount: TillAmount,
    /** What a payment is for; empty for a refund. */
    public val purpose: String,
    /** The acquirer. */
    public val rail: String,
    /** The name at the bank. */
    public val externalId: String,
    /** When it was recorded, wall clock, in milliseconds. */
    public val createdAtMs: Long,
    /** What is known of it. */
    public val state: State,
    /** Whether it still needs driving. */
    public val open: Boolean,
    /** Whether its answer was handed over. */
    public val handedOver: Boolean,
    /** The payment of a refund. */
    public val paymentId: String?,
    /** Whether this is the give-back of late money, which nobody asked for. */
    public val giveBack: Boolean,
    /** What happened to it, oldest first. */
    public val story: List<Line>,
    /** What [Till.status] would tell. */
    public val result: TillResult,
) {
    /** Is one line of an operation's story. */
    public class Line internal constructor(
        /** What happened. */
        public val event: String,
        /** When, wall clock, in milliseconds. */
        public val atMs: Long,
    )

    /** Is what is known of an operation. */
    public enum class State {
        /** The calls that make it exist at the bank are under way. */
        CREATING,

        /** The customer can pay. */
        WAITING,

        /** The code is off the screen, and the bank is asked once more. */
        CLOSING,

        /** The bank did not say what became of it; only then can it be settled. */
        IN_DOUBT,

        /** The money moved, and was wanted. */
        APPROVED,

        /** The bank's final word: no money, or given back. */
        NOT_PAID,

        /** Refused before anything could have an effect. */
        REFUSED,

        /** The app was told a final answer; the money is still watched. */
        CLOSED,

        /** Money came that nobody was told of. */
        LATE,
    }
}

/** Says why something was not done. */
public class TillException internal constructor(
    /** What to do about it. */
    public val advice: Todo,
    /** What is wrong, one line each. */
    public val details: List<String>,
) : Exception("$advice: ${details.joinToString("; ")}") {
    /** Says what to do. */
    public enum class Todo {
        /** Call [Till.configure] first. */
        CONFIGURE,

        /** Correct the configuration: the details name each wrong key. */
        CORRECT_CONFIGURATION,

        /** Wait until the running operations have their results, then try again. */
        WAIT_FOR_OPERATIONS,

        /** Close the other process that writes this journal, then try again. */
        CLOSE_OTHER,

        /** Call whoever looks after the terminal. */
        CALL_SUPPORT,

        /** Try again. */
        RETRY,
    }
}
