package dev.till.platform

import dev.till.TillException
import dev.till.TillSettings
import org.json.JSONException
import org.json.JSONObject

/** Writes settings as the text that is kept: names and texts, so that every version reads it. */
internal object KeptText {
    fun write(settings: TillSettings): String {
        val whole = JSONObject()
        for (name in settings.names.sorted()) whole.put(name, settings[name])
        return whole.toString()
    }

    fun read(text: String): TillSettings {
        val made = TillSettings.Builder()
        try {
            val whole = JSONObject(text)
            for (name in whole.keys()) made.set(name, whole.getString(name))
        } catch (broken: JSONException) {
            val what = listOf("settings: what is kept is damaged; enter the settings again")
            throw TillException(TillException.Todo.CORRECT_CONFIGURATION, what)
                .apply { initCause(broken) }
        }
        return made.build()
    }
}
