package dev.till.ui

import android.annotation.SuppressLint
import android.content.Context
import android.util.TypedValue
import android.widget.TextView

/** Shows one line that becomes smaller until it fits: a sum is neither broken nor cut. */
@SuppressLint("ViewConstructor")
internal class FitText(context: Context, private val sp: Int) : TextView(context) {
    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        setTextSize(TypedValue.COMPLEX_UNIT_SP, sp.toFloat())
        val room = MeasureSpec.getSize(widthSpec) - paddingLeft - paddingRight
        if (MeasureSpec.getMode(widthSpec) != MeasureSpec.UNSPECIFIED && room > 0) {
            val needed = paint.measureText(text, 0, text.length)
            if (needed > room) setTextSize(TypedValue.COMPLEX_UNIT_PX, textSize * room / needed - 1)
        }
        super.onMeasure(widthSpec, heightSpec)
    }
}
