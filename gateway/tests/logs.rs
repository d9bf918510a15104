//! What the gateway logs: enough to find out what happened, and nothing that is anybody's secret.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "gateway/process.rs"]
mod process;

use std::fs;
use std::time::Duration;

use process::{Gateway, set_up};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use till_sandbox::ecommpay::{Behaviour, signature};
use till_sandbox::{Auto, Server, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const ID: &str = "5f3a52c0-1111-4d0b-9a53-3b0e3c1c4f10";

/// Is a caller of the gateway, and everything it sent or heard that no log may hold.
struct Caller {
    http: Client,
    url: String,
    token: String,
    private: Vec<String>,
}

impl Caller {
    async fn send(&mut self, method: Method, path: &str, body: Value) -> Value {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = request.body(body).send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice(&answer).unwrap_or_default()
    }

    /// Orders it, waits for its end, and keeps what its customer was shown.
    async fn order(&mut self, id: &str, body: Value, bank: Option<&Server>) -> Value {
        let path = format!("/v1/operations/{id}?wait=20");
        let shown = self.send(Method::PUT, &path, body).await;
        if let Some(code) = shown["code"]["value"].as_str() {
            self.private.push(code.to_owned());
            if let Some(bank) = bank {
                bank.scan(code).unwrap();
            }
        }
        let path = format!("/v1/operations/{id}?wait=60");
        let ended = self.send(Method::GET, &path, json!(null)).await;
        assert_eq!(ended["answer"]["extras"]["code"], 0, "{ended}");
        ended["answer"]["extras"]["transaction"].clone()
    }
}

/// Lets payments, a refund, pushes and callbacks pass through the gateway, and attempts at each.
async fn busy_day(caller: &mut Caller, bank: &Server, secret: &str) {
    let pay = json!({ "action": "pay", "amount": 12_500, "purpose": "private-purpose",
        "request_id": "private-request" });
    let receipt = caller.order(ID, pay.clone(), None).await;
    let mac: Value = serde_json::from_str(receipt.as_str().unwrap()).unwrap();
    caller.private.push(mac["mac"].as_str().unwrap().to_owned());
    let refund = json!({ "action": "refund", "amount": 500, "primary_transaction": receipt });
    caller.order(&ID.replace("5f3a", "6f3a"), refund, None).await;
    let mut other = pay.clone();
    (other["rail"], other["currency"]) = (json!("ecommpay"), json!("CNY"));
    caller.order(&ID.replace("5f3a", "7f3a"), other, Some(bank)).await;
    let orphan = json!({ "project_id": 201, "payment": { "id": "private-orphan" } });
    let signed = signature::signed(orphan.clone(), secret);
    caller.private.push(signed["signature"].as_str().unwrap().to_owned());
    for body in [orphan, signed, json!("private-nonsense"), json!({ "externalId": "private-push" })]
    {
        for path in ["/ecommpay/callback", "/octo/process"] {
            caller.send(Method::POST, path, body.clone()).await;
        }
    }
    let mut wrong = pay;
    wrong["private-key"] = json!("private-value");
    caller.send(Method::PUT, &format!("/v1/operations/{ID}?private-query=1"), wrong).await;
    let long = json!({ "private-long": "x".repeat(131_072) }).to_string();
    let put = caller.http.put(format!("{}/v1/operations/{ID}", caller.url)).body(long);
    // The gateway may have closed the connection before all of it was sent.
    let _broken = put.header("authorization", format!("Bearer {}", caller.token)).send().await;
    let token = std::mem::replace(&mut caller.token, "till_private-token_x".to_owned());
    caller.send(Method::GET, "/v1/operations", json!(null)).await;
    caller.token = token;
}

/// Asks for another terminal's operation in every way.
async fn nosy(caller: &mut Caller, other: &str) {
    let token = std::mem::replace(&mut caller.token, other.to_owned());
    let path = format!("/v1/operations/{ID}");
    let settle = json!({ "as": "paid", "note": "private-note" });
    for (method, path, body) in [
        (Method::GET, path.clone(), json!(null)),
        (Method::GET, format!("{path}?wait=1"), json!(null)),
        (Method::POST, format!("{path}/cancel"), json!(null)),
        (Method::POST, format!("{path}/acknowledge"), json!({ "code": 2 })),
        (Method::POST, format!("{path}/settle"), settle),
    ] {
        let refused = caller.send(method, &path, body).await;
        assert_eq!(refused["error"], "no_such_operation");
    }
    caller.token = token;
}

/// Sends this without TLS, part by part, and nothing more; waits for the end.
async fn plain(address: std::net::SocketAddr, parts: &[&str]) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    for part in parts {
        // The gateway may have had enough before all of it was sent.
        let _broken = stream.write_all(part.as_bytes()).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let mut said = vec![];
    let _reset = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_too_slow_or_too_long_are_logged_and_idle_callers_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = Some(folder.path().join("bank.pem"));
    let bank = Server::start(ServerConfig { ca_file, ..ServerConfig::default() }).await.unwrap();
    let address = set_up(folder.path(), &bank, 60);
    let config = folder.path().join("gateway.toml");
    let unsealed = fs::read_to_string(&config).unwrap().replace("certificate_file", "# ");
    fs::write(&config, unsealed.replace("key_file", "# ")).unwrap();
    let log = folder.path().join("log");
    let gateway = Gateway::start(folder.path(), "warn", fs::File::create(&log).unwrap().into());
    let warned = || fs::read_to_string(&log).unwrap().lines().count();
    let long = format!("GET /healthz HTTP/1.1\r\nx-private: {}", "x".repeat(100_000));
    plain(address, &[&long]).await;
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.contains("a head that is too long") && text.contains("127.0.0.1"), "{text}");
    assert_eq!(warned(), 1, "{text}");
    let asked = "GET /healthz HTTP/1.1\r\nhost: g\r\n\r\n";
    let (good, slow) = (&[asked], &[asked, "GET /private"]);
    let said = tokio::join!(
        plain(address, good),
        plain(address, &[]),
        plain(address, &slow[1..]),
        plain(address, slow)
    );
    assert!(said.0.starts_with("HTTP/1.1 200"), "{}", said.0);
    let text = fs::read_to_string(&log).unwrap();
    assert_eq!(text.matches("a head that came too slowly").count(), 2, "{text}");
    assert_eq!(warned(), 3, "{text}");
    assert!(!text.contains("private"), "{text}");
    gateway.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_say_what_happened_and_hold_no_secret_and_no_body() {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = Some(folder.path().join("bank.pem"));
    let bank = Server::start(ServerConfig { ca_file, ..ServerConfig::default() }).await.unwrap();
    bank.set_auto(Auto::Approve);
    let url = format!("https://{}", set_up(folder.path(), &bank, 60));
    let secret = bank.change_platform(|platform, _| {
        let callback_url = Some(format!("{url}/ecommpay/callback"));
        let behaviour = Behaviour { callback_url, ..platform.behaviour().clone() };
        platform.set_behaviour(behaviour.clone());
        behaviour.secret
    });
    let client_secret = bank.bank().lock().unwrap().behaviour().client_secret.clone();
    let token = Gateway::token(folder.path(), &["T-1"]);
    let log = folder.path().join("log");
    let gateway = Gateway::start(folder.path(), "trace", fs::File::create(&log).unwrap().into());
    let root = fs::read(folder.path().join("ca.pem")).unwrap();
    let root = reqwest::Certificate::from_pem(&root).unwrap();
    let _installed_already = rustls::crypto::ring::default_provider().install_default();
    let http = Client::builder().tls_certs_only([root]).timeout(Duration::from_secs(100)).build();
    let (_, token_secret) = token.rsplit_once('_').unwrap();
    let private = vec![token_secret.to_owned(), secret.clone(), client_secret];
    let mut caller = Caller { http: http.unwrap(), url, token: token.clone(), private };
    busy_day(&mut caller, &bank, &secret).await;
    let other = Gateway::token(folder.path(), &["T-nosy"]);
    nosy(&mut caller, &other).await;
    gateway.kill();

    let text = fs::read_to_string(&log).unwrap();
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{text}");
    for told in [
        "answered",
        "a callback that is not taken",
        "ALARM",
        "no token that is in use",
        "a push that cannot be read",
    ] {
        assert!(text.contains(told), "{told} in {text}");
    }
    let of_the_other = |line: &&str| line.contains("no such operation of its own");
    let lines: Vec<&str> = text.lines().filter(of_the_other).collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert!(lines.iter().all(|line| line.contains("T-nosy") && line.contains(ID)), "{lines:?}");
    let long = text.lines().find(|line| line.contains("a body that is too long"));
    assert!(long.is_some_and(|line| line.contains("T-1")), "{long:?}");
    let words = ["private-", "208800000000000001"].map(str::to_owned);
    for private in words.iter().chain(&caller.private) {
        let found = text.lines().find(|line| line.contains(private.as_str()));
        assert_eq!(found, None, "{private}");
    }
}
