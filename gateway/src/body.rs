//! What callers are sent.

use std::borrow::Cow;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use till_core::engine::{Seen, Stage, Told, View};
use till_core::intent::{Answer, AnswerCode};
use till_core::operation::{HandOver, Operation};
use till_core::rail::gateway::wire::{self, CodeBody, EndBody, Standing, ViewBody};
use till_core::time::to_iso8601;

/// Says that the journal is in trouble.
const JOURNAL: &str = "journal";
/// Says that there is no such operation.
const NO_SUCH: &str = "no_such_operation";

/// Is a refusal: an HTTP status, a word for programs, a sentence for people.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) error: Cow<'static, str>,
    pub(crate) message: String,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, error: Cow::Borrowed(error), message: message.into() }
    }

    /// Gives the refusal of another process of this gateway.
    pub(crate) fn relayed(status: u16, error: String, message: String) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        Self { status, error: Cow::Owned(error), message }
    }

    /// Says that nobody knows at present; whatever was asked for may have been done.
    pub(crate) fn journal() -> Self {
        let message = "the journal cannot be reached at present; ask again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, JOURNAL, message)
    }

    /// Tells whether that is what it says.
    pub(crate) fn is_journal(&self) -> bool {
        self.error == JOURNAL
    }

    pub(crate) fn no_such() -> Self {
        let message = "there is no such operation of this terminal";
        Self::new(StatusCode::NOT_FOUND, NO_SUCH, message)
    }

    /// Tells whether that is what it says.
    pub(crate) fn is_no_such(&self) -> bool {
        self.error == NO_SUCH
    }

    pub(crate) fn stopping() -> Self {
        let message = "the gateway is stopping; ask again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", message)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "message": self.message });
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let value = axum::http::HeaderValue::from_static("1");
            response.headers_mut().insert(axum::http::header::RETRY_AFTER, value);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let value = axum::http::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(axum::http::header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

/// Names the state of an operation for whoever waits for the next one.
pub(crate) fn version(operation: &Operation) -> String {
    wire::version(&operation.state)
}

/// Makes the answer to whoever named an operation.
pub(crate) fn seen(
    seen: Seen,
    hand_over: impl FnOnce(&View) -> Option<HandOver>,
) -> Result<ViewBody, Refused> {
    match seen {
        Seen::NoSuch => Err(Refused::no_such()),
        Seen::Refused(answer) => Err(refused(&answer)),
        Seen::There(there) => {
            let hand_over = hand_over(&there);
            Ok(view(&there, hand_over.as_ref()))
        }
    }
}

pub(crate) fn refused(answer: &Answer) -> Refused {
    let (status, error) = match answer.code {
        AnswerCode::BadRequest => (StatusCode::BAD_REQUEST, "bad_request"),
        AnswerCode::InUse => (StatusCode::CONFLICT, "other_parameters"),
        // Nobody knows whether it is in the journal: whoever repeats it hears.
        AnswerCode::Journal | AnswerCode::Unknown => (StatusCode::SERVICE_UNAVAILABLE, JOURNAL),
        AnswerCode::Success
        | AnswerCode::Declined
        | AnswerCode::Cancelled
        | AnswerCode::Expired
        | AnswerCode::NotConfigured
        | AnswerCode::NoConnection
        | AnswerCode::NotRefundable
        | AnswerCode::NoSuchRequest => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
    };
    Refused::new(status, error, answer.message.clone())
}

fn view(view: &View, hand_over: Option<&HandOver>) -> ViewBody {
    let operation = &view.operation;
    let order = &operation.order;
    let code = match &view.stage {
        Some(Stage::CodeShown { code_value, form, left_ms, .. }) => {
            Some(CodeBody { value: code_value.clone(), form: (*form).into(), left_ms: *left_ms })
        }
        Some(
            Stage::Started { .. }
            | Stage::HandedToWallet
            | Stage::Closing
            | Stage::NotConfirmed
            | Stage::BankSilent { .. }
            | Stage::BankRefuses { .. },
        )
        | None => None,
    };
    ViewBody {
        operation_id: operation.id.clone(),
        action: order.action(),
        state: Standing::of(&operation.state),
        version: version(operation),
        amount: order.amount.minor,
        currency: order.amount.currency,
        sandbox: order.sandbox,
        code,
        hand_over: hand_over.map(Into::into),
        ended: EndBody::of(operation),
        answer: answer(&view.answer),
    }
}

fn answer(answer: &Answer) -> Value {
    serde_json::from_str(&answer.to_json()).unwrap_or(Value::Null)
}

/// Makes a line of the history.
pub(crate) fn row(told: &Told) -> Value {
    let operation = &told.operation;
    let order = &operation.order;
    let story = told
        .story
        .iter()
        .map(|record| json!({ "at": to_iso8601(record.at_ms), "event": record.event }));
    json!({
        "operation_id": operation.id,
        "device": device(order.caller.as_str()),
        "action": order.action(),
        "request_id": order.request_id,
        "amount": order.amount.minor,
        "currency": order.amount.currency.code(),
        "rail": order.rail,
        "external_id": order.external_id,
        "created_at": to_iso8601(order.created.wall_ms),
        "state": Standing::of(&operation.state),
        "version": version(operation),
        "answer": answer(&told.answer),
        "story": story.collect::<Vec<_>>(),
    })
}

fn device(caller: &str) -> &str {
    caller.strip_prefix(crate::store::CALLER_PREFIX).unwrap_or(caller)
}
