//! Answers: what a POS app is told.

use std::fmt;

use super::extra::{Extra, Metadata};
use super::request::Verb;
use crate::id::{OperationId, RequestId};
use crate::operation::{Action, Story};

/// The `resultCode` of every answer: Android's `Activity.RESULT_OK`.
pub const RESULT_OK: i32 = -1;

/// Is an answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The request's action, echoed whatever it was.
    pub action: String,
    /// What happened.
    pub code: AnswerCode,
    /// The request's id, or a generated one.
    pub request_id: RequestId,
    /// The request's metadata.
    pub metadata: Option<Metadata>,
    /// The QPTransaction as JSON; `Some` exactly with [`AnswerCode::Success`].
    pub transaction: Option<String>,
    /// For the user, in the terminal's language. Told to the POS only with an error.
    pub message: String,
    /// What the POS should do next.
    pub advice: Advice,
    /// What becomes of money that came late.
    pub late_payment: Option<Story>,
    /// What was paid, in minor units, where that is not what was asked for.
    pub paid_amount: Option<u64>,
    /// Whether the bank is the sandbox.
    pub sandbox: bool,
    /// The operation that answers; stays in the terminal.
    pub operation: Option<OperationId>,
}

impl Answer {
    /// Tells what was asked for; `None` if the action is none of the contract.
    pub fn verb(&self) -> Option<Verb> {
        Verb::of(&self.action)
    }

    /// Gives the outcome, which follows from the code alone.
    pub fn outcome(&self) -> Outcome {
        self.code.outcome()
    }

    /// Gives the error's type; `None` for a success.
    ///
    /// Only a refund whose outcome is not known is advised to be repeated as it was, whether the
    /// refund itself or a STATUS about it is answered.
    pub fn error_type(&self) -> Option<ErrorType> {
        if self.code == AnswerCode::Success {
            None
        } else if self.code == AnswerCode::Unknown && self.advice == Advice::RepeatSameRequest {
            Some(ErrorType::UnknownResult)
        } else {
            Some(ErrorType::Default)
        }
    }

    /// Gives the extras of the result intent, in the order of the contract.
    pub fn extras(&self) -> Vec<(&'static str, Extra)> {
        let text = |text: &str| Extra::Text(text.to_owned());
        let long = |sum: u64| Extra::Long(i64::try_from(sum).unwrap_or(i64::MAX));
        let error = self.error_type();
        let message = error.map(|_| text(&self.message));
        let all = [
            ("code", Some(Extra::Int(self.code.number().into()))),
            ("transaction", self.transaction.as_deref().map(text)),
            ("request_id", Some(text(self.request_id.as_str()))),
            ("metadata", self.metadata.as_ref().map(Extra::from)),
            ("error_type", error.map(|error| text(error.as_str()))),
            ("message", message),
            ("dev.till.extra.OUTCOME", Some(text(self.outcome().as_str()))),
            ("dev.till.extra.ADVICE", Some(text(self.advice.as_str()))),
            ("dev.till.extra.LATE_PAYMENT", self.late_payment.map(|story| text(late(story)))),
            ("dev.till.extra.PAID_AMOUNT", self.paid_amount.map(long)),
            ("dev.till.extra.SANDBOX", self.sandbox.then_some(Extra::Bool(true))),
        ];
        all.into_iter().filter_map(|(name, extra)| Some((name, extra?))).collect()
    }
}

/// Says what happened: `code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnswerCode {
    /// 0: the money moved.
    Success,
    /// 1: declined by wallet or bank, or paid with another sum than asked.
    Declined,
    /// 2: cancelled by operator or customer.
    Cancelled,
    /// 3: nobody paid in time.
    Expired,
    /// 4: the outcome is not known.
    Unknown,
    /// 5: a bad request.
    BadRequest,
    /// 6: not configured, or refused by the bank before anything could have an effect.
    NotConfigured,
    /// 7: no connection, and nothing was shown or sent.
    NoConnection,
    /// 8: the request id is in use.
    InUse,
    /// 9: this refund is not possible.
    NotRefundable,
    /// 10: the journal cannot be read or written.
    Journal,
    /// 11: there is no such request.
    NoSuchRequest,
}

impl AnswerCode {
    /// All of them, by number.
    pub const ALL: [Self; 12] = [
        Self::Success,
        Self::Declined,
        Self::Cancelled,
        Self::Expired,
        Self::Unknown,
        Self::BadRequest,
        Self::NotConfigured,
        Self::NoConnection,
        Self::InUse,
        Self::NotRefundable,
        Self::Journal,
        Self::NoSuchRequest,
    ];

    /// Gives the number.
    pub fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Declined => 1,
            Self::Cancelled => 2,
            Self::Expired => 3,
            Self::Unknown => 4,
            Self::BadRequest => 5,
            Self::NotConfigured => 6,
            Self::NoConnection => 7,
            Self::InUse => 8,
            Self::NotRefundable => 9,
            Self::Journal => 10,
            Self::NoSuchRequest => 11,
        }
    }

    /// Finds the code of a number.
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Gives the outcome.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Success => Outcome::Approved,
            Self::Declined => Outcome::Declined,
            Self::Cancelled => Outcome::Cancelled,
            Self::Expired => Outcome::Expired,
            Self::Unknown => Outcome::Unknown,
            Self::BadRequest
            | Self::NotConfigured
            | Self::NoConnection
            | Self::InUse
            | Self::NotRefundable
            | Self::Journal
            | Self::NoSuchRequest => Outcome::Refused,
        }
    }

    /// Gives the advice of the contract's table: `about` what, and whether a later look at the same
    /// request may end the refusal (8, 9).
    pub fn advice(self, about: Action, ask_status: bool) -> Advice {
        match self {
            Self::Success => Advice::None,
            Self::Declined
            | Self::Cancelled
            | Self::Expired
            | Self::NoConnection
            | Self::NoSuchRequest => Advice::NewRequest,
            Self::Unknown => match about {
                Action::Pay => Advice::AskStatus,
                Action::Refund => Advice::RepeatSameRequest,
            },
            Self::InUse | Self::NotRefundable if ask_status => Advice::AskStatus,
            Self::InUse => Advice::NewRequest,
            Self::BadRequest | Self::NotRefundable => Advice::FixRequest,
            Self::NotConfigured => Advice::Configure,
            Self::Journal => Advice::CallSupport,
        }
    }
}

/// Sums the code up in a word: `dev.till.extra.OUTCOME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The money moved.
    Approved,
    /// The wallet or the bank said no.
    Declined,
    /// The operator or the customer gave up.
    Cancelled,
    /// Nobody paid in time.
    Expired,
    /// Not known.
    Unknown,
    /// Refused before any money could move.
    Refused,
}

impl Outcome {
    /// Gives the word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
        }
    }
}

/// Says what the POS should do next: `dev.till.extra.ADVICE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Advice {
    /// Nothing.
    None,
    /// Try again with a new request id.
    NewRequest,
    /// Send the same request with the same request id.
    RepeatSameRequest,
    /// Ask STATUS with the same request id.
    AskStatus,
    /// Send another request: this one cannot succeed.
    FixRequest,
    /// Change the terminal's configuration, or the bank's.
    Configure,
    /// Call whoever looks after the terminal.
    CallSupport,
}

impl Advice {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::NewRequest,
        Self::RepeatSameRequest,
        Self::AskStatus,
        Self::FixRequest,
        Self::Configure,
        Self::CallSupport,
    ];

    /// Gives the word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::NewRequest => "new_request",
            Self::RepeatSameRequest => "repeat_same_request",
            Self::AskStatus => "ask_status",
            Self::FixRequest => "fix_request",
            Self::Configure => "configure",
            Self::CallSupport => "call_support",
        }
    }
}

/// Tells the one error after which a refund is repeated from all others: `error_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorType {
    /// `default_error`.
    Default,
    /// `unknown_result_error`.
    UnknownResult,
}

impl ErrorType {
    /// Gives the word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default_error",
            Self::UnknownResult => "unknown_result_error",
        }
    }
}

impl fmt::Display for AnswerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

/// Gives the word of `dev.till.extra.LATE_PAYMENT`.
pub(super) fn late(story: Story) -> &'static str {
    match story {
        Story::Refunding => "refunding",
        Story::Refunded => "refunded",
        Story::RefundFailed => "refund_failed",
        Story::Reported => "reported",
    }
}
