//! What a measured process is told to do, and the bank that it speaks to.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::meter::Taken;

/// Is one measured run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// The bank.
    pub(crate) bank: Address,
    /// What to do.
    pub(crate) task: Task,
    /// Where the journal is, if one is needed.
    pub(crate) journal: PathBuf,
    /// The least time between the starts of two calls, in milliseconds.
    pub(crate) pace_ms: u64,
}

/// Is where a bank is and whom to trust there.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Address {
    /// Its URL.
    pub(crate) base_url: String,
    /// Its certificate authority, PEM.
    pub(crate) ca_pem: String,
}

/// Is what to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Task {
    /// So many payments, of which the first `warm_up` are not measured.
    Pays { warm_up: u32, count: u32 },
    /// The same calls without a terminal.
    BareCalls { warm_up: u32, count: u32 },
    /// So many payments at once, polled until their customers have paid.
    PatientPays { count: u32 },
    /// The same calls without a terminal.
    PatientBareCalls { count: u32 },
    /// One payment and so many refunds of it.
    Refunds { count: u32 },
    /// One payment that waits for so many milliseconds and is then cancelled.
    Waiting { ms: u64 },
    /// The time until a code is known, by a bare HTTP client that has nothing ready.
    BareCode,
    /// The times until a code is known: without and with token and connection.
    Codes { cold: u32, warm: u32 },
}

/// Is what a measured process tells.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Told {
    /// What the measured part of the task took.
    pub(crate) taken: Taken,
    /// The single times that the task is about, in microseconds: [`Task::Codes`], cold ones first;
    /// [`Task::BareCode`].
    pub(crate) times_us: Vec<u64>,
}

impl Job {
    /// Gives the command that does this job.
    pub(crate) fn arguments(&self) -> Outcome<Vec<String>> {
        Ok(vec!["work".to_owned(), serde_json::to_string(self)?])
    }

    /// Does this job in a process of its own.
    pub(crate) fn run(&self) -> Outcome<Told> {
        let mut command = Command::new(std::env::current_exe()?);
        Self::finish(command.args(self.arguments()?))
    }

    /// Runs a command that does a job, and reads what it tells.
    pub(crate) fn finish(command: &mut Command) -> Outcome<Told> {
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(format!("the measured process failed: {}", output.status).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}
