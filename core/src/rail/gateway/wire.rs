//! What terminals and gateway say to each other, as both write and read it.

use serde::{Deserialize, Serialize};

use crate::id::{ExternalId, OperationId};
use crate::money::{Amount, Currency};
use crate::operation::state::{Approved, Closed, Late, NotPaid, Refused};
use crate::operation::{
    Action, Choice, Code, CodeForm, HandOver, Heard, Life, NoReason, Operation, Receipt, Settling,
    State, Story, Told,
};
use crate::secret::Secret;
use crate::time::Now;

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

/// Is the body of `POST /v1/operations/{operation_id}/acknowledge`: what the POS was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToldBody {
    /// The code of the answer.
    pub code: u8,
    /// With code 4: what became of the goods; absent: they went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goods: Option<Goods>,
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

/// Is what was promised about the goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goods {
    /// Later money is given back.
    Kept,
    /// Later money is reported.
    HandedOver,
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

/// Is a payment code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeBody {
    /// What the QR code holds, or a picture of it.
    pub value: String,
    /// What `value` is.
    pub form: FormWord,
    /// How long it is shown at most, in milliseconds from now.
    pub left_ms: u64,
}

/// Says what the value of a code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormWord {
    /// The text that the QR code holds.
    Text,
    /// The https address of a picture of it.
    PictureUrl,
    /// A picture of it in Base64.
    Picture,
}

/// Is a hand-over; never logged.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandOverBody {
    /// For the SDK's `handleAction`.
    Sdk(String),
    /// For the SDK's `launch` or a browser.
    Url {
        /// The address.
        url: String,
        /// For the SDK.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_agent: Option<String>,
        /// For the SDK.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ac_decode_config: Option<String>,
    },
    /// For a browser, by POST.
    Form {
        /// The address.
        url: String,
        /// Names and values.
        fields: Vec<(String, String)>,
    },
}

impl std::fmt::Debug for HandOverBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

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

impl ToldBody {
    /// Says it in the machine's words; `None`: such an answer says nothing of the money.
    pub fn heard(self) -> Option<Heard> {
        Some(match (self.code, self.goods) {
            (0, _) => Heard::Approved,
            (1, _) => Heard::No(Told::OtherSum),
            (2, _) => Heard::No(Told::Cancelled),
            (3, _) => Heard::No(Told::Expired),
            (7, _) => Heard::No(Told::NoConnection),
            (4, Some(Goods::Kept)) => Heard::Unknown(Choice::GoodsKept),
            (4, Some(Goods::HandedOver) | None) => Heard::Unknown(Choice::GoodsHandedOver),
            _ => return None,
        })
    }

    /// Says what a terminal told about an operation in this state, if anything.
    pub fn of(state: &State) -> Option<Self> {
        let code = |code| Some(Self { code, goods: None });
        match state {
            State::Closed(closed) => Some(Self::of_told(closed.told)),
            State::NotPaid(not_paid) => match (not_paid.told, &not_paid.reason) {
                (Some(told), _) => Some(Self::of_told(told)),
                (None, NoReason::Cancelled) => code(2),
                (None, NoReason::Expired) => code(3),
                (None, NoReason::Declined(_) | NoReason::GivenBack | NoReason::Settled(_)) => {
                    code(1)
                }
            },
            State::InDoubt(doubt) => doubt.choice.map(|choice| Self {
                code: 4,
                goods: Some(match choice {
                    Choice::GoodsKept => Goods::Kept,
                    Choice::GoodsHandedOver => Goods::HandedOver,
                }),
            }),
            State::Approved(_) => code(0),
            State::Creating(_)
            | State::Waiting(_)
            | State::Closing(_)
            | State::Refused(_)
            | State::Late(_) => None,
        }
    }

    fn of_told(told: Told) -> Self {
        let (code, goods) = match told {
            Told::OtherSum => (1, None),
            Told::Cancelled => (2, None),
            Told::Expired => (3, None),
            Told::Unknown => (4, Some(Goods::Kept)),
            Told::NoConnection => (7, None),
        };
        Self { code, goods }
    }
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
    pub(super) fn state(self) -> State {
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
    pub(super) fn receipt(&self) -> Option<&Receipt> {
        match self {
            Self::Approved { receipt, .. } | Self::Late { receipt, .. } => Some(receipt),
            Self::NotPaid { .. } | Self::Refused { .. } | Self::Closed { .. } => None,
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

impl From<CodeForm> for FormWord {
    fn from(form: CodeForm) -> Self {
        match form {
            CodeForm::Text => Self::Text,
            CodeForm::PictureUrl => Self::PictureUrl,
            CodeForm::Picture => Self::Picture,
        }
    }
}

impl From<CodeBody> for Code {
    fn from(code: CodeBody) -> Self {
        let form = match code.form {
            FormWord::Text => CodeForm::Text,
            FormWord::PictureUrl => CodeForm::PictureUrl,
            FormWord::Picture => CodeForm::Picture,
        };
        Self { value: code.value, life_ms: code.left_ms, form }
    }
}

impl From<HandOverBody> for HandOver {
    fn from(body: HandOverBody) -> Self {
        match body {
            HandOverBody::Sdk(payload) => Self::Sdk(Secret::new(payload)),
            HandOverBody::Url { url, user_agent, ac_decode_config } => {
                Self::Url { url, user_agent, ac_decode_config }
            }
            HandOverBody::Form { url, fields } => Self::Form { url, fields },
        }
    }
}

impl From<&HandOver> for HandOverBody {
    fn from(what: &HandOver) -> Self {
        match what {
            // EXPOSE: it is for the customer's device, and goes there by TLS.
            HandOver::Sdk(payload) => Self::Sdk(payload.expose().clone()),
            HandOver::Url { url, user_agent, ac_decode_config } => Self::Url {
                url: url.clone(),
                user_agent: user_agent.clone(),
                ac_decode_config: ac_decode_config.clone(),
            },
            HandOver::Form { url, fields } => {
                Self::Form { url: url.clone(), fields: fields.clone() }
            }
        }
    }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_yes(flag: &bool) -> bool {
    *flag
}
