//! The sandbox bank for tests in other languages, and a gateway to it: until standard input ends.
//!
//! Standard output: one line each with the bank's URL, the URL of the customer's control API, the
//! bank's certificate authority as PEM, the gateway's URL, its terminal's token, and the gateway's
//! certificate authority as PEM; PEM has `\n` for its line ends. Every payment is approved at once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "it serves tests")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{Read as _, Write as _};

use support::Gateway;
use till_sandbox::{Auto, Server, ServerConfig};

#[tokio::main]
async fn main() {
    let config = ServerConfig { auto: Auto::Approve, auto_delay_ms: 0, ..Default::default() };
    let bank = Server::start(config).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(&bank, folder.path()).await;
    let told = [
        bank.base_url(),
        bank.wallet_url(),
        &bank.ca_pem().replace('\n', "\\n"),
        &gateway.url,
        &gateway.token,
        &gateway.ca_pem.replace('\n', "\\n"),
    ];
    std::io::stdout().write_all(format!("{}\n", told.join("\n")).as_bytes()).unwrap();
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()))
        .await
        .unwrap()
        .unwrap();
    gateway.server.stop().await;
    bank.stop().await.unwrap();
}
