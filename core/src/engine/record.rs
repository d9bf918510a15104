//! What a change of state must survive, and how the journal tells it.

use super::Engine;
use crate::journal::{Durability, JournalError};
use crate::operation::{Audience, Event, NoReason, Operation, State, Story, Timer, Told};
use crate::time::Now;

impl Engine {
    /// Keeps an event that the journal did not take, to let it happen again a second later.
    pub(super) fn not_written(&mut self, now: Now, key: u64, event: &Event, error: &JournalError) {
        const PATIENCE: u32 = 10;
        let Some(live) = self.live.get_mut(&key) else { return };
        tracing::error!(operation = %live.operation.id, %error, "the journal cannot be written");
        live.refusals += 1;
        self.counts.journal_errors += 1;
        live.unwritten = Some(event.clone());
        self.timers.insert((now.boot_ms + 1_000, key, Timer::Ask));
        if live.refusals >= PATIENCE && live.audience() == Audience::Program {
            self.tell_unknown(key);
        }
    }
}

/// Says what the way from one state to the next must survive; `None`: it is not written at all.
///
/// A payment costs two power-cut writes, its record and its end, and so does a refund; polls write
/// nothing.
pub(super) fn durability(before: &State, after: &State) -> Option<Durability> {
    match (before, after) {
        // A foreign refund's restart depends on whether its call may have been made.
        (State::Creating(was), State::Creating(is)) => {
            (was.verified != is.verified).then_some(Durability::PowerCut)
        }
        (State::Waiting(_), State::Waiting(_))
        | (State::Closing(_), State::Closing(_))
        | (State::Refused(_), State::Refused(_)) => None,
        // Whether later money goes back depends on it.
        (State::Closed(was), State::Closed(is)) => {
            (was.unheard != is.unheard).then_some(Durability::PowerCut)
        }
        (State::InDoubt(was), State::InDoubt(is)) if was.choice != is.choice => {
            Some(Durability::PowerCut)
        }
        (State::InDoubt(was), State::InDoubt(is)) => {
            let changed = was.intent != is.intent || was.reference != is.reference;
            changed.then_some(Durability::Kill)
        }
        (State::Approved(was), State::Approved(is)) if was.reversed == is.reversed => {
            (was.watched != is.watched || was.late != is.late).then_some(Durability::Kill)
        }
        (State::NotPaid(was), State::NotPaid(is)) if was.unheard != is.unheard => {
            Some(Durability::PowerCut)
        }
        (State::NotPaid(was), State::NotPaid(is)) => {
            (was.watched != is.watched).then_some(Durability::Kill)
        }
        (_, State::Waiting(_) | State::Closing(_) | State::InDoubt(_)) => Some(Durability::Kill),
        (
            _,
            State::Creating(_)
            | State::Approved(_)
            | State::NotPaid(_)
            | State::Refused(_)
            | State::Closed(_)
            | State::Late(_),
        ) => Some(Durability::PowerCut),
    }
}

/// Says the same of a change that other processes cannot see otherwise.
pub(super) fn if_shared(before: &State, after: &State) -> Option<Durability> {
    let (State::Waiting(was), State::Waiting(is)) = (before, after) else { return None };
    (was.handed != is.handed).then_some(Durability::Kill)
}

/// Tells a change in one line for the journal; no secret and no code value is in it.
pub(super) fn story(before: Option<&State>, operation: &Operation, event: &Event) -> String {
    let Some(before) = before else {
        let order = &operation.order;
        return format!("{} of {:?} recorded", order.action().as_str(), order.amount);
    };
    match &operation.state {
        State::Creating(_) => "payment of another terminal confirmed by its bank".to_owned(),
        State::Waiting(waiting) => {
            let again = matches!(before, State::Waiting(_));
            if waiting.code.is_some() && !again {
                format!("code shown, payable for {} s", waiting.life.ms / 1_000)
            } else if waiting.handed.is_none() && again {
                "customer to be handed over again".to_owned()
            } else {
                "customer handed over".to_owned()
            }
        }
        State::Closing(closing) => format!("closing: {}", told(closing.told)),
        State::InDoubt(doubt) => match (before, doubt.choice) {
            (State::InDoubt(_), Some(choice)) => format!("told: not known ({choice:?})"),
            (State::InDoubt(was), None) if was.reference != doubt.reference => {
                "taken by the bank, which has not done it yet".to_owned()
            }
            (State::InDoubt(_), None) => "the operator wants to close it".to_owned(),
            _ => "in doubt".to_owned(),
        },
        State::Approved(approved) if approved.reversed => {
            "ALARM: the bank took its word back".to_owned()
        }
        State::Approved(approved) => {
            let receipt = &approved.receipt;
            match &receipt.settled {
                Some(note) => format!("settled as paid by the operator: {note}"),
                None => format!("approved: {:?}", receipt.paid),
            }
        }
        State::NotPaid(not_paid) => match &not_paid.reason {
            NoReason::Declined(message) => format!("declined: {message}"),
            NoReason::Cancelled => "cancelled by the customer".to_owned(),
            NoReason::Expired => "expired: the bank knows of nothing".to_owned(),
            NoReason::GivenBack => "paid and given back".to_owned(),
            NoReason::Settled(note) => format!("settled as not paid by the operator: {note}"),
        },
        State::Refused(refused) => format!("refused ({}): {}", refused.code, refused.message),
        State::Closed(closed) => match event {
            Event::HandedOver | Event::Heard(_) => "answer handed over".to_owned(),
            Event::Begin
            | Event::Answered(..)
            | Event::Shown
            | Event::Hidden
            | Event::Returned
            | Event::Due(_)
            | Event::GaveBack { .. }
            | Event::Cancel
            | Event::Look
            | Event::Choose(_)
            | Event::Settle { .. }
            | Event::Reload
            | Event::Unseen => format!("closed: {}", told(closed.told)),
        },
        State::Late(late) => {
            let paid = late.receipt.paid;
            match late.story {
                Story::Refunding => format!("late money, {paid:?}: being given back"),
                Story::Refunded => format!("late money, {paid:?}: given back"),
                Story::RefundFailed => {
                    format!("ALARM: late money, {paid:?}: the bank refuses to give it back")
                }
                Story::Reported => format!("ALARM: late money, {paid:?}: kept and reported"),
            }
        }
    }
}

fn told(told: Told) -> &'static str {
    match told {
        Told::OtherSum => "declined",
        Told::Cancelled => "cancelled",
        Told::Expired => "nobody paid in time",
        Told::Unknown => "not known",
        Told::NoConnection => "no connection",
    }
}
