//! What happens to an operation, what it asks for, and what an answer proves.

use serde::{Deserialize, Serialize};

use super::state::{Choice, Receipt};
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
    /// The operator's word for what the bank cannot decide.
    Settle {
        /// Whether the money moved.
        paid: bool,
        /// Why the operator says so.
        note: String,
    },
    /// The process started again and found the operation in the journal.
    Reload,
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

/// Is what one answer proves (contracts/octo.md, What an answer proves).
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
}

/// Is a payment code as the bank made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// What the QR code holds.
    pub value: String,
    /// How long it can be paid, in milliseconds from the answer's arrival.
    pub life_ms: u64,
}

impl Code {
    /// The life of a code whose times are unknown: 10 minutes (contracts/octo.md, Times).
    pub const UNKNOWN_LIFE_MS: u64 = 600_000;
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
}

/// Is what settings and rail decide about the machine; fixed while the process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long a caller waits for the customer, in milliseconds.
    pub wait_ms: u64,
    /// Whether late money is given back; if not, it is reported.
    pub give_back: bool,
    /// How long after its first byte a refund may be sent again, in milliseconds.
    pub refund_window_ms: u64,
    /// Whether a refund can be inquired by its own external id.
    pub refund_inquiry: bool,
    /// Whether a declined code can be paid again, and so is watched to its end.
    pub declined_is_payable: bool,
}

impl Rules {
    /// The whole wait when no setting says otherwise, in milliseconds.
    pub const WAIT_MS: u64 = 120_000;
    /// OCTO's window for repeating a refund, in milliseconds.
    pub const REFUND_WINDOW_MS: u64 = 86_400_000;
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            wait_ms: Self::WAIT_MS,
            give_back: true,
            refund_window_ms: Self::REFUND_WINDOW_MS,
            refund_inquiry: true,
            declined_is_payable: false,
        }
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
