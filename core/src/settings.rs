//! What a terminal is told once, when it starts.

use crate::id::RailId;
use crate::intent::Language;
use crate::money::Currency;
use crate::operation::Rules;

/// Is what decides about a terminal, apart from its rails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The terminal's own name, for people.
    pub terminal_id: String,
    /// The currency of requests that name none.
    pub currency: Currency,
    /// The language of messages.
    pub language: Language,
    /// The rail of requests that name none.
    pub rail: RailId,
    /// The rules of the machine.
    pub rules: Rules,
    /// Whether payments of other terminals may be refunded here.
    pub foreign_refunds: bool,
    /// The least time between the starts of two calls of one terminal, in milliseconds.
    pub pace_ms: u64,
    /// Whether each caller is a terminal of its own, as at a gateway: then each keeps its own pace.
    pub callers_are_terminals: bool,
    /// Whether the bank is the sandbox: answers say so, and its payments stay apart.
    pub sandbox: bool,
    /// Whether a bridge takes hand-overs: without one an entry code is refused before any call.
    pub bridge: bool,
}

impl Settings {
    /// The least time between the starts of two calls, in milliseconds (OCTO's document,
    /// section 9).
    pub const PACE_MS: u64 = 100;
}
