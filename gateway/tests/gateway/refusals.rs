//! What is not taken: the right status, and nothing stored.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use till_core::id::RailId;
use till_gateway::Limits;
use till_gateway::store::Role;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::desk::{Desk, ID, pay};

pub(crate) const WIDE: Limits = Limits { each_second: 1_000, at_once: 1_000 };

#[tokio::test(flavor = "multi_thread")]
async fn only_a_token_in_use_opens_anything() {
    let desk = Desk::open().await;
    let path = format!("/v1/operations/{ID}");
    let body = serde_json::to_vec(&pay(100)).unwrap();
    let (id, _) = desk.token.rsplit_once('_').unwrap();
    let forged = format!("{id}_{}", "a".repeat(52));
    for token in [None, Some(""), Some("till_a_b"), Some(forged.as_str())] {
        let (status, refused) = desk.send(token, Method::PUT, &path, body.clone()).await;
        assert_eq!(
            (status, refused["error"].as_str()),
            (StatusCode::UNAUTHORIZED, Some("unauthorized"))
        );
    }
    assert_eq!(desk.put(ID, "", pay(100)).await.0, StatusCode::OK);
    // A revoked token is useless at once, wherever it is replayed.
    assert!(desk.store.revoke_token("T-1", 2).unwrap());
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::GET, "/v1/operations".to_owned()),
        (Method::PUT, path.clone()),
        (Method::POST, format!("{path}/cancel")),
        (Method::POST, format!("{path}/acknowledge")),
        (Method::POST, format!("{path}/settle")),
    ] {
        let (status, _) = desk.send(Some(&desk.token), method, &path, body.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
    }
    // The terminal's new token opens what the old one made; the old one stays useless.
    let fresh = desk.store.add_token("T-1", Role::Device, 3).unwrap();
    let (status, seen) = desk.ask_as(&fresh, Method::GET, &path, Value::Null).await;
    assert_eq!((status, seen["operation_id"].as_str()), (StatusCode::OK, Some(ID)));
    assert_eq!(desk.get(ID, "").await.0, StatusCode::UNAUTHORIZED);
    let halves = format!("{}_{}", fresh.rsplit_once('_').unwrap().0, token_secret(&desk.token));
    let (status, _) = desk.ask_as(&halves, Method::GET, &path, Value::Null).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "the new name with the old secret");
    assert_eq!(desk.recorded().await, 1);
}

fn token_secret(token: &str) -> &str {
    token.rsplit_once('_').unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_kept_as_hashes_one_for_each_terminal() {
    let desk = Desk::open().await;
    assert!(desk.store.add_token("T-1", Role::Device, 2).is_err(), "one for each terminal");
    assert!(desk.store.add_token("a b", Role::Device, 2).is_err());
    let secret = token_secret(&desk.token);
    for name in ["g.sqlite.gateway", "g.sqlite.gateway-wal"] {
        let kept = std::fs::read(desk.folder.path().join(name)).unwrap_or_default();
        assert!(!kept.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_terminals_operation_is_as_if_it_were_not_there() {
    let desk = Desk::open().await;
    desk.put(ID, "?wait=20", pay(100)).await;
    let other = desk.store.add_token("T-2", Role::Device, 1).unwrap();
    let path = format!("/v1/operations/{ID}");
    let mut given_up = pay(100);
    (given_up["begin"], given_up["cancel"]) = (json!(false), json!(true));
    for (method, path, body) in [
        (Method::GET, path.clone(), Value::Null),
        (Method::GET, format!("{path}?wait=5"), Value::Null),
        (Method::GET, format!("{path}?wait=5&version=creating"), Value::Null),
        (Method::PUT, path.clone(), pay(100)),
        (Method::PUT, format!("{path}?wait=5"), pay(100)),
        (Method::PUT, format!("{path}?wait=5"), given_up),
        (Method::POST, format!("{path}/cancel"), Value::Null),
        (Method::POST, format!("{path}/cancel?wait=5"), Value::Null),
        (Method::POST, format!("{path}/acknowledge"), json!({ "code": 2 })),
        (Method::POST, format!("{path}/settle"), json!({ "as": "paid", "note": "x" })),
    ] {
        let (status, refused) = desk.ask_as(&other, method, &path, body).await;
        assert_eq!(
            (status, refused["error"].as_str()),
            (StatusCode::NOT_FOUND, Some("no_such_operation"))
        );
    }
    let (_, found) = desk.ask_as(&other, Method::GET, "/v1/operations", Value::Null).await;
    assert!(found["operations"].as_array().unwrap().is_empty());
    assert_eq!(desk.get(ID, "").await.1["state"], "waiting", "nothing happened to it");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_orders_are_named_and_not_stored() {
    let desk = Desk::open().await;
    let mut unknown = pay(100);
    unknown["amuont"] = json!(5);
    for (order, names) in [
        (pay(0), "amount"),
        (pay(-5), "amount"),
        (json!({ "action": "pay", "amount": 100 }), "purpose"),
        (json!({ "action": "pay", "amount": 1.5, "purpose": "x" }), "body"),
        (json!({ "action": "status", "amount": 1 }), "body"),
        (unknown, "amuont"),
        (
            json!({ "action": "refund", "amount": 1, "primary_transaction": "{" }),
            "primary_transaction",
        ),
    ] {
        let (status, refused) = desk.put(ID, "", order.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{order}");
        assert!(refused["message"].as_str().unwrap().contains(names), "{order}: {refused}");
    }
    let mut real = pay(100);
    real["sandbox"] = json!(false);
    assert_eq!(desk.put(ID, "", real).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    for id in ["1", &ID.replace('-', ""), &format!("{ID}0")] {
        assert_eq!(desk.put(id, "", pay(100)).await.0, StatusCode::BAD_REQUEST, "{id}");
    }
    assert_eq!(desk.put(ID, "?wait=61", pay(100)).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(desk.get(ID, "").await.0, StatusCode::NOT_FOUND);
    assert_eq!(desk.recorded().await, 0);
}

/// A gateway may have a test project beside a bank of real money.
#[tokio::test(flavor = "multi_thread")]
async fn a_test_is_no_order_of_real_money_and_the_other_way_round_for_each_acquirer() {
    let mut desk = Desk::open().await;
    desk.stop().await;
    desk.real = vec![RailId::new("ecommpay")];
    desk.start().await;
    let order = |rail: Option<&str>, sandbox: bool| {
        let mut order = pay(12_500);
        order["currency"] = json!(if rail == Some("ecommpay") { "CNY" } else { "UZS" });
        order["sandbox"] = json!(sandbox);
        order["rail"] = json!(rail);
        order
    };
    for (rail, sandbox) in [(None, false), (Some("octo"), false), (Some("ecommpay"), true)] {
        let (status, refused) = desk.put(ID, "", order(rail, sandbox)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{rail:?}: {refused}");
        assert_eq!(refused["error"], "not_configured");
    }
    assert_eq!(desk.recorded().await, 0);
    assert_eq!(desk.put(ID, "", order(Some("octo"), true)).await.0, StatusCode::OK);
}

/// It goes where its payment went, so it names no acquirer.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_a_test_if_its_payment_was_one() {
    let mut desk = Desk::open().await;
    desk.stop().await;
    desk.real = vec![RailId::new("ecommpay")];
    desk.start().await;
    let mut order = crate::callbacks::pay();
    order["sandbox"] = json!(false);
    desk.put(ID, "?wait=20", order).await;
    let payment = crate::callbacks::external_id(&desk).await;
    let (_, shown) = desk.get(ID, "").await;
    desk.bank.scan(shown["code"]["value"].as_str().unwrap()).unwrap();
    crate::callbacks::approve(&desk, &payment);
    let (_, paid) = desk.get(ID, "?wait=60").await;
    let receipt = paid["answer"]["extras"]["transaction"].clone();
    assert!(receipt.is_string(), "{paid}");
    let refund = |sandbox: bool| {
        json!({ "action": "refund", "amount": 500, "primary_transaction": receipt,
            "sandbox": sandbox })
    };
    let id = ID.replace("5f3a", "7f3a");
    let (status, refused) = desk.put(&id, "", refund(true)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    assert_eq!(desk.recorded().await, 1);
    let (status, begun) = desk.put(&id, "", refund(false)).await;
    assert_eq!(status, StatusCode::OK, "{begun}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_has_no_case_and_a_version_is_decoded() {
    let desk = Desk::open().await;
    let (status, shown) = desk.put(&ID.to_uppercase(), "?wait=20", pay(100)).await;
    assert_eq!((status, shown["operation_id"].as_str()), (StatusCode::OK, Some(ID)));
    assert_eq!(desk.get(ID, "").await.1["state"], "waiting");
    let began = tokio::time::Instant::now();
    desk.get(ID, "?wait=2&version=waiting%2A").await;
    assert!(began.elapsed() >= Duration::from_secs(2), "there was no news");
    assert_eq!(desk.get(ID, "?wait=2&version=%zz").await.0, StatusCode::BAD_REQUEST);
}

/// Whoever tries tokens costs the tokens' table nothing, and keeps nobody out who is known.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_tries_tokens_is_heard_no_more_but_for_those_in_use() {
    let mut desk = Desk::open().await;
    desk.stop().await;
    desk.strangers = Limits { each_second: 0, at_once: 3 };
    desk.start().await;
    assert_eq!(desk.get(ID, "").await.0, StatusCode::NOT_FOUND);
    let path = format!("/v1/operations/{ID}");
    let mut seen = vec![];
    for _ in 0..4 {
        seen.push(desk.send(Some("till_a_b"), Method::GET, &path, vec![]).await.0.as_u16());
    }
    assert_eq!(seen, [401, 401, 401, 429]);
    let fresh = desk.store.add_token("T-2", Role::Device, 1).unwrap();
    let (status, _) = desk.send(Some(&fresh), Method::GET, &path, vec![]).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "nobody looked whose it is");
    assert_eq!(desk.get(ID, "").await.0, StatusCode::NOT_FOUND, "in use before");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_too_slow_or_too_much_is_refused() {
    let limits = Limits { each_second: 1, at_once: 3 };
    let desk = Desk::with(120_000, limits).await;
    let mut long = pay(100);
    long["purpose"] = json!("x".repeat(200_000));
    assert_eq!(desk.put(ID, "", long).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let mut seen = vec![];
    for _ in 0..8 {
        seen.push(desk.get(ID, "").await.0);
    }
    assert!(seen.contains(&StatusCode::TOO_MANY_REQUESTS), "{seen:?}");
    assert_eq!(desk.recorded().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let desk = Desk::open().await;
    let server = desk.server.as_ref().unwrap();
    let ca = std::fs::read(desk.folder.path().join("ca.pem")).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
        .build()
        .unwrap();
    // A plain connection that never says anything: TLS gives it up, and others are served.
    let mut silent = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    silent.write_all(b"PUT /v1").await.unwrap();
    let alive = client.get(format!("{}/healthz", desk.url)).send().await.unwrap();
    assert_eq!(alive.status(), StatusCode::OK);
    let mut rest = vec![];
    let closed = tokio::time::timeout(Duration::from_secs(30), silent.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "the connection is given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_unknown_words_of_banks_change_nothing() {
    let desk = Desk::open().await;
    desk.put(ID, "?wait=20", pay(100)).await;
    let push = |body: &str| desk.send(None, Method::POST, "/octo/process", body.into());
    assert_eq!(push("nonsense").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(push(r#"{"externalId":"X"}"#).await.0, StatusCode::NOT_FOUND);
    let callback = |body: Vec<u8>| desk.send(None, Method::POST, "/ecommpay/callback", body);
    let unsigned = br#"{"project_id":201,"payment":{"id":"X","status":"success"}}"#.to_vec();
    let forged = br#"{"project_id":201,"payment":{"id":"X"},"signature":"AAAA"}"#.to_vec();
    for body in [vec![], b"{".to_vec(), unsigned, forged, vec![b' '; 262_145]] {
        let (status, _) = callback(body).await;
        assert!(
            matches!(status, StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE),
            "{status}"
        );
    }
    assert_eq!(desk.store.orphans().unwrap(), 0);
    assert_eq!(desk.get(ID, "").await.1["state"], "waiting");
}
