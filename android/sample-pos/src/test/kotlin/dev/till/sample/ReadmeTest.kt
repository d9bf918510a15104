package dev.till.sample

import java.io.File
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** What the README shows is compiled: each of its blocks stands in the sample or the consumer. */
class ReadmeTest {
    private val root = File(System.getProperty("till.root"))

    private fun lines(text: String) =
        text.lines().map { it.trim() }.filter { it.isNotEmpty() }

    @Test
    fun everyBlockOfCodeIsFromASourceThatIsBuilt() {
        val sources = listOf("android/sample-pos/src/main", "android/consumer")
            .flatMap { File(root, it).walkTopDown() }
            .filter { it.extension in setOf("kt", "java", "xml") }
            .map { lines(it.readText()) }
        val blocks = Regex("```(kotlin|java|xml)\\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
            .findAll(File(root, "README.md").readText()).map { it.groupValues[2] }.toList()
        assertTrue("there are some", blocks.size >= 3)
        val strange = blocks.filter { block ->
            val wanted = lines(block)
            sources.none { source -> source.windowed(wanted.size).any { it == wanted } }
        }
        assertEquals(emptyList<String>(), strange)
    }
}
