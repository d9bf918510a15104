//! Whether the gateway works, and what goes on in it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{App, Head, OPENAPI};
use crate::body::Refused;

/// How long an answer about the readiness holds: anybody may ask, and each look asks the core and
/// the database.
const READY_FOR: Duration = Duration::from_secs(1);

/// Is what was last found out about the readiness, and when.
#[derive(Debug, Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Result<(), Refused>)>>);

/// `GET /healthz`: the process lives.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: journal and core answer, and the tokens can be read.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Refused> {
    // Whoever comes while one looks waits for what that one finds.
    let mut last = app.readiness.0.lock().await;
    let found = match last.take().filter(|(at, _)| at.elapsed() < READY_FOR) {
        Some(found) => found,
        None => {
            let found = is_ready(&app).await;
            (Instant::now(), found)
        }
    };
    let ready = found.1.clone();
    *last = Some(found);
    ready.map(|()| "ready\n")
}

async fn is_ready(app: &App) -> Result<(), Refused> {
    let tally = app.till.tally().await?;
    if app.till.is_stopped() {
        return Err(Refused::stopping());
    }
    if let Some(cluster) = app.till.cluster() {
        cluster.health().await?;
    }
    app.store.orphans().await.map_err(|error| app.no_store(&error))?;
    if tally.journal_refuses {
        let message = "the journal cannot be written";
        return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, "journal", message));
    }
    Ok(())
}

/// `GET /metrics`, in Prometheus' text format.
pub(super) async fn metrics(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Refused> {
    let (head, _) = Head::split(request);
    // Whoever is not on this machine needs a token: the numbers tell a merchant's turnover.
    if !head.peer.ip().is_loopback() || head.proxied {
        app.holder(&head).await?;
    }
    let tally = app.till.tally().await?;
    let orphans = app.store.orphans().await.unwrap_or(0);
    let processes = match app.till.cluster() {
        Some(cluster) => cluster.health().await.map_or(0, |(count, _)| count),
        None => 1,
    };
    let text = app.metrics.text(&tally, app.till.waiting(), orphans, processes);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

/// `GET /openapi.json`: the document of this API.
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}
