//! The control API's part for ecommpay's platform alone.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::control::{Body, Problem, merged};
use crate::ecommpay::{Behaviour, CallbackView};
use crate::server::shared::Shared;

type Sandbox = State<Arc<Shared>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    hold: bool,
    #[serde(default)]
    backwards: bool,
}

pub(super) async fn behaviour(State(shared): Sandbox) -> Json<Value> {
    Json(json!(shared.lock_platform().behaviour()))
}

/// Changes the settings that are named; the others stay.
pub(super) async fn set_behaviour(
    State(shared): Sandbox,
    Body(changes): Body<serde_json::Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    let wanted: Behaviour = merged(json!(shared.lock_platform().behaviour()), changes)?;
    shared.change_platform(|platform, _| platform.set_behaviour(wanted));
    Ok(behaviour(State(shared)).await)
}

pub(super) async fn callbacks(State(shared): Sandbox) -> Json<Value> {
    let platform = shared.lock_platform();
    let callbacks: Vec<&CallbackView> = platform.callbacks().collect();
    Json(json!({ "callbacks": callbacks }))
}

/// Holds all callbacks back, or lets them go: `{"hold": false, "backwards": true}`.
pub(super) async fn hold_callbacks(
    State(shared): Sandbox,
    Body(order): Body<Order>,
) -> Json<Value> {
    shared.change_platform(|platform, now_ms| {
        platform.hold_callbacks(now_ms, order.hold, order.backwards);
    });
    callbacks(State(shared)).await
}

/// Signs any JSON object as a callback of this project is.
pub(super) async fn sign(
    State(shared): Sandbox,
    Body(body): Body<serde_json::Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    if body.is_empty() {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "body", "there is nothing to sign"));
    }
    Ok(Json(shared.lock_platform().sign(Value::Object(body))))
}
