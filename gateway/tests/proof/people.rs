//! What befalls the gateways: customers, callbacks, the network, kills, restarts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use till_sandbox::{Server, postgres};
use tokio::task::JoinHandle;

use crate::Dice;
use crate::fleet::{Fleet, LEASE_S};

/// Is all that befalls them, and how often.
pub(crate) struct Troubles {
    tasks: Vec<JoinHandle<()>>,
    kills: Arc<AtomicU64>,
    stops: Arc<AtomicU64>,
}

impl Troubles {
    pub(crate) fn start(fleet: &Arc<Fleet>, dice: &Arc<Dice>) -> Self {
        let (kills, stops) = (Arc::default(), Arc::default());
        let both = || (Arc::clone(fleet), Arc::clone(dice));
        let mut tasks = Vec::new();
        let (one, other) = both();
        tasks.push(tokio::spawn(customers(one, other)));
        let (one, other) = both();
        tasks.push(tokio::spawn(weather(Arc::clone(&one.bank), other)));
        let (one, other) = both();
        tasks.push(tokio::spawn(forger(one, other)));
        let (one, other) = both();
        tasks.push(tokio::spawn(killer(one, other, Arc::clone(&kills), Arc::clone(&stops))));
        Self { tasks, kills, stops }
    }

    /// Ends them; all processes run then. Gives how many kills and stops there were.
    pub(crate) async fn end(self, fleet: &Arc<Fleet>) -> (u64, u64) {
        for task in self.tasks {
            task.abort();
            let _aborted = task.await;
        }
        fleet.bank.faults().clear();
        for index in 0..usize::try_from(crate::PROCESSES).unwrap() {
            fleet.signal(index, "CONT");
            if !fleet.runs(index) {
                launch(fleet, index).await;
            }
        }
        (self.kills.load(Ordering::SeqCst), self.stops.load(Ordering::SeqCst))
    }
}

/// Starts a process again; while the database is away, again and again.
async fn launch(fleet: &Arc<Fleet>, index: usize) {
    let fleet = Arc::clone(fleet);
    tokio::task::spawn_blocking(move || while !fleet.launch(index) {}).await.unwrap();
}

/// Customers pay, decline, or look away; the bank calls back, more or less.
async fn customers(fleet: Arc<Fleet>, dice: Arc<Dice>) {
    let bank = Arc::clone(&fleet.bank);
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

/// Calls back, at any process.
async fn push(fleet: &Fleet, dice: &Dice, id: &str) {
    let status = fleet.push(dice.index(), id).await;
    assert_ne!(status, Some(StatusCode::NOT_FOUND), "{id} is not known");
}

/// Somebody calls back about payments that nobody paid, and about none that exist, and signs what
/// is not true.
async fn forger(fleet: Arc<Fleet>, dice: Arc<Dice>) {
    loop {
        dice.pause(300).await;
        let open = {
            let (now_ms, bank) = (fleet.bank.now_ms(), fleet.bank.bank());
            let bank = bank.lock().unwrap();
            bank.open_ids(now_ms).map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        let forged = fleet.push(dice.index(), "FORGED7777777777777777774").await;
        assert_ne!(forged, Some(StatusCode::OK));
        let Some(id) = open.get(usize::try_from(dice.below(8)).unwrap()) else { continue };
        push(&fleet, &dice, id).await;
        let payment = format!(r#"{{"id":"{id}","status":"success"}}"#);
        let body = format!(r#"{{"project_id":201,"payment":{payment},"signature":"AAAA"}}"#);
        let told = fleet.send(dice.index(), None, Method::POST, "/ecommpay/callback", body.into());
        if let Some((status, _)) = told.await {
            assert_ne!(status, StatusCode::OK, "a forged signature");
        }
    }
}

/// Calls to the bank are lost, answered late, or by a machine that is not the bank.
async fn weather(bank: Arc<Server>, dice: Arc<Dice>) {
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
async fn killer(fleet: Arc<Fleet>, dice: Arc<Dice>, kills: Arc<AtomicU64>, stops: Arc<AtomicU64>) {
    let mut first = [true, false].into_iter();
    loop {
        tokio::time::sleep(Duration::from_millis(1_000 + dice.below(1_500))).await;
        let index = dice.index();
        if first.next().unwrap_or_else(|| dice.percent(70)) {
            fleet.kill(index);
            kills.fetch_add(1, Ordering::SeqCst);
            dice.pause(1_200).await;
            launch(&fleet, index).await;
        } else {
            fleet.signal(index, "STOP");
            stops.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(LEASE_S * 2)).await;
            fleet.signal(index, "CONT");
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
