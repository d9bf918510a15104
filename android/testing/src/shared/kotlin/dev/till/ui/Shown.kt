package dev.till.ui

import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.TextView
import org.junit.Assert.assertTrue

/** Is a screen of a request, as a person before it sees and uses it. */
internal abstract class Shown(private val desk: Desk) {
    abstract val activity: PaymentActivity

    /** What the activity has set as its result; null: nothing yet. */
    abstract val resultIntent: Intent?

    abstract val resultCode: Int

    /** The person goes back as this Android does it. */
    abstract fun back()

    /** An app that has not asked for the newer way is told of Back by a call. */
    abstract fun oldBack()

    /** Another screen comes before this one, and goes. */
    abstract fun coveredAndSeen()

    /** What this screen started since it was last asked; null: nothing. */
    abstract fun started(): Intent?

    /** The system ends the screen; nobody has used it. */
    abstract fun systemEnds()

    /** The system takes the screen away, to make it anew later. */
    abstract fun takenAway(): Bundle

    /** The screen's clock goes on. */
    abstract fun later(ms: Long)

    /** Does something with views where that is allowed. */
    abstract fun <T> onMain(work: () -> T): T

    /** Gives what the POS app gets once this activity has finished. */
    protected abstract fun taken(): Intent

    val hasEnded: Boolean get() = resultIntent != null

    fun views(): List<View> = views(activity.window.decorView)

    fun texts(): List<String> = onMain {
        views().filterIsInstance<TextView>().map { it.text.toString() }
            .filter { it.isNotBlank() }
    }

    fun says(text: String): Boolean = texts().any { it.contains(text) }

    fun awaitSays(text: String): Shown = apply {
        desk.await("“$text” instead of ${texts()}") { says(text) }
    }

    inline fun <reified T : View> has(): Boolean = onMain { views().any { it is T } }

    /** Waits until the customer could scan. */
    fun awaitCode(): Shown = apply { desk.await("a code, not ${texts()}") { has<CodeView>() } }

    fun tap(text: String): Shown = apply {
        onMain {
            val button = views().filterIsInstance<Button>().first { it.text.toString() == text }
            assertTrue(button.performClick())
        }
        desk.idle()
    }

    fun awaitEnd(): Shown = apply { desk.await("an end, not ${texts()}") { hasEnded } }

    /** The person reads it and is done; gives what the POS app gets. */
    fun result(done: String = "Done"): Intent {
        awaitEnd()
        tap(done)
        assertTrue(activity.isFinishing)
        return taken()
    }

    internal companion object {
        fun views(view: View): List<View> = if (view is ViewGroup) {
            listOf(view) + (0 until view.childCount).flatMap { views(view.getChildAt(it)) }
        } else {
            listOf(view)
        }
    }
}
