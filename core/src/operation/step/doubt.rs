//! A pay in doubt: only the bank's explicit word, or a named act of the operator, leads out.

use super::super::event::{Ask, Audience, Effect, Event, Moment, NoReason, Timer, Verdict};
use super::super::state::{Choice, Doubt, State, Told};
use super::super::{Order, watch};
use super::Step;
use super::enter::*;

/// A pay in doubt: only the bank's explicit word, or a named act of the operator, leads out.
pub(super) fn in_doubt(order: &Order, was: &Doubt, event: &Event, at: &Moment<'_>) -> Step {
    let stay = |effects| (State::InDoubt(was.clone()), effects);
    match event {
        Event::Due(Timer::Ask) => stay(vec![Effect::Send(look(at))]),
        Event::Look | Event::Returned => stay(vec![Effect::Send(Ask::Inquire)]),
        Event::Reload | Event::Unseen => stay(vec![Effect::Send(Ask::Watch)]),
        Event::Cancel if was.intent.is_none() && was.choice.is_none() => {
            let next = Doubt { intent: Some(Told::Cancelled), ..was.clone() };
            (State::InDoubt(next), vec![Effect::Send(Ask::Close)])
        }
        Event::Cancel => stay(vec![Effect::Send(Ask::Inquire)]),
        Event::Choose(choice) if was.choice.is_none() => {
            let next = Doubt { choice: Some(*choice), ..was.clone() };
            (State::InDoubt(next), vec![Effect::Tell])
        }
        Event::Due(Timer::GiveUp)
            if at.audience != Audience::Operator
                && was.choice.is_none()
                && !at.rules.comes_back =>
        {
            let next = Doubt { choice: Some(Choice::GoodsHandedOver), ..was.clone() };
            (State::InDoubt(next), vec![Effect::Tell])
        }
        Event::Settle { paid, note } if was.asked => settled(order, was, *paid, note, at),
        Event::Answered(ask, verdict) => doubt_answered(order, &was.after(*ask), *ask, verdict, at),
        Event::Begin
        | Event::Shown
        | Event::Hidden
        | Event::Due(Timer::Wait | Timer::GiveUp)
        | Event::GaveBack { .. }
        | Event::HandedOver
        | Event::Choose(_)
        | Event::Heard(_)
        | Event::Settle { .. } => stay(vec![]),
    }
}

pub(super) fn doubt_answered(
    order: &Order,
    was: &Doubt,
    ask: Ask,
    verdict: &Verdict,
    at: &Moment<'_>,
) -> Step {
    let asked = Doubt { asked: true, silent: None, undecided: None, ..was.clone() };
    let inquiry = matches!(ask, Ask::Close | Ask::Inquire | Ask::Watch);
    match verdict {
        Verdict::Paid(receipt) => paid_in_doubt(order, was, receipt, at),
        Verdict::OtherSum(receipt) => late(Told::OtherSum, receipt, at),
        // The bank said yes before: both cannot be true, and a guess could lose the money.
        Verdict::NotPaid(reason) if was.confirmed && *reason != NoReason::GivenBack => {
            on_doubt(order, asked, at)
        }
        Verdict::Undecided(_) if was.confirmed => on_doubt(order, asked, at),
        Verdict::NotPaid(reason) => {
            let told = was.intent.filter(|_| was.choice.is_none());
            no_after_doubt(order, was, reason, told, at)
        }
        Verdict::Undecided(code) if inquiry => match said_again(&was.undecided, code, at) {
            Said::Again => no_after_doubt(order, was, &NoReason::Declined(code.clone()), None, at),
            Said::First(said) => {
                let next = Doubt { undecided: Some(said), ..asked };
                (State::InDoubt(next), vec![Effect::Wake(Timer::Ask, watch::UNDECIDED_PAUSE_MS)])
            }
        },
        Verdict::Open(_) | Verdict::NoWord(_) | Verdict::Wanted(_) | Verdict::Lacking(_)
            if inquiry =>
        {
            if let (Some(told), None) = (was.intent, was.choice) {
                return closed(told, was.life, at);
            }
            let silent = silence(order, was.silent, was.life, verdict, at);
            if silent == Silence::Ended {
                return no_after_doubt(order, was, &NoReason::Expired, None, at);
            }
            on_doubt(order, Doubt { silent: silent.since(), ..asked }, at)
        }
        Verdict::Unanswered { .. } | Verdict::Rejected(..) => on_doubt(order, was.clone(), at),
        Verdict::Mismatch(_) => on_doubt(order, asked, at),
        Verdict::Confirmed => on_doubt(order, Doubt { confirmed: true, ..asked }, at),
        Verdict::Undecided(_)
        | Verdict::Open(_)
        | Verdict::NoWord(_)
        | Verdict::CodeIssued(_)
        | Verdict::Exists
        | Verdict::Accepted(_)
        | Verdict::Wanted(_)
        | Verdict::Lacking(_)
        | Verdict::Relayed(_) => (State::InDoubt(was.clone()), vec![]),
    }
}
