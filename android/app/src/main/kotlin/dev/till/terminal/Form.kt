package dev.till.terminal

import android.content.Context
import android.os.Bundle
import android.text.InputType
import android.view.View
import android.view.ViewGroup
import android.widget.ArrayAdapter
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.Spinner
import android.widget.Switch
import android.widget.TextView
import dev.till.R.string as Titles
import dev.till.Till
import dev.till.TillSettings

/** The fields of the settings, by their names. */
internal class Form(private val root: LinearLayout) {
    private val context: Context = root.context
    private val texts = LinkedHashMap<String, EditText>()
    private val flags = LinkedHashMap<String, Switch>()
    private val words = LinkedHashMap<String, Pair<Spinner, List<String>>>()
    private val secrets = HashSet<String>()
    private var pinWanted: Switch? = null

    /** Puts the fields on the screen. */
    fun build(settings: TillSettings?, managed: Boolean, keeping: String) {
        root.removeAllViews()
        if (managed) soft(context.getString(R.string.managed))
        bank(settings)
        gateway(settings)
        terminal(settings)
        guards(settings)
        group(R.string.group_device)
        soft(keeping)
        soft(context.getString(R.string.clear_data))
        soft(context.getString(R.string.version, Till.VERSION))
    }

    private fun bank(settings: TillSettings?) {
        group(R.string.group_bank)
        flag("sandbox", R.string.use_sandbox, settings) { tryOut(it) }
        soft(context.getString(R.string.use_sandbox_words))
        text("octo_base_url", Titles.till_setting_octo_base_url, settings, URL)
        text("octo_client_id", Titles.till_setting_octo_client_id, settings)
        secret("octo_client_secret", Titles.till_setting_octo_client_secret, settings)
        text("octo_user_id", Titles.till_setting_octo_user_id, settings)
        text("octo_region", Titles.till_setting_octo_region, settings)
        flag("octo_live", Titles.till_setting_octo_live, settings) {}
        text("octo_extra_roots", Titles.till_setting_octo_extra_roots, settings, LINES)
    }

    private fun gateway(settings: TillSettings?) {
        group(R.string.group_gateway)
        soft(context.getString(R.string.gateway_words))
        text("gateway_url", Titles.till_setting_gateway_url, settings, URL)
        secret("gateway_token", Titles.till_setting_gateway_token, settings)
        text("gateway_extra_roots", Titles.till_setting_gateway_extra_roots, settings, LINES)
    }

    private fun terminal(settings: TillSettings?) {
        group(R.string.group_terminal)
        text("terminal_id", Titles.till_setting_terminal_id, settings)
        text("currency", Titles.till_setting_currency, settings, CAPITALS)
        val languages = listOf("", "en", "ru", "zh")
        val device = context.getString(R.string.language_device)
        val own = listOf(device, "English", "Русский", "中文")
        choice("language", Titles.till_setting_language, languages, own, settings)
        text("wait_s", Titles.till_setting_wait_s, settings, NUMBER)
        val late = listOf(
            context.getString(Titles.till_setting_late_payment_refund),
            context.getString(Titles.till_setting_late_payment_report),
        )
        val lateWords = listOf("refund", "report")
        val lateTitle = Titles.till_setting_late_payment
        choice("late_payment", lateTitle, lateWords, late, settings)
    }

    private fun guards(settings: TillSettings?) {
        group(R.string.group_guards)
        text("allowed_callers", Titles.till_setting_allowed_callers, settings, LINES)
        val asks = switch(R.string.ask_pin, settings?.get("refund_pin") != null) { pin(it) }
        pinWanted = asks
        secret("refund_pin", Titles.till_setting_refund_pin, settings, PIN)
        pin(asks.isChecked)
    }

    /** Reads the fields; what has no field stays as it was. */
    fun settings(kept: TillSettings?): TillSettings {
        val made = if (kept == null) TillSettings.Builder() else TillSettings.Builder(kept)
        for ((name, field) in texts) {
            val text = field.text.toString()
            // A secret is never shown; untouched, it stays.
            if (name !in secrets || text.isNotEmpty()) made.set(name, text)
        }
        if (pinWanted?.isChecked == false) made.set("refund_pin", null)
        for ((name, field) in flags) made.set(name, field.isChecked.toString())
        for ((name, field) in words) {
            made.set(name, field.second[maxOf(0, field.first.selectedItemPosition)])
        }
        return made.build()
    }

    /** Shows each problem at its field, and those without one by [otherwise]. */
    fun tell(wrong: List<String>, otherwise: (String) -> Unit) {
        for (field in texts.values) field.error = null
        var first: View? = null
        val rest = ArrayList<String>()
        for (line in wrong) {
            // The library's own names have a point between section and key.
            val name = line.substringBefore(':').replace('.', '_').trim()
            // What is wrong with the way to a bank is wrong with its address.
            val field = texts[name] ?: texts["${name}_base_url"] ?: texts["${name}_url"]
            field?.error = line.substringAfter(": ", line)
            first = first ?: field
            if (field == null) rest.add(line)
        }
        first?.requestFocus()
        otherwise(rest.joinToString("\n"))
    }

    /** Keeps what was entered over a rotation; secrets are entered again. */
    fun remember(into: Bundle) {
        for ((name, field) in texts) {
            if (name !in secrets) into.putString(name, field.text.toString())
        }
        for ((name, field) in flags) into.putBoolean(name, field.isChecked)
        for ((name, field) in words) into.putInt(name, field.first.selectedItemPosition)
    }

    /** Puts that back. */
    fun recall(from: Bundle) {
        for ((name, field) in texts) from.getString(name)?.let { field.setText(it) }
        for ((name, field) in flags) field.isChecked = from.getBoolean(name, field.isChecked)
        for ((name, field) in words) {
            field.first.setSelection(from.getInt(name, field.first.selectedItemPosition))
        }
    }

    /** Fills in what the sandbox is known to take. */
    private fun tryOut(sandbox: Boolean) {
        if (!sandbox) return
        val known = mapOf(
            "octo_client_id" to "till-sandbox",
            "octo_client_secret" to "sandbox-secret",
            "octo_user_id" to "208800000000000001",
            "currency" to "UZS",
        )
        for ((name, value) in known) {
            val field = texts.getValue(name)
            if (field.text.isEmpty()) field.setText(value)
        }
    }

    private fun group(title: Int) {
        val view = TextView(context, null, 0, R.style.Text_Heading)
        view.setText(title)
        view.setPadding(0, px(GAP * 2), 0, 0)
        root.addView(view)
    }

    private fun soft(text: String) {
        val view = TextView(context, null, 0, R.style.Text_Soft)
        view.text = text
        view.setPadding(0, px(GAP), 0, 0)
        root.addView(view)
    }

    private fun label(title: Int, of: View) {
        val view = TextView(context, null, 0, R.style.Text_Soft)
        view.setText(title)
        view.setPadding(0, px(GAP), 0, px(GAP / 3))
        view.labelFor = of.id
        root.addView(view)
    }

    private fun text(name: String, title: Int, settings: TillSettings?, kind: Int = PLAIN) {
        val field = EditText(context)
        field.id = View.generateViewId()
        field.inputType = kind
        field.setBackgroundResource(R.drawable.field)
        field.setPadding(px(GAP), px(GAP), px(GAP), px(GAP))
        field.minHeight = px(TOUCH)
        field.textSize = TEXT_SP
        // Views that save themselves would put secrets into the saved state.
        field.isSaveEnabled = false
        if (kind == LINES) field.maxLines = MOST_LINES
        if (name !in secrets) field.setText(settings?.get(name).orEmpty())
        label(title, field)
        root.addView(field, width())
        texts[name] = field
    }

    private fun secret(name: String, title: Int, settings: TillSettings?, kind: Int = PASSWORD) {
        secrets.add(name)
        text(name, title, settings, kind)
        if (settings?.get(name) != null) texts.getValue(name).setHint(R.string.secret_kept)
    }

    private fun flag(name: String, title: Int, settings: TillSettings?, turned: (Boolean) -> Unit) {
        flags[name] = switch(title, settings?.get(name) == "true", turned)
    }

    private fun switch(title: Int, checked: Boolean, turned: (Boolean) -> Unit): Switch {
        val field = Switch(context)
        field.id = View.generateViewId()
        field.setText(title)
        field.textSize = TEXT_SP
        field.setTextColor(context.getColor(R.color.ink))
        field.minHeight = px(TOUCH)
        field.isSaveEnabled = false
        field.isChecked = checked
        field.setOnCheckedChangeListener { _, on -> turned(on) }
        root.addView(field, width().apply { topMargin = px(GAP / 2) })
        return field
    }

    private fun pin(asks: Boolean) {
        texts.getValue("refund_pin").isEnabled = asks
    }

    private fun choice(
        name: String,
        title: Int,
        values: List<String>,
        shown: List<String>,
        settings: TillSettings?,
    ) {
        val field = Spinner(context)
        field.id = View.generateViewId()
        field.minimumHeight = px(TOUCH)
        field.isSaveEnabled = false
        val list = ArrayAdapter(context, android.R.layout.simple_spinner_item, shown)
        list.setDropDownViewResource(android.R.layout.simple_spinner_dropdown_item)
        field.adapter = list
        field.setSelection(maxOf(0, values.indexOf(settings?.get(name).orEmpty())))
        label(title, field)
        root.addView(field, width())
        words[name] = field to values
    }

    private fun width() = LinearLayout.LayoutParams(
        ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT,
    )

    private fun px(dp: Int): Int = (dp * context.resources.displayMetrics.density).toInt()

    private companion object {
        const val GAP = 12
        const val TOUCH = 52
        const val TEXT_SP = 16f
        const val MOST_LINES = 6
        const val NO_HELP = InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
        const val PLAIN = InputType.TYPE_CLASS_TEXT or NO_HELP
        const val URL = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_URI
        const val CAPITALS = PLAIN or InputType.TYPE_TEXT_FLAG_CAP_CHARACTERS
        const val LINES = PLAIN or InputType.TYPE_TEXT_FLAG_MULTI_LINE
        const val NUMBER = InputType.TYPE_CLASS_NUMBER
        const val PASSWORD = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_PASSWORD
        const val PIN =
            InputType.TYPE_CLASS_NUMBER or InputType.TYPE_NUMBER_VARIATION_PASSWORD
    }
}
