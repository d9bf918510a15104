//! The routes, and who may use them.

mod bank;
mod health;
mod operations;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
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
use crate::store::{Holder, Kept, Role, StoreError};
use crate::till::Till;

pub(crate) use bank::take_callback_here;
pub(crate) use operations::to_request;

/// The document of the API, as it is served.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// The longest body of a terminal's request, in bytes: metadata stays on the terminal.
const BODY_MAX: usize = 128 << 10;
/// The longest body of a push, in bytes.
const PUSH_MAX: usize = 16 << 10;
/// How long a caller may take to send its body.
const BODY_TIME: Duration = Duration::from_secs(10);
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
        let token = request.headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
        let token = token.and_then(|value| value.strip_prefix("Bearer "));
        let found = match token {
            Some(token) => self.store.whose(token).await.map_err(|error| self.no_store(&error))?,
            None => None,
        };
        let Some(holder) = found else {
            self.metrics.refused_tokens.add();
            tracing::warn!(%address, "no token that is in use");
            if !self.addresses.allows(&address, Instant::now()) {
                return Err(too_many());
            }
            let message = "a token in use is needed: Authorization: Bearer <token>";
            return Err(Refused::new(StatusCode::UNAUTHORIZED, "unauthorized", message));
        };
        if !self.devices.allows(&holder.name, Instant::now()) {
            tracing::warn!(device = %holder.name, "too many requests");
            return Err(too_many());
        }
        Ok(holder)
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
        tracing::warn!(%address, "too many requests");
        Err(too_many())
    }

    fn address(&self, request: &Head) -> IpAddr {
        let told = request.headers.get(FORWARDED).and_then(|it| it.to_str().ok());
        let last = told.and_then(|told| told.rsplit(',').next()?.trim().parse().ok());
        match last {
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

/// Is a request without its body.
#[derive(Debug)]
struct Head {
    headers: HeaderMap,
    query: String,
    peer: SocketAddr,
}

impl Head {
    /// Takes the body off a request.
    fn split(request: Request) -> (Self, Body) {
        let (parts, body) = request.into_parts();
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let peer = parts.extensions.get::<Peer>().map_or(unknown, |peer| peer.0);
        let query = parts.uri.query().unwrap_or_default().to_owned();
        // Copies: what came keeps the whole buffer of its connection, and callers wait for long.
        let copy = |name: HeaderName| {
            let value = HeaderValue::from_bytes(parts.headers.get(&name)?.as_bytes()).ok()?;
            Some((name, value))
        };
        let headers = [header::AUTHORIZATION, FORWARDED].into_iter().filter_map(copy).collect();
        (Self { headers, query, peer }, body)
    }

    /// Gives a parameter of the query as it stands there.
    fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
    }

    /// Reads `wait` in seconds, at most a minute.
    fn wait(&self) -> Result<Duration, Refused> {
        const MAX_S: u64 = 60;
        match self.parameter("wait").map(str::parse) {
            None => Ok(Duration::ZERO),
            Some(Ok(seconds)) if seconds <= MAX_S => Ok(Duration::from_secs(seconds)),
            Some(_) => Err(bad("wait: seconds from 0 to 60")),
        }
    }
}

/// Reads a body that is not too long, from a caller that is not too slow.
async fn read(body: Body, max: usize) -> Result<Bytes, Refused> {
    match tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, max)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            tracing::warn!(max, "a body that is too long, or that broke off");
            let message = format!("the body has at most {max} bytes");
            Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too_long", message))
        }
        Err(_) => {
            tracing::warn!("a body that came too slowly");
            let message = "the body has to be sent within 10 seconds";
            Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message))
        }
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
