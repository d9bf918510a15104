//! The Payment Page.

use serde_json::json;

use super::super::{Behaviour, PageBegins, Platform, Refused, signature};
use super::{BEGIN, Desk, REFUND, SALE, refund, sale};
use crate::view::{Refusal, ViewState};

/// Parameters of a page for 10.00 CNY that ends 180 s after the begin.
fn page(id: &str) -> Vec<(String, String)> {
    let ends = jiff::Timestamp::from_millisecond(BEGIN + 180_000).unwrap();
    let ends = format!("{}+00:00", ends.to_string().trim_end_matches('Z'));
    [
        ("project_id", "201"),
        ("payment_id", id),
        ("payment_amount", "1000"),
        ("payment_currency", "CNY"),
        ("customer_id", "c 1"),
        ("language_code", "zh"),
        ("force_payment_method", "alipay"),
        ("best_before", &ends),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn query(parameters: &[(String, String)]) -> String {
    let object = parameters.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let signature = signature::sign(&serde_json::Value::Object(object), "ecommpay-sandbox-key");
    let mut all = parameters.to_vec();
    all.push(("signature".to_owned(), signature));
    let escape = |text: &str| -> String {
        let byte = |byte: u8| match byte {
            b' ' => "+".to_owned(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        text.bytes().map(byte).collect()
    };
    let pairs: Vec<String> =
        all.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    pairs.join("&")
}

fn open(desk: &mut Desk, query: &str) -> Result<String, Refused> {
    desk.choose(Platform::open_page, query)
}

fn with(id: &str, name: &str, value: &str) -> String {
    let mut parameters = page(id);
    parameters.retain(|(own, _)| own != name);
    if !value.is_empty() {
        parameters.push((name.to_owned(), value.to_owned()));
    }
    query(&parameters)
}

#[test]
fn nothing_is_known_until_the_customer_chooses() {
    let mut desk = Desk::usual();
    let word = open(&mut desk, &query(&page("p-1"))).unwrap();
    assert_eq!(desk.status("p-1")["code"], "3061");
    assert_eq!(desk.state(&word), ViewState::Open);
    assert_eq!(open(&mut desk, &query(&page("p-1"))).unwrap(), word, "the same page");
    assert_eq!(desk.choose(Platform::approve, "p-1"), Ok(true));
    let answer = desk.status("p-1");
    assert_eq!(answer["payment"]["status"], "success");
    assert_eq!(answer["payment"]["sum"], json!({ "amount": 1000, "currency": "CNY" }));
    assert_eq!(desk.choose(Platform::approve, "p-1"), Err(Refusal::AlreadyPaid));
    assert_eq!(desk.platform.ledger().times_moved("p-1"), 1);
    assert_eq!(open(&mut desk, &query(&page("p-1"))).unwrap(), word, "it shows the result");
    desk.accepted(REFUND, &refund("p-1", "r-1", None));
}

#[test]
fn a_page_can_begin_its_payment_when_it_is_opened() {
    let page_begins = PageBegins::Opened;
    let mut desk = Desk::new(Behaviour { page_begins, ..Behaviour::default() });
    open(&mut desk, &query(&page("p-1"))).unwrap();
    assert_eq!(desk.status("p-1")["payment"]["status"], "awaiting customer action");
    desk.later(1_800_000);
    assert_eq!(desk.status("p-1")["payment"]["status"], "decline");
    assert_eq!(desk.choose(Platform::approve, "p-1"), Err(Refusal::Expired));
}

#[test]
fn a_declined_page_is_tried_again() {
    let mut desk = Desk::usual();
    open(&mut desk, &query(&page("p-1"))).unwrap();
    desk.choose(Platform::decline, "p-1").unwrap();
    assert_eq!(desk.status("p-1")["payment"]["status"], "decline");
    assert!(desk.platform.payment(desk.now_ms, "p-1").unwrap().payable);
    assert_eq!(desk.choose(Platform::approve, "p-1"), Ok(true));
    let answer = desk.status("p-1");
    assert_eq!(answer["payment"]["status"], "success");
    assert_eq!(answer["operations"][0]["status"], "decline");
    assert_eq!(answer["operations"][1]["status"], "success");
    let mut desk = Desk::new(Behaviour { page_retries: false, ..Behaviour::default() });
    open(&mut desk, &query(&page("p-1"))).unwrap();
    desk.choose(Platform::decline, "p-1").unwrap();
    assert_eq!(desk.choose(Platform::approve, "p-1"), Err(Refusal::Ended));
}

#[test]
fn a_page_ends_at_best_before() {
    let mut desk = Desk::usual();
    open(&mut desk, &query(&page("p-1"))).unwrap();
    desk.later(180_000);
    assert_eq!(desk.choose(Platform::approve, "p-1"), Err(Refusal::Expired));
    assert_eq!(desk.state("p-1"), ViewState::Expired);
    assert_eq!(desk.status("p-1")["code"], "3061", "it leaves nothing behind");
    let refused = open(&mut desk, &query(&page("p-2"))).unwrap_err();
    assert!(refused.message.contains("best_before"), "{refused}");
}

#[test]
fn what_is_wrong_with_an_address_has_its_number() {
    let mut desk = Desk::usual();
    for (query, code) in [
        (String::new(), 3262),
        ("payment_id=p-1".to_owned(), 3262),
        ("payment_id=%f".to_owned(), 2003),
        ("payment_id=%ff&signature=A".to_owned(), 2003),
        (query(&page("p-1")).replace("=1000&", "=9000&"), 3261),
        (format!("{}&more=1", query(&page("p-1"))), 3261),
        (with("p-1", "project_id", "202"), 2442),
        (with("p-1", "payment_id", " p"), 3024),
        (with("p-1", "payment_amount", "+1000"), 2004),
        (with("p-1", "payment_amount", "0"), 2004),
        (with("p-1", "payment_amount", "10.00"), 2004),
        (with("p-1", "payment_amount", "500001"), 2642),
        (with("p-1", "payment_currency", "UZS"), 3023),
        (with("p-1", "payment_currency", ""), 2004),
        (with("p-1", "customer_id", ""), 2004),
        (with("p-1", "force_payment_method", "card"), 2541),
        (with("p-1", "best_before", "tomorrow"), 2004),
        (with("p-1", "merchant_callback_url", "ftp://x"), 2004),
    ] {
        let refused = open(&mut desk, &query).unwrap_err();
        assert_eq!(refused.code, code, "{query}: {refused}");
    }
    assert_eq!(desk.platform.revision(), 0, "nothing was made");
}

#[test]
fn a_page_and_a_sale_cannot_share_a_name() {
    let mut desk = Desk::usual();
    desk.sold("p-1", 1_000);
    assert_eq!(open(&mut desk, &query(&page("p-1"))).unwrap_err().code, 3041);
    open(&mut desk, &query(&page("p-2"))).unwrap();
    desk.choose(Platform::approve, "p-2").unwrap();
    assert_eq!(desk.refused(SALE, &sale("p-2", 1_000)), "3041");
    let other = with("p-2", "payment_amount", "2000");
    assert_eq!(open(&mut desk, &other).unwrap_err().code, 3041, "another sum");
}
