//! Every fault, as the caller sees it and as the bank does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use support::{Caller, perform_request, refund_request};
use till_sandbox::octo::{Behaviour, Repeated};
use till_sandbox::{Call, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const STATIC: &str = "https://pay.example/wall/1";

async fn caller(faults: &[&str]) -> Caller {
    let caller = Caller::start(ServerConfig::default()).await;
    for fault in faults {
        caller.server.faults().add(fault.parse().unwrap());
    }
    caller
}

/// Performs by a static code, which needs no call before it.
async fn perform(caller: &Caller) -> reqwest::Result<reqwest::Response> {
    caller.post("perform", &perform_request("p", STATIC)).await
}

fn bank_knows(caller: &Caller) -> bool {
    let now_ms = caller.server.now_ms();
    caller.server.bank().lock().unwrap().payment(now_ms, "p").is_some()
}

/// Finds what the system said at the bottom of a client's error.
fn system_error(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut source: Option<&dyn Error> = Some(error);
    let mut found = None;
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            found = Some(error.kind());
        }
        source = error.source();
    }
    found
}

#[tokio::test]
async fn a_dropped_request_never_reaches_the_bank() {
    let caller = caller(&["drop-request:perform:1"]).await;
    let error = perform(&caller).await.unwrap_err();
    assert_ne!(system_error(&error), Some(io::ErrorKind::ConnectionReset));
    assert!(!bank_knows(&caller));
    assert_eq!(caller.server.calls(Call::Perform), 1, "it was sent once");
    assert_eq!(caller.server.faults().list(), []);
    assert_eq!(perform(&caller).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_dropped_answer_leaves_the_bank_with_the_deed() {
    let caller = caller(&["drop-answer:perform:1", "drop-answer:token:1"]).await;
    let error = perform(&caller).await.unwrap_err();
    assert_ne!(system_error(&error), Some(io::ErrorKind::ConnectionReset));
    assert!(bank_knows(&caller));
    assert_eq!(caller.server.calls(Call::Perform), 1, "it was sent once");
    let answer = perform(&caller).await.unwrap();
    assert_eq!(answer.status(), 200, "the repetition finds the payment");
}

#[tokio::test]
async fn a_lost_refund_has_moved_the_money() {
    let caller = caller(&["drop-answer:refund:1"]).await;
    caller.payable("p").await;
    let bank = caller.server.bank();
    bank.lock().unwrap().approve(caller.server.now_ms(), "p", None).unwrap();
    let request = refund_request("r", "p", 500);
    assert!(caller.post("refund", &request).await.is_err());
    assert_eq!(bank.lock().unwrap().ledger().refunded("p"), 500);
    let repeated = caller.json(200, "refund", &request).await;
    assert_eq!(repeated["resultStatus"], "S");
    assert_eq!(bank.lock().unwrap().ledger().times_moved("r"), 1);
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let caller = caller(&["reset:perform:1"]).await;
    let error = perform(&caller).await.unwrap_err();
    assert_eq!(system_error(&error), Some(io::ErrorKind::ConnectionReset), "{error:?}");
    assert!(bank_knows(&caller));
    assert_eq!(perform(&caller).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_status_comes_from_the_front_end() {
    let caller = caller(&["status:perform:503:2"]).await;
    for _ in 0..2 {
        let answer = perform(&caller).await.unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["content-type"], "text/html");
        assert!(!bank_knows(&caller));
    }
    assert_eq!(perform(&caller).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_delayed_call_takes_its_time() {
    let caller = caller(&["delay:perform:200:1"]).await;
    let before_ms = caller.server.now_ms();
    assert_eq!(perform(&caller).await.unwrap().status(), 200);
    assert!(caller.server.now_ms() - before_ms >= 200);
    assert_eq!(caller.server.faults().list(), []);
}

#[tokio::test]
async fn a_delayed_call_reaches_the_bank_after_its_caller_has_gone() {
    let caller = caller(&["delay:perform:300"]).await;
    let before_ms = caller.server.now_ms();
    let arrived = async {
        while caller.server.calls(Call::Perform) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = perform(&caller) => panic!("it came before the call was counted: {answer:?}"),
        () = arrived => {} // and here the caller hangs up
    }
    while !bank_knows(&caller) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let bank = caller.server.bank();
    let payment = bank.lock().unwrap().payment(caller.server.now_ms(), "p").unwrap();
    assert!(payment.created_at_ms - before_ms >= 300);
}

#[tokio::test]
async fn an_extra_round_trip_is_taken_by_every_call() {
    let config = ServerConfig { extra_delay_ms: 60, ..ServerConfig::default() };
    let caller = Caller::start(config).await;
    let before_ms = caller.server.now_ms();
    assert_eq!(perform(&caller).await.unwrap().status(), 200);
    assert!(caller.server.now_ms() - before_ms >= 60);
    caller.server.set_extra_delay_ms(0);
    assert_eq!(perform(&caller).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_duplicate_is_handled_twice() {
    let caller = caller(&["duplicate:perform"]).await;
    assert_eq!(perform(&caller).await.unwrap().status(), 200);
    assert_eq!(caller.server.calls(Call::Perform), 1);
    let behaviour = Behaviour { repeated: Repeated::Exists, ..Behaviour::default() };
    caller.server.bank().lock().unwrap().set_behaviour(behaviour);
    let answer = caller.json(400, "perform", &perform_request("p-2", STATIC)).await;
    assert_eq!(answer["result"]["resultCode"], "ALREADY_EXISTS", "the first one made it");
}

#[tokio::test]
async fn garbage_is_neither_json_nor_text() {
    let caller = caller(&["garbage:perform:1"]).await;
    let answer = perform(&caller).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = answer.bytes().await.unwrap();
    assert!(serde_json::from_slice::<Value>(&body).is_err());
    assert!(core::str::from_utf8(&body).is_err());
    assert!(bank_knows(&caller));
}

#[tokio::test]
async fn a_truncated_body_ends_early() {
    let caller = caller(&["truncate:perform:1"]).await;
    let answer = perform(&caller).await.unwrap();
    assert_eq!(answer.status(), 200);
    let promised = answer.content_length().unwrap();
    assert!(promised > 1000);
    assert!(answer.bytes().await.is_err());
    assert!(bank_knows(&caller));
    assert_eq!(perform(&caller).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_huge_body_is_as_huge_as_it_says() {
    let caller = caller(&["huge:perform:1"]).await;
    let mut answer = perform(&caller).await.unwrap();
    assert_eq!(answer.content_length(), Some(100_000_000));
    let mut size = 0;
    while let Some(chunk) = answer.chunk().await.unwrap() {
        size += chunk.len();
    }
    assert_eq!(size, 100_000_000);
    assert!(bank_knows(&caller));
}

#[tokio::test]
async fn a_wrong_type_has_the_right_body() {
    let caller = caller(&["type:perform:1"]).await;
    let answer = perform(&caller).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(body["status"], "CREATED");
}

#[tokio::test]
async fn a_fault_is_for_its_own_call() {
    let caller = caller(&["drop-answer:refund:1", "status:process:500:1"]).await;
    assert_eq!(perform(&caller).await.unwrap().status(), 200);
    let process = json!({"externalId": "p"});
    assert_eq!(caller.post("process", &process).await.unwrap().status(), 500);
    assert_eq!(caller.post("process", &process).await.unwrap().status(), 200);
    assert_eq!(caller.server.faults().list().len(), 1);
    caller.server.faults().clear();
    assert_eq!(caller.server.faults().list(), []);
}

#[tokio::test]
async fn the_token_call_has_faults_too() {
    let caller = caller(&["status:token:503:1"]).await;
    let url = format!("{}/oauth2/token", caller.server.base_url());
    let answer = caller.client.post(url).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    support::token(&caller.server, &caller.client).await;
    assert_eq!(caller.server.calls(Call::Token), 3);
}

#[tokio::test]
async fn one_connection_serves_many_calls() {
    let caller = caller(&[]).await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(caller.server.ca_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let address = caller.server.base_url().trim_start_matches("https://").to_owned();
    let stream = TcpStream::connect(&address).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(tls));
    let mut stream = connector.connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let body = json!({"externalId": "never"}).to_string();
    for _ in 0..3 {
        let request = format!(
            "POST /api/v1/process HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            caller.token,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        while !answer.ends_with("\"externalId\":\"never\"}") && !answer.ends_with("\"}}") {
            let mut piece = [0; 4096];
            let size = stream.read(&mut piece).await.unwrap();
            assert_ne!(size, 0, "the connection ended: {answer}");
            answer.push_str(core::str::from_utf8(&piece[..size]).unwrap());
        }
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("Unknown externalId"), "{answer}");
    }
}
