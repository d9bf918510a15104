//! Sales by Gate.

use serde_json::json;

use super::super::{Behaviour, Cancelled, Expired, Platform, Shows};
use super::{CLARIFICATION, Desk, SALE, sale};
use crate::view::{Refusal, ViewState};

#[test]
fn accepted_is_not_paid() {
    let mut desk = Desk::usual();
    let answer = desk.call(SALE, &sale("p-1", 1_000));
    assert_eq!(answer["status"], "success");
    assert_eq!((&answer["project_id"], &answer["payment_id"]), (&json!(201), &json!("p-1")));
    assert_eq!(desk.status("p-1")["payment"]["status"], "processing");
    desk.later(200);
    assert_eq!(desk.status("p-1")["payment"]["status"], "awaiting redirect result");
    assert_eq!(desk.state("p-1"), ViewState::Open);
    assert!(desk.platform.ledger().movements().is_empty());
    assert_eq!(desk.choose(Platform::approve, "p-1"), Ok(true));
    let answer = desk.status("p-1");
    assert_eq!(answer["payment"]["status"], "success");
    let sale = &answer["operations"][0];
    assert_eq!((&sale["type"], &sale["status"]), (&json!("sale"), &json!("success")));
    assert_eq!((&sale["code"], &sale["message"]), (&json!("0"), &json!("Success")));
    assert_eq!(sale["sum_initial"], json!({ "amount": 1000, "currency": "CNY" }));
    assert_eq!(desk.platform.ledger().times_moved("p-1"), 1);
    assert_eq!(desk.choose(Platform::approve, "p-1"), Err(Refusal::AlreadyPaid));
    assert_eq!(desk.platform.ledger().times_moved("p-1"), 1);
}

#[test]
fn each_needed_parameter_is_named_by_2004() {
    for (group, name) in [
        ("payment", "amount"),
        ("payment", "currency"),
        ("customer", "id"),
        ("customer", "ip_address"),
        ("return_url", "return"),
    ] {
        for wrong in [json!(null), json!(""), json!(-1), json!(1.5), json!([]), json!(true)] {
            let mut desk = Desk::usual();
            let mut request = sale("p-1", 1_000);
            request[group][name] = wrong.clone();
            let answer = desk.call(SALE, &request);
            assert_eq!(answer["code"], "2004", "{group}.{name} {wrong}: {answer}");
            let message = answer["message"].as_str().unwrap();
            assert!(message.ends_with(&format!("{group}.{name}")), "{message}");
            assert_eq!(desk.status("p-1")["code"], "3061", "a refused request makes nothing");
        }
    }
}

#[test]
fn sums_keep_to_currencies_and_limits() {
    for (amount, currency, code) in [
        (999, "CNY", "2701"),
        (500_001, "CNY", "2642"),
        (99, "USD", "2701"),
        (1_000, "RUB", "3023"),
        (1_000, "UZS", "3023"),
        (1_000, "cny", "3121"),
        (1_000, "YUAN", "3121"),
    ] {
        let mut desk = Desk::usual();
        let mut request = sale("p-1", amount);
        request["payment"]["currency"] = json!(currency);
        assert_eq!(desk.refused(SALE, &request), code, "{amount} {currency}");
    }
    for (amount, currency) in [(1_000, "CNY"), (500_000, "CNY"), (100, "USD"), (1, "JPY")] {
        let mut desk = Desk::usual();
        let mut request = sale("p-1", amount);
        request["payment"]["currency"] = json!(currency);
        desk.accepted(SALE, &request);
    }
}

#[test]
fn a_payment_id_is_used_once_for_ever() {
    let mut desk = Desk::usual();
    desk.sold("p-1", 1_000);
    assert_eq!(desk.refused(SALE, &sale("p-1", 1_000)), "3041");
    desk.choose(Platform::decline, "p-1").unwrap();
    desk.later(400 * 86_400_000);
    assert_eq!(desk.refused(SALE, &sale("p-1", 2_000)), "3041");
    let kept = serde_json::to_string(&desk.platform).unwrap();
    desk.platform = serde_json::from_str(&kept).unwrap();
    assert_eq!(desk.refused(SALE, &sale("p-1", 1_000)), "3041");
}

#[test]
fn the_test_sums_decline() {
    for amount in [40_000, 40_400] {
        let mut desk = Desk::usual();
        desk.sold("p-1", amount);
        assert_eq!(desk.choose(Platform::approve, "p-1"), Ok(false));
        assert_eq!(desk.status("p-1")["payment"]["status"], "decline");
        assert!(desk.platform.ledger().movements().is_empty());
    }
    let mut desk = Desk::new(Behaviour { test_amounts: false, ..Behaviour::default() });
    desk.paid("p-1", 40_000);
}

#[test]
fn declines_and_cancels_have_their_numbers() {
    let mut desk = Desk::usual();
    desk.sold("p-1", 1_000);
    desk.choose(Platform::decline, "p-1").unwrap();
    assert_eq!(desk.status("p-1")["operations"][0]["code"], "20105");
    desk.sold("p-2", 1_000);
    desk.choose(Platform::cancel, "p-2").unwrap();
    let answer = desk.status("p-2");
    assert_eq!(answer["payment"]["status"], "decline");
    assert_eq!(answer["operations"][0]["code"], "20301");
    let cancelled = Cancelled::Canceled;
    let mut desk = Desk::new(Behaviour { cancelled, ..Behaviour::default() });
    desk.sold("p-3", 1_000);
    desk.choose(Platform::cancel, "p-3").unwrap();
    assert_eq!(desk.status("p-3")["payment"]["status"], "canceled");
    assert_eq!(desk.choose(Platform::approve, "p-3"), Err(Refusal::Ended));
}

#[test]
fn a_payment_ends_by_itself() {
    for (expired, status) in [(Expired::Decline, "decline"), (Expired::Expired, "expired")] {
        let mut desk = Desk::new(Behaviour { expired, ..Behaviour::default() });
        desk.sold("p-1", 1_000);
        desk.later(1_799_799);
        assert_eq!(desk.status("p-1")["payment"]["status"], "awaiting redirect result");
        desk.later(1);
        assert_eq!(desk.status("p-1")["payment"]["status"], status);
        assert_eq!(desk.choose(Platform::approve, "p-1"), Err(Refusal::Expired));
        assert_eq!(desk.state("p-1"), ViewState::Expired);
    }
}

#[test]
fn some_requests_are_accepted_and_lost() {
    let mut desk = Desk::new(Behaviour { lose_sales: 1, ..Behaviour::default() });
    desk.accepted(SALE, &sale("p-1", 1_000));
    desk.later(600_000);
    assert_eq!(desk.status("p-1")["code"], "3061");
    desk.accepted(SALE, &sale("p-1", 1_000));
    assert_eq!(desk.status("p-1")["payment"]["status"], "processing");
}

#[test]
fn a_payment_can_appear_late() {
    let mut desk = Desk::new(Behaviour { appears_after_ms: 5_000, ..Behaviour::default() });
    desk.accepted(SALE, &sale("p-1", 1_000));
    desk.later(4_999);
    assert_eq!(desk.status("p-1")["code"], "3061");
    desk.later(1);
    assert_eq!(desk.status("p-1")["payment"]["id"], "p-1");
}

#[test]
fn a_status_shows_the_hand_over_only_if_told_to() {
    for shows in [false, true] {
        let mut desk = Desk::new(Behaviour { status_shows: shows, ..Behaviour::default() });
        desk.sold("p-1", 1_000);
        assert_eq!(desk.status("p-1").get("display_data").is_some(), shows);
    }
}

#[test]
fn what_is_missing_is_asked_for_and_taken() {
    let clarify = vec!["first_name".to_owned(), "zip".to_owned()];
    let mut desk = Desk::new(Behaviour { clarify, ..Behaviour::default() });
    desk.accepted(SALE, &sale("p-1", 1_000));
    assert_eq!(desk.status("p-1")["payment"]["status"], "awaiting clarification");
    let told = desk.told();
    assert_eq!(told["clarification_fields"], json!({ "customer": ["first_name", "zip"] }));
    let more = |customer| {
        json!({
            "general": { "project_id": 201, "payment_id": "p-1" },
            "additional_data": { "customer": customer },
        })
    };
    assert_eq!(desk.refused(CLARIFICATION, &more(json!({ "zip": 7 }))), "2004");
    desk.accepted(CLARIFICATION, &more(json!({ "first_name": "张" })));
    assert_eq!(desk.told()["clarification_fields"], json!({ "customer": ["zip"] }));
    desk.accepted(CLARIFICATION, &more(json!({ "zip": "100000" })));
    assert_eq!(desk.status("p-1")["payment"]["status"], "processing");
    assert_eq!(desk.refused(CLARIFICATION, &more(json!({ "zip": "100000" }))), "3060");
    desk.later(200);
    assert_eq!(desk.choose(Platform::approve, "p-1"), Ok(true));
    let mut unknown = more(json!({ "zip": "1" }));
    unknown["general"]["payment_id"] = json!("p-2");
    assert_eq!(desk.refused(CLARIFICATION, &unknown), "3061");
}

#[test]
fn a_sale_without_a_way_ends_by_itself() {
    let mut desk = Desk::new(Behaviour { shows: Shows::Nothing, ..Behaviour::default() });
    desk.sold("p-1", 1_000);
    assert_eq!(desk.choose(Platform::approve, "p-1"), Err(Refusal::NotPayable));
    desk.later(1_800_000);
    assert_eq!(desk.status("p-1")["payment"]["status"], "decline");
}
