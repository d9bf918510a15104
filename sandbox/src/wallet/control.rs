//! The control API: what the wallet page, scripts and tests tell the sandbox, in JSON.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::HeaderName};
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Call;
use crate::customer::Auto;
use crate::ecommpay::Platform;
use crate::fault::Fault;
use crate::ledger::Movement;
use crate::money::Currency;
use crate::octo::{Bank, Behaviour};
use crate::server::shared::{Shared, random};
use crate::view::{BankName, Entered, PaymentView, Refusal};

type Sandbox = State<Arc<Shared>>;
type Answer = Result<Json<Value>, Problem>;

/// Why a call did nothing.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    error: String,
    message: String,
}

/// A JSON body whose mistakes are told in the API's own words.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

/// Which payment, and for an entry code how much.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    external_id: Option<String>,
    code: Option<String>,
    amount: Option<u64>,
    currency: Option<Currency>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundEnd {
    external_id: String,
    success: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultList {
    faults: Vec<Fault>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AutoChoice {
    auto: Auto,
    delay_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    advance_ms: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Key {
    key: String,
}

pub(super) async fn payments(State(shared): Sandbox) -> Json<Value> {
    let now_ms = shared.now_ms();
    let bank = shared.lock();
    let (mut open, mut recent) = (bank.open_payments(now_ms), bank.recent_payments(now_ms));
    drop(bank);
    let platform = shared.lock_platform();
    open.extend(platform.open_payments(now_ms));
    recent.extend(platform.recent_payments(now_ms));
    drop(platform);
    recent.sort_by_key(|payment| core::cmp::Reverse(payment.ended_at_ms));
    let exponents = exponents(open.iter().chain(&recent));
    Json(json!({
        "now_ms": now_ms, "auto": shared.auto(), "exponents": exponents,
        "open": open, "recent": recent,
    }))
}

pub(super) async fn payment(State(shared): Sandbox, Query(key): Query<Key>) -> Answer {
    let now_ms = shared.now_ms();
    let payment = find(&shared, now_ms, &key.key).ok_or(Refusal::Unknown)?;
    let exponents = exponents([&payment].into_iter());
    Ok(Json(json!({ "now_ms": now_ms, "exponents": exponents, "payment": payment })))
}

pub(super) async fn approve(State(shared): Sandbox, Body(choice): Body<Choice>) -> Answer {
    let (amount, currency) = (choice.amount, choice.currency);
    let entered = amount.map(|amount| Entered { amount, currency });
    act(
        &shared,
        &choice,
        |bank, now_ms, id| bank.approve(now_ms, id, entered).map(|_| ()),
        |platform, now_ms, id| {
            let sum = platform.payment(now_ms, id).and_then(|payment| payment.asked);
            if sum.zip(amount).is_some_and(|(sum, amount)| sum.amount != amount) {
                return Err(Refusal::AmountFixed);
            }
            platform.approve(now_ms, &mut random, id).map(|_| ())
        },
    )
}

pub(super) async fn decline(State(shared): Sandbox, Body(choice): Body<Choice>) -> Answer {
    act(&shared, &choice, Bank::decline, |platform, now_ms, id| {
        platform.decline(now_ms, &mut random, id)
    })
}

pub(super) async fn cancel(State(shared): Sandbox, Body(choice): Body<Choice>) -> Answer {
    act(&shared, &choice, Bank::cancel, |platform, now_ms, id| {
        platform.cancel(now_ms, &mut random, id)
    })
}

/// The customer opens a code, or the address of a Payment Page.
pub(super) async fn scan(State(shared): Sandbox, Body(choice): Body<Choice>) -> Answer {
    let mut choice = choice;
    if let Some(page) = choice.code.as_deref().filter(|code| code.contains("/payment?")) {
        let wrong = |why: String| Problem::new(StatusCode::BAD_REQUEST, "page", why);
        shared.scan(page).map_err(wrong)?;
        choice.external_id = payment_id(page);
    }
    act(&shared, &choice, Bank::scan, |_, _, _| Ok(()))
}

pub(super) async fn finish_refund(State(shared): Sandbox, Body(end): Body<RefundEnd>) -> Answer {
    let octo =
        shared.change(|bank, now_ms| bank.finish_refund(now_ms, &end.external_id, end.success));
    match octo {
        Err(Refusal::Unknown) => shared.change_platform(|platform, now_ms| {
            platform.finish_refund(now_ms, &end.external_id, end.success)
        })?,
        other => other?,
    }
    Ok(Json(json!({ "external_id": end.external_id, "success": end.success })))
}

pub(super) async fn faults(State(shared): Sandbox) -> Json<Value> {
    Json(json!({ "faults": shared.faults.list() }))
}

pub(super) async fn add_faults(State(shared): Sandbox, Body(list): Body<FaultList>) -> Json<Value> {
    for fault in list.faults {
        shared.faults.add(fault);
    }
    faults(State(shared)).await
}

pub(super) async fn clear_faults(State(shared): Sandbox) -> Json<Value> {
    shared.faults.clear();
    faults(State(shared)).await
}

pub(super) async fn ledger(State(shared): Sandbox) -> Json<Value> {
    let mut movements = shared.lock().ledger().movements().to_vec();
    movements.extend_from_slice(shared.lock_platform().ledger().movements());
    movements.sort_by_key(Movement::at_ms);
    Json(json!({ "movements": movements }))
}

pub(super) async fn calls(State(shared): Sandbox) -> Json<Value> {
    let calls = Call::ALL.map(|call| (call.name(), shared.calls.get(call)));
    Json(json!({ "calls": BTreeMap::from(calls) }))
}

pub(super) async fn behaviour(State(shared): Sandbox) -> Json<Value> {
    Json(json!(shared.lock().behaviour()))
}

/// Changes the settings that are named; the others stay.
pub(super) async fn set_behaviour(
    State(shared): Sandbox,
    Body(changes): Body<serde_json::Map<String, Value>>,
) -> Answer {
    let wanted: Behaviour = merged(json!(shared.lock().behaviour()), changes)?;
    shared.change(|bank, _| bank.set_behaviour(wanted));
    Ok(behaviour(State(shared)).await)
}

/// Puts changes into settings.
pub(super) fn merged<T: serde::de::DeserializeOwned>(
    now: Value,
    changes: serde_json::Map<String, Value>,
) -> Result<T, Problem> {
    let Value::Object(mut settings) = now else {
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "behaviour", "not an object"));
    };
    settings.extend(changes);
    serde_json::from_value(Value::Object(settings))
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "behaviour", error.to_string()))
}

pub(super) async fn auto(State(shared): Sandbox) -> Json<AutoChoice> {
    let delay_ms = Some(shared.auto_delay_ms.load(Ordering::Relaxed));
    Json(AutoChoice { auto: shared.auto(), delay_ms })
}

pub(super) async fn set_auto(
    State(shared): Sandbox,
    Body(choice): Body<AutoChoice>,
) -> Json<AutoChoice> {
    if let Some(ms) = choice.delay_ms {
        shared.auto_delay_ms.store(ms, Ordering::Relaxed);
    }
    shared.set_auto(choice.auto);
    auto(State(shared)).await
}

pub(super) async fn time(State(shared): Sandbox) -> Json<Value> {
    Json(json!({ "now_ms": shared.now_ms() }))
}

pub(super) async fn advance(State(shared): Sandbox, Body(advance): Body<Advance>) -> Json<Value> {
    shared.advance_ms(advance.advance_ms);
    time(State(shared)).await
}

pub(super) async fn config(State(shared): Sandbox) -> impl IntoResponse {
    plain(super::config::till_config(&shared))
}

pub(super) async fn ca_pem(State(shared): Sandbox) -> impl IntoResponse {
    plain(shared.ca_pem.clone())
}

/// Does what the customer chose, and shows the payment as it is then.
fn act(
    shared: &Shared,
    choice: &Choice,
    octo: impl FnOnce(&mut Bank, i64, &str) -> Result<(), Refusal>,
    ecommpay: impl FnOnce(&mut Platform, i64, &str) -> Result<(), Refusal>,
) -> Answer {
    let key = choice.external_id.as_deref().or(choice.code.as_deref()).ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, "payment", "name an external_id or a code")
    })?;
    let found = find(shared, shared.now_ms(), key).ok_or(Refusal::Unknown)?;
    let id = found.external_id.as_str();
    let payment = match found.bank {
        BankName::Octo => shared.change(|bank, now_ms| {
            octo(bank, now_ms, id)?;
            bank.payment(now_ms, id).ok_or(Refusal::Unknown)
        }),
        BankName::Ecommpay => shared.change_platform(|platform, now_ms| {
            ecommpay(platform, now_ms, id)?;
            platform.payment(now_ms, id).ok_or(Refusal::Unknown)
        }),
    };
    Ok(Json(json!({ "payment": payment? })))
}

/// Finds a payment by its external id, its code, or what stands in its wallet page's address.
fn find(shared: &Shared, now_ms: i64, key: &str) -> Option<PaymentView> {
    let bank = shared.lock();
    let found = bank.payment(now_ms, key).or_else(|| {
        let code = bank.code_ending_in(key)?;
        bank.payment(now_ms, code)
    });
    drop(bank);
    found.or_else(|| shared.lock_platform().payment(now_ms, key))
}

/// Reads the payment's name from the address of a page that was opened.
fn payment_id(page: &str) -> Option<String> {
    let (_, query) = page.split_once('?')?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix("payment_id="))?;
    Some(value.to_owned())
}

fn exponents<'a>(payments: impl Iterator<Item = &'a PaymentView>) -> BTreeMap<Currency, u32> {
    let mut exponents = BTreeMap::new();
    for payment in payments {
        let sums = [payment.asked, payment.amount, payment.withdrawal].into_iter().flatten();
        for currency in sums.map(|sum| sum.currency).chain([payment.currency]) {
            exponents.insert(currency, currency.exponent());
        }
    }
    exponents
}

fn plain(text: String) -> ([(HeaderName, &'static str); 1], String) {
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text)
}

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    Json<T>: FromRequest<S, Rejection = JsonRejection>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Json(value) = Json::<T>::from_request(request, state).await?;
        Ok(Self(value))
    }
}

impl Shared {
    fn auto(&self) -> Auto {
        *self.auto.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Problem {
    pub(super) fn new(
        status: StatusCode,
        error: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { status, error: error.into(), message: message.into() }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::Unknown => StatusCode::NOT_FOUND,
            Refusal::AmountNeeded | Refusal::AmountFixed | Refusal::BadAmount => {
                StatusCode::BAD_REQUEST
            }
            Refusal::Ambiguous
            | Refusal::NotPayable
            | Refusal::Expired
            | Refusal::AlreadyPaid
            | Refusal::Ended => StatusCode::CONFLICT,
        };
        let name = json!(refusal).as_str().unwrap_or_default().to_owned();
        Self::new(status, name, refusal.to_string())
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), "body", rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, error, message } = self;
        (status, Json(json!({ "error": error, "message": message }))).into_response()
    }
}
