//! The rules: request_id.

use super::desk::Desk;
use till_core::engine::{Input, Stage};
use till_core::id::{Caller, RailId};
use till_core::intent::Advice;
use till_core::operation::{Action, Story};

#[test]
fn a_request_without_an_id_gets_one_and_it_is_echoed() {
    let mut desk = Desk::new().start();
    let first = desk.shown("");
    desk.reply("poll", "paid");
    let second = desk.shown("");
    desk.reply("poll", "declined no funds");
    let ids = [first, second].map(|waiter| desk.answers[&waiter].request_id.clone());
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[0].as_str().len(), 36);
}

#[test]
fn a_repeated_pay_while_its_code_is_payable_shows_the_same_code() {
    let mut desk = Desk::new().start();
    let first = desk.shown("r1");
    let second = desk.pay("r1");
    let shown = |stage: &Stage| matches!(stage, Stage::CodeShown { .. });
    assert!(desk.stages.iter().any(|(waiter, stage)| *waiter == second && shown(stage)));
    assert_eq!(desk.under_way(), Vec::<&str>::new(), "no second code is made");
    desk.reply("poll", "paid");
    assert_eq!((desk.code(first), desk.code(second)), (Some(0), Some(0)));
    assert_eq!(desk.answers[&first].transaction, desk.answers[&second].transaction);
}

#[test]
fn other_parameters_while_a_code_is_payable_are_code_8() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    let amount = desk.pay_with("r1", |pay| pay.amount_minor = 1);
    let purpose = desk.pay_with("r1", |pay| pay.purpose = "Tea".to_owned());
    let rail = desk.pay_with("r1", |pay| pay.rail = Some(RailId::new("second")));
    let currency = desk.pay_with("r1", |pay| pay.currency = Some("USD".parse().unwrap()));
    for waiter in [amount, purpose, rail, currency] {
        assert_eq!(desk.told(waiter), (8, Advice::NewRequest));
    }
}

#[test]
fn a_paid_operation_whose_result_was_never_handed_over_answers_the_repetition() {
    let mut desk = Desk::new().start();
    let first = desk.shown("r1");
    desk.reply("poll", "paid");
    let transaction = desk.answers[&first].transaction.clone();
    let mut desk = desk.killed();
    let again = desk.pay("r1");
    assert_eq!(desk.code(again), Some(0));
    assert_eq!(desk.answers[&again].transaction, transaction);
    assert!(desk.calls.is_empty());
}

#[test]
fn a_final_operation_whose_result_was_handed_over_is_followed_by_a_new_one() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    let again = desk.pay("r1");
    assert_eq!((desk.code(again), desk.under_way()), (None, vec!["code"]));
}

#[test]
fn handed_over_survives_a_kill() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    let mut desk = desk.killed();
    let again = desk.pay("r1");
    assert_eq!(desk.code(again), None);
}

#[test]
fn idempotent_returns_the_first_answer_always() {
    let mut desk = Desk::new().start();
    let transaction = desk.paid("r1");
    let again = desk.pay_with("r1", |pay| pay.idempotent = true);
    assert_eq!(desk.answers[&again].transaction.as_deref(), Some(transaction.as_str()));
    let other = desk.pay_with("r1", |pay| {
        pay.idempotent = true;
        pay.amount_minor = 1;
    });
    assert_eq!(desk.told(other), (8, Advice::NewRequest));
    desk.shown("r2");
    desk.reply("poll", "declined no");
    let declined = desk.pay_with("r2", |pay| pay.idempotent = true);
    assert_eq!(desk.code(declined), Some(1));
    desk.shown("r3");
    desk.cancel("r3");
    desk.reply("close", "open");
    let cancelled = desk.pay_with("r3", |pay| pay.idempotent = true);
    assert_eq!(desk.code(cancelled), Some(2), "though its code is still watched");
}

#[test]
fn a_pay_in_doubt_answers_its_repetition_with_4_and_asks_first() {
    let mut desk = Desk::new().start();
    desk.pay("r1");
    let mut desk = desk.killed();
    let again = desk.pay("r1");
    assert_eq!(desk.code(again), None);
    desk.reply("inquire", "open");
    assert_eq!(desk.told(again), (4, Advice::AskStatus));
    let better = desk.pay("r1");
    desk.reply("inquire", "paid");
    assert_eq!(desk.code(better), Some(0));
}

#[test]
fn ids_are_looked_up_within_package_and_action() {
    let mut desk = Desk::new().start();
    let transaction = desk.paid("r1");
    let other = desk.pay_with("r1", |pay| pay.caller = Caller::new("other"));
    assert_eq!(desk.code(other), None, "another app's id is another id");
    desk.refund("r1", &transaction, 100);
    assert!(desk.under_way().contains(&"code"));
    desk.pass(200);
    assert!(desk.under_way().contains(&"refund"), "a refund's id is not a pay's");
}

#[test]
fn metadata_is_the_present_requests_and_all_else_the_firsts() {
    let mut desk = Desk::new().start();
    let first = desk.shown("r1");
    desk.reply("poll", "paid");
    let metadata = Some([("OrderId".to_owned(), "2".to_owned())].into());
    let again = desk.pay_with("r1", |pay| pay.metadata = metadata.clone());
    assert_eq!(desk.answers[&first].metadata, None);
    assert_eq!(desk.answers[&again].metadata, metadata);
    assert_eq!(desk.answers[&again].operation, desk.answers[&first].operation);
}

#[test]
fn codes_5_8_10_and_11_leave_the_request_id_free() {
    let mut desk = Desk::new().start();
    let rail = desk.pay_with("r1", |pay| pay.rail = Some(RailId::new("nobody")));
    assert_eq!(desk.told(rail), (5, Advice::FixRequest));
    let currency = desk.pay_with("r1", |pay| pay.currency = Some("JPY".parse().unwrap()));
    assert_eq!(desk.told(currency), (5, Advice::FixRequest));
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.told(status), (11, Advice::NewRequest));
    let pay = desk.shown("r1");
    desk.reply("poll", "paid");
    assert_eq!(desk.code(pay), Some(0));
}

#[test]
fn code_6_before_the_first_byte_is_stored() {
    let mut desk = Desk::new().start();
    let entry = desk.pay_with("r1", |pay| pay.code_value = Some("https://qr".to_owned()));
    assert_eq!(desk.told(entry), (6, Advice::Configure));
    assert!(desk.calls.is_empty());
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.told(status), (6, Advice::Configure));
}

#[test]
fn a_caller_that_is_gone_cancels_nothing() {
    let mut desk = Desk::new().start();
    let waiter = desk.shown("r1");
    desk.input(Input::Detach { waiter });
    desk.reply("poll", "paid");
    let status = desk.status("r1", Action::Pay);
    assert_eq!((desk.code(waiter), desk.code(status)), (None, Some(0)));
}

#[test]
fn two_apps_at_once_get_their_own_answers() {
    let mut desk = Desk::new().start();
    let mine = desk.pay("r1");
    let theirs = desk.pay_with("r1", |pay| {
        pay.caller = Caller::new("other");
        pay.amount_minor = 700;
    });
    for _ in 0..2 {
        desk.reply("code", "code");
    }
    for _ in 0..2 {
        desk.reply("perform", "open");
    }
    desk.reply("poll", "paid");
    desk.reply("poll", "declined no");
    let codes = [desk.code(mine), desk.code(theirs)];
    assert!(codes == [Some(0), Some(1)] || codes == [Some(1), Some(0)], "{codes:?}");
}

#[test]
fn a_success_after_a_handed_over_4_was_never_handed_over() {
    let mut desk = Desk::new().start();
    let first = desk.shown("r1");
    desk.cancel("r1");
    desk.silence("close", true);
    desk.pass(11_000);
    assert_eq!(desk.code(first), Some(4));
    desk.take_answer(first);
    desk.reply("inquire", "paid");
    desk.take_answer(first);
    let again = desk.pay("r1");
    assert_eq!(desk.code(again), Some(0), "no second payment is made");
    desk.take_answer(again);
    let third = desk.pay("r1");
    assert_eq!(desk.code(third), None);
}

#[test]
fn other_parameters_while_a_pay_is_in_doubt_are_4_whatever_the_bank_says_then() {
    let mut desk = Desk::new().start();
    desk.pay("r1");
    let mut desk = desk.killed();
    let other = desk.pay_with("r1", |pay| pay.amount_minor = 1);
    assert_eq!(desk.told(other), (4, Advice::AskStatus));
}

#[test]
fn code_4_for_other_parameters_reports_later_money_too() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    desk.cancel("r1");
    desk.silence("close", true);
    let mut desk = desk.killed();
    desk.silence("watch", true);
    let other = desk.pay_with("r1", |request| request.amount_minor = 99);
    assert_eq!(desk.code(other), Some(4));
    desk.pass(60_000);
    for name in desk.under_way().into_iter().map(str::to_owned).collect::<Vec<_>>() {
        desk.reply(&name, "paid");
    }
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.code(status), Some(0));
    assert_eq!(desk.answers[&status].late_payment, Some(Story::Reported));
}

#[test]
fn pauses_that_answer_something_are_exact() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    desk.pass(1_300);
    desk.silence("poll", true);
    desk.pass(2_999);
    assert_eq!(desk.under_way(), [""; 0]);
    desk.pass(1);
    assert_eq!(desk.under_way(), ["inquire"]);
}
