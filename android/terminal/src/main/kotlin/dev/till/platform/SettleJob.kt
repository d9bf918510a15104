package dev.till.platform

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import android.os.Build
import dev.till.NewerApi
import dev.till.Till
import dev.till.TillException
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/**
 * Settles what is open after a reboot, and when the network returns.
 *
 * It only helps: every start of the process settles open operations, and a system that drops this
 * job makes nothing wrong.
 */
public class SettleJob : JobService() {
    private var running: Job? = null

    override fun onStartJob(params: JobParameters): Boolean {
        running = Opening.scope.launch {
            val again = isOpenAfterALook()
            jobFinished(params, again)
        }
        return true
    }

    override fun onStopJob(params: JobParameters): Boolean {
        // The look goes on by itself if the process does; the system asks again in any case.
        running?.cancel()
        return true
    }

    private suspend fun isOpenAfterALook(): Boolean = try {
        Opening.open(this)
        Till.resume().any { it.open }
    } catch (failure: TillException) {
        // Without a usable configuration, asking again later changes nothing.
        failure.advice != TillException.Todo.CONFIGURE &&
            failure.advice != TillException.Todo.CORRECT_CONFIGURATION
    }

    internal companion object {
        private const val BACK_OFF_MS = 30_000L

        /** Asks the system to run the job soon; may be called on a main thread. */
        fun schedule(context: Context) {
            val application = context.applicationContext ?: context
            val id = Opening.present?.setup?.guards?.jobId ?: return
            Opening.scope.launch { scheduleNow(application, id) }
        }

        /** Asks the system; true if it will run the job. */
        fun scheduleNow(context: Context, id: Int): Boolean {
            val jobs = context.getSystemService(Context.JOB_SCHEDULER_SERVICE) as JobScheduler?
                ?: return false
            val expedited = Build.VERSION.SDK_INT >= Build.VERSION_CODES.S &&
                ask(jobs) { expedited(job(context, id)) }
            return expedited || ask(jobs) { job(context, id).setMinimumLatency(0).build() }
        }

        private fun ask(jobs: JobScheduler, job: () -> JobInfo): Boolean = try {
            jobs.schedule(job()) == JobScheduler.RESULT_SUCCESS
        } catch (_: RuntimeException) {
            // A service that the app's manifest lacks, too many jobs, a vendor's own rules.
            false
        }

        private fun job(context: Context, id: Int): JobInfo.Builder =
            JobInfo.Builder(id, ComponentName(context, SettleJob::class.java))
                .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
                .setBackoffCriteria(BACK_OFF_MS, JobInfo.BACKOFF_POLICY_EXPONENTIAL)
                .setPersisted(true)

        /** Processes in the background are frozen soon; only such a job runs at once. */
        @NewerApi(31)
        private fun expedited(job: JobInfo.Builder): JobInfo = job.setExpedited(true).build()
    }
}
