package dev.till

import android.content.Context
import android.content.Intent
import dev.till.host.AppHost
import dev.till.internal.Action
import dev.till.internal.Answer
import dev.till.internal.Call
import dev.till.internal.Choice
import dev.till.internal.Event
import dev.till.internal.Native
import dev.till.internal.Target
import dev.till.platform.Bridges
import dev.till.platform.Opening
import java.io.IOException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/**
 * The payment terminal of this process.
 *
 * Every function may be called on a main thread: none blocks. Cancelling a coroutine that waits for
 * a payment or a refund does not cancel the operation: it goes on, its outcome is in the journal,
 * and [status] tells it. To give a payment up, use [cancel].
 *
 * From Java: [TillJava].
 */
public object Till {
    /** The version of this library. */
    public const val VERSION: String = "0.1.0"

    /** The action of the app's own activity that opens when somebody taps the terminal's icon. */
    public const val ACTION_HOME: String = "dev.till.terminal.action.HOME"

    @Volatile
    private var caller = ""

    /**
     * Opens the journal and starts the terminal with what whoever manages the device has set for
     * this app, else with what was kept here; goes on with what was open when the process ended.
     * Call it, or [start], whenever the process starts.
     *
     * @throws TillException with [TillException.Todo.CONFIGURE] if there is no configuration.
     */
    public suspend fun open(context: Context) {
        named(context)
        Opening.open(context)
    }

    /**
     * Begins to make everything ready, and returns at once: the library, the journal, a connection
     * and a token at the bank. Call it first thing, such as in `Application.onCreate`; whatever is
     * asked meanwhile waits for it. Says nothing if it fails: who asks later is told.
     */
    @JvmStatic
    public fun start(context: Context) {
        named(context)
        Opening.scope.launch {
            Opening.open(context)
            warm()
        }
    }

    /**
     * Opens the journal and starts the terminal; goes on with what was open when the process ended.
     * With the same configuration as before it changes nothing. Keeps the configuration for starts
     * at which nobody configures: those of the job that settles, and of a screen of its own.
     *
     * @throws TillException whose [TillException.advice] says what to do about it.
     */
    public suspend fun configure(context: Context, configuration: TillConfiguration) {
        named(context)
        try {
            Opening.configure(context, configuration)
            AppHost.configured(configuration, null)
        } catch (failure: TillException) {
            AppHost.configured(configuration, failure)
            throw failure
        }
    }

    /**
     * Checks settings, starts the terminal with them and keeps them, wrapped by a key of the
     * device's keystore. On a device that somebody manages they are kept, but not used.
     *
     * @throws TillException that names each wrong setting; then nothing is kept.
     * @throws IOException if nothing can be written.
     */
    public suspend fun keep(context: Context, settings: TillSettings) {
        named(context)
        Opening.keep(context, settings)
    }

    /** Gives the settings that are kept; null if there are none, or they cannot be read. */
    public suspend fun kept(context: Context): TillSettings? = Opening.kept(context)

    /** Tells how the terminal is set up on this device. */
    public suspend fun health(context: Context): TillHealth = Opening.health(context)

    /** Takes a payment; returns when its outcome is known, or certainly not known. */
    public suspend fun pay(
        request: PaymentRequest,
        onStage: TillStageListener? = null,
    ): TillResult = result(request.toCall(caller), onStage)

    /** Gives money back; returns when its outcome is known, or certainly not known. */
    public suspend fun refund(
        request: RefundRequest,
        onStage: TillStageListener? = null,
    ): TillResult = result(request.toCall(caller), onStage)

    /**
     * Makes the intent that takes a payment on the terminal's own screen; start it for a result,
     * and give that to [parseResult]. The manifest has to declare `dev.till.ui.PaymentActivity`.
     */
    public fun payIntent(context: Context, request: PaymentRequest): Intent =
        intentOf(context, request.toIntent(context.packageName))

    /** Makes the intent that gives money back on the terminal's own screen; see [payIntent]. */
    public fun refundIntent(context: Context, request: RefundRequest): Intent =
        intentOf(context, request.toIntent(context.packageName))

    /**
     * Reads what an intent of this library brought back. Null means that the terminal could not
     * answer, never that nothing was paid: ask [status].
     */
    public fun parseResult(resultCode: Int, data: Intent?): TillResult? =
        resultOf(resultCode, data)

    /** Takes a payment while it is collected: its stages, then its result. */
    public fun payment(request: PaymentRequest): Flow<TillEvent> = events(request.toCall(caller))

    /** Gives money back while it is collected: its stages, then its result. */
    public fun refunding(request: RefundRequest): Flow<TillEvent> = events(request.toCall(caller))

    /**
     * Tells the outcome of this app's newest payment or refund with this id; asks the bank first if
     * it is in doubt. Moves no money.
     */
    public suspend fun status(requestId: String, refund: Boolean = false): TillResult =
        resultOf(TillNative.ask(statusCall(caller, requestId, refund)))

    /** Gives a payment up: its code is worthless from then on, and the bank has the last word. */
    public suspend fun cancel(requestId: String): TillResult =
        resultOf(TillNative.ask(Call.Cancel(Target(caller, requestId, Action.PAY))))

    /**
     * Says what becomes of the goods while a payment is [TillStage.NotConfirmed]; only for payments
     * that were requested as attended.
     */
    public suspend fun choose(operationId: String, goods: Goods) {
        val choice = when (goods) {
            Goods.KEPT -> Choice.GOODS_KEPT
            Goods.HANDED_OVER -> Choice.GOODS_HANDED_OVER
        }
        done(TillNative.ask(Call.Choose(operationId, choice)))
    }

    /**
     * Records the operator's word for an operation that the bank cannot decide, after the bank was
     * asked once more; tells what holds now.
     */
    public suspend fun settle(operation: TillOperation, paid: Boolean, note: String): TillResult =
        resultOf(TillNative.ask(Call.Settle(operation.target(), paid, note)))

    /**
     * Tells the newest operations, newest first, of any app.
     *
     * @throws TillException if the journal cannot be read.
     */
    public suspend fun history(limit: Int = 50): List<TillOperation> =
        operations(TillNative.ask(Call.History(limit)))

    /**
     * Looks once at everything open or watched, and tells it.
     *
     * @throws TillException if the journal cannot be read.
     */
    public suspend fun resume(): List<TillOperation> = operations(TillNative.ask(Call.Resume))

    /** Makes a payment that is near begin faster: call it when a basket fills. */
    public suspend fun warm() {
        done(TillNative.ask(Call.Warm))
    }

    /**
     * Tells how many digits of a sum in minor units stand after the point, as the banks count them;
     * null for what is no currency, ISO 4217.
     */
    public suspend fun exponent(currency: String): Int? = withContext(Dispatchers.IO) {
        try {
            Native.exponent(currency.toByteArray()).takeIf { it >= 0 }
        } catch (_: LinkageError) {
            // Without the library nothing else works either, and says why.
            null
        }
    }

    /** Tells that the device's network is another one, so that no dead connection is used. */
    public suspend fun networkChanged() {
        done(TillNative.ask(Call.NetworkChanged))
    }

    /**
     * Sets who takes customers to the wallet's SDK or a browser; set it before [configure] or
     * [open]. With null nobody does, and a scanned code is refused: code 6. The same holds after
     * [configure] if this was never called; after [open], the library's own screens hand over then.
     */
    @JvmStatic
    public fun setBridge(bridge: TillBridge?) {
        Bridges.decided()
        usualBridge(bridge)
    }

    internal fun usualBridge(bridge: TillBridge?) {
        TillNative.setBridge(bridge?.let { taker -> { what -> taker.handOver(what.told()) } })
    }

    /** Tells that the customer who was handed over came back, whatever the wallet said. */
    public suspend fun returned(operationId: String) {
        done(TillNative.ask(Call.Returned(operationId)))
    }

    /** Stops the terminal; open operations stay in the journal. */
    public suspend fun stop() {
        AppHost.stopped()
        Opening.stopped()
        done(TillNative.ask(Call.Stop))
    }

    private fun named(context: Context) {
        caller = context.packageName
    }

    private suspend fun result(call: Call, onStage: TillStageListener?): TillResult {
        val event = TillNative.ask(call) { stage -> onStage?.onStage(stage.told()) }
        if (event is Event.Answer) handedOver(event.answer)
        return resultOf(event)
    }

    private fun events(call: Call): Flow<TillEvent> = TillNative.events(call).map { event ->
        if (event is Event.Stage) {
            TillEvent.Progress(event.told())
        } else {
            if (event is Event.Answer) handedOver(event.answer)
            TillEvent.Finished(resultOf(event))
        }
    }

    /** Notes that the caller has its answer: the same request is a new payment from then on. */
    private fun handedOver(answer: Answer) {
        val operation = answer.operation ?: return
        TillNative.start(Call.HandedOver(operation, answer.code)) {}
    }
}

/** Is what becomes of the goods while a payment is in doubt. */
public enum class Goods {
    /** They stay: money that comes later is given back. */
    KEPT,

    /** They went: money that comes later is reported. */
    HANDED_OVER,
}
