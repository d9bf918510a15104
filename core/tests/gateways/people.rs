//! What befalls the gateways: customers, callbacks, the network, kills, restarts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use till_sandbox::{Server, postgres};

use crate::Dice;
use crate::child::LEASE_MS;
use crate::fleet::Fleet;

/// Customers pay, decline, or look away; the bank calls back, more or less.
pub(crate) async fn customers(bank: Arc<Server>, fleet: Arc<Fleet>, dice: Arc<Dice>) {
    let mut seen = BTreeSet::new();
    loop {
        tokio::time::sleep(Duration::from_millis(40)).await;
        let open = {
            let (now_ms, bank) = (bank.now_ms(), bank.bank());
            let bank = bank.lock().unwrap();
            bank.open_payments(now_ms)
        };
        let payable = open.into_iter().filter(|one| one.payable_since_ms.is_some());
        for one in payable.filter(|one| seen.insert(one.external_id.clone())) {
            let id = one.external_id;
            let (bank, fleet, dice) = (Arc::clone(&bank), Arc::clone(&fleet), Arc::clone(&dice));
            tokio::spawn(async move {
                dice.pause(1_500).await;
                let (now_ms, shared) = (bank.now_ms(), bank.bank());
                let decided = match dice.below(100) {
                    0..80 => shared.lock().unwrap().approve(now_ms, &id, None).is_ok(),
                    80..92 => shared.lock().unwrap().decline(now_ms, &id).is_ok(),
                    _ => false,
                };
                let times = match dice.below(100) {
                    _ if !decided => 0,
                    0..30 => 0,
                    30..75 => 1,
                    _ => 2,
                };
                for _ in 0..times {
                    dice.pause(700).await;
                    push(&fleet, &dice, &id).await;
                }
            });
        }
    }
}

/// Calls back; whoever does not drive the operation sends the bank to the next one.
async fn push(fleet: &Fleet, dice: &Dice, id: &str) {
    let first = dice.below(fleet.count());
    for step in 0..fleet.count() {
        let index = usize::try_from((first + step) % fleet.count()).unwrap();
        let answer = fleet.ask_one(index, &json!({ "do": "push", "external": id })).await;
        if answer.is_some_and(|answer| answer["elsewhere"].as_bool() != Some(true)) {
            return;
        }
    }
}

/// Somebody calls back about payments that nobody paid, and about none that exist.
pub(crate) async fn forger(bank: Arc<Server>, fleet: Arc<Fleet>, dice: Arc<Dice>) {
    loop {
        dice.pause(300).await;
        let open = {
            let (now_ms, bank) = (bank.now_ms(), bank.bank());
            let bank = bank.lock().unwrap();
            bank.open_ids(now_ms).map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        push(&fleet, &dice, "FORGED7777777777777777774").await;
        if let Some(id) = open.get(usize::try_from(dice.below(8)).unwrap()) {
            push(&fleet, &dice, id).await;
        }
    }
}

/// Calls to the bank are lost, answered late, or by a machine that is not the bank.
pub(crate) async fn weather(bank: Arc<Server>, dice: Arc<Dice>) {
    const KINDS: [&str; 12] = [
        "drop-answer:perform:1",
        "drop-request:get-qr-code:1",
        "drop-answer:get-qr-code:1",
        "drop-answer:refund:1",
        "drop-request:refund:1",
        "duplicate:refund:1",
        "duplicate:perform:1",
        "delay:process:700:1",
        "status:process:503:1",
        "garbage:process:1",
        "reset:refund:1",
        "truncate:perform:1",
    ];
    loop {
        dice.pause(700).await;
        let kind = KINDS[usize::try_from(dice.below(12)).unwrap()];
        bank.faults().add(kind.parse().unwrap());
    }
}

/// Processes are killed, or stopped for longer than their lease: both at least once, however short
/// the run is.
pub(crate) async fn killer(fleet: Arc<Fleet>, dice: Arc<Dice>) {
    let mut first = [true, false].into_iter();
    loop {
        tokio::time::sleep(Duration::from_millis(1_000 + dice.below(1_500))).await;
        let index = usize::try_from(dice.below(fleet.count())).unwrap();
        if first.next().unwrap_or_else(|| dice.percent(70)) {
            fleet.kill(index, Duration::from_millis(200 + dice.below(1_000))).await;
        } else {
            fleet.stop_for(index, Duration::from_millis(LEASE_MS * 2)).await;
        }
    }
}

/// The database is killed after a third of the payments and ended in order after two thirds, and
/// started again both times.
pub(crate) async fn restarts(
    mut database: postgres::Server,
    next: Arc<AtomicU64>,
    operations: u64,
) -> postgres::Server {
    for third in 1..=2 {
        while next.load(Ordering::SeqCst) < operations * third / 3 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        database = tokio::task::spawn_blocking(move || {
            if third == 1 {
                database.kill().unwrap();
            } else {
                database.stop().unwrap();
            }
            std::thread::sleep(Duration::from_millis(700));
            database.start_again().unwrap();
            database
        })
        .await
        .unwrap();
    }
    database
}
