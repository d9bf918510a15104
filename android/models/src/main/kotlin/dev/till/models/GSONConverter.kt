package dev.till.models

import com.google.gson.Gson
import com.google.gson.GsonBuilder
import com.google.gson.JsonElement
import com.google.gson.JsonParseException
import com.google.gson.TypeAdapter
import com.google.gson.stream.JsonReader
import com.google.gson.stream.JsonToken
import com.google.gson.stream.JsonWriter

/** Reads models from the JSON that a terminal gave. */
public object GSONConverter {
    internal val gson: Gson = GsonBuilder()
        .disableHtmlEscaping()
        .registerTypeAdapter(QPTransaction::class.java, Adapter)
        .create()

    /**
     * Reads a model.
     *
     * From Kotlin `GSONConverter.fromJSON(json, QPTransaction::class.java)`, from Java
     * `GSONConverter.fromJSON(json, QPTransaction.class)`.
     *
     * @throws JsonParseException if the text is no such model.
     */
    @JvmStatic
    @Throws(JsonParseException::class)
    public fun <T : Any> fromJSON(json: String, type: Class<T>): T =
        gson.fromJson(json, type) ?: throw JsonParseException("no ${type.simpleName} but null")

    /** Works without reflection, so that shrinking an app needs no rules for the models. */
    private object Adapter : TypeAdapter<QPTransaction>() {
        private val elements = Gson().getAdapter(JsonElement::class.java)

        override fun read(reader: JsonReader): QPTransaction? {
            if (reader.peek() == JsonToken.NULL) {
                reader.nextNull()
                return null
            }
            val element = elements.read(reader)
            if (!element.isJsonObject) throw JsonParseException("a QPTransaction is a JSON object")
            return QPTransaction(element.asJsonObject)
        }

        override fun write(writer: JsonWriter, value: QPTransaction?) {
            elements.write(writer, value?.json)
        }
    }
}
