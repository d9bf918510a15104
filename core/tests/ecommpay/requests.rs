//! What is sent to Gate, field by field; every body is signed (support checks it).

use std::collections::BTreeMap;

use serde_json::json;
use till_core::http::Method;
use till_core::operation::{Ask, Kind};
use till_core::rail::Rail;

use super::support::*;

#[test]
fn a_sale_has_the_customers_id_and_address_and_where_to_return() {
    let bench = gate(Ask::Create);
    let request = bench.request();
    assert_eq!((request.method, &*request.path), (Method::Post, "/v2/payment/wallet/alipay/sale"));
    assert_eq!((request.content_type, request.authorization), ("application/json", None));
    let mut body = bench.body();
    body["general"].as_object_mut().unwrap().remove("signature").unwrap();
    let expected = json!({
        "general": {"project_id": 201, "payment_id": PAYMENT_ID},
        "customer": {"id": PAYMENT_ID, "ip_address": "127.0.0.1"},
        "payment": {"amount": 1000, "currency": "CNY", "description": "Coffee"},
        "return_url": {"return": "https://shop.example/back"},
    });
    assert_eq!(body, expected);
}

#[test]
fn a_sale_tells_all_that_is_known_of_the_customer() {
    let bench = gate(Ask::Create).set(|settings| {
        settings.customer.id = Some("walk-in".to_owned());
        settings.customer.ip_address = "192.0.2.7".parse().unwrap();
        settings.customer.more = BTreeMap::from([
            ("first_name".to_owned(), "之的".to_owned()),
            ("phone".to_owned(), "13632264148".to_owned()),
        ]);
        settings.return_url_success = Some("https://shop.example/success".to_owned());
        settings.callback_url = Some("https://shop.example/ecommpay".to_owned());
    });
    let body = bench.body();
    let customer = json!({
        "id": "walk-in", "ip_address": "192.0.2.7", "first_name": "之的", "phone": "13632264148",
    });
    assert_eq!(body["customer"], customer);
    assert_eq!(body["return_url"]["success"], "https://shop.example/success");
    assert_eq!(body["general"]["merchant_callback_url"], "https://shop.example/ecommpay");
}

#[test]
fn what_the_payment_is_for_is_left_out_of_a_sale_if_it_cannot_be_signed() {
    for purpose in ["", "Order 5; table 3"] {
        let mut bench = gate(Ask::Create);
        bench.order.kind = Kind::Pay { purpose: purpose.to_owned(), code_value: None };
        assert_eq!(bench.body()["payment"], json!({"amount": 1000, "currency": "CNY"}));
        assert_eq!(bench.rail().check(&bench.order, true), Ok(()));
    }
}

#[test]
fn a_refund_has_a_description_the_address_its_sum_and_our_name() {
    let bench = refund(Ask::Create);
    assert_eq!(bench.request().path, "/v2/payment/wallet/alipay/refund");
    let mut body = bench.body();
    body["general"].as_object_mut().unwrap().remove("signature").unwrap();
    let expected = json!({
        "general": {"project_id": 201, "payment_id": PAYMENT_ID},
        "customer": {"ip_address": "127.0.0.1"},
        "payment": {
            "amount": 400,
            "currency": "CNY",
            "description": format!("Refund {REFUND_ID}"),
            "merchant_refund_id": REFUND_ID,
        },
    });
    assert_eq!(body, expected);
}

#[test]
fn a_repeated_refund_is_the_same_refund() {
    let first = refund(Ask::Create).request().body;
    let again = Bench { repeated: true, ..refund(Ask::Create) }.request().body;
    assert_eq!(first, again);
}

#[test]
fn the_status_is_asked_by_the_payments_id() {
    for bench in [page(Ask::Poll), gate(Ask::Close), gate(Ask::Poll).taken(REQUEST_ID)] {
        assert_eq!(bench.request().path, "/v2/payment/status");
        let mut body = bench.body();
        body["general"].as_object_mut().unwrap().remove("signature").unwrap();
        assert_eq!(body, json!({"general": {"project_id": 201, "payment_id": PAYMENT_ID}}));
    }
    for ask in [Ask::Inquire, Ask::Watch, Ask::Payment] {
        assert_eq!(refund(ask).body()["general"]["payment_id"], PAYMENT_ID);
    }
}

#[test]
fn a_sale_that_was_taken_is_never_sent_again() {
    let bench = gate(Ask::Create).taken("");
    assert_eq!(bench.request().path, "/v2/payment/status");
}

#[test]
fn calls_are_named_for_the_log() {
    let name =
        |bench: &Bench| bench.with_call(|rail, call| rail.call(call.order, call.code, call.ask));
    assert_eq!(name(&gate(Ask::Create)), "sale");
    assert_eq!(name(&refund(Ask::Create)), "refund");
    assert_eq!(name(&refund(Ask::Payment)), "status");
    assert_eq!(name(&page(Ask::Poll)), "status");
}

#[test]
fn the_key_of_the_mac_comes_from_the_secret_and_is_not_the_secret() {
    let key = |secret: &str| {
        let bench = page(Ask::Poll).set(|settings| {
            settings.secret = till_core::secret::Secret::new(secret.to_owned());
        });
        bench.rail().mac_key().expose().clone()
    };
    assert_eq!(key("a").len(), 32);
    assert_eq!(key("a"), key("a"));
    assert_ne!(key("a"), key("b"));
    assert_ne!(key("a"), b"a");
}

#[test]
fn there_are_no_tokens() {
    let bench = page(Ask::Poll);
    let rail = bench.rail();
    assert_eq!(rail.token_request(), None);
    assert_eq!(rail.id().as_str(), "ecommpay");
}
