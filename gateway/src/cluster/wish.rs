//! What one process of a gateway asks of another, as both write and read it.

use serde::{Deserialize, Serialize};
use till_core::engine::{Act, Named};
use till_core::id::{Caller, ExternalId, OperationId};
use till_core::rail::gateway::wire::{OrderBody, ViewBody};

use crate::body::Refused;

/// Is a wish, and whether it is answered.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Envelope {
    pub(super) reply: bool,
    pub(super) wish: Wish,
}

/// Is something to be done by the process that drives an operation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wish {
    /// What a caller wants of an operation that it names.
    Act {
        /// Who asks; `None`: an operator.
        caller: Option<Caller>,
        /// The operation.
        id: OperationId,
        /// What it is to be.
        order: Option<OrderBody>,
        /// What is wanted.
        act: Act,
    },
    /// The bank says that something happened.
    Push {
        /// The operation's name at the bank.
        external_id: ExternalId,
    },
    /// ecommpay says so; the process that reads it checks it again.
    Callback {
        /// What came.
        body: String,
    },
}

/// Is the answer to a wish.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// How the operation stands.
    View(Box<ViewBody>),
    /// What its caller is told instead.
    Refused {
        /// The status of HTTP.
        status: u16,
        /// A word for programs.
        error: String,
        /// A sentence for people.
        message: String,
    },
}

impl Wish {
    pub(super) fn of(named: &Named, order: Option<&OrderBody>) -> Self {
        let Named { caller, id, order: _, begin: _, act } = named.clone();
        Self::Act { caller, id, order: order.cloned(), act }
    }
}

impl Envelope {
    pub(super) fn to_text(&self) -> Result<String, Refused> {
        serde_json::to_string(self).map_err(|error| {
            tracing::error!(%error, "a wish cannot be written");
            Refused::journal()
        })
    }
}
