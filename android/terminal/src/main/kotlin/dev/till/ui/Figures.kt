package dev.till.ui

import android.animation.ValueAnimator
import android.content.Context
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.graphics.Path
import android.graphics.RectF
import android.view.View
import android.view.animation.LinearInterpolator

/** Shows a code black on white, in the dark too: scanners want it so. */
internal class CodeView(context: Context, private val picture: Picture, private val sideMax: Int) :
    View(context) {
    private val dark = Paint().apply { color = Color.BLACK }
    private val ground = Paint(Paint.ANTI_ALIAS_FLAG).apply { color = Color.WHITE }
    private val smooth = Paint(Paint.FILTER_BITMAP_FLAG)
    private val corner = resources.displayMetrics.density * CORNER_DP

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        val side = if (width > 0) minOf(width, sideMax) else sideMax
        setMeasuredDimension(side, side)
    }

    override fun onDraw(canvas: Canvas) {
        val side = width.toFloat()
        canvas.drawRoundRect(0f, 0f, side, side, corner, corner, ground)
        when (picture) {
            is Picture.Modules -> modules(canvas, picture)
            is Picture.Image -> canvas.drawBitmap(picture.bitmap, null, boxOf(picture), smooth)
            is Picture.None -> {}
        }
    }

    /** As large as fits, in the middle, and in its own shape: no scanner reads a stretched code. */
    private fun boxOf(image: Picture.Image): RectF {
        val side = width.toFloat()
        val room = side - 2 * side / IMAGE_BORDER
        val longest = maxOf(image.bitmap.width, image.bitmap.height)
        val across = (side - room * image.bitmap.width / longest) / 2
        val down = (side - room * image.bitmap.height / longest) / 2
        return RectF(across, down, side - across, side - down)
    }

    /** Whole pixels for each module, and the border of four modules that scanners need. */
    private fun modules(canvas: Canvas, code: Picture.Modules) {
        val module = width / (code.side + 2 * BORDER)
        val first = (width - module * code.side) / 2
        for (y in 0 until code.side) {
            var x = 0
            while (x < code.side) {
                val begin = x
                while (x < code.side && code.dark[y * code.side + x] != LIGHT) x++
                if (x > begin) {
                    canvas.drawRect(
                        (first + begin * module).toFloat(),
                        (first + y * module).toFloat(),
                        (first + x * module).toFloat(),
                        (first + (y + 1) * module).toFloat(),
                        dark,
                    )
                }
                x++
            }
        }
    }

    private companion object {
        const val BORDER = 4
        const val LIGHT: Byte = 0
        const val CORNER_DP = 20f
        const val IMAGE_BORDER = 16f
    }
}

/** Turns while something is waited for; stands still where animations are off. */
internal class WaitView(look: Look, colour: Int, track: Int) : View(look.context) {
    private val density = resources.displayMetrics.density
    private val side = look.dp(if (look.tight) SMALL_DP else SIDE_DP)
    private val line = stroke(colour, density * STROKE_DP)
    private val ring = stroke(track, density * STROKE_DP)
    private var turn = 0f
    private val turning = ValueAnimator.ofFloat(0f, CIRCLE).apply {
        duration = TURN_MS
        repeatCount = ValueAnimator.INFINITE
        interpolator = LinearInterpolator()
        addUpdateListener {
            turn = it.animatedValue as Float
            invalidate()
        }
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        setMeasuredDimension(side, side)
    }

    override fun onAttachedToWindow() {
        super.onAttachedToWindow()
        turning.start()
    }

    override fun onDetachedFromWindow() {
        turning.cancel()
        super.onDetachedFromWindow()
    }

    override fun onDraw(canvas: Canvas) {
        val edge = density * STROKE_DP
        val box = RectF(edge, edge, width - edge, height - edge)
        canvas.drawArc(box, 0f, CIRCLE, false, ring)
        canvas.drawArc(box, turn - QUARTER, QUARTER, false, line)
    }

    private companion object {
        const val SIDE_DP = 72
        const val SMALL_DP = 48
        const val STROKE_DP = 6f
        const val CIRCLE = 360f
        const val QUARTER = 90f
        const val TURN_MS = 1_400L
    }
}

/** Says at a glance how it ended. */
internal class OutcomeView(
    look: Look,
    private val sign: Sign,
    colour: Int,
    ground: Int,
) : View(look.context) {
    /** Is what is drawn in the circle. */
    internal enum class Sign { CHECK, CROSS, QUESTION, BANG }

    private val side = look.dp(if (look.tight) SMALL_DP else SIDE_DP)
    private val line = stroke(colour, STROKE)
    private val dot = Paint(Paint.ANTI_ALIAS_FLAG).apply { color = colour }
    private val circle = Paint(Paint.ANTI_ALIAS_FLAG).apply { color = ground }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        setMeasuredDimension(side, side)
    }

    override fun onDraw(canvas: Canvas) {
        val side = width.toFloat()
        canvas.drawCircle(side / 2, side / 2, side / 2, circle)
        canvas.scale(side, side)
        when (sign) {
            Sign.CHECK -> canvas.drawPath(lines(.29f, .52f, .44f, .66f, .72f, .37f), line)
            Sign.CROSS -> {
                canvas.drawLine(.35f, .35f, .65f, .65f, line)
                canvas.drawLine(.65f, .35f, .35f, .65f, line)
            }
            Sign.BANG -> {
                canvas.drawLine(.5f, .28f, .5f, .55f, line)
                canvas.drawCircle(.5f, .71f, DOT, dot)
            }
            Sign.QUESTION -> {
                val hook = Path().apply {
                    addArc(RectF(.37f, .26f, .63f, .52f), -195f, 240f)
                    lineTo(.5f, .58f)
                }
                canvas.drawPath(hook, line)
                canvas.drawCircle(.5f, .73f, DOT, dot)
            }
        }
    }

    private fun lines(vararg at: Float) = Path().apply {
        moveTo(at[0], at[1])
        for (i in 2 until at.size step 2) lineTo(at[i], at[i + 1])
    }

    private companion object {
        const val SIDE_DP = 104
        const val SMALL_DP = 64

        /** As a share of the side. */
        const val STROKE = .072f
        const val DOT = .045f
    }
}

private fun stroke(colour: Int, width: Float) = Paint(Paint.ANTI_ALIAS_FLAG).apply {
    color = colour
    style = Paint.Style.STROKE
    strokeWidth = width
    strokeCap = Paint.Cap.ROUND
    strokeJoin = Paint.Join.ROUND
}
