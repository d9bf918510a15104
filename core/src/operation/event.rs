//! What happens to an operation, what it asks for, and what an answer proves.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::rules::Rules;
use super::state::{Choice, Receipt, State, Told};
use crate::money::Amount;
use crate::secret::Opaque;
use crate::time::Now;

/// Is something that happened. Each effect has exactly one that answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The operation is on disk.
    Begin,
    /// Answers [`Effect::Send`].
    Answered(Ask, Verdict),
    /// Answers [`Effect::Show`]: the code is on the screen.
    Shown,
    /// Answers [`Effect::Hide`]: the code is off the screen.
    Hidden,
    /// Answers [`Effect::HandOver`]: the bridge failed, or the user came back. Proves nothing.
    Returned,
    /// Answers [`Effect::Wake`].
    Due(Timer),
    /// Answers [`Effect::GiveBack`]: whether the bank took the refund of the late money.
    GaveBack {
        /// True if it was accepted, false if it was finally refused.
        accepted: bool,
    },
    /// Answers [`Effect::Tell`]: a caller took the answer.
    HandedOver,
    /// The operator or the customer gives up.
    Cancel,
    /// Somebody wants to know: STATUS, resume, a repeated request, a push of the bank.
    Look,
    /// The operator said what becomes of the goods while the payment is in doubt.
    Choose(Choice),
    /// A caller that comes back says what it told its POS.
    Heard(Heard),
    /// The operator's word for what the bank cannot decide.
    Settle {
        /// Whether the money moved.
        paid: bool,
        /// Why the operator says so.
        note: String,
    },
    /// The process started again and found the operation in the journal.
    Reload,
    /// The same, of an order code that surely nobody has seen: that it is shown is written first,
    /// and nothing that was written is lost.
    Unseen,
}

/// Is something that the operation needs done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make this call. [`Event::Answered`].
    Send(Ask),
    /// Put the code on the screen. [`Event::Shown`].
    Show,
    /// Take the code off the screen. [`Event::Hidden`].
    Hide,
    /// Give the customer to the SDK or a browser. [`Event::Returned`].
    HandOver(HandOver),
    /// Wake after these milliseconds; replaces an earlier one of the same name. [`Event::Due`].
    Wake(Timer, u64),
    /// Give this late money back. [`Event::GaveBack`].
    GiveBack(Amount),
    /// Tell whoever waits. [`Event::HandedOver`].
    Tell,
}

/// Names a call by what it is for; the rail knows which of its calls that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ask {
    /// The inquiry without which a code cannot be closed.
    Close,
    /// The next call that makes the operation exist at the bank; may move money.
    Create,
    /// The usual look while somebody waits.
    Poll,
    /// An inquiry whose word is the last one, while somebody waits.
    Inquire,
    /// An inquiry for a refund about its payment.
    Payment,
    /// The same as `Inquire`, of a watched operation.
    Watch,
}

/// Names a timer of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The next call is due.
    Ask,
    /// The caller waited long enough.
    Wait,
    /// A doubt that nobody looks at is told.
    GiveUp,
}

/// Is what one answer proves about the money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A code was made; nobody can pay with it yet.
    CodeIssued(Code),
    /// The bank knows the operation and it is not final; the customer may have to be handed over.
    Open(Option<HandOver>),
    /// The bank says paid, and the figures are still to be asked for (entry code).
    Confirmed,
    /// The money moved, in the sum asked for. For a refund: it was accepted.
    Paid(Receipt),
    /// Money moved, in another sum than asked for (entry code). Final.
    OtherSum(Receipt),
    /// The bank's final word: no money moved, or it was given back.
    NotPaid(NoReason),
    /// A failure that no table knows: open, and final if it is said again 5 s or more later.
    Undecided(String),
    /// The answer speaks of the request, not of the money: open.
    NoWord(String),
    /// The bank refuses a repetition because it knows the external id.
    Exists,
    /// The bank took the call, under this name of its own if any; what became of it is asked later.
    Accepted(String),
    /// Nobody can pay before the bank knows these, and the rail does: the creating call is next.
    Wanted(Vec<String>),
    /// Nobody can pay before the bank gets what this terminal does not have: code 6, in words.
    Lacking(String),
    /// The bank refuses the call; no effect of this call.
    Rejected(Blame, String),
    /// The figures or ids of the answer are not the request's.
    Mismatch(String),
    /// No answer, or one that says nothing.
    Unanswered {
        /// Whether the call may have had an effect.
        sent: bool,
        /// What happened, for the log and the screen.
        why: String,
    },
    /// The word of another Till, which drives the operation and asks the bank itself.
    Relayed(Box<Word>),
}

/// Is what another Till says of an operation that it drives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// It goes on, and there is nothing to show.
    Begun,
    /// The customer can pay with this code.
    Code {
        /// The code, with what is left of its life.
        code: Code,
        /// What the SDK gets beside it.
        hand_over: Option<HandOver>,
    },
    /// The customer is to be handed over, or was: there is nothing to show.
    HandOver(Option<HandOver>),
    /// No code may be on a screen any more; the bank is asked once more.
    Closing,
    /// The bank has not said what became of it.
    InDoubt,
    /// It has never heard of the operation: nothing goes on there before the order comes.
    Unheard,
    /// It ended, in this state.
    Ended(State),
}

/// Is what a caller that comes back told its POS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Heard {
    /// The success.
    Approved,
    /// A final no: code 1, 2, 3, 5, 6, 7 or 9.
    No(Told),
    /// That the outcome is not known, and what was promised about the goods.
    Unknown(Choice),
}

/// Says why there was no payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoReason {
    /// The wallet or the bank declined, with the bank's words.
    Declined(String),
    /// The customer cancelled.
    Cancelled,
    /// Nobody paid in time.
    Expired,
    /// Paid, and given back already.
    GivenBack,
    /// The operator settled it, with a note.
    Settled(String),
}

/// Says who has to change something after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Blame {
    /// Something that the POS sent: code 5.
    Request,
    /// Credentials, address list, configuration: code 6.
    Configuration,
    /// The payment of a refund, of which this cannot be given back: code 9.
    Payment,
}

/// Is a payment code as the bank made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// What the QR code holds, or a picture of it, as `form` says.
    pub value: String,
    /// How long it can be paid, in milliseconds from the answer's arrival.
    pub life_ms: u64,
    /// What `value` is.
    #[serde(default, skip_serializing_if = "CodeForm::is_text")]
    pub form: CodeForm,
}

/// Says what the value of a payment code is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodeForm {
    /// The text that the QR code holds: the code is drawn from it.
    #[default]
    Text,
    /// The https address of a picture of the QR code.
    PictureUrl,
    /// A picture of the QR code in Base64.
    Picture,
}

impl Code {
    /// The life of a code whose times are unknown: 10 minutes.
    pub const UNKNOWN_LIFE_MS: u64 = 600_000;

    /// Makes a code that is drawn from its text.
    pub fn text(value: impl Into<String>, life_ms: u64) -> Self {
        Self { value: value.into(), life_ms, form: CodeForm::Text }
    }
}

impl CodeForm {
    fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

/// Is what the customer's device must be given so that the payment goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// For the SDK's `handleAction`, untouched.
    Sdk(Opaque),
    /// For the SDK's `launch` or a browser: an https URL, with what the SDK wants beside it.
    Url {
        /// The address.
        url: String,
        /// `userAgent` of the answer.
        user_agent: Option<String>,
        /// `acDecodeConfig` of the answer, JSON.
        ac_decode_config: Option<String>,
    },
    /// For a browser: a form that is submitted by itself, by POST, when it is opened.
    Form {
        /// The https address that it is sent to.
        url: String,
        /// Names and values of its fields, in this order.
        fields: Vec<(String, String)>,
    },
}

impl HandOver {
    /// Gives a number that tells one hand-over from another, and nothing of what is in it.
    pub fn mark(&self) -> u64 {
        let mut digest = Sha256::new();
        match self {
            // EXPOSE: only eight bytes of its digest leave this function.
            Self::Sdk(payload) => digest.update(payload.expose()),
            Self::Url { url, user_agent, ac_decode_config } => {
                digest.update(url);
                for part in [user_agent, ac_decode_config].into_iter().flatten() {
                    digest.update([0]);
                    digest.update(part);
                }
            }
            Self::Form { url, fields } => {
                digest.update(url);
                for part in fields.iter().flat_map(|(name, value)| [name, value]) {
                    digest.update([0]);
                    digest.update(part);
                }
            }
        }
        digest.finalize().first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
    }
}

/// Is who waits for the answer at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Nobody: the operation is watched.
    Nobody,
    /// A program, which takes code 4 for an answer.
    Program,
    /// An operator before a screen, who decides about the goods while a payment is in doubt.
    Operator,
}

/// Is everything outside an operation that a step depends on.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The clocks.
    pub now: Now,
    /// The rules.
    pub rules: &'a Rules,
    /// Who waits.
    pub audience: Audience,
}
