//! A terminal, as far as a gateway sees it: it names its operations, and repeats what was not
//! answered until it is.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::Dice;
use crate::books::Told;
use crate::fleet::Fleet;

pub(crate) const AMOUNT: u64 = 12_500;

/// How long a doubt is waited for before the POS is told that the outcome is not known.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it is asked about afterwards.
const SETTLES: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub(crate) struct Terminal {
    fleet: Arc<Fleet>,
    dice: Arc<Dice>,
    token: String,
}

impl Terminal {
    pub(crate) fn new(fleet: &Arc<Fleet>, dice: &Arc<Dice>, name: &str) -> Self {
        let token = fleet.token(name, &[]);
        Self { fleet: Arc::clone(fleet), dice: Arc::clone(dice), token }
    }

    /// Pays, and sometimes gives back: by two requests at once, at any processes.
    pub(crate) async fn buys(&self, number: u64) -> Vec<Told> {
        let order = json!({ "action": "pay", "amount": AMOUNT, "purpose": "Coffee",
            "request_id": format!("r{number}") });
        let (paid, view) = self.ends(name(1, number), order).await;
        let receipt = view["answer"]["extras"]["transaction"].as_str().map(ToOwned::to_owned);
        let mut told = vec![paid];
        if let (Some(receipt), true) = (receipt, self.dice.percent(40)) {
            let back = |kind, minor: u64| {
                let order = json!({ "action": "refund", "amount": minor,
                    "primary_transaction": receipt });
                self.ends(name(kind, number), order)
            };
            let (one, other) = tokio::join!(back(2, AMOUNT - 1_000), back(3, AMOUNT - 2_000));
            told.extend([one.0, other.0]);
        }
        told
    }

    /// Orders something, waits for its end, and says what the POS was told.
    async fn ends(&self, id: String, order: Value) -> (Told, Value) {
        let path = format!("/v1/operations/{id}");
        let mut view = self.asks(Method::PUT, &format!("{path}?wait=5"), &order).await;
        let began = Instant::now();
        while view["state"] != "ended" && began.elapsed() < PATIENCE {
            let version = view["version"].as_str().unwrap();
            let wait = format!("{path}?wait=5&version={version}");
            view = self.asks(Method::GET, &wait, &Value::Null).await;
        }
        let code = if view["state"] == "ended" { code(&view) } else { 4 };
        if matches!(code, 0..=4 | 7) {
            let told = json!({ "code": code });
            self.asks(Method::POST, &format!("{path}/acknowledge"), &told).await;
        }
        (Told { terminal: self.clone(), id, code }, view)
    }

    /// Asks on until the outcome of an operation is known, and says which it is.
    pub(crate) async fn outcome(&self, id: &str) -> u64 {
        let path = format!("/v1/operations/{id}");
        let began = Instant::now();
        loop {
            let view = self.asks(Method::GET, &path, &Value::Null).await;
            let code = code(&view);
            if view["state"] == "ended" && code != 4 {
                return code;
            }
            if began.elapsed() > SETTLES {
                return 4;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Asks processes one after the other until one answers.
    async fn asks(&self, method: Method, path: &str, body: &Value) -> Value {
        let mut index = self.dice.index();
        loop {
            let told = self.fleet.ask(index, &self.token, method.clone(), path, body).await;
            match told {
                Some((StatusCode::OK, view)) => return view,
                Some((StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS, _))
                | None => {}
                // What was recorded is there, whomever one asks.
                Some((status, refused)) => panic!("{method} {path}: {status} {refused}"),
            }
            tokio::time::sleep(Duration::from_millis(60)).await;
            index = (index + 1) % usize::try_from(crate::PROCESSES).unwrap();
        }
    }
}

fn code(view: &Value) -> u64 {
    let code = view["answer"]["extras"]["code"].as_u64();
    code.unwrap_or_else(|| panic!("no code: {view}"))
}

/// Names an operation: the same every time it is asked for.
fn name(kind: u64, number: u64) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}
