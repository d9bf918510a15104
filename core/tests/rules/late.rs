//! The rules: Late money.

use super::desk::Desk;
use till_core::operation::{Action, Story};

/// A cancelled pay that was paid afterwards.
fn late(mut desk: Desk) -> Desk {
    let pay = desk.shown("r1");
    desk.cancel("r1");
    desk.reply("close", "open");
    assert_eq!(desk.code(pay), Some(2));
    desk.pass(20_000);
    desk.reply("watch", "paid");
    desk
}

#[test]
fn late_money_goes_back_once_under_the_payments_name_with_late() {
    let mut desk = late(Desk::new().start());
    desk.pass(200);
    let (_, name, body, _) = desk.calls[0].clone();
    assert_eq!(
        (name.as_str(), body),
        ("refund", format!("{}-late", desk.newest("r1").order.external_id))
    );
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.code(status), Some(2), "the told code stays");
    assert_eq!(desk.answers[&status].late_payment, Some(Story::Refunding));
    desk.reply("refund", "paid");
    let after = desk.status("r1", Action::Pay);
    assert_eq!(desk.answers[&after].late_payment, Some(Story::Refunded));
    desk.pass(600_000);
    assert!(!desk.under_way().contains(&"refund"));
}

#[test]
fn a_kill_while_it_goes_back_neither_doubles_nor_loses_it() {
    let desk = late(Desk::new().start());
    let mut desk = desk.killed();
    desk.reply("watch", "no-word");
    desk.pass(20_000);
    let (_, name, body, _) = desk.calls[0].clone();
    assert_eq!(
        (name.as_str(), body),
        ("refund", format!("{}-late", desk.newest("r1").order.external_id))
    );
    desk.reply("refund", "paid");
    let mut desk = desk.killed();
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.answers[&status].late_payment, Some(Story::Refunded));
    desk.pass(600_000);
    assert!(!desk.under_way().contains(&"refund"));
}

#[test]
fn a_refused_give_back_is_told() {
    let mut desk = late(Desk::new().start());
    desk.reply("refund", "declined too late");
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.answers[&status].late_payment, Some(Story::RefundFailed));
}

#[test]
fn the_setting_report_gives_nothing_back() {
    let mut desk = Desk::new();
    desk.settings.rules.give_back = false;
    let mut desk = late(desk.start());
    desk.pass(600_000);
    assert!(!desk.under_way().contains(&"refund"));
    let status = desk.status("r1", Action::Pay);
    assert_eq!(
        (desk.code(status), desk.answers[&status].late_payment),
        (Some(2), Some(Story::Reported))
    );
}

#[test]
fn late_money_cannot_be_refunded_by_a_pos_as_well() {
    let mut desk = late(Desk::new().start());
    let external_id = desk.newest("r1").order.external_id;
    let json = format!(r#"{{"externalId":"{external_id}","amount":12500,"currency":"UZS"}}"#);
    let refund = desk.refund("f1", &json, 12_500);
    assert_eq!(desk.code(refund), Some(9));
}

#[test]
fn a_give_back_that_fails_later_is_told_by_the_payment_also_after_a_kill() {
    let mut desk = late(Desk::new().start());
    desk.reply("refund", "paid");
    let mut desk = desk.killed();
    desk.pass(5_000_000);
    desk.reply("watch", "declined no");
    let mut desk = desk.killed();
    let status = desk.status("r1", Action::Pay);
    assert_eq!(desk.answers[&status].late_payment, Some(Story::RefundFailed));
}
