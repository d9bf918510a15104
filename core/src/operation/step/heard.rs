//! What a caller that comes back told its POS: only then is a closing a word that somebody has.

use super::super::Order;
use super::super::event::{Heard, Moment};
use super::super::state::{Approved, Choice, Closed, Doubt, Life, NotPaid, State, Told};
use super::Step;
use super::creating::life_of;
use super::enter::*;
use super::open::hidden;

/// Takes note of what was told. It never makes a success of anything; it can make late money of
/// one that came after the caller had given up.
pub(super) fn heard(order: &Order, state: &State, heard: Heard, at: &Moment<'_>) -> Step {
    let stay = || (state.clone(), vec![]);
    if order.payment().is_some() {
        return stay();
    }
    match (state, heard) {
        (State::Closed(was), Heard::No(_) | Heard::Unknown(Choice::GoodsKept)) => {
            (State::Closed(Closed { unheard: false, ..was.clone() }), vec![])
        }
        // The goods are gone: nobody may get later money back.
        (State::Closed(was), Heard::Unknown(choice @ Choice::GoodsHandedOver)) if was.unheard => {
            chosen(order, was.life, choice, at)
        }
        (State::NotPaid(was), Heard::No(_)) => {
            (State::NotPaid(NotPaid { unheard: false, ..was.clone() }), vec![])
        }
        (State::NotPaid(was), Heard::Unknown(choice)) => {
            let choice = was.choice.or(Some(choice));
            (State::NotPaid(NotPaid { unheard: false, choice, ..was.clone() }), vec![])
        }
        (State::Approved(was), Heard::No(told)) => late(told, &was.receipt, at),
        (State::Approved(was), Heard::Unknown(Choice::GoodsKept)) => {
            late(Told::Unknown, &was.receipt, at)
        }
        (State::Approved(was), Heard::Unknown(Choice::GoodsHandedOver)) => {
            (State::Approved(Approved { late: true, ..was.clone() }), vec![])
        }
        (State::InDoubt(was), Heard::Unknown(choice)) if was.choice.is_none() => {
            (State::InDoubt(Doubt { choice: Some(choice), ..was.clone() }), vec![])
        }
        // Nobody stands before the code any more, and who paid it gets no goods.
        (State::Creating(was), Heard::Unknown(choice @ Choice::GoodsKept)) => {
            chosen(order, life_of(was, at), choice, at)
        }
        (State::Waiting(was), Heard::Unknown(choice @ Choice::GoodsKept)) => {
            hidden(chosen(order, was.life, choice, at))
        }
        (State::Closing(was), Heard::Unknown(choice @ Choice::GoodsKept)) => {
            chosen(order, was.life, choice, at)
        }
        (
            State::Creating(_)
            | State::Waiting(_)
            | State::Closing(_)
            | State::InDoubt(_)
            | State::Closed(_)
            | State::Approved(_)
            | State::NotPaid(_)
            | State::Refused(_)
            | State::Late(_),
            _,
        ) => stay(),
    }
}

fn chosen(order: &Order, life: Life, choice: Choice, at: &Moment<'_>) -> Step {
    doubt(order, Doubt { choice: Some(choice), ..new_doubt(order, None, life) }, at)
}
