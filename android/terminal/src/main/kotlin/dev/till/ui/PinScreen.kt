package dev.till.ui

import android.view.Gravity
import android.view.View
import android.widget.LinearLayout
import android.widget.TextView
import dev.till.R

/** Asks for the operator's PIN on keys of its own: no keyboard learns it, none covers the sum. */
internal class PinScreen(
    private val look: Look,
    private val page: Page,
    private val screen: Screen.Pin,
    private val acts: Acts,
) {
    private val digits = CharArray(DIGITS_MAX)
    private var count = 0
    private val dots: TextView = look.text("", DOTS_SP).apply { minLines = 1 }
    private val go = look.primary("OK") { give() }.apply {
        contentDescription = look.say(R.string.till_pin_ok)
    }

    fun make(): View {
        val text = if (screen.wrong) R.string.till_pin_wrong else R.string.till_pin_text
        val colour = if (screen.wrong) R.color.till_bad else R.color.till_ink_soft
        val said = look.text(look.say(text), TEXT_SP, colour)
        said.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        changed()
        page.body(look.title(look.say(R.string.till_pin))).body(said).body(dots)
        page.figureLater(keys())
        return page
            .action(look.secondary(look.say(R.string.till_pin_cancel), acts::cancel))
            .build()
    }

    private fun keys(): View {
        val rows = LinearLayout(look.context)
        rows.orientation = LinearLayout.VERTICAL
        for (row in listOf("123", "456", "789", "<0>")) {
            val line = LinearLayout(look.context)
            for (key in row) line.addView(key(key), LinearLayout.LayoutParams(0, -2, 1f).spaced())
            rows.addView(line)
        }
        return rows
    }

    private fun LinearLayout.LayoutParams.spaced() = apply {
        val gap = look.dp(4)
        setMargins(gap, gap, gap, gap)
    }

    private fun key(key: Char): View {
        val button =
            if (key == '>') go else look.secondary(if (key == '<') "⌫" else "$key") { press(key) }
        if (key == '<') button.contentDescription = look.say(R.string.till_pin_delete)
        button.gravity = Gravity.CENTER
        button.setPadding(0, look.dp(8), 0, look.dp(8))
        button.minHeight = look.dp(if (look.tight) TIGHT_DP else KEY_DP)
        if (key != '>') button.isEnabled = !screen.checking
        return button
    }

    private fun press(key: Char) {
        when {
            key == '<' -> if (count > 0) digits[--count] = '0'
            count < DIGITS_MAX -> digits[count++] = key
        }
        changed()
    }

    private fun changed() {
        dots.text = "●".repeat(count).ifEmpty { " " }
        dots.contentDescription = count.toString()
        go.isEnabled = count >= DIGITS_MIN && !screen.checking
        go.alpha = if (go.isEnabled) 1f else FAINT
    }

    private fun give() {
        val given = digits.copyOf(count)
        digits.fill('0')
        count = 0
        changed()
        acts.pin(given)
    }

    private companion object {
        const val KEY_DP = 56
        const val TIGHT_DP = 50
        const val DIGITS_MIN = 4
        const val DIGITS_MAX = 12
        const val DOTS_SP = 26
        const val TEXT_SP = 16
        const val FAINT = .45f
    }
}
