//! Several inputs are one transaction: nothing leaves before it is committed, and of one that was
//! not taken nothing is believed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use till_core::engine::Input;
use till_core::id::Caller;
use till_core::intent::Advice;
use till_core::journal::{Attempt, Crash, Durability, Fault, JournalError};
use till_core::operation::Action;

use super::desk::Desk;

/// Notes each write and commit: what it must survive, and how many operations it writes.
fn listen(desk: &Desk) -> Arc<Mutex<Vec<(Durability, usize)>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    desk.journal.set_faults(move |attempt| {
        log.lock().unwrap().push((attempt.durability, attempt.entries));
        Fault::None
    });
    seen
}

/// Refuses the commit of every group that writes so many operations.
fn refuse_commits_of(desk: &Desk, entries: usize) {
    desk.journal.set_faults(
        move |attempt: Attempt| {
            if attempt.entries == entries { Fault::Full } else { Fault::None }
        },
    );
}

#[test]
fn payments_that_come_together_are_one_commit() {
    let mut desk = Desk::new().start();
    let seen = listen(&desk);
    desk.together(|desk| {
        desk.pay("r1");
        desk.pay("r2");
        desk.pay("r3");
    });
    let one = (Durability::PowerCut, 1);
    assert_eq!(*seen.lock().unwrap(), [one, one, one, (Durability::PowerCut, 3)]);
    assert_eq!(desk.journal.unsynced(), 0);
    assert_eq!(desk.under_way(), ["code"], "the others wait for their turn");
}

#[test]
fn a_kill_before_the_commit_leaves_nothing_of_the_group_and_no_call() {
    for kill in 1..=3 {
        let mut desk = Desk::new().start();
        let fault = move |attempt: Attempt| {
            if attempt.write == kill { Fault::CrashBefore } else { Fault::None }
        };
        desk.journal.set_faults(fault);
        desk.together(|desk| {
            desk.pay("r1");
            desk.pay("r2");
        });
        assert!(desk.journal.crashed());
        assert_eq!(desk.under_way(), Vec::<&str>::new());
        assert_eq!(desk.answers.values().filter(|answer| answer.code.number() == 0).count(), 0);
        let left = desk.journal.survivors(Crash::Kill);
        assert_eq!(left.unsynced(), 0);
        desk.journal = left;
        let mut desk = desk.start();
        let status = desk.status("r1", Action::Pay);
        assert_eq!(desk.code(status), Some(11), "killed at {kill}");
    }
}

#[test]
fn a_group_that_is_not_taken_tells_new_requests_10_and_calls_nobody() {
    let mut desk = Desk::new().start();
    refuse_commits_of(&desk, 2);
    let (mut first, mut second, mut status) = (0, 0, 0);
    desk.together(|desk| {
        first = desk.pay("r1");
        second = desk.pay("r2");
        status = desk.status("r1", Action::Pay);
    });
    for waiter in [first, second, status] {
        assert_eq!(desk.told(waiter), (10, Advice::CallSupport));
    }
    assert_eq!(desk.under_way(), Vec::<&str>::new());
    let again = desk.shown("r1");
    desk.reply("poll", "paid");
    assert_eq!(desk.code(again), Some(0));
}

#[test]
fn whoever_waited_before_goes_on_waiting_when_a_group_is_not_taken() {
    let mut desk = Desk::new().start();
    let (one, two) = (desk.shown("r1"), desk.shown("r2"));
    let tickets: Vec<u64> = {
        desk.pass(1_300);
        desk.calls.iter().filter(|call| call.1 == "poll").map(|call| call.0).collect()
    };
    assert_eq!(tickets.len(), 2);
    desk.calls.clear();
    refuse_commits_of(&desk, 2);
    desk.together(|desk| {
        for ticket in tickets {
            let answer = till_core::http::HttpResponse { status: 200, body: b"paid".to_vec() };
            desk.input(Input::Http { ticket, answer: Ok(answer) });
        }
    });
    assert_eq!((desk.code(one), desk.code(two)), (None, None), "what is not on disk is not told");
    desk.journal.set_faults(|_| Fault::None);
    desk.reply("poll", "paid");
    desk.reply("poll", "paid");
    assert_eq!((desk.code(one), desk.code(two)), (Some(0), Some(0)));
}

#[test]
fn while_the_journal_cannot_be_loaded_again_everything_new_is_told_10() {
    let mut desk = Desk::new().start();
    let shown = desk.shown("r0");
    refuse_commits_of(&desk, 2);
    desk.journal.set_unreadable(None);
    let journal = desk.journal.clone();
    let trouble = JournalError::Unavailable("gone".to_owned());
    let commits = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&commits);
    desk.journal.set_faults(move |attempt: Attempt| {
        counted.fetch_add(u64::from(attempt.entries == 2), Ordering::Relaxed);
        if attempt.entries == 2 { Fault::Full } else { Fault::None }
    });
    desk.together(|desk| {
        desk.pay("");
        desk.pay("");
        journal.set_unreadable(Some(trouble));
    });
    assert_eq!(commits.load(Ordering::Relaxed), 1);
    let pay = desk.pay("r1");
    assert_eq!(desk.told(pay), (10, Advice::CallSupport));
    desk.pass(3_000);
    assert_eq!(desk.code(shown), None);
    assert_eq!(desk.under_way(), Vec::<&str>::new(), "nothing is driven from memory alone");
    desk.journal.set_unreadable(None);
    desk.journal.set_faults(|_| Fault::None);
    desk.pass(1_000);
    desk.reply("poll", "paid");
    assert_eq!(desk.code(shown), Some(0));
}

#[test]
fn two_refunds_of_one_payment_in_one_group_are_not_both_begun() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r0");
    let (mut first, mut second) = (0, 0);
    desk.together(|desk| {
        first = desk.refund("f1", &payment, 12_500);
        second = desk.refund("f2", &payment, 12_500);
    });
    assert_eq!((desk.code(first), desk.code(second)), (None, Some(9)));
}

#[test]
fn at_a_gateway_each_terminal_keeps_its_own_pace() {
    let mut desk = Desk::new();
    desk.settings.callers_are_terminals = true;
    let mut desk = desk.start();
    desk.together(|desk| {
        for number in 0..50 {
            desk.pay_with("r", |request| request.caller = Caller::new(format!("t{number}")));
        }
        desk.pay_with("r2", |request| request.caller = Caller::new("t0"));
    });
    assert_eq!(desk.under_way().len(), 50, "no terminal waits for another");
    desk.pass(99);
    assert_eq!(desk.under_way().len(), 50, "but the second call of one waits for its first");
    desk.pass(1);
    assert_eq!(desk.under_way().len(), 51);
}
