import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jetbrains.dokka.DokkaBootstrapImpl;

/** Runs Dokka over the configuration in a file: Docs CONFIGURATION.json. */
final class Docs {
    public static void main(String[] arguments) throws Exception {
        String configuration = new String(Files.readAllBytes(Paths.get(arguments[0])), "UTF-8");
        BiConsumer<String, String> logger =
                (level, line) -> {
                    if (!Set.of("debug", "info", "progress").contains(level)) {
                        System.err.println("dokka: " + level + ": " + line);
                    }
                };
        // Its threads would keep the process, whatever happens.
        int status = 1;
        try {
            DokkaBootstrapImpl dokka = new DokkaBootstrapImpl();
            dokka.configure(configuration, logger);
            dokka.generate();
            status = 0;
        } catch (RuntimeException | LinkageError failure) {
            failure.printStackTrace();
        } finally {
            System.exit(status);
        }
    }

    private Docs() {}
}
