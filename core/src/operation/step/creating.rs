//! Before anything is on a screen: the calls that make the operation exist at the bank.

use super::super::event::{Ask, Blame, Effect, Event, HandOver, Moment, Timer, Verdict};
use super::super::state::{Creating, Life, State, Told, Waiting};
use super::super::{Order, watch};
use super::Step;
use super::enter::*;

/// How often one creating call is begun at most (contracts/octo.md, Flows).
pub(super) const ATTEMPTS_MAX: u8 = 3;

/// How long after the first attempt the last one may begin, in milliseconds.
pub(super) const ATTEMPTS_MS: u64 = 15_000;

pub(super) fn in_creating(order: &Order, was: &Creating, event: &Event, at: &Moment<'_>) -> Step {
    let refund = order.payment().is_some();
    let ask = creating_ask(order, was);
    match event {
        Event::Begin => {
            let begun = Creating { first: at.now, attempt: 1, ..was.clone() };
            let mut effects = vec![Effect::Send(ask)];
            if refund {
                effects.push(Effect::Wake(Timer::Wait, at.rules.wait_ms));
            }
            (State::Creating(begun), effects)
        }
        Event::Due(Timer::Ask) => {
            let again = Creating { attempt: was.attempt.saturating_add(1), ..was.clone() };
            (State::Creating(again), vec![Effect::Send(ask)])
        }
        Event::Answered(Ask::Payment, verdict) => verified(order, was, verdict, at),
        Event::Answered(Ask::Create, verdict) => created(order, was, verdict, at),
        Event::Cancel if !refund => closing(Told::Cancelled, life_of(was, at)),
        // The journal says before the first refund call that a foreign payment was verified.
        Event::Reload if ask == Ask::Payment => {
            let begun = Creating { attempt: 1, ..Creating::new(at.now) };
            (State::Creating(begun), vec![Effect::Send(ask)])
        }
        Event::Reload => {
            let life = Life { from: order.created, ..life_of(was, at) };
            (State::InDoubt(new_doubt(order, None, life)), vec![Effect::Send(Ask::Watch)])
        }
        Event::Answered(Ask::Close | Ask::Poll | Ask::Inquire | Ask::Watch, _)
        | Event::Cancel
        | Event::Shown
        | Event::Hidden
        | Event::Returned
        | Event::Due(Timer::Wait | Timer::GiveUp)
        | Event::GaveBack { .. }
        | Event::HandedOver
        | Event::Look
        | Event::Choose(_)
        | Event::Settle { .. } => (State::Creating(was.clone()), vec![]),
    }
}

/// Goes on after the bank's word about a foreign payment.
pub(super) fn verified(order: &Order, was: &Creating, verdict: &Verdict, at: &Moment<'_>) -> Step {
    let refuse = |code, message: &str| refused(code, message);
    match verdict {
        Verdict::Paid(_) => {
            let verified = Creating { first: at.now, attempt: 1, verified: true, ..was.clone() };
            (State::Creating(verified), vec![Effect::Send(Ask::Create)])
        }
        Verdict::Unanswered { why, .. } => retried(order, was, why, at),
        Verdict::Rejected(blame, message) => refuse(blame_code(*blame), message),
        Verdict::Mismatch(message) | Verdict::NoWord(message) | Verdict::Undecided(message) => {
            refuse(9, message)
        }
        Verdict::CodeIssued(_)
        | Verdict::Open(_)
        | Verdict::Confirmed
        | Verdict::OtherSum(_)
        | Verdict::NotPaid(_)
        | Verdict::Exists => refuse(9, ""),
    }
}

/// Goes on after the answer to a creating call.
pub(super) fn created(order: &Order, was: &Creating, verdict: &Verdict, at: &Moment<'_>) -> Step {
    let refund = order.payment().is_some();
    let life = life_of(was, at);
    match verdict {
        Verdict::CodeIssued(code) => {
            let next = Creating {
                attempt: 1,
                code: Some(code.clone()),
                issued: Some(at.now),
                ..Creating::new(at.now)
            };
            (State::Creating(next), vec![Effect::Send(Ask::Create)])
        }
        Verdict::Open(_) if refund => refund_doubt(order, false, None, at),
        Verdict::Open(hand_over) => waiting(was, life, hand_over.as_ref(), at),
        Verdict::Confirmed => {
            let doubt = new_doubt(order, None, life);
            (State::InDoubt(doubt), vec![Effect::Send(Ask::Inquire), give_up()])
        }
        Verdict::Paid(receipt) => approved(order, receipt, false, at),
        Verdict::OtherSum(receipt) => late(Told::OtherSum, receipt, at),
        Verdict::NotPaid(reason) => not_paid(order, reason, None, life, at),
        Verdict::Rejected(blame, message) if !was.reached => refused(blame_code(*blame), message),
        Verdict::Undecided(code) if refund => {
            refund_doubt(order, false, Some((code.clone(), at.now)), at)
        }
        Verdict::Exists if refund => {
            let (state, mut effects) = refund_doubt(order, false, None, at);
            effects.push(Effect::Send(Ask::Payment));
            (state, effects)
        }
        Verdict::Rejected(..) | Verdict::Undecided(_) | Verdict::NoWord(_) | Verdict::Exists
            if refund =>
        {
            refund_doubt(order, false, None, at)
        }
        Verdict::Undecided(_) | Verdict::NoWord(_) | Verdict::Exists => {
            closing(Told::NoConnection, life)
        }
        Verdict::Mismatch(_) if refund => refund_doubt(order, false, None, at),
        Verdict::Mismatch(_) => doubt(new_doubt(order, None, life)),
        Verdict::Rejected(_, why) => retried(order, was, why, at),
        Verdict::Unanswered { sent, why } => {
            let reached = was.reached || *sent;
            if refund && reached {
                return refund_doubt(order, false, None, at);
            }
            retried(order, &Creating { reached, ..was.clone() }, why, at)
        }
    }
}

/// Begins a creating call again, or gives up: asks what became of it, or says that nothing did.
pub(super) fn retried(order: &Order, was: &Creating, why: &str, at: &Moment<'_>) -> Step {
    let pause = 1_000 * u64::from(was.attempt);
    if was.attempt < ATTEMPTS_MAX && at.now.since(&was.first) + pause <= ATTEMPTS_MS {
        return (State::Creating(was.clone()), vec![Effect::Wake(Timer::Ask, pause)]);
    }
    if was.reached {
        return closing(Told::NoConnection, life_of(was, at));
    }
    // Nobody stands behind a give-back to ask for it again.
    if order.is_give_back() {
        return refund_doubt(order, true, None, at);
    }
    refused(7, why)
}

// How each state is entered.

pub(super) fn waiting(
    was: &Creating,
    life: Life,
    hand_over: Option<&HandOver>,
    at: &Moment<'_>,
) -> Step {
    let wait = at.rules.wait_ms.min(life.left(&at.now));
    let mut effects = Vec::new();
    if was.code.is_some() {
        effects.push(Effect::Show);
    }
    effects.extend(hand_over.cloned().map(Effect::HandOver));
    effects.push(Effect::Wake(Timer::Ask, watch::poll_pause(&at.now, &at.now)));
    effects.push(Effect::Wake(Timer::Wait, wait));
    let code = was.code.clone();
    let next = Waiting { code, since: at.now, life, unanswered: false, undecided: None };
    (State::Waiting(next), effects)
}

pub(super) fn creating_ask(order: &Order, was: &Creating) -> Ask {
    let unverified = order.payment().is_some_and(|payment| payment.foreign) && !was.verified;
    if unverified { Ask::Payment } else { Ask::Create }
}

/// Gives the life of the code: from the arrival of the answer that brought it.
pub(super) fn life_of(was: &Creating, at: &Moment<'_>) -> Life {
    match &was.code {
        Some(code) => Life { from: was.issued.unwrap_or(at.now), ms: code.life_ms },
        None => Life::unknown(at.now),
    }
}

pub(super) fn blame_code(blame: Blame) -> u8 {
    match blame {
        Blame::Request => 5,
        Blame::Configuration => 6,
    }
}
