package dev.till

import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import uniffi.till_ffi.Call
import uniffi.till_ffi.Event
import uniffi.till_ffi.Extra
import uniffi.till_ffi.Intent
import uniffi.till_ffi.Listener
import uniffi.till_ffi.NamedExtra

/** The definition stays usable from every language of uniffi: its own bindings, over JNA. */
class StockBindingsTest {
    @Test
    fun aCallOverUniffisOwnBindingsIsAnswered() {
        assertEquals(dev.till.internal.CONTRACT, uniffi.till_ffi.contract())
        val events = LinkedBlockingQueue<Event>()
        val listener = object : Listener {
            override fun event(event: Event) {
                events.add(event)
            }
        }
        val extras = listOf(
            NamedExtra("request_id", Extra.Text("r")),
            NamedExtra("amount", Extra.Text("no number")),
        )
        val intent = Intent("pos", Names.PAY, extras)
        val handle = uniffi.till_ffi.start(Call.Run(intent, false), listener)
        assertTrue(handle > 0)
        val answer = (events.poll(30, TimeUnit.SECONDS) as Event.Answer).answer
        assertEquals(5, answer.code)
        assertEquals("r", answer.requestId)
    }
}
