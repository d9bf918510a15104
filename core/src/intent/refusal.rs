//! Answers to requests that no operation answers.

use super::answer::{Answer, AnswerCode};
use super::extra::{Field, Metadata};
use super::text::{self, Language, Say};
use crate::id::RequestId;
use crate::money::Amount;
use crate::operation::Action;

/// Says why a request gets no operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 2: the operator gave up before anything was begun.
    Cancelled,
    /// 5: an extra is wrong.
    Extra(Field, Wrong),
    /// 5: the extras could not be read at all.
    Unreadable,
    /// 5: the rail cannot take this order, in words for an operator.
    Order(String),
    /// 6: something is missing or refused, in words for an operator.
    NotConfigured(String),
    /// 6: this app is not on the list of allowed callers.
    CallerNotAllowed,
    /// 7: nothing was shown or sent, in words for an operator.
    NoConnection(String),
    /// 8: the request id is in use with other parameters.
    OtherParameters,
    /// 8: the request is still running.
    Running,
    /// 9: this refund is not possible.
    NotRefundable(NotRefundable),
    /// 10: the journal cannot be read or written; its own words name the file and what to do.
    Journal(String),
    /// 11: STATUS knows no such request.
    NoSuchRequest,
    /// 4: the terminal failed on the way, and only the journal knows how far it came.
    Failed,
}

/// Says what is wrong with an extra.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is not there.
    Missing,
    /// It is of another type, by name.
    Type(String),
    /// It is empty.
    Empty,
    /// It is too long.
    TooLong,
    /// It is not above zero.
    NotPositive,
    /// A key or a value of a map is not text, by the type's name.
    NotText(String),
    /// A key is there twice.
    Repeated,
    /// Its value is none that the contract knows.
    Unknown,
    /// Its value is none of these.
    NotOneOf(Vec<String>),
    /// It is not the JSON of a QPTransaction; how, in the parser's words.
    Broken(String),
    /// It is the receipt of a refund.
    OfRefund,
    /// It is of another schema version.
    Version,
    /// It is not of a success.
    NotSuccess,
    /// It holds none of id, externalId and requestId.
    Nameless,
    /// It is of the sandbox, and the bank is not.
    Sandbox,
}

/// Says why a refund is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRefundable {
    /// Only this much is left.
    AboveRest(Amount),
    /// Nothing is left.
    AlreadyRefunded,
    /// Another refund of the payment is running or in doubt: asking later may help.
    AnotherInDoubt,
    /// It is not a payment of this merchant.
    NotOurs,
    /// Another terminal took it, and that is not allowed here.
    OtherTerminal,
    /// It was not paid.
    NotPaid,
}

impl NotRefundable {
    /// Tells whether a later look may end it: advice `ask_status`.
    pub fn ask_status(self) -> bool {
        self == Self::AnotherInDoubt
    }

    /// Says it for an operator: what the journal keeps as the message of a code 9.
    pub fn words(self, language: Language) -> String {
        text::say(language, &Say::NotRefundable(self))
    }
}

impl Refusal {
    /// Gives the code.
    pub fn code(&self) -> AnswerCode {
        match self {
            Self::Cancelled => AnswerCode::Cancelled,
            Self::Extra(..) | Self::Unreadable | Self::Order(_) => AnswerCode::BadRequest,
            Self::NotConfigured(_) | Self::CallerNotAllowed => AnswerCode::NotConfigured,
            Self::NoConnection(_) => AnswerCode::NoConnection,
            Self::OtherParameters | Self::Running => AnswerCode::InUse,
            Self::NotRefundable(_) => AnswerCode::NotRefundable,
            Self::Journal(_) => AnswerCode::Journal,
            Self::NoSuchRequest => AnswerCode::NoSuchRequest,
            Self::Failed => AnswerCode::Unknown,
        }
    }

    fn ask_status(&self) -> bool {
        match self {
            Self::Running => true,
            Self::NotRefundable(why) => why.ask_status(),
            Self::Cancelled
            | Self::Extra(..)
            | Self::Unreadable
            | Self::Order(_)
            | Self::NotConfigured(_)
            | Self::CallerNotAllowed
            | Self::NoConnection(_)
            | Self::OtherParameters
            | Self::Journal(_)
            | Self::NoSuchRequest
            | Self::Failed => false,
        }
    }

    fn message(&self, about: Action, language: Language) -> String {
        let say = |say: &Say<'_>| text::say(language, say);
        match self {
            Self::Cancelled => say(&Say::Cancelled(about)),
            Self::Extra(field, wrong) => say(&Say::Extra(*field, wrong)),
            Self::Unreadable => say(&Say::Unreadable),
            Self::Order(words) => text::with_words(say(&Say::BadRequest), words),
            Self::NotConfigured(words) => text::with_words(say(&Say::NotConfigured), words),
            Self::CallerNotAllowed => say(&Say::CallerNotAllowed),
            Self::NoConnection(words) => text::with_words(say(&Say::NoConnection(about)), words),
            Self::OtherParameters => say(&Say::OtherParameters),
            Self::Running => say(&Say::Running(about)),
            Self::NotRefundable(why) => {
                text::with_words(say(&Say::RefundNotPossible), &why.words(language))
            }
            Self::Journal(words) => text::with_words(say(&Say::Journal), words),
            Self::NoSuchRequest => say(&Say::NoSuchRequest),
            Self::Failed => say(&Say::Unknown(about)),
        }
    }
}

/// Makes the answer to a request that no operation answers.
///
/// `action` is the intent's own, `about` the kind of operation that the request spoke of.
pub fn refusal(
    action: &str,
    about: Action,
    request_id: RequestId,
    metadata: Option<Metadata>,
    language: Language,
    why: &Refusal,
) -> Answer {
    let code = why.code();
    Answer {
        action: action.to_owned(),
        code,
        request_id,
        metadata,
        transaction: None,
        message: why.message(about, language),
        advice: code.advice(about, why.ask_status()),
        late_payment: None,
        paid_amount: None,
        sandbox: false,
        operation: None,
    }
}
