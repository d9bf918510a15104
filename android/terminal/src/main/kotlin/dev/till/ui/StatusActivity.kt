package dev.till.ui

import android.app.Activity
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import dev.till.Names
import dev.till.R
import dev.till.TillNative
import dev.till.callOf
import dev.till.host.Hosts
import dev.till.internal.Answer
import dev.till.internal.Event
import dev.till.internal.Refused
import dev.till.refusalOf
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/**
 * Tells the stored outcome of an earlier request; shows nothing and moves no money.
 *
 * It is translucent: an activity without any display would have to end before the journal can be
 * asked. Made anew, it asks again: a question may be asked twice.
 */
public class StatusActivity : Activity() {
    private val main = Handler(Looper.getMainLooper())
    private val work = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    override fun onCreate(savedInstanceState: Bundle?) {
        val request = takeIntent()
        setTheme(R.style.till_Status)
        super.onCreate(savedInstanceState)
        val caller = callingPackage ?: callingActivity?.packageName
        if (caller == null) return finish()
        val application = applicationContext
        work.launch {
            Hosts.present.ensureOpen(application)
            val asked = Asked.read(caller, request)
            val allowed = Hosts.present.callerAllowed(application, caller)
            val call = when {
                !asked.readable -> refusalOf(asked.intent, Refused.UNREADABLE)
                !allowed -> refusalOf(asked.intent, Refused.CALLER_NOT_ALLOWED)
                // Only a question comes in here, whatever the door was opened with.
                asked.intent.action != Names.STATUS ->
                    refusalOf(asked.intent, Refused.UNREADABLE)
                else -> callOf(asked.intent, attended = false)
            }
            val answer = when (val event = TillNative.ask(call)) {
                is Event.Answer -> event.answer
                is Event.Failed -> failed(event.error, asked.intent)
                is Event.Done, is Event.Drawn, is Event.Operations, is Event.Stage -> null
            }
            main.post { tell(answer) }
        }
    }

    private fun tell(answer: Answer?) {
        if (answer != null) setResult(RESULT_OK, answer.toIntent())
        finish()
    }

    override fun onDestroy() {
        work.cancel()
        super.onDestroy()
    }
}
