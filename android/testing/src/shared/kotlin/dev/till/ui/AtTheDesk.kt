package dev.till.ui

import dev.till.Bank
import org.junit.rules.ExternalResource
import org.junit.rules.TemporaryFolder

/** Gives each test a bank and a terminal that is open, with a journal of its own. */
class AtTheDesk(
    private val waitMs: Long = 120_000,
    private val language: String = "en",
) : ExternalResource() {
    val folder = TemporaryFolder()

    internal lateinit var desk: Desk
        private set

    internal val bank: Bank get() = desk.bank

    override fun before() {
        folder.create()
        desk = newDesk(newBank(), folder.root)
        desk.open(waitMs, language)
    }

    override fun after() {
        desk.die()
        bank.close()
        folder.delete()
    }
}
