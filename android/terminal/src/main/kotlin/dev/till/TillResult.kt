package dev.till

/** Is the outcome of a request. */
public sealed interface TillResult {
    /** What every result tells. */
    public val facts: Facts

    /** The money moved. Nothing is left to do; store [transaction], a refund needs it. */
    public class Approved internal constructor(
        override val facts: Facts,
        /** The receipt: a QPTransaction as JSON. */
        public val transaction: String,
    ) : TillResult

    /** No money moved. A new request may be made, with a new request id. */
    public class Declined internal constructor(
        override val facts: Facts,
        /** Why. */
        public val reason: Reason,
    ) : TillResult

    /**
     * Whether money moved is not known. Follow [Facts.advice]: ask [Till.status] about a payment,
     * repeat a refund with the same request id. Never take it for a no.
     */
    public class Unknown internal constructor(override val facts: Facts) : TillResult

    /** Refused before any money could move; [Facts.advice] says who has to do what. */
    public class Refused internal constructor(
        override val facts: Facts,
        /** The contract's code, 5 to 11. */
        public val code: Int,
    ) : TillResult

    /** Says why no money moved. */
    public enum class Reason {
        /** The wallet or the bank declined, or another sum was paid and given back. */
        DECLINED,

        /** The operator or the customer gave up. */
        CANCELLED,

        /** Nobody paid in time. */
        EXPIRED,
    }

    /** Is what every result tells. */
    public class Facts internal constructor(
        /** The request's id, or a generated one. */
        public val requestId: String,
        /** The request's own data. */
        public val metadata: Map<String, String>,
        /** What to do next. */
        public val advice: Advice,
        /** What a screen says, in the terminal's language. */
        public val message: String,
        /** The terminal's name of the operation; null if the request became none. */
        public val operationId: String?,
        /** What becomes of money that came after the answer. */
        public val latePayment: LatePayment?,
        /** What was paid, in minor units, where that is not what was asked for. */
        public val paidAmountMinor: Long?,
        /** Whether the bank was the sandbox. */
        public val sandbox: Boolean,
    )
}

/** Says what to do next. */
public enum class Advice {
    /** Nothing. */
    NONE,

    /** Make a new request with a new request id, if it is still wanted. */
    NEW_REQUEST,

    /** Make the same request with the same request id: no second refund is made. */
    REPEAT_SAME_REQUEST,

    /** Ask [Till.status] with the same request id. */
    ASK_STATUS,

    /** Make another request: this one cannot succeed. */
    FIX_REQUEST,

    /** Change the terminal's configuration, or the bank's. */
    CONFIGURE,

    /** Call whoever looks after the terminal. */
    CALL_SUPPORT,
}

/** Is what becomes of money that came after the answer. */
public enum class LatePayment {
    /** It is being given back. */
    REFUNDING,

    /** It was given back. */
    REFUNDED,

    /** The bank refused to give it back: somebody has to look. */
    REFUND_FAILED,

    /** It is kept: somebody has to look. */
    REPORTED,
}
