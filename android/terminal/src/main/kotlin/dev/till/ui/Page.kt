package dev.till.ui

import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.LinearLayout
import android.widget.ScrollView
import dev.till.R

/**
 * Lays a screen out: what it is about, a figure, words, and what to do. Upright one below the
 * other, in landscape the figure beside the rest. Whatever does not fit is scrolled.
 */
internal class Page(private val look: Look, private val sandbox: Boolean) {
    private val head = column()
    private val figure = column()
    private val body = column()
    private val actions = column()

    fun head(view: View, above: Int = 0): Page = apply { put(head, view, above) }

    fun figure(view: View): Page = apply { put(figure, view, 0, WRAP_CONTENT) }

    /** A figure that stands below the words, full width: keys. */
    fun figureLater(view: View): Page = apply {
        if (look.landscape) put(figure, view, 0) else put(body, view, 12)
    }

    fun body(view: View, above: Int = 8): Page = apply { put(body, view, above) }

    fun action(view: View): Page = apply { put(actions, view, BETWEEN) }

    fun build(): View = around(if (look.landscape) beside() else below())

    /** The same frame around something else. */
    fun around(content: View): View {
        val root = column().apply { gravity = Gravity.NO_GRAVITY }
        if (sandbox) root.addView(banner(), LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT))
        val fill = LinearLayout.LayoutParams(MATCH_PARENT, 0, 1f)
        root.addView(content, fill)
        return root
    }

    private fun below(): View {
        val all = column()
        all.setPadding(look.dp(SIDE), look.dp(20), look.dp(SIDE), look.dp(20))
        all.addView(head)
        all.addView(space())
        if (figure.childCount > 0) all.addView(figure, spaced(16))
        all.addView(body, spaced(20))
        all.addView(space())
        all.addView(actions, width())
        return scrolled(all)
    }

    private fun beside(): View {
        val row = LinearLayout(look.context)
        row.setPadding(look.dp(SIDE), look.dp(12), look.dp(SIDE), look.dp(12))
        if (figure.childCount > 0) {
            figure.gravity = Gravity.CENTER
            val share = LinearLayout.LayoutParams(0, MATCH_PARENT, 1f)
            row.addView(figure, share.apply { marginEnd = look.dp(SIDE) })
        }
        val all = column()
        all.gravity = Gravity.CENTER
        all.addView(head)
        all.addView(body, spaced(12))
        all.addView(actions, width())
        row.addView(scrolled(all), LinearLayout.LayoutParams(0, MATCH_PARENT, 1f))
        return row
    }

    private fun banner(): View = look.text(
        look.say(R.string.till_sandbox), BANNER_SP, R.color.till_on_sandbox,
    ).apply {
        typeface = Look.medium
        setBackgroundColor(look.colour(R.color.till_sandbox))
        setPadding(look.dp(16), look.dp(8), look.dp(16), look.dp(8))
    }

    private fun scrolled(content: View) = ScrollView(look.context).apply {
        isFillViewport = true
        isVerticalFadingEdgeEnabled = true
        addView(content)
    }

    private fun column() = LinearLayout(look.context).apply {
        orientation = LinearLayout.VERTICAL
        gravity = Gravity.CENTER_HORIZONTAL
    }

    private fun put(into: LinearLayout, view: View, above: Int, width: Int = MATCH_PARENT) {
        val params = LinearLayout.LayoutParams(width, WRAP_CONTENT)
        if (into.childCount > 0 || into === actions) params.topMargin = look.dp(above)
        into.addView(view, params)
    }

    private fun space() = View(look.context).apply {
        layoutParams = LinearLayout.LayoutParams(0, 0, 1f)
    }

    private fun width() = LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT)

    private fun spaced(above: Int) = width().apply { topMargin = look.dp(above) }

    private companion object {
        const val SIDE = 24
        const val BETWEEN = 12
        const val BANNER_SP = 14
    }
}
