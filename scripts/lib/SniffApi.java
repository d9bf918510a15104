import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import org.codehaus.mojo.animal_sniffer.ClassListBuilder;
import org.codehaus.mojo.animal_sniffer.SignatureChecker;
import org.codehaus.mojo.animal_sniffer.logging.PrintWriterLogger;

/**
 * Fails if classes use what an Android version does not have.
 *
 * <p>SniffApi SIGNATURE CLASSES CLASS_PATH: the class path's own packages are not looked at. What
 * is annotated with NewerApi, the library's or the app's, because it runs on newer versions only,
 * is let pass.
 */
final class SniffApi {
    public static void main(String[] arguments) throws Exception {
        PrintWriterLogger logger = new PrintWriterLogger(System.err);
        ClassListBuilder own = new ClassListBuilder(logger);
        own.process(new File(arguments[1]));
        for (String path : arguments[2].split(File.pathSeparator)) {
            own.process(new File(path));
        }
        Set<String> packages = own.getPackages();
        try (InputStream signature = new FileInputStream(arguments[0])) {
            SignatureChecker checker = new SignatureChecker(signature, packages, logger);
            checker.setAnnotationTypes(
                    Arrays.asList("dev.till.NewerApi", "dev.till.terminal.NewerApi"));
            checker.setSourcePath(Collections.emptyList());
            checker.process(new File(arguments[1]));
            System.exit(checker.isSignatureBroken() ? 1 : 0);
        }
    }

    private SniffApi() {}
}
