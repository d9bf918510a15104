//! What keeps the gateway from running.

use std::process::ExitCode;

use till_config::ConfigError;

/// Says it in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// The configuration is missing or wrong.
    #[error("{0}")]
    NotConfigured(String),
    /// The journal, or the gateway's own file, cannot be used.
    #[error("{0}")]
    Journal(String),
    /// The system does not give what is needed.
    #[error("{0}")]
    Failed(String),
}

impl From<Trouble> for ExitCode {
    fn from(trouble: Trouble) -> Self {
        Self::from(match trouble {
            Trouble::Failed(_) => 1,
            Trouble::NotConfigured(_) => 4,
            Trouble::Journal(_) => 6,
        })
    }
}

impl From<ConfigError> for Trouble {
    fn from(error: ConfigError) -> Self {
        Self::NotConfigured(error.0)
    }
}
