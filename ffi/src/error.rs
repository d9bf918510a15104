//! Why something was not done, each named after what the caller does about it.

use till_core::journal::JournalError;
use till_core::terminal::{StartError, Stopped};

/// Says why a call was not done. A decline is no error but an answer.
#[derive(Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum TillError {
    /// Configure first: no terminal runs.
    #[error("the terminal is not configured")]
    Configure,
    /// Correct the configuration.
    #[error("the configuration cannot be used: {}", wrong.join("; "))]
    CorrectConfiguration {
        /// Each wrong key and what would be right, one line each.
        wrong: Vec<String>,
    },
    /// Wait until the running operations have their answers, then try again.
    #[error("operations are running; configure again when they have their answers")]
    WaitForOperations,
    /// Close the other process that writes this journal, then try again.
    #[error("{what}")]
    CloseOther {
        /// Who holds the journal.
        what: String,
    },
    /// Call whoever looks after the terminal: the journal cannot be used, and is kept as it is.
    #[error("{what}")]
    CallSupport {
        /// What is wrong with which file.
        what: String,
    },
    /// Try again: the terminal stopped on the way, or the system lacked something.
    #[error("{what}")]
    Retry {
        /// What happened.
        what: String,
    },
}

impl std::fmt::Debug for TillError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl From<JournalError> for TillError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Locked(what) => Self::CloseOther { what },
            JournalError::Unavailable(what)
            | JournalError::Damaged(what)
            | JournalError::Newer(what)
            | JournalError::Unsure(what)
            | JournalError::TakenOver(what)
            | JournalError::Conflict(what) => Self::CallSupport { what },
        }
    }
}

impl From<StartError> for TillError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Journal(error) => error.into(),
            StartError::System(what) => Self::Retry { what: format!("the system gives no {what}") },
        }
    }
}

impl From<Stopped> for TillError {
    fn from(stopped: Stopped) -> Self {
        Self::Retry { what: stopped.to_string() }
    }
}
