//! Refunds by Gate.

use serde_json::json;

use super::super::{Behaviour, RefundName};
use super::{Desk, REFUND, refund};
use crate::view::{Refusal, ViewState};

#[test]
fn parts_go_back_each_once() {
    let mut desk = Desk::usual();
    desk.paid("p-1", 1_000);
    let request = desk.accepted(REFUND, &refund("p-1", "r-1", Some(400)));
    let answer = desk.status("p-1");
    assert_eq!(answer["payment"]["status"], "success", "nothing is back yet");
    assert_eq!(answer["operations"][1]["status"], "processing");
    assert_eq!(answer["operations"][1]["request_id"], json!(request));
    desk.later(500);
    let answer = desk.status("p-1");
    assert_eq!(answer["payment"]["status"], "partially refunded");
    assert_eq!(answer["operations"][1]["type"], "refund");
    assert_eq!(answer["operations"][1]["merchant_refund_id"], "r-1");
    assert_eq!(desk.refused(REFUND, &refund("p-1", "r-1", Some(400))), "3230");
    assert_eq!(desk.refused(REFUND, &refund("p-1", "r-2", Some(601))), "3283");
    desk.accepted(REFUND, &refund("p-1", "r-2", None));
    desk.later(500);
    assert_eq!(desk.status("p-1")["payment"]["status"], "refunded");
    assert_eq!(desk.platform.ledger().refunded("p-1"), 1_000);
    assert_eq!(desk.platform.ledger().times_moved("r-1"), 1);
    assert_eq!(desk.refused(REFUND, &refund("p-1", "r-3", Some(1))), "3060");
    assert_eq!(desk.state("p-1"), ViewState::Refunded);
}

#[test]
fn the_whole_sum_on_the_same_day_is_a_reversal() {
    let mut desk = Desk::usual();
    desk.paid("p-1", 1_000);
    desk.accepted(REFUND, &refund("p-1", "r-1", Some(1_000)));
    desk.later(500);
    let answer = desk.status("p-1");
    assert_eq!(answer["payment"]["status"], "reversed");
    assert_eq!(answer["operations"][1]["type"], "reversal");
    desk.paid("p-2", 1_000);
    desk.later(86_400_000);
    desk.accepted(REFUND, &refund("p-2", "r-2", None));
    desk.later(500);
    let answer = desk.status("p-2");
    assert_eq!(answer["payment"]["status"], "refunded");
    assert_eq!(answer["operations"][1]["type"], "refund");
}

#[test]
fn the_test_sums_decline() {
    for amount in [50_000, 50_500] {
        let mut desk = Desk::usual();
        desk.paid("p-1", 100_000);
        desk.accepted(REFUND, &refund("p-1", "r-1", Some(amount)));
        desk.later(500);
        let answer = desk.status("p-1");
        assert_eq!(answer["payment"]["status"], "success");
        assert_eq!(answer["operations"][1]["status"], "decline");
        assert_eq!(answer["operations"][1]["code"], "20000");
        assert_eq!(desk.platform.ledger().refunded("p-1"), 0);
        desk.accepted(REFUND, &refund("p-1", "r-2", None));
    }
}

#[test]
fn what_cannot_go_back_has_its_number() {
    let mut desk = Desk::usual();
    assert_eq!(desk.refused(REFUND, &refund("p-1", "r-1", None)), "3061");
    desk.sold("p-1", 1_000);
    assert_eq!(desk.refused(REFUND, &refund("p-1", "r-1", None)), "3060");
    desk.paid("p-2", 1_000);
    let mut request = refund("p-2", "r-2", Some(100));
    request["payment"]["currency"] = json!("USD");
    assert_eq!(desk.refused(REFUND, &request), "3284");
    for (group, name) in [("payment", "description"), ("customer", "ip_address")] {
        let mut request = refund("p-2", "r-2", Some(100));
        request[group][name] = json!(null);
        assert_eq!(desk.refused(REFUND, &request), "2004", "{name}");
    }
    for amount in [json!(0), json!(-1), json!("100"), json!(1.5)] {
        let mut request = refund("p-2", "r-2", None);
        request["payment"]["amount"] = amount.clone();
        assert_eq!(desk.refused(REFUND, &request), "2004", "{amount}");
    }
    assert_eq!(desk.platform.ledger().movements().len(), 1);
    let none = Behaviour { refunds: false, ..Behaviour::default() };
    desk.platform.set_behaviour(none);
    assert_eq!(desk.refused(REFUND, &refund("p-2", "r-2", None)), "3610");
}

#[test]
fn an_unnamed_refund_is_a_duplicate_for_a_while() {
    let mut desk = Desk::usual();
    desk.paid("p-1", 1_000);
    let mut request = refund("p-1", "", Some(100));
    request["payment"].as_object_mut().unwrap().remove("merchant_refund_id");
    desk.accepted(REFUND, &request);
    assert_eq!(desk.refused(REFUND, &request), "3613");
    desk.later(10_000);
    desk.accepted(REFUND, &request);
    desk.later(500);
    assert_eq!(desk.platform.ledger().refunded("p-1"), 200);
}

#[test]
fn refunds_can_be_kept_apart() {
    let mut desk = Desk::new(Behaviour { refund_pause_ms: 60_000, ..Behaviour::default() });
    desk.paid("p-1", 1_000);
    desk.accepted(REFUND, &refund("p-1", "r-1", Some(100)));
    assert_eq!(desk.refused(REFUND, &refund("p-1", "r-2", Some(100))), "3285");
    desk.later(60_000);
    desk.accepted(REFUND, &refund("p-1", "r-2", Some(100)));
}

#[test]
fn a_refund_waits_for_its_end_if_told_to() {
    let mut desk = Desk::new(Behaviour { refund_after_ms: None, ..Behaviour::default() });
    desk.paid("p-1", 1_000);
    let request = desk.accepted(REFUND, &refund("p-1", "r-1", Some(600)));
    desk.accepted(REFUND, &refund("p-1", "r-2", Some(400)));
    assert_eq!(desk.refused(REFUND, &refund("p-1", "r-3", Some(1))), "3283", "all is on its way");
    desk.platform.finish_refund(desk.now_ms, &request, false).unwrap();
    desk.platform.finish_refund(desk.now_ms, "r-2", true).unwrap();
    assert_eq!(desk.platform.finish_refund(desk.now_ms, "r-2", false), Err(Refusal::Ended));
    assert_eq!(desk.platform.finish_refund(desk.now_ms, "r-9", true), Err(Refusal::Unknown));
    assert_eq!(desk.platform.ledger().refunded("p-1"), 400);
    assert_eq!(desk.status("p-1")["payment"]["status"], "partially refunded");
}

#[test]
fn the_merchants_name_can_stand_elsewhere() {
    for (refund_name, nested, own) in
        [(RefundName::Payment, true, false), (RefundName::Nowhere, false, false)]
    {
        let mut desk = Desk::new(Behaviour { refund_name, ..Behaviour::default() });
        desk.paid("p-1", 1_000);
        desk.accepted(REFUND, &refund("p-1", "r-1", Some(100)));
        let operation = desk.status("p-1")["operations"][1].clone();
        assert_eq!(operation["payment"]["merchant_refund_id"] == "r-1", nested);
        assert_eq!(operation["merchant_refund_id"] == "r-1", own);
    }
}
