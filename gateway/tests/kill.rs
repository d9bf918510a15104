//! The gateway as a process, killed with SIGKILL again and again while terminals wait for it: every
//! answer is that of the bank's books, and nothing is paid twice.
//!
//! `TILL_KILL_CYCLES` says how often it is killed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "gateway/process.rs"]
mod process;
#[path = "gateway/till.rs"]
#[expect(dead_code, reason = "refunds are the other test's")]
mod till;

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use process::{Gateway, set_up};
use till::{Till, Way};
use till_core::intent::{Answer, AnswerCode};
use till_core::operation::Story;
use till_sandbox::{Auto, Server, ServerConfig};

const TERMINALS: usize = 5;

/// Pays, and asks on while the answer is "not known", as its advice says. A code that no terminal
/// got before the gateway died is given up, so nothing stays in doubt.
async fn pay(till: &Till, request_id: &str) -> Answer {
    let mut answer = till.pay(request_id).await;
    for _ in 0..40 {
        if answer.code != AnswerCode::Unknown && answer.code != AnswerCode::InUse {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        answer = till.status(request_id).await;
    }
    panic!("{request_id} has no end: {answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_killed_at_random_tells_no_wrong_answer() {
    let cycles = std::env::var("TILL_KILL_CYCLES").ok().and_then(|text| text.parse().ok());
    let cycles: u64 = cycles.unwrap_or(6);
    let folder = tempfile::tempdir().unwrap();
    let ca_file = Some(folder.path().join("bank.pem"));
    let bank = Server::start(ServerConfig { ca_file, ..ServerConfig::default() }).await.unwrap();
    bank.set_auto(Auto::Approve);
    let address = set_up(folder.path(), &bank, 20);
    let mut tills = Vec::new();
    for number in 0..TERMINALS {
        let name = format!("T-{number}");
        tills.push(Till::start(&Way {
            url: format!("https://{address}"),
            ca_pem: fs::read(folder.path().join("ca.pem")).unwrap(),
            token: Gateway::token(folder.path(), &[&name]),
            sandbox: false,
            journal: folder.path().join(format!("{name}.sqlite")),
        }));
    }
    let mut gateway = Gateway::start(folder.path(), "error", Stdio::inherit());
    let paying: Vec<_> = tills
        .into_iter()
        .map(|till| {
            tokio::spawn(async move {
                let mut told = Vec::new();
                for round in 0..2 {
                    told.push(pay(&till, &format!("r-{round}")).await);
                }
                (till, told)
            })
        })
        .collect();
    for _ in 0..cycles {
        let ms = 200 + getrandom::u64().unwrap() % 1_800;
        tokio::time::sleep(Duration::from_millis(ms)).await;
        gateway.kill();
        gateway = Gateway::start(folder.path(), "error", Stdio::inherit());
    }
    let mut kept = 0;
    for paid in paying {
        let (till, told) = paid.await.unwrap();
        for (round, told) in told.into_iter().enumerate() {
            kept += i64::from(keeps(&till, round, told).await);
        }
    }
    compare(&bank, kept).await;
    gateway.kill();
}

/// Tells whether the merchant keeps the money of this payment, as far as its POS was told.
async fn keeps(till: &Till, round: usize, told: Answer) -> bool {
    let mut now = told.clone();
    for _ in 0..150 {
        now = till.status(&format!("r-{round}")).await;
        if now.late_payment != Some(Story::Refunding) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(now.code, told.code, "what was told stays: {told:?}, then {now:?}");
    now.code == AnswerCode::Success
}

/// The books: no payment is paid twice, and what was kept is what was told. The sandbox's customer
/// pays codes that no terminal got, too: that goes back once the bank is asked again.
async fn compare(bank: &Server, kept: i64) {
    let mut books: Vec<serde_json::Value> = vec![];
    for _ in 0..600 {
        books = {
            let bank = bank.bank();
            let bank = bank.lock().unwrap();
            let moved = bank.ledger().movements().iter();
            moved.map(|one| serde_json::to_value(one).unwrap()).collect()
        };
        let mut seen = std::collections::BTreeSet::new();
        let mut balance = 0;
        for one in &books {
            let id = one["external_id"].as_str().unwrap().to_owned();
            assert!(seen.insert(id), "moved twice: {one}");
            balance += if one["kind"] == "paid" { 1 } else { -1 };
        }
        if kept == balance {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("kept {kept}, in the books: {books:?}");
}
