//! The rules: Doubt and closing, as a caller sees it.

use super::desk::Desk;
use till_core::engine::{Input, Stage};
use till_core::intent::Advice;
use till_core::operation::{Action, Choice, Story};

#[test]
fn success_carries_the_transaction_and_a_decline_the_banks_words() {
    let mut desk = Desk::new().start();
    let paid = desk.shown("r1");
    desk.reply("poll", "paid");
    assert_eq!(desk.told(paid), (0, Advice::None));
    assert!(desk.answers[&paid].transaction.is_some());
    let declined = desk.shown("r2");
    desk.reply("poll", "declined no funds");
    assert_eq!(desk.told(declined), (1, Advice::NewRequest));
    assert!(desk.answers[&declined].message.contains("no funds"));
}

#[test]
fn cancel_takes_the_code_off_and_tells_2_after_the_banks_word() {
    let mut desk = Desk::new().start();
    let pay = desk.shown("r1");
    let cancel = desk.cancel("r1");
    assert_eq!(desk.code(pay), None);
    assert_eq!(desk.stages.last().unwrap().1, Stage::Closing);
    desk.reply("close", "open");
    assert_eq!(desk.told(pay), (2, Advice::NewRequest));
    assert_eq!(desk.told(cancel), (2, Advice::NewRequest));
}

#[test]
fn nobody_paid_in_time_is_3_after_the_banks_word() {
    let mut desk = Desk::new().start();
    desk.settings.rules.wait_ms = 5_000;
    let mut desk = desk.start();
    let pay = desk.shown("r1");
    desk.pass(5_100);
    assert_eq!(desk.code(pay), None);
    desk.reply("close", "no-word");
    assert_eq!(desk.told(pay), (3, Advice::NewRequest));
}

#[test]
fn a_program_is_told_4_when_the_closing_inquiry_stays_unanswered() {
    let mut desk = Desk::new().start();
    let pay = desk.shown("r1");
    desk.cancel("r1");
    desk.silence("close", true);
    assert_eq!(desk.code(pay), None, "the bank is asked once more");
    desk.silence("inquire", true);
    desk.pass(10_000);
    assert_eq!(desk.told(pay), (4, Advice::AskStatus));
    let status = desk.status("r1", Action::Pay);
    desk.silence("inquire", true);
    assert_eq!(desk.code(status), Some(4));
    let later = desk.status("r1", Action::Pay);
    desk.reply("inquire", "paid");
    assert_eq!(desk.told(later), (0, Advice::None));
    assert_eq!(desk.answers[&later].late_payment, Some(Story::Reported));
}

#[test]
fn an_operators_screen_stays_until_the_bank_or_the_operator_speaks() {
    let mut desk = Desk::new().start();
    desk.attended = true;
    let waiter = desk.shown("r1");
    desk.cancel("r1");
    desk.silence("close", true);
    for _ in 0..20 {
        desk.silence("inquire", true);
    }
    assert_eq!(desk.code(waiter), None);
    assert!(desk.stages.iter().any(|(_, stage)| *stage == Stage::NotConfirmed));
    let operation = desk.newest("r1").id;
    desk.input(Input::Choose { operation, choice: Choice::GoodsKept });
    assert_eq!(desk.told(waiter), (4, Advice::AskStatus));
    let status = desk.status("r1", Action::Pay);
    desk.reply("inquire", "paid");
    assert_eq!(desk.code(status), Some(4), "never told approved afterwards");
    assert_eq!(desk.answers[&status].late_payment, Some(Story::Refunding));
    desk.reply("refund", "paid");
    let after = desk.status("r1", Action::Pay);
    assert_eq!(desk.answers[&after].late_payment, Some(Story::Refunded));
}

#[test]
fn no_connection_at_all_is_7_and_nothing_was_shown() {
    let mut desk = Desk::new().start();
    let pay = desk.pay("r1");
    for _ in 0..3 {
        desk.silence("code", false);
    }
    assert_eq!(desk.told(pay), (7, Advice::NewRequest));
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.told(status), (7, Advice::NewRequest));
}

#[test]
fn an_entry_code_goes_over_the_bridge_and_another_sum_is_1_with_the_paid_amount() {
    let mut desk = Desk::new();
    desk.settings.bridge = true;
    let mut desk = desk.start();
    let pay = desk.pay_with("r1", |pay| pay.code_value = Some("https://qr".to_owned()));
    desk.reply("perform", "hand");
    assert_eq!(desk.handed, 1);
    desk.reply("poll", "other 9000");
    assert_eq!(desk.told(pay), (1, Advice::NewRequest));
    assert_eq!(desk.answers[&pay].paid_amount, Some(9_000));
    assert_eq!(desk.answers[&pay].late_payment, Some(Story::Refunding));
    desk.reply("refund", "paid");
}

#[test]
fn a_call_that_waits_for_its_turn_is_not_made_after_the_closing() {
    let mut desk = Desk::new();
    desk.tokens = true;
    desk.settings.bridge = true;
    let mut desk = desk.start();
    let pay = desk.pay_with("r1", |pay| pay.code_value = Some("https://qr".to_owned()));
    assert_eq!(desk.under_way(), ["token"]);
    desk.cancel("r1");
    desk.reply("token", "");
    desk.reply("close", "no-word");
    assert_eq!(desk.code(pay), Some(2));
    desk.pass(5_000);
    assert!(!desk.under_way().contains(&"perform"));
}
