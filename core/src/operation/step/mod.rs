//! The state machine: which event leads from which state where, and what is to be done then.
//!
//! Pure: no clock, no I/O, no randomness, no log. One function a state, one match an event; an
//! event that means nothing in a state is listed as such.

mod creating;
mod doubt;
mod ended;
mod enter;
mod heard;
mod open;
mod refund;
mod relayed;
mod taken;

use super::Order;
use super::event::{Effect, Event, Moment, Verdict};
use super::state::State;

/// Is the new state and what has to be done, in this order.
pub type Step = (State, Vec<Effect>);

/// Decides what an event makes of an operation.
pub fn step(order: &Order, state: &State, event: &Event, at: &Moment<'_>) -> Step {
    match event {
        Event::Answered(ask, Verdict::Relayed(word)) => {
            return relayed::relayed(order, state, *ask, word, at);
        }
        Event::Heard(heard) => return heard::heard(order, state, *heard, at),
        Event::Begin
        | Event::Answered(..)
        | Event::Shown
        | Event::Hidden
        | Event::Returned
        | Event::Due(_)
        | Event::GaveBack { .. }
        | Event::HandedOver
        | Event::Cancel
        | Event::Look
        | Event::Choose(_)
        | Event::Settle { .. }
        | Event::Reload
        | Event::Unseen => {}
    }
    match state {
        State::Creating(creating) => creating::in_creating(order, creating, event, at),
        State::Waiting(waiting) => open::in_waiting(order, waiting, event, at),
        State::Closing(closing) => open::in_closing(order, closing, event, at),
        State::InDoubt(doubt) if order.payment().is_some() => {
            refund::in_refund_doubt(order, doubt, event, at)
        }
        State::InDoubt(was) => doubt::in_doubt(order, was, event, at),
        State::Approved(approved) => ended::in_approved(order, approved, event, at),
        State::NotPaid(not_paid) => ended::in_not_paid(order, not_paid, event, at),
        State::Closed(closed) => ended::in_closed(order, closed, event, at),
        State::Late(late) => ended::in_late(late, event, at),
        State::Refused(_) => (state.clone(), vec![]),
    }
}
