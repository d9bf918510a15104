//! Processes that die, and a database that goes away.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use till_sandbox::{Auto, postgres};

use crate::fleet::Fleet;
use crate::together::{Pair, code, pay, told};

const ID: &str = "5f3a52c0-2222-4d0b-9a53-3b0e3c1c4f10";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_drove_another_one_ends() {
    let pair = Pair::start("").await;
    assert_eq!(pair.put(0, ID, "?wait=20", &pay(100)).await.1["state"], "waiting");
    let (paid, ()) = tokio::join!(pair.get(1, ID, "?wait=60&version=waiting*"), async {
        pair.fleet.kill(0);
        assert!(!pair.fleet.runs(0));
        pair.fleet.bank.set_auto(Auto::Approve);
    });
    assert_eq!(code(&paid.1), Some(0), "{paid:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_left_in_order_another_one_gives_up_at_once() {
    let pair = Pair::start("").await;
    assert_eq!(pair.put(0, ID, "?wait=20", &pay(100)).await.1["state"], "waiting");
    pair.fleet.stop(0);
    let path = format!("/v1/operations/{ID}/cancel?wait=20");
    let cancelled = pair.fleet.ask(1, &pair.token, Method::POST, &path, &Value::Null).await;
    assert_eq!(code(&told(cancelled).1), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_slept_over_its_lease_goes_on_without_what_it_lost() {
    let pair = Pair::start("").await;
    assert_eq!(pair.put(0, ID, "?wait=20", &pay(100)).await.1["state"], "waiting");
    pair.fleet.signal(0, "STOP");
    pair.fleet.bank.set_auto(Auto::Approve);
    let (_, paid) = pair.get(1, ID, "?wait=60&version=waiting*").await;
    assert_eq!(code(&paid), Some(0), "{paid}");
    pair.fleet.signal(0, "CONT");
    let (_, same) = pair.get(0, ID, "").await;
    assert_eq!(same["answer"], paid["answer"]);
    let other = ID.replace("5f3a", "6f3a");
    let (status, view) = pair.put(0, &other, "?wait=20", &pay(100)).await;
    assert_eq!(status, StatusCode::OK, "{view}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_the_database_is_waited_out() {
    let mut database = postgres::Server::start(false).unwrap();
    let fleet = Fleet::start(2, &database, "", "").await;
    let token = fleet.token("T-1", &[]);
    let path = format!("/v1/operations/{ID}");
    let put = fleet.ask(0, &token, Method::PUT, &format!("{path}?wait=20"), &pay(100)).await;
    assert_eq!(told(put).1["state"], "waiting");
    database.kill().unwrap();
    for at in [0, 1] {
        let ready = told(fleet.send(at, None, Method::GET, "/readyz", vec![]).await);
        assert_eq!(ready.0, StatusCode::SERVICE_UNAVAILABLE, "{}", ready.1);
        let (status, body) = told(fleet.ask(at, &token, Method::GET, &path, &Value::Null).await);
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
        assert!(body["message"].as_str().unwrap().contains("ask again"), "{body}");
        assert_eq!(fleet.send(at, None, Method::GET, "/healthz", vec![]).await.unwrap().0, 200);
    }
    database.start_again().unwrap();
    fleet.bank.set_auto(Auto::Approve);
    for at in [0, 1] {
        let mut ended = (StatusCode::OK, Value::Null);
        for _ in 0..300 {
            ended = told(fleet.ask(at, &token, Method::GET, &path, &Value::Null).await);
            if ended.1["state"] == "ended" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(code(&ended.1), Some(0), "{ended:?}");
        // The journal may be read by others while this process still loads it again.
        let mut ready = (StatusCode::OK, Value::Null);
        for _ in 0..300 {
            ready = told(fleet.send(at, None, Method::GET, "/readyz", vec![]).await);
            if ready.0 == StatusCode::OK {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(ready.0, StatusCode::OK, "{}", ready.1);
    }
}
