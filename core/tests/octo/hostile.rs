//! Random answers: nothing panics, and nothing but what was asked for is ever paid.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use till_core::operation::{Ask, HandOver, Verdict};

use super::support::*;

/// Gives every kind of call with an answer that makes it a success, and what is then paid.
fn successes() -> Vec<(Bench, String)> {
    let figures = r#""orderAmount":12500,"orderCurrency":"UZS","paymentAmount":12500,
        "paymentCurrency":"UZS","withdrawalAmount":700,"withdrawalCurrency":"CNY""#;
    let id = format!(r#""externalId":"{EXTERNAL_ID}""#);
    let process = result("S", "SUCCESS", &format!("{figures},{id}"));
    let perform = format!(r#"{{"status":"SUCCESS",{figures},{id}}}"#);
    let refunded = format!(
        r#"{{{id},"refundAmount":5000,"refundCurrency":"UZS","refundFromAmount":12500,
            "refundFromCurrency":"UZS","resultCode":"SUCCESS","resultStatus":"S",
            "resultMessage":"Refund initiated"}}"#
    );
    let payment = process.replace(EXTERNAL_ID, PAYMENT_ID);
    vec![
        (order_code(Ask::Poll), process.clone()),
        (order_code(Ask::Create), perform),
        (entry_code(Ask::Inquire), process.clone()),
        (refund(Ask::Create), refunded),
        (refund(Ask::Inquire), process),
        (refund(Ask::Payment), payment),
    ]
}

/// Gives calls whose answers are not about paid money.
fn others() -> Vec<(Bench, String)> {
    let code = format!(
        r#""paymentCodeInfoList":[{{"paymentCode":"{QR}",
            "codeValidityStartTime":"2025-05-16T10:09:47.565Z",
            "codeExpiryTime":"2025-05-16T10:19:47.565Z"}}]"#
    );
    let open = r#"{"status":"CREATED","actionType":"HANDLE_BY_SDK","sdkActionPayload":{"a":[1]},
        "redirectUrl":"http://a.example/b","userAgent":"ua","acDecodeConfig":{"forceHttps":true}}"#;
    vec![
        (new_pay(), result("S", "SUCCESS", &code)),
        (entry_code(Ask::Create), open.to_owned()),
        (entry_code(Ask::Poll), open.replace("HANDLE_BY_SDK", "HANDLE_BY_PSP")),
        (order_code(Ask::Create), open.to_owned()),
    ]
}

fn calls() -> Vec<(Bench, String)> {
    [successes(), others()].concat()
}

/// Judges a verdict without the rail's own code: whoever is told that money moved may believe it.
#[track_caller]
fn assert_safe(bench: &Bench, body: &[u8], verdict: &Verdict) {
    if let Verdict::Open(Some(HandOver::Url { url, .. })) = verdict {
        assert!(url.to_ascii_lowercase().starts_with("https://"), "{url}");
    }
    let Verdict::Paid(receipt) = verdict else { return };
    let read: Value = serde_json::from_slice(body).expect("only JSON is a success");
    let asked = bench.order.amount;
    let payment = bench.order.payment();
    let about_payment = bench.ask == Ask::Payment;
    // What was paid.
    match payment {
        Some(payment) if about_payment => assert_eq!(receipt.paid, payment.paid),
        Some(_) => assert_eq!(receipt.paid, asked),
        None if bench.order.code_value().is_some() => assert_eq!(receipt.paid, asked),
        None => {
            assert_eq!(receipt.paid.currency, asked.currency);
            assert!(receipt.paid.minor > 0 && receipt.paid.minor <= asked.minor, "{receipt:?}");
        }
    }
    // Whose it is.
    let own = if about_payment { PAYMENT_ID } else { EXTERNAL_ID };
    let id = &read["externalId"];
    assert!(id.is_null() || id == own, "{id}");
    // What was ordered.
    let ordered = payment.map_or(asked, |payment| payment.ordered);
    let order = &read["orderAmount"];
    let text = json!(ordered.minor.to_string());
    assert!(order.is_null() || *order == json!(ordered.minor) || *order == text, "{order}");
    let currency = &read["orderCurrency"];
    assert!(currency.is_null() || currency == ordered.currency.code(), "{currency}");
    // That it is a success at all.
    let nested = &read["result"]["resultStatus"];
    let flat = &read["resultStatus"];
    let status = &read["status"];
    let performed = bench.call_name() == "perform" && status == "SUCCESS";
    assert!(nested == "S" || flat == "S" || performed, "{read}");
    assert!(nested != "F" && flat != "F" && status != "FAILED", "{read}");
}

fn reads(bench: &Bench, body: &[u8]) {
    assert_safe(bench, body, &bench.reads_bytes(200, body));
}

/// Gives values that a field may come with.
fn value() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "S",
        "F",
        "U",
        "SUCCESS",
        "FAILED",
        "REFUND",
        "PENDING",
        "CREATED",
        "CANCELLED",
        "UZS",
        "USD",
        "uzs",
        "JPY",
        "12500",
        "12499",
        "12501",
        "0",
        "-1",
        "OTHER",
        EXTERNAL_ID,
        PAYMENT_ID,
        "HANDLE_BY_SDK",
        "javascript:alert(1)",
        "http://a.example",
        "https://u@a.example",
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(texts.to_vec()).prop_map(Value::from),
        select(vec![0_u64, 1, 4_999, 5_000, 5_001, 12_499, 12_500, 12_501, u64::MAX])
            .prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({ "resultStatus": "S", "resultCode": "SUCCESS" })),
        Just(json!({ "resultStatus": "F", "resultCode": "FAILED" })),
    ]
}

/// Gives names that a field may be added under.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "result",
        "resultCode",
        "resultStatus",
        "resultMessage",
        "status",
        "operationStatus",
        "externalId",
        "orderAmount",
        "orderCurrency",
        "paymentAmount",
        "paymentCurrency",
        "withdrawalAmount",
        "withdrawalCurrency",
        "refundAmount",
        "refundCurrency",
        "refundFromAmount",
        "refundFromCurrency",
        "ExternalId",
        "redirectUrl",
        "actionType",
    ];
    prop_oneof![select(known.to_vec()).prop_map(str::to_owned), "[a-zA-Z]{1,10}"]
}

#[derive(Clone, Debug)]
enum Change {
    Set(Index, Value),
    Add(String, Value),
    Remove(Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), value()).prop_map(|(at, value)| Change::Set(at, value)),
        (name(), value()).prop_map(|(name, value)| Change::Add(name, value)),
        any::<Index>().prop_map(Change::Remove),
    ]
}

fn changed(body: &str, changes: &[Change]) -> String {
    let mut read: Value = serde_json::from_str(body).unwrap();
    let fields = read.as_object_mut().unwrap();
    for change in changes {
        let names: Vec<String> = fields.keys().cloned().collect();
        match change {
            Change::Set(at, value) if !names.is_empty() => {
                fields.insert(at.get(&names).clone(), value.clone());
            }
            Change::Remove(at) if !names.is_empty() => {
                fields.remove(at.get(&names));
            }
            Change::Add(name, value) => {
                fields.insert(name.clone(), value.clone());
            }
            Change::Set(..) | Change::Remove(_) => {}
        }
    }
    read.to_string()
}

#[test]
fn the_answers_that_are_mutated_are_successes() {
    for (bench, body) in successes() {
        let verdict = bench.reads(&body);
        assert!(matches!(verdict, Verdict::Paid(_)), "{bench:?} {verdict:?}");
        assert_safe(&bench, body.as_bytes(), &verdict);
    }
    for (bench, body) in others() {
        let verdict = bench.reads(&body);
        let well = matches!(verdict, Verdict::CodeIssued(_) | Verdict::Open(Some(_)));
        assert!(well, "{bench:?} {verdict:?}");
    }
}

#[test]
fn every_truncation_is_no_answer() {
    for (bench, body) in calls() {
        for length in 0..body.len() {
            let verdict = bench.reads(&body[..length]);
            assert!(unanswered(true, &verdict), "{} {verdict:?}", &body[..length]);
        }
    }
}

#[test]
fn deep_nesting_is_no_answer_or_no_matter() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for (bench, body) in calls() {
        reads(&bench, deep.as_bytes());
        let inside = format!("{},\"merchant\":{deep}}}", &body[..body.len() - 1]);
        assert_eq!(bench.reads(&inside), bench.reads(&body));
        let known = format!("{{\"orderAmount\":{deep},\"sdkActionPayload\":{deep}}}");
        reads(&bench, known.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn changed_fields_never_pay_another_sum(
        (bench, body) in select(calls()),
        changes in vec(change(), 1..5),
    ) {
        reads(&bench, changed(&body, &changes).as_bytes());
    }

    #[test]
    fn changed_bytes_never_pay_another_sum(
        (bench, body) in select(calls()),
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = body.into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        reads(&bench, &bytes);
    }

    #[test]
    fn changed_digits_never_pay_another_sum(
        (bench, body) in select(successes()),
        at in any::<Index>(),
        digit in 0_u8..10,
    ) {
        let is_digit = |at: &usize| body.as_bytes()[*at].is_ascii_digit();
        let digits: Vec<usize> = (0..body.len()).filter(is_digit).collect();
        let mut bytes = body.into_bytes();
        bytes[*at.get(&digits)] = b'0' + digit;
        reads(&bench, &bytes);
    }

    #[test]
    fn no_bytes_make_it_panic((bench, _) in select(calls()), status in 0_u16..1000, body: Vec<u8>) {
        let verdict = bench.reads_bytes(status, &body);
        prop_assert!(!is_final(&verdict), "{:?}", verdict);
    }
}
