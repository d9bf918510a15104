//! Whole refunds, call by call.

use till_core::journal::Journal;
use till_core::operation::{Action, State};

use super::desk::{Desk, SECOND, ack, page};
use super::support::{REQUEST_ID, error, operation, status, with_operations};

/// A payment of 10.00 CNY that is paid; gives its transaction.
fn paid(desk: &mut Desk) -> String {
    let waiter = desk.pay("p");
    let body = desk.of("p", &status("success", "success"));
    desk.reply("status", 200, &body);
    desk.answers[&waiter].transaction.clone().unwrap()
}

/// The status of the payment with this refund of ours.
fn refunded(desk: &Desk, said: &str, minor: u64, named: bool) -> String {
    let own = desk.newest("r", Action::Refund).order.external_id;
    let more = if named { format!(r#","merchant_refund_id":"{own}""#) } else { String::new() };
    let operations = [
        operation("sale", "success", 1_000, "").replace(REQUEST_ID, "of-the-sale"),
        operation("refund", said, minor, &more),
    ];
    desk.of("p", &with_operations("partially refunded", &operations))
}

#[test]
fn a_refund_is_acknowledged_and_its_operation_decides() {
    let mut desk = page();
    let transaction = paid(&mut desk);
    let waiter = desk.refund("r", &transaction, 400);
    let sent = desk.now.boot_ms;
    desk.reply("refund", 200, &ack());
    assert_eq!(desk.code(waiter), None, "accepted is not given");
    let body = refunded(&desk, "processing", 400, true);
    let first = desk.reply("status", 200, &body);
    assert!(first - sent >= 10 * SECOND, "asked after 10 s");
    let body = refunded(&desk, "success", 400, true);
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(0));
}

#[test]
fn a_refund_is_found_by_its_request_id_even_after_a_kill() {
    let mut desk = page();
    let transaction = paid(&mut desk);
    desk.refund("r", &transaction, 400);
    desk.reply("refund", 200, &ack());
    let mut desk = desk.killed();
    let body = refunded(&desk, "success", 400, false);
    desk.reply("status", 200, &body);
    assert!(matches!(desk.newest("r", Action::Refund).state, State::Approved(_)));
}

#[test]
fn a_repeated_refunds_acknowledgement_is_kept_too() {
    let mut desk = page();
    let transaction = paid(&mut desk);
    desk.refund("r", &transaction, 400);
    desk.silence("refund", true);
    let body = desk.of("p", &status("success", "success"));
    desk.reply("status", 200, &body);
    desk.reply("refund", 200, &ack());
    let refund = desk.newest("r", Action::Refund);
    assert_eq!(refund.state.reference(), Some(REQUEST_ID), "it is on disk");
    let story = desk.journal.events(&refund.id).unwrap();
    assert_eq!(story.last().unwrap().event, "taken by the bank, which has not done it yet");
}

#[test]
fn a_declined_refund_is_code_1() {
    let mut desk = page();
    let transaction = paid(&mut desk);
    let waiter = desk.refund("r", &transaction, 400);
    desk.reply("refund", 200, &ack());
    let body = refunded(&desk, "decline", 400, true);
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(1));
}

#[test]
fn a_refund_whose_answer_is_lost_is_repeated_under_its_name_and_3230_asks_the_status() {
    let mut desk = page();
    let transaction = paid(&mut desk);
    let waiter = desk.refund("r", &transaction, 400);
    desk.silence("refund", true);
    // Asked for first: the platform knows no such refund, so it is sent again.
    let body = desk.of("p", &status("success", "success"));
    desk.reply("status", 200, &body);
    desk.reply("refund", 400, &error("3230", "exists"));
    let body = refunded(&desk, "success", 400, true);
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(0));
}

#[test]
fn a_whole_refund_of_a_payment_that_another_refund_took_is_not_believed() {
    let mut desk = page();
    let transaction = paid(&mut desk);
    let waiter = desk.refund("r", &transaction, 1_000);
    desk.silence("refund", true);
    for _ in 0..3 {
        let another = operation("refund", "success", 1_000, r#","merchant_refund_id":"ANOTHER""#);
        let body = desk.of("p", &with_operations("refunded", &[another]));
        desk.reply("status", 200, &body);
        desk.silence("refund", true);
    }
    assert!(desk.code(waiter).is_none() || desk.code(waiter) == Some(4));
    let state = desk.newest("r", Action::Refund).state;
    assert!(matches!(state, State::InDoubt(_)), "never by payment.status: {state:?}");
}

/// "Neither success nor failure is confirmed" is no refusal: the money may be on its way.
#[test]
fn a_refund_answered_with_a_wait_code_is_not_made_a_second_time() {
    for code in ["9999", "19999", "29999", "20802"] {
        let mut desk = page();
        let transaction = paid(&mut desk);
        let waiter = desk.refund("r", &transaction, 400);
        desk.reply("refund", 400, &error(code, "in progress"));
        assert_eq!(desk.code(waiter), None, "{code}: it is in doubt");
        let second = desk.refund("r2", &transaction, 400);
        assert_eq!(desk.code(second), Some(9), "{code}: another refund is in doubt");
        let body = refunded(&desk, "success", 400, true);
        desk.reply("status", 200, &body);
        assert_eq!(desk.code(waiter), Some(0), "{code}");
    }
}

#[test]
fn a_refused_refund_is_told() {
    let told = [("3610", 1), ("3283", 9), ("3060", 9), ("3061", 9), ("3284", 5), ("3261", 6)];
    for (code, number) in told {
        let mut desk = page();
        let transaction = paid(&mut desk);
        let waiter = desk.refund("r", &transaction, 400);
        desk.reply("refund", 400, &error(code, "no"));
        assert_eq!(desk.code(waiter), Some(number));
    }
}
