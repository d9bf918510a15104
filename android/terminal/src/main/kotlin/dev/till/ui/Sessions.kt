package dev.till.ui

import android.content.Context
import android.os.Handler
import android.os.Looper
import dev.till.TillHandOver
import java.util.UUID
import java.util.concurrent.ConcurrentHashMap

/**
 * Holds the requests under way in this process, so that a screen that is made anew finds its own.
 *
 * A session is named by its operation, and before that is known by a name that no other process
 * knows.
 */
internal object Sessions {
    private const val PROVISIONAL = "new:"
    private val byName = ConcurrentHashMap<String, Session>()

    /** Begins a request that an activity was started with. */
    fun begin(context: Context, caller: String, intent: android.content.Intent): Session {
        val session = Session(context.applicationContext, PROVISIONAL + UUID.randomUUID())
        byName[session.name] = session
        session.begin(caller, intent)
        return session
    }

    /**
     * Finds the request of a screen that is made anew: in this process, or else in the journal.
     * Nothing is begun; null if it never became an operation.
     */
    fun again(
        context: Context,
        name: String?,
        caller: String,
        intent: android.content.Intent,
    ): Session? {
        if (name == null) return null
        byName[name]?.let { return it }
        if (name.startsWith(PROVISIONAL)) return null
        val session = Session(context.applicationContext, name)
        byName[name] = session
        session.again(caller, intent)
        return session
    }

    fun named(session: Session, operation: String) {
        if (session.name == operation) return
        // The old name stays too: a state may have been saved with it.
        byName[operation] = session
    }

    fun forget(session: Session) {
        byName.values.removeAll { it === session }
    }

    /** Gives the customer of an operation to its screen; false if there is none. */
    fun handOver(what: TillHandOver): Boolean {
        if (what is TillHandOver.Sdk) return false
        val session = byName[what.operationId] ?: return false
        Handler(Looper.getMainLooper()).post { session.handedTo(what) }
        return true
    }

    /** Forgets everything, as the death of the process does. */
    fun dieForTests() {
        for (session in byName.values.toSet()) session.letGo()
        byName.clear()
    }

    fun count(): Int = byName.values.toSet().size
}
