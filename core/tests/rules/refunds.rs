//! The rules: Refunds, and the fixed rule about repeated ones.

use super::desk::Desk;
use till_core::intent::{Advice, ErrorType};
use till_core::operation::Action;
use till_core::secret::Secret;

#[test]
fn a_refund_is_accepted_once_and_its_id_gives_that_answer_again() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let refund = desk.refund("f1", &payment, 12_500);
    desk.reply("refund", "paid");
    assert_eq!(desk.told(refund), (0, Advice::None));
    let again = desk.refund("f1", &payment, 12_500);
    assert_eq!(desk.answers[&again].transaction, desk.answers[&refund].transaction);
    assert!(desk.calls.is_empty());
}

#[test]
fn parts_never_sum_up_to_more_than_was_paid() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    for (id, minor, left) in [("f1", 5_000, true), ("f2", 7_501, false), ("f3", 7_500, true)] {
        let refund = desk.refund(id, &payment, minor);
        if left {
            desk.reply("refund", "paid");
            assert_eq!(desk.code(refund), Some(0));
        } else {
            assert_eq!(desk.told(refund), (9, Advice::FixRequest));
        }
    }
    let more = desk.refund("f4", &payment, 1);
    assert_eq!(desk.told(more), (9, Advice::FixRequest));
}

#[test]
fn a_promotions_lower_sum_is_the_most_that_can_go_back() {
    let mut desk = Desk::new().start();
    let pay = desk.shown("r1");
    desk.reply("poll", "paid 10000");
    let payment = desk.answers[&pay].transaction.clone().unwrap();
    let above = desk.refund("f1", &payment, 10_001);
    assert_eq!(desk.told(above), (9, Advice::FixRequest));
    let whole = desk.refund("f2", &payment, 10_000);
    desk.reply("refund", "paid");
    assert_eq!(desk.code(whole), Some(0));
}

#[test]
fn two_refunds_of_one_payment_never_run_at_once() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let first = desk.refund("f1", &payment, 100);
    let second = desk.refund("f2", &payment, 100);
    assert_eq!(desk.told(second), (9, Advice::AskStatus));
    desk.silence("refund", true);
    let third = desk.refund("f3", &payment, 100);
    assert_eq!(desk.told(third), (9, Advice::AskStatus), "a doubt counts as spent");
    desk.reply("inquire", "paid");
    assert_eq!(desk.code(first), Some(0));
}

#[test]
fn an_unknown_refund_repeated_gives_the_first_operations_outcome() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let refund = desk.refund("f1", &payment, 100);
    desk.silence("refund", true);
    for _ in 0..60 {
        if desk.code(refund).is_some() {
            break;
        }
        desk.pass(3_700);
        for name in desk.under_way().into_iter().map(str::to_owned).collect::<Vec<_>>() {
            desk.silence(&name, true);
        }
    }
    assert_eq!(desk.told(refund), (4, Advice::RepeatSameRequest));
    assert_eq!(desk.answers[&refund].error_type(), Some(ErrorType::UnknownResult));
    let mut desk = desk.killed();
    desk.calls.clear();
    let again = desk.refund("f1", &payment, 100);
    desk.pass(200);
    let found = desk.under_way().into_iter().find(|name| *name == "inquire").map(str::to_owned);
    desk.reply(&found.unwrap(), "paid");
    assert_eq!(desk.code(again), Some(0));
}

#[test]
fn the_same_refund_id_with_other_parameters_is_8() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let other = desk.paid("r2");
    desk.refund("f1", &payment, 100);
    desk.reply("refund", "paid");
    let sum = desk.refund("f1", &payment, 200);
    let of_another = desk.refund("f1", &other, 100);
    for waiter in [sum, of_another] {
        assert_eq!(desk.told(waiter), (8, Advice::NewRequest));
    }
}

#[test]
fn a_running_refund_repeated_is_8_with_ask_status() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    desk.refund("f1", &payment, 100);
    let again = desk.refund("f1", &payment, 100);
    assert_eq!(desk.told(again), (8, Advice::AskStatus));
}

#[test]
fn a_declined_refund_gives_its_sum_free() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let refund = desk.refund("f1", &payment, 12_500);
    desk.reply("refund", "declined no");
    assert_eq!(desk.told(refund), (1, Advice::NewRequest));
    let again = desk.refund("f1", &payment, 12_500);
    assert_eq!(desk.code(again), Some(1), "the same id, the same answer");
    let anew = desk.refund("f2", &payment, 12_500);
    desk.reply("refund", "paid");
    assert_eq!(desk.code(anew), Some(0));
}

#[test]
fn the_payment_is_found_by_any_of_its_names_and_the_journals_figures_count() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let read: serde_json::Value = serde_json::from_str(&payment).unwrap();
    for (id, field) in [("f1", "id"), ("f2", "externalId"), ("f3", "requestId")] {
        let json = serde_json::json!({ field: read[field] }).to_string();
        let refund = desk.refund(id, &json, 100);
        desk.reply("refund", "paid");
        assert_eq!(desk.code(refund), Some(0), "{field}");
    }
    let forged = payment.replace("12500", "99999");
    let refund = desk.refund("f4", &forged, 99_999);
    assert_eq!(desk.told(refund), (9, Advice::FixRequest));
}

#[test]
fn a_foreign_payment_is_9_unless_the_setting_allows_it_and_its_mac_is_ours() {
    let json = {
        let mut other = Desk::new().start();
        other.paid("r1")
    };
    let mut desk = Desk::new().start();
    let refund = desk.refund("f1", &json, 100);
    assert_eq!(desk.told(refund), (9, Advice::FixRequest));
    let mut desk = Desk::new();
    desk.settings.foreign_refunds = true;
    let mut desk = desk.start();
    let forged = json.replace("12500", "99999");
    let refused = desk.refund("f1", &forged, 100);
    assert_eq!(desk.told(refused), (9, Advice::FixRequest));
    let asked = desk.refund("f2", &json, 100);
    desk.reply("payment", "paid");
    desk.reply("refund", "paid");
    assert_eq!(desk.code(asked), Some(0));
    let above = desk.refund("f3", &json, 12_401);
    assert_eq!(desk.told(above), (9, Advice::FixRequest), "one journal keeps the sum");
}

#[test]
fn a_foreign_payment_that_the_bank_does_not_confirm_is_9() {
    let json = Desk::new().start().paid("r1");
    let mut desk = Desk::new();
    desk.settings.foreign_refunds = true;
    let mut desk = desk.start();
    let refund = desk.refund("f1", &json, 100);
    desk.reply("payment", "no-word");
    assert_eq!(desk.told(refund), (9, Advice::FixRequest));
    assert!(!desk.under_way().contains(&"refund"));
}

#[test]
fn sandbox_json_on_a_real_rail_is_5_and_nothing_is_stored() {
    let mut desk = Desk::new();
    desk.settings.sandbox = true;
    let json = desk.start().paid("r1");
    let mut desk = Desk::new().start();
    let refund = desk.refund("f1", &json, 100);
    assert_eq!(desk.told(refund), (5, Advice::FixRequest));
    let status = desk.status("f1", Action::Refund);
    assert_eq!(desk.code(status), Some(11));
}

#[test]
fn the_currency_and_the_rail_must_be_the_payments() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    let currency =
        desk.refund_with("f1", &payment, 100, |r| r.currency = Some("USD".parse().unwrap()));
    let rail = desk
        .refund_with("f2", &payment, 100, |r| r.rail = Some(till_core::id::RailId::new("second")));
    for waiter in [currency, rail] {
        assert_eq!(desk.told(waiter), (5, Advice::FixRequest));
    }
}

#[test]
fn the_mac_is_made_with_the_rails_key() {
    let payment = Desk::new().start().paid("r1");
    let read = till_core::intent::QpTransaction::parse(&payment).unwrap();
    assert!(read.verify_mac(&Secret::new(b"key".to_vec())));
    assert!(!read.verify_mac(&Secret::new(b"kez".to_vec())));
}

#[test]
fn a_refund_refused_with_9_is_stored() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    desk.refund("f1", &payment, 99_999);
    let mut desk = desk.killed();
    let status = desk.status("f1", Action::Refund);
    assert_eq!(desk.told(status), (9, Advice::FixRequest));
}
