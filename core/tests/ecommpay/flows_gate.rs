//! Whole payments through Gate, call by call.

use till_core::engine::{Input, Stage};
use till_core::operation::{Action, Code, HandOver, NoReason, State, Told, Verdict};

use super::desk::{Desk, MINUTE, SECOND, ack, gate, unknown};
use super::support::{error, status};

fn with_code(status: &str) -> String {
    status.replacen(
        '{',
        r#"{"display_data":[{"type":"qr_data","title":"","data":"https://qr.alipay.example/1"},
            {"type":"add_info","title":"QR Code Timeout","data":"90"}],"#,
        1,
    )
}

/// A pay through Gate that was acknowledged, with nothing to show yet.
fn acknowledged() -> (Desk, u64) {
    let mut desk = gate();
    let waiter = desk.pay("a");
    desk.reply("sale", 200, &ack());
    (desk, waiter)
}

#[test]
fn an_acknowledged_sale_is_asked_for_and_its_code_shown() {
    let (mut desk, waiter) = acknowledged();
    let taken = desk.now.boot_ms;
    assert_eq!(desk.on_screen(), None, "accepted is not paid, and nothing is to show yet");
    let body = desk.of("a", &status("processing", "processing"));
    let first = desk.reply("status", 200, &body);
    assert!(first - taken >= 10 * SECOND);
    let body = desk.of("a", &with_code(&status("awaiting redirect result", "processing")));
    desk.reply("status", 200, &body);
    let (code, left_ms) = desk.on_screen().unwrap();
    assert_eq!((code.as_str(), left_ms), ("https://qr.alipay.example/1", 90_000));
    let body = desk.of("a", &status("success", "success"));
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(0));
}

#[test]
fn a_sale_is_sent_once_when_it_is_answered() {
    let (mut desk, _) = acknowledged();
    for _ in 0..5 {
        let body = desk.of("a", &status("processing", "processing"));
        desk.reply("status", 200, &body);
    }
    assert_eq!(desk.made, 6, "one sale, five looks");
}

#[test]
fn a_redirection_is_handed_over_once() {
    let (mut desk, _) = acknowledged();
    let more = r#"{"redirect_data":{"method":"POST","url":"https://a.example/h5",
        "body":{"sign":"x"}},"#;
    let body = status("awaiting redirect result", "processing").replacen('{', more, 1);
    let body = desk.of("a", &body);
    for _ in 0..3 {
        desk.reply("status", 200, &body);
    }
    let fields = vec![("sign".to_owned(), "x".to_owned())];
    assert_eq!(desk.handed, [HandOver::Form { url: "https://a.example/h5".to_owned(), fields }]);
    assert!(desk.stages.contains(&Stage::HandedToWallet));
}

#[test]
fn a_callback_brings_the_code_and_the_status_decides() {
    let (mut desk, waiter) = acknowledged();
    let external_id = desk.newest("a", Action::Pay).order.external_id;
    let code = Code::text("code", 60_000);
    for paid in [Verdict::NotPaid(NoReason::Expired), Verdict::Exists, Verdict::Open(None)] {
        let external_id = external_id.clone();
        desk.input(Input::Prescribed { external_id, verdict: paid });
        assert!(matches!(desk.state("a"), State::Creating(_)), "a callback ends nothing");
    }
    let verdict = Verdict::CodeIssued(code);
    desk.input(Input::Prescribed { external_id: external_id.clone(), verdict: verdict.clone() });
    assert_eq!(desk.on_screen(), Some(("code".to_owned(), 60_000)));
    desk.input(Input::Prescribed { external_id: external_id.clone(), verdict });
    let shown = desk.stages.iter().filter(|stage| matches!(stage, Stage::CodeShown { .. }));
    assert_eq!(shown.count(), 1, "a repeated callback shows nothing twice");
    let before = desk.made;
    desk.input(Input::Push { external_id });
    desk.pass(SECOND);
    assert_eq!(desk.made, before + 1, "a callback triggers the status");
    let body = desk.of("a", &status("success", "success"));
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(0));
}

#[test]
fn a_callback_may_come_before_the_acknowledgement() {
    let mut desk = gate();
    desk.pay("a");
    let external_id = desk.newest("a", Action::Pay).order.external_id;
    let verdict = Verdict::CodeIssued(Code::text("code", 60_000));
    desk.input(Input::Prescribed { external_id, verdict });
    assert!(desk.on_screen().is_some());
    desk.reply("sale", 200, &ack());
    assert!(matches!(desk.state("a"), State::Waiting(_)));
}

#[test]
fn code_3061_twice_10_s_apart_120_s_after_the_last_byte_is_code_7() {
    let (mut desk, waiter) = acknowledged();
    let taken = desk.now.boot_ms;
    let mut after = vec![];
    while desk.code(waiter).is_none() {
        let asked = desk.reply("status", 404, &unknown()) - taken;
        if asked >= 120 * SECOND {
            after.push(asked);
        }
        assert!(asked < 240 * SECOND, "it ends");
    }
    assert_eq!(desk.code(waiter), Some(7));
    let (first, last) = (after[0], after[after.len() - 1]);
    assert!(last - first >= 10 * SECOND && after.len() >= 2, "{after:?}");
    let State::NotPaid(not_paid) = desk.state("a") else { panic!() };
    assert_eq!((not_paid.told, not_paid.watched), (Some(Told::NoConnection), false));
}

#[test]
fn code_3061_right_after_an_acknowledgement_proves_nothing() {
    let (mut desk, waiter) = acknowledged();
    for _ in 0..10 {
        desk.reply("status", 404, &unknown());
    }
    assert!(desk.code(waiter).is_none());
    let body = desk.of("a", &with_code(&status("awaiting redirect result", "processing")));
    desk.reply("status", 200, &body);
    assert!(desk.on_screen().is_some(), "it came after all");
}

#[test]
fn a_word_in_between_begins_the_silence_anew() {
    let (mut desk, waiter) = acknowledged();
    let taken = desk.now.boot_ms;
    desk.attended = true;
    // Known, then unknown again: the 10 s count from the new beginning.
    while desk.now.boot_ms - taken < 100 * SECOND {
        let body = desk.of("a", &status("processing", "processing"));
        desk.reply("status", 200, &body);
    }
    while desk.now.boot_ms - taken < 129 * SECOND {
        desk.reply("status", 404, &unknown());
    }
    assert!(desk.code(waiter).is_none());
}

#[test]
fn an_unanswered_sale_is_repeated_and_then_asked_for() {
    let mut desk = gate();
    let waiter = desk.pay("a");
    for _ in 0..3 {
        desk.silence("sale", true);
    }
    let given_up = desk.now.boot_ms;
    let first = desk.reply("status", 404, &unknown());
    assert!(first - given_up >= 10 * SECOND);
    assert!(desk.code(waiter).is_none(), "one 3061 proves nothing");
    let body = desk.of("a", &with_code(&status("awaiting redirect result", "processing")));
    desk.reply("status", 200, &body);
    assert!(desk.on_screen().is_some());
}

#[test]
fn code_3041_to_a_repetition_says_that_it_exists() {
    let mut desk = gate();
    let waiter = desk.pay("a");
    desk.silence("sale", true);
    desk.reply("sale", 400, &error("3041", "Payment ID already exists"));
    let body = desk.of("a", &with_code(&status("awaiting redirect result", "processing")));
    desk.reply("status", 200, &body);
    assert!(desk.on_screen().is_some() && desk.code(waiter).is_none());
}

#[test]
fn code_3041_to_a_first_attempt_is_code_7_and_the_id_is_never_used_again() {
    for never_left in [0, 1] {
        let mut desk = gate();
        let waiter = desk.pay("a");
        // An attempt of which no byte left is none.
        for _ in 0..never_left {
            desk.silence("sale", false);
        }
        desk.reply("sale", 400, &error("3041", "Payment ID already exists"));
        assert_eq!(desk.code(waiter), Some(7));
        let taken = desk.newest("a", Action::Pay).order.external_id;
        desk.pass(60 * MINUTE);
        assert!(desk.calls.is_empty(), "somebody else's payment is not asked for");
        desk.pay("a");
        assert_ne!(desk.newest("a", Action::Pay).order.external_id, taken);
    }
}

#[test]
fn a_refused_sale_is_code_6_or_5() {
    for (code, number) in [("3261", 6), ("3023", 5)] {
        let mut desk = gate();
        let waiter = desk.pay("a");
        desk.reply("sale", 400, &error(code, "no"));
        assert_eq!(desk.code(waiter), Some(number));
    }
}

#[test]
fn a_sale_that_never_gets_a_code_is_closed_with_code_7_and_watched() {
    let (mut desk, waiter) = acknowledged();
    let taken = desk.now.boot_ms;
    while desk.code(waiter).is_none() {
        let body = desk.of("a", &status("processing", "processing"));
        desk.reply("status", 200, &body);
    }
    assert!(desk.now.boot_ms - taken >= 120 * SECOND);
    assert_eq!(desk.code(waiter), Some(7));
    let body = desk.of("a", &status("success", "success"));
    desk.reply("status", 200, &body);
    assert!(matches!(desk.state("a"), State::Late(_)), "its money would be given back");
}

#[test]
fn a_platform_that_falls_silent_after_the_acknowledgement_is_doubt() {
    let (mut desk, waiter) = acknowledged();
    while desk.code(waiter).is_none() {
        desk.silence("status", true);
    }
    assert_eq!(desk.code(waiter), Some(4));
    assert!(matches!(desk.state("a"), State::InDoubt(_)));
}

#[test]
fn a_sale_can_be_cancelled_before_anything_is_shown() {
    let (mut desk, waiter) = acknowledged();
    desk.pass(2 * SECOND);
    desk.cancel("a");
    let body = desk.of("a", &status("processing", "processing"));
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(2));
    assert!(matches!(desk.state("a"), State::Closed(_)), "its money is watched");
}

#[test]
fn a_killed_sale_is_only_asked_for() {
    let (mut desk, _) = acknowledged();
    desk.pass(SECOND);
    let mut desk = desk.killed();
    assert!(matches!(desk.state("a"), State::Creating(_) | State::InDoubt(_)));
    let body = desk.of("a", &with_code(&status("awaiting redirect result", "processing")));
    for _ in 0..3 {
        desk.reply("status", 200, &body);
    }
    assert_eq!(desk.on_screen(), None, "an unattended code would be payable");
    let body = desk.of("a", &status("success", "success"));
    desk.reply("status", 200, &body);
    assert!(matches!(desk.state("a"), State::Approved(_)));
}

fn wants(names: &str) -> String {
    let more = format!(r#"{{"clarification_fields":{{"customer":[{names}]}},"#);
    status("awaiting clarification", "awaiting clarification").replacen('{', &more, 1)
}

#[test]
fn a_clarification_is_answered_if_it_is_known_and_the_payment_goes_on() {
    let (mut desk, _) = acknowledged();
    let body = desk.of("a", &wants("\"ip_address\""));
    desk.reply("status", 200, &body);
    desk.reply("clarification", 200, &ack());
    // The platform may still say so for a while: it is not told twice.
    desk.reply("status", 200, &body);
    let body = desk.of("a", &with_code(&status("awaiting redirect result", "processing")));
    desk.reply("status", 200, &body);
    assert!(desk.on_screen().is_some());
    assert_eq!(desk.made, 5);
}

#[test]
fn a_clarification_whose_answer_is_lost_is_sent_again() {
    let (mut desk, _) = acknowledged();
    let body = desk.of("a", &wants("\"ip_address\""));
    desk.reply("status", 200, &body);
    desk.silence("clarification", true);
    desk.reply("status", 200, &body);
    desk.reply("clarification", 200, &ack());
    assert!(matches!(desk.state("a"), State::Creating(_)));
}

#[test]
fn a_clarification_that_is_not_known_ends_with_code_6_and_the_names() {
    let (mut desk, waiter) = acknowledged();
    let body = desk.of("a", &wants("\"zip\",\"city\""));
    desk.reply("status", 200, &body);
    assert_eq!(desk.code(waiter), Some(6));
    let message = &desk.answers[&waiter].message;
    assert!(message.contains("customer.zip, customer.city"), "{message}");
}
