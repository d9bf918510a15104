//! Why a command gets no answer from a terminal.

use till_config::ConfigError;
use till_core::intent::Refusal;
use till_core::journal::JournalError;

use crate::exit::Exit;

/// Is what went wrong, each with one line for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// The command line is wrong.
    #[error("{0}")]
    Usage(String),
    /// The configuration is missing or wrong, or another one is in use.
    #[error("{0}")]
    NotConfigured(String),
    /// The journal cannot be used.
    #[error("{0}")]
    Journal(String),
    /// The terminal failed on the way, and only the journal knows how far it came.
    #[error("{0}")]
    Failed(String),
}

impl Trouble {
    /// Gives the exit status.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::BadRequest,
            Self::NotConfigured(_) => Exit::NotConfigured,
            Self::Journal(_) => Exit::Journal,
            Self::Failed(_) => Exit::Unknown,
        }
    }

    /// Gives what a POS is told.
    pub(crate) fn refusal(&self) -> Refusal {
        match self {
            Self::Usage(_) => Refusal::Unreadable,
            Self::NotConfigured(words) => Refusal::NotConfigured(words.clone()),
            Self::Journal(words) => Refusal::Journal(words.clone()),
            Self::Failed(_) => Refusal::Failed,
        }
    }
}

impl From<JournalError> for Trouble {
    fn from(error: JournalError) -> Self {
        Self::Journal(error.to_string())
    }
}

impl From<ConfigError> for Trouble {
    fn from(error: ConfigError) -> Self {
        Self::NotConfigured(error.0)
    }
}
