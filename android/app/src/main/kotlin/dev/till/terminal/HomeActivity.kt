package dev.till.terminal

import android.app.Activity

/** Is a screen of the terminal. */
public class HomeActivity : Activity()
