package dev.till.alipayplus

import android.content.Context
import java.lang.reflect.Field
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method

/** Finds members that the SDK's 1.4.0 lacks, in whatever version the app brings. */
internal object NewerMembers {
    private const val PAYLOAD = "sdkActionPayload"

    /** Calls `handleAction(context, params)` of the first client that has it. */
    fun handleAction(clients: List<Any>, context: Context, payload: String) {
        for (client in clients) {
            val method = handleAction(client.javaClass) ?: continue
            val params = params(method.parameterTypes[1], payload)
            try {
                method.invoke(client, context, params)
            } catch (failure: InvocationTargetException) {
                val why = failure.targetException
                throw AlipayPlusException("handleAction", "the SDK failed: ${why.message}")
                    .apply { initCause(failure) }
            }
            return
        }
        throw tooOld("handleAction")
    }

    /** Sets a field of an object of the SDK's; [needed]: it must not be left out. */
    fun set(target: Any, name: String, value: String, needed: Boolean) {
        val field = field(target.javaClass, name)
        if (field != null) field.set(target, value) else if (needed) throw tooOld(name)
    }

    private fun handleAction(type: Class<*>): Method? = type.methods.firstOrNull {
        val taken = it.parameterTypes
        it.name == "handleAction" && taken.size == 2 && taken[0] == Context::class.java
    }

    /** Makes what it takes: an object with the payload in it, or the payload itself. */
    private fun params(type: Class<*>, payload: String): Any {
        if (type == String::class.java) return payload
        val params = try {
            type.getConstructor().newInstance()
        } catch (_: ReflectiveOperationException) {
            throw tooOld("a constructor of ${type.simpleName}")
        }
        set(params, PAYLOAD, payload, needed = true)
        return params
    }

    private fun field(type: Class<*>, name: String): Field? = try {
        type.getField(name).takeIf { it.type.isAssignableFrom(String::class.java) }
    } catch (_: NoSuchFieldException) {
        null
    }

    private fun tooOld(what: String) = AlipayPlusException(
        AlipayPlusException.SDK_TOO_OLD,
        "the Alipay+ client SDK in this app lacks $what: it needs a version newer than 1.4.0",
    )
}
