//! Whole requests, a folder each: `requests` are read, `invalid` are refused.

use serde_json::{Value, json};
use till_core::id::Caller;
use till_core::intent::{Answer, Extra, Extras, Language, Request, read};

use crate::fixture::RANDOM;
use crate::vectors::each_case;

#[test]
fn requests_are_read() {
    each_case("intent/requests", |input| plain(&run(input).unwrap()));
}

#[test]
fn invalid_requests_are_refused() {
    each_case("intent/invalid", |input| {
        serde_json::from_str(&run(input).unwrap_err().to_json()).unwrap()
    });
}

fn run(input: &str) -> Result<Request, Box<Answer>> {
    let input: Value = serde_json::from_str(input).unwrap();
    let extras: Extras = input["extras"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), extra(value)))
        .collect();
    let language = input["language"].as_str().map_or(Language::En, |code| code.parse().unwrap());
    read(
        Caller::new("com.example.pos"),
        input["action"].as_str().unwrap(),
        &extras,
        language,
        RANDOM,
    )
}

/// Reads `{"long": 1}`, `{"map": [[key, value]]}`, `{"repeat": [text, times]}` and the like.
fn extra(value: &Value) -> Extra {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    let text = || value.as_str().unwrap().to_owned();
    match kind.as_str() {
        "string" => Extra::Text(text()),
        "repeat" => {
            let times = usize::try_from(value[1].as_u64().unwrap()).unwrap();
            Extra::Text(value[0].as_str().unwrap().repeat(times))
        }
        "long" => Extra::Long(value.as_i64().unwrap()),
        "int" => Extra::Int(i32::try_from(value.as_i64().unwrap()).unwrap()),
        "boolean" => Extra::Bool(value.as_bool().unwrap()),
        "foreign" => Extra::Foreign(text()),
        "null" => Extra::Null,
        "map" => {
            let pairs = value.as_array().unwrap().iter();
            Extra::Map(pairs.map(|pair| (extra(&pair[0]), extra(&pair[1]))).collect())
        }
        other => panic!("{other}"),
    }
}

fn plain(request: &Request) -> Value {
    match request {
        Request::Pay(pay) => json!({ "pay": {
            "caller": pay.caller,
            "request_id": pay.request_id,
            "metadata": pay.metadata,
            "amount_minor": pay.amount_minor,
            "purpose": pay.purpose,
            "currency": pay.currency,
            "rail": pay.rail,
            "code_value": pay.code_value,
            "idempotent": pay.idempotent,
        }}),
        Request::Refund(refund) => json!({ "refund": {
            "caller": refund.caller,
            "request_id": refund.request_id,
            "metadata": refund.metadata,
            "amount_minor": refund.amount_minor,
            "primary": refund.primary,
            "currency": refund.currency,
            "rail": refund.rail,
        }}),
        Request::Status(status) => json!({ "status": {
            "caller": status.caller,
            "request_id": status.request_id,
            "metadata": status.metadata,
            "action": status.action,
        }}),
    }
}
