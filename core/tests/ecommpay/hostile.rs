//! Random answers and callbacks: nothing panics, and nothing but what was asked for is ever paid.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use till_core::operation::{Ask, CodeForm, HandOver, Verdict};
use till_core::rail::ecommpay::Json;

use super::callbacks::signed;
use super::support::*;

/// Gives every kind of inquiry with an answer that makes it a success.
fn successes() -> Vec<(Bench, String)> {
    let ours = format!(r#","code":"0","merchant_refund_id":"{REFUND_ID}""#);
    let refunded = with_operations(
        "partially refunded",
        &[operation("sale", "success", 1_000, ""), operation("refund", "success", 400, &ours)],
    );
    let by_request = refunded.replace("merchant_refund_id", "another_id");
    vec![
        (page(Ask::Poll), status("success", "success")),
        (gate(Ask::Close).taken(""), with_operations("success", &[])),
        (page(Ask::Watch), refunded.clone()),
        (refund(Ask::Inquire), refunded.replace("refund\"", "reversal\"")),
        (refund(Ask::Watch), refunded),
        (refund(Ask::Inquire).taken(REQUEST_ID), by_request.replacen(REQUEST_ID, "sale", 1)),
        (refund(Ask::Payment), status("success", "success")),
    ]
}

/// Gives calls whose answers are not about paid money.
fn others() -> Vec<(Bench, String)> {
    let ack = format!(
        r#"{{"status":"success","request_id":"{REQUEST_ID}","payment_id":"{PAYMENT_ID}"}}"#
    );
    let shown = status("awaiting redirect result", "processing").replacen(
        '{',
        r#"{"display_data":[{"type":"qr_url","data":"https://a.example/q"},
            {"type":"add_info","title":"QR Code Timeout","data":"600"}],
            "redirect_data":{"method":"POST","url":"https://a.example/b","body":{"c":"d"}},"#,
        1,
    );
    let wants = status("awaiting clarification", "processing").replacen(
        '{',
        r#"{"clarification_fields":{"customer":["zip"]},"#,
        1,
    );
    vec![
        (gate(Ask::Create), ack.clone()),
        (refund(Ask::Create), ack),
        (gate(Ask::Poll).taken(""), shown.clone()),
        (gate(Ask::Poll).taken(""), shown.replacen("display_data", "displayed", 1)),
        (gate(Ask::Poll).taken(""), wants),
    ]
}

fn calls() -> Vec<(Bench, String)> {
    [successes(), others()].concat()
}

/// Judges a verdict without the rail's own code: whoever is told that money moved may believe it.
#[track_caller]
fn assert_safe(bench: &Bench, status: u16, body: &[u8], verdict: &Verdict) {
    let secure = |url: &str| url.to_ascii_lowercase().starts_with("https://");
    if let Verdict::Open(Some(HandOver::Url { url, .. } | HandOver::Form { url, .. })) = verdict {
        assert!(secure(url), "{url}");
    }
    if let Verdict::CodeIssued(code) = verdict {
        assert!(bench.order.payment().is_none() && code.life_ms <= 86_400_000);
        assert!(code.form != CodeForm::PictureUrl || secure(&code.value));
    }
    assert!(!matches!(verdict, Verdict::OtherSum(_) | Verdict::Confirmed | Verdict::Undecided(_)));
    let Verdict::Paid(receipt) = verdict else { return };
    assert!((200..300).contains(&status));
    assert_ne!(bench.ask, Ask::Create, "a call that is taken first pays nothing");
    let read: Value = serde_json::from_slice(body).expect("only JSON is a success");
    let payment = bench.order.payment();
    let asked = match payment {
        Some(payment) if bench.ask == Ask::Payment => payment.paid,
        _ => bench.order.amount,
    };
    assert_eq!(receipt.paid, asked);
    // Whose it is.
    assert_eq!(read["payment"]["id"], PAYMENT_ID);
    let project = &read["project_id"];
    assert!(project.is_null() || *project == json!(PROJECT) || project == "201", "{project}");
    // That a sum is the one that was asked for, and none is another.
    let is_asked = |sum: &Value| {
        let text = json!(asked.minor.to_string());
        (sum["amount"] == json!(asked.minor) || sum["amount"] == text)
            && sum["currency"] == asked.currency.code()
    };
    let none = vec![];
    let operations = read["operations"].as_array().unwrap_or(&none);
    let operations: Vec<&Value> = operations.iter().chain(read.get("operation")).collect();
    let said = read["payment"]["status"].as_str().unwrap();
    if payment.is_some() && bench.ask != Ask::Payment {
        let ours = |one: &&&Value| {
            let nested = &one["payment"]["merchant_refund_id"];
            let named = one["merchant_refund_id"] == REFUND_ID || nested == REFUND_ID;
            let request = bench.reference.as_deref().filter(|name| !name.is_empty());
            named || request.is_some_and(|request| one["request_id"] == request)
        };
        let mut found = operations.iter().filter(ours);
        let good = |one: &&&Value| {
            one["status"] == "success"
                && (one["type"] == "refund" || one["type"] == "reversal")
                && is_asked(&one["sum_initial"])
        };
        assert!(found.any(|one| good(&one)), "{read}");
        return;
    }
    let statuses = ["success", "partially refunded", "partially reversed"];
    assert!(statuses.contains(&said), "{said}");
    let sales: Vec<&&Value> = operations.iter().filter(|one| one["type"] == "sale").collect();
    for sale in &sales {
        assert!(sale["sum_initial"].is_null() || is_asked(&sale["sum_initial"]), "{read}");
    }
    let good = ["success", "partially refunded", "partially reversed", "refunded", "reversed"];
    let succeeded = |sale: &&Value| good.iter().any(|good| sale["status"] == *good);
    assert!(sales.is_empty() || sales.iter().any(|sale| succeeded(sale)), "{read}");
    let own = &read["payment"]["sum"];
    assert!(said != "success" || own.is_null() || is_asked(own), "{read}");
    assert!(is_asked(own) || sales.iter().any(|sale| is_asked(&sale["sum_initial"])), "{read}");
}

fn reads(bench: &Bench, body: &[u8]) {
    assert_safe(bench, 200, body, &bench.reads_bytes(200, body));
}

/// Gives values that a field may come with.
fn value() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "success",
        "decline",
        "refunded",
        "partially refunded",
        "reversed",
        "expired",
        "processing",
        "error",
        "sale",
        "refund",
        "reversal",
        "CNY",
        "USD",
        "cny",
        "JPY",
        "1000",
        "400",
        "999",
        "1001",
        "0",
        "-1",
        "3061",
        "9999",
        "20802",
        "OTHER",
        PAYMENT_ID,
        REFUND_ID,
        REQUEST_ID,
        "qr_data",
        "qr_img",
        "POST",
        "GET",
        "javascript:alert(1)",
        "http://a.example",
        "https://u@a.example",
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(texts.to_vec()).prop_map(Value::from),
        select(vec![0_u64, 1, 201, 399, 400, 401, 999, 1_000, 1_001, u64::MAX])
            .prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!({ "amount": 1_000, "currency": "CNY" })),
        Just(json!({ "amount": 400, "currency": "CNY" })),
        Just(json!({ "amount": 1, "currency": "CNY" })),
        Just(json!({ "id": PAYMENT_ID, "status": "success" })),
        Just(json!([{ "type": "sale", "status": "success" }])),
        Just(json!([{ "type": "sale", "status": "decline" }])),
        Just(json!([{ "type": "refund", "status": "success", "merchant_refund_id": REFUND_ID }])),
    ]
}

/// Gives names that a field may be added under.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "project_id",
        "payment",
        "payment_id",
        "operations",
        "operation",
        "status",
        "code",
        "id",
        "type",
        "sum",
        "sum_initial",
        "amount",
        "currency",
        "merchant_refund_id",
        "request_id",
        "errors",
        "message",
        "display_data",
        "redirect_data",
        "redirectData",
        "data",
        "url",
        "method",
        "body",
        "clarification_fields",
        "signature",
        "Status",
        "PAYMENT",
    ];
    prop_oneof![select(known.to_vec()).prop_map(str::to_owned), "[a-z_]{1,10}"]
}

#[derive(Clone, Debug)]
enum Change {
    Set(Index, Index, Value),
    Add(Index, String, Value),
    Remove(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let (object, field) = (any::<Index>, any::<Index>);
    prop_oneof![
        (object(), field(), value()).prop_map(|(at, field, value)| Change::Set(at, field, value)),
        (object(), name(), value()).prop_map(|(at, name, value)| Change::Add(at, name, value)),
        (object(), field()).prop_map(|(at, field)| Change::Remove(at, field)),
    ]
}

/// Gives the paths of all objects in a value.
fn objects(value: &Value, path: &str, found: &mut Vec<String>) {
    if let Value::Object(fields) = value {
        found.push(path.to_owned());
        for (name, value) in fields {
            objects(
                value,
                &format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")),
                found,
            );
        }
    }
    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
        objects(value, &format!("{path}/{index}"), found);
    }
}

fn changed(body: &str, changes: &[Change]) -> String {
    let mut read: Value = serde_json::from_str(body).unwrap();
    for change in changes {
        let mut all = vec![];
        objects(&read, "", &mut all);
        let (Change::Set(at, ..) | Change::Add(at, ..) | Change::Remove(at, _)) = change;
        let fields = read.pointer_mut(at.get(&all).as_str()).unwrap().as_object_mut().unwrap();
        let names: Vec<String> = fields.keys().cloned().collect();
        match change {
            Change::Set(_, field, value) if !names.is_empty() => {
                fields.insert(field.get(&names).clone(), value.clone());
            }
            Change::Remove(_, field) if !names.is_empty() => {
                fields.remove(field.get(&names));
            }
            Change::Add(_, name, value) => {
                fields.insert(name.clone(), value.clone());
            }
            Change::Set(..) | Change::Remove(..) => {}
        }
    }
    read.to_string()
}

#[test]
fn the_answers_that_are_mutated_are_successes() {
    for (bench, body) in successes() {
        let verdict = bench.reads(&body);
        assert!(matches!(verdict, Verdict::Paid(_)), "{:?} {body} {verdict:?}", bench.ask);
        assert_safe(&bench, 200, body.as_bytes(), &verdict);
    }
    for (bench, body) in others() {
        let verdict = bench.reads(&body);
        let well = matches!(
            verdict,
            Verdict::Accepted(_)
                | Verdict::CodeIssued(_)
                | Verdict::Open(Some(_))
                | Verdict::Lacking(_)
        );
        assert!(well, "{verdict:?}");
    }
}

#[test]
fn every_truncation_is_no_answer() {
    for (bench, body) in calls() {
        for length in 0..body.len() {
            let verdict = bench.reads(&body[..length]);
            assert!(is_unanswered(&verdict, true), "{} {verdict:?}", &body[..length]);
        }
    }
}

#[test]
fn deep_nesting_is_no_answer() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for (bench, body) in calls() {
        assert!(is_unanswered(&bench.reads(&deep), true));
        let inside = format!("{},\"customer\":{deep}}}", &body[..body.len() - 1]);
        assert!(is_unanswered(&bench.reads(&inside), true));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

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
        // A byte in a name of no matter leaves a success; a judge of the JSON decides.
        if Json::parse(&bytes).is_some() {
            reads(&bench, &bytes);
        } else {
            prop_assert!(is_unanswered(&bench.reads_bytes(200, &bytes), true));
        }
    }

    #[test]
    fn no_other_status_than_2xx_pays(
        (bench, body) in select(calls()),
        status in any::<u16>(),
    ) {
        assert_safe(&bench, status, body.as_bytes(), &bench.reads_status(status, &body));
    }

    #[test]
    fn any_bytes_are_read(
        (bench, _) in select(calls()),
        bytes in vec(any::<u8>(), 0..200),
        status in any::<u16>(),
    ) {
        assert_safe(&bench, status, &bytes, &bench.reads_bytes(status, &bytes));
    }

    #[test]
    fn a_changed_callback_is_not_taken(
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let body = status("success", "success");
        let mut bytes = signed(&body);
        let good = bytes.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let bench = gate(Ask::Poll);
    let rail = bench.rail();
        let read = rail.read_callback(&bytes);
        if let Ok(callback) = read {
            // The bytes may differ in what is not signed: blanks, escapes, the form of a number.
            prop_assert_eq!(rail.read_callback(&good), Ok(callback));
        }
    }

    #[test]
    fn any_callback_is_read(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(gate(Ask::Poll).rail().read_callback(&bytes).is_err());
    }
}
