//! What people read: all of it, in each language, kept as a file.

use std::collections::BTreeMap;

use till_core::id::RequestId;
use till_core::intent::{Field, Language, NotRefundable, Refusal, Verb, Wrong, refusal};
use till_core::operation::Action;

use crate::fixture::{all_states, operation, told_to, uzs};
use crate::vectors::check_text;

fn wrongs() -> Vec<Wrong> {
    vec![
        Wrong::Missing,
        Wrong::Type("java.lang.Double".to_owned()),
        Wrong::Empty,
        Wrong::TooLong,
        Wrong::NotPositive,
        Wrong::NotText("Long".to_owned()),
        Wrong::Repeated,
        Wrong::Unknown,
        Wrong::NotOneOf(vec!["octo".to_owned(), "ecommpay".to_owned()]),
        Wrong::Broken("expected value at line 1 column 1".to_owned()),
        Wrong::OfRefund,
        Wrong::Version,
        Wrong::NotSuccess,
        Wrong::Nameless,
        Wrong::Sandbox,
    ]
}

fn refusals() -> Vec<Refusal> {
    let mut all: Vec<Refusal> =
        Field::ALL.into_iter().map(|field| Refusal::Extra(field, Wrong::Missing)).collect();
    all.extend(wrongs().into_iter().map(|wrong| Refusal::Extra(Field::PrimaryTransaction, wrong)));
    all.extend(
        [
            NotRefundable::AboveRest(uzs(100)),
            NotRefundable::AlreadyRefunded,
            NotRefundable::AnotherInDoubt,
            NotRefundable::NotOurs,
            NotRefundable::OtherTerminal,
            NotRefundable::NotPaid,
        ]
        .map(Refusal::NotRefundable),
    );
    all.extend([
        Refusal::Unreadable,
        Refusal::Order("JPY".to_owned()),
        Refusal::NotConfigured("client_id".to_owned()),
        Refusal::NotConfigured(String::new()),
        Refusal::CallerNotAllowed,
        Refusal::NoConnection("the bank did not answer in time".to_owned()),
        Refusal::OtherParameters,
        Refusal::Running,
        Refusal::Journal("till.sqlite: disk full".to_owned()),
        Refusal::NoSuchRequest,
        Refusal::Failed,
    ]);
    all
}

fn messages(language: Language) -> BTreeMap<String, String> {
    let mut messages = BTreeMap::new();
    for about in [Action::Pay, Action::Refund] {
        for why in refusals() {
            let id = RequestId::new("order-7");
            let answer = refusal(Verb::from(about).action(), about, id, None, language, &why);
            messages.insert(format!("{} refusal {why:?}", about.as_str()), answer.message);
        }
        for (name, state) in all_states() {
            let answer = told_to(about.into(), language, &operation(about, state));
            messages.insert(format!("{} {name}", about.as_str()), answer.message);
        }
    }
    messages
}

#[test]
fn messages_are_those_that_were_looked_at() {
    for language in Language::ALL {
        let lines: String =
            messages(language).iter().map(|(name, text)| format!("{name} | {text}\n")).collect();
        check_text(&format!("intent/messages/{language}.txt"), &lines);
    }
}

#[test]
fn every_message_is_there_and_translated() {
    let [en, ru, zh] = Language::ALL.map(messages);
    for (name, text) in &en {
        let all = [text, &ru[name], &zh[name]];
        assert!(all.iter().all(|text| !text.trim().is_empty()), "{name}: {all:?}");
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2], "{name}: {all:?}");
        let has = |text: &str, range: std::ops::RangeInclusive<char>| {
            text.chars().any(|letter| range.contains(&letter))
        };
        assert!(text.is_ascii() || has(text, '\u{a0}'..='\u{a0}'), "{name}: {text}");
        assert!(has(all[1], 'а'..='я') && has(all[2], '\u{4e00}'..='\u{9fff}'), "{name}: {all:?}");
    }
}

#[test]
fn a_refusal_of_an_extra_names_it_in_every_language() {
    for language in Language::ALL {
        for field in Field::ALL {
            let why = Refusal::Extra(field, Wrong::Missing);
            let id = RequestId::new("order-7");
            let answer = refusal("", Action::Pay, id, None, language, &why);
            assert!(answer.message.starts_with(field.name()), "{}", answer.message);
        }
    }
}

#[test]
fn foreign_words_are_one_line_and_end() {
    let words = format!("line\n\tline\u{0} \u{7}{}", "я".repeat(70_000));
    let id = RequestId::new("order-7");
    let why = Refusal::NotConfigured(words.clone());
    let message = refusal("", Action::Pay, id, None, Language::En, &why).message;
    assert!(!message.contains(char::is_control) && message.contains("line line яяя"));
    assert!(message.chars().count() < 400 && message.ends_with('…'), "{message}");
    let foreign = Refusal::Extra(Field::Amount, Wrong::Type(words));
    let id = RequestId::new("order-7");
    let message = refusal("", Action::Pay, id, None, Language::En, &foreign).message;
    assert!(message.chars().count() < 200, "{message}");
}

#[test]
fn a_language_is_en_ru_or_zh() {
    for language in Language::ALL {
        assert_eq!(language.as_str().parse(), Ok(language));
    }
    for wrong in ["", "EN", "de", "zh-CN"] {
        assert!(wrong.parse::<Language>().is_err(), "{wrong}");
    }
}
