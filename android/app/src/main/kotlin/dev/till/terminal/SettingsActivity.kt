package dev.till.terminal

import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import dev.till.Till
import dev.till.TillException
import dev.till.TillHealth
import dev.till.TillSettings
import java.io.IOException

/** Sets the terminal up by hand. */
public class SettingsActivity : Screen() {
    private lateinit var form: Form
    private var kept: TillSettings? = null

    override fun layout(): Int = R.layout.settings

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        // Secrets are entered here: no pictures of it, not even in the list of recent apps.
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        form = Form(findViewById<LinearLayout>(R.id.form))
        findViewById<View>(R.id.back).setOnClickListener { finish() }
        findViewById<View>(R.id.save).setOnClickListener { save() }
        findViewById<View>(R.id.save).isEnabled = false
        inBackground {
            val settings = Till.kept(this)
            val health = Till.health(this)
            onMain { show(settings, health, savedInstanceState) }
        }
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        if (findViewById<View>(R.id.save).isEnabled) form.remember(outState)
    }

    private fun show(settings: TillSettings?, health: TillHealth, saved: Bundle?) {
        kept = settings
        form.build(settings, health.configuredBy == TillHealth.Source.MANAGED, keeping(health))
        if (saved != null) form.recall(saved)
        findViewById<View>(R.id.save).isEnabled = true
    }

    /** Says how secrets are kept here, in words for people. */
    private fun keeping(health: TillHealth): String = when (health.secrets) {
        TillHealth.Secrets.NONE -> getString(R.string.secrets_none)
        TillHealth.Secrets.KEYSTORE -> getString(R.string.secrets_keystore)
        TillHealth.Secrets.UNWRAPPED ->
            getString(R.string.secrets_unwrapped, health.keystoreFailure ?: "-")
        TillHealth.Secrets.UNREADABLE -> getString(R.string.secrets_unreadable)
    }

    private fun save() {
        val settings = form.settings(kept)
        busy(true)
        inBackground {
            val wrong = try {
                Till.keep(this, settings)
                null
            } catch (failure: TillException) {
                if (failure.advice == TillException.Todo.WAIT_FOR_OPERATIONS) {
                    listOf(getString(R.string.wait_for_operations))
                } else {
                    failure.details.ifEmpty { listOf(failure.advice.toString()) }
                }
            } catch (full: IOException) {
                listOf(full.message.orEmpty())
            }
            onMain {
                busy(false)
                if (wrong == null) done() else form.tell(wrong, ::problem)
            }
        }
    }

    private fun done() {
        setResult(RESULT_OK, Intent())
        finish()
    }

    private fun busy(working: Boolean) {
        val save = findViewById<Button>(R.id.save)
        save.isEnabled = !working
        save.setText(if (working) R.string.checking else R.string.save)
        if (working) problem("")
    }

    private fun problem(words: String) {
        val view = findViewById<TextView>(R.id.problem)
        view.text = words
        view.visibility = if (words.isEmpty()) View.GONE else View.VISIBLE
    }
}
