//! What banks send: it wakes an operation, and nothing of it is believed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use till_core::id::ExternalId;
use till_core::rail::ecommpay::{Callback, CallbackError, Ecommpay};
use till_core::rail::octo::Octo;

use super::{App, Head, PUSH_MAX, bad, read};
use crate::body::Refused;
use crate::store::logged;

type Answered = Result<Response, Refused>;

/// `POST /octo/process`: the bank's push. Whoever sends it, the truth is asked for.
pub(super) async fn push(State(app): State<Arc<App>>, request: Request) -> Answered {
    let (head, body) = Head::split(request);
    app.stranger(&head)?;
    let Some(octo) = &app.octo else { return Err(not_here()) };
    let body = read(body, PUSH_MAX, app.address(&head)).await?;
    let Some(external_id) = Octo::read_push(&body) else {
        tracing::warn!(address = %app.address(&head), "a push that cannot be read");
        return Err(bad("the body: JSON with an externalId"));
    };
    let known = app.till.push(&external_id).await?;
    if !known {
        app.metrics.unknown_pushes.add();
        tracing::warn!(id = logged(external_id.as_str()), "a push about nothing of ours");
        return Err(Refused::new(StatusCode::NOT_FOUND, "unknown", "no such externalId"));
    }
    app.metrics.pushes.add();
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((json, octo.push_answer(&external_id)).into_response())
}

/// `POST /ecommpay/callback`: the platform's signed word that something happened.
pub(super) async fn callback(State(app): State<Arc<App>>, request: Request) -> Answered {
    let (head, body) = Head::split(request);
    app.stranger(&head)?;
    let Some(ecommpay) = &app.ecommpay else { return Err(not_here()) };
    let body = read(body, Ecommpay::CALLBACK_MAX, app.address(&head)).await?;
    let callback = match ecommpay.read_callback(&body) {
        Ok(callback) => callback,
        Err(why) => {
            let address = app.address(&head);
            tracing::warn!(%address, %why, "a callback that is not taken");
            app.metrics.refused_callbacks.add();
            let error = match why {
                CallbackError::TooLong => "too_long",
                CallbackError::BadSignature => "bad_signature",
                CallbackError::NoPayment => "unknown",
            };
            let status = StatusCode::from_u16(why.http_status());
            let status = status.unwrap_or(StatusCode::BAD_REQUEST);
            return Err(Refused::new(status, error, why.to_string()));
        }
    };
    take(&app, callback, &body).await
}

/// Does what a callback says about what this process drives: another one passed it on.
pub(crate) async fn take_callback_here(app: &App, body: &[u8]) {
    let Some(Ok(callback)) = app.ecommpay.as_ref().map(|it| it.read_callback(body)) else {
        tracing::error!("another process of the gateway knows another secret of ecommpay");
        return;
    };
    let Callback { payment_id, refund_id, prescription } = callback;
    if let Some(verdict) = prescription {
        app.till.prescribe(&payment_id, verdict);
    }
    for id in [Some(&payment_id), refund_id.as_ref()].into_iter().flatten() {
        app.till.push_here(id).await;
    }
}

async fn take(app: &App, callback: Callback, body: &[u8]) -> Answered {
    let Callback { payment_id, refund_id, prescription } = callback;
    let mut known = false;
    for id in [Some(&payment_id), refund_id.as_ref()].into_iter().flatten() {
        match app.till.knows(id).await? {
            None => {}
            // What is open is in the journal, and asked for until the bank's final word.
            Some(true) => known = true,
            Some(false) => {
                let queued = app.store.queue_wake(id, app.now_ms()).await;
                queued.map_err(|error| app.no_store(&error))?;
                known = true;
            }
        }
    }
    if !known {
        return Err(orphan(app, &payment_id).await);
    }
    app.metrics.callbacks.add();
    if app.till.hand_on(&payment_id, Some(body)).await? == Some(true) {
        return Ok(StatusCode::OK.into_response());
    }
    if let Some(verdict) = prescription {
        app.till.prescribe(&payment_id, verdict);
    }
    for id in [Some(&payment_id), refund_id.as_ref()].into_iter().flatten() {
        app.till.push(id).await?;
    }
    Ok(StatusCode::OK.into_response())
}

/// Keeps a signed word about a payment that nobody here knows: there may be money without a record.
async fn orphan(app: &App, payment_id: &ExternalId) -> Refused {
    tracing::error!(
        payment = logged(payment_id.as_str()),
        "ALARM: a signed callback about a payment that is in no journal here"
    );
    app.metrics.orphans.add();
    if let Err(error) = app.store.keep_orphan(payment_id, app.now_ms()).await {
        return app.no_store(&error);
    }
    Refused::new(StatusCode::NOT_FOUND, "unknown", "no such payment")
}

fn not_here() -> Refused {
    let message = "this gateway does not use that bank";
    Refused::new(StatusCode::NOT_FOUND, "no_such_route", message)
}
