//! Before anything is on a screen: the calls that make the operation exist at the bank.

use super::super::Order;
use super::super::event::{Ask, Blame, Effect, Event, HandOver, Moment, Timer, Verdict};
use super::super::state::{Creating, Life, State, Told, Waiting};
use super::Step;
use super::enter::*;
use super::taken::{not_told, sought, taken};

/// How often one creating call is begun at most.
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
        Event::Due(Timer::Ask) | Event::Look if was.taken.is_some() => {
            (State::Creating(was.clone()), vec![Effect::Send(Ask::Poll)])
        }
        Event::Answered(Ask::Poll, verdict) if !refund => sought(order, was, verdict, at),
        Event::Due(Timer::Ask) => {
            let again = Creating { attempt: was.attempt.saturating_add(1), ..was.clone() };
            (State::Creating(again), vec![Effect::Send(ask)])
        }
        Event::Answered(Ask::Payment, verdict) => verified(order, was, verdict, at),
        Event::Answered(Ask::Create, verdict) => created(order, was, verdict, at),
        Event::Cancel if !refund => closing(Told::Cancelled, life_of(was, at)),
        // The journal says before the first refund call that a foreign payment was verified.
        Event::Reload | Event::Unseen if ask == Ask::Payment => {
            let begun = Creating { attempt: 1, ..Creating::new(at.now) };
            (State::Creating(begun), vec![Effect::Send(ask)])
        }
        Event::Unseen if !refund && order.code_value().is_none() => given_up(was, at),
        Event::Reload | Event::Unseen => {
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
        | Event::Heard(_)
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
        | Verdict::Exists
        | Verdict::Accepted(_)
        | Verdict::Wanted(_)
        | Verdict::Lacking(_)
        | Verdict::Relayed(_) => refuse(9, ""),
    }
}

/// Goes on after the answer to a creating call.
pub(super) fn created(order: &Order, was: &Creating, verdict: &Verdict, at: &Moment<'_>) -> Step {
    if order.payment().is_some() {
        return refund_created(order, was, verdict, at);
    }
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
        Verdict::Open(hand_over) => waiting(was, life, hand_over.as_ref(), at),
        Verdict::Accepted(reference) => taken(was, reference, at),
        Verdict::Wanted(_) | Verdict::Lacking(_) => sought(order, was, verdict, at),
        Verdict::Confirmed => confirmed(order, life),
        Verdict::Paid(receipt) => approved(order, receipt, false, at),
        Verdict::OtherSum(receipt) => late(Told::OtherSum, receipt, at),
        Verdict::NotPaid(reason) => not_paid(order, reason, None, life, at),
        Verdict::Rejected(blame, message) if !was.reached || was.taken.is_some() => {
            refused(blame_code(*blame), message)
        }
        // Somebody else's payment has our name, and nobody has seen a code of ours.
        Verdict::Exists if at.rules.lost.is_some() && !was.reached => refused(
            7,
            "the bank has a payment of this name already; the next one gets another name",
        ),
        Verdict::Exists if at.rules.lost.is_some() => taken(was, "", at),
        Verdict::Undecided(_) | Verdict::NoWord(_) | Verdict::Exists => {
            closing(Told::NoConnection, life)
        }
        Verdict::Mismatch(_) | Verdict::Relayed(_) => {
            doubt(order, new_doubt(order, None, life), at)
        }
        Verdict::Rejected(_, why) => retried(order, was, why, at),
        Verdict::Unanswered { sent, why } => {
            if let Some(known) = &was.taken {
                return not_told(was, known, at);
            }
            let reached = was.reached || *sent;
            retried(order, &Creating { reached, ..was.clone() }, why, at)
        }
    }
}

/// Goes on after the answer to a refund's call: no earlier one of it can have had an effect, or it
/// would be in doubt.
fn refund_created(order: &Order, was: &Creating, verdict: &Verdict, at: &Moment<'_>) -> Step {
    let unclear = || refund_doubt(order, false, None, at);
    match verdict {
        Verdict::Accepted(reference) => {
            let (mut state, effects) = unclear();
            if let State::InDoubt(doubt) = &mut state {
                doubt.reference = Some(reference.clone()).filter(|name| !name.is_empty());
            }
            (state, effects)
        }
        Verdict::Paid(receipt) => approved(order, receipt, false, at),
        Verdict::NotPaid(reason) => not_paid(order, reason, None, life_of(was, at), at),
        Verdict::Rejected(blame, message) => refused(blame_code(*blame), message),
        Verdict::Undecided(code) => refund_doubt(order, false, Some((code.clone(), at.now)), at),
        Verdict::Exists => {
            let (state, mut effects) = unclear();
            effects.push(Effect::Send(Ask::Payment));
            (state, effects)
        }
        Verdict::Unanswered { sent: false, why } => retried(order, was, why, at),
        Verdict::Unanswered { sent: true, .. }
        | Verdict::Open(_)
        | Verdict::NoWord(_)
        | Verdict::Mismatch(_)
        | Verdict::Confirmed
        | Verdict::OtherSum(_)
        | Verdict::CodeIssued(_)
        | Verdict::Wanted(_)
        | Verdict::Lacking(_)
        | Verdict::Relayed(_) => unclear(),
    }
}

/// Gives up what may be payable and was shown to nobody: the bank says what became of it.
fn given_up(was: &Creating, at: &Moment<'_>) -> Step {
    if at.rules.lost.is_some() {
        return taken(was, "", at);
    }
    closing(Told::NoConnection, life_of(was, at))
}

/// Begins a creating call again, or gives up: asks what became of it, or says that nothing did.
pub(super) fn retried(order: &Order, was: &Creating, why: &str, at: &Moment<'_>) -> Step {
    let pause = 1_000 * u64::from(was.attempt);
    if was.attempt < ATTEMPTS_MAX && at.now.since(&was.first) + pause <= ATTEMPTS_MS {
        return (State::Creating(was.clone()), vec![Effect::Wake(Timer::Ask, pause)]);
    }
    if was.reached {
        return given_up(was, at);
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
    let wait = at.rules.wait_for(life.left(&at.now));
    let mut effects = Vec::new();
    if was.code.is_some() {
        effects.push(Effect::Show);
    }
    effects.extend(hand_over.cloned().map(Effect::HandOver));
    effects.push(Effect::Wake(Timer::Ask, at.rules.pace.poll.pause(0)));
    effects.push(Effect::Wake(Timer::Wait, wait));
    let code = was.code.clone();
    let handed = hand_over.map(HandOver::mark);
    let next = Waiting { code, since: at.now, life, handed, unanswered: false, undecided: None };
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
        None => Life { from: at.now, ms: at.rules.unknown_life_ms },
    }
}

pub(super) fn blame_code(blame: Blame) -> u8 {
    match blame {
        Blame::Request => 5,
        Blame::Configuration => 6,
        Blame::Payment => 9,
    }
}
