//! The Payment Page: its address is made here, without a call.

use std::collections::BTreeMap;

use till_core::operation::{Ask, Code, CodeForm, Kind, Rules, Verdict};
use till_core::rail::Rail;
use till_core::rail::ecommpay::{Json, Parameter, signature};

use super::support::*;

fn issued(bench: &Bench) -> Code {
    match bench.without_call() {
        Some(Verdict::CodeIssued(code)) => code,
        other => panic!("{other:?}"),
    }
}

/// Gives the parameters of an address, decoded, in their order.
fn parameters(address: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(address).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn verified(parameters: &[(String, String)]) -> bool {
    let members = parameters.iter().map(|(name, value)| (name.clone(), Json::text(value)));
    signature::verify(&Json::Object(members.collect()), &secret())
}

#[test]
fn the_address_has_every_parameter_of_the_contract_and_its_signature() {
    let code = issued(&new_page());
    assert_eq!((code.form, code.life_ms), (CodeForm::Text, 180_000));
    let (address, _) = code.value.split_once('?').unwrap();
    assert_eq!(address, "https://paymentpage.ecommpay.com/payment");
    let found = parameters(&code.value);
    let without: Vec<(&str, &str)> =
        found.iter().map(|(name, value)| (&**name, &**value)).take(8).collect();
    let expected = [
        ("project_id", "201"),
        ("payment_id", PAYMENT_ID),
        ("payment_amount", "1000"),
        ("payment_currency", "CNY"),
        ("customer_id", PAYMENT_ID),
        ("language_code", "zh"),
        ("force_payment_method", "alipay"),
        ("best_before", "2025-05-16T10:12:47+00:00"),
    ];
    assert_eq!(without, expected);
    assert_eq!((found.len(), found[8].0.as_str()), (9, "signature"));
    assert!(verified(&found));
}

#[test]
fn best_before_is_the_end_of_the_wait_and_60_s() {
    let terminal = Rules { wait_ms: 300_000, ..Rules::default() };
    let bench = new_page();
    let rules = bench.rail().rules(&terminal);
    let made = bench.with_call(|rail, call| rail.without_call(call, &rules, &now()));
    let Some(Verdict::CodeIssued(code)) = made else { panic!("{made:?}") };
    assert_eq!(code.life_ms, 360_000);
    assert!(code.value.contains("best_before=2025-05-16T10%3A15%3A47%2B00%3A00"), "{code:?}");
}

#[test]
fn any_further_parameter_is_signed_and_booleans_are_sent_as_1_and_0() {
    let bench = new_page().set(|settings| {
        settings.customer.id = Some("till 1".to_owned());
        settings.callback_url = Some("https://shop.example/ecommpay".to_owned());
        settings.parameters = BTreeMap::from([
            ("close_on_missclick".to_owned(), Parameter::Flag(false)),
            ("hide_scd_save".to_owned(), Parameter::Flag(true)),
            ("interface_type".to_owned(), Parameter::Text(r#"{"id":23}"#.to_owned())),
            ("redirect_fail_mode".to_owned(), Parameter::Number(2)),
        ]);
    });
    let found = parameters(&issued(&bench).value);
    let of = |name: &str| found.iter().find(|(own, _)| own == name).map(|(_, value)| &**value);
    assert_eq!(of("close_on_missclick"), Some("0"));
    assert_eq!(of("hide_scd_save"), Some("1"));
    assert_eq!(of("interface_type"), Some(r#"{"id":23}"#));
    assert_eq!(of("redirect_fail_mode"), Some("2"));
    assert_eq!(of("customer_id"), Some("till 1"));
    assert_eq!(of("merchant_callback_url"), Some("https://shop.example/ecommpay"));
    assert!(verified(&found));
}

#[test]
fn a_changed_parameter_breaks_the_signature() {
    let mut found = parameters(&issued(&new_page()).value);
    assert!(verified(&found));
    found[2].1 = "1001".to_owned();
    assert!(!verified(&found));
}

#[test]
fn the_page_needs_no_call_and_is_shown_at_once() {
    assert_eq!(page(Ask::Create).without_call(), Some(Verdict::Open(None)));
    for ask in [Ask::Poll, Ask::Inquire, Ask::Watch, Ask::Close] {
        assert_eq!(page(ask).without_call(), None);
        assert_eq!(page(ask).request().path, "/v2/payment/status");
    }
    // Even if somebody asked for it, a page never becomes a sale.
    assert_eq!(new_page().request().path, "/v2/payment/status");
}

#[test]
fn nothing_else_is_answered_without_a_call() {
    for bench in [gate(Ask::Create), refund(Ask::Create), refund(Ask::Payment)] {
        assert_eq!(bench.without_call(), None);
    }
}

#[test]
fn what_the_payment_is_for_is_left_out_so_that_the_qr_code_stays_small() {
    let mut bench = new_page();
    bench.order.kind = Kind::Pay { purpose: "用途;".repeat(80), code_value: None };
    let code = issued(&bench);
    assert!(code.value.len() < 400, "{} bytes", code.value.len());
}
