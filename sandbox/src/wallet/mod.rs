//! The customer's side: a web page that pays, and the control API, over plain HTTP.

mod config;
mod control;
mod ecommpay;
mod guard;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

pub(crate) use self::config::till_config;
pub(crate) use self::page::escape;
use crate::server::accept;
use crate::server::shared::Shared;

/// Serves the page and the API until the server stops.
pub(crate) async fn run(listener: TcpListener, shared: Arc<Shared>) {
    let service = TowerToHyperService::new(router(shared.clone()));
    let serve = |stream, _| {
        let service = service.clone();
        async move {
            let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            if let Err(error) = served.await {
                tracing::debug!(%error, "wallet connection");
            }
        }
    };
    accept::run(listener, &shared, serve).await;
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(page::index))
        .route("/w/{*code}", get(page::index))
        .route("/wallet.css", get(page::style))
        .route("/wallet.js", get(page::script))
        .route("/control/payments", get(control::payments))
        .route("/control/payment", get(control::payment))
        .route("/control/approve", post(control::approve))
        .route("/control/decline", post(control::decline))
        .route("/control/cancel", post(control::cancel))
        .route("/control/scan", post(control::scan))
        .route("/control/refund", post(control::finish_refund))
        .route(
            "/control/faults",
            get(control::faults).post(control::add_faults).delete(control::clear_faults),
        )
        .route("/control/ledger", get(control::ledger))
        .route("/control/calls", get(control::calls))
        .route("/control/behaviour", get(control::behaviour).post(control::set_behaviour))
        .route(
            "/control/ecommpay/behaviour",
            get(ecommpay::behaviour).post(ecommpay::set_behaviour),
        )
        .route(
            "/control/ecommpay/callbacks",
            get(ecommpay::callbacks).post(ecommpay::hold_callbacks),
        )
        .route("/control/ecommpay/sign", post(ecommpay::sign))
        .route("/control/auto", get(control::auto).post(control::set_auto))
        .route("/control/time", get(control::time).post(control::advance))
        .route("/control/config", get(control::config))
        .route("/control/ca.pem", get(control::ca_pem))
        .fallback(page::not_found)
        .layer(from_fn_with_state(shared.clone(), guard::check))
        .with_state(shared)
}
