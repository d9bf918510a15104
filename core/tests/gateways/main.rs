//! Several gateway processes on one database, killed and stopped at random, while callbacks are
//! lost, doubled, reordered and forged, calls are lost, and the database is started anew twice.
//! The bank's books are the truth.
//!
//! `TILL_PROOF_OPERATIONS=n` says how many payments are asked for; `TILL_PROOF_SEED=n` changes what
//! befalls them.
#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod books;
mod child;
mod fleet;
mod people;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use till_sandbox::{Server, ServerConfig};

use books::Told;
use fleet::Fleet;

/// How many payments are asked for unless `TILL_PROOF_OPERATIONS` says otherwise.
const OPERATIONS: u64 = 120;

/// How many terminals there are.
const TERMINALS: u64 = 40;

const AMOUNT: u64 = 12_500;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Is chance that can be had again.
#[derive(Debug)]
pub(crate) struct Dice(AtomicU64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn below(&self, end: u64) -> u64 {
        let mut word = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % end
    }

    pub(crate) fn percent(&self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) async fn pause(&self, most_ms: u64) {
        tokio::time::sleep(Duration::from_millis(self.below(most_ms))).await;
    }
}

/// Is a gateway process, where the environment says so; no test otherwise.
#[test]
fn a_gateway_process() {
    if let Ok(job) = std::env::var("TILL_GATEWAY_JOB") {
        child::run(&serde_json::from_str(&job).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_money_is_moved_twice_no_answer_is_wrong_and_nothing_is_lost() {
    let operations = number("TILL_PROOF_OPERATIONS", OPERATIONS);
    let dice = Arc::new(Dice::new(number("TILL_PROOF_SEED", 1)));
    let bank = Arc::new(Server::start(ServerConfig::default()).await.unwrap());
    let database = till_sandbox::postgres::Server::start(false).unwrap();
    let url = database.database().unwrap();
    let fleet = Arc::new(Fleet::start(3, &url, &bank));
    let troubles = [
        tokio::spawn(people::customers(Arc::clone(&bank), Arc::clone(&fleet), Arc::clone(&dice))),
        tokio::spawn(people::weather(Arc::clone(&bank), Arc::clone(&dice))),
        tokio::spawn(people::killer(Arc::clone(&fleet), Arc::clone(&dice))),
        tokio::spawn(people::forger(Arc::clone(&bank), Arc::clone(&fleet), Arc::clone(&dice))),
    ];
    let next = Arc::new(AtomicU64::new(0));
    let restarts = tokio::spawn(people::restarts(database, Arc::clone(&next), operations));
    let mut terminals = tokio::task::JoinSet::new();
    for terminal in 0..TERMINALS {
        let (fleet, dice, next) = (Arc::clone(&fleet), Arc::clone(&dice), Arc::clone(&next));
        terminals.spawn(async move {
            let mut told = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= operations {
                    return told;
                }
                told.extend(buy(&fleet, &dice, &format!("t{terminal}"), number).await);
            }
        });
    }
    let mut told = Vec::new();
    while let Some(some) = terminals.join_next().await {
        told.extend(some.unwrap());
    }
    let database = restarts.await.unwrap();
    troubles.iter().for_each(|trouble| trouble.abort());
    bank.faults().clear();
    fleet.calm();
    let mut settled = tokio::task::JoinSet::new();
    for one in told {
        settled.spawn(settle(Arc::clone(&fleet), one));
    }
    let told = settled.join_all().await;
    fleet.stop();
    let bank = bank.bank();
    let bank = bank.lock().unwrap();
    books::hold(&url, bank.ledger(), &told);
    println!("{} answers, {} kills, {} stops", told.len(), fleet.kills(), fleet.stops());
    assert!(fleet.kills() > 0 && fleet.stops() > 0);
    drop(database);
}

/// Pays, and sometimes gives back: by two requests at once, on any processes.
async fn buy(fleet: &Fleet, dice: &Dice, caller: &str, number: u64) -> Vec<Told> {
    let id = format!("r{number}");
    let answer = fleet
        .ask(dice, &json!({ "do": "pay", "caller": caller, "id": id, "amount": AMOUNT }))
        .await;
    let mut told = vec![Told::of(caller, &id, "pay", &answer)];
    let transaction = answer["transaction"].as_str().map(ToOwned::to_owned);
    if let (Some(transaction), true) = (transaction, dice.percent(40)) {
        let back = |id: String, minor: u64| {
            let request = json!({ "do": "refund", "caller": caller, "id": id, "amount": minor,
                "transaction": transaction });
            async move { Told::of(caller, &id, "refund", &fleet.ask(dice, &request).await) }
        };
        let (one, other) = tokio::join!(
            back(format!("a{number}"), AMOUNT - 1_000),
            back(format!("b{number}"), AMOUNT - 2_000),
        );
        told.extend([one, other]);
    }
    told
}

/// Asks until an outcome that was not known is.
async fn settle(fleet: Arc<Fleet>, mut told: Told) -> Told {
    let dice = Dice::new(7);
    for _ in 0..200 {
        if told.code != 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let request = json!({ "do": "status", "caller": told.caller, "id": told.id,
            "action": told.action });
        told.code = fleet.ask(&dice, &request).await["code"].as_u64().unwrap();
    }
    told
}
