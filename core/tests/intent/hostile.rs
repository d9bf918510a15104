//! Any app on the device can send anything: it never panics, and a request holds every rule.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use till_core::id::Caller;
use till_core::intent::{
    Advice, Answer, AnswerCode, Extra, Extras, Field, Language, QpTransaction, Request, Verb, read,
};

use crate::fixture::{GENERATED, PAYMENT, RANDOM};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => ".{0,12}",
        2 => prop::sample::select(vec![
            "", "pay", "refund", "UZS", "uzs", "octo", "order-7", "12500", PAYMENT,
            r#"{"id":"p","type":"REFUND"}"#, r#"{"id":"p","amount":1.5}"#, "{", "[[[[", "{}",
        ])
        .prop_map(str::to_owned),
        1 => (any::<char>(), 0_usize..5_000).prop_map(|(one, times)| {
            std::iter::repeat_n(one, times).collect()
        }),
        1 => Just("x".repeat(2_000_000)),
    ]
}

fn extra() -> impl Strategy<Value = Extra> {
    let leaf = prop_oneof![
        3 => text().prop_map(Extra::Text),
        2 => prop_oneof![any::<i64>(), -1..3_i64, Just(i64::MAX)].prop_map(Extra::Long),
        2 => prop_oneof![any::<i32>(), -1..3_i32].prop_map(Extra::Int),
        1 => any::<bool>().prop_map(Extra::Bool),
        1 => text().prop_map(Extra::Foreign),
        1 => Just(Extra::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let any_pairs = vec((inner.clone(), inner), 0..4).prop_map(Extra::Map);
        let text_pairs = btree_map("[a-z]{0,4}", text(), 0..4);
        let text_pairs = text_pairs.prop_map(|metadata| Extra::from(&metadata));
        prop_oneof![any_pairs, text_pairs]
    })
}

/// Gives mostly what a request of the verb wants, so that many pass, and any hostile thing beside.
fn extras() -> impl Strategy<Value = Extras> {
    let name = prop_oneof![
        8 => prop::sample::select(Field::ALL.map(Field::name).to_vec()).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    let hostile = btree_map(name, extra(), 0..4);
    let good = btree_map("request_id|amount|purpose|primary_transaction", Just(()), 0..5);
    (hostile, good).prop_map(|(hostile, good)| {
        let mut extras: Extras = good
            .into_keys()
            .map(|name| {
                let extra = match name.as_str() {
                    "amount" => Extra::Long(12_500),
                    "primary_transaction" => Extra::Text(PAYMENT.to_owned()),
                    _ => Extra::Text("order-7".to_owned()),
                };
                (name, extra)
            })
            .collect();
        extras.extend(hostile);
        extras
    })
}

/// Is the contract's table once more, in other words than the reader's.
fn lawful(verb: Verb, extras: &Extras) -> bool {
    let get = |name: &str| match extras.get(name) {
        Some(Extra::Null) | None => None,
        Some(extra) => Some(extra),
    };
    let string = |name: &str, rule: &dyn Fn(&str) -> bool| match get(name) {
        None => true,
        Some(Extra::Text(text)) => rule(text),
        Some(_) => false,
    };
    let request_id = string("request_id", &|id| id.len() <= 1024);
    let amount = match get("amount") {
        Some(Extra::Long(amount)) => *amount >= 1,
        Some(Extra::Int(amount)) => *amount >= 1,
        _ => false,
    };
    let currency = string("dev.till.extra.CURRENCY", &|code| {
        code.len() == 3 && code.chars().all(|letter| letter.is_ascii_uppercase())
    });
    let rail = string("dev.till.extra.RAIL", &|rail| (1..=64).contains(&rail.len()));
    let of_verb = match verb {
        Verb::Pay => {
            amount
                && get("purpose").is_some()
                && string("purpose", &|purpose| purpose.encode_utf16().count() <= 255)
                && string("dev.till.extra.CODE_VALUE", &|code| (1..=4096).contains(&code.len()))
                && matches!(get("dev.till.extra.IDEMPOTENT"), None | Some(Extra::Bool(_)))
                && currency
                && rail
        }
        Verb::Refund => {
            amount
                && get("primary_transaction").is_some()
                && string("primary_transaction", &|json| QpTransaction::parse(json).is_ok())
                && currency
                && rail
        }
        Verb::Status => {
            get("request_id").is_some()
                && string("request_id", &|id| !id.is_empty())
                && string("dev.till.extra.ACTION", &|action| matches!(action, "pay" | "refund"))
        }
    };
    request_id && metadata_is_lawful(extras) && of_verb
}

fn metadata_is_lawful(extras: &Extras) -> bool {
    match extras.get("metadata") {
        None | Some(Extra::Null) => true,
        Some(Extra::Map(pairs)) => {
            let mut keys = std::collections::BTreeSet::new();
            let mut size = 0;
            pairs.iter().all(|pair| match pair {
                (Extra::Text(key), Extra::Text(value)) => {
                    size += key.len() + value.len();
                    keys.insert(key) && size <= 262_144
                }
                _ => false,
            })
        }
        Some(_) => false,
    }
}

fn check_refusal(answer: &Answer, extras: &Extras) {
    assert_eq!((answer.code, answer.advice), (AnswerCode::BadRequest, Advice::FixRequest));
    let named = Field::ALL
        .map(Field::name)
        .into_iter()
        .any(|name| answer.message.starts_with(&format!("{name}: ")));
    assert!(named, "{}", answer.message);
    assert!(answer.message.chars().count() < 500, "{}", answer.message);
    let echoed = match extras.get("request_id") {
        Some(Extra::Text(id)) if (1..=1024).contains(&id.len()) => id,
        _ => GENERATED,
    };
    assert_eq!(answer.request_id.as_str(), echoed);
    let given = matches!(extras.get("metadata"), Some(Extra::Map(_)));
    assert_eq!(answer.metadata.is_some(), given && metadata_is_lawful(extras));
    assert!(Answer::from_json(&answer.to_json()).is_ok());
}

proptest! {
    #[test]
    fn hostile_extras_give_a_request_only_if_every_rule_holds(
        verb in prop::sample::select(Verb::ALL.to_vec()),
        language in prop::sample::select(Language::ALL.to_vec()),
        extras in extras(),
    ) {
        let caller = Caller::new("com.example.hostile");
        let read = read(caller, verb.action(), &extras, language, RANDOM);
        prop_assert_eq!(read.is_ok(), lawful(verb, &extras));
        match &read {
            Ok(request) => {
                prop_assert_eq!(request.verb(), verb);
                let text = |name| match extras.get(name) {
                    Some(Extra::Text(text)) => Some(text.as_str()).filter(|text| !text.is_empty()),
                    _ => None,
                };
                let id = request.request_id().map(|id| id.as_str());
                prop_assert_eq!(id, text("request_id"));
                if let Request::Pay(pay) = request {
                    let same = if let Extra::Long(amount) = extras["amount"] {
                        i128::from(amount)
                    } else if let Extra::Int(amount) = extras["amount"] {
                        i128::from(amount)
                    } else {
                        0
                    };
                    prop_assert_eq!(i128::from(pay.amount_minor), same);
                    prop_assert_eq!(Some(pay.purpose.as_str()).filter(|p| !p.is_empty()),
                        text("purpose"));
                }
            }
            Err(answer) if language == Language::En => check_refusal(answer, &extras),
            Err(answer) => prop_assert_eq!(answer.code, AnswerCode::BadRequest),
        }
    }

    #[test]
    fn any_action_and_any_text_as_json_is_refused_without_a_panic(
        action in ".{0,40}", json in text(), line in text(),
    ) {
        let extras = Extras::from([("primary_transaction".to_owned(), Extra::Text(json.clone()))]);
        let read = read(Caller::new("pos"), &action, &extras, Language::Ru, RANDOM);
        prop_assert!(read.is_err());
        if let Ok(transaction) = QpTransaction::parse(&json) {
            prop_assert_eq!(QpTransaction::parse(&transaction.to_json()), Ok(transaction));
        }
        prop_assert!(Answer::from_json(&line).is_err());
    }
}
