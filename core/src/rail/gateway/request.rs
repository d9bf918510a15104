//! What a terminal sends to its gateway.

use super::settings::GatewaySettings;
use super::wire::{OrderBody, SettleBody, ToldBody, version};
use crate::http::{HttpRequest, Method};
use crate::operation::state::{Doubt, Settling};
use crate::operation::{Action, Ask, Order, State};
use crate::rail::Call;

/// How long an order waits for the code at the gateway, in seconds.
const ORDER_S: u64 = 10;
/// How long a cancellation waits for the bank's last word, in seconds.
const CANCEL_S: u64 = 20;
/// How long a look waits for news, in seconds.
const LOOK_S: u64 = 25;
/// How long a settling waits for the bank's word, which comes first, in seconds.
const SETTLE_S: u64 = 12;
/// What a call takes beside that wait, in milliseconds.
const SLACK_MS: u64 = HttpRequest::TIME_LIMIT_MS;

pub(super) fn request(settings: &GatewaySettings, call: &Call<'_>) -> HttpRequest {
    let pay = call.order.action() == Action::Pay;
    match (call.ask, call.state) {
        (Ask::Create, _) => put(settings, call, ORDER_S, true, false),
        (Ask::Close, Some(State::InDoubt(Doubt { settling: Some(word), .. }))) => {
            settle(settings, call, word)
        }
        (Ask::Close, _) => put(settings, call, CANCEL_S, false, true),
        (Ask::Poll, Some(state)) => look(settings, call, Some(&seen(state))),
        // An order on its way must not begin what its terminal does not go on with.
        (Ask::Inquire | Ask::Watch, Some(State::InDoubt(_))) if pay => {
            put(settings, call, 0, false, false)
        }
        (Ask::Inquire | Ask::Watch, Some(state @ (State::Closed(_) | State::NotPaid(_))))
            if pay =>
        {
            told(settings, call, state)
        }
        (Ask::Poll | Ask::Inquire | Ask::Watch | Ask::Payment, _) => look(settings, call, None),
    }
}

/// Says what of an operation the terminal has seen already.
fn seen(state: &State) -> String {
    match state {
        // What the SDK was given beside a code does not matter to who waits for the money.
        State::Waiting(waiting) if waiting.code.is_some() => "waiting*".to_owned(),
        State::Creating(_)
        | State::Waiting(_)
        | State::Closing(_)
        | State::InDoubt(_)
        | State::Approved(_)
        | State::NotPaid(_)
        | State::Refused(_)
        | State::Closed(_)
        | State::Late(_) => version(state),
    }
}

fn put(
    settings: &GatewaySettings,
    call: &Call<'_>,
    wait_s: u64,
    begin: bool,
    cancel: bool,
) -> HttpRequest {
    let body = order(settings, call, begin, cancel);
    let body = serde_json::to_vec(&body).unwrap_or_default();
    let query = if wait_s == 0 { String::new() } else { format!("?wait={wait_s}") };
    let path = format!("/v1/operations/{}{query}", call.id);
    let time_limit_ms = wait_s * 1_000 + SLACK_MS;
    let post = HttpRequest::post_json(&path, body);
    let authorization = authorization(settings);
    HttpRequest { method: Method::Put, authorization, time_limit_ms, ..post }
}

fn order(settings: &GatewaySettings, call: &Call<'_>, begin: bool, cancel: bool) -> OrderBody {
    let Order { amount, request_id, .. } = call.order;
    let payment = call.order.payment();
    let receipt = payment.map(|payment| match &payment.receipt {
        Some(receipt) => receipt.to_string(),
        None => serde_json::json!({ "id": payment.id }).to_string(),
    });
    OrderBody {
        action: call.order.action(),
        amount: i64::try_from(amount.minor).unwrap_or(i64::MAX),
        currency: Some(amount.currency.code().to_owned()),
        request_id: Some(request_id.to_string()),
        purpose: payment.is_none().then(|| call.order.purpose().to_owned()),
        code_value: call.order.code_value().map(str::to_owned),
        primary_transaction: receipt,
        // A refund goes where its payment went.
        rail: settings.rail.clone().filter(|_| payment.is_none()),
        sandbox: Some(settings.sandbox),
        begin,
        cancel,
        told: call.state.filter(|_| !begin).and_then(ToldBody::of),
    }
}

fn look(settings: &GatewaySettings, call: &Call<'_>, seen: Option<&str>) -> HttpRequest {
    let (query, wait_s) = match seen {
        Some(seen) => (format!("?wait={LOOK_S}&version={seen}"), LOOK_S),
        None => (String::new(), 0),
    };
    HttpRequest {
        method: Method::Get,
        authorization: authorization(settings),
        time_limit_ms: wait_s * 1_000 + SLACK_MS,
        ..HttpRequest::post_json(&format!("/v1/operations/{}{query}", call.id), Vec::new())
    }
}

fn told(settings: &GatewaySettings, call: &Call<'_>, state: &State) -> HttpRequest {
    let body = ToldBody::of(state).map(|told| serde_json::to_vec(&told).unwrap_or_default());
    let path = format!("/v1/operations/{}/acknowledge", call.id);
    HttpRequest {
        authorization: authorization(settings),
        ..HttpRequest::post_json(&path, body.unwrap_or_default())
    }
}

/// Gives the operator's word to the gateway, which alone can end what it drives.
fn settle(settings: &GatewaySettings, call: &Call<'_>, word: &Settling) -> HttpRequest {
    let body = serde_json::to_vec(&SettleBody::from(word)).unwrap_or_default();
    HttpRequest {
        authorization: authorization(settings),
        time_limit_ms: SETTLE_S * 1_000 + SLACK_MS,
        ..HttpRequest::post_json(&format!("/v1/operations/{}/settle", call.id), body)
    }
}

fn authorization(settings: &GatewaySettings) -> Option<String> {
    // EXPOSE: it is what this header is for, and the transport marks it as sensitive.
    Some(format!("Bearer {}", settings.token.expose()))
}
