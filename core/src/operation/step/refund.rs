//! A refund in doubt: asked for, and sent again under the same name while its window lasts.

use super::super::event::{Ask, Effect, Event, Moment, NoReason, Timer, Verdict};
use super::super::state::{Doubt, State};
use super::super::{Order, watch};
use super::Step;
use super::enter::*;

/// A refund in doubt: asked for, and sent again under the same name while its window lasts.
pub(super) fn in_refund_doubt(order: &Order, was: &Doubt, event: &Event, at: &Moment<'_>) -> Step {
    let stay = |effects| (State::InDoubt(was.clone()), effects);
    match event {
        Event::Due(Timer::Ask) => {
            let repeat = may_repeat(was, at) && (was.repeat || !at.rules.refund_inquiry);
            let next = Doubt { repeat: !repeat, ..was.clone() };
            let ask = if repeat { Ask::Create } else { look(at) };
            (State::InDoubt(next), vec![Effect::Send(ask)])
        }
        Event::Look => stay(vec![Effect::Send(Ask::Inquire)]),
        Event::Reload | Event::Unseen => stay(vec![Effect::Send(Ask::Watch)]),
        Event::Due(Timer::Wait) => stay(vec![Effect::Tell]),
        Event::Settle { paid, note } if was.asked => settled(order, was, *paid, note, at),
        Event::Answered(ask, verdict) => {
            refund_answered(order, &was.after(*ask), *ask, verdict, at)
        }
        Event::Begin
        | Event::Shown
        | Event::Hidden
        | Event::Returned
        | Event::Due(Timer::GiveUp)
        | Event::GaveBack { .. }
        | Event::HandedOver
        | Event::Cancel
        | Event::Choose(_)
        | Event::Heard(_)
        | Event::Settle { .. } => stay(vec![]),
    }
}

pub(super) fn refund_answered(
    order: &Order,
    was: &Doubt,
    ask: Ask,
    verdict: &Verdict,
    at: &Moment<'_>,
) -> Step {
    let inquiry = matches!(ask, Ask::Close | Ask::Poll | Ask::Inquire | Ask::Watch);
    let asked = Doubt { asked: was.asked || inquiry, undecided: None, ..was.clone() };
    match verdict {
        Verdict::Paid(receipt) if ask != Ask::Payment => approved(order, receipt, false, at),
        Verdict::NotPaid(NoReason::GivenBack) if ask == Ask::Payment => {
            approved(order, &as_ordered(order, None, at), false, at)
        }
        Verdict::NotPaid(reason) if inquiry => not_paid(order, reason, None, was.life, at),
        Verdict::Exists => {
            let next = Doubt { repeat: false, ..asked };
            (State::InDoubt(next), vec![Effect::Send(Ask::Payment)])
        }
        Verdict::Undecided(code) if inquiry => match said_again(&was.undecided, code, at) {
            Said::Again => not_paid(order, &NoReason::Declined(code.clone()), None, was.life, at),
            Said::First(said) => {
                let next = Doubt { undecided: Some(said), repeat: false, ..asked };
                (State::InDoubt(next), vec![Effect::Wake(Timer::Ask, watch::UNDECIDED_PAUSE_MS)])
            }
        },
        Verdict::Accepted(name) => {
            let reference = Some(name.clone()).filter(|name| !name.is_empty());
            let reference = reference.or_else(|| was.reference.clone());
            on_doubt(order, Doubt { reference, repeat: false, ..asked }, at)
        }
        Verdict::Open(_) => on_doubt(order, Doubt { repeat: false, ..asked }, at),
        Verdict::NoWord(_) if inquiry => on_doubt(order, Doubt { repeat: true, ..asked }, at),
        Verdict::Unanswered { .. } | Verdict::Rejected(..) => on_doubt(order, was.clone(), at),
        Verdict::Paid(_)
        | Verdict::OtherSum(_)
        | Verdict::NotPaid(_)
        | Verdict::Undecided(_)
        | Verdict::NoWord(_)
        | Verdict::Mismatch(_)
        | Verdict::Confirmed
        | Verdict::CodeIssued(_)
        | Verdict::Wanted(_)
        | Verdict::Lacking(_)
        | Verdict::Relayed(_) => on_doubt(order, asked, at),
    }
}

/// Tells whether the refund call may be made again: within 24 h of its first byte.
pub(super) fn may_repeat(was: &Doubt, at: &Moment<'_>) -> bool {
    let first = &was.life.from;
    // A wall clock behind the first byte's time cannot prove that the window is still open.
    let provable = first.boot == at.now.boot || at.now.wall_ms >= first.wall_ms;
    was.repeatable && provable && at.now.since(first) < at.rules.refund_window_ms
}
