package dev.till

/** Is something that a request brings: stages, then its result. */
public sealed interface TillEvent {
    /** Something that a screen may show. */
    public class Progress internal constructor(
        /** What it is. */
        public val stage: TillStage,
    ) : TillEvent

    /** The result; nothing follows. */
    public class Finished internal constructor(
        /** What came of it. */
        public val result: TillResult,
    ) : TillEvent
}

/** Takes stages on a thread of the library; must not block. */
public fun interface TillStageListener {
    /** Takes one stage. */
    public fun onStage(stage: TillStage)
}

/** Is a step of an operation that people can see. */
public sealed interface TillStage {
    /** The terminal's name of the operation. */
    public val operationId: String

    /** The request's id, or the generated one. */
    public val requestId: String

    /** It is on disk, and the bank is being asked. */
    public class Started internal constructor(
        override val operationId: String,
        override val requestId: String,
        /** The sum. */
        public val amount: TillAmount,
    ) : TillStage

    /** The customer can pay: show this code. */
    public class CodeShown internal constructor(
        override val operationId: String,
        override val requestId: String,
        /** What the QR code holds, or a picture of it. */
        public val code: String,
        /** What [code] is. */
        public val form: CodeForm,
        /** How long to show it, in milliseconds from now. */
        public val leftMs: Long,
        /** The sum. */
        public val amount: TillAmount,
    ) : TillStage

    /** The customer was handed over to the wallet; there is nothing to show. */
    public class HandedToWallet internal constructor(
        override val operationId: String,
        override val requestId: String,
    ) : TillStage

    /** Take the code off the screen: the bank is asked once more. */
    public class Closing internal constructor(
        override val operationId: String,
        override val requestId: String,
    ) : TillStage

    /** Not confirmed yet: the bank is asked on. Whoever attends may choose with [Till.choose]. */
    public class NotConfirmed internal constructor(
        override val operationId: String,
        override val requestId: String,
    ) : TillStage

    /** The bank did not answer the last call; it is asked on. */
    public class BankSilent internal constructor(
        override val operationId: String,
        override val requestId: String,
        /** What happened. */
        public val why: String,
    ) : TillStage

    /** The bank does not accept this terminal at present; it is asked on. */
    public class BankRefuses internal constructor(
        override val operationId: String,
        override val requestId: String,
        /** The bank's words. */
        public val words: String,
    ) : TillStage

    /** Says what a code is. */
    public enum class CodeForm {
        /** The text of the QR code: draw it. */
        TEXT,

        /** The https address of a picture of the QR code. */
        PICTURE_URL,

        /** A picture of the QR code in Base64. */
        PICTURE,
    }
}

/** Is a sum of money. */
public class TillAmount internal constructor(
    /** The sum in minor units. */
    public val minor: Long,
    /** The currency, ISO 4217. */
    public val currency: String,
    /** How many of the sum's last digits stand after the point. */
    public val exponent: Int,
)

/** Takes customers to the wallet's SDK or a browser, on a thread of the library, unblocked. */
public fun interface TillBridge {
    /** Begins to hand over; false if nobody can be: the bank is asked at once what became of it. */
    public fun handOver(handOver: TillHandOver): Boolean
}

/** Is what the customer's device is given so that a payment goes on; never log it. */
public sealed interface TillHandOver {
    /** The operation; tell [Till.returned] when the customer came back. */
    public val operationId: String

    /** For the Alipay+ SDK's `handleAction`, untouched. */
    public class Sdk internal constructor(
        override val operationId: String,
        /** `sdkActionPayload`. */
        public val payload: String,
    ) : TillHandOver

    /** For the SDK's `launch` or a browser. */
    public class Url internal constructor(
        override val operationId: String,
        /** The https address. */
        public val url: String,
        /** `userAgent` of the bank's answer. */
        public val userAgent: String?,
        /** `acDecodeConfig` of the bank's answer, JSON. */
        public val acDecodeConfig: String?,
    ) : TillHandOver

    /** For a browser: a form that is submitted by itself, by POST, when it is opened. */
    public class Form internal constructor(
        override val operationId: String,
        /** The https address that it is sent to. */
        public val url: String,
        /** Names and values of its fields, in this order. */
        public val fields: List<Pair<String, String>>,
    ) : TillHandOver
}
