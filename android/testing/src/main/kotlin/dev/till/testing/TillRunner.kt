package dev.till.testing

import java.util.Properties
import org.junit.runners.model.FrameworkMethod
import org.robolectric.RobolectricTestRunner
import org.robolectric.internal.bytecode.InstrumentationConfiguration

/**
 * Runs tests with Robolectric, and keeps the natives out of what it loads anew for each Android
 * version: a library belongs to one class loader in a process.
 *
 * Every test that needs Android uses it: one on the stock runner would break others by order.
 * The sample's tests see the sample's manifest and resources, all others those of the terminal app.
 */
public class TillRunner(tests: Class<*>) : RobolectricTestRunner(tests) {
    override fun createClassLoaderConfig(method: FrameworkMethod): InstrumentationConfiguration =
        InstrumentationConfiguration.Builder(super.createClassLoaderConfig(method))
            .doNotAcquirePackage("dev.till.internal.")
            .doNotAcquireClass("dev.till.internal.Native")
            .doNotAcquireClass("dev.till.internal.Listener")
            .doNotAcquireClass("dev.till.internal.BridgeListener")
            .doNotAcquirePackage("dev.till.testing.")
            .build()

    override fun getBuildSystemApiProperties(): Properties {
        val app = if (testClass.name.startsWith("dev.till.sample.")) "sample-pos" else "app"
        val name = "/$app.properties"
        val file = checkNotNull(javaClass.getResourceAsStream(name)) { "no $name" }
        return file.use { Properties().apply { load(it) } }
    }
}
