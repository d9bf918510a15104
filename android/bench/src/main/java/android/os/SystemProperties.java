package android.os;

/** Stands in for the framework's class, which asks the system natively: a JVM is no device. */
public final class SystemProperties {
    private SystemProperties() {}

    public static String get(String name) {
        return get(name, "");
    }

    public static String get(String name, String otherwise) {
        switch (name) {
            case "ro.build.version.sdk":
                return "34";
            case "ro.product.cpu.abilist":
            case "ro.product.cpu.abilist64":
                return "x86_64";
            case "ro.build.version.all_codenames":
                return "REL";
            default:
                return otherwise;
        }
    }

    public static int getInt(String name, int otherwise) {
        String value = get(name);
        return value.isEmpty() ? otherwise : Integer.parseInt(value);
    }

    public static long getLong(String name, long otherwise) {
        return otherwise;
    }

    public static boolean getBoolean(String name, boolean otherwise) {
        return otherwise;
    }
}
