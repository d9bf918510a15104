//! QPTransaction: what a POS app keeps and hands back.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use till_core::id::{ExternalId, OperationId, RailId, RequestId};
use till_core::intent::{QpTransaction, TRANSACTION_MAX, TransactionType, Wrong};
use till_core::operation::{Action, Receipt};
use till_core::secret::Secret;

use crate::fixture::{approved, currency, key, operation, receipt, uzs};
use crate::vectors::each_case;

type Change = Box<dyn Fn(&mut QpTransaction)>;

fn made(action: Action) -> QpTransaction {
    let receipt = Receipt { withdrawal: Some(uzs(12_400)), ..receipt(uzs(12_500)) };
    QpTransaction::of(&operation(action, approved()), &receipt, &key())
}

#[test]
fn transactions_are_read_and_written_back() {
    each_case("qptransaction", |input| {
        let read = QpTransaction::parse(input.trim_end()).unwrap();
        serde_json::from_str(&read.to_json()).unwrap()
    });
}

#[test]
fn invalid_transactions_are_refused() {
    each_case("qptransaction/invalid", |input| {
        let wrong = format!("{:?}", QpTransaction::parse(input.trim_end()).unwrap_err());
        json!({ "wrong": wrong.split('(').next() })
    });
}

#[test]
fn a_payment_carries_every_field_of_the_contract() {
    let expected = concat!(
        r#"{"schemaVersion":1,"id":"22222222-2222-4222-8222-222222222222","type":"PAY","#,
        r#""status":"SUCCESS","amount":12500,"currency":"UZS","purpose":"Coffee","rail":"octo","#,
        r#""requestId":"order-7","externalId":"77777777777777777777777774","#,
        r#""referenceOrderId":"22222222-2222-4222-8222-222222222222","paymentAmount":12500,"#,
        r#""paymentCurrency":"UZS","withdrawalAmount":12400,"withdrawalCurrency":"UZS","#,
        r#""createdAt":"2025-05-16T10:09:47.565Z","completedAt":"2025-05-16T10:10:00.001Z","#,
        r#""sandbox":false,"#,
        r#""mac":"MAC"}"#,
    );
    let pay = made(Action::Pay);
    let mac = pay.mac.clone().unwrap();
    assert_eq!(pay.to_json(), expected.replace("MAC", &mac));
}

#[test]
fn a_refund_names_its_payment() {
    let refund: Value = serde_json::from_str(&made(Action::Refund).to_json()).unwrap();
    assert_eq!(refund["type"], "REFUND");
    assert_eq!(refund["primaryTransactionId"], "11111111-1111-4111-8111-111111111111");
    assert_eq!(refund.get("purpose"), None);
    assert_eq!(QpTransaction::parse(&refund.to_string()), Err(Wrong::OfRefund));
}

#[test]
fn the_sum_that_moved_is_the_banks_figure_if_it_gave_one() {
    let operation = operation(Action::Pay, approved());
    let promoted = Receipt { payment: Some(uzs(11_000)), ..receipt(uzs(11_000)) };
    let made = QpTransaction::of(&operation, &promoted, &key());
    assert_eq!((made.amount, made.payment_amount), (Some(12_500), Some(11_000)));
    let silent = QpTransaction::of(&operation, &receipt(uzs(12_500)), &key());
    assert_eq!((silent.payment_amount, silent.withdrawal_amount), (Some(12_500), None));
}

#[test]
fn the_mac_is_hmac_sha256_of_the_documented_bytes() {
    let mac = made(Action::Pay).mac;
    assert_eq!(
        mac.as_deref(),
        Some("310a6ed9e1e757324ea2106dc0555f738115c31445bd2d301e79e13bd5d1c8e4")
    );
}

#[test]
fn the_mac_holds_after_a_journey_and_with_its_own_key_only() {
    let sent = made(Action::Pay);
    let back = QpTransaction::parse(&sent.to_json()).unwrap();
    assert!(back.verify_mac(&key()));
    assert!(!back.verify_mac(&Secret::new(b"another key".to_vec())));
    assert!(!back.verify_mac(&Secret::new(Vec::new())));
}

#[test]
fn a_mac_that_is_missing_cut_or_no_mac_does_not_hold() {
    let whole = made(Action::Pay);
    let mac = whole.mac.clone().unwrap();
    let wrong = [
        None,
        Some(String::new()),
        Some(mac[..62].to_owned()),
        Some(format!("{mac}00")),
        Some(mac.to_uppercase()),
        Some("я".repeat(32)),
        Some("0".repeat(64)),
    ];
    for mac in wrong {
        assert!(!QpTransaction { mac: mac.clone(), ..whole.clone() }.verify_mac(&key()), "{mac:?}");
    }
}

#[test]
fn the_mac_covers_id_external_id_rail_amounts_and_currencies() {
    let whole = made(Action::Pay);
    let usd = Some(currency("USD"));
    let changes: Vec<(&str, Change)> = vec![
        ("id", Box::new(|made| made.id = Some(OperationId::new("other")))),
        ("no id", Box::new(|made| made.id = None)),
        ("externalId", Box::new(|made| made.external_id = Some(ExternalId::new("OTHER")))),
        ("rail", Box::new(|made| made.rail = Some(RailId::new("ecommpay")))),
        ("amount", Box::new(|made| made.amount = Some(12_501))),
        ("currency", Box::new(move |made| made.currency = usd)),
        ("paymentAmount", Box::new(|made| made.payment_amount = Some(12_501))),
        ("paymentCurrency", Box::new(move |made| made.payment_currency = usd)),
        ("withdrawalAmount", Box::new(|made| made.withdrawal_amount = Some(1))),
        ("no withdrawalAmount", Box::new(|made| made.withdrawal_amount = None)),
        ("withdrawalCurrency", Box::new(move |made| made.withdrawal_currency = usd)),
        ("type", Box::new(|made| made.kind = Some(TransactionType::Refund))),
        ("sandbox", Box::new(|made| made.sandbox = Some(true))),
        (
            "a sum moved to the next field",
            Box::new(|made| {
                (made.payment_amount, made.withdrawal_amount) =
                    (made.withdrawal_amount, made.payment_amount);
            }),
        ),
        (
            "a letter moved from one id to the next",
            Box::new(|made| {
                let (id, external_id) = (made.id.take().unwrap(), made.external_id.take().unwrap());
                let (head, tail) = id.as_str().split_at(35);
                made.external_id = Some(ExternalId::new(format!("{tail}{external_id}")));
                made.id = Some(OperationId::new(head));
            }),
        ),
    ];
    for (name, change) in changes {
        let mut changed = whole.clone();
        change(&mut changed);
        assert_ne!(changed, whole, "{name}");
        assert!(!changed.verify_mac(&key()), "{name}");
    }
}

#[test]
fn the_mac_leaves_out_what_a_model_class_may_drop() {
    let whole = made(Action::Pay);
    let dropped = QpTransaction {
        schema_version: None,
        kind: None,
        status: None,
        purpose: None,
        request_id: Some(RequestId::new("other")),
        reference_order_id: None,
        created_at: None,
        completed_at: None,
        sandbox: None,
        ..whole
    };
    assert!(dropped.verify_mac(&key()));
}

#[test]
fn a_transaction_of_the_greatest_length_is_read_and_no_longer_one() {
    let of_length = |length: usize| {
        let frame = r#"{"id":"p","x":""}"#.len();
        format!(r#"{{"id":"p","x":"{}"}}"#, "x".repeat(length - frame))
    };
    assert!(QpTransaction::parse(&of_length(TRANSACTION_MAX)).is_ok());
    assert_eq!(QpTransaction::parse(&of_length(TRANSACTION_MAX + 1)), Err(Wrong::TooLong));
}

#[test]
fn deep_json_is_refused_and_does_not_crash() {
    for depth in [200, 10_000] {
        let open = format!(r#"{{"id":"p","x":{}"#, "[".repeat(depth));
        let whole = format!("{open}{}}}", "]".repeat(depth));
        for text in [open, whole] {
            assert!(matches!(QpTransaction::parse(&text), Err(Wrong::Broken(_))), "{depth}");
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn unknown_fields_are_kept(
        unknown in prop::collection::btree_map("x.{0,8}", value(), 0..6),
    ) {
        let mut sent: Map<String, Value> =
            serde_json::from_str(&made(Action::Pay).to_json()).unwrap();
        sent.extend(unknown);
        let read = QpTransaction::parse(&Value::Object(sent.clone()).to_string()).unwrap();
        prop_assert!(read.verify_mac(&key()));
        let back: Map<String, Value> = serde_json::from_str(&read.to_json()).unwrap();
        prop_assert_eq!(back, sent);
    }

    #[test]
    fn broken_json_never_panics(at in 0_usize..600, byte in any::<u8>()) {
        let mut bytes = made(Action::Pay).to_json().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(text) = String::from_utf8(bytes) {
            let _: Result<QpTransaction, Wrong> = QpTransaction::parse(&text);
        }
    }
}
