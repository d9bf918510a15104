package android.os;

import java.io.FileOutputStream;
import java.io.IOException;

/** Stands in for the framework's, which asks a device's kernel who it is. */
public final class FileUtils {
    private FileUtils() {}

    public static boolean sync(FileOutputStream stream) {
        try {
            stream.getFD().sync();
            return true;
        } catch (IOException lost) {
            return false;
        }
    }
}
