package dev.till.sample

import android.app.Activity

/** The till of a shop that takes payments through the terminal. */
public class PosActivity : Activity()
