package dev.till.platform

import android.app.Application
import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.Context
import android.net.Network
import android.os.Build
import dev.till.testing.TillRunner
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowNetwork

/** What the system is asked for, on each kind of Android. */
@RunWith(TillRunner::class)
@Config(sdk = [24, 28, 34])
class SettleJobTest {
    private val app: Application get() = RuntimeEnvironment.getApplication()

    @Test
    fun theJobSurvivesARebootAndWaitsForANetwork() {
        assertTrue(SettleJob.scheduleNow(app, 77))
        val jobs = app.getSystemService(Context.JOB_SCHEDULER_SERVICE) as JobScheduler
        val job = jobs.allPendingJobs.single()
        assertEquals(77, job.id)
        assertEquals(SettleJob::class.java.name, job.service.className)
        assertTrue(job.isPersisted)
        @Suppress("DEPRECATION")
        assertEquals(JobInfo.NETWORK_TYPE_ANY, job.networkType)
        // In the background, processes are frozen soon: only an expedited job runs at once.
        if (Build.VERSION.SDK_INT >= 31) {
            assertTrue(job.isExpedited)
        } else {
            assertEquals(0, job.minLatencyMillis)
        }
    }

    @Test
    fun askingAgainReplacesTheJob() {
        repeat(3) { SettleJob.scheduleNow(app, 77) }
        val jobs = app.getSystemService(Context.JOB_SCHEDULER_SERVICE) as JobScheduler
        assertEquals(1, jobs.allPendingJobs.size)
    }

    @Test
    fun onlyAnotherNetworkIsAChange() {
        var changes = 0
        val watch = NetworkWatch.Changes { changes++ }
        val wifi: Network = ShadowNetwork.newInstance(1)
        val cell: Network = ShadowNetwork.newInstance(2)
        watch.onAvailable(wifi)
        watch.onAvailable(wifi)
        assertEquals("the first is no change", 0, changes)
        watch.onAvailable(cell)
        assertEquals(1, changes)
        watch.onLost(cell)
        assertEquals("without a network there is nobody to call", 1, changes)
        watch.onAvailable(cell)
        assertEquals("after a gap, its connections are dead", 2, changes)
    }
}
