package dev.till.ui

import android.content.Context
import android.os.Handler
import android.os.Looper
import android.os.SystemClock
import dev.till.Names
import dev.till.TillHandOver
import dev.till.TillNative
import dev.till.callOf
import dev.till.earlierCall
import dev.till.host.Hosts
import dev.till.host.Opened
import dev.till.internal.Action
import dev.till.internal.Amount
import dev.till.internal.Answer
import dev.till.internal.Call
import dev.till.internal.Choice
import dev.till.internal.Event
import dev.till.internal.Refused
import dev.till.internal.Stage
import dev.till.internal.Target
import dev.till.refusalOf
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/**
 * Is one request under way, with what its screen shows. It outlives screens that are made anew.
 *
 * Used on the main thread only; whatever may wait happens on others, and comes back by a handler.
 */
internal class Session(private val context: Context, name: String) {
    /** What a saved state holds: the operation, or a name of this process until it is known. */
    @Volatile
    var name: String = name
        private set

    var screen: Screen = Screen.Preparing()
        private set

    /** The answer, once there is one. */
    var answer: Answer? = null
        private set

    val frame: Frame
        get() = Frame(
            refund,
            asked?.purpose.orEmpty(),
            amount,
            opened?.sandbox ?: false,
            opened?.language,
        )

    private val main = Handler(Looper.getMainLooper())
    private val work = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val pictures = Pictures(work, main)
    private var watcher: ((Session) -> Unit)? = null
    private var opened: Opened? = null
    private var asked: Asked? = null
    private var refund = false
    private var running: TillNative.Running? = null
    private var amount: Amount? = null
    private var requestId = ""
    private var operation: String? = null

    @Volatile
    private var cancelWanted = false
    private var pinsLeft = PINS
    private var toOpen: TillHandOver? = null
    private val alone = Runnable { if (watcher == null) letGo() }

    /** Begins the request: whoever may not ask, or sent what cannot be read, begins nothing. */
    fun begin(caller: String, intent: android.content.Intent) {
        refund = intent.action == Names.REFUND
        main.postDelayed({ slow(Screen.Slow.OFFER) }, OFFER_MS)
        main.postDelayed({ slow(Screen.Slow.URGE) }, URGE_MS)
        prepare(caller, intent) { request ->
            when {
                !request.readable -> refuse(Refused.UNREADABLE)
                !Hosts.present.callerAllowed(context, caller.ifEmpty { null }) ->
                    refuse(Refused.CALLER_NOT_ALLOWED)
                cancelWanted -> unlessBegun { refuse(Refused.CANCELLED) }
                refund && Hosts.present.refundNeedsPin(context) ->
                    unlessBegun { onMain { show(Screen.Pin()) } }
                else -> run()
            }
        }
        if (refund) screen = Screen.Refunding()
    }

    /** Goes on with the operation of an earlier process; nothing is begun. */
    fun again(caller: String, intent: android.content.Intent) {
        refund = intent.action == Names.REFUND
        operation = name
        if (refund) screen = Screen.Refunding()
        prepare(caller, intent) { request ->
            start(Call.Again(name, request.intent, attended = !refund))
        }
    }

    private fun prepare(
        caller: String,
        intent: android.content.Intent,
        then: suspend (Asked) -> Unit,
    ) {
        work.launch {
            val opening = Hosts.present.ensureOpen(context)
            val request = Asked.read(caller, intent)
            onMain {
                opened = opening
                asked = request
                changed()
                work.launch { then(request) }
            }
        }
    }

    private fun refuse(why: Refused) {
        val intent = asked?.intent ?: return
        start(refusalOf(intent, why))
    }

    private fun run() {
        val intent = asked?.intent ?: return
        start(callOf(intent, attended = !refund))
    }

    /**
     * Runs a request that was begun before: its money may have moved, and nothing but its own
     * outcome may be told of it. Only of one that never was can [otherwise] be true.
     */
    private suspend fun unlessBegun(otherwise: () -> Unit) {
        val intent = asked?.intent ?: return
        val question = earlierCall(intent) ?: return otherwise()
        when (val event = TillNative.ask(question)) {
            is Event.Answer -> when {
                event.answer.operation != null -> run()
                event.answer.code == NO_SUCH_REQUEST -> otherwise()
                // Nobody can tell, the request itself no more than the question.
                else -> onMain { end(event.answer.to(intent)) }
            }
            is Event.Failed -> onMain { end(failed(event.error, intent)) }
            is Event.Done, is Event.Drawn, is Event.Operations, is Event.Stage -> {}
        }
    }

    private fun start(call: Call) {
        running = TillNative.start(call) { event ->
            if (event is Event.Stage) {
                // Before anything else happens to it: a hand-over may follow at once.
                Sessions.named(this, event.operation)
                name = event.operation
            }
            onMain { take(event) }
        }
    }

    private fun take(event: Event) {
        if (answer != null) return
        when (event) {
            is Event.Stage -> {
                operation = event.operation
                requestId = event.requestId
                stage(event.stage)
                if (cancelWanted) tellCancel()
            }
            is Event.Answer -> end(event.answer)
            is Event.Failed -> end(failed(event.error, asked?.intent))
            is Event.Done, is Event.Drawn, is Event.Operations -> {}
        }
    }

    private fun stage(stage: Stage) {
        when (stage) {
            is Stage.Started -> {
                amount = stage.amount
                changed()
            }
            is Stage.CodeShown -> {
                amount = stage.amount
                val ends = SystemClock.elapsedRealtime() + stage.leftMs
                pictures.of(stage.codeValue, stage.form) { picture ->
                    val free = screen is Screen.Preparing || screen is Screen.Code
                    if (free && !cancelWanted) show(Screen.Code(picture, ends))
                }
            }
            is Stage.HandedToWallet -> if (screen !is Screen.Wallet) show(Screen.Wallet())
            is Stage.Closing -> show(Screen.Closing)
            is Stage.NotConfirmed -> doubt()
            is Stage.BankSilent -> note(Note.Silent)
            is Stage.BankRefuses -> note(Note.Refused(stage.words))
        }
    }

    private fun doubt() {
        if (refund) {
            show(Screen.Refunding(doubt = true))
        } else if (screen !is Screen.Doubt) {
            show(Screen.Doubt())
        }
    }

    private fun end(answer: Answer) {
        this.answer = answer
        answer.operation?.let {
            name = it
            Sessions.named(this, it)
        }
        show(Screen.Result(endOf(answer, refund)))
        if (watcher == null) main.postDelayed(alone, ALONE_MS)
    }

    /** Takes the customer to a page; a screen opens it, or shows it as a code. */
    fun handedTo(what: TillHandOver) {
        if (answer != null) return
        toOpen = what
        show(Screen.Wallet(what))
    }

    /** Gives a page that no screen has opened yet, once. */
    fun takePage(): TillHandOver? = toOpen.also { toOpen = null }

    /** Nothing here could open the page; one that wants a form sent cannot be a code either. */
    fun showAsCode() {
        val wallet = screen as? Screen.Wallet ?: return
        val page = wallet.to as? TillHandOver.Url ?: return returned()
        pictures.of(page.url) { picture ->
            (screen as? Screen.Wallet)?.let { show(it.copy(code = picture)) }
        }
    }

    /** The customer came back from where the address led. */
    fun returned() {
        operation?.let { tell(Call.Returned(it)) }
    }

    /** Gives the payment up: what can be paid is off the screen at once. */
    fun cancel() {
        when (screen) {
            is Screen.Preparing, is Screen.Code, is Screen.Wallet -> {
                cancelWanted = true
                show(Screen.Closing)
                tellCancel()
            }
            is Screen.Pin -> giveUpRefund()
            is Screen.Closing, is Screen.Doubt, is Screen.Refunding, is Screen.Result -> {}
        }
    }

    private fun tellCancel() {
        val caller = asked?.intent?.caller ?: return
        if (operation == null) return
        cancelWanted = false
        tell(Call.Cancel(Target(caller, requestId, Action.PAY)))
    }

    /** Says where the goods are; the answer follows. */
    fun choose(goods: Screen.Goods) {
        val operation = operation ?: return
        val choice = when (goods) {
            Screen.Goods.KEPT -> Choice.GOODS_KEPT
            Screen.Goods.GONE -> Choice.GOODS_HANDED_OVER
        }
        show(Screen.Doubt(told = true))
        tell(Call.Choose(operation, choice))
    }

    /** Asks the operator whether that is meant; null takes it back. */
    fun askGoods(goods: Screen.Goods?) {
        val doubt = screen as? Screen.Doubt ?: return
        if (!doubt.told) show(Screen.Doubt(sure = goods))
    }

    /** Checks a PIN; the digits are wiped. */
    fun pin(digits: CharArray) {
        if ((screen as? Screen.Pin)?.checking != false) return digits.fill('0')
        show(Screen.Pin(checking = true))
        work.launch {
            val right = Hosts.present.pinIsRight(context, digits)
            digits.fill('0')
            onMain {
                pinsLeft -= 1
                when {
                    right -> {
                        show(Screen.Refunding())
                        run()
                    }
                    pinsLeft > 0 -> show(Screen.Pin(wrong = true))
                    else -> giveUpRefund()
                }
            }
        }
    }

    private fun giveUpRefund() {
        show(Screen.Refunding())
        work.launch { unlessBegun { refuse(Refused.CANCELLED) } }
    }

    /** Tells a small thing beside what is shown; it goes by itself. */
    fun note(note: Note?) {
        val before = screen
        val after = when (before) {
            is Screen.Code -> before.copy(note = note)
            is Screen.Wallet -> before.copy(note = note)
            is Screen.Refunding -> before.copy(note = note)
            is Screen.Preparing, is Screen.Closing, is Screen.Doubt, is Screen.Pin,
            is Screen.Result,
            -> return
        }
        show(after)
        if (note != null) main.postDelayed({ if (screen === after) note(null) }, NOTE_MS)
    }

    private fun slow(slow: Screen.Slow) {
        if (screen is Screen.Preparing) show(Screen.Preparing(slow))
    }

    /** Lets a screen hear of changes; it must show [screen] by itself first. */
    fun watch(watcher: (Session) -> Unit) {
        main.removeCallbacks(alone)
        this.watcher = watcher
    }

    /** The screen is gone, to come back or not: whoever does not is not waited for. */
    fun unwatch(watcher: (Session) -> Unit) {
        if (this.watcher !== watcher) return
        this.watcher = null
        main.postDelayed(alone, ALONE_MS)
    }

    /** The caller has its answer, or never will: nothing more is shown. The operation goes on. */
    fun letGo() {
        main.removeCallbacks(alone)
        running?.cancel()
        work.cancel()
        Sessions.forget(this)
    }

    /** The activity finished with the answer. */
    fun delivered() {
        val answer = answer ?: return
        answer.operation?.let { tell(Call.HandedOver(it, answer.code)) }
        letGo()
    }

    private fun tell(call: Call) {
        TillNative.start(call) {}
    }

    private fun show(screen: Screen) {
        this.screen = screen
        changed()
    }

    private fun changed() {
        watcher?.invoke(this)
    }

    private fun onMain(work: () -> Unit) {
        main.post(work)
    }

    private companion object {
        /** When cancelling is offered, and when it is urged. */
        const val OFFER_MS = 8_000L
        const val URGE_MS = 30_000L
        const val NOTE_MS = 6_000L

        /** How long a screen that the system took away is waited for. */
        const val ALONE_MS = 120_000L
        const val PINS = 3
        const val NO_SUCH_REQUEST = 11
    }
}
