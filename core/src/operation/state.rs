//! The states of an operation; each carries its own data.

use serde::{Deserialize, Serialize};

use super::event::{Ask, Code, NoReason};
use crate::id::ExternalId;
use crate::money::Amount;
use crate::time::Now;

/// Is what is known of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// On disk, the calls that make it exist at the bank are under way; nothing is on a screen.
    Creating(Creating),
    /// The customer can pay, and somebody is told that we wait.
    Waiting(Waiting),
    /// The code is off the screen, and the bank is asked once more.
    Closing(Closing),
    /// A byte that could move money left, and the bank did not say what became of it.
    InDoubt(Doubt),
    /// The money moved, and was wanted.
    Approved(Approved),
    /// The bank's final word: no money, or given back.
    NotPaid(NotPaid),
    /// Refused before anything could have an effect.
    Refused(Refused),
    /// The POS was told a final answer; the money is still watched.
    Closed(Closed),
    /// Money came that nobody was told of.
    Late(Late),
}

impl State {
    /// Gives the bank's own name for the creating call, once it took that call or may have.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Creating(creating) => creating.taken.as_ref().map(|taken| &*taken.reference),
            Self::InDoubt(doubt) => doubt.reference.as_deref(),
            Self::Waiting(_)
            | Self::Closing(_)
            | Self::Approved(_)
            | Self::NotPaid(_)
            | Self::Refused(_)
            | Self::Closed(_)
            | Self::Late(_) => None,
        }
    }

    /// Gives what the bank wants to know before anybody can pay.
    pub fn wanted(&self) -> &[String] {
        match self {
            Self::Creating(creating) => creating.taken.as_ref().map_or(&[], |taken| &*taken.wanted),
            Self::Waiting(_)
            | Self::Closing(_)
            | Self::InDoubt(_)
            | Self::Approved(_)
            | Self::NotPaid(_)
            | Self::Refused(_)
            | Self::Closed(_)
            | Self::Late(_) => &[],
        }
    }
}

/// Holds what the creating calls need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creating {
    /// When the first attempt of the present call began.
    pub first: Now,
    /// How often the present call was begun.
    pub attempt: u8,
    /// The code, once the bank made it.
    pub code: Option<Code>,
    /// When the answer with the code came.
    pub issued: Option<Now>,
    /// Whether a call without an answer may have had an effect.
    pub reached: bool,
    /// Whether a foreign payment still has to be asked for.
    pub verified: bool,
    /// What is known of a call that the bank took, or may have, without a word of what became of
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
}

impl Creating {
    /// Begins.
    pub fn new(now: Now) -> Self {
        Self {
            first: now,
            attempt: 0,
            code: None,
            issued: None,
            reached: false,
            verified: false,
            taken: None,
        }
    }
}

/// Holds what asking for a payment needs that nobody has seen a code of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The bank's own name for the call; empty if it gave none.
    pub reference: String,
    /// When the last byte of a call had left.
    pub since: Now,
    /// When the bank first had no word of it, long enough after that.
    pub silent: Option<Now>,
    /// What the bank wanted to know besides, and was sent.
    pub wanted: Vec<String>,
}

/// Holds what a payable code needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The code on the screen; `None` for an entry code, where there is nothing to show.
    pub code: Option<Code>,
    /// When the wait began.
    pub since: Now,
    /// Until when it can be paid.
    pub life: Life,
    /// Which hand-over the customer was given last: the bank repeats it with every answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed: Option<u64>,
    /// Whether the last call had no answer.
    pub unanswered: bool,
    /// A failure that no table knows, and when it was said first.
    pub undecided: Option<(String, Now)>,
}

/// Holds what the closing inquiry needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// What the POS will be told if the bank does not say paid.
    pub told: Told,
    /// Until when it can be paid.
    pub life: Life,
}

/// Holds a doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// What the POS may be told as soon as the bank answers at all.
    pub intent: Option<Told>,
    /// What was promised about later money when code 4 was told.
    pub choice: Option<Choice>,
    /// Until when it can be paid; for a refund, when its first byte may have left.
    pub life: Life,
    /// Whether the creating call may be made again (refunds within their window).
    pub repeatable: bool,
    /// A refund alternates between inquiry and repetition: whether the repetition is next.
    pub repeat: bool,
    /// Whether the bank was asked since the doubt began.
    pub asked: bool,
    /// When the bank first had no word of it after its end.
    pub silent: Option<Now>,
    /// A failure that no table knows, and when it was said first.
    pub undecided: Option<(String, Now)>,
    /// The bank's own name for the creating call, if it took it under one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Whether the bank said that it is paid, and has yet to say how much.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirmed: bool,
    /// The operator's word that the next closing inquiry gives to the Till that drives the
    /// operation. It is not kept: an operator who got no answer has to say it again.
    #[serde(skip)]
    pub settling: Option<Settling>,
}

/// Is the operator's word for what the bank cannot decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settling {
    /// Whether the money moved.
    pub paid: bool,
    /// Why the operator says so.
    pub note: String,
}

/// Holds a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// The figures.
    pub receipt: Receipt,
    /// Whether the POS had been told that the outcome is not known.
    pub late: bool,
    /// Whether the bank is still asked whether it stands (refunds).
    pub watched: bool,
    /// Whether the bank took its word back: an alarm.
    pub reversed: bool,
}

/// Holds a final no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotPaid {
    /// Why.
    pub reason: NoReason,
    /// What the POS was told, if that was before the bank's word.
    pub told: Option<Told>,
    /// Until when it could be paid.
    pub life: Life,
    /// Whether the code may still be paid, and so is watched to its end.
    pub watched: bool,
    /// What was promised about later money while the outcome was not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// Whether nobody has heard of it yet: money that comes now is a success.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unheard: bool,
}

/// Holds a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The code of the answer: 1, 5, 6, 7 or 9.
    pub code: u8,
    /// What an operator should read, in the words of the bank or of Till; may be empty.
    pub message: String,
    /// Whether a new look may end it (another refund in doubt): advice `ask_status`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ask_status: bool,
}

/// Holds a closed code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// What the POS was told.
    pub told: Told,
    /// Until when it can be paid.
    pub life: Life,
    /// When the bank first had no word of it after its end.
    pub silent: Option<Now>,
    /// Whether nobody has heard of it yet: money that comes now is a success.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unheard: bool,
}

/// Holds late money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// What the POS was told.
    pub told: Told,
    /// The figures of the late money.
    pub receipt: Receipt,
    /// What becomes of it.
    pub story: Story,
}

/// Is what the POS was told, or will be, without the bank's final word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// Code 1: paid with another sum than asked.
    OtherSum,
    /// Code 2: cancelled by operator or customer.
    Cancelled,
    /// Code 3: nobody paid in time.
    Expired,
    /// Code 4, with the goods kept.
    Unknown,
    /// Code 7: no connection, and nothing was ever shown.
    NoConnection,
}

/// Is what becomes of the goods, and so of later money, while a payment is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    /// The goods stay: later money is given back.
    GoodsKept,
    /// The goods went, or nobody chose: later money is reported.
    GoodsHandedOver,
}

/// Is what becomes of late money: `dev.till.extra.LATE_PAYMENT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Story {
    /// Its refund is under way.
    Refunding,
    /// It was given back.
    Refunded,
    /// The bank refused to give it back: an alarm.
    RefundFailed,
    /// It is kept and reported: an alarm.
    Reported,
}

/// Is a span that began at a reading of the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// Its begin.
    pub from: Now,
    /// Its length in milliseconds.
    pub ms: u64,
}

impl Doubt {
    /// Gives what an answer to `ask` leaves of it: with the last one the word was said.
    pub(super) fn after(&self, ask: Ask) -> Self {
        let settling = self.settling.clone().filter(|_| ask != Ask::Close);
        Self { settling, ..self.clone() }
    }
}

impl Life {
    /// Gives the milliseconds that are left at `now`.
    pub fn left(&self, now: &Now) -> u64 {
        now.left_of(&self.from, self.ms)
    }

    /// Gives the milliseconds that its end is surely past, whatever the wall clock says.
    pub fn surely_over(&self, now: &Now) -> u64 {
        now.surely_since(&self.from).saturating_sub(self.ms)
    }

    /// Gives the milliseconds since its end; 0 before.
    pub fn over(&self, now: &Now) -> u64 {
        now.since(&self.from).saturating_sub(self.ms)
    }
}

/// Is the bank's figures of moved money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was paid in the end, and the most that can be given back; for a refund, the sum given.
    pub paid: Amount,
    /// `orderAmount`, as far as the bank says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Amount>,
    /// `paymentAmount`, as far as the bank says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Amount>,
    /// `withdrawalAmount`, as far as the bank says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Amount>,
    /// When the answer came, wall clock, in milliseconds.
    pub at_ms: i64,
    /// The operator's note, if the bank could not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<String>,
    /// The receipt of the Till that drove the operation, as it wrote it, and its name at the bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relayed: Option<Box<Relayed>>,
}

/// Is the receipt of a gateway: POS apps get it as it came, since another gateway's terminal may
/// have to prove it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relayed {
    /// The QPTransaction as JSON.
    pub transaction: String,
    /// The operation's name at the bank.
    pub external_id: ExternalId,
}
