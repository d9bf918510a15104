package dev.till.terminal

import android.app.Application

/** The terminal as an application of its own. */
public class App : Application()
