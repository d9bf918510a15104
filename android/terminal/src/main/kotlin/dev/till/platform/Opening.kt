package dev.till.platform

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import dev.till.TillConfiguration
import dev.till.TillException
import dev.till.TillHealth
import dev.till.TillNative
import dev.till.TillSettings
import dev.till.done
import dev.till.internal.Call
import dev.till.operations
import java.io.File
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.atomic.AtomicReference
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/**
 * Sets the terminal of this process up: one at a time, whoever asks.
 *
 * An app that configures has the last word; then whoever manages the device; then what is kept.
 */
internal object Opening {
    /** Is how the terminal was set up. */
    class Present(val source: TillHealth.Source, val setup: Setup, val problems: List<String>)

    /** Runs what outlives whoever began it. */
    val scope = CoroutineScope(
        // What fails here has told whoever asked by other ways; a process is not ended for it.
        SupervisorJob() + Dispatchers.Default + CoroutineExceptionHandler { _, _ -> },
    )

    private val turn = Mutex()
    private val watching = AtomicReference<Context>()

    /** Makes vaults; tests put keys of their own in. */
    @Volatile
    internal var keys: KeySource = Keystore

    /** How often whoever manages the device changed something, and what of it [present] knows. */
    private val changes = AtomicInteger()

    @Volatile
    private var seen = 0

    @Volatile
    private var keystoreFailure: String? = null

    /** What the terminal runs with; null: nobody has set it up. */
    @Volatile
    var present: Present? = null
        private set

    /** Configures as the app says, and keeps that for starts at which the app says nothing. */
    suspend fun configure(context: Context, configuration: TillConfiguration) {
        val app = application(context)
        turn.withLock {
            val setup = withContext(Dispatchers.IO) {
                val config = configuration.toConfig(configuration.journalIn(app))
                Setup(config, configuration.guards, configuration.screenLanguage)
            }
            begin(app, Present(TillHealth.Source.APP, setup, emptyList()))
            if (configuration.isKept) {
                scope.launch(Dispatchers.IO) {
                    write(app) { before ->
                        SettingsWriter.settings(setup, usualJournal(app).path, pinOf(before))
                    }
                }
            }
        }
    }

    /** Configures as whoever manages the device says, else as was kept. */
    suspend fun open(context: Context): Present {
        present?.let { if (!isStale(it)) return it }
        val app = application(context)
        return turn.withLock {
            val before = present
            if (before != null && !isStale(before)) return@withLock before
            val now = changes.get()
            val found = withContext(Dispatchers.IO) { find(app) }
            try {
                begin(app, found).also { seen = now }
            } catch (busy: TillException) {
                // What changed counts as soon as nothing runs; until then all goes on as before.
                val waits = busy.advice == TillException.Todo.WAIT_FOR_OPERATIONS
                if (before == null || !waits) throw busy
                before
            }
        }
    }

    /** Checks settings, keeps them, and sets the terminal up with them. */
    suspend fun keep(context: Context, settings: TillSettings) {
        val app = application(context)
        turn.withLock {
            val setup = SettingsReader(settings).setup(usualJournal(app).path)
            val managed = withContext(Dispatchers.IO) { Managed.read(app) }
            if (managed == null) begin(app, Present(TillHealth.Source.KEPT, setup, emptyList()))
            withContext(Dispatchers.IO) {
                write(app) { before ->
                    val pin = setup.guards.pin?.written(pinOf(before))
                    TillSettings.Builder(settings).set(Key.REFUND_PIN.setting, pin).build()
                }
            }
        }
    }

    /** Gives what is kept; null if nothing is, or it cannot be read. */
    suspend fun kept(context: Context): TillSettings? = withContext(Dispatchers.IO) {
        (vault(application(context)).read() as? Vault.Content.Text)?.let { KeptText.read(it.text) }
    }

    /** Tells how it stands. */
    suspend fun health(context: Context): TillHealth = withContext(Dispatchers.IO) {
        val now = present
        val problems = ArrayList(now?.problems.orEmpty())
        val secrets = when (val content = vault(application(context)).read()) {
            is Vault.Content.Nothing -> TillHealth.Secrets.NONE
            is Vault.Content.Unreadable -> {
                problems.add(unreadable(content))
                TillHealth.Secrets.UNREADABLE
            }
            is Vault.Content.Text ->
                if (content.wrapped) TillHealth.Secrets.KEYSTORE else TillHealth.Secrets.UNWRAPPED
        }
        val running = now?.setup?.config?.let {
            TillHealth.Running(it.terminalId, it.currency, it.rail, it.sandbox)
        }
        val source = now?.source ?: TillHealth.Source.NONE
        TillHealth(source, secrets, keystoreFailure, problems, running)
    }

    /** Notes that the terminal was stopped. */
    fun stopped() {
        present = null
    }

    /** Gives where the journal is unless somebody says otherwise. */
    fun usualJournal(context: Context): File = File(context.noBackupFilesDir, "till")

    /** Gives a file of what this side keeps by itself. */
    fun own(context: Context, name: String): File =
        File(File(context.noBackupFilesDir, "till-settings"), name)

    private fun vault(context: Context) = Vault(own(context, "settings"), keys)

    private fun find(context: Context): Present {
        val usual = usualJournal(context).path
        Managed.read(context)?.let { managed ->
            val setup = SettingsReader(managed.settings).setup(usual)
            return Present(TillHealth.Source.MANAGED, setup, managed.problems)
        }
        return when (val content = vault(context).read()) {
            is Vault.Content.Nothing ->
                throw TillException(TillException.Todo.CONFIGURE, emptyList())
            is Vault.Content.Unreadable ->
                throw TillException(
                    TillException.Todo.CORRECT_CONFIGURATION, listOf(unreadable(content)),
                )
            is Vault.Content.Text -> {
                val setup = SettingsReader(KeptText.read(content.text)).setup(usual)
                Present(TillHealth.Source.KEPT, setup, emptyList())
            }
        }
    }

    private suspend fun begin(context: Context, found: Present): Present {
        // An app that configures by itself may have no screens of ours.
        if (found.source != TillHealth.Source.APP) Bridges.beforeConfiguring()
        done(TillNative.ask(Call.Configure(found.setup.config)))
        present = found
        NetworkWatch.begin(context)
        watchRestrictions(context)
        // A process that ends now must not be the end of what the journal has open.
        scope.launch {
            val newest = operations(TillNative.ask(Call.History(LOOK_BACK)))
            if (newest.any { it.open }) SettleJob.scheduleNow(context, found.setup.guards.jobId)
        }
        return found
    }

    private fun write(context: Context, made: (before: TillSettings?) -> TillSettings) {
        val vault = vault(context)
        val content = vault.read()
        val before = (content as? Vault.Content.Text)?.let { readable(it.text) }
        val text = KeptText.write(made(before))
        // Written only when it differs, or when a keystore that failed may work again.
        if (content is Vault.Content.Text && content.wrapped && content.text == text) return
        keystoreFailure = vault.write(text)
    }

    private fun readable(text: String): TillSettings? = try {
        KeptText.read(text)
    } catch (_: TillException) {
        null
    }

    private fun pinOf(before: TillSettings?): String? = before?.get(Key.REFUND_PIN.setting)

    private fun unreadable(content: Vault.Content.Unreadable) =
        "settings: what is kept cannot be read (${content.why}); enter the settings again"

    private fun isStale(now: Present): Boolean {
        if (now.source == TillHealth.Source.APP) return false
        val followed = now.setup.language == null
        val moved = followed && now.setup.config.language != SettingsReader.deviceLanguage()
        return moved || seen != changes.get()
    }

    /** The system tells such changes only to processes that live. */
    private fun watchRestrictions(context: Context) {
        if (watching.getAndSet(context) === context) return
        val receiver = object : BroadcastReceiver() {
            override fun onReceive(context: Context, intent: Intent) {
                changes.incrementAndGet()
                scope.launch { open(context) }
            }
        }
        val changed = IntentFilter(Intent.ACTION_APPLICATION_RESTRICTIONS_CHANGED)
        context.registerReceiver(receiver, changed)
    }

    private fun application(context: Context): Context = context.applicationContext ?: context

    private const val LOOK_BACK = 50
}
