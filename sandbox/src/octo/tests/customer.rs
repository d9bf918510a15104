//! What the wallet sees.

use super::*;
use crate::octo::{Discount, Kind, Refusal, ViewState};

#[test]
fn the_wallet_sees_what_can_be_paid() {
    let mut desk = Desk::new(Behaviour { discount: Discount::Percent(10), ..Behaviour::default() });
    let code = desk.payable("p-1");
    desk.now_ms += 1000;
    desk.payable("p-2");
    desk.code("p-3");
    let open = desk.bank.open_payments(desk.now_ms);
    let ids: Vec<_> = open.iter().map(|payment| payment.external_id.as_str()).collect();
    assert_eq!(ids, ["p-1", "p-2"]);
    let first = &open[0];
    assert_eq!((first.kind, first.state), (Kind::Order, ViewState::Open));
    assert_eq!(first.code, code);
    assert_eq!(first.description.as_deref(), Some("SHOES"));
    assert_eq!(first.asked.unwrap().amount, 12_500);
    assert_eq!(first.amount.unwrap().amount, 11_250, "the discount is shown before it is taken");
    assert_eq!((first.created_at_ms, first.expires_at_ms), (NOW_MS, NOW_MS + 600_000));
    assert_eq!(first.payable_since_ms, Some(NOW_MS));
    assert_eq!(desk.bank.payment(desk.now_ms, &code).as_ref(), Some(first));
    let third = desk.bank.payment(desk.now_ms, "p-3").unwrap();
    assert_eq!(third.state, ViewState::Issued);
    assert_eq!(desk.bank.payment(desk.now_ms, "p-9"), None);
}

#[test]
fn the_wallet_sees_what_became_of_it() {
    let mut desk = Desk::usual();
    for id in ["p-1", "p-2", "p-3", "p-4", "p-5"] {
        desk.payable(id);
    }
    desk.bank.approve(desk.now_ms, "p-1", None).unwrap();
    desk.bank.decline(desk.now_ms, "p-2").unwrap();
    desk.bank.cancel(desk.now_ms, "p-3").unwrap();
    desk.bank.approve(desk.now_ms, "p-4", None).unwrap();
    desk.ok("refund", &refund("r", "p-4", 12_500));
    let seen: Vec<_> = desk
        .bank
        .recent_payments(desk.now_ms)
        .into_iter()
        .map(|payment| (payment.external_id, payment.state))
        .collect();
    let expected = [
        ("p-4", ViewState::Refunded),
        ("p-3", ViewState::Cancelled),
        ("p-2", ViewState::Declined),
        ("p-1", ViewState::Paid),
    ];
    assert_eq!(seen, expected.map(|(id, state)| (id.to_owned(), state)));
    desk.now_ms += 600_000;
    assert_eq!(desk.bank.payment(desk.now_ms, "p-5").unwrap().state, ViewState::Expired);
    for number in 0..40 {
        desk.paid(&format!("q-{number}"));
    }
    assert_eq!(desk.bank.recent_payments(desk.now_ms).len(), 20);
}

#[test]
fn a_page_finds_its_code_by_the_end_of_its_address() {
    let mut desk = Desk::usual();
    let code = desk.payable("p");
    let tail = code.rsplit('/').next().unwrap();
    assert_eq!(desk.bank.code_ending_in(tail), Some(code.as_str()));
    for wrong in ["", "x", &tail[1..]] {
        assert_eq!(desk.bank.code_ending_in(wrong), None, "{wrong}");
    }
    // A code of an earlier run, when the page had another address, is found as well.
    let code_prefix = "http://127.0.0.1:1/w/".to_owned();
    desk.bank.set_behaviour(Behaviour { code_prefix, ..Behaviour::default() });
    assert_eq!(desk.bank.code_ending_in(tail), Some(code.as_str()));
}

#[test]
fn a_scan_is_noticed_once() {
    let mut desk = Desk::usual();
    let code = desk.payable("p");
    let before = desk.bank.revision();
    desk.bank.scan(desk.now_ms, &code).unwrap();
    assert_ne!(desk.bank.revision(), before);
    let after = desk.bank.revision();
    desk.bank.scan(desk.now_ms, &code).unwrap();
    desk.process("p");
    assert_eq!(desk.bank.revision(), after, "nothing changed");
    assert_eq!(desk.bank.scan(desk.now_ms, "nothing"), Err(Refusal::Unknown));
}
