//! What is counted, for whoever watches over a gateway.

use std::collections::BTreeMap;

use super::Engine;
use crate::id::ExternalId;
use crate::journal::JournalError;
use crate::operation::{Action, Ask, Effect, Operation, State, Story};
use crate::time::Now;

/// Is what is going on, and what happened since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many operations are driven, by state.
    pub states: Vec<(&'static str, u64)>,
    /// How many ended, by outcome.
    pub ends: Vec<(&'static str, u64)>,
    /// How long the oldest operation in doubt is open, in milliseconds.
    pub oldest_doubt_ms: u64,
    /// How many calls were made.
    pub calls: u64,
    /// How many writes the journal refused.
    pub journal_errors: u64,
    /// Whether it refuses some at present.
    pub journal_refuses: bool,
}

/// Counts from the start on.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) calls: u64,
    pub(super) journal_errors: u64,
    ends: BTreeMap<&'static str, u64>,
}

const STATES: [&str; 9] = [
    "creating", "waiting", "closing", "in_doubt", "approved", "not_paid", "refused", "closed",
    "late",
];

fn name(state: &State) -> &'static str {
    match state {
        State::Creating(_) => "creating",
        State::Waiting(_) => "waiting",
        State::Closing(_) => "closing",
        State::InDoubt(_) => "in_doubt",
        State::Approved(_) => "approved",
        State::NotPaid(_) => "not_paid",
        State::Refused(_) => "refused",
        State::Closed(_) => "closed",
        State::Late(_) => "late",
    }
}

/// Names how a state ends an operation; `None`: it does not.
fn end(operation: &Operation) -> Option<&'static str> {
    match &operation.state {
        State::Approved(approved) if approved.reversed => Some("reversed"),
        State::Approved(_) => Some("approved"),
        State::NotPaid(_) => Some("not_paid"),
        State::Refused(_) => Some("refused"),
        State::Closed(_) => Some("closed"),
        State::Late(late) => Some(match late.story {
            Story::Refunding => "late_refunding",
            Story::Refunded => "late_refunded",
            Story::RefundFailed => "late_refund_failed",
            Story::Reported => "late_reported",
        }),
        State::Creating(_) | State::Waiting(_) | State::Closing(_) | State::InDoubt(_) => None,
    }
}

impl Counts {
    /// Counts an operation whose state has become another one.
    pub(super) fn ended(&mut self, before: &State, operation: &Operation) {
        let same = std::mem::discriminant(before) == std::mem::discriminant(&operation.state);
        let news = !same || matches!(operation.state, State::Late(_));
        if let Some(end) = end(operation).filter(|_| news) {
            *self.ends.entry(end).or_default() += 1;
        }
    }
}

impl Engine {
    /// Counts what is going on.
    pub fn tally(&self, now: Now) -> Tally {
        let mut states: BTreeMap<&'static str, u64> =
            STATES.iter().map(|name| (*name, 0)).collect();
        let mut oldest_doubt_ms = 0;
        for live in self.live.values() {
            *states.entry(name(&live.operation.state)).or_default() += 1;
            if matches!(live.operation.state, State::InDoubt(_)) {
                oldest_doubt_ms = now.since(&live.operation.order.created).max(oldest_doubt_ms);
            }
        }
        Tally {
            states: states.into_iter().collect(),
            ends: self.counts.ends.iter().map(|(name, count)| (*name, *count)).collect(),
            oldest_doubt_ms,
            calls: self.counts.calls,
            journal_errors: self.counts.journal_errors,
            journal_refuses: self.live.values().any(|live| live.unwritten.is_some()),
        }
    }

    /// Tells whether the bank knows this name from us, and if so whether the operation is open:
    /// what a push is answered.
    ///
    /// # Errors
    /// The journal cannot be read: nobody may conclude that there is no such operation.
    pub fn knows(&self, external_id: &ExternalId) -> Result<Option<bool>, JournalError> {
        let found = self.journal.by_external_id(external_id)?;
        Ok(found.map(|found| self.fresh(found).is_open()))
    }

    /// Lets the bank be asked about a payment that has its end: its bank says that something
    /// happened to it, and money may have come after the last no.
    pub(super) fn ask_again(&mut self, now: Now, external_id: &ExternalId) {
        let Ok(Some(found)) = self.journal.by_external_id(external_id) else { return };
        let asked = found.order.action() == Action::Pay
            && matches!(found.state, State::NotPaid(_))
            && self.rails.contains_key(&found.order.rail)
            && !self.keys.contains_key(&found.id);
        if asked {
            let key = self.adopt(found);
            self.run(now, key, Effect::Send(Ask::Watch));
        }
    }
}
