package dev.till.ui

import android.app.Activity
import android.content.Intent
import android.os.Handler
import android.os.Looper
import dev.till.Names
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

/** Ends an activity with the stored outcome of an earlier request; moves no money. */
internal class Question(private val activity: Activity) {
    private val main = Handler(Looper.getMainLooper())
    private val work = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    /** Asks what the activity was started with. */
    fun ask(request: Intent) {
        val caller = activity.callingPackage ?: activity.callingActivity?.packageName
        if (caller == null) return activity.finish()
        val application = activity.applicationContext
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
        if (answer != null) activity.setResult(Activity.RESULT_OK, answer.toIntent())
        activity.finish()
    }

    /** The activity is gone. */
    fun letGo() {
        work.cancel()
    }
}
