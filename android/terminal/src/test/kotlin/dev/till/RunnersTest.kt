package dev.till

import dev.till.testing.TillRunner
import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** What all tests and classes have in common. */
class RunnersTest {
    @Test
    fun theVersionIsTheProjects() {
        assertEquals(System.getProperty("till.version"), Till.VERSION)
    }

    /** One test on Robolectric's own runner would break the others by order. */
    @Test
    fun everyTestWithAndroidRunsWithOurRunner() {
        val folders = System.getProperty("java.class.path").split(File.pathSeparator).map(::File)
        val names = folders.filter { it.isDirectory }.flatMap { folder ->
            folder.walkTopDown().filter { it.name.endsWith("Test.class") }
                .map { it.relativeTo(folder).path.removeSuffix(".class").replace('/', '.') }
        }
        val runners = names.mapNotNull { name ->
            val one = Class.forName(name, false, javaClass.classLoader)
            one.getAnnotation(RunWith::class.java)?.let { name to it.value.java }
        }
        val stock = runners.filter { (_, runner) ->
            RobolectricTestRunner::class.java.isAssignableFrom(runner) &&
                !TillRunner::class.java.isAssignableFrom(runner)
        }
        assertEquals(emptyList<Any>(), stock)
        assertTrue(runners.isNotEmpty())
    }
}
