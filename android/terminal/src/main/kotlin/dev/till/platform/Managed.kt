package dev.till.platform

import android.content.Context
import android.content.RestrictionsManager
import android.os.Bundle
import dev.till.TillSettings

/** Is what whoever manages the device sets for this app. */
internal class Managed(
    /** The settings. */
    val settings: TillSettings,
    /** What was left out, one line each. */
    val problems: List<String>,
) {
    companion object {
        /** Asks the system: never on a main thread. Null: the app is not managed. */
        fun read(context: Context): Managed? {
            Slow.note("reads restrictions")
            val manager = context.getSystemService(Context.RESTRICTIONS_SERVICE)
            return (manager as RestrictionsManager?)?.applicationRestrictions?.let(::of)
        }

        /**
         * Reads a bundle. Consoles fill in what nobody set: empty texts, zeros and flags alone say
         * nothing.
         */
        fun of(bundle: Bundle): Managed? {
            val made = TillSettings.Builder()
            val problems = ArrayList<String>()
            var said = false
            for (name in bundle.keySet()) {
                val key = Key.of(name)

                @Suppress("DEPRECATION")
                val text = textOf(bundle.get(name))
                if (key == null) {
                    if (SECTIONS.any { name.startsWith(it) }) {
                        problems.add("$name: there is no such setting in this version")
                    }
                } else if (!text.isNullOrBlank() && !(key.kind == Key.Kind.NUMBER && text == "0")) {
                    made.set(name, text)
                    said = said || key in TELLING
                }
            }
            return if (said) Managed(made.build(), problems) else null
        }

        private fun textOf(value: Any?): String? = when (value) {
            null -> null
            is String -> value
            is Boolean, is Int, is Long -> value.toString()
            is Array<*> -> value.joinToString(",")
            else -> null
        }

        /** What the names of an acquirer's settings begin with. */
        private val SECTIONS = listOf("octo_", "ecommpay_", "gateway_")

        /** Whoever sets one of these means to configure the terminal. */
        private val TELLING = setOf(
            Key.CURRENCY,
            Key.OCTO_BASE_URL,
            Key.OCTO_CLIENT_ID,
            Key.OCTO_CLIENT_SECRET,
            Key.ECOMMPAY_PROJECT_ID,
            Key.ECOMMPAY_SECRET,
            Key.GATEWAY_URL,
            Key.GATEWAY_TOKEN,
        )
    }
}
