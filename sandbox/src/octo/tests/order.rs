//! Payments by an order code: perform, the customer, process.

use super::*;
use crate::money::{Currency, Money};
use crate::octo::{
    Action, Cross, Declined, Discount, Entered, Expired, Refusal, Repeated, Unscanned,
};

#[test]
fn an_order_is_paid_once_and_told() {
    let mut desk = Desk::usual();
    let code = desk.code("p");
    assert_eq!(desk.bank.approve(desk.now_ms, &code, None), Err(Refusal::NotPayable));
    assert_eq!(desk.bank.open_payments(desk.now_ms), []);
    let answer = desk.ok("perform", &perform("p", &code));
    let merchant = json!({
        "merchantId": "M-000001", "merchantName": "Samarkand Coffee", "merchantMcc": "5814",
        "store": { "storeId": "S-01", "storeName": "Registan" }
    });
    let expected = json!({
        "status": "CREATED", "externalId": "p", "merchant": merchant,
        "paymentAmount": 12_500, "paymentCurrency": "UZS",
        "withdrawalAmount": 0, "withdrawalCurrency": "UZS",
        "orderAmount": 12_500, "orderCurrency": "UZS",
        "referenceOrderId": "order-p", "orderDescription": "SHOES"
    });
    assert_eq!(answer, expected);
    assert_eq!(desk.process("p"), "U PENDING");
    assert_eq!(desk.account("p"), Account::default());

    let sum = desk.bank.approve(desk.now_ms, &code, None).unwrap();
    assert_eq!(sum, Money::new(12_500, Currency::UZS));
    assert_eq!(desk.bank.approve(desk.now_ms, &code, None), Err(Refusal::AlreadyPaid));
    assert_eq!(desk.bank.approve(desk.now_ms, "p", None), Err(Refusal::AlreadyPaid));
    assert_eq!(desk.bank.decline(desk.now_ms, "p"), Err(Refusal::AlreadyPaid));
    assert_eq!(desk.bank.cancel(desk.now_ms, "p"), Err(Refusal::AlreadyPaid));
    assert_eq!(desk.account("p"), Account { times: 1, moved: Some(sum), refunded: 0 });
    assert_eq!(desk.bank.ledger().movements().len(), 1);

    let answer = desk.ok("process", &json!({"externalId": "p"}));
    let expected = json!({
        "result": {
            "resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "Operation completed"
        },
        "paymentAmount": 12_500, "paymentCurrency": "UZS",
        "withdrawalAmount": 12_500, "withdrawalCurrency": "UZS",
        "referenceOrderId": "order-p", "orderDescription": "SHOES",
        "orderAmount": 12_500, "orderCurrency": "UZS", "externalId": "p"
    });
    assert_eq!(answer, expected);
    let repeated = desk.ok("perform", &perform("p", &code));
    assert_eq!(repeated["status"], "SUCCESS", "a repetition tells how it stands");
    assert_eq!(desk.account("p").times, 1);
}

#[test]
fn perform_is_bound_to_its_code_and_its_terms() {
    let mut desk = Desk::usual();
    let (one, two) = (desk.code("p-1"), desk.code("p-2"));
    let other = "400 INVALID_REQUEST: codeValue belongs to another operation";
    assert_eq!(desk.refused("perform", &perform("p-1", &two)), other);
    assert_eq!(desk.refused("perform", &perform("p-3", &one)), other);
    let unknown = "400 INVALID_REQUEST: Unknown codeValue";
    for code in ["qr://till-sandbox/nothing", "PAYCODE1234567890", "HTTP://x", "ftp://x"] {
        assert_eq!(desk.refused("perform", &perform("p-3", code)), unknown, "{code}");
    }
    assert_eq!(desk.process("p-3"), "F INVALID_REQUEST", "nothing came of it");
    desk.ok("perform", &perform("p-1", &one));
    let parameters = "400 INVALID_REQUEST: externalId was used with other parameters: p-1";
    for (key, value) in [
        ("paymentAmount", json!(12_400)),
        ("orderAmount", json!(12_600)),
        ("paymentCurrency", json!("USD")),
        ("referenceOrderId", json!("order-2")),
        ("orderDescription", json!("BOOTS")),
        ("userId", json!("2")),
        ("codeValue", json!(two)),
    ] {
        let body = with(perform("p-1", &one), key, value);
        assert_eq!(desk.refused("perform", &body), parameters, "{key}");
    }
    assert_eq!(desk.refused("get-qr-code", &with(qr("p-1"), "userId", json!("2"))), parameters);
}

#[test]
fn a_repeated_perform_may_be_an_error() {
    let mut desk = Desk::new(Behaviour { repeated: Repeated::Exists, ..Behaviour::default() });
    let code = desk.payable("p");
    let exists = "400 ALREADY_EXISTS: externalId already exists: p";
    assert_eq!(desk.refused("perform", &perform("p", &code)), exists);
    assert_eq!(desk.bank.open_payments(desk.now_ms).len(), 1, "it can be paid all the same");
}

#[test]
fn a_code_can_be_paid_while_it_lives_and_not_after() {
    let mut desk = Desk::usual();
    desk.payable("in-time");
    desk.payable("late");
    let never = desk.code("never");
    desk.now_ms += 599_999;
    desk.bank.approve(desk.now_ms, "in-time", None).unwrap();
    assert_eq!(desk.process("late"), "U PENDING");
    desk.now_ms += 1;
    for refused in [
        desk.bank.approve(desk.now_ms, "late", None).err(),
        desk.bank.decline(desk.now_ms, "late").err(),
        desk.bank.cancel(desk.now_ms, "late").err(),
    ] {
        assert_eq!(refused, Some(Refusal::Expired));
    }
    assert_eq!(desk.bank.open_payments(desk.now_ms), []);
    assert_eq!(desk.process("late"), "F EXPIRED");
    assert_eq!(desk.process("never"), "F EXPIRED");
    assert_eq!(desk.process("in-time"), "S SUCCESS");
    let expired = "400 INVALID_REQUEST: codeValue has expired";
    assert_eq!(desk.refused("perform", &perform("never", &never)), expired);
    assert_eq!(desk.account("late"), Account::default());
}

#[test]
fn what_process_says_after_the_end_is_a_setting() {
    for (expired, said) in [
        (Expired::Expired, "F EXPIRED"),
        (Expired::Pending, "U PENDING"),
        (Expired::InvalidRequest, "F INVALID_REQUEST"),
    ] {
        let mut desk = Desk::new(Behaviour { expired, ..Behaviour::default() });
        desk.payable("p");
        assert_eq!(desk.process("p"), "U PENDING");
        desk.now_ms += 600_000;
        assert_eq!(desk.process("p"), said);
    }
}

#[test]
fn what_process_says_before_the_scan_is_a_setting() {
    let unscanned = Unscanned::InvalidRequest;
    let mut desk = Desk::new(Behaviour { unscanned, unknown_status: 404, ..Behaviour::default() });
    let code = desk.code("p");
    let unknown = "404 INVALID_REQUEST: Unknown externalId";
    assert_eq!(desk.refused("process", &json!({"externalId": "p"})), unknown);
    desk.ok("perform", &perform("p", &code));
    assert_eq!(desk.refused("process", &json!({"externalId": "p"})), unknown);
    assert_eq!(desk.refused("process", &json!({"externalId": "never"})), unknown);
    desk.bank.scan(desk.now_ms, &code).unwrap();
    assert_eq!(desk.process("p"), "U PENDING");
    let answer = desk.ok("perform", &perform("p", &code));
    assert_eq!(answer["status"], "PENDING");
}

#[test]
fn a_decline_and_a_cancel_are_final() {
    for (declined, said) in [(Declined::Failed, "F FAILED"), (Declined::Declined, "F DECLINED")] {
        let mut desk = Desk::new(Behaviour { declined, ..Behaviour::default() });
        let code = desk.payable("p-1");
        desk.payable("p-2");
        desk.bank.decline(desk.now_ms, "p-1").unwrap();
        desk.bank.cancel(desk.now_ms, "p-2").unwrap();
        assert_eq!(desk.process("p-1"), said);
        assert_eq!(desk.process("p-2"), "F CANCELLED");
        assert_eq!(desk.ok("confirm", &confirm("p-1", &code))["status"], "FAILED");
        for id in ["p-1", "p-2"] {
            assert_eq!(desk.bank.approve(desk.now_ms, id, None), Err(Refusal::Ended), "{id}");
            assert_eq!(desk.account(id), Account::default());
        }
        desk.now_ms += 600_000;
        assert_eq!(desk.process("p-2"), "F CANCELLED", "the end of the code changes nothing");
    }
}

#[test]
fn a_declined_code_may_be_payable_again() {
    let mut desk = Desk::new(Behaviour { declined_can_pay: true, ..Behaviour::default() });
    desk.payable("p");
    desk.bank.decline(desk.now_ms, "p").unwrap();
    assert_eq!(desk.process("p"), "F FAILED");
    assert_eq!(desk.bank.open_payments(desk.now_ms).len(), 1);
    desk.bank.approve(desk.now_ms, "p", None).unwrap();
    assert_eq!(desk.process("p"), "S SUCCESS");
    assert_eq!(desk.account("p").times, 1);
    assert_eq!(desk.bank.open_payments(desk.now_ms), []);
    assert_eq!(desk.bank.recent_payments(desk.now_ms).len(), 1);
}

#[test]
fn a_discount_lowers_what_is_paid_not_what_was_ordered() {
    for (discount, paid) in [
        (Discount::Minor(500), 12_000),
        (Discount::Percent(7), 11_625),
        (Discount::Minor(99_999), 1),
    ] {
        let mut desk = Desk::new(Behaviour { discount, ..Behaviour::default() });
        let code = desk.payable("p");
        desk.bank.approve(desk.now_ms, "p", None).unwrap();
        let answer = desk.ok("process", &json!({"externalId": "p"}));
        assert_eq!(answer["paymentAmount"], paid);
        assert_eq!(answer["withdrawalAmount"], paid);
        assert_eq!(answer["orderAmount"], 12_500);
        assert_eq!(desk.account("p").moved, Some(Money::new(paid, Currency::UZS)));
        let answer = desk.ok("confirm", &confirm("p", &code));
        assert_eq!(answer["paymentPromoInfo"]["discountAmount"], 12_500 - paid);
    }
}

#[test]
fn a_merchants_own_discount_is_in_the_terms() {
    let mut desk = Desk::usual();
    let code = desk.code("p");
    desk.ok("perform", &with(perform("p", &code), "paymentAmount", json!(12_000)));
    desk.bank.approve(desk.now_ms, "p", None).unwrap();
    let answer = desk.ok("process", &json!({"externalId": "p"}));
    assert_eq!(
        (&answer["paymentAmount"], &answer["orderAmount"]),
        (&json!(12_000), &json!(12_500))
    );
}

#[test]
fn across_currencies_the_customers_money_is_told_too() {
    let rate = "0.00057".parse().unwrap();
    let cross = Some(Cross { currency: Currency::CNY, rate });
    let mut desk = Desk::new(Behaviour { cross, ..Behaviour::default() });
    let code = desk.payable("p");
    desk.bank.approve(desk.now_ms, "p", None).unwrap();
    let answer = desk.ok("process", &json!({"externalId": "p"}));
    assert_eq!(
        (&answer["withdrawalAmount"], &answer["withdrawalCurrency"]),
        (&json!(7), &json!("CNY"))
    );
    assert_eq!(
        (&answer["paymentAmount"], &answer["paymentCurrency"]),
        (&json!(12_500), &json!("UZS"))
    );
    assert_eq!(desk.ok("confirm", &confirm("p", &code))["rate"], "0.00057");
    // Who pays in the merchant's currency has no rate.
    let cross = Some(Cross { currency: Currency::UZS, rate });
    let mut desk = Desk::new(Behaviour { cross, ..Behaviour::default() });
    let code = desk.payable("p");
    desk.bank.approve(desk.now_ms, "p", None).unwrap();
    assert_eq!(desk.ok("confirm", &confirm("p", &code)).get("rate"), None);
    assert_eq!(desk.ok("process", &json!({"externalId": "p"}))["withdrawalAmount"], 12_500);
}

#[test]
fn the_action_of_an_order_code_is_a_setting() {
    for (order_action, action, payload, redirect) in [
        (Action::None, None, false, false),
        (Action::Sdk, Some("HANDLE_BY_SDK"), true, false),
        (Action::Psp, Some("HANDLE_BY_PSP"), false, false),
        (Action::PspRedirect, Some("HANDLE_BY_PSP"), false, true),
    ] {
        let mut desk = Desk::new(Behaviour { order_action, ..Behaviour::default() });
        let code = desk.code("p 1/ü");
        let answer = desk.ok("perform", &perform("p 1/ü", &code));
        assert_eq!(answer.get("actionType").and_then(Value::as_str), action);
        assert_eq!(answer.get("sdkActionPayload").is_some(), payload);
        let url = redirect.then_some("https://wallet.till-sandbox.invalid/w/p%201%2F%C3%BC");
        assert_eq!(answer.get("redirectUrl").and_then(Value::as_str), url);
        let again = desk.ok("perform", &perform("p 1/ü", &code));
        assert_eq!(answer, again, "the same payload");
        desk.bank.approve(desk.now_ms, &code, None).unwrap();
        let after = desk.ok("perform", &perform("p 1/ü", &code));
        for key in ["actionType", "sdkActionPayload", "redirectUrl"] {
            assert_eq!(after.get(key), None, "nothing is left to do");
        }
    }
}

#[test]
fn an_order_without_an_amount_takes_the_customers() {
    let mut desk = Desk::usual();
    let code = desk.code("p");
    let answer = desk.ok("perform", &confirm("p", &code));
    assert_eq!(answer.get("paymentAmount"), None);
    assert_eq!(desk.bank.approve(desk.now_ms, "p", None), Err(Refusal::AmountNeeded));
    let entered = Some(Entered { amount: 700, currency: None });
    assert_eq!(desk.bank.approve(desk.now_ms, "p", entered), Ok(Money::new(700, Currency::UZS)));
    assert_eq!(desk.ok("process", &json!({"externalId": "p"}))["orderAmount"], 700);
}

#[test]
fn the_amount_of_an_order_is_fixed() {
    let mut desk = Desk::usual();
    desk.payable("p");
    let entered = |amount| Some(Entered { amount, currency: Some(Currency::UZS) });
    assert_eq!(desk.bank.approve(desk.now_ms, "p", entered(1)), Err(Refusal::AmountFixed));
    assert_eq!(desk.account("p"), Account::default());
    assert!(desk.bank.approve(desk.now_ms, "p", entered(12_500)).is_ok());
}

#[test]
fn confirm_asks_for_the_own_code_of_a_known_payment() {
    let mut desk = Desk::usual();
    let code = desk.code("p");
    let unknown = "200 INVALID_REQUEST: Unknown externalId";
    assert_eq!(desk.refused("confirm", &confirm("p", &code)), unknown, "perform did not come");
    assert_eq!(desk.refused("confirm", &confirm("never", &code)), unknown);
    desk.ok("perform", &perform("p", &code));
    assert_eq!(desk.ok("confirm", &confirm("p", &code))["status"], "PENDING");
    let other = "400 INVALID_REQUEST: codeValue belongs to another operation";
    assert_eq!(desk.refused("confirm", &confirm("p", "qr://other")), other);
}
