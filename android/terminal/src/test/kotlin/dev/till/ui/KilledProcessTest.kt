package dev.till.ui

import android.os.Bundle
import android.os.Parcel
import dev.till.Bank
import dev.till.Names
import dev.till.Sandbox
import dev.till.TillOperation
import dev.till.testing.TillRunner
import java.io.File
import java.lang.management.ManagementFactory
import java.util.concurrent.TimeUnit
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** A process with operations at every stage is killed, and another one goes on. */
@RunWith(TillRunner::class)
@Config(sdk = [34])
class KilledProcessTest {
    @get:Rule
    val folder = TemporaryFolder()

    private lateinit var bank: Sandbox
    private lateinit var desk: Desk

    @Before
    fun open() {
        bank = Sandbox()
        desk = newDesk(bank, folder.root)
    }

    @After
    fun close() {
        desk.die()
        bank.close()
    }

    /** Runs the other process until everything is under way, and kills it with SIGKILL. */
    private fun killed() {
        val machine = ManagementFactory.getRuntimeMXBean()
        val java = File(System.getProperty("java.home"), "bin/java").path
        val log = File(folder.root, "log")
        File(folder.root, "roots.pem").writeText(bank.rootsPem)
        val command = listOf(java) + machine.inputArguments +
            listOf(
                "-Dtill.child=${folder.root}",
                "-Dtill.child.bank=${bank.baseUrl}",
                "-Dtill.child.control=${bank.controlUrl}",
                "-cp", System.getProperty("java.class.path"),
                "org.junit.runner.JUnitCore", KilledChild::class.java.name,
            )
        val child = ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start()
        val ready = File(folder.root, "ready")
        val end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5)
        while (!ready.exists()) {
            assertTrue(log.readText(), child.isAlive && System.nanoTime() < end)
            Thread.sleep(20)
        }
        child.destroyForcibly()
        assertEquals(SIGKILLED, child.waitFor())
    }

    private fun saved(name: String): Bundle {
        val bytes = File(folder.root, "$name.saved").readBytes()
        val parcel = Parcel.obtain()
        parcel.unmarshall(bytes, 0, bytes.size)
        parcel.setDataPosition(0)
        return Bundle.CREATOR.createFromParcel(parcel).also { parcel.recycle() }
    }

    @Test
    fun everyStageGoesOnInANewProcess() {
        killed()
        desk.bank.clearFaults()
        desk.bank.customer("ignore")
        desk.open(waitMs = 60_000)
        val before = desk.operations().size
        assertEquals(KilledChild.OPERATIONS, before)
        assertEquals(listOf(0, 2), ofTheEndAndTheClosing())
        val doubt = desk.again(desk.pay("doubt"), saved("doubt")).result()
        assertEquals(2, doubt[Names.CODE])
        // Nobody can have paid what was never shown; whatever is told, no success is.
        val creating = desk.again(desk.pay("creating"), saved("creating"))
        desk.await("word of it") { creating.hasEnded || creating.says("Not confirmed yet") }
        if (creating.hasEnded) assertNotEquals(0, creating.result()[Names.CODE])
        val code = desk.again(desk.pay("code"), saved("code")).awaitCode()
        desk.bank.customer("approve")
        assertEquals(0, code.result()[Names.CODE])
        val json = File(folder.root, "transaction").readText()
        val refund = desk.start(desk.refund("refund", json, 2_500L)).result()
        assertEquals(0, refund[Names.CODE])
        assertNull(refund["error_type"])
        val asked = desk.operations().filter { !it.giveBack }
        assertEquals(before, asked.size)
        val approved = asked.filter { it.state == TillOperation.State.APPROVED }
        assertEquals(setOf("paid", "end", "code", "refund"), approved.map { it.requestId }.toSet())
        // The customer of a closed code may pay late, which goes back; nothing moves twice.
        val moved = Regex("\"external_id\"\\s*:\\s*\"([^\"]*)\"").findAll(desk.bank.ledger())
            .map { it.groupValues[1] }.toList()
        assertEquals(moved.toSet().size, moved.size)
        assertTrue(moved.containsAll(approved.map { it.externalId }))
    }

    private fun ofTheEndAndTheClosing(): List<Any?> {
        val end = desk.again(desk.pay("end"), saved("end")).result()
        val closing = desk.again(desk.pay("closing"), saved("closing")).result()
        return listOf(end[Names.CODE], closing[Names.CODE])
    }

    private companion object {
        const val SIGKILLED = 128 + 9
    }
}

/** Is the process that is killed; never run by itself. */
@RunWith(TillRunner::class)
@Config(sdk = [34])
class KilledChild {
    private val folder = File(System.getProperty("till.child"))
    private val bank = Bank(
        System.getProperty("till.child.bank"),
        System.getProperty("till.child.control"),
        File(folder, "roots.pem").readText(),
    )

    private fun save(name: String, shown: Shown) {
        val saved = Bundle()
        (shown as RobolectricShown).controller.pause().stop().saveInstanceState(saved)
        val parcel = Parcel.obtain()
        saved.writeToParcel(parcel, 0)
        File(folder, "$name.saved").writeBytes(parcel.marshall())
        parcel.recycle()
    }

    @Test
    fun run() {
        val desk = newDesk(bank, folder)
        desk.open(waitMs = 4_000)
        bank.customer("approve")
        val json = desk.paid("paid")[Names.TRANSACTION] as String
        File(folder, "transaction").writeText(json)
        bank.faults("drop-answer:refund:1000", "drop-request:process:1000")
        val refund = desk.start(desk.refund("refund", json, 2_500L)).result()
        check(refund["error_type"] == "unknown_result_error")
        bank.clearFaults()
        desk.die()
        desk.open(waitMs = 600_000)
        save("end", desk.start(desk.pay("end")).awaitEnd())
        bank.customer("ignore")
        val closing = desk.start(desk.pay("closing")).awaitCode()
        val code = desk.start(desk.pay("code")).awaitCode()
        bank.faults("drop-request:process:100000")
        val doubt = desk.start(desk.pay("doubt")).awaitCode()
        save("doubt", doubt.tap("Cancel payment").awaitSays("Not confirmed yet"))
        save("code", code)
        bank.clearFaults()
        bank.faults("delay:process:600000", "delay:get-qr-code:600000")
        save("closing", closing.tap("Cancel payment").awaitSays("Cancelling"))
        val creating = desk.start(desk.pay("creating"))
        desk.await("it to be recorded") { desk.operations().size == OPERATIONS }
        save("creating", creating)
        File(folder, "ready").writeText("")
        Thread.sleep(Long.MAX_VALUE)
    }

    internal companion object {
        const val OPERATIONS = 7
    }
}
