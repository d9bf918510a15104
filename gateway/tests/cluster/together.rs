//! Two processes that both live.

use std::sync::LazyLock;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use till_sandbox::postgres::Server;
use till_sandbox::{Auto, Call};

use crate::fleet::{Fleet, Told};

const ID: &str = "5f3a52c0-1111-4d0b-9a53-3b0e3c1c4f10";

/// A server for the tests that do not end it.
pub(crate) fn server() -> &'static Server {
    static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(false).unwrap());
    &SERVER
}

pub(crate) fn pay(minor: u64) -> Value {
    json!({ "action": "pay", "amount": minor, "purpose": "Coffee", "request_id": "r-1" })
}

/// Two processes and a terminal's token for them.
pub(crate) struct Pair {
    pub(crate) fleet: Fleet,
    pub(crate) token: String,
}

impl Pair {
    pub(crate) async fn start(more: &str) -> Self {
        let fleet = Fleet::start(2, server(), "", more).await;
        let token = fleet.token("T-1", &[]);
        Self { fleet, token }
    }

    pub(crate) async fn put(
        &self,
        at: usize,
        id: &str,
        query: &str,
        body: &Value,
    ) -> (StatusCode, Value) {
        let path = format!("/v1/operations/{id}{query}");
        told(self.fleet.ask(at, &self.token, Method::PUT, &path, body).await)
    }

    pub(crate) async fn get(&self, at: usize, id: &str, query: &str) -> (StatusCode, Value) {
        let path = format!("/v1/operations/{id}{query}");
        told(self.fleet.ask(at, &self.token, Method::GET, &path, &Value::Null).await)
    }

    async fn post(&self, at: usize, id: &str, what: &str, body: &Value) -> (StatusCode, Value) {
        let path = format!("/v1/operations/{id}/{what}");
        told(self.fleet.ask(at, &self.token, Method::POST, &path, body).await)
    }

    async fn external_id(&self) -> String {
        let found = self.fleet.ask(1, &self.token, Method::GET, "/v1/operations", &Value::Null);
        let (_, found) = told(found.await);
        found["operations"][0]["external_id"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn told(told: Told) -> (StatusCode, Value) {
    told.expect("it answers")
}

pub(crate) fn code(view: &Value) -> Option<i64> {
    view["answer"]["extras"]["code"].as_i64()
}

/// What both databases must do, with LISTEN and without.
async fn what_one_begins_the_other_tells_and_ends(more: &str) {
    let pair = Pair::start(more).await;
    let (status, shown) = pair.put(0, ID, "?wait=20", &pay(12_500)).await;
    assert_eq!((status, shown["state"].as_str()), (StatusCode::OK, Some("waiting")), "{shown}");
    // The other process knows the code, and repeats the order without a second payment.
    let (_, same) = pair.put(1, ID, "", &pay(12_500)).await;
    assert_eq!(same["code"]["value"], shown["code"]["value"], "{same}");
    assert_eq!(pair.put(1, ID, "", &pay(12_501)).await.0, StatusCode::CONFLICT);
    let (waited, _) = tokio::join!(pair.get(1, ID, "?wait=30&version=waiting*"), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        pair.fleet.bank.set_auto(Auto::Approve);
    });
    assert_eq!(
        (waited.1["state"].as_str(), code(&waited.1)),
        (Some("ended"), Some(0)),
        "{waited:?}"
    );
    assert_eq!(pair.get(0, ID, "").await.1, waited.1);
    // What the POS was told reaches the process that has it.
    let told = json!({ "code": 0 });
    assert_eq!(pair.post(1, ID, "acknowledge", &told).await.0, StatusCode::OK);
    let receipt = waited.1["answer"]["extras"]["transaction"].clone();
    let refund =
        |minor: i64| json!({ "action": "refund", "amount": minor, "primary_transaction": receipt });
    let id = ID.replace("5f3a", "7f3a");
    let (_, begun) = pair.put(1, &id, "?wait=20", &refund(4_000)).await;
    assert_ne!(begun["state"], Value::Null, "{begun}");
    let (_, back) = pair.get(0, &id, "?wait=30").await;
    assert_eq!(code(&back), Some(0), "{back}");
    let (_, above) = pair.put(1, &ID.replace("5f3a", "8f3a"), "?wait=20", &refund(8_501)).await;
    assert_eq!(code(&above), Some(9), "{above}");
    // A payment is given up where it is not driven.
    let id = ID.replace("5f3a", "6f3a");
    pair.fleet.bank.set_auto(Auto::Ignore);
    assert_eq!(pair.put(0, &id, "?wait=20", &pay(100)).await.1["state"], "waiting");
    let (_, cancelled) = pair.post(1, &id, "cancel?wait=20", &Value::Null).await;
    assert_eq!(code(&cancelled), Some(2), "{cancelled}");
    let (_, rows) = told_rows(&pair, 1).await;
    assert_eq!(rows, 4);
}

async fn told_rows(pair: &Pair, at: usize) -> (StatusCode, usize) {
    let found = pair.fleet.ask(at, &pair.token, Method::GET, "/v1/operations", &Value::Null);
    let (status, found) = told(found.await);
    (status, found["operations"].as_array().unwrap().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_begins_the_other_tells_and_ends() {
    what_one_begins_the_other_tells_and_ends("").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_notifies_nobody_is_looked_at() {
    what_one_begins_the_other_tells_and_ends("database_notify = false").await;
}

/// Neither process has it yet: whoever is slower must not lose what else it has just begun.
#[tokio::test(flavor = "multi_thread")]
async fn one_order_at_two_processes_at_once_troubles_no_other_payment() {
    let pair = Pair::start("").await;
    for round in 0..25 {
        let id = ID.replace("5f3a", &format!("5f{round:02}"));
        let mine = |at: usize| {
            ID.replace("5f3a", &format!("6f{round:02}")).replace("c4f1", &format!("c4f{at}"))
        };
        let others = [mine(0), mine(1)];
        let (order, other) = (pay(12_500), pay(100));
        let (a, b, c, d) = tokio::join!(
            pair.put(0, &id, "?wait=20", &order),
            pair.put(1, &id, "?wait=20", &order),
            pair.put(0, &others[0], "?wait=20", &other),
            pair.put(1, &others[1], "?wait=20", &other),
        );
        for (status, view) in [&a, &b, &c, &d] {
            assert_eq!(
                (*status, view["state"].as_str()),
                (StatusCode::OK, Some("waiting")),
                "{view}"
            );
        }
        assert_eq!(a.1["code"]["value"], b.1["code"]["value"], "one payment");
    }
    for at in [0, 1] {
        let log = pair.fleet.log(at);
        assert!(!log.contains("loading again"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_reaches_the_process_that_drives_the_payment() {
    let pair = Pair::start("").await;
    pair.put(0, ID, "?wait=20", &pay(100)).await;
    let external_id = pair.external_id().await;
    {
        let (now_ms, bank) = (pair.fleet.bank.now_ms(), pair.fleet.bank.bank());
        bank.lock().unwrap().decline(now_ms, &external_id).unwrap();
    }
    let (_, declined) = pair.get(0, ID, "?wait=30").await;
    assert_eq!(code(&declined), Some(1), "{declined}");
    // Nobody asks about it any more, but for the push.
    let process = |word: &str| word.parse::<Call>().unwrap();
    let before = pair.fleet.bank.calls(process("process"));
    assert_eq!(pair.fleet.push(1, &external_id).await, Some(StatusCode::OK));
    assert_eq!(pair.fleet.push(1, "NOT-OURS").await, Some(StatusCode::NOT_FOUND));
    for _ in 0..100 {
        if pair.fleet.bank.calls(process("process")) > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the bank was not asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_tokens_are_judged_alike_by_every_process() {
    let pair = Pair::start("").await;
    pair.put(0, ID, "?wait=20", &pay(100)).await;
    let other = pair.fleet.token("T-2", &[]);
    let boss = pair.fleet.token("boss", &["--operator"]);
    let path = format!("/v1/operations/{ID}");
    for at in [0, 1] {
        let ask = |method| pair.fleet.ask(at, &other, method, &path, &Value::Null);
        assert_eq!(told(ask(Method::GET).await).0, StatusCode::NOT_FOUND);
        let put = pair.fleet.ask(at, &other, Method::PUT, &path, &pay(100)).await;
        assert_eq!(told(put).0, StatusCode::NOT_FOUND);
        let cancel = format!("{path}/cancel");
        let cancel = pair.fleet.ask(at, &other, Method::POST, &cancel, &Value::Null);
        assert_eq!(told(cancel.await).0, StatusCode::NOT_FOUND);
        let seen = pair.fleet.ask(at, &boss, Method::GET, &path, &Value::Null).await;
        assert_eq!(told(seen).1["state"], "waiting");
    }
    let again = pair.fleet.command(&["token", "add", "T-2"]).output().unwrap();
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("T-2"));
    let revoked = pair.fleet.command(&["token", "revoke", "T-1"]).status().unwrap();
    assert!(revoked.success());
    for at in [0, 1] {
        let mut refused = StatusCode::OK;
        for _ in 0..30 {
            refused = pair.get(at, ID, "").await.0;
            if refused == StatusCode::UNAUTHORIZED {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(refused, StatusCode::UNAUTHORIZED);
    }
    let listed = pair.fleet.command(&["token", "list"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("T-1\tdevice") && listed.contains("boss\toperator"), "{listed}");
}
