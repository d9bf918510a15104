//! The rules: STATUS, settle, resume, history.

use super::desk::Desk;
use till_core::engine::Input;
use till_core::intent::Advice;
use till_core::journal::JournalError;
use till_core::operation::{Action, Story};

#[test]
fn status_of_nothing_is_11_and_running_is_8() {
    let mut desk = Desk::new().start();
    let nothing = desk.status("r1", Action::Pay);
    assert_eq!(desk.told(nothing), (11, Advice::NewRequest));
    desk.shown("r1");
    let running = desk.status("r1", Action::Pay);
    assert_eq!(desk.told(running), (8, Advice::AskStatus));
}

#[test]
fn status_gives_the_stored_outcome_and_moves_nothing() {
    let mut desk = Desk::new().start();
    let transaction = desk.paid("r1");
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.answers[&status].transaction.as_deref(), Some(transaction.as_str()));
    assert!(desk.calls.is_empty());
    assert_eq!(desk.answers[&status].action, "dev.till.terminal.action.STATUS");
}

#[test]
fn status_of_a_doubt_asks_the_bank_first() {
    let mut desk = Desk::new().start();
    desk.pay("r1");
    let mut desk = desk.killed();
    let status = desk.status("r1", Action::Pay);
    desk.silence("inquire", true);
    assert_eq!(desk.told(status), (4, Advice::AskStatus));
    let later = desk.status("r1", Action::Pay);
    desk.reply("inquire", "paid");
    assert_eq!(desk.code(later), Some(0));
    assert_eq!(desk.answers[&later].late_payment, Some(Story::Reported), "4 was told before");
}

#[test]
fn the_newest_operation_answers_but_an_older_open_one_wins() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    desk.shown("r1");
    desk.reply("poll", "declined no");
    let newest = desk.status("r1", Action::Pay);
    assert_eq!(desk.code(newest), Some(1));
    let mut desk = Desk::new().start();
    let waiter = desk.shown("r1");
    desk.reply("poll", "paid");
    desk.take_answer(waiter);
    desk.pay("r1");
    let open = desk.status("r1", Action::Pay);
    assert_eq!(desk.told(open), (8, Advice::AskStatus));
}

#[test]
fn journal_trouble_is_10_and_never_11() {
    let mut desk = Desk::new().start();
    desk.journal.set_unreadable(Some(JournalError::Unavailable("disk".to_owned())));
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.told(status), (10, Advice::CallSupport));
}

#[test]
fn settle_waits_for_an_inquiry_and_the_banks_word_wins() {
    let doubt = || {
        let mut desk = Desk::new().start();
        desk.pay("r1");
        desk.killed()
    };
    let mut desk = doubt();
    let settled = desk.settle("r1", Action::Pay, true);
    assert_eq!(desk.code(settled), None, "the bank is asked first");
    desk.reply("inquire", "open");
    assert_eq!(desk.code(settled), Some(0));
    let mut desk = doubt();
    let refused = desk.settle("r1", Action::Pay, true);
    desk.reply("inquire", "declined no");
    assert_eq!(desk.code(refused), Some(1), "the bank knew better");
    let mut desk = doubt();
    let unasked = desk.settle("r1", Action::Pay, false);
    desk.silence("inquire", true);
    assert_eq!(desk.code(unasked), Some(4), "no inquiry was answered");
    let status = desk.status("r1", Action::Pay);
    desk.reply("inquire", "open");
    assert_eq!(desk.code(status), Some(4), "the word is not kept for later");
}

#[test]
fn a_refund_that_is_on_its_way_once_more_cannot_be_settled_as_not_paid() {
    let mut desk = Desk::new().start();
    let paid = desk.paid("r1");
    let refund = desk.refund("r2", &paid, 12_500);
    desk.silence("refund", true);
    desk.reply("inquire", "no-word");
    desk.pass(4_000);
    assert_eq!(desk.under_way(), ["refund"], "sent again under the same name");
    let during = desk.settle("r2", Action::Refund, false);
    desk.pass(200);
    desk.silence("refund", true);
    desk.reply("inquire", "no-word");
    assert_eq!((desk.code(during), desk.code(refund)), (Some(4), None), "it may have arrived");
    let before = desk.settle("r2", Action::Refund, false);
    desk.pass(4_000);
    assert_eq!(desk.under_way(), ["inquire", "refund"], "sent again after the operator's word");
    desk.silence("refund", true);
    desk.reply("inquire", "no-word");
    assert_eq!((desk.code(before), desk.code(refund)), (Some(4), None), "it may have arrived");
    let settled = desk.settle("r2", Action::Refund, false);
    desk.pass(200);
    desk.reply("inquire", "no-word");
    assert_eq!((desk.code(settled), desk.code(refund)), (Some(1), Some(1)));
}

#[test]
fn settling_needs_an_answer_to_its_own_inquiry() {
    let mut desk = Desk::new().start();
    desk.pay("r1");
    let mut desk = desk.killed();
    desk.reply("watch", "open");
    let settled = desk.settle("r1", Action::Pay, false);
    desk.silence("inquire", true);
    assert_eq!(desk.code(settled), Some(4), "an earlier answer is not enough");
}

#[test]
fn settle_of_what_is_not_in_doubt_changes_nothing() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    let settled = desk.settle("r1", Action::Pay, false);
    assert_eq!(desk.code(settled), Some(0));
    let nothing = desk.settle("r2", Action::Pay, false);
    assert_eq!(desk.code(nothing), Some(11));
}

#[test]
fn resume_is_one_round_over_everything_open_with_the_refunds_it_begins() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    desk.cancel("r1");
    desk.reply("close", "open");
    desk.pay("r2");
    let mut desk = desk.killed();
    desk.next += 1;
    let waiter = desk.next;
    desk.input(Input::Resume { waiter });
    desk.reply("inquire", "paid");
    assert!(!desk.lists.contains_key(&waiter));
    desk.reply("inquire", "no-word");
    assert!(!desk.lists.contains_key(&waiter), "a refund began");
    desk.reply("refund", "paid");
    let told = desk.lists[&waiter].as_ref().unwrap();
    assert_eq!(told.len(), 2);
    let late = told.iter().find_map(|one| one.answer.late_payment);
    assert_eq!(late, Some(Story::Refunded));
}

#[test]
fn resume_of_nothing_ends_at_once() {
    let mut desk = Desk::new().start();
    desk.input(Input::Resume { waiter: 9 });
    assert!(desk.lists[&9].as_ref().unwrap().is_empty());
}

#[test]
fn history_is_newest_first_with_stories() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    desk.shown("r2");
    desk.input(Input::History { waiter: 9, limit: 10 });
    let told = desk.lists[&9].as_ref().unwrap();
    let ids: Vec<_> = told.iter().map(|one| one.operation.order.request_id.to_string()).collect();
    assert_eq!(ids, ["r2", "r1"]);
    let story: Vec<_> = told[1].story.iter().map(|record| record.event.as_str()).collect();
    assert_eq!(
        story,
        [
            "pay of 12500 UZS recorded",
            "code shown, payable for 600 s",
            "approved: 12500 UZS",
            "answer handed over"
        ]
    );
}

#[test]
fn a_push_wakes_a_known_operation_and_is_not_believed() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    let known = desk.newest("r1").order.external_id;
    assert!(desk.engine.as_ref().unwrap().knows(&known).unwrap().is_some());
    desk.input(Input::Push { external_id: known });
    desk.reply("inquire", "open");
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.code(status), Some(8));
    let unknown = till_core::id::ExternalId::new("nobody's");
    assert_eq!(desk.engine.as_ref().unwrap().knows(&unknown).unwrap(), None);
}

#[test]
fn a_push_that_overtakes_performs_answer_is_not_lost() {
    let mut desk = Desk::new().start();
    let pay = desk.pay("r1");
    desk.reply("code", "code");
    let known = desk.newest("r1").order.external_id;
    desk.pass(100);
    assert_eq!(desk.under_way(), ["perform"]);
    desk.input(Input::Push { external_id: known });
    desk.reply("perform", "open");
    desk.pass(100);
    assert_eq!(desk.under_way(), ["inquire"], "not only with the first poll, a second later");
    desk.reply("inquire", "paid");
    assert_eq!(desk.code(pay), Some(0));
}

#[test]
fn an_unreadable_journal_makes_no_stranger_of_an_operation() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    let known = desk.newest("r1").order.external_id;
    let trouble = JournalError::Unavailable("disk".to_owned());
    desk.journal.set_unreadable(Some(trouble.clone()));
    assert_eq!(desk.engine.as_ref().unwrap().knows(&known), Err(trouble));
}

#[test]
fn a_round_waits_for_a_call_that_is_under_way() {
    let mut desk = Desk::new().start();
    desk.pay("r1");
    let mut desk = desk.killed();
    desk.pass(100);
    desk.status("r1", Action::Pay);
    desk.pass(200);
    assert_eq!(desk.under_way(), ["watch", "inquire"]);
    desk.reply("watch", "open");
    desk.input(Input::Resume { waiter: 9 });
    assert!(!desk.lists.contains_key(&9), "the bank was asked already, and has not answered");
    desk.reply("inquire", "paid");
    let told = desk.lists[&9].as_ref().unwrap();
    assert_eq!(told[0].answer.code.number(), 0);
}

#[test]
fn who_left_is_told_nothing_and_everybody_else_is() {
    let mut desk = Desk::new().start();
    let stays = desk.shown("r1");
    let leaves = desk.shown("r2");
    for waiter in [91, 92] {
        desk.input(Input::Resume { waiter });
    }
    for waiter in [leaves, 91] {
        desk.input(Input::Detach { waiter });
    }
    desk.pass(1_000);
    while let Some(name) = desk.under_way().first().map(|name| (*name).to_owned()) {
        desk.reply(&name, "paid");
    }
    assert_eq!((desk.code(stays), desk.code(leaves)), (Some(0), None));
    assert_eq!(desk.lists.keys().collect::<Vec<_>>(), [&92]);
}

#[test]
fn a_cancel_after_the_end_is_answered_at_once() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    desk.cancel("r1");
    desk.reply("close", "open");
    desk.calls.clear();
    let again = desk.cancel("r1");
    assert_eq!((desk.code(again), desk.under_way().len()), (Some(2), 0));
}

#[test]
fn a_hand_over_is_written_once() {
    let mut desk = Desk::new().start();
    let waiter = desk.shown("r1");
    desk.reply("poll", "paid");
    desk.take_answer(waiter);
    desk.take_answer(waiter);
    desk.input(Input::History { waiter: 9, limit: 1 });
    let told = desk.lists[&9].as_ref().unwrap();
    let handed = told[0].story.iter().filter(|record| record.event == "answer handed over");
    assert_eq!(handed.count(), 1);
}
