//! The routes, and who may use them.

mod bank;
mod head;
mod health;
mod operations;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use till_core::id::RailId;
use till_core::intent::Language;
use till_core::rail::ecommpay::Ecommpay;
use till_core::rail::octo::Octo;
use till_core::time::Clock;
use tokio::time::Instant;

use crate::body::Refused;
use crate::limit::{Limiter, Limits};
use crate::metrics::Metrics;
use crate::store::{Holder, Kept, Role, StoreError, name_of};
use crate::till::Till;
use head::{Head, read};
use health::Readiness;

pub(crate) use bank::take_callback_here;
pub(crate) use operations::to_request;

/// The document of the API, as it is served.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// The longest body of a terminal's request, in bytes: metadata stays on the terminal.
const BODY_MAX: usize = 128 << 10;
/// The longest body of a push, in bytes.
const PUSH_MAX: usize = 16 << 10;
/// The most tokens that are known to have been in use.
const TOKENS_MAX: usize = 20_000;
/// Where a proxy says who calls.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Is all that the routes need.
#[derive(Debug)]
pub struct App {
    /// The operations.
    pub till: Till,
    /// The tokens, and what came from banks.
    pub store: Kept,
    /// OCTO, if it is one of the acquirers.
    pub octo: Option<Octo>,
    /// ecommpay, if it is one of the acquirers.
    pub ecommpay: Option<Ecommpay>,
    /// Whether the payments of orders that name no acquirer are tests.
    pub sandbox: bool,
    /// The acquirers for which it is the other way round.
    pub sandbox_differs: Vec<RailId>,
    /// The language of messages.
    pub language: Language,
    /// Whether a proxy on this machine says who calls, in `X-Forwarded-For`.
    pub behind_proxy: bool,
    pub(crate) devices: Limiter,
    pub(crate) addresses: Limiter,
    /// The names of tokens that were in use; nobody guesses one.
    tokens: Mutex<BTreeSet<String>>,
    readiness: Readiness,
    pub(crate) metrics: Metrics,
    pub(crate) clock: Clock,
}

/// Is who is on the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl App {
    /// Makes it, with these limits for each terminal and for each address without a token.
    pub fn new(till: Till, store: impl Into<Kept>, devices: Limits, addresses: Limits) -> Self {
        Self {
            till,
            store: store.into(),
            octo: None,
            ecommpay: None,
            sandbox: false,
            sandbox_differs: Vec::new(),
            language: Language::En,
            behind_proxy: false,
            devices: Limiter::new(devices),
            addresses: Limiter::new(addresses),
            tokens: Mutex::default(),
            readiness: Readiness::default(),
            metrics: Metrics::default(),
            clock: Clock::new(),
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().wall_ms
    }

    /// Finds out who calls.
    async fn holder(&self, request: &Head) -> Result<Holder, Refused> {
        let address = self.address(request).to_string();
        let token = request.token();
        // Whoever asked too often without a token has none looked up that nobody has used yet.
        let is_new = token.is_none_or(|token| !self.was_used(token));
        if is_new && !self.addresses.has_left(&address, Instant::now()) {
            return Err(self.refuse_stranger(&address));
        }
        let found = match token {
            Some(token) => self.store.whose(token).await.map_err(|error| self.no_store(&error))?,
            None => None,
        };
        let Some(holder) = found else {
            token.into_iter().for_each(|token| self.forget_used(token));
            self.metrics.refused_tokens.add();
            tracing::warn!(%address, "no token that is in use");
            if !self.addresses.allows(&address, Instant::now()) {
                return Err(self.refuse_stranger(&address));
            }
            let message = "a token in use is needed: Authorization: Bearer <token>";
            return Err(Refused::new(StatusCode::UNAUTHORIZED, "unauthorized", message));
        };
        if !self.devices.allows(&holder.name, Instant::now()) {
            tracing::warn!(device = %holder.name, "too many requests");
            return Err(too_many());
        }
        if let Some(token) = token {
            self.note_used(token);
        }
        Ok(holder)
    }

    fn was_used(&self, token: &str) -> bool {
        let used = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        name_of(token).is_some_and(|name| used.contains(name))
    }

    fn forget_used(&self, token: &str) {
        let mut used = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = name_of(token) {
            used.remove(name);
        }
    }

    fn note_used(&self, token: &str) {
        let mut used = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = name_of(token)
            && used.len() < TOKENS_MAX
            && !used.contains(name)
        {
            used.insert(name.to_owned());
        }
    }

    /// Tells whether payments through this acquirer are tests; `None`: the one of all orders.
    fn is_sandbox(&self, rail: Option<&str>) -> bool {
        let differs = |rail: &str| self.sandbox_differs.iter().any(|one| one.as_str() == rail);
        self.sandbox != rail.is_some_and(differs)
    }

    /// Lets whoever has no token ask only so often.
    fn stranger(&self, request: &Head) -> Result<(), Refused> {
        let address = self.address(request).to_string();
        if self.addresses.allows(&address, Instant::now()) {
            return Ok(());
        }
        Err(self.refuse_stranger(&address))
    }

    fn refuse_stranger(&self, address: &str) -> Refused {
        tracing::warn!(address, "too many requests");
        too_many()
    }

    fn address(&self, request: &Head) -> IpAddr {
        match request.forwarded() {
            Some(told) if self.behind_proxy && request.peer.ip().is_loopback() => told,
            _ => request.peer.ip(),
        }
    }

    pub(crate) fn no_store(&self, error: &StoreError) -> Refused {
        tracing::error!(%error, "the gateway's own tables");
        self.metrics.store_errors.add();
        let message = "the gateway cannot read or write its tables; ask again";
        Refused::new(StatusCode::SERVICE_UNAVAILABLE, "store", message)
    }
}

fn bad(message: impl Into<String>) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "bad_request", message)
}

fn too_many() -> Refused {
    let message = "too many requests; ask again in a second";
    Refused::new(StatusCode::TOO_MANY_REQUESTS, "too_many", message)
}

fn needs(holder: &Holder, role: Role) -> Result<(), Refused> {
    if holder.role == role {
        return Ok(());
    }
    tracing::warn!(by = %holder.name, "a token that is for something else");
    let message = match role {
        Role::Device => "an operator's token takes no payments: use a device's",
        Role::Operator => "this needs an operator's token",
    };
    Err(Refused::new(StatusCode::FORBIDDEN, "forbidden", message))
}

/// Gives the routes: what is here is in the API's document, and the other way round.
pub(crate) fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/operations", get(operations::history))
        .route("/v1/operations/{operation_id}", put(operations::order).get(operations::look))
        .route("/v1/operations/{operation_id}/acknowledge", post(operations::acknowledge))
        .route("/v1/operations/{operation_id}/cancel", post(operations::cancel))
        .route("/v1/operations/{operation_id}/settle", post(operations::settle))
        .route("/octo/process", post(bank::push))
        .route("/ecommpay/callback", post(bank::callback))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(health::openapi))
        .fallback(nothing)
        .with_state(app)
}

async fn nothing() -> Response {
    let message = "there is nothing here; /openapi.json tells what there is";
    Refused::new(StatusCode::NOT_FOUND, "no_such_route", message).into_response()
}
