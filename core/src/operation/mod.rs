//! One pay or refund: what was ordered, what is known of its money, and how that changes.
//!
//! [`step`] is the only place where a state changes.

pub mod event;
pub mod rules;
pub mod state;
pub mod step;
mod watch;

use serde::{Deserialize, Serialize};

pub use event::{
    Ask, Audience, Blame, Code, CodeForm, Effect, Event, HandOver, Heard, Moment, NoReason, Timer,
    Verdict, Word,
};
pub use rules::{Pace, Pauses, Rules, Silence};
pub use state::{Choice, Life, Receipt, Relayed, Settling, State, Story, Told};
pub use step::step;

use crate::id::{Caller, ExternalId, OperationId, RailId, RequestId};
use crate::money::Amount;
use crate::time::Now;

/// Is one pay or refund as the journal holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Names the operation; also the `referenceOrderId` at the bank.
    pub id: OperationId,
    /// What was asked; never changes.
    pub order: Order,
    /// What is known of it.
    pub state: State,
    /// Whether a caller took the final answer; survives a kill, at worst lost to a power cut.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handed_over: bool,
}

/// Is what was asked for, with the names under which it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Pay or refund, with what only that one has.
    pub kind: Kind,
    /// Who asked.
    pub caller: Caller,
    /// The caller's id of the request, or a generated one.
    pub request_id: RequestId,
    /// The sum to pay or to give back.
    pub amount: Amount,
    /// The acquirer.
    pub rail: RailId,
    /// The name at the bank, the same on every attempt.
    pub external_id: ExternalId,
    /// When it was recorded.
    pub created: Now,
    /// Whether the bank is the sandbox.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sandbox: bool,
}

/// Tells a pay from a refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Takes a payment.
    Pay {
        /// What the payment is for, 0 to 255 UTF-16 units.
        purpose: String,
        /// A scanned static code: the entry-code flow. `None`: a new QR code is shown.
        code_value: Option<String>,
    },
    /// Gives money back.
    Refund {
        /// The payment whose money it is.
        payment: Payment,
        /// Whether this is the give-back of late money, which nobody asked for.
        late: bool,
    },
}

/// Is the payment of a refund, in the figures of the journal or, if it is foreign, of its JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its operation.
    pub id: OperationId,
    /// Its name at the bank.
    pub external_id: ExternalId,
    /// What was asked for: `orderAmount`.
    pub ordered: Amount,
    /// What was paid (`paymentAmount`), and the most that can be given back.
    pub paid: Amount,
    /// Whether another terminal took it: the bank's own word is asked before the first refund call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
    /// Its receipt, where another Till judges it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Box<str>>,
}

/// Names what a caller can ask for, as intents and journal write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Takes a payment.
    Pay,
    /// Gives money back.
    Refund,
}

impl Action {
    /// Gives the word of the journal and the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pay => "pay",
            Self::Refund => "refund",
        }
    }
}

impl Order {
    /// Tells whether it is a pay or a refund.
    pub fn action(&self) -> Action {
        match self.kind {
            Kind::Pay { .. } => Action::Pay,
            Kind::Refund { .. } => Action::Refund,
        }
    }

    /// Gives the payment of a refund.
    pub fn payment(&self) -> Option<&Payment> {
        match &self.kind {
            Kind::Refund { payment, .. } => Some(payment),
            Kind::Pay { .. } => None,
        }
    }

    /// Tells whether this is the refund of late money.
    pub fn is_give_back(&self) -> bool {
        matches!(self.kind, Kind::Refund { late: true, .. })
    }

    /// Gives the scanned code of an entry-code pay.
    pub fn code_value(&self) -> Option<&str> {
        match &self.kind {
            Kind::Pay { code_value, .. } => code_value.as_deref(),
            Kind::Refund { .. } => None,
        }
    }

    /// Gives what a payment is for; empty for a refund.
    pub fn purpose(&self) -> &str {
        match &self.kind {
            Kind::Pay { purpose, .. } => purpose,
            Kind::Refund { .. } => "",
        }
    }
}

impl Operation {
    /// Begins an operation; nothing was sent yet.
    pub fn new(id: OperationId, order: Order) -> Self {
        let state = State::Creating(state::Creating::new(order.created));
        Self { id, order, state, handed_over: false }
    }

    /// Tells whether it still needs driving: running, in doubt, watched, or giving money back.
    ///
    /// A give-back is open until its payment was told of its end, which counts as handed over.
    pub fn is_open(&self) -> bool {
        let untold = self.order.is_give_back() && !self.handed_over;
        match &self.state {
            State::Creating(_)
            | State::Waiting(_)
            | State::Closing(_)
            | State::InDoubt(_)
            | State::Closed(_) => true,
            State::Approved(approved) => approved.watched || untold,
            State::NotPaid(not_paid) => not_paid.watched || untold,
            State::Late(late) => late.story == Story::Refunding,
            State::Refused(_) => untold,
        }
    }

    /// Tells whether a code of it may still be on a screen, or a first call under way.
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Creating(_) | State::Waiting(_) | State::Closing(_))
    }

    /// Tells whether its request id is taken by it: a refusal with code 5 leaves it free.
    pub fn keeps_its_request(&self) -> bool {
        !matches!(&self.state, State::Refused(refused) if refused.code == 5)
    }

    /// Gives the code that the bank made, while it can be on its way to a screen.
    pub fn code(&self) -> Option<&Code> {
        match &self.state {
            State::Creating(creating) => creating.code.as_ref(),
            State::Waiting(waiting) => waiting.code.as_ref(),
            State::Closing(_)
            | State::InDoubt(_)
            | State::Approved(_)
            | State::NotPaid(_)
            | State::Refused(_)
            | State::Closed(_)
            | State::Late(_) => None,
        }
    }

    /// Gives the figures of money that moved.
    pub fn receipt(&self) -> Option<&Receipt> {
        match &self.state {
            State::Approved(approved) => Some(&approved.receipt),
            State::Late(late) => Some(&late.receipt),
            State::Creating(_)
            | State::Waiting(_)
            | State::Closing(_)
            | State::InDoubt(_)
            | State::NotPaid(_)
            | State::Refused(_)
            | State::Closed(_) => None,
        }
    }

    /// Gives the sum that this refund takes, or may have taken, of its payment.
    pub fn spent(&self) -> Option<Amount> {
        self.order.payment()?;
        match &self.state {
            State::Refused(_) | State::NotPaid(_) => None,
            State::Approved(approved) if approved.reversed => None,
            State::Creating(_)
            | State::Waiting(_)
            | State::Closing(_)
            | State::InDoubt(_)
            | State::Approved(_)
            | State::Closed(_)
            | State::Late(_) => Some(self.order.amount),
        }
    }
}
