package dev.till.ui

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.graphics.Color
import android.os.Bundle
import android.os.SystemClock
import android.view.View
import android.widget.TextView
import dev.till.Advice
import dev.till.R
import dev.till.TillHandOver
import dev.till.TillNative
import dev.till.internal.Amount
import dev.till.internal.Call
import dev.till.internal.Event
import dev.till.testing.TillRunner
import java.io.File
import kotlin.math.abs
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** Shows a screen without a request. */
internal class PictureActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        setTheme(R.style.till_Payment)
        super.onCreate(savedInstanceState)
        room = frame()
    }

    lateinit var room: android.widget.FrameLayout
}

/**
 * Draws every state of every screen; all go to target/android/pictures, and some are compared with
 * those in docs/screens/android. `TILL_BLESS=1` writes these anew.
 */
@RunWith(TillRunner::class)
@Config(sdk = [34])
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class PicturesTest {
    private val out = File(System.getProperty("till.out"), "pictures")
    private val kept = File(System.getProperty("till.root"), "docs/screens/android")
    private val wrong = ArrayList<String>()

    private val code: Picture by lazy {
        val text = "https://qr.alipayplus.com/281006020000000000000000000"
        val drawn = runBlocking { TillNative.ask(Call.Draw(text)) } as Event.Drawn
        Picture.Modules(drawn.side, drawn.modules)
    }

    /** A picture that the bank made: its own margin, colours and size. */
    private val banksPicture: Picture by lazy {
        val modules = code as Picture.Modules
        val side = modules.side + 2 * MARGIN
        val bitmap = Bitmap.createBitmap(side * POINT, side * POINT, Bitmap.Config.ARGB_8888)
        bitmap.eraseColor(Color.WHITE)
        for (at in modules.dark.indices.filter { modules.dark[it] != 0.toByte() }) {
            val left = (at % modules.side + MARGIN) * POINT
            val top = (at / modules.side + MARGIN) * POINT
            for (y in 0 until POINT) {
                for (x in 0 until POINT) bitmap.setPixel(left + x, top + y, BLUE)
            }
        }
        Picture.Image(bitmap)
    }

    private val page = TillHandOver.Url("o", "https://pay.example/7", null, null)

    private fun words(ru: String, en: String, zh: String, language: String) = when (language) {
        "ru" -> ru
        "zh" -> zh
        else -> en
    }

    private fun result(language: String, code: Int, refund: Boolean, advice: Advice): Screen {
        val words = when (code) {
            1 -> words(
                "Оплата отклонена. Ответ банка: недостаточно средств",
                "Payment declined. The bank says: insufficient balance",
                "付款被拒绝。银行答复：余额不足", language,
            )
            3 -> words("Время оплаты вышло.", "Nobody paid in time.", "付款超时。", language)
            4 -> if (refund) {
                words(
                    "Возврат пока не подтверждён. Повторите тот же возврат.",
                    "Refund not confirmed yet. Repeat the same refund.",
                    "退款尚未确认。请重复同一退款。", language,
                )
            } else {
                words(
                    "Оплата пока не подтверждена. Проверьте ещё раз: не берите деньги дважды.",
                    "Payment not confirmed yet. Ask again: do not charge twice.",
                    "付款尚未确认。请再次查询，不要重复收款。", language,
                )
            }
            5 -> words(
                "amount: неверный тип (java.lang.String). Нужно: Long больше 0.",
                "amount: wrong type (java.lang.String). Needed: a Long greater than 0.",
                "amount：类型错误（java.lang.String）。需要：大于 0 的 Long。", language,
            )
            6 -> words(
                "Терминал не настроен или не принят банком.",
                "The terminal is not set up, or the bank does not accept it.",
                "终端未设置，或银行不接受此终端。", language,
            )
            7 -> words(
                "Нет связи. Деньги не списаны: попробуйте снова.",
                "No connection. Nothing was charged: try again.",
                "无网络连接。未扣款，请重试。", language,
            )
            9 -> words(
                "Возврат невозможен. Вернуть можно не больше 100,00 UZS.",
                "Refund not possible. Only 100.00 UZS is left to give back.",
                "无法退款。最多可退 100.00 UZS。", language,
            )
            10 -> words(
                "Журнал недоступен: деньги не переводятся. Обратитесь в поддержку.",
                "The journal cannot be used: no money is moved. Call support.",
                "日志不可用：不会转移资金。请联系支持人员。", language,
            )
            else -> ""
        }
        return Screen.Result(End(code, refund, words, advice, late = false))
    }

    private fun states(language: String): Map<String, Pair<Screen, Boolean>> {
        val ends = SystemClock.elapsedRealtime() + 112_000
        return linkedMapOf(
            "preparing" to (Screen.Preparing() to false),
            "preparing-offer" to (Screen.Preparing(Screen.Slow.OFFER) to false),
            "preparing-urge" to (Screen.Preparing(Screen.Slow.URGE) to false),
            "code" to (Screen.Code(code, ends) to false),
            "code-silent" to (Screen.Code(code, ends, Note.Silent) to false),
            "code-back" to (Screen.Code(code, ends, Note.BackAgain) to false),
            "code-picture" to (Screen.Code(banksPicture, ends) to false),
            "code-none" to (Screen.Code(Picture.None, ends) to false),
            "wallet" to (Screen.Wallet(page) to false),
            "wallet-code" to (Screen.Wallet(page, code) to false),
            "closing" to (Screen.Closing to false),
            "doubt" to (Screen.Doubt() to false),
            "doubt-kept" to (Screen.Doubt(Screen.Goods.KEPT) to false),
            "doubt-gone" to (Screen.Doubt(Screen.Goods.GONE) to false),
            "refunding" to (Screen.Refunding() to true),
            "refund-doubt" to (Screen.Refunding(doubt = true) to true),
            "pin" to (Screen.Pin() to true),
            "pin-wrong" to (Screen.Pin(wrong = true) to true),
            "paid" to (result(language, 0, false, Advice.NONE) to false),
            "refunded" to (result(language, 0, true, Advice.NONE) to true),
            "declined" to (result(language, 1, false, Advice.NEW_REQUEST) to false),
            "cancelled" to (result(language, 2, false, Advice.NEW_REQUEST) to false),
            "expired" to (result(language, 3, false, Advice.NEW_REQUEST) to false),
            "unknown" to (result(language, 4, false, Advice.ASK_STATUS) to false),
            "unknown-refund" to (result(language, 4, true, Advice.REPEAT_SAME_REQUEST) to true),
            "bad-request" to (result(language, 5, false, Advice.FIX_REQUEST) to false),
            "not-configured" to (result(language, 6, false, Advice.CONFIGURE) to false),
            "no-connection" to (result(language, 7, false, Advice.NEW_REQUEST) to false),
            "not-refundable" to (result(language, 9, true, Advice.FIX_REQUEST) to true),
            "journal" to (result(language, 10, false, Advice.CALL_SUPPORT) to false),
        )
    }

    private fun frame(language: String, refund: Boolean, sandbox: Boolean) = Frame(
        refund,
        if (refund) "" else purpose(language),
        Amount(12_550_000, "UZS", 2),
        sandbox,
        language,
    )

    private fun purpose(language: String): String = words(
        "Капучино и круассан", "Cappuccino and croissant", "卡布奇诺和羊角面包", language,
    )

    private object Nothing : Acts {
        override fun cancel() = Unit

        override fun askGoods(goods: Screen.Goods?) = Unit

        override fun choose(goods: Screen.Goods) = Unit

        override fun open(page: TillHandOver) = Unit

        override fun pin(digits: CharArray) = Unit

        override fun done() = Unit
    }

    private fun draw(
        name: String,
        qualifiers: String,
        scale: Float = 1f,
        check: Boolean = false,
        make: (Look) -> View,
    ) {
        RuntimeEnvironment.setFontScale(scale)
        RuntimeEnvironment.setQualifiers(qualifiers)
        val made = Robolectric.buildActivity(PictureActivity::class.java).setup().visible()
        val activity = made.get()
        val language = Look.localeOf(activity.resources.configuration).language
        val view = make(Look(activity, language))
        activity.room.only(view)
        val root = activity.window.decorView
        root.measure(exactly(root.width), exactly(root.height))
        root.layout(0, 0, root.width, root.height)
        val drawn = Bitmap.createBitmap(root.width, root.height, Bitmap.Config.ARGB_8888)
        root.draw(Canvas(drawn))
        save(drawn, File(out, "$name.png"))
        for (text in Shown.views(view).filterIsInstance<TextView>()) clipped(name, text)
        for (one in Shown.views(view).filter { it.hasOnClickListeners() }) usable(name, one)
        if (check) compare(name, drawn)
        made.pause().stop().destroy()
    }

    private fun exactly(size: Int) =
        View.MeasureSpec.makeMeasureSpec(size, View.MeasureSpec.EXACTLY)

    /** No word may be cut: a purpose alone may end in dots. */
    private fun clipped(name: String, text: TextView) {
        val layout = text.layout ?: return
        val needed = layout.height + text.paddingTop + text.paddingBottom
        if (text.ellipsize == null && needed > text.height + 1) {
            wrong += "$name: “${text.text}” needs $needed px of ${text.height}"
        }
    }

    /** A finger hits it, and TalkBack has a word for it. */
    private fun usable(name: String, view: View) {
        val density = view.resources.displayMetrics.density
        val label = view.contentDescription ?: (view as? TextView)?.text
        if (view.height < FINGER_DP * density - 1) wrong += "$name: “$label” is too low"
        if (view.width < FINGER_DP * density - 1) wrong += "$name: “$label” is too narrow"
        if (label.isNullOrBlank()) wrong += "$name: ${view.javaClass.simpleName} has no label"
    }

    private fun save(drawn: Bitmap, file: File) {
        file.parentFile!!.mkdirs()
        file.outputStream().use { assertTrue(drawn.compress(Bitmap.CompressFormat.PNG, 100, it)) }
    }

    /** Half the size is enough to see a change, and what is drawn may differ by a shade. */
    private fun compare(name: String, drawn: Bitmap) {
        val half = Bitmap.createScaledBitmap(drawn, drawn.width / 2, drawn.height / 2, true)
        val file = File(kept, "$name.png")
        if (System.getenv("TILL_BLESS") != null) return save(half, file)
        val golden = file.takeIf { it.exists() }?.let { BitmapFactory.decodeFile(it.path) }
        if (golden == null || golden.width != half.width || golden.height != half.height) {
            wrong += "$name: no golden of this size; TILL_BLESS=1 writes it"
            return
        }
        var off = 0
        for (y in 0 until half.height) {
            for (x in 0 until half.width) {
                if (distance(half.getPixel(x, y), golden.getPixel(x, y)) > SHADE) off++
            }
        }
        val share = off.toFloat() / (half.width * half.height)
        if (share > SHARE) wrong += "$name: $share of its pixels changed; look at it"
    }

    private fun distance(one: Int, other: Int): Int = maxOf(
        abs(Color.red(one) - Color.red(other)),
        abs(Color.green(one) - Color.green(other)),
        abs(Color.blue(one) - Color.blue(other)),
    )

    private fun screen(look: Look, state: Pair<Screen, Boolean>, sandbox: Boolean): View {
        val frame = frame(look.locale.language, state.second, sandbox)
        return PaymentScreens(look, frame, Nothing).make(state.first)
    }

    @Test
    fun everyStateInEveryLanguageByDayAndNight() {
        for (language in listOf("en", "ru", "zh")) {
            for (night in listOf("notnight", "night")) {
                for ((state, screen) in states(language)) {
                    val name = "$state-$language-${if (night == "night") "dark" else "light"}"
                    val check = name in goldens
                    draw(name, "$language-w360dp-h640dp-$night-xhdpi", check = check) {
                        screen(it, screen, sandbox = false)
                    }
                }
            }
        }
        assertTrue(wrong.joinToString("\n"), wrong.isEmpty())
    }

    /** Text is read in bad light and by bad eyes: 4.5 to 1 at least. */
    @Test
    fun coloursContrast() {
        val pairs = listOf(
            R.color.till_ink to R.color.till_ground,
            R.color.till_ink to R.color.till_card,
            R.color.till_ink_soft to R.color.till_ground,
            R.color.till_ink_soft to R.color.till_card,
            R.color.till_on_accent to R.color.till_accent,
            R.color.till_on_sandbox to R.color.till_sandbox,
            R.color.till_care to R.color.till_ground,
            R.color.till_bad to R.color.till_ground,
            R.color.till_good to R.color.till_good_ground,
            R.color.till_care to R.color.till_care_ground,
            R.color.till_bad to R.color.till_bad_ground,
        )
        for (night in listOf("notnight", "night")) {
            RuntimeEnvironment.setQualifiers(night)
            val context = RuntimeEnvironment.getApplication()
            for ((ink, ground) in pairs) {
                val ratio = contrast(context.getColor(ink), context.getColor(ground))
                val names = listOf(ink, ground).map(context.resources::getResourceEntryName)
                assertTrue("$names by $night: $ratio", ratio >= 4.5)
            }
        }
    }

    private fun contrast(one: Int, other: Int): Double {
        val lights = listOf(Color.luminance(one), Color.luminance(other)).sorted()
        return (lights[1] + 0.05) / (lights[0] + 0.05)
    }

    @Test
    fun largeTextNarrowAndLandscape() {
        val shapes = mapOf(
            "large" to ("w360dp-h640dp-notnight-xhdpi" to 2f),
            "narrow" to ("w320dp-h480dp-notnight-hdpi" to 1f),
            "narrow-large" to ("w320dp-h534dp-notnight-hdpi" to 2f),
            "landscape" to ("w640dp-h360dp-land-notnight-xhdpi" to 1f),
            "landscape-large" to ("w640dp-h360dp-land-notnight-xhdpi" to 2f),
            "tablet" to ("w800dp-h1280dp-notnight-mdpi" to 1f),
        )
        for ((shape, how) in shapes) {
            // Russian has the longest words; with room to spare one language tells enough.
            for (language in if (shape == "large") listOf("ru", "en", "zh") else listOf("ru")) {
                for ((state, screen) in states(language)) {
                    val name = "$shape/$state-$language"
                    val check = name in goldens
                    draw(name, "$language-${how.first}", how.second, check) {
                        screen(it, screen, sandbox = true)
                    }
                }
            }
        }
        assertTrue(wrong.joinToString("\n"), wrong.isEmpty())
    }

    @Test
    fun theHistoryInEveryLanguageByDayAndNight() {
        for (language in listOf("en", "ru", "zh")) {
            for (night in listOf("notnight", "night")) {
                for ((state, past) in PastSamples(language).all()) {
                    val name = "$state-$language-${if (night == "night") "dark" else "light"}"
                    draw(name, "$language-w360dp-h640dp-$night-xhdpi", check = name in goldens) {
                        HistoryScreens(it, sandbox = false, NoPast).make(past)
                    }
                }
            }
            for ((state, past) in PastSamples(language).all()) {
                draw("large/$state-$language", "$language-w320dp-h534dp-notnight-hdpi", 2f) {
                    HistoryScreens(it, sandbox = true, NoPast).make(past)
                }
            }
        }
        assertTrue(wrong.joinToString("\n"), wrong.isEmpty())
    }

    private companion object {
        const val FINGER_DP = 48
        const val MARGIN = 2
        const val POINT = 5
        const val BLUE = 0xff1677ff.toInt()
        const val SHADE = 40
        const val SHARE = 0.01f
        val goldens = setOf(
            "code-en-light", "code-ru-dark", "code-picture-en-dark",
            "doubt-zh-light", "doubt-kept-en-dark",
            "paid-en-light", "declined-ru-light", "unknown-refund-en-light", "pin-en-light",
            "preparing-urge-ru-dark", "landscape/code-ru", "narrow-large/doubt-ru",
            "history-en-light", "history-one-ru-light",
        )
    }
}
