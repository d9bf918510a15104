package dev.till.testing

import org.junit.runners.model.FrameworkMethod
import org.robolectric.RobolectricTestRunner
import org.robolectric.internal.bytecode.InstrumentationConfiguration

/**
 * Runs tests with Robolectric, and keeps the natives out of what it loads anew for each Android
 * version: a library belongs to one class loader in a process.
 *
 * Every test that needs Android uses it: one on the stock runner would break others by order.
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
}
