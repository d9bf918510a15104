package dev.till.ui

import android.content.Context
import android.content.res.ColorStateList
import android.content.res.Configuration
import android.graphics.Typeface
import android.graphics.drawable.Drawable
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.RippleDrawable
import android.os.Build
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.widget.Button
import android.widget.TextView
import dev.till.NewerApi
import dev.till.R
import java.util.Locale

/** Makes the parts of all screens: one look, in the terminal's language. */
internal class Look(val context: Context, language: String?) {
    private val words: Context = when (language) {
        null -> context
        else -> {
            val configuration = Configuration(context.resources.configuration)
            configuration.setLocale(Locale.forLanguageTag(language))
            context.createConfigurationContext(configuration)
        }
    }

    /** The language that words and figures are in. */
    val locale: Locale = localeOf(words.resources.configuration)

    val landscape: Boolean
        get() = context.resources.configuration.run { screenWidthDp > screenHeightDp }

    /** Little room for much text: figures give way. */
    val tight: Boolean
        get() = context.resources.configuration.run {
            screenHeightDp < TIGHT_DP || fontScale >= LARGE
        }

    private val metrics = context.resources.displayMetrics

    fun say(id: Int, vararg with: Any): String = words.resources.getString(id, *with)

    fun count(id: Int, count: Int): String =
        words.resources.getQuantityString(id, count, count)

    fun colour(id: Int): Int = context.getColor(id)

    fun dp(value: Int): Int =
        TypedValue.applyDimension(TypedValue.COMPLEX_UNIT_DIP, value.toFloat(), metrics).toInt()

    /** A line or more of text; it wraps, whatever its size. */
    fun text(text: CharSequence, sp: Int, colour: Int = R.color.till_ink): TextView =
        TextView(context).styled(text, sp, colour)

    /** A sum of money, on one line. */
    fun sum(text: CharSequence, sp: Int): TextView =
        FitText(context, sp).styled(text, sp, R.color.till_ink).apply {
            maxLines = 1
            typeface = medium
            fontFeatureSettings = "tnum"
        }

    private fun TextView.styled(text: CharSequence, sp: Int, colour: Int): TextView =
        apply {
            this.text = text
            setTextSize(TypedValue.COMPLEX_UNIT_SP, sp.toFloat())
            setTextColor(colour(colour))
            setLineSpacing(0f, LINES)
            gravity = Gravity.CENTER_HORIZONTAL
            textLocale = locale
        }

    /** What a screen says first; it is read out when it changes. */
    fun title(text: CharSequence, sp: Int = 24): TextView = text(text, sp).apply {
        typeface = medium
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        if (Build.VERSION.SDK_INT >= 28) heading(this)
    }

    @NewerApi(28)
    private fun heading(view: View) {
        view.isAccessibilityHeading = true
    }

    fun soft(text: CharSequence, sp: Int = 16): TextView = text(text, sp, R.color.till_ink_soft)

    /** The one thing to do. */
    fun primary(text: CharSequence, act: () -> Unit): Button =
        button(text, R.color.till_on_accent, filled(R.color.till_accent, BUTTON_DP), act)

    /** Another thing that may be done. */
    fun secondary(text: CharSequence, act: () -> Unit): Button {
        val ground = outlined(R.color.till_card, R.color.till_line, BUTTON_DP)
        return button(text, R.color.till_ink, ground, act)
    }

    private fun button(text: CharSequence, ink: Int, ground: Drawable, act: () -> Unit): Button =
        Button(context, null, 0).apply {
            this.text = text
            isAllCaps = false
            isClickable = true
            isFocusable = true
            gravity = Gravity.CENTER
            typeface = medium
            textLocale = locale
            setTextSize(TypedValue.COMPLEX_UNIT_SP, BUTTON_SP)
            setTextColor(colour(ink))
            minHeight = dp(56)
            setPadding(dp(20), dp(12), dp(20), dp(12))
            background = rippled(ground)
            setOnClickListener { act() }
        }

    fun rippled(ground: Drawable): Drawable =
        RippleDrawable(ColorStateList.valueOf(colour(R.color.till_ripple)), ground, ground)

    fun filled(colour: Int, radius: Int): GradientDrawable = GradientDrawable().apply {
        setColor(colour(colour))
        cornerRadius = dp(radius).toFloat()
    }

    fun outlined(colour: Int, line: Int, radius: Int): GradientDrawable =
        filled(colour, radius).apply { setStroke(dp(1), colour(line)) }

    internal companion object {
        val medium: Typeface = Typeface.create("sans-serif-medium", Typeface.NORMAL)
        private const val LINES = 1.1f
        private const val TIGHT_DP = 560
        private const val LARGE = 1.5f
        private const val BUTTON_SP = 17f
        private const val BUTTON_DP = 14

        /** The first language of a configuration. */
        fun localeOf(configuration: Configuration): Locale =
            configuration.locales.get(0) ?: Locale.ENGLISH
    }
}
