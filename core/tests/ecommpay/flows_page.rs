//! Whole payments through the Payment Page, call by call.

use till_core::engine::Input;
use till_core::journal::Crash;
use till_core::operation::{Action, NoReason, State, Story, Told};

use super::desk::{MINUTE, SECOND, ack, page, unknown};
use super::support::{operation, status, with_operations};

#[test]
fn a_page_is_shown_without_any_call_and_asked_for_after_10_s_every_5_s() {
    let mut desk = page();
    let waiter = desk.pay("a");
    assert_eq!(desk.made, 0, "no call before the first inquiry");
    let (address, left_ms) = desk.on_screen().expect("a page at once");
    assert!(address.starts_with("https://paymentpage.ecommpay.com/payment?project_id=201&"));
    assert_eq!(left_ms, 120_000);
    let shown = desk.now.boot_ms;
    let first = desk.reply("status", 404, &unknown());
    assert!((10 * SECOND..=15 * SECOND).contains(&(first - shown)), "{}", first - shown);
    let mut last = first;
    for _ in 0..4 {
        let body = desk.of("a", &status("processing", "processing"));
        let next = desk.reply("status", 200, &body);
        assert!((4 * SECOND..=6 * SECOND + 100).contains(&(next - last)), "{}", next - last);
        last = next;
    }
    let body = desk.of("a", &status("success", "success"));
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(0));
    assert!(desk.answers[&waiter].sandbox, "the test project is marked");
}

#[test]
fn a_page_is_on_disk_before_it_is_shown() {
    let mut desk = page();
    desk.pay("a");
    let State::Waiting(waiting) = desk.state("a") else { panic!() };
    assert_eq!(waiting.code.unwrap().value, desk.on_screen().unwrap().0);
    let mut killed = desk.killed();
    killed.pass(SECOND);
    assert_eq!(killed.made, 1, "its code lives on, and it is asked for at once");
    assert!(matches!(killed.state("a"), State::Waiting(_)));
}

#[test]
fn code_3061_after_best_before_and_10_min_is_final_expired() {
    let mut desk = page();
    let waiter = desk.pay("a");
    let shown = desk.now.boot_ms;
    loop {
        let asked = desk.reply("status", 404, &unknown()) - shown;
        let state = desk.state("a");
        if let State::NotPaid(not_paid) = state {
            let best_before = 180 * SECOND;
            assert!(asked >= best_before + 10 * MINUTE, "too early: {asked}");
            assert!(asked <= best_before + 11 * MINUTE, "once is enough: {asked}");
            assert_eq!(not_paid.reason, NoReason::Expired);
            break;
        }
        if let State::Closed(closed) = &state {
            assert_eq!(closed.told, Told::Expired);
            continue;
        }
        assert!(matches!(state, State::Waiting(_)) && asked <= 130 * SECOND, "{state:?}");
    }
    assert_eq!(desk.code(waiter), Some(3));
    desk.pass(8 * 24 * 60 * MINUTE);
    assert!(desk.calls.is_empty(), "nothing is asked any more");
}

#[test]
fn a_cancelled_page_is_watched_and_late_money_is_given_back() {
    let mut desk = page();
    let waiter = desk.pay("a");
    desk.pass(3 * SECOND);
    let canceller = desk.cancel("a");
    desk.reply("status", 404, &unknown());
    assert_eq!((desk.code(waiter), desk.code(canceller)), (Some(2), Some(2)));
    let body = desk.of("a", &status("success", "success"));
    desk.reply("status", 200, &body);
    assert!(matches!(desk.state("a"), State::Late(_)));
    desk.reply("refund", 200, &ack());
    let late = format!("{}-late", desk.newest("a", Action::Pay).order.external_id);
    let given = format!(r#","merchant_refund_id":"{late}""#);
    let operations =
        [operation("sale", "success", 1_000, ""), operation("reversal", "success", 1_000, &given)];
    let body = desk.of("a", &with_operations("reversed", &operations));
    desk.reply("status", 200, &body);
    let asker = desk.status("a", Action::Pay);
    let late = desk.answers[&asker].late_payment;
    assert_eq!(late, Some(Story::Refunded));
}

#[test]
fn a_page_whose_row_was_lost_is_in_doubt_until_10_min_after_its_longest_life() {
    let mut desk = page();
    desk.pay("a");
    // The record is all that a power cut left.
    desk.journal = desk.journal.survivors(Crash::PowerCut { kept: 0 });
    let mut desk = desk.killed();
    let begun = desk.now.boot_ms;
    loop {
        let asked = desk.reply("status", 404, &unknown()) - begun;
        let state = desk.state("a");
        if let State::NotPaid(not_paid) = state {
            assert!(asked >= 40 * MINUTE && not_paid.reason == NoReason::Expired, "{asked}");
            return;
        }
        assert!(matches!(state, State::InDoubt(_)) && asked < 41 * MINUTE, "{state:?}");
    }
}

#[test]
fn a_declined_page_is_watched_since_its_customer_can_try_again() {
    let mut desk = page();
    let waiter = desk.pay("a");
    let body = desk.of("a", &status("decline", "decline"));
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(1));
    // A decline does not undo a success: what comes now is late money.
    let body = desk.of("a", &status("success", "success"));
    desk.reply("status", 200, &body);
    assert!(matches!(desk.state("a"), State::Late(_)));
}

#[test]
fn a_final_success_never_regresses() {
    let mut desk = page();
    let waiter = desk.pay("a");
    let body = desk.of("a", &status("success", "success"));
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(0));
    let external_id = desk.newest("a", Action::Pay).order.external_id;
    desk.input(Input::Push { external_id });
    desk.pass(60 * MINUTE);
    assert!(desk.calls.is_empty(), "a success is asked for no more");
    assert!(matches!(desk.state("a"), State::Approved(_)));
}

#[test]
fn a_contradiction_is_in_doubt_and_the_status_is_asked_on() {
    let mut desk = page();
    desk.attended = true;
    let waiter = desk.pay("a");
    let body = desk.of("a", &status("success", "decline"));
    desk.reply("status", 200, &body);
    assert!(matches!(desk.state("a"), State::InDoubt(_)) && desk.code(waiter).is_none());
    let body = desk.of("a", &status("success", "success"));
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(0));
}
