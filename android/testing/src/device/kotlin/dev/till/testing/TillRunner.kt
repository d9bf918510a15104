package dev.till.testing

import org.junit.runners.BlockJUnit4ClassRunner

/**
 * Runs tests on a device: there is one Android, and the library belongs to one class loader anyway.
 * The tests' own words about versions are Robolectric's, and count for nothing here.
 */
public class TillRunner(tests: Class<*>) : BlockJUnit4ClassRunner(tests)
