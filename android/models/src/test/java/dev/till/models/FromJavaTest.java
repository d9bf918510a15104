package dev.till.models;

import static org.junit.Assert.assertEquals;

import org.junit.Test;

/** A POS app in Java. */
public final class FromJavaTest {
    @Test
    public void aReceiptIsReadAndWritten() {
        String json = "{\"id\":\"7f0c\",\"amount\":12500,\"x\":1}";
        QPTransaction receipt = GSONConverter.fromJSON(json, QPTransaction.class);
        assertEquals("7f0c", receipt.getId());
        assertEquals(Long.valueOf(12_500), receipt.getAmount());
        assertEquals(json, receipt.toJSON());
    }
}
