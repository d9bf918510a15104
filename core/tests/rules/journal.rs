//! The rules: the journal comes first, and its trouble is code 10.

use std::sync::{Arc, Mutex};

use super::desk::Desk;
use till_core::intent::Advice;
use till_core::journal::{Crash, Durability, Fault, JournalError};
use till_core::operation::Action;

#[test]
fn a_full_disk_moves_no_money() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r0");
    desk.journal.set_faults(|_| Fault::Full);
    let pay = desk.pay("r1");
    let refund = desk.refund("f1", &payment, 100);
    assert_eq!(desk.told(pay), (10, Advice::CallSupport));
    assert_eq!(desk.told(refund), (10, Advice::CallSupport));
    assert!(desk.calls.is_empty());
    desk.journal.set_faults(|_| Fault::None);
    let again = desk.shown("r1");
    desk.reply("poll", "paid");
    assert_eq!(desk.code(again), Some(0));
}

#[test]
fn an_unreadable_journal_takes_no_repeatable_request() {
    let mut desk = Desk::new().start();
    desk.journal.set_unreadable(Some(JournalError::Damaged("row".to_owned())));
    let pay = desk.pay("r1");
    assert_eq!(desk.told(pay), (10, Advice::CallSupport));
    assert!(desk.calls.is_empty());
}

#[test]
fn an_answer_that_cannot_be_recorded_is_not_told_until_it_can() {
    let mut desk = Desk::new().start();
    let pay = desk.shown("r1");
    desk.journal.set_faults(|_| Fault::Full);
    desk.reply("poll", "paid");
    desk.pass(2_000);
    assert_eq!(desk.code(pay), None);
    desk.journal.set_faults(|_| Fault::None);
    desk.pass(2_000);
    assert_eq!(desk.code(pay), Some(0));
}

#[test]
fn a_program_is_told_4_if_the_disk_stays_full_and_the_outcome_later() {
    let mut desk = Desk::new().start();
    let pay = desk.shown("r1");
    desk.journal.set_faults(|_| Fault::Full);
    desk.reply("poll", "paid");
    desk.pass(15_000);
    assert_eq!(desk.code(pay), Some(4));
    desk.journal.set_faults(|_| Fault::None);
    desk.pass(2_000);
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.code(status), Some(0));
}

/// Notes what each write from now on must survive.
fn listen(desk: &Desk) -> Arc<Mutex<Vec<Durability>>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    desk.journal.set_faults(move |attempt| {
        log.lock().unwrap().push(attempt.durability);
        Fault::None
    });
    seen
}

#[test]
fn what_the_operator_wants_survives_a_kill_and_what_was_promised_a_power_cut() {
    let mut desk = Desk::new().start();
    desk.pay("r1");
    let mut desk = desk.killed();
    let seen = listen(&desk);
    desk.reply("watch", "open");
    assert_eq!(*seen.lock().unwrap(), [], "an inquiry writes nothing");
    desk.cancel("r1");
    assert_eq!(*seen.lock().unwrap(), [Durability::Kill]);
    desk.reply("close", "open");
    assert_eq!(*seen.lock().unwrap(), [Durability::Kill, Durability::PowerCut]);
    let mut desk = Desk::new().start();
    desk.pay("r2");
    let mut desk = desk.killed();
    let seen = listen(&desk);
    desk.status("r2", Action::Pay);
    desk.reply("inquire", "open");
    assert_eq!(*seen.lock().unwrap(), [Durability::PowerCut], "code 4 promises to report");
}

#[test]
fn the_end_of_a_watch_survives_a_kill_and_an_alarm_a_power_cut() {
    let watched = || {
        let mut desk = Desk::new().start();
        let payment = desk.paid("r1");
        desk.refund("f1", &payment, 100);
        desk.reply("refund", "paid");
        desk.pass(4_400_000);
        desk
    };
    let mut desk = watched();
    let seen = listen(&desk);
    desk.reply("watch", "declined no");
    assert_eq!(*seen.lock().unwrap(), [Durability::PowerCut]);
    let mut desk = watched();
    desk.reply("watch", "open");
    let seen = listen(&desk);
    desk.pass(86_400_000);
    while desk.under_way().contains(&"watch") {
        desk.reply("watch", "open");
        desk.pass(4_400_000);
    }
    assert_eq!(*seen.lock().unwrap(), [Durability::Kill]);
}

#[test]
fn a_payment_is_two_power_cut_writes_and_polls_write_nothing() {
    let mut desk = Desk::new().start();
    let seen = listen(&desk);
    desk.shown("r1");
    for _ in 0..5 {
        desk.reply("poll", "open");
    }
    let shown = [Durability::PowerCut, Durability::Kill];
    assert_eq!(*seen.lock().unwrap(), shown);
    desk.reply("poll", "paid");
    assert_eq!(*seen.lock().unwrap(), [shown[0], shown[1], Durability::PowerCut]);
    seen.lock().unwrap().clear();
    let payment = desk.paid("r2");
    seen.lock().unwrap().clear();
    desk.refund("f1", &payment, 100);
    desk.reply("refund", "paid");
    assert_eq!(*seen.lock().unwrap(), [Durability::PowerCut, Durability::PowerCut]);
}

#[test]
fn a_code_that_was_shown_is_shown_again_after_a_kill_and_lost_with_the_power() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    let mut desk = desk.killed();
    let again = desk.pay("r1");
    desk.reply("poll", "paid");
    assert_eq!(desk.code(again), Some(0));
    let mut desk = Desk::new().start();
    desk.shown("r2");
    desk.engine = None;
    desk.journal = desk.journal.survivors(Crash::PowerCut { kept: 0 });
    let mut desk = desk.start();
    let again = desk.pay("r2");
    desk.reply("inquire", "open");
    assert_eq!(desk.told(again), (4, Advice::AskStatus));
}

#[test]
fn the_hand_over_that_cannot_be_recorded_repeats_the_success() {
    let mut desk = Desk::new().start();
    let pay = desk.shown("r1");
    desk.reply("poll", "paid");
    desk.journal.set_faults(|_| Fault::Full);
    desk.take_answer(pay);
    desk.journal.set_faults(|_| Fault::None);
    let again = desk.pay("r1");
    assert_eq!(desk.code(again), Some(0));
}
