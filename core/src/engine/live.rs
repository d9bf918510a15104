//! An operation that is being driven, and who waits for it.

use std::collections::BTreeMap;

use crate::intent::{Metadata, Verb};
use crate::operation::{Ask, Audience, Event, Operation, State, Timer};

/// Names a caller that waits; given by whoever drives the engine, never used twice.
pub type WaiterId = u64;

/// How many operations are remembered after their end.
pub(super) const MOST_ENDED: usize = 16;

/// Is one open operation in memory: what the journal holds, and what only this process knows.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) operation: Operation,
    pub(super) waiters: Vec<Waiter>,
    /// The timers, each with its time on the boot clock.
    pub(super) timers: BTreeMap<Timer, u64>,
    /// The calls under way.
    pub(super) flying: Vec<Ask>,
    /// The operator's word, to be applied after the inquiry that must come first.
    pub(super) settle: Option<(bool, String)>,
    /// Whether the bank pushed before there was anything to ask for.
    pub(super) pushed: bool,
    /// An event that the journal could not take yet.
    pub(super) unwritten: Option<Event>,
    /// How often the journal refused in a row.
    pub(super) refusals: u32,
}

/// Is a caller that waits for an operation.
#[derive(Clone, Debug)]
pub(super) struct Waiter {
    pub(super) id: WaiterId,
    pub(super) verb: Verb,
    pub(super) metadata: Option<Metadata>,
    pub(super) patience: Patience,
}

/// Says what a waiter waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// The answer, with an operator before a screen.
    Operator,
    /// The answer.
    Program,
    /// One answer of the bank, whatever it is.
    OneLook,
}

impl Live {
    pub(super) fn new(operation: Operation) -> Self {
        Self {
            operation,
            waiters: Vec::new(),
            timers: BTreeMap::new(),
            flying: Vec::new(),
            settle: None,
            pushed: false,
            unwritten: None,
            refusals: 0,
        }
    }

    /// Tells whether the next look is one of a row of equal ones, not the answer to something.
    pub(super) fn is_polled(&self) -> bool {
        match &self.operation.state {
            State::Waiting(waiting) => !waiting.unanswered && waiting.undecided.is_none(),
            State::Approved(_) | State::NotPaid(_) | State::Closed(_) | State::Late(_) => true,
            State::Creating(_) | State::Closing(_) | State::InDoubt(_) | State::Refused(_) => false,
        }
    }

    pub(super) fn audience(&self) -> Audience {
        let of = |waiter: &Waiter| match waiter.patience {
            Patience::Operator => Audience::Operator,
            Patience::Program => Audience::Program,
            Patience::OneLook => Audience::Nobody,
        };
        self.waiters.iter().map(of).max().unwrap_or(Audience::Nobody)
    }
}
