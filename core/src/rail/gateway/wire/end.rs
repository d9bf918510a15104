//! How an operation ended, so that a terminal ends as its gateway did.

use serde::{Deserialize, Serialize};

use crate::id::ExternalId;
use crate::operation::state::{Approved, Closed, Late, NotPaid, Refused};
use crate::operation::{Life, NoReason, Operation, Receipt, State, Story, Told};
use crate::time::Now;

/// Is how an operation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EndBody {
    /// The money moved, and was wanted.
    Approved {
        /// The figures.
        receipt: Receipt,
        /// The name at the bank.
        external_id: ExternalId,
        /// Whether the POS had been told that the outcome is not known.
        late: bool,
        /// Whether the bank is still asked whether it stands.
        watched: bool,
        /// Whether the bank took its word back.
        reversed: bool,
    },
    /// The bank's final no.
    NotPaid {
        /// Why.
        reason: NoReason,
        /// What was told before.
        told: Option<Told>,
        /// Whether it may still be paid.
        watched: bool,
    },
    /// Refused before any effect.
    Refused {
        /// The code of the answer.
        code: u8,
        /// The bank's words, or Till's.
        message: String,
        /// Whether a later look may end it.
        ask_status: bool,
    },
    /// Told without the bank's final word.
    Closed {
        /// What.
        told: Told,
    },
    /// Money that nobody was told of.
    Late {
        /// What was told.
        told: Told,
        /// The figures.
        receipt: Receipt,
        /// What becomes of it.
        story: Story,
    },
}

impl EndBody {
    /// Says how an operation ended; `None`: it has not.
    pub fn of(operation: &Operation) -> Option<Self> {
        let external_id = operation.order.external_id.clone();
        Some(match operation.state.clone() {
            State::Approved(Approved { receipt, late, watched, reversed }) => {
                Self::Approved { receipt, external_id, late, watched, reversed }
            }
            State::NotPaid(NotPaid { reason, told, watched, .. }) => {
                Self::NotPaid { reason, told, watched }
            }
            State::Refused(Refused { code, message, ask_status }) => {
                Self::Refused { code, message, ask_status }
            }
            State::Closed(Closed { told, life: _, silent: _, unheard: _ }) => Self::Closed { told },
            State::Late(Late { told, receipt, story }) => Self::Late { told, receipt, story },
            State::Creating(_) | State::Waiting(_) | State::Closing(_) | State::InDoubt(_) => {
                return None;
            }
        })
    }

    /// Gives the state in which a terminal ends that hears this.
    pub(in crate::rail::gateway) fn state(self) -> State {
        // The terminal takes its own.
        let now = Now { wall_ms: 0, boot_ms: 0, boot: crate::time::BootId(0) };
        let life = Life { from: now, ms: 0 };
        match self {
            Self::Approved { receipt, external_id: _, late, watched, reversed } => {
                State::Approved(Approved { receipt, late, watched, reversed })
            }
            Self::NotPaid { reason, told, watched } => State::NotPaid(NotPaid {
                reason,
                told,
                life,
                watched,
                choice: None,
                unheard: false,
            }),
            Self::Refused { code, message, ask_status } => {
                State::Refused(Refused { code, message, ask_status })
            }
            Self::Closed { told } => {
                State::Closed(Closed { told, life, silent: None, unheard: false })
            }
            Self::Late { told, receipt, story } => State::Late(Late { told, receipt, story }),
        }
    }

    /// Gives the figures of moved money.
    pub(in crate::rail::gateway) fn receipt(&self) -> Option<&Receipt> {
        match self {
            Self::Approved { receipt, .. } | Self::Late { receipt, .. } => Some(receipt),
            Self::NotPaid { .. } | Self::Refused { .. } | Self::Closed { .. } => None,
        }
    }
}
