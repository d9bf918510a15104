package android.util;

/** Stands in for the framework's class, whose log is the system's: here nobody reads one. */
public final class Log {
    private Log() {}

    public static boolean isLoggable(String tag, int level) {
        return false;
    }

    public static int d(String tag, String words) {
        return 0;
    }

    public static int i(String tag, String words) {
        return 0;
    }

    public static int w(String tag, String words) {
        return 0;
    }

    public static int w(String tag, String words, Throwable why) {
        return 0;
    }

    public static int e(String tag, String words) {
        return 0;
    }

    public static int e(String tag, String words, Throwable why) {
        return 0;
    }
}
