package dev.till

import dev.till.internal.Action
import dev.till.internal.Amount
import dev.till.internal.Answer
import dev.till.internal.CodeForm
import dev.till.internal.Event
import dev.till.internal.Extra
import dev.till.internal.HandOver
import dev.till.internal.HandOverTo
import dev.till.internal.NamedExtra
import dev.till.internal.Operation
import dev.till.internal.OperationState
import dev.till.internal.Stage
import dev.till.internal.Target
import dev.till.internal.TillError
import dev.till.internal.Word

// What the library tells, in the words of the public API. Nothing is decided here.

internal fun done(event: Event) {
    if (event is Event.Failed) throw told(event.error)
}

internal fun operations(event: Event): List<TillOperation> = when (event) {
    is Event.Operations -> event.operations.map { it.told() }
    is Event.Failed -> throw told(event.error)
    is Event.Answer, is Event.Done, is Event.Drawn, is Event.Stage -> emptyList()
}

/** Gives the result of a request; a library that failed is a refusal, since it sent nothing. */
internal fun resultOf(event: Event): TillResult = when (event) {
    is Event.Answer -> event.answer.told()
    is Event.Failed -> {
        val why = told(event.error)
        val facts = TillResult.Facts(
            requestId = "",
            metadata = emptyMap(),
            advice = Advice.CALL_SUPPORT,
            message = why.details.joinToString("; "),
            operationId = null,
            latePayment = null,
            paidAmountMinor = null,
            sandbox = false,
        )
        TillResult.Refused(facts, CODE_JOURNAL)
    }
    is Event.Operations, is Event.Done, is Event.Drawn, is Event.Stage ->
        error("a request without an answer")
}

private const val CODE_JOURNAL = 10

internal fun Answer.told(): TillResult {
    val facts = TillResult.Facts(
        requestId,
        extras.metadata(),
        Advice.entries.first { it.word() == extras.text(Names.ADVICE) },
        words,
        operation,
        extras.text(Names.LATE_PAYMENT)?.let { word ->
            LatePayment.entries.first { it.word() == word }
        },
        extras.long(Names.PAID_AMOUNT),
        extras.flag(Names.SANDBOX),
    )
    return when (extras.text(Names.OUTCOME)) {
        "approved" -> TillResult.Approved(facts, extras.text(Names.TRANSACTION).orEmpty())
        "declined" -> TillResult.Declined(facts, TillResult.Reason.DECLINED)
        "cancelled" -> TillResult.Declined(facts, TillResult.Reason.CANCELLED)
        "expired" -> TillResult.Declined(facts, TillResult.Reason.EXPIRED)
        "refused" -> TillResult.Refused(facts, code)
        // Whatever this version does not know is no reason to take money for not moved.
        else -> TillResult.Unknown(facts)
    }
}

internal fun Event.Stage.told(): TillStage = when (val stage = stage) {
    is Stage.Started -> TillStage.Started(operation, requestId, stage.amount.told())
    is Stage.CodeShown -> TillStage.CodeShown(
        operation, requestId, stage.codeValue, stage.form.told(), stage.leftMs, stage.amount.told(),
    )
    is Stage.HandedToWallet -> TillStage.HandedToWallet(operation, requestId)
    is Stage.Closing -> TillStage.Closing(operation, requestId)
    is Stage.NotConfirmed -> TillStage.NotConfirmed(operation, requestId)
    is Stage.BankSilent -> TillStage.BankSilent(operation, requestId, stage.why)
    is Stage.BankRefuses -> TillStage.BankRefuses(operation, requestId, stage.words)
}

internal fun HandOver.told(): TillHandOver = when (val what = what) {
    is HandOverTo.Sdk -> TillHandOver.Sdk(operation, String(what.payload, Charsets.UTF_8))
    is HandOverTo.Url ->
        TillHandOver.Url(operation, what.url, what.userAgent, what.acDecodeConfig)
    is HandOverTo.Form ->
        TillHandOver.Form(operation, what.url, what.fields.map { it.name to it.value })
}

internal fun TillOperation.target(): Target =
    Target(caller, requestId, if (refund) Action.REFUND else Action.PAY)

private fun Operation.told() = TillOperation(
    id,
    action == Action.REFUND,
    caller,
    requestId,
    amount.told(),
    purpose,
    rail,
    externalId,
    createdAtMs,
    state.told(),
    open,
    handedOver,
    payment,
    giveBack,
    story.map { TillOperation.Line(it.event, it.atMs) },
    answer.told(),
)

private fun OperationState.told(): TillOperation.State = when (this) {
    OperationState.CREATING -> TillOperation.State.CREATING
    OperationState.WAITING -> TillOperation.State.WAITING
    OperationState.CLOSING -> TillOperation.State.CLOSING
    OperationState.IN_DOUBT -> TillOperation.State.IN_DOUBT
    OperationState.APPROVED -> TillOperation.State.APPROVED
    OperationState.NOT_PAID -> TillOperation.State.NOT_PAID
    OperationState.REFUSED -> TillOperation.State.REFUSED
    OperationState.CLOSED -> TillOperation.State.CLOSED
    OperationState.LATE -> TillOperation.State.LATE
}

private fun CodeForm.told(): TillStage.CodeForm = when (this) {
    CodeForm.TEXT -> TillStage.CodeForm.TEXT
    CodeForm.PICTURE_URL -> TillStage.CodeForm.PICTURE_URL
    CodeForm.PICTURE -> TillStage.CodeForm.PICTURE
}

private fun Amount.told() = TillAmount(minor, currency, exponent)

private fun told(error: TillError): TillException = when (error) {
    is TillError.Configure -> TillException(TillException.Todo.CONFIGURE, emptyList())
    is TillError.CorrectConfiguration ->
        TillException(TillException.Todo.CORRECT_CONFIGURATION, error.wrong)
    is TillError.WaitForOperations ->
        TillException(TillException.Todo.WAIT_FOR_OPERATIONS, emptyList())
    is TillError.CloseOther -> TillException(TillException.Todo.CLOSE_OTHER, listOf(error.what))
    is TillError.CallSupport -> TillException(TillException.Todo.CALL_SUPPORT, listOf(error.what))
    is TillError.Retry -> TillException(TillException.Todo.RETRY, listOf(error.what))
}

/** The contract's word for one of our names, which are the same but for their case. */
private fun Enum<*>.word(): String = name.map { if (it in 'A'..'Z') it + ('a' - 'A') else it }
    .joinToString("")

internal fun List<NamedExtra>.text(name: String): String? =
    (find { it.name == name }?.value as? Extra.Text)?.text

private fun List<NamedExtra>.long(name: String): Long? =
    (find { it.name == name }?.value as? Extra.Long)?.number

private fun List<NamedExtra>.flag(name: String): Boolean =
    (find { it.name == name }?.value as? Extra.Flag)?.flag ?: false

private fun List<NamedExtra>.metadata(): Map<String, String> {
    val entries = (find { it.name == Names.METADATA }?.value as? Extra.Map)?.entries.orEmpty()
    val texts = LinkedHashMap<String, String>()
    for (entry in entries) {
        val key = entry.key as? Word.Text ?: continue
        val value = entry.value as? Word.Text ?: continue
        texts[key.text] = value.text
    }
    return texts
}
