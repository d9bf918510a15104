package dev.till.sample

import android.annotation.SuppressLint
import android.content.SharedPreferences

/** Is what was asked of the terminal, written down before it is asked: this app may be killed. */
internal class Request(val id: String, val amount: Long, val refunded: String?) {
    val isRefund: Boolean get() = refunded != null

    // Written at once: a request that nobody remembers cannot be asked for.
    @SuppressLint("ApplySharedPref")
    fun remember(store: SharedPreferences) {
        store.edit()
            .putString(ID, id)
            .putLong(AMOUNT, amount)
            .putString(REFUNDED, refunded)
            .commit()
    }

    /** Forgets the request, whose answer is known, and notes what is paid now. */
    @SuppressLint("ApplySharedPref")
    fun answered(store: SharedPreferences, paid: String?) {
        store.edit().remove(ID).remove(AMOUNT).remove(REFUNDED).putString(PAID, paid).commit()
    }

    companion object {
        private const val ID = "id"
        private const val AMOUNT = "amount"
        private const val REFUNDED = "refunded"
        private const val PAID = "paid"

        /** Gives the request whose answer this app has not seen. */
        fun unanswered(store: SharedPreferences): Request? {
            val id = store.getString(ID, null) ?: return null
            return Request(id, store.getLong(AMOUNT, 0), store.getString(REFUNDED, null))
        }

        /** Gives the transaction of the newest payment that was not given back. */
        fun paid(store: SharedPreferences): String? = store.getString(PAID, null)
    }
}
