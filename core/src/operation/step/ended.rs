//! After the POS was told: what the bank may still say.

use super::super::event::{Ask, Effect, Event, Moment, NoReason, Timer, Verdict};
use super::super::state::{Approved, Choice, Closed, Late, NotPaid, State, Story, Told};
use super::super::{Order, watch};
use super::Step;
use super::enter::*;

pub(super) fn in_approved(order: &Order, was: &Approved, event: &Event, at: &Moment<'_>) -> Step {
    let stay = |effects| (State::Approved(was.clone()), effects);
    let over = at.now.surely_since(&order.created) >= watch::REFUND_WATCH_MS;
    match event {
        Event::Due(Timer::Ask) | Event::Reload | Event::Unseen if was.watched && over => {
            (State::Approved(Approved { watched: false, ..was.clone() }), vec![])
        }
        Event::Due(Timer::Ask) | Event::Look if was.watched => stay(vec![Effect::Send(Ask::Watch)]),
        Event::Reload | Event::Unseen if was.watched => {
            stay(vec![Effect::Wake(Timer::Ask, watch::REFUND_PAUSE_MS)])
        }
        Event::Answered(Ask::Watch | Ask::Inquire, Verdict::NotPaid(_)) if was.watched => {
            let next = Approved { watched: false, reversed: true, ..was.clone() };
            (State::Approved(next), vec![])
        }
        Event::Answered(..) if was.watched => {
            stay(vec![Effect::Wake(Timer::Ask, watch::REFUND_PAUSE_MS)])
        }
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
        | Event::Heard(_)
        | Event::Settle { .. }
        | Event::Reload
        | Event::Unseen => stay(vec![]),
    }
}

pub(super) fn in_not_paid(order: &Order, was: &NotPaid, event: &Event, at: &Moment<'_>) -> Step {
    let stay = |effects| (State::NotPaid(was.clone()), effects);
    match event {
        Event::Due(Timer::Ask) | Event::Reload | Event::Unseen | Event::Look if was.watched => {
            stay(vec![Effect::Send(Ask::Watch)])
        }
        Event::Answered(_, Verdict::Paid(receipt)) if was.unheard => {
            approved(order, receipt, false, at)
        }
        // The goods went: nobody may get this money back. Another sum goes back, as out of a doubt.
        Event::Answered(_, Verdict::Paid(receipt))
            if order.payment().is_none() && was.choice == Some(Choice::GoodsHandedOver) =>
        {
            reported(was.told.unwrap_or(told_of(&was.reason)), receipt)
        }
        Event::Answered(_, Verdict::Paid(receipt) | Verdict::OtherSum(receipt))
            if order.payment().is_none() =>
        {
            late(was.told.unwrap_or(told_of(&was.reason)), receipt, at)
        }
        // Time alone does not end the watch: the bank has to say once more that nothing came.
        Event::Answered(
            Ask::Watch | Ask::Inquire | Ask::Close,
            Verdict::NotPaid(_) | Verdict::Open(_) | Verdict::NoWord(_) | Verdict::Undecided(_),
        ) if was.watched && was.life.surely_over(&at.now) >= at.rules.pace.grace_ms => {
            (State::NotPaid(NotPaid { watched: false, ..was.clone() }), vec![])
        }
        Event::Answered(..) if was.watched => stay(wake_watch(&was.life, at)),
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
        | Event::Heard(_)
        | Event::Settle { .. }
        | Event::Reload
        | Event::Unseen => stay(vec![]),
    }
}

pub(super) fn in_closed(order: &Order, was: &Closed, event: &Event, at: &Moment<'_>) -> Step {
    let stay = |effects| (State::Closed(was.clone()), effects);
    match event {
        Event::Due(Timer::Ask) | Event::Reload | Event::Unseen => {
            stay(vec![Effect::Send(Ask::Watch)])
        }
        Event::Look | Event::Returned => stay(vec![Effect::Send(Ask::Inquire)]),
        Event::Answered(ask, verdict) => match verdict {
            Verdict::Paid(receipt) if was.unheard => approved(order, receipt, false, at),
            Verdict::Paid(receipt) | Verdict::OtherSum(receipt) => late(was.told, receipt, at),
            Verdict::NotPaid(reason) => not_paid(order, reason, Some(was.told), was.life, at),
            Verdict::Open(_)
            | Verdict::Confirmed
            | Verdict::Undecided(_)
            | Verdict::NoWord(_)
            | Verdict::Exists
            | Verdict::Rejected(..)
            | Verdict::Mismatch(_)
            | Verdict::CodeIssued(_)
            | Verdict::Accepted(_)
            | Verdict::Wanted(_)
            | Verdict::Lacking(_)
            | Verdict::Relayed(_)
            | Verdict::Unanswered { .. } => {
                if !matches!(ask, Ask::Close | Ask::Inquire | Ask::Watch) {
                    return stay(vec![]);
                }
                let silent = silence(order, was.silent, was.life, verdict, at);
                if silent == Silence::Ended {
                    return not_paid(order, &NoReason::Expired, Some(was.told), was.life, at);
                }
                let next = Closed { silent: silent.since(), ..was.clone() };
                (State::Closed(next), wake_watch(&was.life, at))
            }
        },
        Event::Begin
        | Event::Shown
        | Event::Hidden
        | Event::Due(Timer::Wait | Timer::GiveUp)
        | Event::GaveBack { .. }
        | Event::HandedOver
        | Event::Cancel
        | Event::Choose(_)
        | Event::Heard(_)
        | Event::Settle { .. } => stay(vec![]),
    }
}

pub(super) fn in_late(was: &Late, event: &Event, at: &Moment<'_>) -> Step {
    let there = at.rules.relayed && was.story == Story::Refunding;
    let stay = |effects| (State::Late(was.clone()), effects);
    let next = match event {
        Event::Due(Timer::Ask) | Event::Reload | Event::Unseen | Event::Look if there => {
            return stay(vec![Effect::Send(Ask::Watch)]);
        }
        Event::Answered(..) if there => {
            return stay(vec![Effect::Wake(Timer::Ask, at.rules.pace.watch_ms)]);
        }
        Event::GaveBack { accepted } if was.story == Story::Refunding => {
            let story = if *accepted { Story::Refunded } else { Story::RefundFailed };
            Late { story, ..was.clone() }
        }
        // The bank took its word back about money that it had given back.
        Event::GaveBack { accepted: false } if was.story == Story::Refunded => {
            Late { story: Story::RefundFailed, ..was.clone() }
        }
        Event::GaveBack { .. }
        | Event::Begin
        | Event::Answered(..)
        | Event::Shown
        | Event::Hidden
        | Event::Returned
        | Event::Due(_)
        | Event::HandedOver
        | Event::Cancel
        | Event::Look
        | Event::Choose(_)
        | Event::Heard(_)
        | Event::Settle { .. }
        | Event::Reload
        | Event::Unseen => was.clone(),
    };
    (State::Late(next), vec![])
}

pub(super) fn told_of(reason: &NoReason) -> Told {
    match reason {
        NoReason::Cancelled => Told::Cancelled,
        NoReason::Expired => Told::Expired,
        NoReason::Declined(_) | NoReason::GivenBack | NoReason::Settled(_) => Told::OtherSum,
    }
}
