//! Whether the gateway works, and what goes on in it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::{App, Head, OPENAPI};
use crate::body::Refused;

/// `GET /healthz`: the process lives.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: journal and core answer, and the tokens can be read.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Refused> {
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
    Ok("ready\n")
}

/// `GET /metrics`, in Prometheus' text format.
pub(super) async fn metrics(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Refused> {
    let (head, _) = Head::split(request);
    // Whoever is not on this machine needs a token: the numbers tell a merchant's turnover.
    let proxied = head.headers.contains_key(super::FORWARDED);
    if !head.peer.ip().is_loopback() || proxied {
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
