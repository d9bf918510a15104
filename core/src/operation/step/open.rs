//! While the customer can pay, and while the bank is asked once more after that.

use super::super::event::{
    Ask, Audience, Effect, Event, HandOver, Moment, NoReason, Timer, Verdict,
};
use super::super::state::{Closing, Doubt, State, Told, Waiting};
use super::super::{Order, watch};
use super::Step;
use super::enter::*;

pub(super) fn in_waiting(order: &Order, was: &Waiting, event: &Event, at: &Moment<'_>) -> Step {
    let stay = |effects| (State::Waiting(was.clone()), effects);
    match event {
        Event::Due(Timer::Ask) => {
            stay(vec![Effect::Send(if was.unanswered { Ask::Inquire } else { Ask::Poll })])
        }
        Event::Due(Timer::Wait) => closing(Told::Expired, was.life),
        Event::Cancel => closing(Told::Cancelled, was.life),
        Event::Look | Event::Returned => stay(vec![Effect::Send(Ask::Inquire)]),
        Event::Answered(Ask::Poll | Ask::Inquire | Ask::Watch, verdict) => {
            looked(order, was, verdict, at)
        }
        Event::Reload | Event::Unseen => {
            let whole = at.rules.wait_for(was.life.left(&was.since));
            let left = at.now.left_of(&was.since, whole);
            if left == 0 {
                return closing(Told::Expired, was.life);
            }
            let mut effects = vec![Effect::Wake(Timer::Ask, 0), Effect::Wake(Timer::Wait, left)];
            if was.code.is_some() {
                effects.insert(0, Effect::Show);
            }
            // What the SDK had on its screen is gone: the next answer's hand-over is a new one.
            (State::Waiting(Waiting { handed: None, ..was.clone() }), effects)
        }
        Event::Begin
        | Event::Answered(Ask::Close | Ask::Create | Ask::Payment, _)
        | Event::Shown
        | Event::Hidden
        | Event::Due(Timer::GiveUp)
        | Event::GaveBack { .. }
        | Event::HandedOver
        | Event::Choose(_)
        | Event::Heard(_)
        | Event::Settle { .. } => stay(vec![]),
    }
}

/// Goes on after a poll of a code that can be paid.
pub(super) fn looked(order: &Order, was: &Waiting, verdict: &Verdict, at: &Moment<'_>) -> Step {
    let again = |pause, unanswered, undecided| {
        let next = Waiting { unanswered, undecided, ..was.clone() };
        (State::Waiting(next), vec![Effect::Wake(Timer::Ask, pause)])
    };
    let pause = at.rules.pace.poll.pause(at.now.since(&was.since));
    match verdict {
        Verdict::Open(hand_over) => {
            let new = |what: &&HandOver| {
                at.audience != Audience::Nobody && was.handed != Some(what.mark())
            };
            let Some(new) = hand_over.as_ref().filter(new) else {
                return again(pause, false, None);
            };
            let handed = Some(new.mark());
            let next = Waiting { handed, unanswered: false, undecided: None, ..was.clone() };
            let effects = vec![Effect::Wake(Timer::Ask, pause), Effect::HandOver(new.clone())];
            (State::Waiting(next), effects)
        }
        Verdict::NoWord(_)
        | Verdict::CodeIssued(_)
        | Verdict::Exists
        | Verdict::Accepted(_)
        | Verdict::Wanted(_)
        | Verdict::Lacking(_)
        | Verdict::Relayed(_) => again(pause, false, None),
        Verdict::Paid(receipt) => hidden(approved(order, receipt, false, at)),
        Verdict::OtherSum(receipt) => hidden(late(Told::OtherSum, receipt, at)),
        Verdict::NotPaid(reason) => hidden(not_paid(order, reason, None, was.life, at)),
        Verdict::Undecided(code) => match said_again(&was.undecided, code, at) {
            Said::Again => {
                let reason = NoReason::Declined(code.clone());
                hidden(not_paid(order, &reason, None, was.life, at))
            }
            Said::First(said) => again(watch::UNDECIDED_PAUSE_MS, false, Some(said)),
        },
        Verdict::Confirmed => hidden(confirmed(order, was.life)),
        Verdict::Mismatch(_) => hidden(doubt(order, new_doubt(order, None, was.life), at)),
        Verdict::Rejected(..) | Verdict::Unanswered { .. } => {
            again(retry_pause(order, at), true, was.undecided.clone())
        }
    }
}

pub(super) fn in_closing(order: &Order, was: &Closing, event: &Event, at: &Moment<'_>) -> Step {
    let stay = |effects| (State::Closing(was.clone()), effects);
    let unclear = || {
        let was = new_doubt(order, Some(was.told), was.life);
        doubt(order, Doubt { asked: true, ..was }, at)
    };
    match event {
        Event::Hidden => stay(vec![Effect::Send(Ask::Close)]),
        Event::Reload | Event::Unseen => stay(vec![Effect::Hide]),
        Event::Answered(ask, verdict) => match verdict {
            Verdict::Paid(receipt) => approved(order, receipt, false, at),
            Verdict::OtherSum(receipt) => late(Told::OtherSum, receipt, at),
            Verdict::NotPaid(reason) => not_paid(order, reason, Some(was.told), was.life, at),
            Verdict::Confirmed => {
                let was = new_doubt(order, Some(was.told), was.life);
                doubt(order, Doubt { asked: true, confirmed: true, ..was }, at)
            }
            Verdict::Open(_)
            | Verdict::NoWord(_)
            | Verdict::Undecided(_)
            | Verdict::Wanted(_)
            | Verdict::Lacking(_)
                if *ask == Ask::Close =>
            {
                closed(was.told, was.life, at)
            }
            Verdict::Mismatch(_) => unclear(),
            Verdict::Rejected(..) | Verdict::Unanswered { .. } if *ask == Ask::Close => unclear(),
            Verdict::Open(_)
            | Verdict::NoWord(_)
            | Verdict::Undecided(_)
            | Verdict::Rejected(..)
            | Verdict::Unanswered { .. }
            | Verdict::CodeIssued(_)
            | Verdict::Exists
            | Verdict::Accepted(_)
            | Verdict::Wanted(_)
            | Verdict::Lacking(_)
            | Verdict::Relayed(_) => stay(vec![]),
        },
        Event::Begin
        | Event::Shown
        | Event::Returned
        | Event::Due(_)
        | Event::GaveBack { .. }
        | Event::HandedOver
        | Event::Cancel
        | Event::Look
        | Event::Choose(_)
        | Event::Heard(_)
        | Event::Settle { .. } => stay(vec![]),
    }
}

pub(super) fn hidden((state, mut effects): Step) -> Step {
    effects.insert(0, Effect::Hide);
    (state, effects)
}
