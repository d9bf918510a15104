package dev.till

import android.content.Context
import android.content.Intent
import android.os.Handler
import android.os.Looper
import java.io.IOException
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch

/** Takes the outcome of a request on the main thread. */
public interface TillCallback {
    /** Something that a screen may show. */
    public fun onStage(stage: TillStage) {}

    /** The result; nothing follows. */
    public fun onResult(result: TillResult)
}

/** Takes what was asked for, or why it was not done, on the main thread. */
public interface TillReply<T> {
    /** It was done. */
    public fun onSuccess(value: T)

    /** It was not done. */
    public fun onFailure(failure: TillException)
}

/** Is a call under way. */
public fun interface TillCall {
    /** Lets go: the callback hears nothing any more. What the call began goes on. */
    public fun letGo()
}

/** The terminal for Java: callbacks on the main thread instead of coroutines. */
public object TillJava {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    /** Starts the terminal with what is set or kept on this device; see [Till.open]. */
    @JvmStatic
    public fun open(context: Context, reply: TillReply<Void?>): TillCall =
        done(reply) { Till.open(context) }

    /** Opens the journal and starts the terminal; see [Till.configure]. */
    @JvmStatic
    public fun configure(
        context: Context,
        configuration: TillConfiguration,
        reply: TillReply<Void?>,
    ): TillCall = done(reply) { Till.configure(context, configuration) }

    /**
     * Starts the terminal with settings and keeps them; see [Till.keep]. If nothing can be written,
     * the failure's advice is [TillException.Todo.CALL_SUPPORT].
     */
    @JvmStatic
    public fun keep(
        context: Context,
        settings: TillSettings,
        reply: TillReply<Void?>,
    ): TillCall = done(reply) { Till.keep(context, settings) }

    /** Gives the settings that are kept, or null; see [Till.kept]. */
    @JvmStatic
    public fun kept(context: Context, reply: TillReply<TillSettings?>): TillCall =
        ask(reply) { Till.kept(context) }

    /** Tells how the terminal is set up on this device; see [Till.health]. */
    @JvmStatic
    public fun health(context: Context, reply: TillReply<TillHealth>): TillCall =
        ask(reply) { Till.health(context) }

    /** Makes the intent of a payment's screen; see [Till.payIntent]. */
    @JvmStatic
    public fun payIntent(context: Context, request: PaymentRequest): Intent =
        Till.payIntent(context, request)

    /** Makes the intent of a refund's screen; see [Till.refundIntent]. */
    @JvmStatic
    public fun refundIntent(context: Context, request: RefundRequest): Intent =
        Till.refundIntent(context, request)

    /** Reads what such an intent brought back; see [Till.parseResult]. */
    @JvmStatic
    public fun parseResult(resultCode: Int, data: Intent?): TillResult? =
        Till.parseResult(resultCode, data)

    /** Takes a payment; see [Till.pay]. */
    @JvmStatic
    public fun pay(request: PaymentRequest, callback: TillCallback): TillCall =
        request(callback) { Till.pay(request, it) }

    /** Gives money back; see [Till.refund]. */
    @JvmStatic
    public fun refund(request: RefundRequest, callback: TillCallback): TillCall =
        request(callback) { Till.refund(request, it) }

    /** Tells the outcome of an earlier request; see [Till.status]. */
    @JvmStatic
    public fun status(requestId: String, refund: Boolean, callback: TillCallback): TillCall =
        request(callback) { Till.status(requestId, refund) }

    /** Gives a payment up; see [Till.cancel]. */
    @JvmStatic
    public fun cancel(requestId: String, callback: TillCallback): TillCall =
        request(callback) { Till.cancel(requestId) }

    /** Says what becomes of the goods; see [Till.choose]. */
    @JvmStatic
    public fun choose(operationId: String, goods: Goods, reply: TillReply<Void?>): TillCall =
        done(reply) { Till.choose(operationId, goods) }

    /** Records the operator's word for what the bank cannot decide; see [Till.settle]. */
    @JvmStatic
    public fun settle(
        operation: TillOperation,
        paid: Boolean,
        note: String,
        callback: TillCallback,
    ): TillCall = request(callback) { Till.settle(operation, paid, note) }

    /** Tells the newest operations; see [Till.history]. */
    @JvmStatic
    public fun history(limit: Int, reply: TillReply<List<TillOperation>>): TillCall =
        ask(reply) { Till.history(limit) }

    /** Looks once at everything open or watched; see [Till.resume]. */
    @JvmStatic
    public fun resume(reply: TillReply<List<TillOperation>>): TillCall =
        ask(reply) { Till.resume() }

    /** Makes a payment that is near begin faster; see [Till.warm]. */
    @JvmStatic
    public fun warm(reply: TillReply<Void?>): TillCall = done(reply) { Till.warm() }

    /** Tells how many digits of a sum stand after the point, or null; see [Till.exponent]. */
    @JvmStatic
    public fun exponent(currency: String, reply: TillReply<Int?>): TillCall =
        ask(reply) { Till.exponent(currency) }

    /** Tells that the device's network is another one; see [Till.networkChanged]. */
    @JvmStatic
    public fun networkChanged(reply: TillReply<Void?>): TillCall =
        done(reply) { Till.networkChanged() }

    /** Tells that the customer who was handed over came back; see [Till.returned]. */
    @JvmStatic
    public fun returned(operationId: String, reply: TillReply<Void?>): TillCall =
        done(reply) { Till.returned(operationId) }

    /** Stops the terminal; open operations stay in the journal; see [Till.stop]. */
    @JvmStatic
    public fun stop(reply: TillReply<Void?>): TillCall = done(reply) { Till.stop() }

    private fun request(
        callback: TillCallback,
        ask: suspend (TillStageListener) -> TillResult,
    ): TillCall {
        val main = Handler(Looper.getMainLooper())
        lateinit var job: Job
        val post = { work: () -> Unit -> main.post { if (!job.isCancelled) work() } }
        job = scope.launch(start = CoroutineStart.LAZY) {
            val result = ask { stage -> post { callback.onStage(stage) } }
            post { callback.onResult(result) }
        }
        job.start()
        return TillCall { job.cancel() }
    }

    private fun done(reply: TillReply<Void?>, work: suspend () -> Unit): TillCall = ask(reply) {
        work()
        null
    }

    private fun <T> ask(reply: TillReply<T>, ask: suspend () -> T): TillCall {
        val main = Handler(Looper.getMainLooper())
        lateinit var job: Job
        job = scope.launch(start = CoroutineStart.LAZY) {
            val told: () -> Unit = try {
                val value = ask()
                fun() { reply.onSuccess(value) }
            } catch (cancelled: CancellationException) {
                throw cancelled
            } catch (failure: TillException) {
                fun() { reply.onFailure(failure) }
            } catch (full: IOException) {
                val what = listOf("nothing can be written: ${full.message}")
                val failure = TillException(TillException.Todo.CALL_SUPPORT, what)
                failure.initCause(full)
                fun() { reply.onFailure(failure) }
            }
            main.post { if (!job.isCancelled) told() }
        }
        job.start()
        return TillCall { job.cancel() }
    }
}
