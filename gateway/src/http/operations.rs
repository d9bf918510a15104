//! What terminals ask: an order, how it stands, what they told.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::de::DeserializeOwned;
use serde_json::json;
use till_core::engine::{Act, Whose};
use till_core::id::{Caller, OperationId, RequestId};
use till_core::intent::{self, Extra, Extras, Field, Verb};
use till_core::rail::gateway::wire::{OrderBody, SettleBody, SettleWord, ToldBody};

use super::{App, BODY_MAX, Head, bad, needs, read};
use crate::body::{self, Refused};
use crate::store::{Holder, Role};
use crate::till::{Ordered, Until};

type Answered = Result<Response, Refused>;

/// How long a settling waits for the bank's own word, which comes first.
const SETTLE_TIME: Duration = Duration::from_secs(12);

/// `PUT /v1/operations/{operation_id}`: begins it, or joins it.
pub(super) async fn order(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Answered {
    let (head, body) = Head::split(request);
    let holder = app.holder(&head).await?;
    needs(&holder, Role::Device)?;
    let id = operation_id(&id)?;
    let ordered = ordered(&app, &holder, &id, &head, body).await;
    ordered.inspect_err(|refused| {
        let error = &refused.error;
        tracing::warn!(device = %holder.name, operation = %id, %error, "order refused");
    })
}

async fn ordered(
    app: &App,
    holder: &Holder,
    id: &OperationId,
    head: &Head,
    body: Body,
) -> Answered {
    let wait = head.wait()?;
    let order: OrderBody = parse(&read(body, BODY_MAX, &holder.name).await?)?;
    let cancel = order.cancel;
    let act = match (cancel, order.told) {
        (true, _) => Act::Cancel,
        (false, Some(told)) => heard(told)?,
        (false, None) => Act::Look,
    };
    let caller = holder.caller();
    let request = to_request(app, caller.clone(), order.clone())?;
    check_kind(app, &order, &request)?;
    app.metrics.orders.add();
    let view = app.till.put(&caller, id, Ordered { body: order, request }, act).await?;
    if wait.is_zero() {
        return Ok(Json(view).into_response());
    }
    let until = if cancel { Until::Settled } else { Until::Shown };
    waited(app, Some(&caller), id, &until, wait).await
}

/// Checks that tests stay tests. A refund goes where its payment went, whose receipt says so.
fn check_kind(app: &App, order: &OrderBody, request: &intent::Request) -> Result<(), Refused> {
    let tests = match request {
        intent::Request::Refund(refund) => match &refund.primary.rail {
            Some(rail) => app.is_sandbox(Some(rail.as_str())),
            None => return Ok(()),
        },
        intent::Request::Pay(_) | intent::Request::Status(_) => {
            app.is_sandbox(order.rail.as_deref())
        }
    };
    if order.sandbox.is_none_or(|sandbox| sandbox == tests) {
        return Ok(());
    }
    let message = if tests {
        "this gateway's bank is a sandbox: set gateway.sandbox = true on a terminal for tests"
    } else {
        "this gateway's bank moves real money: set gateway.sandbox = false on the terminal"
    };
    Err(Refused::new(StatusCode::UNPROCESSABLE_ENTITY, "not_configured", message))
}

/// `GET /v1/operations/{operation_id}?wait=&version=`: how it stands, once there is news.
pub(super) async fn look(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Answered {
    let (head, _) = Head::split(request);
    let holder = app.holder(&head).await?;
    let id = operation_id(&id)?;
    let caller = whose(&holder);
    let wait = head.wait()?;
    let until = head.parameter("version")?.map_or(Until::Change, Until::News);
    if wait.is_zero() {
        let seen = app.till.act(caller.as_ref(), &id, Act::Look).await;
        return noted(&holder, &id, seen.map(|view| Json(view).into_response()));
    }
    noted(&holder, &id, waited(&app, caller.as_ref(), &id, &until, wait).await)
}

/// `POST /v1/operations/{operation_id}/acknowledge`: what the POS was told.
pub(super) async fn acknowledge(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Answered {
    let (head, body) = Head::split(request);
    let holder = app.holder(&head).await?;
    needs(&holder, Role::Device)?;
    let id = operation_id(&id)?;
    let act = heard(parse(&read(body, BODY_MAX, &holder.name).await?)?)?;
    let seen = app.till.act(Some(&holder.caller()), &id, act).await;
    noted(&holder, &id, seen.map(|view| Json(view).into_response()))
}

/// `POST /v1/operations/{operation_id}/cancel?wait=`: gives a payment up.
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Answered {
    let (head, _) = Head::split(request);
    let holder = app.holder(&head).await?;
    let id = operation_id(&id)?;
    let wait = head.wait()?;
    let caller = whose(&holder);
    let seen = app.till.act(caller.as_ref(), &id, Act::Cancel).await;
    if wait.is_zero() || seen.is_err() {
        return noted(&holder, &id, seen.map(|view| Json(view).into_response()));
    }
    waited(&app, caller.as_ref(), &id, &Until::Settled, wait).await
}

/// `POST /v1/operations/{operation_id}/settle`: the operator's word for what the bank cannot
/// decide.
pub(super) async fn settle(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Answered {
    const NOTE_MAX: usize = 500;
    let (head, body) = Head::split(request);
    let holder = app.holder(&head).await?;
    let id = operation_id(&id)?;
    let SettleBody { word, note } = parse(&read(body, BODY_MAX, &holder.name).await?)?;
    let fits = |note: &str| !note.is_empty() && note.chars().count() <= NOTE_MAX;
    if !fits(note.trim()) || note.contains(char::is_control) {
        return Err(bad("note: one line of 1 to 500 characters, why you say so"));
    }
    let caller = whose(&holder);
    let note = format!("{} ({})", note.trim(), holder.name);
    let act = Act::Settle { paid: word == SettleWord::Paid, note };
    if let Err(refused) = app.till.act(caller.as_ref(), &id, act).await {
        return noted(&holder, &id, Err(refused));
    }
    tracing::warn!(operation = %id, by = %holder.name, "an operator's word");
    waited(&app, caller.as_ref(), &id, &Until::Decided, SETTLE_TIME).await
}

/// `GET /v1/operations?request_id=&limit=`: the newest operations, newest first.
pub(super) async fn history(State(app): State<Arc<App>>, request: Request) -> Answered {
    const LIMIT: usize = 20;
    const LIMIT_MAX: usize = 200;
    let (head, _) = Head::split(request);
    let holder = app.holder(&head).await?;
    let limit = match head.parameter("limit")?.map(|limit| limit.parse()) {
        None => LIMIT,
        Some(Ok(limit)) if (1..=LIMIT_MAX).contains(&limit) => limit,
        Some(_) => return Err(bad("limit: a number from 1 to 200")),
    };
    let request_id = head.parameter("request_id")?.map(RequestId::new);
    let found = app.till.history(Whose { caller: whose(&holder), request_id, limit }).await;
    let found = found?.map_err(|error| {
        tracing::error!(%error, "the journal cannot be read");
        Refused::journal()
    })?;
    let rows: Vec<_> = found.iter().map(body::row).collect();
    Ok(Json(json!({ "operations": rows })).into_response())
}

async fn waited(
    app: &App,
    caller: Option<&Caller>,
    id: &OperationId,
    until: &Until,
    time: Duration,
) -> Answered {
    Ok(Json(app.till.wait(caller, id, until, time).await?).into_response())
}

/// Logs who asked for what is not there, or is another terminal's.
fn noted(holder: &Holder, id: &OperationId, answered: Answered) -> Answered {
    answered.inspect_err(|refused| {
        if refused.is_no_such() {
            tracing::warn!(device = %holder.name, operation = %id, "no such operation of its own");
        }
    })
}

/// Gives whose operations a token's holder sees; `None`: all.
fn whose(holder: &Holder) -> Option<Caller> {
    match holder.role {
        Role::Device => Some(holder.caller()),
        Role::Operator => None,
    }
}

fn heard(told: ToldBody) -> Result<Act, Refused> {
    let wrong = "code: the code of the answer that was told: 0, 1, 2, 3, 4 or 7";
    told.heard().map(Act::Heard).ok_or_else(|| bad(wrong))
}

fn operation_id(text: &str) -> Result<OperationId, Refused> {
    // A UUID has no case, and its operation one name.
    let text = text.to_ascii_lowercase();
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let hex = |letter: char| letter.is_ascii_digit() || ('a'..='f').contains(&letter);
    if lengths == [8, 4, 4, 4, 12] && groups.concat().chars().all(hex) {
        return Ok(OperationId::new(text));
    }
    Err(bad("operation_id: a UUID, such as 5f3a52c0-1111-4d0b-9a53-3b0e3c1c4f10"))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| bad(format!("the body: {error}")))
}

/// Makes of an order what a POS app would send, so that it is judged where every intent is.
pub(crate) fn to_request(
    app: &App,
    caller: Caller,
    order: OrderBody,
) -> Result<intent::Request, Refused> {
    let text = |text: Option<String>| text.map(Extra::Text);
    let all = [
        (Field::RequestId, text(order.request_id)),
        (Field::Amount, Some(Extra::Long(order.amount))),
        (Field::Purpose, text(order.purpose)),
        (Field::PrimaryTransaction, text(order.primary_transaction)),
        (Field::Currency, text(order.currency)),
        (Field::Rail, text(order.rail)),
        (Field::CodeValue, text(order.code_value)),
    ];
    let named =
        all.into_iter().filter_map(|(field, extra)| Some((field.name().to_owned(), extra?)));
    let extras: Extras = named.collect();
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| Refused::stopping())?;
    let action = Verb::from(order.action).action();
    intent::read(caller, action, &extras, app.language, random)
        .map_err(|answer| body::refused(&answer))
}
