//! The extras of the answers, and their line of JSON.

use serde_json::Value;
use till_core::id::RequestId;
use till_core::intent::{
    Answer, Extra, Language, QpTransaction, Refusal, Shape, Verb, answer, refusal,
};
use till_core::operation::{Action, Story, Told};

use crate::fixture::{
    all_states, approved, approved_late, doubt, key, late, metadata, operation, told, told_to, uzs,
};

fn names(answer: &Answer) -> Vec<&'static str> {
    answer.extras().into_iter().map(|(name, _)| name).collect()
}

fn extra(answer: &Answer, name: &str) -> Option<Extra> {
    answer.extras().into_iter().find(|(known, _)| *known == name).map(|(_, extra)| extra)
}

fn word(answer: &Answer, name: &str) -> String {
    match extra(answer, name) {
        Some(Extra::Text(word)) => word,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn a_success_carries_code_transaction_request_id_outcome_and_advice() {
    let answer = told(Action::Pay, approved());
    let expected =
        ["code", "transaction", "request_id", "dev.till.extra.OUTCOME", "dev.till.extra.ADVICE"];
    assert_eq!(names(&answer), expected);
    assert_eq!(extra(&answer, "code"), Some(Extra::Int(0)));
    assert_eq!(word(&answer, "request_id"), "order-7");
    let transaction = QpTransaction::parse(&word(&answer, "transaction")).unwrap();
    assert_eq!(transaction.id, Some(operation(Action::Pay, approved()).id));
    assert!(transaction.verify_mac(&key()));
}

#[test]
fn an_error_carries_code_request_id_error_type_message_outcome_and_advice() {
    let answer = told(Action::Refund, doubt());
    let expected = [
        "code",
        "request_id",
        "error_type",
        "message",
        "dev.till.extra.OUTCOME",
        "dev.till.extra.ADVICE",
    ];
    assert_eq!(names(&answer), expected);
    assert_eq!(extra(&answer, "code"), Some(Extra::Int(4)));
    assert_eq!(word(&answer, "error_type"), "unknown_result_error");
    assert_eq!(word(&answer, "dev.till.extra.OUTCOME"), "unknown");
    assert_eq!(word(&answer, "dev.till.extra.ADVICE"), "repeat_same_request");
    let pay = told(Action::Pay, doubt());
    assert_eq!(word(&pay, "error_type"), "default_error");
    assert_eq!(word(&pay, "dev.till.extra.ADVICE"), "ask_status");
}

#[test]
fn metadata_is_there_only_if_it_was_given() {
    let operation = operation(Action::Pay, approved());
    let key = key();
    let mut shape =
        Shape { verb: Verb::Pay, metadata: None, language: Language::En, mac_key: &key };
    assert_eq!(extra(&answer(&operation, &shape), "metadata"), None);
    shape.metadata = Some(metadata());
    let pair = (Extra::Text("OrderId".to_owned()), Extra::Text("12345".to_owned()));
    assert_eq!(extra(&answer(&operation, &shape), "metadata"), Some(Extra::Map(vec![pair])));
}

#[test]
fn late_payment_is_one_of_four_words() {
    let words = [
        (Story::Refunding, "refunding"),
        (Story::Refunded, "refunded"),
        (Story::RefundFailed, "refund_failed"),
        (Story::Reported, "reported"),
    ];
    for (story, expected) in words {
        let answer = told(Action::Pay, late(Told::Cancelled, uzs(12_500), story));
        assert_eq!(word(&answer, "dev.till.extra.LATE_PAYMENT"), expected);
    }
    let reported = told(Action::Pay, approved_late());
    assert_eq!(word(&reported, "dev.till.extra.LATE_PAYMENT"), "reported");
    assert_eq!(extra(&told(Action::Pay, doubt()), "dev.till.extra.LATE_PAYMENT"), None);
}

#[test]
fn paid_amount_is_a_long_where_it_is_not_what_was_asked() {
    let other = told(Action::Pay, late(Told::OtherSum, uzs(9_000), Story::Refunded));
    assert_eq!(extra(&other, "dev.till.extra.PAID_AMOUNT"), Some(Extra::Long(9_000)));
    let same = told(Action::Pay, late(Told::Cancelled, uzs(12_500), Story::Refunded));
    assert_eq!(extra(&same, "dev.till.extra.PAID_AMOUNT"), None);
}

#[test]
fn sandbox_is_true_or_absent() {
    let mut operation = operation(Action::Pay, approved());
    let real = told_to(Verb::Pay, Language::En, &operation);
    assert_eq!(extra(&real, "dev.till.extra.SANDBOX"), None);
    operation.order.sandbox = true;
    let play = told_to(Verb::Pay, Language::En, &operation);
    assert_eq!(extra(&play, "dev.till.extra.SANDBOX"), Some(Extra::Bool(true)));
    assert!(word(&play, "transaction").contains(r#""sandbox":true"#));
}

#[test]
fn the_action_of_an_answer_is_that_of_the_request() {
    for action in [Action::Pay, Action::Refund] {
        for verb in [Verb::from(action), Verb::Status] {
            let answer = told_to(verb, Language::En, &operation(action, doubt()));
            assert_eq!((answer.action.as_str(), answer.verb()), (verb.action(), Some(verb)));
        }
    }
}

#[test]
fn the_line_of_json_keeps_the_contracts_order() {
    let mut answer = told(Action::Pay, approved());
    answer.metadata = Some(metadata());
    answer.transaction = Some(r#"{"id":"p"}"#.to_owned());
    let expected = concat!(
        r#"{"result_code":-1,"action":"ru.lifepay.checkout.quick_payments_terminal.pay","#,
        r#""extras":{"code":0,"transaction":"{\"id\":\"p\"}","request_id":"order-7","#,
        r#""metadata":{"OrderId":"12345"},"dev.till.extra.OUTCOME":"approved","#,
        r#""dev.till.extra.ADVICE":"none"}}"#,
    );
    assert_eq!(answer.to_json(), expected);
}

#[test]
fn the_line_of_json_carries_all_that_applies() {
    let mut operation = operation(Action::Pay, late(Told::Cancelled, uzs(9_000), Story::Refunding));
    operation.order.sandbox = true;
    let line: Value =
        serde_json::from_str(&told_to(Verb::Status, Language::En, &operation).to_json()).unwrap();
    let extras = &line["extras"];
    assert_eq!(extras["code"], 2);
    assert_eq!(extras["error_type"], "default_error");
    assert_eq!(extras["dev.till.extra.LATE_PAYMENT"], "refunding");
    assert_eq!(extras["dev.till.extra.PAID_AMOUNT"], 9_000);
    assert_eq!(extras["dev.till.extra.SANDBOX"], true);
}

#[test]
fn every_answer_is_one_line_that_reads_back_the_same() {
    let hostile = "a\nb\r\u{2028}\"\\\u{0}".to_owned();
    let mut answers = vec![refusal(
        &hostile,
        Action::Pay,
        RequestId::new(hostile.as_str()),
        Some([(hostile.clone(), hostile.clone())].into()),
        Language::Zh,
        &Refusal::Journal(hostile.clone()),
    )];
    for action in [Action::Pay, Action::Refund] {
        for (_, state) in all_states() {
            answers.push(told(action, state));
        }
    }
    for mut answer in answers {
        let line = answer.to_json();
        assert!(!line.contains(['\n', '\r']), "{line}");
        answer.operation = None;
        if answer.error_type().is_none() {
            answer.message.clear();
        }
        assert_eq!(Answer::from_json(&line).unwrap(), answer);
    }
}

#[test]
fn a_line_that_is_no_answer_is_not_read_as_one() {
    let good = told(Action::Pay, approved()).to_json();
    let bad = told(Action::Pay, doubt()).to_json();
    for (line, from, to) in [
        (&good, r#""result_code":-1"#, r#""result_code":0"#),
        (&good, r#""code":0"#, r#""code":1"#),
        (&bad, r#""code":4"#, r#""code":0"#),
        (&bad, r#""code":4"#, r#""code":12"#),
        (&bad, r#""code":4"#, r#""code":-1"#),
        (&bad, "ask_status", "hope"),
        (&bad, "request_id", "requestId"),
        (&bad, "}}", "}"),
    ] {
        let wrong = line.replacen(from, to, 1);
        assert_ne!(&wrong, line);
        assert!(Answer::from_json(&wrong).is_err(), "{wrong}");
    }
    let newer = bad.replacen(r#""code":4"#, r#""code":4,"dev.till.extra.NEW":[{}]"#, 1);
    assert!(Answer::from_json(&newer).is_ok());
}
