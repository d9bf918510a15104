//! The state machine: which event leads from which state where, and what is to be done then.
//!
//! Pure: no clock, no I/O, no randomness, no log. One function a state, one match an event; an
//! event that means nothing in a state is listed as such.

mod creating;
mod doubt;
mod ended;
mod enter;
mod open;
mod refund;
mod taken;

use super::Order;
use super::event::{Effect, Event, Moment};
use super::state::State;

/// Is the new state and what has to be done, in this order.
pub type Step = (State, Vec<Effect>);

/// Decides what an event makes of an operation.
pub fn step(order: &Order, state: &State, event: &Event, at: &Moment<'_>) -> Step {
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
        State::Late(late) => ended::in_late(late, event),
        State::Refused(_) => (state.clone(), vec![]),
    }
}
