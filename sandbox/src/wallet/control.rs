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
use crate::fault::Fault;
use crate::money::Currency;
use crate::octo::{Bank, Behaviour, Entered, PaymentView, Refusal};
use crate::server::shared::Shared;

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
pub(super) struct Body<T>(T);

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
    let (open, recent) = (bank.open_payments(now_ms), bank.recent_payments(now_ms));
    drop(bank);
    let exponents = exponents(open.iter().chain(&recent));
    Json(json!({
        "now_ms": now_ms, "auto": shared.auto(), "exponents": exponents,
        "open": open, "recent": recent,
    }))
}

pub(super) async fn payment(State(shared): Sandbox, Query(key): Query<Key>) -> Answer {
    let now_ms = shared.now_ms();
    let bank = shared.lock();
    let payment = find(&bank, now_ms, &key.key).ok_or(Refusal::Unknown)?;
    drop(bank);
    let exponents = exponents([&payment].into_iter());
    Ok(Json(json!({ "now_ms": now_ms, "exponents": exponents, "payment": payment })))
}

pub(super) async fn approve(State(shared): Sandbox, Body(choice): Body<Choice>) -> Answer {
    let (amount, currency) = (choice.amount, choice.currency);
    let entered = amount.map(|amount| Entered { amount, currency });
    act(&shared, &choice, |bank, now_ms, id| bank.approve(now_ms, id, entered).map(|_| ()))
}

pub(super) async fn decline(State(shared): Sandbox, Body(choice): Body<Choice>) -> Answer {
    act(&shared, &choice, Bank::decline)
}

pub(super) async fn cancel(State(shared): Sandbox, Body(choice): Body<Choice>) -> Answer {
    act(&shared, &choice, Bank::cancel)
}

pub(super) async fn scan(State(shared): Sandbox, Body(choice): Body<Choice>) -> Answer {
    act(&shared, &choice, Bank::scan)
}

pub(super) async fn finish_refund(State(shared): Sandbox, Body(end): Body<RefundEnd>) -> Answer {
    shared.change(|bank, now_ms| bank.finish_refund(now_ms, &end.external_id, end.success))?;
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
    Json(json!({ "movements": shared.lock().ledger().movements() }))
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
    let now = json!(shared.lock().behaviour());
    let Value::Object(mut settings) = now else {
        return Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "behaviour", "not an object"));
    };
    settings.extend(changes);
    let wanted: Behaviour = serde_json::from_value(Value::Object(settings))
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "behaviour", error.to_string()))?;
    shared.change(|bank, _| bank.set_behaviour(wanted));
    Ok(behaviour(State(shared)).await)
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
    plain(till_config(&shared))
}

pub(super) async fn ca_pem(State(shared): Sandbox) -> impl IntoResponse {
    plain(shared.ca_pem.clone())
}

/// Writes a terminal's configuration that points at this sandbox.
pub(crate) fn till_config(shared: &Shared) -> String {
    let bank = shared.lock();
    let Behaviour { client_id, client_secret, currency, .. } = bank.behaviour();
    // A JSON string is a TOML basic string as well.
    let quoted = |text: &str| json!(text).to_string();
    let roots = match &shared.ca_file {
        Some(path) => format!("extra_roots = {}", quoted(&path.to_string_lossy())),
        None => format!(
            "extra_roots = \"sandbox-ca.pem\"    # what {}/control/ca.pem answers",
            shared.wallet_url
        ),
    };
    format!(
        "[terminal]\nid = \"T-1\"\ncurrency = \"{currency}\"\nrail = \"octo\"\n\n\
         [octo]\nbase_url = {}\nclient_id = {}\nclient_secret = {}\n\
         user_id = \"208800000000000001\"\nregion = \"UZ\"\n{roots}\n",
        quoted(&shared.base_url),
        quoted(client_id),
        quoted(client_secret),
    )
}

/// Does what the customer chose, and shows the payment as it is then.
fn act(
    shared: &Shared,
    choice: &Choice,
    work: impl FnOnce(&mut Bank, i64, &str) -> Result<(), Refusal>,
) -> Answer {
    let key = choice.external_id.as_deref().or(choice.code.as_deref()).ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, "payment", "name an external_id or a code")
    })?;
    let payment = shared.change(|bank, now_ms| {
        let id = find(bank, now_ms, key).ok_or(Refusal::Unknown)?.external_id;
        work(bank, now_ms, &id)?;
        bank.payment(now_ms, &id).ok_or(Refusal::Unknown)
    });
    Ok(Json(json!({ "payment": payment? })))
}

/// Finds a payment by its external id, its code, or what stands in its wallet page's address.
fn find(bank: &Bank, now_ms: i64, key: &str) -> Option<PaymentView> {
    bank.payment(now_ms, key).or_else(|| {
        let code = bank.code_ending_in(key)?;
        bank.payment(now_ms, code)
    })
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
