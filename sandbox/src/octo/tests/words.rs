//! Validation, word for word as the document has it.

use super::*;

fn missing(field: &str) -> String {
    format!("400 INVALID_REQUEST: Missing required field: {field}")
}

fn invalid(field: &str) -> String {
    format!("400 INVALID_REQUEST: Invalid value of field: {field}")
}

#[test]
fn a_missing_field_is_named() {
    let mut desk = Desk::usual();
    for (call, whole, fields) in [
        ("get-qr-code", qr("p"), &["region", "codeQuantity", "userId", "externalId", "env"][..]),
        ("perform", perform("p", STATIC), &["externalId", "codeValue", "userId"][..]),
        ("confirm", confirm("p", STATIC), &["externalId", "codeValue", "userId"][..]),
        ("process", json!({"externalId": "p"}), &["externalId"][..]),
        ("refund", refund("r", "p", 1), &["externalId", "referenceOrderId"][..]),
    ] {
        for field in fields {
            assert_eq!(desk.refused(call, &without(whole.clone(), &[field])), missing(field));
            for nothing in [json!(null), json!("")] {
                if *field == "env" && nothing != json!(null)
                    || *field == "codeQuantity" && nothing == json!("")
                {
                    continue;
                }
                let body = with(whole.clone(), field, nothing);
                assert_eq!(desk.refused(call, &body), missing(field), "{call}");
            }
        }
    }
    for field in ["terminalType", "osType", "cookieId", "clientIp", "userAgent"] {
        let mut body = qr("p");
        body["env"].as_object_mut().unwrap().remove(field);
        assert_eq!(desk.refused("get-qr-code", &body), missing(&format!("env.{field}")));
    }
    // What the document does not call required is not.
    let mut body = qr("p");
    body["env"].as_object_mut().unwrap().remove("deviceTokenId");
    desk.ok("get-qr-code", &body);
}

#[test]
fn an_amount_needs_its_currency() {
    let mut desk = Desk::usual();
    for (amount, currency) in [
        ("orderAmount", "orderCurrency"),
        ("paymentAmount", "paymentCurrency"),
        ("withdrawalAmount", "withdrawalCurrency"),
    ] {
        let body = with(confirm("p", STATIC), amount, json!(100));
        assert_eq!(desk.refused("perform", &body), missing(currency));
    }
    let both = without(refund("r", "p", 1), &["orderAmount", "paymentAmount"]);
    assert_eq!(desk.refused("refund", &both), missing("orderAmount"));
    let body = without(refund("r", "p", 1), &["orderAmount", "orderCurrency"]);
    assert_eq!(desk.refused("refund", &body), missing("orderCurrency"));
}

#[test]
fn a_wrong_value_is_named() {
    let mut desk = Desk::usual();
    for (call, whole, field, values) in [
        ("get-qr-code", qr("p"), "region", &[json!("uz"), json!("UZB"), json!(1)][..]),
        ("get-qr-code", qr("p"), "codeQuantity", &[json!(0), json!(101), json!("1"), json!(1.5)]),
        ("get-qr-code", qr("p"), "userId", &[json!(208), json!(["x"]), json!({"a": 1})]),
        ("get-qr-code", qr("p"), "env.terminalType", &[json!("pos"), json!("TV"), json!(true)]),
        ("get-qr-code", qr("p"), "env.osType", &[json!("LINUX"), json!("Android")]),
        ("perform", perform("p", STATIC), "externalId", &[json!(7), json!(true), json!([])]),
        ("perform", perform("p", STATIC), "orderAmount", &[json!(-1), json!(0), json!("12500")]),
        ("perform", perform("p", STATIC), "paymentAmount", &[json!(1.5), json!(1e30), json!([1])]),
        (
            "perform",
            perform("p", STATIC),
            "orderCurrency",
            &[json!("uzs"), json!("SUM1"), json!(860)],
        ),
        ("perform", perform("p", STATIC), "orderDescription", &[json!(1), json!({})]),
        ("refund", refund("r", "p", 1), "withdrawalAmount", &[json!(-1), json!("1")]),
    ] {
        for value in values {
            let body = with(whole.clone(), field, value.clone());
            assert_eq!(desk.refused(call, &body), invalid(field), "{value}");
        }
    }
}

#[test]
fn keys_are_case_sensitive_and_unknown_keys_ignored() {
    let mut desk = Desk::usual();
    let body = with(without(qr("p"), &["userId"]), "userID", json!(USER));
    assert_eq!(desk.refused("get-qr-code", &body), missing("userId"));
    desk.ok("get-qr-code", &with(qr("p"), "somethingElse", json!([1, {"deep": true}])));
}

#[test]
fn a_body_that_is_not_json_is_refused() {
    let mut desk = Desk::usual();
    for call in ["get-qr-code", "perform", "confirm", "process", "refund"] {
        for body in ["", "null", "[]", "\"\"", "{", "{\"externalId\":\"a\",\"externalId\":\"b\"}"] {
            let (status, answer) = desk.call_text(call, body);
            let result = if call == "refund" { &answer } else { &answer["result"] };
            assert_eq!(status, 400, "{call} {body}");
            assert_eq!(result["resultCode"], "INVALID_REQUEST");
            let message = result["resultMessage"].as_str().unwrap();
            let fits = message.starts_with("Malformed request body: ")
                || message.starts_with("Missing required field: ");
            assert!(fits, "{call} {body}: {message}");
        }
    }
}

#[test]
fn text_escapes_are_understood() {
    let mut desk = Desk::usual();
    desk.code("quote\"\u{1f600}");
    assert_eq!(desk.process("quote\"\u{1f600}"), "U PENDING");
    let (_, answer) = desk.call_text("process", "{\"externalId\":\"quote\\u0022\\ud83d\\ude00\"}");
    assert_eq!(answer["result"]["resultStatus"], "U");
}
