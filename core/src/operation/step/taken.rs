//! A payment that the bank took, or may have, before there is anything to show: the bank is asked
//! until it says how it can be paid, what became of it, or that it never came.

use super::super::Order;
use super::super::event::{Ask, Effect, Moment, NoReason, Timer, Verdict};
use super::super::rules::Silence;
use super::super::state::{Creating, State, Taken, Told};
use super::Step;
use super::creating::{life_of, waiting};
use super::enter::*;

/// Begins to ask; nothing of the call leaves from now on.
pub(super) fn taken(was: &Creating, reference: &str, at: &Moment<'_>) -> Step {
    let wanted = was.taken.as_ref().map(|taken| taken.wanted.clone()).unwrap_or_default();
    let taken = Taken { reference: reference.to_owned(), since: at.now, silent: None, wanted };
    again(was, taken, at)
}

/// Asks on after a call that may not have brought what the bank wanted to know.
pub(super) fn not_told(was: &Creating, known: &Taken, at: &Moment<'_>) -> Step {
    let taken = Taken { since: at.now, silent: None, wanted: Vec::new(), ..known.clone() };
    again(was, taken, at)
}

/// Goes on after the bank's word about such a payment.
pub(super) fn sought(order: &Order, was: &Creating, verdict: &Verdict, at: &Moment<'_>) -> Step {
    let life = life_of(was, at);
    match verdict {
        Verdict::CodeIssued(code) => {
            let next = Creating {
                code: Some(code.clone()),
                issued: Some(at.now),
                taken: None,
                ..was.clone()
            };
            let life = life_of(&next, at);
            waiting(&next, life, None, at)
        }
        Verdict::Open(Some(hand_over)) => waiting(was, life, Some(hand_over), at),
        Verdict::Paid(receipt) => approved(order, receipt, false, at),
        Verdict::OtherSum(receipt) => late(Told::OtherSum, receipt, at),
        Verdict::NotPaid(reason) => not_paid(order, reason, None, life, at),
        Verdict::Mismatch(_) => doubt(order, new_doubt(order, None, life), at),
        Verdict::Lacking(what) => refused(6, what),
        Verdict::Wanted(names) => match &was.taken {
            Some(known) if known.wanted == *names => open(was, known, at),
            Some(known) => {
                let taken = Taken { wanted: names.clone(), silent: None, ..known.clone() };
                let next =
                    Creating { first: at.now, attempt: 1, taken: Some(taken), ..was.clone() };
                (State::Creating(next), vec![Effect::Send(Ask::Create)])
            }
            // The call is still under way; once it is taken, the bank says so again.
            None => (State::Creating(was.clone()), vec![]),
        },
        Verdict::Open(None)
        | Verdict::Undecided(_)
        | Verdict::Confirmed
        | Verdict::Exists
        | Verdict::Accepted(_)
        | Verdict::Relayed(_)
        | Verdict::NoWord(_)
        | Verdict::Rejected(..)
        | Verdict::Unanswered { .. } => match &was.taken {
            Some(known) => nothing_yet(order, was, known, verdict, at),
            // The call is still under way, and its own answer is to come.
            None => (State::Creating(was.clone()), vec![]),
        },
    }
}

fn nothing_yet(
    order: &Order,
    was: &Creating,
    known: &Taken,
    verdict: &Verdict,
    at: &Moment<'_>,
) -> Step {
    match verdict {
        Verdict::NoWord(_) => {
            let rule = at.rules.lost.unwrap_or(Silence { after_ms: 0, apart_ms: 0 });
            let first = known.silent.unwrap_or(at.now);
            if at.now.since(&known.since) < rule.after_ms {
                return again(was, known.clone(), at);
            }
            if at.now.since(&first) < rule.apart_ms {
                return again(was, Taken { silent: Some(first), ..known.clone() }, at);
            }
            let told = Some(Told::NoConnection);
            not_paid(order, &NoReason::Expired, told, life_of(was, at), at)
        }
        // The operator or the program waited long enough for a bank that does not speak.
        Verdict::Rejected(..) | Verdict::Unanswered { .. } if is_over(known, at) => {
            doubt(order, new_doubt(order, None, life_of(was, at)), at)
        }
        Verdict::Rejected(..) | Verdict::Unanswered { .. } => again(was, known.clone(), at),
        Verdict::Open(_)
        | Verdict::CodeIssued(_)
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
        | Verdict::Mismatch(_) => open(was, known, at),
    }
}

/// The bank knows the payment, and nobody can pay it yet.
fn open(was: &Creating, known: &Taken, at: &Moment<'_>) -> Step {
    if is_over(known, at) {
        return closed(Told::NoConnection, life_of(was, at), at);
    }
    again(was, Taken { silent: None, ..known.clone() }, at)
}

fn is_over(known: &Taken, at: &Moment<'_>) -> bool {
    at.now.since(&known.since) >= at.rules.wait_ms
}

fn again(was: &Creating, taken: Taken, at: &Moment<'_>) -> Step {
    let pause = at.rules.pace.poll.pause(at.now.since(&taken.since));
    let next = Creating { taken: Some(taken), ..was.clone() };
    (State::Creating(next), vec![Effect::Wake(Timer::Ask, pause)])
}
