//! ecommpay's callbacks: signed ones wake their payment, whose status decides; all others change
//! nothing.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use till_sandbox::Call;
use till_sandbox::ecommpay::{Platform, signature};

use crate::desk::{Desk, ID, SECRET, code};

pub(crate) fn pay() -> Value {
    json!({ "action": "pay", "amount": 12_500, "purpose": "Tea", "request_id": "r-1",
        "rail": "ecommpay", "currency": "CNY" })
}

/// Sends a callback as the platform does.
pub(crate) async fn call_back(desk: &Desk, body: &Value) -> (StatusCode, Value) {
    let body = serde_json::to_vec(body).unwrap();
    desk.send(None, Method::POST, "/ecommpay/callback", body).await
}

/// Waits until something is so at the platform.
pub(crate) async fn until(desk: &Desk, so: impl Fn(&Platform) -> bool) {
    for _ in 0..2_000 {
        if so(&desk.bank.platform().lock().unwrap()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never");
}

/// Lets the customer pay; the platform tells the gateway by itself.
pub(crate) fn approve(desk: &Desk, id: &str) {
    desk.bank.change_platform(|platform, now_ms| {
        assert_eq!(platform.approve(now_ms, &mut || 7, id), Ok(true));
    });
}

/// Gives the name of the newest operation at the bank.
pub(crate) async fn external_id(desk: &Desk) -> String {
    let (_, rows) = desk.ask(Method::GET, "/v1/operations", Value::Null).await;
    rows["operations"][0]["external_id"].as_str().unwrap().to_owned()
}

/// Gives the number that a metric shows.
async fn metric(desk: &Desk, name: &str) -> u64 {
    let (_, text) = desk.send(None, Method::GET, "/metrics", vec![]).await;
    let text = text.as_str().unwrap();
    let row = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    row.unwrap_or_else(|| panic!("{name} in {text}")).parse().unwrap()
}

fn movements(desk: &Desk) -> usize {
    desk.bank.platform().lock().unwrap().ledger().movements().len()
}

/// Everything that the platform has told of its payments so far, as it sent it.
fn told(desk: &Desk) -> Vec<Value> {
    desk.bank.platform().lock().unwrap().callbacks().map(|one| one.body.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_callback_takes_a_payment_to_its_end_and_reaches_who_waits() {
    let desk = Desk::open().await;
    let (_, shown) = desk.put(ID, "?wait=20", pay()).await;
    let page = shown["code"]["value"].as_str().unwrap_or_else(|| panic!("{shown}")).to_owned();
    let customer = async {
        desk.bank.scan(&page).unwrap();
        approve(&desk, &external_id(&desk).await);
    };
    let ((_, paid), ()) = tokio::join!(desk.get(ID, "?wait=60&version=waiting*"), customer);
    assert_eq!((paid["state"].as_str(), code(&paid)), (Some("ended"), 0), "{paid}");
    let receipt = paid["answer"]["extras"]["transaction"].as_str().unwrap();
    assert!(receipt.contains("\"rail\":\"ecommpay\""), "{receipt}");
    // The first look of its own comes after 10 s: it was the callback that asked.
    assert_eq!(desk.bank.calls(Call::Status), 1);
    assert!(metric(&desk, "till_callbacks_total").await >= 1);
    assert_eq!((metric(&desk, "till_refused_callbacks_total").await, movements(&desk)), (0, 1));
    assert_eq!(desk.store.orphans().unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_that_come_twice_late_or_against_their_order_change_no_end() {
    let desk = Desk::with_gate().await;
    desk.bank.faults().add("duplicate:callback:9".parse().unwrap());
    let (_, shown) = desk.put(ID, "", pay()).await;
    assert_eq!(shown["state"], "creating", "{shown}");
    let (_, shown) = desk.get(ID, "?wait=20&version=creating").await;
    assert!(shown["code"]["value"].is_string(), "{shown}");
    let id = external_id(&desk).await;
    let interim = told(&desk);
    assert!(!interim.is_empty() && interim.iter().all(|one| one["payment"]["status"] != "success"));
    // The last word is held back; what was said before it comes once more.
    desk.bank.change_platform(|platform, now_ms| platform.hold_callbacks(now_ms, true, false));
    for body in &interim {
        assert_eq!(call_back(&desk, body).await.0, StatusCode::OK);
    }
    assert_eq!(desk.get(ID, "").await.1["state"], "waiting");
    approve(&desk, &id);
    desk.bank.change_platform(|platform, now_ms| platform.hold_callbacks(now_ms, false, true));
    let (_, paid) = desk.get(ID, "?wait=60&version=waiting*").await;
    assert_eq!(code(&paid), 0, "{paid}");
    until(&desk, |platform| platform.callbacks().all(|one| one.delivered)).await;
    let mut all = told(&desk);
    all.reverse();
    for body in all.iter().chain(&interim) {
        let (status, _) = call_back(&desk, body).await;
        assert_eq!(status, StatusCode::OK);
    }
    let (_, again) = desk.put(ID, "", pay()).await;
    assert_eq!(again, paid, "a final state never regresses");
    assert_eq!((movements(&desk), desk.recorded().await), (1, 1));
}

/// A callback that says "success" is no success: only the status is.
#[tokio::test(flavor = "multi_thread")]
async fn a_signed_success_that_the_status_does_not_confirm_is_none() {
    let desk = Desk::with_gate().await;
    desk.put(ID, "", pay()).await;
    desk.get(ID, "?wait=20&version=creating").await;
    let id = external_id(&desk).await;
    let lie = json!({ "project_id": 201, "payment": { "id": id, "status": "success",
        "sum": { "amount": 12_500, "currency": "CNY" } } });
    let before = desk.bank.calls(Call::Status);
    let (status, _) = call_back(&desk, &signature::signed(lie, SECRET)).await;
    assert_eq!(status, StatusCode::OK);
    for _ in 0..1_000 {
        if desk.bank.calls(Call::Status) > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(desk.bank.calls(Call::Status) > before, "the status is asked for");
    let (_, after) = desk.get(ID, "?wait=1").await;
    assert_eq!(after["state"], "waiting", "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_callback_about_an_unknown_payment_is_kept_and_counted() {
    let mut desk = Desk::open().await;
    desk.put(ID, "?wait=20", pay()).await;
    let orphan = |id: &str| {
        let body = json!({ "project_id": 201, "payment": { "id": id, "status": "success" } });
        signature::signed(body, SECRET)
    };
    for (id, kept) in [("X-1", 1), ("X-1", 1), ("X-2", 2)] {
        let (status, refused) = call_back(&desk, &orphan(id)).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(refused["error"], "unknown");
        assert_eq!(desk.store.orphans().unwrap(), kept, "{id}");
    }
    assert_eq!(metric(&desk, "till_orphan_callbacks_total").await, 3);
    assert_eq!(metric(&desk, "till_orphans").await, 2);
    assert_eq!(metric(&desk, "till_callbacks_total").await, 0);
    // They are money without a record: a restart does not forget them.
    desk.stop().await;
    desk.start().await;
    assert_eq!(metric(&desk, "till_orphans").await, 2);
    assert_eq!(desk.recorded().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_project_has_not_signed_is_refused_and_nothing_of_it_kept() {
    let desk = Desk::open().await;
    desk.put(ID, "?wait=20", pay()).await;
    let id = external_id(&desk).await;
    let body = |project: u64, id: &str| {
        json!({ "project_id": project, "payment": { "id": id, "status": "success",
            "sum": { "amount": 12_500, "currency": "CNY" } } })
    };
    let mut changed = signature::signed(body(201, "X"), SECRET);
    changed["payment"]["id"] = json!(id);
    let mut wrapped = body(201, &id);
    wrapped["general"] = json!({ "signature": signature::sign(&body(201, "X"), SECRET) });
    let nothing = signature::signed(json!({ "project_id": 201 }), SECRET);
    let (bad, unknown) = (StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND);
    let refused = [
        (body(201, &id), bad, "bad_signature"),
        (signature::signed(body(201, &id), "another key"), bad, "bad_signature"),
        (changed, bad, "bad_signature"),
        (wrapped, bad, "bad_signature"),
        (json!([body(201, &id)]), bad, "bad_signature"),
        (signature::signed(body(202, &id), SECRET), unknown, "unknown"),
        (nothing, unknown, "unknown"),
    ];
    for (body, status, error) in &refused {
        let (answered, said) = call_back(&desk, body).await;
        assert_eq!((answered, said["error"].as_str()), (*status, Some(*error)), "{body}");
    }
    let count = u64::try_from(refused.len()).unwrap();
    assert_eq!(metric(&desk, "till_refused_callbacks_total").await, count);
    let long = vec![b' '; 262_145];
    let (status, _) = desk.send(None, Method::POST, "/ecommpay/callback", long).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    // None of them asked the bank anything, and none is an orphan.
    assert_eq!(desk.bank.calls(Call::Status), 0);
    assert_eq!((desk.store.orphans().unwrap(), desk.store.wakes(0).unwrap().len()), (0, 0));
    assert_eq!(desk.get(ID, "").await.1["state"], "waiting");
}
