package dev.till.sample;

import android.content.Intent;
import dev.till.models.GSONConverter;
import dev.till.models.QPTransaction;

/** Asks for refunds, in Java. */
final class Refund {
    private Refund() {}

    /** Asks to give back {@code amount} minor units of a payment, by an implicit intent. */
    static Intent of(String requestId, long amount, String transaction) {
        return new Intent(Terminal.REFUND)
                .putExtra("request_id", requestId)
                .putExtra("amount", amount)
                // As it came: a model of one's own might drop fields.
                .putExtra("primary_transaction", transaction);
    }

    /** Tells what was paid, in minor units, from the transaction that the terminal gave. */
    static long paid(String transaction) {
        QPTransaction payment = GSONConverter.fromJSON(transaction, QPTransaction.class);
        return payment.getAmount();
    }
}
