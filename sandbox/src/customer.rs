//! A customer who decides without a wallet page.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// What the customer does by itself with every payment, after a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auto {
    /// Pays.
    Approve,
    /// Tries to pay; the wallet declines.
    Decline,
    /// Cancels in the wallet.
    Cancel,
    /// Does nothing: the wallet page or a test decides.
    #[default]
    Ignore,
}

impl Auto {
    /// Every behaviour.
    pub const ALL: [Self; 4] = [Self::Approve, Self::Decline, Self::Cancel, Self::Ignore];

    /// Returns the name, as on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
            Self::Ignore => "ignore",
        }
    }
}

impl fmt::Display for Auto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Auto {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|auto| auto.name() == name).ok_or_else(|| {
            format!(
                "`{name}` is not what a customer does: write approve, decline, cancel or ignore"
            )
        })
    }
}
