package dev.till.platform

import android.app.Application
import android.app.job.JobScheduler
import android.content.Context
import android.content.Intent
import android.content.RestrictionsManager
import android.os.Bundle
import android.os.Looper
import android.os.StrictMode
import dev.till.Advice
import dev.till.OctoAcquirer
import dev.till.PaymentRequest
import dev.till.RefundRequest
import dev.till.Sandbox
import dev.till.Till
import dev.till.TillConfiguration
import dev.till.TillException
import dev.till.TillHealth
import dev.till.TillOperation
import dev.till.TillResult
import dev.till.TillSettings
import dev.till.testing.TillRunner
import java.io.File
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ServiceController
import org.robolectric.annotation.Config
import org.robolectric.shadow.api.Shadow

/** How the terminal is set up from the device, with the real library and a bank over TLS. */
@RunWith(TillRunner::class)
@Config(sdk = [34])
class OpeningTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()
    private lateinit var bank: Sandbox
    private lateinit var before: StrictMode.ThreadPolicy

    @Before
    fun start() {
        bank = Sandbox()
        runBlocking { Till.stop() }
        Opening.keys = oneKey()
        before = StrictMode.getThreadPolicy()
        // Whatever is slow and on the main thread, which runs this test, ends it.
        val policy = StrictMode.ThreadPolicy.Builder().detectCustomSlowCalls().penaltyDeath()
        StrictMode.setThreadPolicy(policy.build())
    }

    @After
    fun stop() {
        StrictMode.setThreadPolicy(before)
        runBlocking { Till.stop() }
        Opening.keys = Keystore
        bank.close()
    }

    private fun settings(vararg more: Pair<String, String>): TillSettings {
        val made = TillSettings.Builder()
            .set("currency", "UZS")
            .set("sandbox", "true")
            .set("octo_base_url", bank.baseUrl)
            .set("octo_client_id", "till-sandbox")
            .set("octo_client_secret", "sandbox-secret")
            .set("octo_user_id", "208800000000000001")
            .set("octo_extra_roots", bank.rootsPem)
        for ((name, value) in more) made.set(name, value)
        return made.build()
    }

    private fun manage(settings: TillSettings?) {
        val bundle = Bundle()
        settings?.names?.forEach { bundle.putString(it, settings[it]) }
        val manager = app.getSystemService(Context.RESTRICTIONS_SERVICE) as RestrictionsManager
        shadowOf(manager).setApplicationRestrictions(bundle)
    }

    private fun coffee(id: String) = PaymentRequest.Builder(12_500, "Coffee").requestId(id).build()

    private suspend fun health() = Till.health(app)

    private fun keptBytes() = File(app.noBackupFilesDir, "till-settings/settings").readBytes()

    /** The control: what the other tests rely on is alive. */
    @Test
    fun somethingSlowOnTheMainThreadIsSeen() {
        assertThrows(RuntimeException::class.java) { Slow.note("is slow") }
    }

    @Test
    fun keptSettingsOpenTheTerminalAtTheNextStart() = runBlocking {
        Till.keep(app, settings("refund_pin" to "1234"))
        assertTrue(Till.pay(coffee("r-1")) is TillResult.Approved)
        Till.stop()
        Till.open(app)
        assertTrue(Till.status("r-1") is TillResult.Approved)
        assertEquals(TillHealth.Source.KEPT, health().configuredBy)
        assertEquals(TillHealth.Secrets.KEYSTORE, health().secrets)
        assertNull(health().keystoreFailure)
        assertEquals("UZS", health().running!!.currency)
        assertEquals(
            listOf(2, 0, 3, null),
            listOf("UZS", "JPY", "KWD", "uzs").map { Till.exponent(it) }
        )
        assertEquals("sandbox-secret", Till.kept(app)!!["octo_client_secret"])
        // The journal is where no backup looks.
        assertTrue(File(app.noBackupFilesDir, "till/till.sqlite").exists())
        assertTrue(DeviceHost.refundNeedsPin(app))
        assertTrue(DeviceHost.pinIsRight(app, "1234".toCharArray()))
        assertFalse(DeviceHost.pinIsRight(app, "4321".toCharArray()))
    }

    @Test
    fun aBrokenKeystoreIsToldAndStopsNobody() = runBlocking {
        Opening.keys = KeySource { throw IllegalStateException("keymaster is dead") }
        Till.keep(app, settings())
        assertTrue(Till.pay(coffee("r-2")) is TillResult.Approved)
        assertEquals(TillHealth.Secrets.UNWRAPPED, health().secrets)
        assertEquals("IllegalStateException: keymaster is dead", health().keystoreFailure)
        // A keystore that works again is used from then on.
        Opening.keys = oneKey()
        Till.keep(app, settings())
        assertEquals(TillHealth.Secrets.KEYSTORE, health().secrets)
        assertNull(health().keystoreFailure)
    }

    @Test
    fun settingsWhoseKeyIsGoneAreToldAndNothingMoves() = runBlocking {
        Till.keep(app, settings())
        Till.stop()
        Opening.keys = oneKey()
        val failure = assertThrows(TillException::class.java) { runBlocking { Till.open(app) } }
        assertEquals(TillException.Todo.CORRECT_CONFIGURATION, failure.advice)
        assertTrue(failure.details.single().startsWith("settings: what is kept cannot be read"))
        assertEquals(TillHealth.Secrets.UNREADABLE, health().secrets)
        assertNull(Till.kept(app))
        assertEquals(6, (Till.pay(coffee("r-3")) as TillResult.Refused).code)
    }

    @Test
    fun whoeverManagesTheDeviceComesBeforeWhatIsKept() = runBlocking {
        Till.keep(app, settings("language" to "en"))
        Till.stop()
        manage(settings("language" to "ru", "octo_of_tomorrow" to "x"))
        Till.open(app)
        assertEquals(TillHealth.Source.MANAGED, health().configuredBy)
        assertEquals(1, health().problems.size)
        assertEquals("ru", DeviceHost.ensureOpen(app).language)
        assertTrue(DeviceHost.ensureOpen(app).sandbox)
        // What is kept meanwhile is kept, and not used.
        Till.keep(app, settings("language" to "zh"))
        assertEquals("ru", DeviceHost.ensureOpen(app).language)
        manage(null)
        app.sendBroadcast(Intent(Intent.ACTION_APPLICATION_RESTRICTIONS_CHANGED))
        shadowOf(Looper.getMainLooper()).idle()
        Till.open(app)
        assertEquals("zh", DeviceHost.ensureOpen(app).language)
    }

    @Test
    fun wrongSettingsAreNamedAndNotKept() = runBlocking {
        Till.keep(app, settings())
        for (wrong in listOf("currency" to "uz", "sandbox" to "maybe")) {
            val failure = assertThrows(TillException::class.java) {
                runBlocking { Till.keep(app, settings(wrong)) }
            }
            assertEquals(TillException.Todo.CORRECT_CONFIGURATION, failure.advice)
            assertTrue(failure.details.single().startsWith(wrong.first))
        }
        assertEquals("UZS", Till.kept(app)!!["currency"])
    }

    @Test
    fun whatAnAppConfiguresIsKeptForAStartOfTheJobAlone() = runBlocking {
        val octo = OctoAcquirer.Builder(
            bank.baseUrl, "till-sandbox", "sandbox-secret".toByteArray(), "208800000000000001",
        ).extraRootsPem(bank.rootsPem).build()
        val built = TillConfiguration.Builder("UZS", octo).sandbox(true).refundPin("9876")
        Till.configure(app, built.build())
        assertEquals(TillHealth.Source.APP, health().configuredBy)
        eventually { File(app.noBackupFilesDir, "till-settings/settings").exists() }
        val once = keptBytes()
        Till.stop()
        Till.open(app)
        assertTrue(Till.pay(coffee("r-4")) is TillResult.Approved)
        // The same again is not written again.
        Till.configure(app, built.build())
        Thread.sleep(500)
        assertTrue(once.contentEquals(keptBytes()))
    }

    @Test
    fun withoutAConfigurationTheReasonIsTold() = runBlocking {
        val failure = assertThrows(TillException::class.java) { runBlocking { Till.open(app) } }
        assertEquals(TillException.Todo.CONFIGURE, failure.advice)
        assertEquals(TillHealth.Source.NONE, health().configuredBy)
        assertEquals(TillHealth.Secrets.NONE, health().secrets)
    }

    @Test
    fun aWarmStartIsReadyWithoutAnybodyWaiting() = runBlocking {
        Till.keep(app, settings())
        Till.stop()
        Till.start(app)
        eventually { Opening.present != null }
        assertTrue(Till.pay(coffee("r-5")) is TillResult.Approved)
    }

    @Test
    fun anOpenOperationIsSettledByTheJobAfterAStartOfTheProcess() = runBlocking {
        Till.keep(app, settings("wait_s" to "4", "job_id" to "77"))
        val paid = Till.pay(coffee("r-6")) as TillResult.Approved
        bank.faults("drop-answer:refund:1000", "drop-request:process:1000")
        val refund = RefundRequest.Builder(2_500, paid.transaction).requestId("r-7").build()
        val unknown = Till.refund(refund) as TillResult.Unknown
        assertEquals(Advice.REPEAT_SAME_REQUEST, unknown.facts.advice)
        Till.stop()
        val jobs = app.getSystemService(Context.JOB_SCHEDULER_SERVICE) as JobScheduler
        jobs.cancelAll()

        // The bank is silent still: the job begins, finds it open, and wants to be run again.
        val early = job()
        eventually { shadowOf(early.get()).isJobFinished }
        assertTrue(shadowOf(early.get()).isRescheduleNeeded)
        // Its start of the process asked for the job by itself, under the number of the settings.
        eventually { jobs.getPendingJob(77) != null }
        Till.stop()

        bank.clearFaults()
        val late = job()
        eventually { shadowOf(late.get()).isJobFinished }
        // Settled without anybody asking; a refund is watched for a day, so it is looked at again.
        val refunded = Till.history().first { it.requestId == "r-7" }
        assertEquals(TillOperation.State.APPROVED, refunded.state)
        assertTrue(shadowOf(late.get()).isRescheduleNeeded)
    }

    @Test
    fun aJobWithNothingToSettleEnds() = runBlocking {
        Till.keep(app, settings())
        assertTrue(Till.pay(coffee("r-8")) is TillResult.Approved)
        Till.stop()
        val idle = job()
        eventually { shadowOf(idle.get()).isJobFinished }
        assertFalse(shadowOf(idle.get()).isRescheduleNeeded)
    }

    @Test
    fun aJobWithoutAConfigurationEnds() {
        val lost = job()
        eventually { shadowOf(lost.get()).isJobFinished }
        assertFalse(shadowOf(lost.get()).isRescheduleNeeded)
    }

    @Test
    fun manyAtOnceOpenOneTerminal() = runBlocking {
        Till.keep(app, settings())
        Till.stop()
        val opening = (1..8).map { number ->
            java.util.concurrent.CompletableFuture.supplyAsync {
                runBlocking(Dispatchers.Default) {
                    Till.open(app)
                    Till.pay(coffee("many-$number"))
                }
            }
        }
        for (one in opening) assertTrue(one.get() is TillResult.Approved)
        assertEquals(8, Till.history().size)
    }

    private fun job(): ServiceController<SettleJob> {
        val service = Robolectric.buildService(SettleJob::class.java).create()
        val params = Shadow.newInstanceOf(android.app.job.JobParameters::class.java)
        assertTrue(service.get().onStartJob(params))
        return service
    }

    private fun eventually(holds: () -> Boolean) {
        val end = System.nanoTime() + 60_000_000_000
        while (!holds()) {
            assertTrue("in time", System.nanoTime() < end)
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(20)
        }
    }
}
