//! Callbacks: length, then signature, before all else; then only whom to wake and what to show.

use std::time::{Duration, Instant};

use till_core::id::ExternalId;
use till_core::operation::{Ask, CodeForm, HandOver, Verdict};
use till_core::rail::ecommpay::{Callback, CallbackError, Ecommpay, Json, signature};

use super::support::*;

/// Signs a callback with the project's key.
pub(crate) fn signed(body: &str) -> Vec<u8> {
    let Some(Json::Object(mut members)) = Json::parse(body.as_bytes()) else { panic!("{body}") };
    let made = signature::sign(&Json::Object(members.clone()), &secret()).unwrap();
    members.push(("signature".to_owned(), Json::Text(made)));
    Json::Object(members).to_bytes()
}

/// Signs as the platform does, semicolons and all.
fn by_platform(body: &str) -> Vec<u8> {
    let Some(Json::Object(mut members)) = Json::parse(body.as_bytes()) else { panic!("{body}") };
    let params = Json::Object(members.clone());
    let line = signature::line(&params, signature::Order::Natural, signature::Numbers::Written);
    members.push(("signature".to_owned(), Json::Text(hmac(&line, &secret()))));
    Json::Object(members).to_bytes()
}

fn reads(body: &str) -> Result<Callback, CallbackError> {
    gate(Ask::Poll).rail().read_callback(&signed(body))
}

fn body(more: &str) -> String {
    format!(
        r#"{{"project_id":201,"payment":{{"id":"{PAYMENT_ID}","status":"awaiting redirect result",
            "sum":{{"amount":1000,"currency":"CNY"}}}}{more}}}"#
    )
}

#[test]
fn a_callback_names_whom_to_wake_and_proves_nothing() {
    let paid = body("").replace("awaiting redirect result", "success");
    let expected =
        Callback { payment_id: ExternalId::new(PAYMENT_ID), refund_id: None, prescription: None };
    assert_eq!(reads(&paid), Ok(expected));
}

#[test]
fn a_refunds_callback_names_the_refund() {
    let more = format!(r#","operation":{{"type":"refund","merchant_refund_id":"{REFUND_ID}"}}"#);
    let callback = reads(&body(&more)).unwrap();
    assert_eq!(callback.refund_id, Some(ExternalId::new(REFUND_ID)));
}

#[test]
fn its_length_is_judged_first() {
    let bench = gate(Ask::Poll);
    let rail = bench.rail();
    let long = vec![b' '; Ecommpay::CALLBACK_MAX + 1];
    assert_eq!(rail.read_callback(&long), Err(CallbackError::TooLong));
    assert_eq!(CallbackError::TooLong.http_status(), 400);
    let most = vec![b' '; Ecommpay::CALLBACK_MAX];
    assert_eq!(rail.read_callback(&most), Err(CallbackError::BadSignature));
}

/// Anybody may send one: what is made to cost time is refused before it does.
#[test]
#[expect(clippy::disallowed_methods, reason = "measures how long the reading takes")]
fn a_callback_that_is_made_to_cost_time_is_refused_in_no_time() {
    let long = "n".repeat(100_000);
    let many = |one: &str, count: usize| vec![one; count].join(",");
    let names: Vec<String> = (0..4_000).map(|n| format!("\"{}{n}\":1.0", "n".repeat(50))).collect();
    let deep = format!("{}\"{long}{long}\"{}", "[".repeat(30), "]".repeat(30));
    for body in [
        format!("\"{long}\":[{}]", many("1.0", 4_000)),
        format!("\"{long}\":[{}]", many("[]", 4_000)),
        format!("\"{long}\":[{}]", many("{}", 4_000)),
        format!("\"a\":[{}]", many("0", 120_000)),
        format!("\"a\":[{}]", many("[]", 80_000)),
        format!("\"a\":{deep}"),
        names.join(","),
    ] {
        let body = format!(r#"{{"signature":"AAAA",{body}}}"#);
        assert!(body.len() <= Ecommpay::CALLBACK_MAX);
        let bench = gate(Ask::Poll);
        let (rail, began) = (bench.rail(), Instant::now());
        let read = rail.read_callback(body.as_bytes());
        assert_eq!(read, Err(CallbackError::BadSignature));
        // Unoptimized, and on a busy machine.
        let took = began.elapsed();
        assert!(took < Duration::from_millis(700), "{took:?} for {}", &body[..40]);
    }
    // Even with the right signature.
    let wide = body(&format!(r#","more":[{}]"#, many("0", 4_100)));
    assert_eq!(reads(&wide), Err(CallbackError::BadSignature));
}

#[test]
fn a_bad_signature_is_400_and_nothing_else_is_read() {
    let good = String::from_utf8(signed(&body(""))).unwrap();
    for bad in [
        good.replace("CNY", "USD"),
        good.replace("\"project_id\":201", "\"project_id\":202"),
        good.replace("signature", "signatures"),
        body(""),
        good[..good.len() - 1].to_owned(),
        String::new(),
        "[]".to_owned(),
        "{}".to_owned(),
        good.replacen('{', r#"{"project_id":201,"#, 1),
    ] {
        let read = gate(Ask::Poll).rail().read_callback(bad.as_bytes());
        assert_eq!(read, Err(CallbackError::BadSignature), "{bad}");
    }
    assert_eq!(CallbackError::BadSignature.http_status(), 400);
}

#[test]
fn an_unknown_payment_is_404() {
    for other in [
        r#"{"project_id":201,"customer":{"id":"1"}}"#,
        r#"{"project_id":201,"payment":{"status":"success"}}"#,
        r#"{"project_id":202,"payment":{"id":"A"}}"#,
        r#"{"project_id":null,"payment":{"id":"A"}}"#,
    ] {
        assert_eq!(reads(other), Err(CallbackError::NoPayment), "{other}");
    }
    assert_eq!(CallbackError::NoPayment.http_status(), 404);
    let numbers = r#"{"project_id":"201","payment":{"id":17}}"#;
    assert_eq!(reads(numbers).unwrap().payment_id.as_str(), "17");
}

#[test]
fn a_callback_brings_what_to_show() {
    let more = r#","display_data":[{"type":"qr_data","title":"QR code","data":"code"},
        {"type":"add_info","title":"QR Code Timeout","data":"600"}]"#;
    let Some(Verdict::CodeIssued(code)) = reads(&body(more)).unwrap().prescription else {
        panic!()
    };
    assert_eq!((&*code.value, code.form, code.life_ms), ("code", CodeForm::Text, 600_000));
}

#[test]
fn a_callback_brings_where_to_go() {
    let more = r#","redirect_data":{"method":"POST","body":{"sign":"x"},"encrypted":[],
        "url":"https://example.com/h5"}"#;
    let prescription = reads(&body(more)).unwrap().prescription;
    let fields = vec![("sign".to_owned(), "x".to_owned())];
    let form = HandOver::Form { url: "https://example.com/h5".to_owned(), fields };
    assert_eq!(prescription, Some(Verdict::Open(Some(form))));
}

#[test]
fn a_callback_brings_what_is_missing() {
    let more = r#","clarification_fields":{"customer":["zip"]}"#;
    let clarify = body(more).replace("awaiting redirect result", "awaiting clarification");
    let prescription = reads(&clarify).unwrap().prescription;
    assert!(matches!(prescription, Some(Verdict::Lacking(_))), "{prescription:?}");
}

#[test]
fn with_a_semicolon_in_it_a_callback_only_wakes() {
    // `a="x;b:y"` and `a="x",b="y"` have the same signature: what to show could be made up.
    let more = r#","description":"a;b","display_data":[{"type":"qr_data","data":"code"}]"#;
    let callback = by_platform(&body(more));
    let callback = gate(Ask::Poll).rail().read_callback(&callback).unwrap();
    assert_eq!(callback.payment_id.as_str(), PAYMENT_ID);
    assert_eq!(callback.prescription, None);
}
