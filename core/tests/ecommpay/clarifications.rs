//! What the platform wants to know before anybody can pay: sent if known, else code 6.

use std::collections::BTreeMap;

use serde_json::json;
use till_core::operation::{Ask, Verdict};

use super::support::*;

fn bench() -> Bench {
    gate(Ask::Poll).taken(REQUEST_ID).set(|settings| {
        settings.customer.more = BTreeMap::from([
            ("first_name".to_owned(), "之的".to_owned()),
            ("email".to_owned(), "till@example.com".to_owned()),
        ]);
    })
}

fn waiting(more: &str) -> String {
    let body = status("awaiting clarification", "awaiting clarification");
    body.replacen('{', &format!("{{{more},"), 1)
}

fn reads(more: &str) -> Verdict {
    bench().reads(&waiting(more))
}

fn wanted(names: &[&str]) -> Verdict {
    Verdict::Wanted(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn missing_parameters_that_are_known_are_sent() {
    let names = ["customer.first_name", "customer.email"];
    for more in [
        r#""clarification_fields":{"customer":["first_name","email"]}"#,
        r#""clarification_fields":{"customer":{"first_name":{"type":"text"},"email":null}}"#,
        r#""clarification_fields":[{"name":"customer.first_name"},{"name":"customer.email"}]"#,
        r#""clarification_fields":["customer.first_name","customer.email"]"#,
        r#""errors":[{"code":"3191","field":"customer.first_name"},{"field":"customer.email"}]"#,
    ] {
        assert_eq!(reads(more), wanted(&names), "{more}");
    }
}

#[test]
fn they_are_sent_where_they_were_asked_for() {
    let mut bench = Bench { ask: Ask::Create, ..bench() };
    bench.wanted = ["customer.first_name", "customer.email", "email"].map(str::to_owned).to_vec();
    assert_eq!(bench.request().path, "/v2/payment/clarification");
    let mut body = bench.body();
    body["general"].as_object_mut().unwrap().remove("signature").unwrap();
    let expected = json!({
        "general": {"project_id": 201, "payment_id": PAYMENT_ID},
        "additional_data": {
            "customer": {"first_name": "之的", "email": "till@example.com"},
            "email": "till@example.com",
        },
    });
    assert_eq!(body, expected);
}

#[test]
fn the_answer_to_them_is_an_acknowledgement() {
    let mut bench = Bench { ask: Ask::Create, ..bench() };
    bench.wanted = vec!["customer.email".to_owned()];
    let ack = format!(r#"{{"status":"success","request_id":"{REQUEST_ID}"}}"#);
    assert_eq!(bench.reads(&ack), Verdict::Accepted(REQUEST_ID.to_owned()));
}

/// An earlier one arrived, or the payment has ended: whichever it was, its status says.
#[test]
fn a_payment_that_waits_for_no_clarification_is_asked_for() {
    for repeated in [false, true] {
        let mut bench = Bench { ask: Ask::Create, repeated, ..bench() };
        bench.wanted = vec!["customer.email".to_owned()];
        let verdict = bench.reads_status(400, &error("3060", "Status does not allow it"));
        assert_eq!(verdict, Verdict::Accepted(String::new()));
    }
}

#[test]
fn missing_parameters_that_are_not_known_are_named() {
    let more =
        r#""clarification_fields":{"customer":["email","zip"],"avs_data":["avs_post_code"]}"#;
    let expected =
        "ecommpay wants to know customer.zip, avs_data.avs_post_code (ecommpay.customer)";
    assert_eq!(reads(more), Verdict::Lacking(expected.to_owned()));
}

#[test]
fn the_address_and_the_id_of_the_customer_are_known() {
    let more = r#""clarification_fields":{"customer":["ip_address"]}"#;
    assert_eq!(reads(more), wanted(&["customer.ip_address"]));
    let more = r#""clarification_fields":{"customer":["id"]}"#;
    assert!(matches!(reads(more), Verdict::Lacking(_)), "no id is set for all customers");
}

#[test]
fn a_clarification_without_names_waits() {
    for more in [
        r#""a":1"#,
        r#""clarification_fields":[]"#,
        r#""clarification_fields":{}"#,
        r#""clarification_fields":7"#,
        r#""clarification_fields":["a b","",";"]"#,
        r#""errors":[{"code":"3191"}]"#,
    ] {
        assert_eq!(reads(more), Verdict::Open(None), "{more}");
    }
}

#[test]
fn a_list_that_is_made_to_hurt_stays_short() {
    let names: Vec<String> = (0..4_000).map(|n| format!("\"customer.f{n}\"")).collect();
    let Verdict::Lacking(said) = reads(&format!(r#""clarification_fields":[{}]"#, names.join(",")))
    else {
        panic!()
    };
    assert!(said.len() < 300, "{said}");
}
