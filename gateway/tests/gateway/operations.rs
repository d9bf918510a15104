//! What terminals ask, and what they are answered.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use till_sandbox::Auto;

use crate::desk::{Desk, ID, code, pay};

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_ordered_shown_paid_and_told() {
    let desk = Desk::open().await;
    let (status, shown) = desk.put(ID, "?wait=20", pay(12_500)).await;
    assert_eq!((status, shown["state"].as_str()), (StatusCode::OK, Some("waiting")), "{shown}");
    assert!(shown["code"]["left_ms"].as_u64().unwrap() <= 120_000);
    assert_eq!(code(&shown), 8, "it goes on");
    desk.approve();
    let (_, paid) = desk.get(ID, "?wait=30&version=waiting*").await;
    assert_eq!((paid["state"].as_str(), code(&paid)), (Some("ended"), 0), "{paid}");
    let extras = &paid["answer"]["extras"];
    assert_eq!(extras["request_id"], "r-1");
    assert!(extras["transaction"].as_str().unwrap().contains(ID));
    // The stored answer again, always, and no second payment.
    let (_, again) = desk.put(ID, "", pay(12_500)).await;
    assert_eq!(again, paid);
    assert_eq!(desk.recorded().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_parameters_under_one_name_are_refused_with_code_8() {
    let desk = Desk::open().await;
    desk.put(ID, "", pay(12_500)).await;
    let (status, refused) = desk.put(ID, "", pay(12_501)).await;
    assert_eq!(
        (status, refused["error"].as_str()),
        (StatusCode::CONFLICT, Some("other_parameters"))
    );
    let mut other = pay(12_500);
    other["purpose"] = json!("Tea");
    assert_eq!(desk.put(ID, "", other).await.0, StatusCode::CONFLICT);
    assert_eq!(desk.recorded().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_id_may_have_many_operations() {
    let desk = Desk::open().await;
    desk.approve();
    let second = ID.replace("5f3a", "6f3a");
    for id in [ID, &second] {
        let (_, paid) = desk.put(id, "?wait=20", pay(100)).await;
        assert!(paid["state"] == "waiting" || code(&paid) == 0, "{paid}");
    }
    let (_, found) = desk.ask(Method::GET, "/v1/operations?request_id=r%2D1", Value::Null).await;
    assert_eq!(found["operations"].as_array().unwrap().len(), 2, "{found}");
    let (_, none) = desk.ask(Method::GET, "/v1/operations?request_id=r-2", Value::Null).await;
    assert!(none["operations"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_may_not_begin_is_recorded_as_given_up() {
    let desk = Desk::open().await;
    let mut order = pay(100);
    order["begin"] = json!(false);
    let (_, given_up) = desk.put(ID, "", order).await;
    assert_eq!((given_up["state"].as_str(), code(&given_up)), (Some("ended"), 7));
    // The order that was on its way comes late, and begins nothing.
    let (_, late) = desk.put(ID, "?wait=5", pay(100)).await;
    assert_eq!(code(&late), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_payment_is_asked_about_once_more_and_then_told_as_cancelled() {
    let desk = Desk::open().await;
    desk.put(ID, "?wait=20", pay(100)).await;
    let (_, ended) = desk.post(ID, "cancel?wait=30", Value::Null).await;
    assert_eq!((ended["state"].as_str(), code(&ended)), (Some("ended"), 2), "{ended}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_paid_in_time_and_that_is_the_gateways_own_time() {
    let desk = Desk::with(1_500, crate::refusals::WIDE).await;
    desk.put(ID, "?wait=20", pay(100)).await;
    let (_, ended) = desk.get(ID, "?wait=30&version=waiting*").await;
    let ended = match ended["state"].as_str() {
        Some("ended") => ended,
        _ => desk.get(ID, "?wait=30").await.1,
    };
    assert_eq!(code(&ended), 3, "{ended}");
}

/// Late money: an unacknowledged closing was told to nobody, so money makes it a success.
#[tokio::test(flavor = "multi_thread")]
async fn money_after_a_closing_that_nobody_heard_of_is_a_success() {
    let desk = Desk::open().await;
    closed_then_paid(&desk, &[]).await;
    let (_, paid) = desk.get(ID, "?wait=60&version=closed").await;
    assert_eq!(code(&paid), 0, "{paid}");
    // Only now the terminal says that it had told its POS a cancellation: the money goes back.
    let (_, late) = desk.post(ID, "acknowledge", json!({ "code": 2 })).await;
    assert_eq!(code(&late), 2, "{late}");
    assert_eq!(late["answer"]["extras"]["dev.till.extra.LATE_PAYMENT"], "refunding");
    let (_, back) = desk.get(ID, "?wait=60&version=late.refunding").await;
    assert_eq!(back["answer"]["extras"]["dev.till.extra.LATE_PAYMENT"], "refunded", "{back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn money_after_an_acknowledged_closing_goes_back() {
    let desk = Desk::open().await;
    closed_then_paid(&desk, &[json!({ "code": 2 })]).await;
    let (_, late) = desk.get(ID, "?wait=60&version=closed").await;
    assert_eq!(code(&late), 2, "{late}");
    assert!(late["answer"]["extras"]["dev.till.extra.LATE_PAYMENT"].is_string(), "{late}");
}

/// A success that was taken is not given back by whoever took it.
#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_success_stays_one() {
    let desk = Desk::open().await;
    desk.approve();
    desk.put(ID, "?wait=20", pay(100)).await;
    desk.get(ID, "?wait=30").await;
    for told in [0, 3] {
        let (_, paid) = desk.post(ID, "acknowledge", json!({ "code": told })).await;
        assert_eq!(code(&paid), 0, "{paid}");
    }
}

async fn closed_then_paid(desk: &Desk, told: &[Value]) {
    let (_, shown) = desk.put(ID, "?wait=20", pay(100)).await;
    let qr = shown["code"]["value"].as_str().unwrap().to_owned();
    let (_, ended) = desk.post(ID, "cancel?wait=30", Value::Null).await;
    assert_eq!(code(&ended), 2, "{ended}");
    for told in told {
        desk.post(ID, "acknowledge", told.clone()).await;
    }
    assert!(qr.contains('/'), "a code was shown");
    desk.bank.set_auto(Auto::Approve);
    let (_, rows) = desk.ask(Method::GET, "/v1/operations", Value::Null).await;
    let external_id = rows["operations"][0]["external_id"].clone();
    // The bank's push wakes the operation; the bank itself says what became of the money.
    for _ in 0..50 {
        let body = serde_json::to_vec(&json!({ "externalId": external_id })).unwrap();
        let (status, answer) = desk.send(None, Method::POST, "/octo/process", body).await;
        assert_eq!((status, &answer["externalId"]), (StatusCode::OK, &external_id));
        let (_, view) = desk.get(ID, "").await;
        if view["version"] != "closed" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the money never came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_of_the_journals_payment_and_never_made_twice() {
    let desk = Desk::open().await;
    desk.approve();
    desk.put(ID, "?wait=20", pay(10_000)).await;
    let (_, paid) = desk.get(ID, "?wait=30").await;
    let receipt = paid["answer"]["extras"]["transaction"].clone();
    let refund =
        |minor: i64| json!({ "action": "refund", "amount": minor, "primary_transaction": receipt });
    let id = ID.replace("5f3a", "7f3a");
    desk.put(&id, "?wait=20", refund(4_000)).await;
    let (_, done) = desk.get(&id, "?wait=30").await;
    assert_eq!(code(&done), 0, "{done}");
    let (_, again) = desk.put(&id, "", refund(4_000)).await;
    assert_eq!(code(&again), 0);
    let (_, above) = desk.put(&ID.replace("5f3a", "8f3a"), "?wait=20", refund(6_001)).await;
    assert_eq!(code(&above), 9, "{above}");
    // Another terminal's receipt is judged by its seal, and its payment by the one journal.
    let other = desk.store.add_token("T-2", till_gateway::store::Role::Device, 1).unwrap();
    let path = format!("/v1/operations/{}?wait=20", ID.replace("5f3a", "9f3a"));
    let bare = json!({ "action": "refund", "amount": 1, "primary_transaction":
        json!({ "id": ID }).to_string() });
    let (_, guessed) = desk.ask_as(&other, Method::PUT, &path, bare).await;
    assert_eq!(code(&guessed), 9, "a guessed id is no receipt: {guessed}");
    let path = format!("/v1/operations/{}?wait=20", ID.replace("5f3a", "af3a"));
    desk.ask_as(&other, Method::PUT, &path, refund(6_000)).await;
    let path = path.replace("wait=20", "wait=30");
    let (_, rest) = desk.ask_as(&other, Method::GET, &path, Value::Null).await;
    assert_eq!(code(&rest), 0, "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_lets_those_who_wait_go_and_loses_nothing() {
    let mut desk = Desk::open().await;
    desk.put(ID, "?wait=20", pay(100)).await;
    let server = desk.server.take().unwrap();
    let (waited, ()) = tokio::join!(desk.get(ID, "?wait=60&version=waiting*"), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        server.stop().await;
    });
    assert_eq!(waited.0, StatusCode::OK, "{}", waited.1);
    desk.start().await;
    desk.approve();
    let (_, paid) = desk.get(ID, "?wait=60").await;
    assert_eq!(code(&paid), 0, "{paid}");
}
