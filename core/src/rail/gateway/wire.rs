//! What terminals and gateway say to each other, as both write and read it.

mod end;
mod shown;
mod told;

use serde::{Deserialize, Serialize};

pub use end::EndBody;
pub use shown::{CodeBody, FormWord, HandOverBody};
pub use told::{Goods, ToldBody};

use crate::id::OperationId;
use crate::money::{Amount, Currency};
use crate::operation::{Action, Settling, State, Story};

/// Is the body of `PUT /v1/operations/{operation_id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderBody {
    /// Pay or refund.
    pub action: Action,
    /// The sum in minor units.
    pub amount: i64,
    /// ISO 4217; absent: the gateway's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The POS app's name of the request, to search for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What a payment is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// A scanned code: the entry-code flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_value: Option<String>,
    /// The payment of a refund: its QPTransaction as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_transaction: Option<String>,
    /// The gateway's acquirer; absent: its first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rail: Option<String>,
    /// Whether the caller takes its payments for tests; absent: it does not care.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<bool>,
    /// Whether an operation that is not there is begun; else it is recorded as given up.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub begin: bool,
    /// Whether a payment that goes on is given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancel: bool,
    /// What the POS was told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<ToldBody>,
}

/// Is the body of `POST /v1/operations/{operation_id}/settle`: the operator's word for what the
/// bank cannot decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettleBody {
    /// What the operator says.
    #[serde(rename = "as")]
    pub word: SettleWord,
    /// Why, in one line of at most 500 characters.
    pub note: String,
}

/// Is what an operator says of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettleWord {
    /// It moved.
    Paid,
    /// It did not.
    NotPaid,
}

/// Is what the gateway says of an operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ViewBody {
    /// The operation.
    pub operation_id: OperationId,
    /// Pay or refund.
    pub action: Action,
    /// How it stands.
    pub state: Standing,
    /// What to give back as `version` to hear of the next change.
    pub version: String,
    /// The sum in minor units.
    pub amount: u64,
    /// The currency of `amount`.
    pub currency: Currency,
    /// Whether the bank is the sandbox.
    #[serde(default)]
    pub sandbox: bool,
    /// What to show, while it is payable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeBody>,
    /// Where to hand the customer over to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_over: Option<HandOverBody>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndBody>,
    /// What an intent would be answered, extra by extra.
    pub answer: serde_json::Value,
}

/// Is how an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The bank is being asked.
    Creating,
    /// The customer can pay.
    Waiting,
    /// The bank is asked once more.
    Closing,
    /// The bank has not said what became of it.
    InDoubt,
    /// It has its answer.
    Ended,
}

/// Names a state so that every change that a caller can see changes the name: it follows from the
/// state alone, so every process of a gateway gives the same.
pub fn version(state: &State) -> String {
    let with = |name: &str, marks: &[(bool, &str)]| {
        let marks = marks.iter().filter(|(there, _)| *there).map(|(_, mark)| *mark);
        std::iter::once(name).chain(marks).collect::<Vec<_>>().join(".")
    };
    match state {
        State::Creating(_) => "creating".to_owned(),
        State::Waiting(waiting) => match waiting.handed {
            Some(mark) => format!("waiting.{mark:016x}"),
            None => "waiting".to_owned(),
        },
        State::Closing(_) => "closing".to_owned(),
        State::InDoubt(doubt) => with("in_doubt", &[(doubt.choice.is_some(), "told")]),
        State::Approved(is) => with(
            "approved",
            &[(is.late, "late"), (is.reversed, "reversed"), (is.watched, "watched")],
        ),
        State::NotPaid(is) => with("not_paid", &[(is.watched, "watched")]),
        State::Refused(_) => "refused".to_owned(),
        State::Closed(_) => "closed".to_owned(),
        State::Late(late) => match late.story {
            Story::Refunding => "late.refunding",
            Story::Refunded => "late.refunded",
            Story::RefundFailed => "late.refund_failed",
            Story::Reported => "late.reported",
        }
        .to_owned(),
    }
}

/// Tells whether a caller that saw `seen` has to hear of `version`; a star at the end of `seen`
/// stands for anything.
pub fn is_news(seen: &str, version: &str) -> bool {
    match seen.strip_suffix('*') {
        Some(begin) => !version.starts_with(begin),
        None => seen != version,
    }
}

impl Standing {
    /// Gives how a state stands.
    pub fn of(state: &State) -> Self {
        match state {
            State::Creating(_) => Self::Creating,
            State::Waiting(_) => Self::Waiting,
            State::Closing(_) => Self::Closing,
            State::InDoubt(_) => Self::InDoubt,
            State::Approved(_)
            | State::NotPaid(_)
            | State::Refused(_)
            | State::Closed(_)
            | State::Late(_) => Self::Ended,
        }
    }
}

impl ViewBody {
    /// Gives the sum.
    pub fn sum(&self) -> Amount {
        Amount::new(self.amount, self.currency)
    }
}

impl From<&Settling> for SettleBody {
    fn from(settling: &Settling) -> Self {
        let word = if settling.paid { SettleWord::Paid } else { SettleWord::NotPaid };
        Self { word, note: settling.note.clone() }
    }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_yes(flag: &bool) -> bool {
    *flag
}
