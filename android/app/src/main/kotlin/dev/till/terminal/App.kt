package dev.till.terminal

import android.app.Application
import dev.till.Till

/** The terminal as an application of its own. */
public class App : Application() {
    override fun onCreate() {
        super.onCreate()
        // Settles what was open when the process ended, and is ready when a screen is drawn.
        Till.start(this)
    }
}
