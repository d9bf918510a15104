//! Who may call, and what is not even read.

use serde_json::{Value, json};

use super::super::Behaviour;
use super::{Desk, SALE, STATUS, sale};

/// Sends bytes and returns HTTP status, number and message.
fn raw(desk: &mut Desk, path: &str, body: &[u8]) -> (u16, String, String) {
    let answer = desk.post(path, body);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["status"], "error");
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (answer.status, text("code"), text("message"))
}

#[test]
fn malformed_requests_get_2003_and_make_nothing() {
    let mut desk = Desk::usual();
    let deep = "[".repeat(100_000);
    for body in ["", "null", "[]", "{", "{\"general\":", "\u{feff}{}", "12", &deep] {
        let (http, code, _) = raw(&mut desk, SALE, body.as_bytes());
        assert_eq!((http, code.as_str()), (400, "2003"), "{:.20}", body);
    }
    assert_eq!(raw(&mut desk, SALE, b"\xff\xfe{}").1, "2003");
    assert_eq!(desk.platform.revision(), 0);
}

#[test]
fn the_project_and_the_signature_come_first() {
    let mut desk = Desk::usual();
    let mut request = sale("p-1", 1_000);
    let send = |desk: &mut Desk, request: &Value| {
        let (http, code, message) = raw(desk, SALE, request.to_string().as_bytes());
        assert_eq!(http, 400);
        (code, message)
    };
    assert_eq!(send(&mut desk, &request), ("3262".to_owned(), "Empty signature".to_owned()));
    request["general"]["signature"] = json!("");
    assert_eq!(send(&mut desk, &request).0, "3262");
    request["general"]["signature"] = json!("AAAA");
    assert_eq!(send(&mut desk, &request), ("3261".to_owned(), "Invalid signature".to_owned()));
    request["general"]["signature"] = json!(["AAAA"]);
    assert_eq!(send(&mut desk, &request).0, "3261");
    request["general"]["project_id"] = json!(202);
    assert_eq!(send(&mut desk, &request).0, "2442");
    request["general"] = json!("general");
    assert_eq!(send(&mut desk, &request).0, "2004");
    assert_eq!(desk.platform.revision(), 0, "nothing was made");
}

#[test]
fn a_changed_sum_breaks_the_signature() {
    let mut desk = Desk::usual();
    let mut request = sale("p-1", 1_000);
    let signature = super::signature::sign(&request, "ecommpay-sandbox-key");
    request["general"]["signature"] = json!(signature);
    request["payment"]["amount"] = json!(1_001);
    let (_, code, _) = raw(&mut desk, SALE, request.to_string().as_bytes());
    assert_eq!(code, "3261");
}

#[test]
fn a_bad_payment_id_is_3024() {
    let mut desk = Desk::usual();
    let long = "x".repeat(256);
    for id in [json!(""), json!(7), json!(" x"), json!("a\nb"), json!(long), json!({})] {
        let mut request = sale("p", 1_000);
        request["general"]["payment_id"] = id.clone();
        assert_eq!(desk.refused(SALE, &request), "3024", "{id}");
    }
}

#[test]
fn another_method_is_2541_and_another_path_is_none() {
    let mut desk = Desk::usual();
    let wallet = "/v2/payment/wallet/qiwi/sale";
    assert_eq!(desk.refused(wallet, &sale("p-1", 1_000)), "2541");
    for path in ["/v2/payment/wallet/alipay/payout", "/v2/payment", "/v2/payment/status/"] {
        assert_eq!(desk.post(path, b"{}").status, 404, "{path}");
    }
}

#[test]
fn an_unlisted_address_gets_the_front_ends_page() {
    let mut desk = Desk::new(Behaviour {
        allowed_peers: vec!["192.0.2.9".parse().unwrap()],
        ..Behaviour::default()
    });
    let answer = desk.post(STATUS, b"{}");
    assert_eq!((answer.status, answer.content_type), (403, "text/html"));
}

#[test]
fn codes_can_be_numbers() {
    let mut desk = Desk::new(Behaviour { numeric_codes: true, ..Behaviour::default() });
    assert_eq!(desk.status("nobody")["code"], json!(3061));
}

#[test]
fn the_status_is_asked_by_either_name() {
    let mut desk = Desk::usual();
    let request = desk.accepted(SALE, &sale("p-1", 1_000));
    let by_request = json!({ "general": { "project_id": 201, "request_id": request } });
    assert_eq!(desk.refused(STATUS, &by_request), "3061", "10 s have to pass");
    desk.later(10_000);
    assert_eq!(desk.call(STATUS, &by_request)["payment"]["id"], "p-1");
    assert_eq!(desk.refused(STATUS, &json!({ "general": { "project_id": 201 } })), "2004");
    assert_eq!(desk.status("p-2")["code"], "3061");
}
