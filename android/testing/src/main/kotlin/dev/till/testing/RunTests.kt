package dev.till.testing

import java.io.File
import kotlin.system.exitProcess
import org.junit.runner.Description
import org.junit.runner.JUnitCore
import org.junit.runner.Request
import org.junit.runner.Result
import org.junit.runner.manipulation.Filter
import org.junit.runner.notification.Failure
import org.junit.runner.notification.RunListener

/** Runs every class named *Test on the class path's folders, or those that the arguments name. */
public fun main(wanted: Array<String>) {
    val classes = classes().filter { name ->
        wanted.isEmpty() || wanted.any { name.endsWith(it.substringBefore('#')) }
    }
    val core = JUnitCore()
    val progress = Progress()
    core.addListener(progress)
    for (name in classes) {
        val method = wanted.firstOrNull {
            it.contains('#') && name.endsWith(it.substringBefore('#'))
        }
        var request = Request.aClass(Class.forName(name))
        if (method != null) request = request.filterWith(Named(method.substringAfter('#')))
        core.run(request)
    }
    println("${progress.passed} passed, ${progress.failed} failed, ${progress.skipped} skipped")
    // Threads of the library, of Robolectric and of JNA would keep the process.
    exitProcess(if (progress.failed > 0 || progress.passed == 0) 1 else 0)
}

private fun classes(): List<String> {
    val folders = System.getProperty("java.class.path").split(File.pathSeparator).map(::File)
    return folders.filter { it.isDirectory }.flatMap { folder ->
        folder.walkTopDown()
            .filter { it.name.endsWith("Test.class") && !it.name.contains('$') }
            .map { it.relativeTo(folder).path.removeSuffix(".class").replace('/', '.') }
    }.sorted()
}

private class Named(private val method: String) : Filter() {
    override fun shouldRun(description: Description): Boolean =
        description.children.any(::shouldRun) ||
            description.methodName?.substringBefore('[') == method

    override fun describe(): String = method
}

private class Progress : RunListener() {
    var passed = 0
    var failed = 0
    var skipped = 0
    private var begun = 0L
    private var name = ""

    override fun testRunStarted(description: Description) {
        begun = System.nanoTime()
        name = description.children.firstOrNull()?.className ?: description.displayName
    }

    override fun testRunFinished(result: Result) {
        val ms = (System.nanoTime() - begun) / 1_000_000
        val well = result.runCount - result.failureCount
        passed += well
        failed += result.failureCount
        skipped += result.ignoreCount
        println("$name: $well of ${result.runCount} passed, $ms ms")
    }

    override fun testFailure(failure: Failure) {
        println("FAILED ${failure.description.displayName}")
        println(failure.trimmedTrace)
    }
}
