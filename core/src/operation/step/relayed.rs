//! The word of another Till, which drives the operation and asks the bank itself: the terminal
//! shows what it says, ends as it says, and decides nothing about the money.

use super::super::Order;
use super::super::event::{Ask, Effect, HandOver, Moment, Timer, Verdict, Word};
use super::super::state::{
    Approved, Closed, Closing, Creating, Doubt, Late, Life, NotPaid, State, Story, Taken, Told,
    Waiting,
};
use super::Step;
use super::creating::{life_of, waiting};
use super::enter::*;
use super::open::{hidden, looked};

/// The pause before the order is sent again to a Till that never heard of it, in milliseconds.
const AGAIN_MS: u64 = 1_000;

pub(super) fn relayed(
    order: &Order,
    state: &State,
    ask: Ask,
    word: &Word,
    at: &Moment<'_>,
) -> Step {
    match state {
        State::Creating(was) => in_creating(order, was, word, at),
        State::Waiting(was) => in_waiting(order, was, word, at),
        State::Closing(was) => in_closing(order, was, ask, word, at),
        State::InDoubt(was) => in_doubt(order, &was.after(ask), word, at),
        State::Approved(was) => in_approved(was, word),
        State::NotPaid(was) => in_not_paid(was, word, at),
        State::Closed(was) => in_closed(order, was, word, at),
        State::Late(was) => in_late(was, word, at),
        State::Refused(_) => (state.clone(), vec![]),
    }
}

fn in_creating(order: &Order, was: &Creating, word: &Word, at: &Moment<'_>) -> Step {
    let refund = order.payment().is_some();
    let life = life_of(was, at);
    let over = at.now.since(&order.created) >= at.rules.wait_ms;
    match word {
        Word::Ended(end) => ended(order, end, life, at),
        Word::InDoubt if !refund => doubt(order, new_doubt(order, None, life), at),
        _ if refund => refund_doubt(order, matches!(word, Word::Unheard), None, at),
        Word::Code { code, hand_over } => {
            let next = Creating {
                code: Some(code.clone()),
                issued: Some(at.now),
                taken: None,
                ..was.clone()
            };
            waiting(&next, life_of(&next, at), hand_over.as_ref(), at)
        }
        Word::HandOver(hand_over) => {
            let life = Life { from: at.now, ms: at.rules.unknown_life_ms };
            waiting(was, life, hand_over.as_ref(), at)
        }
        Word::Begun | Word::Closing | Word::Unheard | Word::InDoubt if over => {
            closing(Told::NoConnection, life)
        }
        // Its word is no "not sent": an order may still be on its way, and a new one joins it.
        Word::Unheard => {
            let next = Creating { first: at.now, attempt: 0, taken: None, ..was.clone() };
            (State::Creating(next), vec![Effect::Wake(Timer::Ask, AGAIN_MS)])
        }
        Word::Begun | Word::Closing | Word::InDoubt => {
            let taken = Taken {
                reference: String::new(),
                since: was.taken.as_ref().map_or(at.now, |taken| taken.since),
                silent: None,
                wanted: Vec::new(),
            };
            let next = Creating { taken: Some(taken), ..was.clone() };
            (State::Creating(next), vec![Effect::Wake(Timer::Ask, at.rules.pace.poll.pause(0))])
        }
    }
}

fn in_waiting(order: &Order, was: &Waiting, word: &Word, at: &Moment<'_>) -> Step {
    let open =
        |hand_over: Option<&HandOver>| looked(order, was, &Verdict::Open(hand_over.cloned()), at);
    match word {
        Word::Begun => open(None),
        Word::Code { hand_over, .. } | Word::HandOver(hand_over) => open(hand_over.as_ref()),
        Word::Closing => closing(Told::Expired, was.life),
        Word::InDoubt | Word::Unheard => hidden(doubt(order, new_doubt(order, None, was.life), at)),
        Word::Ended(end) => hidden(ended(order, end, was.life, at)),
    }
}

fn in_closing(order: &Order, was: &Closing, ask: Ask, word: &Word, at: &Moment<'_>) -> Step {
    match word {
        Word::Ended(end) => ended(order, end, was.life, at),
        Word::Begun
        | Word::Code { .. }
        | Word::HandOver(_)
        | Word::Closing
        | Word::InDoubt
        | Word::Unheard
            if ask == Ask::Close =>
        {
            let next = new_doubt(order, Some(was.told), was.life);
            doubt(order, Doubt { asked: true, ..next }, at)
        }
        Word::Begun
        | Word::Code { .. }
        | Word::HandOver(_)
        | Word::Closing
        | Word::InDoubt
        | Word::Unheard => (State::Closing(was.clone()), vec![]),
    }
}

fn in_doubt(order: &Order, was: &Doubt, word: &Word, at: &Moment<'_>) -> Step {
    let asked = Doubt { asked: true, repeat: false, ..was.clone() };
    match word {
        Word::Ended(State::Approved(approved)) => paid_in_doubt(order, was, &approved.receipt, at),
        Word::Ended(end) => ended(order, end, was.life, at),
        Word::Unheard => on_doubt(order, Doubt { repeat: order.payment().is_some(), ..asked }, at),
        Word::Begun | Word::Code { .. } | Word::HandOver(_) | Word::Closing | Word::InDoubt => {
            on_doubt(order, asked, at)
        }
    }
}

/// An accepted refund is watched: its bank may take its word back.
fn in_approved(was: &Approved, word: &Word) -> Step {
    let next = match word {
        Word::Ended(State::Approved(is)) => {
            let reversed = was.reversed || is.reversed;
            Approved { watched: is.watched && !reversed, reversed, ..was.clone() }
        }
        Word::Ended(State::NotPaid(_)) => {
            Approved { watched: false, reversed: true, ..was.clone() }
        }
        Word::Ended(_)
        | Word::Begun
        | Word::Code { .. }
        | Word::HandOver(_)
        | Word::Closing
        | Word::InDoubt
        | Word::Unheard => was.clone(),
    };
    let pause = super::super::watch::REFUND_PAUSE_MS;
    let again = next.watched.then_some(Effect::Wake(Timer::Ask, pause));
    (State::Approved(next), again.into_iter().collect())
}

fn in_not_paid(was: &NotPaid, word: &Word, at: &Moment<'_>) -> Step {
    match word {
        Word::Ended(State::Late(late)) => late_there(late.told, late, at),
        Word::Ended(State::NotPaid(is)) if !is.watched => {
            (State::NotPaid(NotPaid { watched: false, ..was.clone() }), vec![])
        }
        Word::Ended(_)
        | Word::Begun
        | Word::Code { .. }
        | Word::HandOver(_)
        | Word::Closing
        | Word::InDoubt
        | Word::Unheard => (State::NotPaid(was.clone()), wake_watch(&was.life, at)),
    }
}

fn in_closed(order: &Order, was: &Closed, word: &Word, at: &Moment<'_>) -> Step {
    match word {
        Word::Ended(State::Late(late)) => late_there(was.told, late, at),
        Word::Ended(State::NotPaid(is)) => {
            not_paid(order, &is.reason, Some(was.told), was.life, at)
        }
        // It kept the money that it was told nobody waits for.
        Word::Ended(State::Approved(is)) => late(was.told, &is.receipt, at),
        Word::Ended(_)
        | Word::Begun
        | Word::Code { .. }
        | Word::HandOver(_)
        | Word::Closing
        | Word::InDoubt
        | Word::Unheard => (State::Closed(was.clone()), wake_watch(&was.life, at)),
    }
}

fn in_late(was: &Late, word: &Word, at: &Moment<'_>) -> Step {
    match word {
        Word::Ended(State::Late(late)) => late_there(was.told, late, at),
        Word::Ended(_)
        | Word::Begun
        | Word::Code { .. }
        | Word::HandOver(_)
        | Word::Closing
        | Word::InDoubt
        | Word::Unheard => again(State::Late(was.clone()), at),
    }
}

/// Enters the end that the other Till says.
fn ended(order: &Order, end: &State, life: Life, at: &Moment<'_>) -> Step {
    match end {
        State::Approved(is) => {
            let (state, effects) = approved(order, &is.receipt, is.late, at);
            match state {
                State::Approved(made) => {
                    (State::Approved(Approved { reversed: is.reversed, ..made }), effects)
                }
                other @ (State::Creating(_)
                | State::Waiting(_)
                | State::Closing(_)
                | State::InDoubt(_)
                | State::NotPaid(_)
                | State::Refused(_)
                | State::Closed(_)
                | State::Late(_)) => (other, effects),
            }
        }
        State::NotPaid(is) => {
            let watched = is.watched;
            let next = NotPaid { life, watched, unheard: false, ..is.clone() };
            let mut effects = vec![Effect::Tell];
            effects.extend(watched.then_some(Effect::Wake(Timer::Ask, 0)));
            (State::NotPaid(next), effects)
        }
        State::Refused(is) => (State::Refused(is.clone()), vec![Effect::Tell]),
        // The other Till gives late money back only once it knows that the no was told.
        State::Closed(is) => {
            let next = Closed { told: is.told, life, silent: None, unheard: false };
            (State::Closed(next), vec![Effect::Tell, Effect::Wake(Timer::Ask, 0)])
        }
        State::Late(is) => late_there(is.told, is, at),
        State::Creating(_) | State::Waiting(_) | State::Closing(_) | State::InDoubt(_) => {
            doubt(order, new_doubt(order, None, life), at)
        }
    }
}

/// Takes over the other Till's story of late money: it gives it back, not this one.
fn late_there(told: Told, is: &Late, at: &Moment<'_>) -> Step {
    let (state, mut effects) = again(State::Late(Late { told, ..is.clone() }), at);
    effects.insert(0, Effect::Tell);
    (state, effects)
}

fn again(state: State, at: &Moment<'_>) -> Step {
    let open = matches!(&state, State::Late(late) if late.story == Story::Refunding);
    let wake = open.then_some(Effect::Wake(Timer::Ask, at.rules.pace.watch_ms));
    (state, wake.into_iter().collect())
}
