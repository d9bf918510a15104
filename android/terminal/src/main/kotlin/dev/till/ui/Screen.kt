package dev.till.ui

import android.graphics.Bitmap
import dev.till.Advice
import dev.till.TillHandOver
import dev.till.internal.Amount

/** Is what the screen of a payment or a refund shows; made from what the library tells. */
internal sealed interface Screen {
    /** Nothing can be paid yet. */
    data class Preparing(val slow: Slow = Slow.NO) : Screen

    /** The customer can pay. */
    data class Code(
        val picture: Picture,
        /** When it ends, on the clock since boot. */
        val endsAtMs: Long,
        val note: Note? = null,
    ) : Screen

    /** The customer goes on in a wallet or browser. */
    data class Wallet(
        /** Where, if this device can take the customer there. */
        val to: TillHandOver? = null,
        /** The same as a code, once no browser took it or somebody wants it. */
        val code: Picture? = null,
        val note: Note? = null,
    ) : Screen

    /** The code is off the screen, and the bank is asked once more. */
    data object Closing : Screen

    /** The bank has not said what became of it. */
    data class Doubt(
        /** What the operator is about to say of the goods. */
        val sure: Goods? = null,
        val told: Boolean = false,
    ) : Screen

    /** The money is on its way back. */
    data class Refunding(val doubt: Boolean = false, val note: Note? = null) : Screen

    /** The operator has to prove that a refund is allowed. */
    data class Pin(val wrong: Boolean = false, val checking: Boolean = false) : Screen

    /** It is over. */
    data class Result(val end: End) : Screen

    /** Says how long nothing has come. */
    enum class Slow { NO, OFFER, URGE }

    /** Is what the operator may say of the goods. */
    enum class Goods { KEPT, GONE }
}

/** Is what is drawn where a code belongs. */
internal sealed interface Picture {
    /** A QR code. */
    class Modules(val side: Int, val dark: ByteArray) : Picture

    /** A picture that the bank made. */
    class Image(val bitmap: Bitmap) : Picture

    /** It cannot be shown here. */
    data object None : Picture
}

/** Is something small to tell beside what is shown. */
internal sealed interface Note {
    data object Silent : Note

    data class Refused(val words: String) : Note

    data object BackAgain : Note

    data object Wait : Note
}

/** Is the end of a request, for a screen. */
internal class End(
    val code: Int,
    val refund: Boolean,
    val words: String,
    val advice: Advice,
    val late: Boolean,
)

/** Is what stays the same on every screen of a request. */
internal class Frame(
    val refund: Boolean,
    val purpose: String,
    val amount: Amount?,
    val sandbox: Boolean,
    /** The language of the words, or null for the device's. */
    val language: String?,
)
