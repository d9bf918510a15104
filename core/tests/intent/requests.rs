//! The rows of "Request extras": one test for each rule.

use till_core::id::Caller;
use till_core::intent::{
    Advice, Answer, AnswerCode, CODE_VALUE_MAX, Extra, Extras, Language, METADATA_MAX, PayRequest,
    REQUEST_ID_MAX, RefundRequest, Request, StatusRequest, TRANSACTION_MAX, Verb, read,
};
use till_core::operation::Action;

use crate::fixture::{
    GENERATED, PAYMENT, RANDOM, currency, least, metadata, read_en, text, with, without,
};

const CURRENCY: &str = "dev.till.extra.CURRENCY";
const RAIL: &str = "dev.till.extra.RAIL";
const CODE_VALUE: &str = "dev.till.extra.CODE_VALUE";
const IDEMPOTENT: &str = "dev.till.extra.IDEMPOTENT";
const ACTION: &str = "dev.till.extra.ACTION";

fn pay(read: Result<Request, Box<Answer>>) -> PayRequest {
    match read {
        Ok(Request::Pay(pay)) => pay,
        other => panic!("{other:?}"),
    }
}

fn refund(read: Result<Request, Box<Answer>>) -> RefundRequest {
    match read {
        Ok(Request::Refund(refund)) => refund,
        other => panic!("{other:?}"),
    }
}

fn status(read: Result<Request, Box<Answer>>) -> StatusRequest {
    match read {
        Ok(Request::Status(status)) => status,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(read: Result<Request, Box<Answer>>, name: &str) -> Answer {
    let answer = *read.expect_err(name);
    assert_eq!(answer.code, AnswerCode::BadRequest);
    assert_eq!(answer.advice, Advice::FixRequest);
    assert!(answer.message.starts_with(&format!("{name}: ")), "{}", answer.message);
    answer
}

#[track_caller]
fn wrong_types(verb: Verb, name: &str, right: &[&str]) {
    let all = [
        text("12500"),
        Extra::Long(1),
        Extra::Int(1),
        Extra::Bool(true),
        Extra::Map(vec![]),
        Extra::Foreign("java.lang.Double".to_owned()),
    ];
    for extra in all.into_iter().filter(|extra| !right.contains(&extra.type_name())) {
        let found = extra.type_name().to_owned();
        let answer = refused(with(verb, name, extra), name);
        assert!(answer.message.contains(&format!("({found})")), "{}", answer.message);
    }
}

#[test]
fn the_actions_are_those_of_the_contract() {
    let actions = Verb::ALL.map(Verb::action);
    let expected = [
        "ru.lifepay.checkout.quick_payments_terminal.pay",
        "ru.lifepay.checkout.quick_payments_terminal.refund",
        "dev.till.terminal.action.STATUS",
    ];
    assert_eq!(actions, expected);
}

#[test]
fn another_action_is_refused_and_echoed() {
    for action in ["", "android.intent.action.MAIN", "RU.LIFEPAY.CHECKOUT.PAY"] {
        let caller = Caller::new("pos");
        let answer = read(caller, action, &least(Verb::Pay), Language::En, RANDOM).unwrap_err();
        assert_eq!(answer.code, AnswerCode::BadRequest);
        assert_eq!(answer.action, action);
        assert!(answer.message.starts_with("action: "), "{}", answer.message);
    }
}

#[test]
fn the_least_requests_are_read() {
    let pay = pay(read_en(Verb::Pay, &least(Verb::Pay)));
    assert_eq!((pay.amount_minor, pay.purpose.as_str()), (12_500, "Coffee"));
    assert_eq!((pay.request_id, pay.metadata, pay.currency), (None, None, None));
    assert_eq!((pay.rail, pay.code_value, pay.idempotent), (None, None, false));
    let refund = refund(read_en(Verb::Refund, &least(Verb::Refund)));
    assert_eq!((refund.amount_minor, refund.primary.to_json().as_str()), (12_500, PAYMENT));
    let status = status(read_en(Verb::Status, &least(Verb::Status)));
    assert_eq!((status.request_id.as_str(), status.action), ("order-7", Action::Pay));
}

#[test]
fn request_id_is_text_up_to_1_kib_of_utf8() {
    for fits in ["x".repeat(REQUEST_ID_MAX), "я".repeat(REQUEST_ID_MAX / 2)] {
        let pay = pay(with(Verb::Pay, "request_id", text(&fits)));
        assert_eq!(pay.request_id.unwrap().as_str(), fits);
    }
    for long in ["x".repeat(REQUEST_ID_MAX + 1), "я".repeat(REQUEST_ID_MAX / 2 + 1)] {
        refused(with(Verb::Pay, "request_id", text(&long)), "request_id");
    }
    for verb in Verb::ALL {
        wrong_types(verb, "request_id", &["String"]);
    }
}

#[test]
fn an_empty_or_null_request_id_is_absent() {
    for absent in [text(""), Extra::Null] {
        assert_eq!(pay(with(Verb::Pay, "request_id", absent.clone())).request_id, None);
        assert_eq!(refund(with(Verb::Refund, "request_id", absent.clone())).request_id, None);
        refused(with(Verb::Status, "request_id", absent), "request_id");
    }
}

#[test]
fn status_needs_a_request_id() {
    refused(without(Verb::Status, "request_id"), "request_id");
}

#[test]
fn a_refusal_echoes_the_request_id_or_a_generated_one() {
    let mut extras = Extras::from([("request_id".to_owned(), text("order-7"))]);
    assert_eq!(read_en(Verb::Pay, &extras).unwrap_err().request_id.as_str(), "order-7");
    for unusable in [Extra::Null, text(""), Extra::Long(7), text(&"x".repeat(2_000_000))] {
        extras.insert("request_id".to_owned(), unusable);
        assert_eq!(read_en(Verb::Pay, &extras).unwrap_err().request_id.as_str(), GENERATED);
    }
}

#[test]
fn a_refusal_echoes_metadata_that_is_valid() {
    let mut extras = Extras::from([("metadata".to_owned(), Extra::from(&metadata()))]);
    assert_eq!(read_en(Verb::Pay, &extras).unwrap_err().metadata, Some(metadata()));
    extras.insert("metadata".to_owned(), Extra::Map(vec![(text("k"), Extra::Int(1))]));
    assert_eq!(read_en(Verb::Pay, &extras).unwrap_err().metadata, None);
}

#[test]
fn metadata_is_echoed_untouched() {
    for verb in Verb::ALL {
        let request = with(verb, "metadata", Extra::from(&metadata())).unwrap();
        assert_eq!(request.metadata(), Some(&metadata()));
    }
    assert_eq!(pay(with(Verb::Pay, "metadata", Extra::Map(vec![]))).metadata.unwrap().len(), 0);
}

#[test]
fn metadata_holds_at_most_256_kib() {
    let map = |value: usize| Extra::Map(vec![(text("k"), text(&"x".repeat(value)))]);
    assert!(with(Verb::Pay, "metadata", map(METADATA_MAX - 1)).is_ok());
    refused(with(Verb::Pay, "metadata", map(METADATA_MAX)), "metadata");
    let half = "x".repeat(METADATA_MAX / 2);
    let halves = vec![(text(&half), text("")), (text("k"), text(&half))];
    refused(with(Verb::Pay, "metadata", Extra::Map(halves)), "metadata");
}

#[test]
fn every_key_and_value_of_metadata_is_text() {
    let foreign = || Extra::Foreign("com.example.Hostile".to_owned());
    let inner = || Extra::Map(vec![]);
    for other in [foreign(), inner(), Extra::Null, Extra::Int(1), Extra::Long(1), Extra::Bool(true)]
    {
        for pair in [(text("k"), other.clone()), (other, text("v"))] {
            let pairs = vec![(text("a"), text("b")), pair];
            refused(with(Verb::Pay, "metadata", Extra::Map(pairs)), "metadata");
        }
    }
    for verb in Verb::ALL {
        wrong_types(verb, "metadata", &["HashMap"]);
    }
}

#[test]
fn a_key_of_metadata_that_is_there_twice_cannot_be_echoed() {
    let twice = vec![(text("k"), text("1")), (text("k"), text("2"))];
    refused(with(Verb::Pay, "metadata", Extra::Map(twice)), "metadata");
}

#[test]
fn amount_is_a_long_above_zero() {
    for verb in [Verb::Pay, Verb::Refund] {
        for wrong in [0, -1, i64::MIN] {
            refused(with(verb, "amount", Extra::Long(wrong)), "amount");
        }
        refused(without(verb, "amount"), "amount");
        refused(with(verb, "amount", Extra::Null), "amount");
        wrong_types(verb, "amount", &["Long", "Int"]);
    }
    for right in [1, i64::MAX] {
        let amount = pay(with(Verb::Pay, "amount", Extra::Long(right))).amount_minor;
        assert_eq!(amount, right.unsigned_abs());
    }
}

#[test]
fn an_int_amount_is_the_same_number() {
    for right in [1, i32::MAX] {
        let amount = pay(with(Verb::Pay, "amount", Extra::Int(right))).amount_minor;
        assert_eq!(amount, u64::from(right.unsigned_abs()));
    }
    for wrong in [0, -1, i32::MIN] {
        refused(with(Verb::Refund, "amount", Extra::Int(wrong)), "amount");
    }
}

#[test]
fn purpose_is_0_to_255_utf16_units() {
    for fits in [String::new(), "x".repeat(255), "😀".repeat(127)] {
        assert_eq!(pay(with(Verb::Pay, "purpose", text(&fits))).purpose, fits);
    }
    for long in ["x".repeat(256), "😀".repeat(128)] {
        refused(with(Verb::Pay, "purpose", text(&long)), "purpose");
    }
    refused(without(Verb::Pay, "purpose"), "purpose");
    wrong_types(Verb::Pay, "purpose", &["String"]);
}

#[test]
fn primary_transaction_is_the_json_of_a_payment() {
    refused(without(Verb::Refund, "primary_transaction"), "primary_transaction");
    let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(TRANSACTION_MAX));
    for wrong in ["", "{", "[]", "null", r#"{"id":"p","type":"REFUND"}"#, "{}", &long] {
        refused(with(Verb::Refund, "primary_transaction", text(wrong)), "primary_transaction");
    }
    wrong_types(Verb::Refund, "primary_transaction", &["String"]);
}

#[test]
fn currency_is_iso_4217() {
    for verb in [Verb::Pay, Verb::Refund] {
        for wrong in ["", "uzs", "UZ", "UZSS", "₽₽₽", "643"] {
            refused(with(verb, CURRENCY, text(wrong)), CURRENCY);
        }
        wrong_types(verb, CURRENCY, &["String"]);
    }
    assert_eq!(pay(with(Verb::Pay, CURRENCY, text("USD"))).currency, Some(currency("USD")));
}

#[test]
fn rail_is_text() {
    for verb in [Verb::Pay, Verb::Refund] {
        for wrong in [String::new(), "x".repeat(65)] {
            refused(with(verb, RAIL, text(&wrong)), RAIL);
        }
        wrong_types(verb, RAIL, &["String"]);
    }
    assert_eq!(pay(with(Verb::Pay, RAIL, text("octo"))).rail.unwrap().as_str(), "octo");
}

#[test]
fn code_value_is_text_that_a_code_can_hold() {
    for wrong in [String::new(), "x".repeat(CODE_VALUE_MAX + 1)] {
        refused(with(Verb::Pay, CODE_VALUE, text(&wrong)), CODE_VALUE);
    }
    wrong_types(Verb::Pay, CODE_VALUE, &["String"]);
    let code = "https://qr.example/c/28?t=1";
    assert_eq!(pay(with(Verb::Pay, CODE_VALUE, text(code))).code_value.as_deref(), Some(code));
}

#[test]
fn idempotent_is_a_boolean() {
    for flag in [true, false] {
        assert_eq!(pay(with(Verb::Pay, IDEMPOTENT, Extra::Bool(flag))).idempotent, flag);
    }
    wrong_types(Verb::Pay, IDEMPOTENT, &["Boolean"]);
}

#[test]
fn action_is_pay_or_refund() {
    for (word, action) in [("pay", Action::Pay), ("refund", Action::Refund)] {
        assert_eq!(status(with(Verb::Status, ACTION, text(word))).action, action);
    }
    for wrong in ["", "Pay", "status", Verb::Pay.action()] {
        refused(with(Verb::Status, ACTION, text(wrong)), ACTION);
    }
    wrong_types(Verb::Status, ACTION, &["String"]);
}

#[test]
fn extras_that_the_action_does_not_know_are_ignored() {
    let hostile = || Extra::Foreign("com.example.Hostile".to_owned());
    let foreign_to = [
        (Verb::Pay, &["primary_transaction", ACTION, "other"][..]),
        (Verb::Refund, &["purpose", CODE_VALUE, IDEMPOTENT, ACTION, "other"]),
        (Verb::Status, &["amount", "purpose", "primary_transaction", CURRENCY, RAIL, CODE_VALUE]),
    ];
    for (verb, names) in foreign_to {
        for name in names {
            assert_eq!(with(verb, name, hostile()), read_en(verb, &least(verb)), "{name}");
        }
    }
}
