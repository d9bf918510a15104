package dev.till.alipayplus

import android.app.Activity
import android.app.Application
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import dev.till.Till
import dev.till.TillBridge
import dev.till.TillHandOver
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch

/** Hands customers over to the SDK, and tells the terminal when they are back. */
internal class Bridge(
    private val sdk: AlipayPlusSdk,
    private val screen: () -> Activity?,
    private val returned: suspend (String) -> Unit = { Till.returned(it) },
) : TillBridge {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    override fun handOver(handOver: TillHandOver): Boolean {
        val activity = screen()?.takeUnless { it.isFinishing } ?: return false
        when (handOver) {
            is TillHandOver.Sdk -> go(activity, handOver.operationId) {
                sdk.handleAction(activity, handOver.payload)
            }
            is TillHandOver.Url -> {
                if (!handOver.url.startsWith("https://")) return false
                go(activity, handOver.operationId) {
                    sdk.launch(activity, handOver.url, handOver.userAgent, handOver.acDecodeConfig)
                }
            }
            // Another acquirer's: the SDK has nothing to do with it.
            is TillHandOver.Form -> return false
        }
        return true
    }

    /** The SDK shows screens: it is called on the main thread, which the caller is not. */
    private fun go(activity: Activity, operation: String, hand: suspend () -> Unit) {
        Handler(Looper.getMainLooper()).post {
            val back = Back(activity) { tell(operation) }
            activity.application.registerActivityLifecycleCallbacks(back)
            scope.launch(Dispatchers.Unconfined) {
                // Whatever the SDK throws, its absence included, ends no payment and no process.
                try {
                    hand()
                } catch (_: Exception) {
                    nobodyLeft(back, operation)
                } catch (_: LinkageError) {
                    nobodyLeft(back, operation)
                }
            }
        }
    }

    /** Nobody was taken anywhere: the bank is asked at once. */
    private fun nobodyLeft(back: Back, operation: String) {
        back.end()
        tell(operation)
    }

    private fun tell(operation: String) {
        scope.launch { returned(operation) }
    }

    /** Waits until the activity that was left is in front again, or gone. */
    private class Back(
        private val left: Activity,
        private val told: () -> Unit,
    ) : Application.ActivityLifecycleCallbacks {
        private var paused = false

        fun end() {
            left.application.unregisterActivityLifecycleCallbacks(this)
        }

        override fun onActivityPaused(activity: Activity) {
            paused = paused || activity === left
        }

        override fun onActivityResumed(activity: Activity) {
            if (!paused || activity !== left) return
            end()
            told()
        }

        override fun onActivityDestroyed(activity: Activity) {
            if (activity !== left) return
            end()
            told()
        }

        override fun onActivityCreated(activity: Activity, savedInstanceState: Bundle?) = Unit

        override fun onActivityStarted(activity: Activity) = Unit

        override fun onActivityStopped(activity: Activity) = Unit

        override fun onActivitySaveInstanceState(activity: Activity, outState: Bundle) = Unit
    }
}
