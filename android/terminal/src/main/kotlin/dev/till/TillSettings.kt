package dev.till

/**
 * A configuration as names and texts, as fleets of terminals are managed and as a settings screen
 * edits it. The names are those of the managed app restrictions, [TillSettings.NAMES].
 *
 * Flags are `true` or `false`, lists are separated by commas. Holds secrets: never log it.
 */
public class TillSettings private constructor(internal val values: Map<String, String>) {
    /** Gives a setting; null if it is not set. */
    public operator fun get(name: String): String? = values[name]

    /** Tells what is set. */
    public val names: Set<String> get() = values.keys

    override fun equals(other: Any?): Boolean = other is TillSettings && other.values == values

    override fun hashCode(): Int = values.hashCode()

    /** Makes settings. */
    public class Builder() {
        private val values = LinkedHashMap<String, String>()

        /** Begins with other settings. */
        public constructor(from: TillSettings) : this() {
            values.putAll(from.values)
        }

        /** Sets one; null or a blank text unsets it. */
        public fun set(name: String, value: String?): Builder = apply {
            if (value.isNullOrBlank()) values.remove(name) else values[name] = value
        }

        /** Makes the settings. */
        public fun build(): TillSettings = TillSettings(LinkedHashMap(values))
    }

    public companion object {
        /** Every name, in the order of a settings screen. */
        @JvmField
        public val NAMES: List<String> = dev.till.platform.Key.entries.map { it.setting }
    }
}
