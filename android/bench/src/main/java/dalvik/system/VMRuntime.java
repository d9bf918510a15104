package dalvik.system;

/** Stands in for the class of Android's own runtime, which a JVM is not. */
public final class VMRuntime {
    private static final VMRuntime RUNTIME = new VMRuntime();

    private VMRuntime() {}

    public static VMRuntime getRuntime() {
        return RUNTIME;
    }

    public boolean is64Bit() {
        return true;
    }
}
