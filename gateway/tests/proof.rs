//! Several `till-gateway` processes on one database, killed and stopped at random, while callbacks
//! are lost, doubled, reordered and forged, calls are lost, and the database is started anew twice.
//! Terminals ask any of them over HTTP, and repeat what was not answered. The bank's books are the
//! truth.
//!
//! `TILL_PROOF_OPERATIONS=n` says how many payments are asked for; `TILL_PROOF_SEED=n` changes what
//! befalls them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

#[path = "proof/books.rs"]
mod books;
#[path = "cluster/fleet.rs"]
mod fleet;
#[path = "proof/people.rs"]
mod people;
#[path = "proof/terminal.rs"]
mod terminal;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use books::Told;
use fleet::Fleet;
use terminal::Terminal;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many payments are asked for unless `TILL_PROOF_OPERATIONS` says otherwise.
const OPERATIONS: u64 = 60;

/// How many terminals there are: a few for a short run.
const TERMINALS: std::ops::RangeInclusive<u64> = 20..=100;

/// How many processes there are.
const PROCESSES: u64 = 3;

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

    pub(crate) fn index(&self) -> usize {
        usize::try_from(self.below(PROCESSES)).unwrap()
    }

    pub(crate) fn percent(&self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) async fn pause(&self, most_ms: u64) {
        tokio::time::sleep(Duration::from_millis(self.below(most_ms))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_money_is_moved_twice_no_answer_is_wrong_and_nothing_is_lost() {
    let operations = number("TILL_PROOF_OPERATIONS", OPERATIONS);
    let dice = Arc::new(Dice::new(number("TILL_PROOF_SEED", 1)));
    let database = till_sandbox::postgres::Server::start(false).unwrap();
    let count = usize::try_from(PROCESSES).unwrap();
    let fleet = Arc::new(Fleet::start(count, &database, "wait_s = 6", "").await);
    {
        let bank = fleet.bank.bank();
        let mut bank = bank.lock().unwrap();
        let mut behaviour = bank.behaviour().clone();
        behaviour.code_life_ms = 30_000;
        bank.set_behaviour(behaviour);
    }
    let terminals = (operations / 3).clamp(*TERMINALS.start(), *TERMINALS.end());
    let troubles = people::Troubles::start(&fleet, &dice);
    let next = Arc::new(AtomicU64::new(0));
    let restarts = tokio::spawn(people::restarts(database, Arc::clone(&next), operations));
    let mut paying = JoinSet::new();
    for index in 0..terminals {
        let terminal = Terminal::new(&fleet, &dice, &format!("t{index}"));
        let next = Arc::clone(&next);
        paying.spawn(async move {
            let mut told = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= operations {
                    return told;
                }
                told.extend(terminal.buys(number).await);
            }
        });
    }
    let told: Vec<Told> = paying.join_all().await.into_iter().flatten().collect();
    let database = restarts.await.unwrap();
    let (kills, stops) = troubles.end(&fleet).await;
    let told = settled(told).await;
    (0..count).for_each(|index| fleet.stop(index));
    let bank = fleet.bank.bank();
    let bank = bank.lock().unwrap();
    let moved = books::hold(&fleet.url, bank.ledger(), &told);
    println!("{} answers, {moved} movements, {kills} kills, {stops} stops", told.len());
    assert!(kills > 0 && stops > 0);
    drop(database);
}

/// Asks about everything once more, some at once: what was told must be so still.
async fn settled(told: Vec<Told>) -> Vec<Told> {
    let places = Arc::new(Semaphore::new(200));
    let mut settled = JoinSet::new();
    for one in told {
        let places = Arc::clone(&places);
        settled.spawn(async move {
            let _place = places.acquire().await.unwrap();
            one.settled().await
        });
    }
    settled.join_all().await
}
