//! Requests that were read and hold every rule of the contract.

use super::extra::Metadata;
use super::transaction::QpTransaction;
use crate::id::{Caller, RailId, RequestId};
use crate::money::Currency;
use crate::operation::Action;

/// Names what an intent asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Take a payment.
    Pay,
    /// Give money back.
    Refund,
    /// Tell the stored outcome of an earlier request.
    Status,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pay, Self::Refund, Self::Status];

    /// Gives the intent's action.
    pub fn action(self) -> &'static str {
        match self {
            Self::Pay => "ru.lifepay.checkout.quick_payments_terminal.pay",
            Self::Refund => "ru.lifepay.checkout.quick_payments_terminal.refund",
            Self::Status => "dev.till.terminal.action.STATUS",
        }
    }

    /// Finds the verb of an intent's action.
    pub fn of(action: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.action() == action)
    }
}

impl From<Action> for Verb {
    fn from(action: Action) -> Self {
        match action {
            Action::Pay => Self::Pay,
            Action::Refund => Self::Refund,
        }
    }
}

/// Is a request whose every extra was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Take a payment.
    Pay(PayRequest),
    /// Give money back.
    Refund(RefundRequest),
    /// Tell the stored outcome of an earlier request.
    Status(StatusRequest),
}

/// Asks for a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayRequest {
    /// Who asks.
    pub caller: Caller,
    /// The caller's id; `None`: one is to be generated.
    pub request_id: Option<RequestId>,
    /// To be echoed.
    pub metadata: Option<Metadata>,
    /// The sum in minor units, 1 to [`crate::money::Amount::MAX_MINOR`].
    pub amount_minor: u64,
    /// What it is for, 0 to 255 UTF-16 units.
    pub purpose: String,
    /// The currency; `None`: the configured one.
    pub currency: Option<Currency>,
    /// The rail; `None`: the configured one. Not checked against the configuration.
    pub rail: Option<RailId>,
    /// A scanned code: the entry-code flow.
    pub code_value: Option<String>,
    /// Whether a repeated request id always gets the first answer.
    pub idempotent: bool,
}

/// Asks for a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// Who asks.
    pub caller: Caller,
    /// The caller's id; `None`: one is to be generated.
    pub request_id: Option<RequestId>,
    /// To be echoed.
    pub metadata: Option<Metadata>,
    /// The sum in minor units, 1 to [`crate::money::Amount::MAX_MINOR`].
    pub amount_minor: u64,
    /// The payment, as its JSON says; nothing of it is proven.
    pub primary: Box<QpTransaction>,
    /// The currency; `None`: the payment's.
    pub currency: Option<Currency>,
    /// The rail; `None`: the payment's. Not checked against the configuration.
    pub rail: Option<RailId>,
}

/// Asks for a stored outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRequest {
    /// Who asks.
    pub caller: Caller,
    /// The id of the earlier request.
    pub request_id: RequestId,
    /// To be echoed.
    pub metadata: Option<Metadata>,
    /// What the earlier request was.
    pub action: Action,
}

impl Request {
    /// Tells what is asked for.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Pay(_) => Verb::Pay,
            Self::Refund(_) => Verb::Refund,
            Self::Status(_) => Verb::Status,
        }
    }

    /// Tells what kind of operation it is about.
    pub fn about(&self) -> Action {
        match self {
            Self::Pay(_) => Action::Pay,
            Self::Refund(_) => Action::Refund,
            Self::Status(status) => status.action,
        }
    }

    /// Gives who asks.
    pub fn caller(&self) -> &Caller {
        match self {
            Self::Pay(pay) => &pay.caller,
            Self::Refund(refund) => &refund.caller,
            Self::Status(status) => &status.caller,
        }
    }

    /// Gives the caller's id of the request, if it has one.
    pub fn request_id(&self) -> Option<&RequestId> {
        match self {
            Self::Pay(pay) => pay.request_id.as_ref(),
            Self::Refund(refund) => refund.request_id.as_ref(),
            Self::Status(status) => Some(&status.request_id),
        }
    }

    /// Gives what is to be echoed.
    pub fn metadata(&self) -> Option<&Metadata> {
        match self {
            Self::Pay(pay) => pay.metadata.as_ref(),
            Self::Refund(refund) => refund.metadata.as_ref(),
            Self::Status(status) => status.metadata.as_ref(),
        }
    }
}
