//! get-qr-code.

use super::*;
use crate::octo::Repeated;

#[test]
fn the_answer_is_that_of_the_document() {
    let behaviour =
        Behaviour { code_prefix: "qr://encoded-data/".to_owned(), ..Behaviour::default() };
    let mut desk = Desk::new(behaviour);
    let mut answer = desk.ok("get-qr-code", &qr("p"));
    let code = answer["paymentCodeInfoList"][0]["paymentCode"].take();
    assert!(code.as_str().unwrap().starts_with("qr://encoded-data/"), "{code}");
    let expected = json!({
        "result": {
            "resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "QR code generated"
        },
        "paymentCodeInfoList": [{
            "paymentCode": null,
            "codeValidityStartTime": "2025-05-16T10:09:47.565Z",
            "codeExpiryTime": "2025-05-16T10:19:47.565Z"
        }]
    });
    assert_eq!(answer, expected);
}

#[test]
fn a_repetition_gives_the_same_codes() {
    let mut desk = Desk::usual();
    let first = desk.ok("get-qr-code", &with(qr("p"), "codeQuantity", json!(3)));
    assert_eq!(first["paymentCodeInfoList"].as_array().unwrap().len(), 3);
    let codes: std::collections::BTreeSet<_> = (0..3)
        .map(|place| first["paymentCodeInfoList"][place]["paymentCode"].to_string())
        .collect();
    assert_eq!(codes.len(), 3, "they differ");
    desk.now_ms += 700_000;
    let second = desk.ok("get-qr-code", &with(qr("p"), "codeQuantity", json!(3)));
    assert_eq!(first, second, "even after their end");
    assert_eq!(
        desk.refused("get-qr-code", &qr("p")),
        "400 INVALID_REQUEST: externalId was used with other parameters: p"
    );
}

#[test]
fn a_repetition_may_be_an_error() {
    let mut desk = Desk::new(Behaviour { repeated: Repeated::Exists, ..Behaviour::default() });
    desk.code("p");
    let exists = "400 ALREADY_EXISTS: externalId already exists: p";
    assert_eq!(desk.refused("get-qr-code", &qr("p")), exists);
    assert_eq!(desk.process("p"), "U PENDING", "it exists all the same");
}

#[test]
fn the_books_can_be_closed_and_opened() {
    let mut desk = Desk::usual();
    desk.paid("p-1");
    desk.payable("p-2");
    let code = desk.code("p-3");
    desk.ok("refund", &refund("r-1", "p-1", 500));
    let text = serde_json::to_string(&desk.bank).unwrap();
    desk.bank = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&desk.bank).unwrap(), text);
    assert_eq!(desk.process("p-1"), "S SUCCESS");
    assert_eq!(desk.account("p-1").refunded, 500);
    assert_eq!(desk.process("r-1"), "S SUCCESS");
    desk.bank.approve(desk.now_ms, "p-2", None).unwrap();
    desk.ok("perform", &perform("p-3", &code));
}
