//! What whoever watches over the gateway sees, and the document of its API.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::desk::{Desk, ID, pay};

#[tokio::test(flavor = "multi_thread")]
async fn health_and_numbers() {
    let desk = Desk::open().await;
    desk.put(ID, "?wait=20", pay(100)).await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(desk.send(None, Method::GET, path, vec![]).await.0, StatusCode::OK, "{path}");
    }
    let (status, text) = desk.send(None, Method::GET, "/metrics", vec![]).await;
    let text = text.as_str().unwrap();
    assert_eq!(status, StatusCode::OK);
    for line in ["till_operations{state=\"waiting\"} 1", "till_orders_total 1", "till_orphans 0"] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

/// Anybody may ask: what was found out a moment ago is told again.
#[tokio::test(flavor = "multi_thread")]
async fn the_readiness_is_looked_at_once_a_second() {
    let desk = Desk::open().await;
    let ready = || desk.send(None, Method::GET, "/readyz", vec![]);
    assert_eq!(ready().await.0, StatusCode::OK);
    let tables = desk.folder.path().join("g.sqlite.gateway");
    rusqlite::Connection::open(tables).unwrap().execute("DROP TABLE orphans", []).unwrap();
    assert_eq!(ready().await.0, StatusCode::OK, "nobody looked");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(ready().await.0, StatusCode::SERVICE_UNAVAILABLE);
}

/// The document and the routes say the same: each is asked with nothing, and none is missing.
#[tokio::test(flavor = "multi_thread")]
async fn the_document_of_the_api_is_that_of_the_routes() {
    let desk = Desk::open().await;
    let (_, document) = desk.send(None, Method::GET, "/openapi.json", vec![]).await;
    let source = include_str!("../../src/http/mod.rs");
    let routed: BTreeSet<String> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix(".route(\"")?.split_once('"'))
        .flat_map(|(path, rest)| {
            let methods = ["get", "put", "post", "delete"];
            methods
                .into_iter()
                .filter(move |method| {
                    rest.contains(&format!(" {method}(")) || rest.contains(&format!(".{method}("))
                })
                .map(move |method| format!("{method} {path}"))
        })
        .collect();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            documented.insert(format!("{method} {path}"));
            let responses = item[method]["responses"].as_object().unwrap();
            let path = path.replace("{operation_id}", ID);
            let verb: Method = method.to_uppercase().parse().unwrap();
            let (status, body) = desk.send(None, verb, &path, vec![]).await;
            assert!(responses.contains_key(status.as_str()), "{method} {path}: {status} {body}");
            assert_ne!(body["error"], "no_such_route", "{method} {path}");
        }
    }
    assert_eq!(routed, documented);
    assert!(routed.len() >= 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_all_and_orders_nothing() {
    let desk = Desk::open().await;
    desk.put(ID, "?wait=20", pay(100)).await;
    let operator = desk.operator();
    let path = format!("/v1/operations/{ID}");
    let (_, seen) = desk.ask_as(&operator, Method::GET, &path, Value::Null).await;
    assert_eq!(seen["state"], "waiting");
    let (status, _) = desk.ask_as(&operator, Method::PUT, &path, pay(100)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    // Settling is for what the bank cannot decide: this one is not in doubt.
    let settle = json!({ "as": "paid", "note": "seen on the statement" });
    let path = format!("{path}/settle");
    let (_, same) = desk.ask_as(&operator, Method::POST, &path, settle).await;
    assert_eq!(same["state"], "waiting", "{same}");
}
