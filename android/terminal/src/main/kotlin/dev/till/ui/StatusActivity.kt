package dev.till.ui

import android.app.Activity
import android.os.Bundle
import dev.till.R

/**
 * Tells the stored outcome of an earlier request; shows nothing and moves no money.
 *
 * It is translucent: an activity without any display would have to end before the journal can be
 * asked. Made anew, it asks again: a question may be asked twice.
 */
public class StatusActivity : Activity() {
    private val question = Question(this)

    override fun onCreate(savedInstanceState: Bundle?) {
        val request = takeIntent()
        setTheme(R.style.till_Status)
        super.onCreate(savedInstanceState)
        question.ask(request)
    }

    override fun onDestroy() {
        question.letGo()
        super.onDestroy()
    }
}
