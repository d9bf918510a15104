package dev.till

import android.app.Activity
import android.content.Context
import android.content.Intent
import dev.till.internal.Answer
import dev.till.internal.Extra
import dev.till.ui.Asked
import dev.till.ui.PaymentActivity
import dev.till.ui.put

// The intents of the terminal's own screens, for the app that they are in.

internal fun intentOf(context: Context, request: dev.till.internal.Intent): Intent =
    Intent(context, PaymentActivity::class.java).setAction(request.action).put(request.extras)

/** Null if it is no answer of ours. */
internal fun resultOf(resultCode: Int, data: Intent?): TillResult? {
    if (resultCode != Activity.RESULT_OK || data == null) return null
    val read = Asked.readNow("", data)
    val extras = read.intent.extras
    val code = (extras.find { it.name == Names.CODE }?.value as? Extra.Int)?.number
    val requestId = extras.text(Names.REQUEST_ID)
    if (!read.readable || code == null || requestId == null) return null
    val words = extras.text(Names.MESSAGE).orEmpty()
    val answer = Answer(read.intent.action, resultCode, extras, code, requestId, words, null)
    return try {
        answer.told()
    } catch (_: NoSuchElementException) {
        null
    }
}
