//! Payments by an entry code: the customer names the amount in the wallet.

use super::*;
use crate::money::{Currency, Money};
use crate::octo::{Action, Entered, Expired, Kind, Refusal};

fn entered(amount: u64) -> Option<Entered> {
    Some(Entered { amount, currency: None })
}

#[test]
fn the_documents_story_of_an_entry_code() {
    let mut desk = Desk::usual();
    let created = desk.ok("perform", &confirm("p", STATIC));
    assert_eq!(created["status"], "CREATED");
    assert_eq!(created["actionType"], "HANDLE_BY_SDK");
    assert_eq!(created["acDecodeConfig"], json!({"routerType": "AC_URL", "forceHttps": true}));
    let payload = created["sdkActionPayload"].as_str().unwrap();
    assert!(payload.len() > 40, "{payload}");
    for key in ["paymentAmount", "orderAmount", "withdrawalAmount", "paymentCurrency"] {
        assert_eq!(created.get(key), None, "no amounts before the customer names one");
    }
    let pending = desk.ok("confirm", &confirm("p", STATIC));
    assert_eq!((&pending["status"], pending.get("paymentAmount")), (&json!("PENDING"), None));
    assert_eq!(pending["sdkActionPayload"], payload);
    assert_eq!(desk.process("p"), "U PENDING");

    assert_eq!(desk.bank.approve(desk.now_ms, "p", None), Err(Refusal::AmountNeeded));
    assert_eq!(desk.bank.approve(desk.now_ms, "p", entered(0)), Err(Refusal::BadAmount));
    let sum = desk.bank.approve(desk.now_ms, STATIC, entered(700)).unwrap();
    assert_eq!(sum, Money::new(700, Currency::UZS));

    let success = desk.ok("confirm", &confirm("p", STATIC));
    assert_eq!((&success["status"], &success["paymentAmount"]), (&json!("SUCCESS"), &json!(700)));
    for key in ["actionType", "sdkActionPayload", "acDecodeConfig"] {
        assert_eq!(success.get(key), None, "nothing is left to do");
    }
    let process = desk.ok("process", &json!({"externalId": "p"}));
    assert_eq!((&process["paymentAmount"], &process["orderAmount"]), (&json!(700), &json!(700)));
    assert_eq!(desk.process("p"), "S SUCCESS");
    assert_eq!(desk.account("p").times, 1);
}

#[test]
fn the_asked_amount_is_proposed_and_not_told_before_it_is_paid() {
    let mut desk = Desk::usual();
    let created = desk.ok("perform", &perform("p", STATIC));
    assert_eq!(created.get("paymentAmount"), None);
    let process = desk.ok("process", &json!({"externalId": "p"}));
    assert_eq!(process.get("paymentAmount"), None);
    let open = desk.bank.open_payments(desk.now_ms);
    assert_eq!(open[0].asked, Some(Money::new(12_500, Currency::UZS)));
    assert_eq!(open[0].kind, Kind::Entry);
    desk.bank.approve(desk.now_ms, "p", None).unwrap();
    assert_eq!(desk.account("p").moved, Some(Money::new(12_500, Currency::UZS)));
}

#[test]
fn the_customer_may_name_another_amount_but_not_another_currency() {
    let mut desk = Desk::usual();
    desk.ok("perform", &perform("p", STATIC));
    let dollars = Some(Entered { amount: 700, currency: Currency::new("USD") });
    assert_eq!(desk.bank.approve(desk.now_ms, "p", dollars), Err(Refusal::BadAmount));
    desk.bank.approve(desk.now_ms, "p", entered(700)).unwrap();
    let process = desk.ok("process", &json!({"externalId": "p"}));
    assert_eq!((&process["paymentAmount"], &process["orderAmount"]), (&json!(700), &json!(12_500)));
}

#[test]
fn one_code_on_the_wall_serves_many() {
    let mut desk = Desk::usual();
    desk.ok("perform", &perform("p-1", STATIC));
    desk.ok("perform", &perform("p-2", STATIC));
    assert_eq!(desk.bank.approve(desk.now_ms, STATIC, None), Err(Refusal::Ambiguous));
    desk.bank.approve(desk.now_ms, "p-2", None).unwrap();
    assert_eq!(desk.process("p-1"), "U PENDING");
    desk.bank.cancel(desk.now_ms, STATIC).unwrap();
    assert_eq!(desk.process("p-1"), "F CANCELLED");
    assert_eq!(desk.bank.cancel(desk.now_ms, STATIC), Err(Refusal::Unknown));
    assert_eq!(desk.ok("confirm", &confirm("p-1", STATIC))["status"], "CANCELLED");
}

#[test]
fn the_wallet_gives_up_after_some_minutes() {
    for (expired, process, status) in [
        (Expired::Expired, "F EXPIRED", Some("CANCELLED")),
        (Expired::Pending, "U PENDING", Some("PENDING")),
        (Expired::InvalidRequest, "F INVALID_REQUEST", None),
    ] {
        let mut desk = Desk::new(Behaviour { expired, ..Behaviour::default() });
        desk.ok("perform", &perform("p", STATIC));
        desk.now_ms += 300_000;
        assert_eq!(desk.bank.approve(desk.now_ms, "p", None), Err(Refusal::Expired));
        assert_eq!(desk.process("p"), process);
        let (_, answer) = desk.call("confirm", &confirm("p", STATIC));
        assert_eq!(answer.get("status").and_then(Value::as_str), status);
    }
}

#[test]
fn a_repetition_keeps_the_payload() {
    let mut desk = Desk::usual();
    let first = desk.ok("perform", &perform("p", STATIC));
    let second = desk.ok("perform", &perform("p", STATIC));
    assert_eq!(first, second);
    let parameters = "400 INVALID_REQUEST: externalId was used with other parameters: p";
    assert_eq!(desk.refused("perform", &perform("p", "https://other.example/")), parameters);
    assert_eq!(desk.refused("get-qr-code", &qr("p")), parameters);
}

#[test]
fn the_action_of_an_entry_code_is_a_setting() {
    let entry_action = Action::PspRedirect;
    let mut desk = Desk::new(Behaviour { entry_action, ..Behaviour::default() });
    let answer = desk.ok("perform", &perform("p", STATIC));
    assert_eq!(answer["actionType"], "HANDLE_BY_PSP");
    assert_eq!(answer["redirectUrl"], "https://wallet.till-sandbox.invalid/w/p");
    assert_eq!(answer.get("sdkActionPayload"), None);
}
