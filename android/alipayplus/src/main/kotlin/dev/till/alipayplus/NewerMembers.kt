package dev.till.alipayplus

import android.content.Context
import java.lang.reflect.Constructor
import java.lang.reflect.Field
import java.lang.reflect.InvocationTargetException
import java.lang.reflect.Method

/**
 * Finds members that the SDK's 1.4.0 lacks, in whatever version the app brings. Their names are
 * documented, their exact shapes are not. consumer-rules.pro keeps what is looked for here.
 */
internal object NewerMembers {
    private const val PAYLOAD = "sdkActionPayload"

    /** Calls `handleAction(context, params)` of the first client that has it. */
    fun handleAction(clients: List<Any>, context: Context, payload: String) {
        for (client in clients) {
            val method = handleAction(client.javaClass, context) ?: continue
            val params = params(method.parameterTypes[1], payload)
            try {
                method.isAccessible = true
                method.invoke(client, context, params)
            } catch (failure: InvocationTargetException) {
                val why = failure.targetException
                throw AlipayPlusException("handleAction", "the SDK failed: ${why.message}")
                    .apply { initCause(failure) }
            } catch (failure: ReflectiveOperationException) {
                throw tooOld("a handleAction that can be called").apply { initCause(failure) }
            }
            return
        }
        throw tooOld("handleAction")
    }

    /** Sets a member of an object of the SDK's, which must not be left out. */
    fun set(target: Any, name: String, value: String) {
        if (!isSet(target, name, value)) throw tooOld(name)
    }

    private fun isSet(target: Any, name: String, value: String): Boolean {
        val type = target.javaClass
        return put(found { type.getField(name) }, target, value) ||
            call(setter(type, name), target, value) ||
            put(declared(type, name), target, value)
    }

    /** The documented one takes a context; an activity's would do as well. */
    private fun handleAction(type: Class<*>, context: Context): Method? = type.methods
        .filter { it.name == "handleAction" && it.parameterTypes.size == 2 }
        .filter { it.parameterTypes[0].isInstance(context) }
        .minByOrNull { if (it.parameterTypes[0] == Context::class.java) 0 else 1 }

    /** Makes what it takes: an object with the payload in it, or the payload itself. */
    private fun params(type: Class<*>, payload: String): Any {
        if (type.isAssignableFrom(String::class.java)) return payload
        val empty = found { made(type.getDeclaredConstructor()) }
        if (empty != null && isSet(empty, PAYLOAD, payload)) return empty
        return found { made(type.getDeclaredConstructor(String::class.java), payload) }
            ?: throw tooOld("a ${type.simpleName} that takes $PAYLOAD")
    }

    private fun made(constructor: Constructor<*>, vararg with: Any): Any {
        constructor.isAccessible = true
        return constructor.newInstance(*with)
    }

    private fun setter(type: Class<*>, name: String): Method? {
        val setter = "set" + name.first().uppercaseChar() + name.drop(1)
        return found { type.getMethod(setter, String::class.java) }
    }

    private fun declared(type: Class<*>, name: String): Field? =
        generateSequence(type) { it.superclass }
            .mapNotNull { found { it.getDeclaredField(name) } }
            .firstOrNull()

    private fun put(field: Field?, target: Any, value: String): Boolean {
        if (field == null || !field.type.isAssignableFrom(String::class.java)) return false
        return found {
            field.isAccessible = true
            field.set(target, value)
            true
        } ?: false
    }

    private fun call(setter: Method?, target: Any, value: String): Boolean {
        if (setter == null) return false
        return found {
            setter.isAccessible = true
            setter.invoke(target, value)
            true
        } ?: false
    }

    /** Gives null for what is not there, or not to be used so. */
    private fun <T> found(look: () -> T): T? = try {
        look()
    } catch (_: ReflectiveOperationException) {
        null
    }

    private fun tooOld(what: String) = AlipayPlusException(
        AlipayPlusException.SDK_TOO_OLD,
        "the Alipay+ client SDK in this app lacks $what: it needs a version newer than 1.4.0",
    )
}
