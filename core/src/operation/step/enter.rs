//! How each state is entered, and the judgements that several states share.

use super::super::event::{Ask, Audience, Effect, Moment, NoReason, Timer, Verdict};
use super::super::state::{
    Approved, Choice, Closed, Closing, Doubt, Late, Life, NotPaid, Receipt, Refused, Settling,
    State, Story, Told,
};
use super::super::{Order, watch};
use super::Step;
use crate::time::Now;

pub(super) fn closing(told: Told, life: Life) -> Step {
    (State::Closing(Closing { told, life }), vec![Effect::Hide])
}

pub(super) fn closed(told: Told, life: Life, at: &Moment<'_>) -> Step {
    let mut effects = vec![Effect::Tell];
    effects.extend(wake_watch(&life, at));
    let unheard = at.rules.comes_back;
    (State::Closed(Closed { told, life, silent: None, unheard }), effects)
}

pub(super) fn new_doubt(order: &Order, intent: Option<Told>, life: Life) -> Doubt {
    let refund = order.payment().is_some();
    let life = if refund { Life { from: order.created, ms: 0 } } else { life };
    Doubt {
        intent,
        choice: None,
        life,
        repeatable: refund,
        repeat: false,
        asked: false,
        silent: None,
        undecided: None,
        reference: None,
        confirmed: false,
        settling: None,
    }
}

/// Enters the doubt of a pay: asked again soon, and told if nobody is there to decide.
pub(super) fn doubt(order: &Order, doubt: Doubt, at: &Moment<'_>) -> Step {
    (State::InDoubt(doubt), vec![Effect::Wake(Timer::Ask, retry_pause(order, at)), give_up()])
}

/// Enters the doubt of a refund, and tells at once if its caller waited long enough.
pub(super) fn refund_doubt(
    order: &Order,
    repeat: bool,
    undecided: Option<(String, Now)>,
    at: &Moment<'_>,
) -> Step {
    let pause = match undecided {
        Some(_) => watch::UNDECIDED_PAUSE_MS,
        None => retry_pause(order, at),
    };
    let life = Life { from: order.created, ms: 0 };
    let doubt = Doubt { repeat, undecided, ..new_doubt(order, None, life) };
    let left = at.now.left_of(&order.created, at.rules.wait_ms);
    let effects = vec![Effect::Wake(Timer::Ask, pause), Effect::Wake(Timer::Wait, left)];
    (State::InDoubt(doubt), effects)
}

/// Stays in doubt and looks again: soon if somebody waits, else as often as watched ones.
pub(super) fn on_doubt(order: &Order, doubt: Doubt, at: &Moment<'_>) -> Step {
    let effects = match at.audience {
        Audience::Nobody => wake_watch(&doubt.life, at),
        Audience::Program | Audience::Operator => {
            vec![Effect::Wake(Timer::Ask, retry_pause(order, at))]
        }
    };
    (State::InDoubt(doubt), effects)
}

pub(super) fn approved(order: &Order, receipt: &Receipt, late: bool, at: &Moment<'_>) -> Step {
    let watched = order.payment().is_some() && at.rules.refund_inquiry;
    let mut effects = vec![Effect::Tell];
    if watched {
        effects.push(Effect::Wake(Timer::Ask, watch::REFUND_PAUSE_MS));
    }
    let next = Approved { receipt: receipt.clone(), late, watched, reversed: false };
    (State::Approved(next), effects)
}

pub(super) fn not_paid(
    order: &Order,
    reason: &NoReason,
    told: Option<Told>,
    life: Life,
    at: &Moment<'_>,
) -> Step {
    let declined = matches!(reason, NoReason::Declined(_) | NoReason::Cancelled);
    let watched = at.rules.declined_is_payable && declined && order.payment().is_none();
    let mut effects = vec![Effect::Tell];
    if watched {
        effects.extend(wake_watch(&life, at));
    }
    let unheard = watched && at.rules.comes_back;
    let reason = reason.clone();
    (State::NotPaid(NotPaid { reason, told, life, watched, choice: None, unheard }), effects)
}

/// Ends a doubt with the bank's or the operator's no; what was promised about later money stays.
pub(super) fn no_after_doubt(
    order: &Order,
    was: &Doubt,
    reason: &NoReason,
    told: Option<Told>,
    at: &Moment<'_>,
) -> Step {
    let (mut state, effects) = not_paid(order, reason, told, was.life, at);
    if let State::NotPaid(no) = &mut state {
        no.choice = was.choice;
    }
    (state, effects)
}

/// Enters the doubt of a pay that the bank calls paid without saying how much.
pub(super) fn confirmed(order: &Order, life: Life) -> Step {
    let doubt = Doubt { confirmed: true, ..new_doubt(order, None, life) };
    (State::InDoubt(doubt), vec![Effect::Send(Ask::Inquire), give_up()])
}

pub(super) fn refused(code: u8, message: &str) -> Step {
    let refused = Refused { code, message: message.to_owned(), ask_status: false };
    (State::Refused(refused), vec![Effect::Tell])
}

pub(super) fn reported(told: Told, receipt: &Receipt) -> Step {
    let late = Late { told, receipt: receipt.clone(), story: Story::Reported };
    (State::Late(late), vec![Effect::Tell])
}

pub(super) fn late(told: Told, receipt: &Receipt, at: &Moment<'_>) -> Step {
    if !at.rules.give_back {
        return reported(told, receipt);
    }
    let receipt = receipt.clone();
    let effects = vec![Effect::GiveBack(receipt.paid), Effect::Tell];
    (State::Late(Late { told, receipt, story: Story::Refunding }), effects)
}

/// Says what money is that comes to a pay in doubt: by what was promised about it.
pub(super) fn paid_in_doubt(
    order: &Order,
    was: &Doubt,
    receipt: &Receipt,
    at: &Moment<'_>,
) -> Step {
    match was.choice {
        None => approved(order, receipt, false, at),
        Some(Choice::GoodsHandedOver) => approved(order, receipt, true, at),
        Some(Choice::GoodsKept) => late(Told::Unknown, receipt, at),
    }
}

/// Ends a doubt by the operator's journalled word. Where another Till drives the operation, that
/// one is told, and asks its bank first.
pub(super) fn settled(order: &Order, was: &Doubt, paid: bool, note: &str, at: &Moment<'_>) -> Step {
    if at.rules.relayed {
        let settling = Some(Settling { paid, note: note.to_owned() });
        let next = Doubt { settling, ..was.clone() };
        return (State::InDoubt(next), vec![Effect::Send(Ask::Close)]);
    }
    if !paid {
        return no_after_doubt(order, was, &NoReason::Settled(note.to_owned()), None, at);
    }
    let receipt = as_ordered(order, Some(note.to_owned()), at);
    if order.payment().is_some() {
        return approved(order, &receipt, false, at);
    }
    paid_in_doubt(order, was, &receipt, at)
}

/// Gives the pause before the next call after one that settled nothing.
pub(super) fn retry_pause(order: &Order, at: &Moment<'_>) -> u64 {
    at.rules.pace.retry.pause(at.now.since(&order.created))
}

pub(super) fn give_up() -> Effect {
    Effect::Wake(Timer::GiveUp, watch::GIVE_UP_MS)
}

pub(super) fn wake_watch(life: &Life, at: &Moment<'_>) -> Vec<Effect> {
    watch::watch_pause(&at.rules.pace, life, &at.now)
        .map(|pause| Effect::Wake(Timer::Ask, pause))
        .into_iter()
        .collect()
}

pub(super) fn look(at: &Moment<'_>) -> Ask {
    match at.audience {
        Audience::Nobody => Ask::Watch,
        Audience::Program | Audience::Operator => Ask::Inquire,
    }
}

pub(super) fn as_ordered(order: &Order, settled: Option<String>, at: &Moment<'_>) -> Receipt {
    let paid = order.amount;
    let at_ms = at.now.wall_ms;
    let (ordered, payment, withdrawal, relayed) = (None, None, None, None);
    Receipt { paid, ordered, payment, withdrawal, at_ms, settled, relayed }
}

pub(super) enum Said {
    First((String, Now)),
    Again,
}

/// Judges a failure that no table knows: said twice, 5 s apart, it is final.
pub(super) fn said_again(before: &Option<(String, Now)>, code: &str, at: &Moment<'_>) -> Said {
    match before {
        Some((said, first)) if said == code => {
            if at.now.since(first) >= watch::UNDECIDED_MS {
                Said::Again
            } else {
                Said::First((said.clone(), *first))
            }
        }
        Some(_) | None => Said::First((code.to_owned(), at.now)),
    }
}

#[derive(PartialEq, Eq)]
pub(super) enum Silence {
    /// The bank knows it, or did not answer.
    None,
    /// Since when the bank has no word of it.
    Since(Now),
    /// Said as often as the rules want, after the end: there is nothing.
    Ended,
}

impl Silence {
    pub(super) fn since(&self) -> Option<Now> {
        match self {
            Self::Since(first) => Some(*first),
            Self::None | Self::Ended => None,
        }
    }
}

/// Judges the bank's silence about a code, which can end the watching.
pub(super) fn silence(
    order: &Order,
    before: Option<Now>,
    life: Life,
    verdict: &Verdict,
    at: &Moment<'_>,
) -> Silence {
    let order_code = order.payment().is_none() && order.code_value().is_none();
    let rule = at.rules.end;
    // What ends for good needs time that is proven: a wall clock may be ahead after a reboot.
    let over = life.left(&at.now) == 0 && life.surely_over(&at.now) >= rule.after_ms;
    match verdict {
        Verdict::NoWord(_) if order_code && over => match before {
            Some(first) if at.now.surely_since(&first) >= rule.apart_ms => Silence::Ended,
            Some(first) => Silence::Since(first),
            None if rule.apart_ms == 0 => Silence::Ended,
            None => Silence::Since(at.now),
        },
        Verdict::Unanswered { .. } | Verdict::Rejected(..) => {
            before.map_or(Silence::None, Silence::Since)
        }
        Verdict::NoWord(_)
        | Verdict::CodeIssued(_)
        | Verdict::Open(_)
        | Verdict::Confirmed
        | Verdict::Paid(_)
        | Verdict::OtherSum(_)
        | Verdict::NotPaid(_)
        | Verdict::Undecided(_)
        | Verdict::Exists
        | Verdict::Accepted(_)
        | Verdict::Wanted(_)
        | Verdict::Lacking(_)
        | Verdict::Relayed(_)
        | Verdict::Mismatch(_) => Silence::None,
    }
}
