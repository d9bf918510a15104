//! Money back.

use super::*;
use crate::money::{Currency, Money};
use crate::octo::{
    Cross, Discount, Entered, Movement, RefundAnswer, RefundLater, RefundMode, RefundSum, Refunded,
    Refusal, Repeated,
};

#[test]
fn a_refund_moves_the_money_back_once() {
    let mut desk = Desk::usual();
    desk.paid("p");
    desk.now_ms += 1000;
    let answer = desk.ok("refund", &refund("r", "p", 500));
    let expected = json!({
        "externalId": "r", "createdAt": "2025-05-16T10:09:48.565Z",
        "refundAmount": 500, "refundCurrency": "UZS",
        "refundFromAmount": 12_500, "refundFromCurrency": "UZS",
        "resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "Refund initiated"
    });
    assert_eq!(answer, expected);
    desk.now_ms += 1000;
    assert_eq!(desk.ok("refund", &refund("r", "p", 500)), expected, "the same answer");
    assert_eq!(desk.account("p").refunded, 500);
    assert_eq!(desk.account("r").times, 1);
    let movement = Movement::Refunded {
        external_id: "r".to_owned(),
        payment_external_id: "p".to_owned(),
        sum: Money::new(500, Currency::UZS),
        at_ms: NOW_MS + 1000,
    };
    assert_eq!(desk.bank.ledger().movements()[1..], [movement]);
    let other = "400 INVALID_REQUEST: externalId was used with other parameters: r";
    assert_eq!(desk.refused("refund", &refund("r", "p", 600)), other);
    assert_eq!(desk.refused("refund", &refund("p", "p", 500)), other.replace(": r", ": p"));
    assert_eq!(desk.refused("perform", &perform("r", STATIC)), other);
    assert_eq!(desk.refused("get-qr-code", &qr("r")), other);
}

#[test]
fn a_repeated_refund_may_be_an_error() {
    let mut desk = Desk::new(Behaviour { repeated: Repeated::Exists, ..Behaviour::default() });
    desk.paid("p");
    desk.ok("refund", &refund("r", "p", 500));
    let exists = "400 ALREADY_EXISTS: externalId already exists: r";
    assert_eq!(desk.refused("refund", &refund("r", "p", 500)), exists);
    assert_eq!(desk.account("p").refunded, 500);
}

#[test]
fn no_more_goes_back_than_was_paid() {
    let mut desk = Desk::usual();
    desk.paid("p");
    let exceeded = |sum, left| {
        format!(
            "200 REFUND_AMOUNT_EXCEEDED: Refund amount {sum} UZS exceeds the refundable amount \
             {left}"
        )
    };
    assert_eq!(desk.refused("refund", &refund("r-0", "p", 12_501)), exceeded(12_501, 12_500));
    desk.ok("refund", &refund("r-1", "p", 12_000));
    assert_eq!(desk.refused("refund", &refund("r-2", "p", 501)), exceeded(501, 500));
    assert_eq!(desk.process("p"), "S SUCCESS");
    // A refused refund left no trace: its id may be used again.
    desk.ok("refund", &refund("r-2", "p", 500));
    assert_eq!(desk.refused("refund", &refund("r-3", "p", 1)), exceeded(1, 0));
    assert_eq!(desk.account("p").refunded, 12_500);
    assert_eq!(desk.process("p"), "S REFUND");
    let behaviour = Behaviour { refusal_status: 400, ..Behaviour::default() };
    desk.bank.set_behaviour(behaviour);
    assert!(desk.refused("refund", &refund("r-3", "p", 1)).starts_with("400 "));
}

#[test]
fn a_refund_without_a_sum_takes_all_that_is_left() {
    let mut desk = Desk::usual();
    let code = desk.payable("p");
    desk.bank.approve(desk.now_ms, "p", None).unwrap();
    desk.ok("refund", &refund("r-1", "p", 500));
    let rest = without(refund("r-2", "p", 1), &["withdrawalAmount", "withdrawalCurrency"]);
    assert_eq!(desk.ok("refund", &rest)["refundAmount"], 12_000);
    assert_eq!(desk.ok("refund", &rest)["refundAmount"], 12_000, "repeated");
    assert_eq!(desk.ok("confirm", &confirm("p", &code))["status"], "REFUND");
    let zero = with(refund("r-3", "p", 1), "withdrawalAmount", json!(0));
    assert!(desk.refused("refund", &zero).contains("REFUND_AMOUNT_EXCEEDED"), "nothing is left");
}

#[test]
fn what_process_says_of_a_refunded_payment_is_a_setting() {
    let behaviour = Behaviour { refunded: Refunded::Success, ..Behaviour::default() };
    let mut desk = Desk::new(behaviour);
    desk.paid("p");
    desk.ok("refund", &refund("r", "p", 12_500));
    assert_eq!(desk.process("p"), "S SUCCESS");
}

#[test]
fn a_refund_needs_a_paid_payment_and_its_figures() {
    let mut desk = Desk::usual();
    let missing = "400 INVALID_REQUEST: Payment not found: order-p";
    assert_eq!(desk.refused("refund", &refund("r", "p", 500)), missing);
    desk.payable("p");
    let unpaid = "400 INVALID_REQUEST: Payment is not paid: order-p";
    assert_eq!(desk.refused("refund", &refund("r", "p", 500)), unpaid);
    desk.bank.approve(desk.now_ms, "p", None).unwrap();
    let differ = "400 INVALID_REQUEST: The amounts differ from those of the payment";
    for (key, value) in [
        ("orderAmount", json!(12_400)),
        ("orderCurrency", json!("USD")),
        ("paymentAmount", json!(12_400)),
        ("paymentCurrency", json!("USD")),
    ] {
        assert_eq!(desk.refused("refund", &with(refund("r", "p", 500), key, value)), differ);
    }
    let currency = "400 INVALID_REQUEST: The refund must be in the payment's currency, UZS";
    let dollars = with(refund("r", "p", 500), "withdrawalCurrency", json!("USD"));
    assert_eq!(desk.refused("refund", &dollars), currency);
    for optional in [["orderAmount"], ["paymentAmount"]] {
        let id = format!("r-{}", optional[0]);
        desk.ok("refund", &without(refund(&id, "p", 500), &optional));
    }
    assert_eq!(desk.account("p").refunded, 1000);
}

#[test]
fn payments_of_one_order_are_told_apart_by_their_figures() {
    let mut desk = Desk::usual();
    for (id, amount) in [("p-1", 12_500), ("p-2", 900)] {
        let mut body = perform(id, STATIC);
        body["referenceOrderId"] = json!("order-p");
        body["orderAmount"] = json!(amount);
        body["paymentAmount"] = json!(amount);
        desk.ok("perform", &body);
        desk.bank.approve(desk.now_ms, id, None).unwrap();
    }
    let mut body = refund("r", "p", 900);
    body["orderAmount"] = json!(900);
    body["paymentAmount"] = json!(900);
    desk.ok("refund", &body);
    assert_eq!((desk.account("p-1").refunded, desk.account("p-2").refunded), (0, 900));
}

#[test]
fn a_discount_is_not_given_back() {
    let mut desk = Desk::new(Behaviour { discount: Discount::Minor(500), ..Behaviour::default() });
    desk.paid("p");
    let body = with(refund("r", "p", 12_001), "paymentAmount", json!(12_000));
    assert!(desk.refused("refund", &body).ends_with("exceeds the refundable amount 12000"));
    desk.ok("refund", &with(body, "withdrawalAmount", json!(12_000)));
    assert_eq!(desk.process("p"), "S REFUND");
}

#[test]
fn across_currencies_the_quote_is_told() {
    let rate = "1.10".parse().unwrap();
    let usd = Currency::new("USD").unwrap();
    let cross = Some(Cross { currency: usd, rate });
    let mut desk = Desk::new(Behaviour { cross, ..Behaviour::default() });
    desk.paid("p");
    let answer = desk.ok("refund", &refund("r", "p", 500));
    let expected = json!({
        "externalId": "r", "createdAt": "2025-05-16T10:09:47.565Z",
        "refundAmount": 550, "refundCurrency": "USD",
        "refundFromAmount": 500, "refundFromCurrency": "UZS",
        "refundQuoteCurrencyPair": "UZS/USD", "refundQuotePrice": "1.10",
        "resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "Refund initiated"
    });
    assert_eq!(answer, expected);
    assert_eq!(desk.account("p").refunded, 500, "in the payment's currency");
}

#[test]
fn the_sum_of_a_partial_refund_may_stand_elsewhere() {
    let refund_sum = RefundSum::Payment;
    let mut desk = Desk::new(Behaviour { refund_sum, ..Behaviour::default() });
    desk.paid("p");
    let body = with(refund("r", "p", 12_500), "paymentAmount", json!(700));
    assert_eq!(desk.ok("refund", &body)["refundAmount"], 700);
    assert_eq!(desk.account("p").refunded, 700);
}

#[test]
fn process_may_know_refunds_or_not() {
    let mut desk = Desk::usual();
    desk.paid("p");
    desk.ok("refund", &refund("r", "p", 500));
    let answer = desk.ok("process", &json!({"externalId": "r"}));
    let expected = json!({
        "result": {
            "resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "Operation completed"
        },
        "paymentAmount": 12_500, "paymentCurrency": "UZS",
        "withdrawalAmount": 500, "withdrawalCurrency": "UZS",
        "referenceOrderId": "order-p", "orderAmount": 12_500, "orderCurrency": "UZS",
        "externalId": "r"
    });
    assert_eq!(answer, expected);
    desk.bank.set_behaviour(Behaviour { refund_inquiry: false, ..Behaviour::default() });
    assert_eq!(desk.process("r"), "F INVALID_REQUEST");
}

#[test]
fn a_refund_can_end_later_by_time() {
    for (answer, fails, said, ended, refunded) in [
        (RefundAnswer::Success, false, "S", "S SUCCESS", 500),
        (RefundAnswer::Pending, false, "U", "S SUCCESS", 500),
        (RefundAnswer::Success, true, "S", "F FAILED", 0),
        (RefundAnswer::Pending, true, "U", "F FAILED", 0),
    ] {
        let later = RefundLater { answer, after_ms: Some(5000), fails };
        let behaviour = Behaviour { refund: RefundMode::Later(later), ..Behaviour::default() };
        let mut desk = Desk::new(behaviour);
        desk.paid("p");
        assert_eq!(desk.ok("refund", &refund("r", "p", 500))["resultStatus"], said);
        assert_eq!(desk.process("r"), "U PENDING");
        assert_eq!(desk.account("p").refunded, 0);
        // What is under way is not given away twice.
        let more = desk.refused("refund", &refund("r-2", "p", 12_001));
        assert!(more.ends_with("exceeds the refundable amount 12000"), "{more}");
        desk.now_ms += 4999;
        assert_eq!(desk.process("r"), "U PENDING");
        desk.now_ms += 2;
        assert_eq!(desk.process("r"), ended);
        assert_eq!(desk.account("p").refunded, refunded);
        let again = desk.call("refund", &refund("r", "p", 500)).1;
        assert_eq!(again["resultStatus"], if fails { "F" } else { "S" });
        assert_eq!(desk.account("r").times, u32::from(!fails));
        // After a failure the money can be given back by another refund.
        desk.ok("refund", &refund("r-3", "p", 12_500 - refunded));
    }
}

#[test]
fn a_refund_can_end_later_on_command() {
    let later = RefundLater { answer: RefundAnswer::Pending, after_ms: None, fails: false };
    let behaviour = Behaviour { refund: RefundMode::Later(later), ..Behaviour::default() };
    let mut desk = Desk::new(behaviour);
    desk.paid("p");
    desk.ok("refund", &refund("r-1", "p", 500));
    desk.ok("refund", &refund("r-2", "p", 500));
    desk.now_ms += 1_000_000;
    desk.renew_token();
    assert_eq!(desk.process("r-1"), "U PENDING");
    desk.bank.finish_refund(desk.now_ms, "r-1", true).unwrap();
    desk.bank.finish_refund(desk.now_ms, "r-2", false).unwrap();
    assert_eq!(desk.bank.finish_refund(desk.now_ms, "r-1", true), Err(Refusal::Ended));
    assert_eq!(desk.bank.finish_refund(desk.now_ms, "r-9", true), Err(Refusal::Unknown));
    assert_eq!((desk.process("r-1"), desk.process("r-2")), ("S SUCCESS".into(), "F FAILED".into()));
    assert_eq!(desk.account("p").refunded, 500);
}

#[test]
fn a_refund_can_fail_at_once() {
    let mut desk = Desk::new(Behaviour { refund: RefundMode::Fails, ..Behaviour::default() });
    desk.paid("p");
    for _ in 0..2 {
        let failed = desk.refused("refund", &refund("r", "p", 500));
        assert_eq!(failed, "200 REFUND_FAILED: Refund failed");
    }
    assert_eq!(desk.process("r"), "F FAILED");
    assert_eq!(desk.account("p").refunded, 0);
}

#[test]
fn a_refund_of_an_entry_code_is_of_what_was_entered() {
    let mut desk = Desk::usual();
    desk.ok("perform", &perform("p", STATIC));
    let entered = Some(Entered { amount: 700, currency: None });
    desk.bank.approve(desk.now_ms, "p", entered).unwrap();
    let differ = "400 INVALID_REQUEST: The amounts differ from those of the payment";
    assert_eq!(desk.refused("refund", &refund("r", "p", 700)), differ);
    desk.ok("refund", &with(refund("r", "p", 700), "paymentAmount", json!(700)));
    assert_eq!(desk.process("p"), "S REFUND");
}
