//! The bank over real TLS.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use serde_json::{Value, json};
use support::{Caller, perform_request, refund_request};
use till_sandbox::octo::{Action, Bank, Behaviour};
use till_sandbox::{Auto, Call, Money, Server, ServerConfig};

fn pair(status: &str, code: &str) -> (String, String) {
    (status.to_owned(), code.to_owned())
}

#[tokio::test]
async fn a_payment_and_its_refund_go_through() {
    let caller = Caller::start(ServerConfig::default()).await;
    let code = caller.payable("p-1").await;
    assert!(code.starts_with(&format!("{}/w/", caller.server.wallet_url())), "{code}");
    assert_eq!(caller.process("p-1").await, pair("U", "PENDING"));
    let bank = caller.server.bank();
    let paid = bank.lock().unwrap().approve(caller.server.now_ms(), &code, None).unwrap();
    assert_eq!(paid.to_string(), "12500 UZS");
    assert_eq!(caller.process("p-1").await, pair("S", "SUCCESS"));
    let refund = caller.json(200, "refund", &refund_request("r-1", "p-1", 12_500)).await;
    assert_eq!(refund["resultStatus"], "S");
    assert_eq!(bank.lock().unwrap().ledger().refunded("p-1"), 12_500);
    for (call, times) in [
        (Call::Token, 1),
        (Call::GetQrCode, 1),
        (Call::Perform, 1),
        (Call::Process, 2),
        (Call::Refund, 1),
        (Call::Confirm, 0),
    ] {
        assert_eq!(caller.server.calls(call), times, "{call}");
    }
    caller.server.stop().await.unwrap();
}

#[tokio::test]
async fn only_the_runs_own_authority_is_trusted() {
    let one = Server::start(ServerConfig::default()).await.unwrap();
    let other = Server::start(ServerConfig::default()).await.unwrap();
    let client = support::client(one.ca_pem());
    let reached = client.get(one.base_url()).send().await.unwrap();
    assert_eq!(reached.status(), 404);
    assert_eq!(reached.version(), reqwest::Version::HTTP_11);
    let localhost = one.base_url().replace("127.0.0.1", "localhost");
    assert!(client.get(localhost).send().await.is_ok(), "the certificate names localhost");
    assert!(client.get(other.base_url()).send().await.is_err(), "another run's authority");
}

#[tokio::test]
async fn the_automatic_customer_decides() {
    for (auto, result) in [
        (Auto::Approve, pair("S", "SUCCESS")),
        (Auto::Decline, pair("F", "FAILED")),
        (Auto::Cancel, pair("F", "CANCELLED")),
    ] {
        let config = ServerConfig { auto, auto_delay_ms: 0, ..ServerConfig::default() };
        let caller = Caller::start(config).await;
        caller.payable("p-1").await;
        while caller.process("p-1").await == pair("U", "PENDING") {
            tokio::task::yield_now().await;
        }
        assert_eq!(caller.process("p-1").await, result);
    }
}

#[tokio::test]
async fn the_customer_waits_for_the_clock_of_the_bank() {
    let config =
        ServerConfig { auto: Auto::Approve, auto_delay_ms: 300_000, ..ServerConfig::default() };
    let caller = Caller::start(config).await;
    caller.payable("p-1").await;
    assert_eq!(caller.process("p-1").await, pair("U", "PENDING"));
    caller.server.advance_ms(300_000);
    while caller.process("p-1").await == pair("U", "PENDING") {
        tokio::task::yield_now().await;
    }
    assert_eq!(caller.process("p-1").await, pair("S", "SUCCESS"));
}

#[tokio::test]
async fn what_the_customer_does_can_change_while_payments_are_open() {
    let caller = Caller::start(ServerConfig { auto_delay_ms: 0, ..ServerConfig::default() }).await;
    caller.payable("p-1").await;
    assert_eq!(caller.process("p-1").await, pair("U", "PENDING"));
    caller.server.set_auto(Auto::Cancel);
    while caller.process("p-1").await == pair("U", "PENDING") {
        tokio::task::yield_now().await;
    }
    assert_eq!(caller.process("p-1").await, pair("F", "CANCELLED"));
}

#[tokio::test]
async fn the_books_survive_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.json");
    let config = || ServerConfig { state_file: Some(path.clone()), ..ServerConfig::default() };
    let first = Caller::start(config()).await;
    let code = first.payable("p-1").await;
    first.server.bank().lock().unwrap().approve(first.server.now_ms(), &code, None).unwrap();
    first.server.stop().await.unwrap();

    let second = Caller::start(config()).await;
    assert_eq!(second.process("p-1").await, pair("S", "SUCCESS"));
    let refund = second.json(200, "refund", &refund_request("r-1", "p-1", 500)).await;
    assert_eq!(refund["resultStatus"], "S");
    // What was answered is on disk before the answer: nothing is lost without a stop.
    let text = std::fs::read(&path).unwrap();
    let books: Value = serde_json::from_slice(&text).unwrap();
    let bank: Bank = serde_json::from_value(books["octo"].clone()).unwrap();
    assert_eq!(bank.ledger().refunded("p-1"), 500);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_broken_state_file_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bank.json");
    std::fs::write(&path, "{\"payments\":").unwrap();
    let config = ServerConfig { state_file: Some(path.clone()), ..ServerConfig::default() };
    let error = Server::start(config).await.unwrap_err().to_string();
    assert!(error.starts_with(path.to_str().unwrap()), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"payments\":");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let one = Server::start(ServerConfig::default()).await.unwrap();
    let address = one.base_url().trim_start_matches("https://").parse().unwrap();
    let config = ServerConfig { listen: address, ..ServerConfig::default() };
    let error = Server::start(config).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen on {address}: ")), "{error}");
}

#[tokio::test]
async fn a_stranger_gets_the_front_ends_page() {
    let caller = Caller::start(ServerConfig::default()).await;
    let behaviour =
        Behaviour { allowed_peers: vec!["192.0.2.7".parse().unwrap()], ..Behaviour::default() };
    caller.server.bank().lock().unwrap().set_behaviour(behaviour);
    let response = caller.post("process", &json!({"externalId": "p-1"})).await.unwrap();
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["content-type"], "text/html");
    assert!(response.text().await.unwrap().contains("<h1>403 Forbidden</h1>"));
}

#[tokio::test]
async fn a_redirect_url_leads_to_the_wallet_page() {
    let behaviour = Behaviour { entry_action: Action::PspRedirect, ..Behaviour::default() };
    let caller = Caller::start(ServerConfig { behaviour, ..ServerConfig::default() }).await;
    let body = perform_request("p-1", "https://example.com/wall");
    let answer = caller.json(200, "perform", &body).await;
    assert_eq!(answer["actionType"], "HANDLE_BY_PSP");
    let url = answer["redirectUrl"].as_str().unwrap();
    assert_eq!(url, format!("{}/w/p-1", caller.server.base_url()));
    let page = caller.client.get(url).send().await.unwrap();
    assert_eq!(page.status(), 302);
    let wallet = format!("{}/w/p-1", caller.server.wallet_url());
    assert_eq!(page.headers()["location"], wallet.as_str());
}

#[tokio::test]
async fn a_body_without_end_is_refused() {
    let caller = Caller::start(ServerConfig::default()).await;
    let body = Value::String("x".repeat(2 << 20));
    let response = caller.post("process", &body).await;
    assert!(response.is_err() || response.is_ok_and(|response| response.status() == 413));
}

#[tokio::test]
async fn a_stopped_server_answers_nobody() {
    let caller = Caller::start(ServerConfig::default()).await;
    let bank = caller.server.bank();
    let url = caller.server.base_url().to_owned();
    caller.server.stop().await.unwrap();
    assert!(caller.client.get(url).send().await.is_err());
    assert_eq!(bank.lock().unwrap().ledger().paid("p-1"), None::<Money>);
}
