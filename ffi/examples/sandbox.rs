//! The sandbox bank for tests in other languages: until standard input ends.
//!
//! Standard output: one line each with the bank's URL, the URL of the customer's control API, and
//! the certificate authority's PEM with `\n` for its line ends. Every payment is approved at once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "it serves tests")]

use std::io::{Read as _, Write as _};

use till_sandbox::{Auto, Server, ServerConfig};

#[tokio::main]
async fn main() {
    let config = ServerConfig { auto: Auto::Approve, auto_delay_ms: 0, ..Default::default() };
    let bank = Server::start(config).await.unwrap();
    let pem = bank.ca_pem().replace('\n', "\\n");
    let told = format!("{}\n{}\n{pem}\n", bank.base_url(), bank.wallet_url());
    std::io::stdout().write_all(told.as_bytes()).unwrap();
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()))
        .await
        .unwrap()
        .unwrap();
    bank.stop().await.unwrap();
}
