package dev.till.ui

import android.content.Intent
import android.os.Build
import android.os.Bundle
import android.os.Parcel
import android.os.Parcelable
import dev.till.Names
import dev.till.TillNative
import dev.till.TillOperation
import dev.till.callOf
import dev.till.internal.Event
import dev.till.internal.Extra
import dev.till.internal.Refused
import dev.till.internal.Word
import dev.till.refusalOf
import dev.till.testing.TillRunner
import java.io.ObjectInputStream
import java.io.Serializable
import java.util.Random
import java.util.TreeMap
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.annotation.Config

/** Every extra is hostile until checked: code 5, no crash, nothing begun. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 28, 34])
class HostileExtrasTest {
    @get:Rule
    val at = AtTheDesk()

    private val desk get() = at.desk
    private val none: ClassLoader = object : ClassLoader(null) {}

    /** What the activity does with an intent, without its screen. */
    private fun code(intent: Intent): Int = runBlocking {
        val asked = Asked.read(Desk.POS, intent)
        val call = if (asked.readable) {
            callOf(asked.intent, attended = true)
        } else {
            refusalOf(asked.intent, Refused.UNREADABLE)
        }
        (TillNative.ask(call) as Event.Answer).answer.code
    }

    @Test
    fun twelveThousandRandomRequestsBeginNothing() {
        val seed = System.getProperty("till.seed")?.toLong() ?: System.nanoTime()
        val hostile = Hostile(Random(seed))
        val codes = HashMap<Int, Int>()
        repeat(ROUNDS) { round ->
            val intent = Desk.parcelled(hostile.intent())
            if (round % 3 == 0) intent.setExtrasClassLoader(none)
            try {
                codes.merge(code(intent), 1, Int::plus)
            } catch (failure: Throwable) {
                throw AssertionError("seed $seed, round $round", failure)
            }
        }
        println("SDK ${Build.VERSION.SDK_INT}: $codes, seed $seed")
        assertEquals("seed $seed", setOf(5), codes.keys)
        assertEquals(emptyList<TillOperation>(), desk.operations())
        assertEquals(0, desk.movements())
    }

    @Test
    fun hostileRequestsThroughTheActivityAreAnsweredWith5() {
        val seed = System.nanoTime()
        val hostile = Hostile(Random(seed))
        repeat(THROUGH_ACTIVITIES) {
            val shown = desk.start(hostile.intent()).awaitEnd()
            assertEquals("seed $seed", -1, shown.resultCode)
            assertEquals("seed $seed", 5, shown.result()[Names.CODE])
        }
        assertEquals(emptyList<TillOperation>(), desk.operations())
        assertEquals(0, Sessions.count())
    }

    @Test
    fun aForeignParcelableRefusesAllAndIsNotReadTwice() {
        for (name in listOf("zzz", "a", Names.METADATA, "q")) {
            val intent = Desk.parcelled(desk.pay("r-1").putExtra(name, Foreign(1)))
            intent.setExtrasClassLoader(none)
            val asked = Asked.readNow(Desk.POS, intent)
            assertFalse("$name on ${Build.VERSION.SDK_INT}", asked.readable)
        }
    }

    /** Android's own code looks into an activity's extras when it finishes. */
    @Test
    fun anActivityWithForeignExtrasFinishes() {
        val evil = desk.pay("r-1").putExtra("evil", Throws(false))
        assertEquals(5, desk.start(evil).result()[Names.CODE])
        assertEquals(5, desk.ask(desk.status("r-1").putExtra("evil", Throws(false)))!![Names.CODE])
    }

    @Test
    fun onlyTextsOfAMapAreMetadata() {
        val wrong = listOf(
            desk.pay("m-1").putExtra(Names.METADATA, "x"),
            desk.pay("m-1").putExtra(Names.METADATA, Bundle()),
            desk.pay("m-1").putExtra(Names.METADATA, arrayListOf("x")),
            desk.pay("m-1").putExtra(Names.METADATA, 5L),
            desk.pay("m-1").putExtra(Names.METADATA, java.util.Date()),
            desk.pay("m-1").putExtra(Names.METADATA, hashMapOf<Any, Any?>("k" to 5, 7 to null)),
        )
        for (intent in wrong) {
            // As it comes from another app, and from within this one.
            assertEquals("${intent[Names.METADATA]}", 5, code(Desk.parcelled(intent)))
            assertEquals("${intent[Names.METADATA]}", 5, code(intent))
        }
        assertEquals(emptyList<TillOperation>(), desk.operations())
    }

    @Test
    fun anyMapOfTextsIsMetadata() {
        val sorted = desk.pay("m-1").putExtra(Names.METADATA, TreeMap(mapOf("k" to "v")))
        for (intent in listOf(Desk.parcelled(sorted), sorted)) {
            val read = Asked.readNow(Desk.POS, intent).intent.extras
            val map = read.first { it.name == Names.METADATA }.value as Extra.Map
            assertEquals("v", (map.entries.single().value as Word.Text).text)
            assertEquals(0, code(intent))
        }
        val none: Serializable? = null
        assertEquals(0, code(Desk.parcelled(desk.pay("m-2").putExtra(Names.METADATA, none))))
    }

    @Test
    fun whatRunsWhileItIsReadEndsNothing() {
        for (evil in listOf(Throws(false), Throws(true))) {
            val intent = Desk.parcelled(desk.pay("r-1").putExtra("evil", evil))
            assertEquals(5, code(intent))
        }
    }

    @Test
    fun whatNeverEndsIsNotWaitedFor() {
        val intent = Desk.parcelled(desk.pay("r-1").putExtra("evil", Endless()))
        val begun = System.nanoTime()
        assertEquals(5, code(intent))
        assertTrue(System.nanoTime() - begun < 30_000_000_000L)
        stop = true
    }

    @Test
    fun aTextOfTwoMegabytesAndDeepBundlesAreRefused() {
        val huge = "x".repeat(2 shl 20)
        for (name in listOf(Names.REQUEST_ID, Names.PURPOSE, Names.CURRENCY, Names.RAIL)) {
            assertEquals(name, 5, code(Desk.parcelled(desk.pay("r").putExtra(name, huge))))
        }
        var deep = Bundle()
        repeat(2_000) { deep = Bundle().apply { putBundle("b", deep) } }
        val intent = try {
            Desk.parcelled(desk.pay("r").putExtra("deep", deep).putExtra(Names.AMOUNT, "x"))
        } catch (_: StackOverflowError) {
            return
        }
        assertEquals(5, code(intent))
    }

    @Test
    fun halfASurrogatePairIsRefusedWithTheRestEchoed() {
        val intent = Desk.parcelled(desk.pay("r-1", purpose = "half \ud83d"))
        val asked = Asked.readNow(Desk.POS, intent)
        val call = callOf(asked.intent, attended = true)
        val answer = runBlocking { (TillNative.ask(call) as Event.Answer).answer }
        assertEquals(5, answer.code)
        assertEquals("r-1", answer.requestId)
    }

    private companion object {
        const val ROUNDS = 4_000
        const val THROUGH_ACTIVITIES = 60
    }
}

@Volatile
private var stop = false

/** A class of the sender that nobody here knows. */
internal class Foreign(private val number: Int) : Parcelable {
    override fun describeContents() = 0

    override fun writeToParcel(dest: Parcel, flags: Int) = dest.writeInt(number)

    companion object CREATOR : Parcelable.Creator<Foreign> {
        override fun createFromParcel(source: Parcel) = Foreign(source.readInt())

        override fun newArray(size: Int) = arrayOfNulls<Foreign>(size)
    }
}

internal class Throws(private val error: Boolean) : Serializable {
    private fun readObject(input: ObjectInputStream) {
        input.defaultReadObject()
        if (error) throw StackOverflowError() else throw IllegalStateException("it is read")
    }
}

internal class Endless : Serializable {
    private fun readObject(input: ObjectInputStream) {
        input.defaultReadObject()
        while (!stop) Thread.sleep(5)
    }
}

/** Makes requests that each have at least one thing wrong with them. */
internal class Hostile(private val random: Random) {
    fun intent(): Intent {
        val refund = random.nextBoolean()
        val intent = Intent(if (refund) Names.REFUND else Names.PAY)
        val needed = if (refund) Names.PRIMARY_TRANSACTION else Names.PURPOSE
        intent.putExtra(Names.AMOUNT, 100L).putExtra(needed, "Coffee")
        repeat(random.nextInt(4)) { spoil(intent, refund) }
        // Whatever else came out, this one is always wrong.
        when (random.nextInt(3)) {
            0 -> put(intent, Names.AMOUNT, wrongAmount())
            1 -> put(intent, needed, wrongText())
            else -> put(intent, Names.METADATA, wrongMetadata())
        }
        return intent
    }

    private fun spoil(intent: Intent, refund: Boolean) {
        val names = listOf(
            Names.REQUEST_ID, Names.METADATA, Names.AMOUNT, Names.CURRENCY, Names.RAIL,
            Names.CODE_VALUE, Names.IDEMPOTENT, Names.ACTION, "other", "", text(5),
            if (refund) Names.PRIMARY_TRANSACTION else Names.PURPOSE,
        )
        put(intent, names[random.nextInt(names.size)], anything())
    }

    private fun wrongAmount(): Any = when (random.nextInt(9)) {
        0 -> 0L
        1 -> -1L - random.nextInt(Int.MAX_VALUE)
        2 -> Long.MIN_VALUE
        3 -> "100"
        4 -> 1.0
        5 -> 100.toShort()
        6 -> floatArrayOf(1f)
        7 -> longArrayOf(100L)
        else -> java.math.BigInteger.TEN
    }

    private fun wrongText(): Any = when (random.nextInt(7)) {
        0 -> 5L
        1 -> true
        2 -> arrayOf("Coffee")
        3 -> ByteArray(random.nextInt(50))
        4 -> Bundle()
        5 -> Foreign(random.nextInt())
        else -> arrayListOf("Coffee")
    }

    private fun wrongMetadata(): Any = when (random.nextInt(6)) {
        0 -> text(random.nextInt(9))
        1 -> Bundle()
        2 -> arrayListOf("a", "b")
        3 -> random.nextLong()
        4 -> java.util.Date()
        else -> hashMapOf<Any, Any?>(text(3) to random.nextInt())
    }

    private fun anything(): Any = when (random.nextInt(20)) {
        0 -> random.nextLong()
        1 -> random.nextInt()
        2 -> random.nextDouble()
        3 -> random.nextBoolean()
        4 -> text(random.nextInt(400))
        5 -> text(3).repeat(random.nextInt(20_000))
        6 -> Foreign(random.nextInt())
        7 -> Throws(random.nextBoolean())
        8 -> hashMapOf<Any, Any?>(text(3) to random.nextInt(), random.nextInt() to null)
        9 -> HashMap<String, String>().apply { repeat(500) { put(text(9), text(9)) } }
        10 -> Bundle().apply { putParcelable("p", Foreign(1)) }
        11 -> ByteArray(random.nextInt(5_000)).also(random::nextBytes)
        12 -> "\ud83d"
        13 -> arrayOfNulls<String>(random.nextInt(5))
        14 -> 'x'
        15 -> java.util.Date()
        16 -> java.math.BigDecimal("1e99")
        17 -> ArrayList<Any?>(listOf(1, "a", null))
        18 -> java.util.UUID.randomUUID()
        else -> random.nextInt(256).toByte()
    }

    private fun text(length: Int): String =
        (0 until length).map { random.nextInt(0x10000).toChar() }.joinToString("")

    @Suppress("UNCHECKED_CAST")
    private fun put(intent: Intent, name: String, value: Any) {
        when (value) {
            is Long -> intent.putExtra(name, value)
            is Int -> intent.putExtra(name, value)
            is Boolean -> intent.putExtra(name, value)
            is String -> intent.putExtra(name, value)
            is Double -> intent.putExtra(name, value)
            is Short -> intent.putExtra(name, value)
            is Byte -> intent.putExtra(name, value)
            is Char -> intent.putExtra(name, value)
            is Bundle -> intent.putExtra(name, value)
            is ByteArray -> intent.putExtra(name, value)
            is FloatArray -> intent.putExtra(name, value)
            is LongArray -> intent.putExtra(name, value)
            is Parcelable -> intent.putExtra(name, value)
            is Array<*> -> intent.putExtra(name, value as Array<String?>)
            is Serializable -> intent.putExtra(name, value)
            else -> error("no extra: $value")
        }
    }
}
