package dev.till.ui

import android.content.Intent
import dev.till.Advice
import dev.till.Names
import dev.till.internal.Answer
import dev.till.internal.Extra
import dev.till.internal.NamedExtra
import dev.till.internal.TillError
import dev.till.internal.Word
import dev.till.text
import java.util.UUID

/** Makes the intent that a POS app gets back. */
internal fun Answer.toIntent(): Intent = Intent(action).put(extras)

/** Gives the same words as the answer to another request of the same id. */
internal fun Answer.to(request: dev.till.internal.Intent): Answer =
    Answer(request.action, resultCode, extras, code, requestId, words, operation)

/** Adds extras as they cross between apps. */
internal fun Intent.put(extras: List<NamedExtra>): Intent {
    for (one in extras) {
        when (val value = one.value) {
            is Extra.Text -> putExtra(one.name, value.text)
            is Extra.Long -> putExtra(one.name, value.number)
            is Extra.Int -> putExtra(one.name, value.number)
            is Extra.Flag -> putExtra(one.name, value.flag)
            is Extra.Map -> putExtra(one.name, textsOf(value))
            is Extra.Foreign, is Extra.Null -> {}
        }
    }
    return this
}

private fun textsOf(map: Extra.Map): HashMap<String, String> {
    val texts = HashMap<String, String>()
    for (entry in map.entries) {
        val key = entry.key as? Word.Text ?: continue
        val value = entry.value as? Word.Text ?: continue
        texts[key.text] = value.text
    }
    return texts
}

/** Gives what a screen says about an answer. */
internal fun endOf(answer: Answer, refund: Boolean): End {
    val word = answer.extras.text(Names.ADVICE)
    val advice = Advice.entries.firstOrNull { it.name.equals(word, ignoreCase = true) }
    val late = answer.extras.any { it.name == Names.LATE_PAYMENT }
    return End(answer.code, refund, answer.words, advice ?: Advice.CALL_SUPPORT, late)
}

/** Answers a request when the library itself cannot: nothing was begun then. */
internal fun failed(error: TillError, request: dev.till.internal.Intent?): Answer {
    val words = when (error) {
        is TillError.CallSupport -> error.what
        is TillError.CloseOther -> error.what
        is TillError.Configure -> ""
        is TillError.CorrectConfiguration -> error.wrong.joinToString("; ")
        is TillError.Retry -> error.what
        is TillError.WaitForOperations -> ""
    }
    val id = request?.extras?.text(Names.REQUEST_ID)?.takeIf { it.isNotEmpty() }
        ?: UUID.randomUUID().toString()
    val extras = arrayListOf(
        NamedExtra(Names.CODE, Extra.Int(CODE_JOURNAL)),
        NamedExtra(Names.REQUEST_ID, Extra.Text(id)),
    )
    request?.extras?.find { it.name == Names.METADATA }?.let { extras.add(it) }
    extras += listOf(
        NamedExtra("error_type", Extra.Text("default_error")),
        NamedExtra(Names.MESSAGE, Extra.Text(words)),
        NamedExtra(Names.OUTCOME, Extra.Text("refused")),
        NamedExtra(Names.ADVICE, Extra.Text("call_support")),
    )
    val action = request?.action.orEmpty()
    return Answer(action, RESULT_OK, extras, CODE_JOURNAL, id, words, null)
}

private const val CODE_JOURNAL = 10
private const val RESULT_OK = -1
