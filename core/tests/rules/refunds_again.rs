//! The rules: Refunds under a request id that was used, and the payment that their JSON means.

use super::desk::Desk;
use till_core::engine::Input;
use till_core::id::{Caller, RailId};
use till_core::intent::{Advice, RefundRequest};
use till_core::journal::Journal as _;
use till_core::operation::Action;

fn with(currency: &str, rail: &str) -> impl Fn(&mut RefundRequest) + use<> {
    let (currency, rail) = (currency.parse().unwrap(), RailId::new(rail));
    move |refund| {
        refund.currency = Some(currency);
        refund.rail = Some(rail.clone());
    }
}

#[test]
fn currency_and_rail_are_parameters_where_they_are_named() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    desk.refund("f1", &payment, 100);
    desk.reply("refund", "paid");
    let same = desk.refund_with("f1", &payment, 100, with("UZS", "words"));
    assert_eq!(desk.code(same), Some(0));
    for (currency, rail) in [("USD", "words"), ("UZS", "second")] {
        let other = desk.refund_with("f1", &payment, 100, with(currency, rail));
        assert_eq!(desk.told(other), (8, Advice::NewRequest), "{currency} {rail}");
    }
}

#[test]
fn the_payments_id_alone_names_it() {
    let mut desk = Desk::new().start();
    let (payment, other) = (desk.paid("r1"), desk.paid("r2"));
    let id_of = |json: &str| {
        let read: serde_json::Value = serde_json::from_str(json).unwrap();
        serde_json::json!({ "id": read["id"] }).to_string()
    };
    desk.refund("f1", &payment, 100);
    desk.reply("refund", "paid");
    let same = desk.refund("f1", &id_of(&payment), 100);
    let another = desk.refund("f1", &id_of(&other), 100);
    assert_eq!((desk.code(same), desk.code(another)), (Some(0), Some(8)));
}

#[test]
fn a_running_refund_that_nobody_waits_for_is_joined() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let gone = desk.refund("f1", &payment, 100);
    desk.input(Input::Detach { waiter: gone });
    let again = desk.refund("f1", &payment, 100);
    assert_eq!(desk.code(again), None);
    desk.reply("refund", "paid");
    assert_eq!((desk.code(again), desk.code(gone)), (Some(0), None));
}

#[test]
fn a_refund_in_doubt_is_joined_beside_who_waits_already() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let first = desk.refund("f1", &payment, 100);
    desk.silence("refund", true);
    let again = desk.refund("f1", &payment, 100);
    assert_eq!(desk.code(again), None);
    desk.reply("inquire", "paid");
    assert_eq!((desk.code(first), desk.code(again)), (Some(0), Some(0)));
}

#[test]
fn who_repeats_a_refund_in_doubt_waits_as_long_as_anybody() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    desk.refund("f1", &payment, 100);
    desk.silence("refund", true);
    let mut desk = desk.killed();
    desk.pass(600_000);
    let again = desk.refund("f1", &payment, 100);
    desk.pass(119_000);
    assert_eq!(desk.code(again), None);
    desk.pass(2_000);
    assert_eq!(desk.told(again), (4, Advice::RepeatSameRequest));
}

#[test]
fn of_payments_with_one_request_id_the_sum_tells_which_is_meant() {
    let mut desk = Desk::new().start();
    for (caller, minor, end) in
        [("other", 500, "paid"), ("pos", 12_500, "paid"), ("third", 12_500, "declined no")]
    {
        desk.pay_with("r1", |pay| {
            pay.caller = Caller::new(caller);
            pay.amount_minor = minor;
        });
        desk.reply("code", "code");
        desk.reply("perform", "open");
        desk.reply("poll", end);
    }
    let meant = desk.newest("r1");
    let refund = desk.refund("f1", r#"{"requestId":"r1","amount":12500}"#, 100);
    desk.reply("refund", "paid");
    assert_eq!(desk.code(refund), Some(0));
    let refunds = desk.journal.refunds_of(&meant.order.external_id).unwrap();
    assert_eq!(refunds.len(), 1, "of the payment of that sum");
}

#[test]
fn of_a_foreign_payment_no_more_goes_back_than_was_paid() {
    let json = {
        let mut other = Desk::new().start();
        let pay = other.shown("r1");
        other.reply("poll", "paid 10000");
        other.answers[&pay].transaction.clone().unwrap()
    };
    let mut desk = Desk::new();
    desk.settings.foreign_refunds = true;
    let mut desk = desk.start();
    let above = desk.refund("f1", &json, 10_001);
    assert_eq!(desk.told(above), (9, Advice::FixRequest), "12500 were ordered, 10000 paid");
}

#[test]
fn a_no_that_a_repetition_may_overtake_ends_nothing() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let refund = desk.refund("f1", &payment, 100);
    desk.silence("refund", true);
    desk.pass(4_000);
    desk.reply("inquire", "no-word");
    desk.pass(4_000);
    assert!(desk.under_way().contains(&"refund"), "sent again under the same name");
    // Somebody asks while the repetition has no answer yet.
    desk.refund("f1", &payment, 100);
    desk.pass(200);
    desk.reply("inquire", "declined unknown");
    assert_eq!(desk.code(refund), None);
    desk.reply("refund", "paid");
    assert_eq!(desk.code(refund), Some(0));
    let more = desk.refund("f2", &payment, 12_500);
    assert_eq!(desk.code(more), Some(9), "what went back is spent");
}

#[test]
fn the_same_id_for_the_payment_of_another_request_is_code_8() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    desk.paid("r2");
    let refund = desk.refund("f1", r#"{"requestId":"r1"}"#, 100);
    desk.reply("refund", "paid");
    assert_eq!(desk.code(refund), Some(0));
    let other = desk.refund("f1", r#"{"requestId":"r2"}"#, 100);
    assert_eq!(desk.code(other), Some(8));
    let again = desk.refund("f1", r#"{"requestId":"r1"}"#, 100);
    assert_eq!(desk.code(again), Some(0));
}

#[test]
fn a_refund_that_the_bank_calls_wrong_leaves_its_id_free() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let refund = desk.refund("f1", &payment, 100);
    desk.reply("refund", "wrong amount");
    assert_eq!(desk.code(refund), Some(5));
    let status = desk.status("f1", Action::Refund);
    assert_eq!(desk.code(status), Some(11));
    let corrected = desk.refund("f1", &payment, 200);
    desk.reply("refund", "paid");
    assert_eq!(desk.code(corrected), Some(0));
}
