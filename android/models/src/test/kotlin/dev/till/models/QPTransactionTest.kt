package dev.till.models

import com.google.gson.JsonParseException
import com.google.gson.JsonParser
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

class QPTransactionTest {
    private val whole = """
        {"schemaVersion":1,"id":"7f0c","type":"PAY","status":"SUCCESS","amount":12500,
        "currency":"UZS","purpose":"Кофе <3","rail":"octo","requestId":"r-1","externalId":"E1",
        "referenceOrderId":"7f0c","paymentAmount":12000,"paymentCurrency":"UZS",
        "withdrawalAmount":9223372036854775807,"withdrawalCurrency":"CNY",
        "createdAt":"2026-11-22T08:00:00.000Z","completedAt":"2026-11-22T08:00:05.000Z",
        "primaryTransactionId":"p","sandbox":true,"mac":"ab12","later":{"a":[1,2.50,null]}}
    """.trimIndent().replace("\n", "")

    private fun read(json: String) = GSONConverter.fromJSON(json, QPTransaction::class.java)

    @Test
    fun everyFieldIsRead() {
        val read = read(whole)
        assertEquals(1, read.schemaVersion)
        assertEquals("7f0c", read.id)
        assertEquals(QPTransaction.Type.PAY, read.type)
        assertEquals("SUCCESS", read.status)
        assertEquals(12_500L, read.amount)
        assertEquals("UZS", read.currency)
        assertEquals("Кофе <3", read.purpose)
        assertEquals("octo", read.rail)
        assertEquals("r-1", read.requestId)
        assertEquals("E1", read.externalId)
        assertEquals("7f0c", read.referenceOrderId)
        assertEquals(12_000L, read.paymentAmount)
        assertEquals("UZS", read.paymentCurrency)
        assertEquals(Long.MAX_VALUE, read.withdrawalAmount)
        assertEquals("CNY", read.withdrawalCurrency)
        assertEquals("2026-11-22T08:00:00.000Z", read.createdAt)
        assertEquals("2026-11-22T08:00:05.000Z", read.completedAt)
        assertEquals("p", read.primaryTransactionId)
        assertEquals(true, read.sandbox)
        assertEquals("ab12", read.mac)
    }

    @Test
    fun whatIsWrittenIsWhatCameWithItsUnknownFields() {
        assertEquals(whole, read(whole).toJSON())
        assertEquals(read(whole), read(read(whole).toJSON()))
        assertEquals(read(whole).hashCode(), read(whole).hashCode())
    }

    @Test
    fun whatIsNotThereIsNull() {
        val read = read("""{"id":null}""")
        assertNull(read.id)
        assertNull(read.amount)
        assertNull(read.sandbox)
        assertEquals("{}", read("{}").toJSON())
    }

    @Test
    fun whatIsNoReceiptIsRefused() {
        val wrong = listOf(
            "", "null", "[]", "7", "\"text\"", "{", """{"amount":"12500"}""", """{"amount":1.5}""",
            """{"amount":9223372036854775808}""", """{"amount":1e400}""", """{"id":7}""",
            """{"id":{}}""", """{"type":"pay"}""", """{"sandbox":"yes"}""",
        )
        for (json in wrong) assertThrows(json, JsonParseException::class.java) { read(json) }
    }

    @Test
    fun aLogGetsNeitherSealNorPurpose() {
        val printed = read(whole).toString()
        assertTrue(printed.contains("7f0c"))
        assertFalse(printed.contains("ab12") || printed.contains("Кофе"))
    }

    @Test
    fun aReceiptWithinAnotherModelIsReadToo() {
        class Order(@JvmField val receipt: QPTransaction?)
        val order = GSONConverter.fromJSON("""{"receipt":$whole}""", Order::class.java)
        assertEquals("7f0c", order.receipt?.id)
        assertNull(GSONConverter.fromJSON("""{"receipt":null}""", Order::class.java).receipt)
        assertEquals("{}", JsonParser.parseString("{}").toString())
    }
}
