package dev.till.platform

import android.os.Bundle
import dev.till.EcommpayAcquirer
import dev.till.GatewayAcquirer
import dev.till.OctoAcquirer
import dev.till.TillConfiguration
import dev.till.TillException
import dev.till.TillSettings
import dev.till.internal.Call
import dev.till.internal.Config
import dev.till.internal.Writer
import dev.till.internal.call
import dev.till.testing.TillRunner
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config as Android

/** Settings, restrictions and configurations say the same in different forms. */
@RunWith(TillRunner::class)
@Android(sdk = [34])
class SettingsTest {
    private val least = mapOf(
        "currency" to "UZS",
        "octo_base_url" to "https://oi-dev.octo.uz",
        "octo_client_id" to "shop",
        "octo_client_secret" to "secret",
        "octo_user_id" to "2088",
    )

    private fun settings(values: Map<String, String>): TillSettings {
        val made = TillSettings.Builder()
        for ((name, value) in values) made.set(name, value)
        return made.build()
    }

    private fun bytes(config: Config) = Writer().apply { call(Call.Configure(config)) }.done()

    /** Everything differs from its default, so that nothing can be lost unseen. */
    private fun everything(): TillConfiguration {
        val octo = OctoAcquirer.Builder("https://b.example", "c", "ü".toByteArray(), "u")
            .region("KZ").live(true).ownTerminal(true).clientIp("192.0.2.1")
            .extraRootsPem("-----BEGIN\nX\n-----END\n").proxy("http://u:p@proxy.example:1")
            .qrUserId("q").performBeforeScan(false).refundInquiry(false)
            .refundByPaymentAmount(true).declinedIsPayable(true)
            .exponentsConfirmed(listOf("JPY", "KWD"))
        for (meaning in OctoAcquirer.ResultCodes.values()) {
            octo.resultCodes(meaning, listOf("A_$meaning", "B_$meaning"))
        }
        val ecommpay = EcommpayAcquirer.Builder(201, "key".toByteArray())
            .gateUrl("https://g.example").paymentPageUrl("https://p.example").live(true)
            .testProject(true).parameter("a", "text").parameter("b", 7L).parameter("c", true)
            .customerId("walk-in").customerIp("192.0.2.2").customer("country", "UZ")
            .returnUrl("https://r.example").returnUrlSuccess("https://s.example")
            .callbackUrl("https://k.example").currencies(listOf("UZS", "USD")).baseTimeS(60)
            .lifetimeS(600).declinedIsPayable(false).extraRootsPem("PEM\n")
            .proxy("http://proxy.example:2")
        val gateway = GatewayAcquirer.Builder("https://t.example", "till_a_b".toByteArray())
            .acquirer("octo").extraRootsPem("\nPEM\n").proxy("http://proxy.example:3")
        return TillConfiguration.Builder("UZS", octo.build()).acquirer(ecommpay.build())
            .acquirer(gateway.build())
            .terminalId("T-9").language("ru").waitMs(7_000).reportLatePayments(true)
            .foreignRefunds(true).sandbox(true).allowCaller("com.pos", "ab".repeat(32))
            .refundPin("1234").jobId(9).build()
    }

    @Test
    fun whatAnAppConfiguredIsKeptWhole() {
        val configuration = everything()
        val setup = Setup(configuration.toConfig(File("/own")), configuration.guards, "ru")
        val text = KeptText.write(SettingsWriter.settings(setup, "/usual", null))
        assertFalse(text.contains("1234"))
        val again = SettingsReader(KeptText.read(text)).setup("/usual")
        assertArrayEquals(bytes(setup.config), bytes(again.config))
        assertEquals(9, again.guards.jobId)
        val callers = again.guards.callers.map { it.written() }
        assertEquals(listOf("com.pos=${"ab".repeat(32)}"), callers)
        assertTrue(again.guards.pin!!.matches("1234".toCharArray()))
        assertFalse(again.guards.pin!!.matches("1235".toCharArray()))
        // Every setting was told, so a new one cannot be forgotten here.
        val told = KeptText.read(text).names
        val untold = Key.entries.map { it.setting } - told - setOf("octo_user_agent", "wait_ms")
        assertEquals(emptyList<String>(), untold)
    }

    @Test
    fun anyWaitIsKeptToTheMillisecond() {
        val octo = OctoAcquirer.Builder("https://b.example", "c", "s".toByteArray(), "u").build()
        for (ms in listOf(1L, 500L, 1_000L, 7_250L, 120_000L, 3_600_000L, 86_400_000L)) {
            val made = TillConfiguration.Builder("UZS", octo).waitMs(ms).build()
            val setup = Setup(made.toConfig(File("/usual")), made.guards, null)
            val kept = SettingsWriter.settings(setup, "/usual", null)
            val again = SettingsReader(kept).setup("/usual").config
            assertArrayEquals("$ms", bytes(setup.config), bytes(again))
            // What people can type is kept so that they can read it.
            assertEquals("$ms", ms % 1_000 == 0L && ms <= 3_600_000, "wait_s" in kept.names)
        }
    }

    @Test
    fun theSamePinIsKeptAsTheSameText() {
        val before = PinHash.of("4321")!!.written()
        assertEquals(before, PinHash.of("4321")!!.written(before))
        assertTrue(PinHash.of("4322")!!.written(before) != before)
        for (wrong in listOf("", "123", "12a4", "1234567890123")) assertNull(PinHash.of(wrong))
    }

    @Test
    fun aConfigurationOfFewSettingsHasTheDefaultsOfTheBuilder() {
        val octo = OctoAcquirer.Builder(
            "https://oi-dev.octo.uz", "shop", "secret".toByteArray(), "2088",
        ).build()
        val built = TillConfiguration.Builder("UZS", octo).build().toConfig(File("/usual"))
        val read = SettingsReader(settings(least)).setup("/usual").config
        assertArrayEquals(bytes(built), bytes(read))
    }

    @Test
    fun eachWrongSettingIsNamedWithWhatWouldBeRight() {
        val wrong = least - "octo_user_id" + mapOf(
            "currency" to " ",
            "wait_s" to "0",
            "sandbox" to "yes",
            "late_payment" to "keep",
            "allowed_callers" to "com.pos=12",
            "refund_pin" to "12",
            "job_id" to "x",
            "ecommpay_project_id" to "-1",
            "ecommpay_secret" to "s",
            "ecommpay_parameters" to "{",
        )
        val failure = assertThrows(TillException::class.java) {
            SettingsReader(settings(wrong)).setup("/usual")
        }
        assertEquals(TillException.Todo.CORRECT_CONFIGURATION, failure.advice)
        val names = failure.details.map { it.substringBefore(": write ") }
        assertEquals(
            (wrong.keys - least.keys + "currency" + "octo_user_id" - "ecommpay_secret"),
            names.toSet()
        )
        // No value is repeated: it may be a secret in the wrong place.
        assertFalse(failure.details.any { it.contains("keep") || it.contains("secret\"") })
    }

    @Test
    fun restrictionsAreReadWhateverTheirType() {
        val bundle = Bundle()
        for ((name, value) in least) bundle.putString(name, value)
        bundle.putBoolean("sandbox", true)
        bundle.putInt("wait_s", 60)
        bundle.putInt("ecommpay_base_time_s", 0)
        bundle.putString("ecommpay_secret", "")
        bundle.putStringArray("octo_open_codes", arrayOf("A", "B"))
        bundle.putBoolean("ecommpay_live", false)
        bundle.putString("octo_new_in_2030", "x")
        bundle.putString("theme_of_the_app", "x")
        val managed = Managed.of(bundle)!!
        assertEquals("60", managed.settings["wait_s"])
        assertEquals("A,B", managed.settings["octo_open_codes"])
        assertNull(managed.settings["ecommpay_secret"])
        assertEquals(
            listOf("octo_new_in_2030: there is no such setting in this version"),
            managed.problems
        )
        val config = SettingsReader(managed.settings).setup("/usual").config
        assertTrue(config.sandbox)
        assertEquals(60_000L, config.waitMs)
        assertNull(config.ecommpay)
    }

    @Test
    fun aConsoleThatOnlyFillsInDefaultsManagesNothing() {
        assertNull(Managed.of(Bundle()))
        val bundle = Bundle()
        for (key in Key.entries) {
            when (key.kind) {
                Key.Kind.FLAG -> bundle.putBoolean(key.setting, false)
                Key.Kind.NUMBER -> bundle.putInt(key.setting, 0)
                else -> bundle.putString(key.setting, "")
            }
        }
        assertNull(Managed.of(bundle))
    }

    /** What a console offers, with titles in every language, is what is read. */
    @Test
    fun theRestrictionsOfTheManifestAreTheSettings() {
        val res = File(System.getProperty("till.root"), "android/terminal/src/main/res")
        val elements = DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(File(res, "xml/till_restrictions.xml")).getElementsByTagName("restriction")
        val defaults = HashMap<String, String>()
        val offered = (0 until elements.length).associate { at ->
            val one = elements.item(at).attributes
            val text = { name: String -> one.getNamedItem("android:$name")?.nodeValue }
            assertEquals("@string/till_setting_${text("key")}", text("title"))
            text("defaultValue")?.let { defaults.put(text("key")!!, it) }
            text("key")!! to text("restrictionType")!!
        }
        // Where the journal is, is no matter of a fleet's, and it waits for whole seconds.
        val ofApps = setOf("journal_folder", "wait_ms")
        assertEquals(Key.entries.map { it.setting } - ofApps, offered.keys.toList())
        // Consoles fill them in: they must say what nothing says, with any acquirer.
        val gateway = mapOf(
            "currency" to "UZS", "gateway_url" to "https://t.example", "gateway_token" to "t",
        )
        for (least in listOf(least, gateway)) {
            val unsaid = SettingsReader(settings(least)).setup("/usual")
            val filled = SettingsReader(settings(defaults + least)).setup("/usual")
            assertArrayEquals(bytes(unsaid.config), bytes(filled.config))
            assertEquals(unsaid.guards.jobId, filled.guards.jobId)
            assertEquals(unsaid.language, filled.language)
        }
        for ((name, type) in offered) {
            val types = when (Key.of(name)!!.kind) {
                Key.Kind.FLAG -> setOf("bool")
                // A number may be larger than what a console calls an integer.
                Key.Kind.NUMBER -> setOf("integer", "string")
                else -> setOf("string", "choice")
            }
            assertTrue("$name: $type", type in types)
        }
        for (language in listOf("values", "values-ru", "values-zh")) {
            val strings = File(res, "$language/till_settings.xml").readText()
            for (name in offered.keys) assertTrue(strings.contains("\"till_setting_$name\">"))
        }
    }
}
