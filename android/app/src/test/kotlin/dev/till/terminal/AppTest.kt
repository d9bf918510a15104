package dev.till.terminal

import android.app.Activity
import android.app.Application
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Bundle
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.view.WindowManager
import android.widget.EditText
import android.widget.Switch
import android.widget.TextView
import dev.till.Sandbox
import dev.till.Till
import dev.till.TillSettings
import dev.till.testing.TillRunner
import java.io.File
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The app's own screens, with the real library and a bank over TLS; drawn in every language. */
@RunWith(TillRunner::class)
@Config(sdk = [34], qualifiers = "w360dp-h640dp-xhdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class AppTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private lateinit var bank: Sandbox

    @Before
    fun start() {
        bank = Sandbox()
        runBlocking { Till.stop() }
    }

    @After
    fun stop() {
        runBlocking { Till.stop() }
        bank.close()
    }

    private fun settings(): TillSettings = TillSettings.Builder()
        .set("currency", "UZS")
        .set("terminal_id", "Bar 2")
        .set("sandbox", "true")
        .set("octo_base_url", bank.baseUrl)
        .set("octo_client_id", "till-sandbox")
        .set("octo_client_secret", "sandbox-secret")
        .set("octo_user_id", "208800000000000001")
        .set("octo_extra_roots", bank.rootsPem)
        .set("refund_pin", "1234")
        .build()

    private fun eventually(holds: () -> Boolean) {
        val end = System.nanoTime() + 60_000_000_000
        while (!holds()) {
            assertTrue("in time", System.nanoTime() < end)
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(20)
        }
    }

    private fun Activity.shown(id: Int): Boolean = findViewById<View>(id).isShown

    private fun Activity.text(id: Int): String = findViewById<TextView>(id).text.toString()

    private fun home(): ActivityController<HomeActivity> =
        Robolectric.buildActivity(HomeActivity::class.java).setup()

    private fun ready(): ActivityController<HomeActivity> {
        runBlocking { Till.keep(app, settings()) }
        return home().also { home -> eventually { home.get().text(R.id.currency) == "UZS" } }
    }

    private fun type(home: HomeActivity, vararg keys: String) {
        val pad = home.findViewById<ViewGroup>(R.id.keys)
        for (key in keys) pad.findViewWithTag<View>(key).performClick()
    }

    @Test
    fun withoutAConfigurationTheFirstStartSaysWhatToDo() {
        val home = home().get()
        eventually { home.shown(R.id.setup) }
        assertFalse(home.shown(R.id.keys))
        assertEquals("Not set up yet", home.text(R.id.setup_title))
        home.findViewById<View>(R.id.setup_go).performClick()
        val next = shadowOf(home).nextStartedActivity
        assertEquals(SettingsActivity::class.java.name, next.component!!.className)
    }

    @Test
    fun aPaymentByHandIsARequestLikeAnyOther() {
        val home = ready().get()
        assertTrue("the sandbox is said on screen", home.shown(R.id.sandbox))
        assertFalse("nothing is asked for yet", home.findViewById<View>(R.id.pay).isEnabled)
        type(home, "1", "2", "5", "00")
        assertEquals("125.00", home.text(R.id.sum))
        home.findViewById<EditText>(R.id.purpose).setText("  Coffee ")
        home.findViewById<View>(R.id.pay).performClick()
        val asked = shadowOf(home).nextStartedActivityForResult.intent
        assertEquals("dev.till.ui.PaymentActivity", asked.component!!.className)
        assertEquals("ru.lifepay.checkout.quick_payments_terminal.pay", asked.action)
        assertEquals(12_500L, asked.extras!!.get("amount"))
        assertEquals("Coffee", asked.getStringExtra("purpose"))
        val first = asked.getStringExtra("request_id")
        // The operator gave up: the sum stays, a new attempt has a new id.
        val cancelled = Intent().putExtra("code", 2).putExtra("message", "Cancelled")
        shadowOf(home).receiveResult(asked, Activity.RESULT_OK, cancelled)
        assertEquals("Cancelled", home.text(R.id.notice))
        assertEquals("125.00", home.text(R.id.sum))
        home.findViewById<View>(R.id.pay).performClick()
        val again = shadowOf(home).nextStartedActivityForResult.intent
        assertNotEquals(first, again.getStringExtra("request_id"))
        shadowOf(home).receiveResult(again, Activity.RESULT_CANCELED, null)
        assertTrue(home.text(R.id.notice).contains("history"))
        home.findViewById<View>(R.id.pay).performClick()
        val last = shadowOf(home).nextStartedActivityForResult.intent
        shadowOf(home).receiveResult(last, Activity.RESULT_OK, Intent().putExtra("code", 0))
        assertEquals("Paid: 125.00", home.text(R.id.notice))
        assertEquals("0.00", home.text(R.id.sum))
    }

    @Test
    fun aSumSurvivesARotation() {
        val first = ready()
        type(first.get(), "7")
        val saved = Bundle()
        first.saveInstanceState(saved).pause().stop().destroy()
        val second = Robolectric.buildActivity(HomeActivity::class.java).setup(saved).get()
        assertEquals("0.07", second.text(R.id.sum))
    }

    private fun form(): SettingsActivity {
        val screen = Robolectric.buildActivity(SettingsActivity::class.java).setup().get()
        eventually { screen.findViewById<View>(R.id.save).isEnabled }
        return screen
    }

    /** Gives the field after the label that begins so. */
    private fun field(screen: Activity, label: String): EditText {
        val form = screen.findViewById<ViewGroup>(R.id.form)
        val views = (0 until form.childCount).map { form.getChildAt(it) }
        val at = views.indexOfFirst {
            it is TextView && it !is EditText && it.text.startsWith(label)
        }
        return views.drop(at).first { it is EditText } as EditText
    }

    private fun flag(screen: Activity, label: String): Switch {
        val form = screen.findViewById<ViewGroup>(R.id.form)
        val views = (0 until form.childCount).map { form.getChildAt(it) }
        return views.first { it is Switch && it.text.startsWith(label) } as Switch
    }

    @Test
    fun theSandboxIsSetUpByHandAndTakesPayments() = runBlocking {
        val screen = form()
        assertTrue(
            screen.window.attributes.flags and WindowManager.LayoutParams.FLAG_SECURE != 0,
        )
        flag(screen, "Try it without a bank").performClick()
        field(screen, "OCTO: address").setText(bank.baseUrl)
        field(screen, "OCTO: further root").setText(bank.rootsPem)
        screen.findViewById<View>(R.id.save).performClick()
        eventually { screen.isFinishing }
        assertEquals("sandbox-secret", Till.kept(app)!!["octo_client_secret"])
        assertTrue(Till.health(app).running!!.sandbox)
        assertNull(Till.kept(app)!!["refund_pin"])
    }

    @Test
    fun aWrongSettingIsShownAtItsField() {
        val screen = form()
        flag(screen, "Try it without a bank").performClick()
        field(screen, "OCTO: address").setText("ftp://bank.example")
        screen.findViewById<View>(R.id.save).performClick()
        eventually { field(screen, "OCTO: address").error != null }
        assertFalse(screen.isFinishing)
        assertTrue(screen.findViewById<View>(R.id.save).isEnabled)
    }

    @Test
    fun secretsAreNeitherShownNorSavedAndStay() = runBlocking {
        Till.keep(app, settings())
        val controller = Robolectric.buildActivity(SettingsActivity::class.java).setup()
        val screen = controller.get()
        eventually { screen.findViewById<View>(R.id.save).isEnabled }
        val secret = field(screen, "OCTO: client secret")
        assertEquals("", secret.text.toString())
        assertTrue(secret.hint.startsWith("Kept"))
        secret.setText("typed-secret")
        val saved = Bundle()
        controller.saveInstanceState(saved)
        val parcel = android.os.Parcel.obtain()
        saved.writeToParcel(parcel, 0)
        val bytes = String(parcel.marshall(), Charsets.UTF_16LE) + String(parcel.marshall())
        assertFalse(bytes.contains("typed-secret"))
        secret.setText("")
        field(screen, "Name of the terminal").setText("Bar 3")
        screen.findViewById<View>(R.id.save).performClick()
        eventually { screen.isFinishing }
        val kept = Till.kept(app)!!
        assertEquals("sandbox-secret", kept["octo_client_secret"])
        assertEquals("Bar 3", kept["terminal_id"])
        assertTrue(kept["refund_pin"]!!.startsWith("pbkdf2:"))
    }

    private fun draw(activity: Activity, name: String) {
        val view = activity.window.decorView
        val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(bitmap))
        val folder = File(System.getProperty("till.out"), "pictures/app")
        folder.mkdirs()
        File(folder, "$name.png").outputStream().use {
            assertTrue(bitmap.compress(Bitmap.CompressFormat.PNG, 100, it))
        }
        val ground = bitmap.getPixel(1, 1)
        val rows = 0 until bitmap.height step 7
        val columns = 0 until bitmap.width step 7
        val drawn = rows.any { y -> columns.any { bitmap.getPixel(it, y) != ground } }
        assertTrue("it has more than one colour", drawn)
        for (one in all(view).filter { it.isClickable && it.isShown }) usable(name, one)
    }

    private fun all(view: View): List<View> = if (view is ViewGroup) {
        listOf(view) + (0 until view.childCount).flatMap { all(view.getChildAt(it)) }
    } else {
        listOf(view)
    }

    /** A finger hits it. */
    private fun usable(name: String, view: View) {
        val least = FINGER_DP * view.resources.displayMetrics.density - 1
        val label = "$name: ${(view as? TextView)?.text ?: view.contentDescription}"
        assertTrue("$label is ${view.width} wide", view.width >= least)
        assertTrue("$label is ${view.height} high", view.height >= least)
    }

    private fun drawAll(kind: String) {
        val home = ready()
        type(home.get(), "1", "2", "5", "00")
        draw(home.get(), "home-$kind")
        draw(form(), "settings-$kind")
        runBlocking { Till.stop() }
        File(app.noBackupFilesDir, "till-settings").deleteRecursively()
        val fresh = home().get()
        eventually { fresh.shown(R.id.setup) }
        draw(fresh, "first-$kind")
    }

    @Test
    @Config(qualifiers = "en-w360dp-h640dp-notnight-xhdpi")
    fun drawnInEnglish() = drawAll("en-light")

    @Test
    @Config(qualifiers = "ru-w360dp-h640dp-night-xhdpi")
    fun drawnInRussianInTheDark() = drawAll("ru-dark")

    @Test
    @Config(qualifiers = "zh-w360dp-h640dp-notnight-xhdpi")
    fun drawnInChinese() = drawAll("zh-light")

    @Test
    @Config(qualifiers = "en-w640dp-h360dp-land-night-xhdpi")
    fun drawnInLandscapeInTheDark() = drawAll("en-land-dark")

    @Test
    @Config(qualifiers = "ru-w320dp-h533dp-notnight-hdpi")
    fun drawnOnANarrowScreen() = drawAll("ru-narrow")

    @Test
    @Config(qualifiers = "ru-w320dp-h480dp-notnight-hdpi")
    fun drawnOnTheSmallestScreen() = drawAll("ru-smallest")

    private companion object {
        const val FINGER_DP = 48
    }
}
