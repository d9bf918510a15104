package dev.till.ui

import android.graphics.Canvas
import android.graphics.Paint
import android.os.SystemClock
import android.view.Gravity
import android.view.View
import android.widget.LinearLayout
import android.widget.TextView
import dev.till.R
import java.util.Locale

/** Counts down to an end on the clock since boot; spoken only now and then. */
internal class CountdownView(private val look: Look, private val endsAtMs: Long) :
    LinearLayout(look.context) {
    private val figures: TextView = look.soft("", SP).apply {
        typeface = Look.medium
        fontFeatureSettings = "tnum"
    }
    private val bar = BarView()
    private val from = left()
    private val tick = object : Runnable {
        override fun run() {
            show()
            if (left() > 0) postDelayed(this, left() % SECOND_MS + 1)
        }
    }

    init {
        orientation = VERTICAL
        gravity = Gravity.CENTER_HORIZONTAL
        addView(figures)
        addView(bar, LayoutParams(look.dp(BAR_DP), look.dp(4)).apply { topMargin = look.dp(8) })
        show()
    }

    override fun onAttachedToWindow() {
        super.onAttachedToWindow()
        tick.run()
    }

    override fun onDetachedFromWindow() {
        removeCallbacks(tick)
        super.onDetachedFromWindow()
    }

    private fun left(): Long = maxOf(0, endsAtMs - SystemClock.elapsedRealtime())

    private fun show() {
        val seconds = ((left() + SECOND_MS - 1) / SECOND_MS).toInt()
        val time = String.format(Locale.ROOT, "%d:%02d", seconds / MINUTE, seconds % MINUTE)
        figures.text = look.say(R.string.till_time_left, time)
        figures.contentDescription = look.count(R.plurals.till_seconds_left, seconds)
        if (seconds in SPOKEN) announceForAccessibility(figures.contentDescription)
        bar.share = if (from > 0) left().toFloat() / from else 0f
        bar.invalidate()
    }

    private inner class BarView : View(look.context) {
        var share = 1f
        private val full = Paint(Paint.ANTI_ALIAS_FLAG).apply {
            color = look.colour(R.color.till_line)
        }
        private val rest = Paint(Paint.ANTI_ALIAS_FLAG).apply {
            color = look.colour(R.color.till_accent)
        }

        override fun onDraw(canvas: Canvas) {
            val round = height / 2f
            canvas.drawRoundRect(0f, 0f, width.toFloat(), height.toFloat(), round, round, full)
            val end = maxOf(height.toFloat(), width * share)
            canvas.drawRoundRect(0f, 0f, end, height.toFloat(), round, round, rest)
        }
    }

    private companion object {
        const val SP = 18
        const val BAR_DP = 200
        const val SECOND_MS = 1_000L
        const val MINUTE = 60
        val SPOKEN = setOf(60, 30, 10)
    }
}
