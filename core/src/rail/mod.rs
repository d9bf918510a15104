//! Acquirers: pure codecs. A rail never sends, waits or remembers.

pub mod ecommpay;
pub mod gateway;
pub mod octo;
mod words;

use std::fmt;

use crate::http::{HttpRequest, HttpResponse, NoAnswer};
use crate::id::{OperationId, RailId};
use crate::operation::{Ask, Blame, Code, Order, Rules, State, Verdict};
use crate::secret::Secret;
use crate::time::Now;

/// Speaks one acquirer's API.
pub trait Rail: Send + Sync + fmt::Debug {
    /// Gives its name in configuration and journal.
    fn id(&self) -> RailId;

    /// Tells whether this order can go through this rail at all, before anything is sent.
    ///
    /// # Errors
    /// Who has to change something, and what, for an operator to read.
    fn check(&self, order: &Order, bridge: bool) -> Result<(), (Blame, String)>;

    /// Gives the rail's rules, within the terminal's.
    fn rules(&self, terminal: &Rules) -> Rules;

    /// Gives the call that gets a token; `None` if this rail signs each call by itself.
    fn token_request(&self) -> Option<HttpRequest>;

    /// Reads a token's answer.
    fn read_token(&self, answer: &Result<HttpResponse, NoAnswer>) -> TokenVerdict;

    /// Answers a call by itself, where this rail needs no bank for it; `None`: make the call.
    /// A payment's code may be made that way, never a success.
    fn without_call(&self, _call: &Call<'_>, _rules: &Rules, _now: &Now) -> Option<Verdict> {
        None
    }

    /// Tells whether it passes refunds to another Till, which knows the payments of other terminals
    /// and judges their receipts.
    fn judges_receipts(&self) -> bool {
        false
    }

    /// Tells whether its payments are tests: answers about them say so.
    fn sandbox(&self) -> bool {
        false
    }

    /// Names the call that `ask` stands for, for logs and faults.
    fn call(&self, order: &Order, code: Option<&Code>, ask: Ask) -> &'static str;

    /// Makes the call that `ask` stands for.
    fn request(&self, call: &Call<'_>) -> HttpRequest;

    /// Reads its answer. Amount, currency and id are checked against the order; a difference is
    /// [`Verdict::Mismatch`].
    fn read(
        &self,
        call: &Call<'_>,
        answer: &Result<HttpResponse, NoAnswer>,
        wall_ms: i64,
    ) -> Verdict;

    /// Gives the bank's own status and code in an answer, for logs: no message and no figure.
    fn said(&self, _answer: &HttpResponse) -> Option<String> {
        None
    }

    /// Gives the key for the `mac` of a QPTransaction, derived from the rail's secret.
    fn mac_key(&self) -> Secret<Vec<u8>>;
}

/// Is everything that one call is made of.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The operation's id.
    pub id: &'a OperationId,
    /// What was ordered.
    pub order: &'a Order,
    /// The code, once the bank made it.
    pub code: Option<&'a Code>,
    /// What the call is for.
    pub ask: Ask,
    /// The device's id at the bank.
    pub installation: &'a str,
    /// The present token, if the rail wants one.
    pub token: Option<&'a Secret<String>>,
    /// Whether an SDK bridge can take a hand-over.
    pub bridge: bool,
    /// Whether an earlier call of the same name may have had an effect.
    pub repeated: bool,
    /// The bank's own name for the creating call, once it took that call or may have; may be empty.
    pub reference: Option<&'a str>,
    /// What the bank wants to know before anybody can pay.
    pub wanted: &'a [String],
    /// What is known of the operation; `None`: the question belongs to none in a journal.
    pub state: Option<&'a State>,
}

/// Is what an answer to a token call proves.
#[derive(Debug)]
pub enum TokenVerdict {
    /// A token, and how many milliseconds it lives.
    Granted(Secret<String>, u64),
    /// The bank refuses these credentials or this address, in words for an operator.
    Refused(String),
    /// No answer, or one that says nothing.
    Unanswered(String),
}
