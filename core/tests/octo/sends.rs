//! What we send, compared word for word with the field names of the bank's document.

use serde_json::{Value, json};
use till_core::http::Method;
use till_core::operation::Ask;
use till_core::rail::octo::{RefundSum, TerminalType};

use super::support::*;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[track_caller]
fn assert_sends(bench: &Bench, path: &str, body: &Value) {
    let request = bench.request();
    assert_eq!(request.method, Method::Post);
    assert_eq!(request.path, path);
    assert_eq!(request.content_type, "application/json");
    assert_eq!(request.authorization.as_deref(), Some("Bearer TestToken"));
    assert_eq!(request.time_limit_ms, 8_000);
    assert_eq!(object(&request.body), *body);
}

#[test]
fn get_qr_code_has_the_fields_of_section_4_5() {
    let mut body = json!({
        "region": "UZ",
        "codeQuantity": 1,
        "userId": "208800000000000001",
        "externalId": EXTERNAL_ID,
        "env": {
            "deviceTokenId": "till-7f3a",
            "terminalType": "POS",
            "osType": "ANDROID",
            "cookieId": "5f3a52c0-1111-4d0b-9a53-3b0e3c1c4f10",
            "clientIp": "127.0.0.1",
            "userAgent": format!("till/{VERSION}"),
        },
    });
    assert_sends(&new_pay(), "/api/v1/get-qr-code", &body);
    let embedded = new_pay().set(|settings| {
        settings.terminal_type = TerminalType::App;
        settings.client_ip = "192.168.0.10".parse().unwrap();
        settings.user_agent = "shop/2".to_owned();
        settings.qr_user_id = Some("cashier-1".to_owned());
    });
    body["env"]["terminalType"] = json!("APP");
    body["env"]["clientIp"] = json!("192.168.0.10");
    body["env"]["userAgent"] = json!("shop/2");
    body["userId"] = json!("cashier-1");
    assert_sends(&embedded, "/api/v1/get-qr-code", &body);
}

#[test]
fn perform_of_an_order_code_has_the_fields_of_section_4_2_and_no_withdrawal() {
    let mut body = json!({
        "externalId": EXTERNAL_ID,
        "codeValue": QR,
        "userId": "208800000000000001",
        "referenceOrderId": "5f3a52c0-1111-4d0b-9a53-3b0e3c1c4f10",
        "orderDescription": "Coffee",
        "orderAmount": 12500,
        "orderCurrency": "UZS",
        "paymentAmount": 12500,
        "paymentCurrency": "UZS",
    });
    assert_sends(&order_code(Ask::Create), "/api/v1/perform", &body);
    body["codeValue"] = json!(SCANNED);
    assert_sends(&entry_code(Ask::Create), "/api/v1/perform", &body);
}

#[test]
fn an_empty_purpose_is_not_sent() {
    let mut bench = order_code(Ask::Create);
    bench.order.kind = till_core::operation::Kind::Pay { purpose: String::new(), code_value: None };
    assert_eq!(object(&bench.request().body).get("orderDescription"), None);
}

#[test]
fn confirm_has_the_fields_of_section_4_3() {
    let body = json!({
        "externalId": EXTERNAL_ID,
        "codeValue": SCANNED,
        "userId": "208800000000000001",
    });
    assert_sends(&entry_code(Ask::Poll), "/api/v1/confirm", &body);
}

#[test]
fn process_has_the_field_of_section_4_4() {
    let body = json!({ "externalId": EXTERNAL_ID });
    for ask in [Ask::Poll, Ask::Inquire, Ask::Watch, Ask::Close] {
        assert_sends(&order_code(ask), "/api/v1/process", &body);
        assert_sends(&refund(ask), "/api/v1/process", &body);
    }
    for ask in [Ask::Inquire, Ask::Watch, Ask::Close] {
        assert_sends(&entry_code(ask), "/api/v1/process", &body);
    }
}

#[test]
fn process_about_a_refunds_payment_names_the_payment() {
    let body = json!({ "externalId": PAYMENT_ID });
    assert_sends(&refund(Ask::Payment), "/api/v1/process", &body);
}

#[test]
fn refund_has_the_fields_of_section_4_6_and_the_wish_as_withdrawal() {
    let bench = refund(Ask::Create).payment(|payment| payment.paid = uzs(12_000));
    let mut body = json!({
        "externalId": EXTERNAL_ID,
        "referenceOrderId": "0e9f3a52-74a1-4d0b-9a53-3b0e3c1c4f10",
        "orderAmount": 12500,
        "orderCurrency": "UZS",
        "paymentAmount": 12000,
        "paymentCurrency": "UZS",
        "withdrawalAmount": 5000,
        "withdrawalCurrency": "UZS",
    });
    assert_sends(&bench, "/api/v1/refund", &body);
    assert_sends(&bench.clone().repeated(), "/api/v1/refund", &body);

    let payment = bench.set(|settings| settings.refund_sum = RefundSum::Payment);
    body["paymentAmount"] = json!(5000);
    body.as_object_mut().unwrap().retain(|key, _| !key.starts_with("withdrawal"));
    assert_sends(&payment, "/api/v1/refund", &body);
}

#[test]
fn the_same_call_is_the_same_bytes() {
    for bench in [new_pay(), order_code(Ask::Create), refund(Ask::Create)] {
        assert_eq!(bench.request().body, bench.clone().repeated().request().body);
    }
}

#[test]
fn hostile_texts_stay_texts() {
    let mut bench = order_code(Ask::Create);
    let purpose = "\"},\"orderAmount\":1,\"x\":{\"\u{0}\u{202e}\\".to_owned();
    bench.order.kind =
        till_core::operation::Kind::Pay { purpose: purpose.clone(), code_value: None };
    let body = object(&bench.request().body);
    assert_eq!(body["orderDescription"], json!(purpose));
    assert_eq!(body["orderAmount"], json!(12500));
}

#[test]
fn neither_token_nor_body_is_printed() {
    let printed = format!("{:?}", order_code(Ask::Create).request());
    assert!(!printed.contains("TestToken") && !printed.contains("2088"), "{printed}");
}
