//! What the front, the wallet and the tests share: the bank, the faults, the clock, the counters.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use super::state_file;
use crate::call::Call;
use crate::customer::Auto;
use crate::fault::Faults;
use crate::octo::{Bank, Request, Response};

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) bank: Arc<Mutex<Bank>>,
    pub(crate) faults: Faults,
    pub(crate) calls: Counters,
    pub(crate) auto: Mutex<Auto>,
    pub(crate) auto_delay_ms: AtomicU64,
    /// Wakes the automatic customer.
    pub(crate) changed: Notify,
    /// How far the bank's clock is ahead of the real one, ms.
    pub(crate) ahead_ms: AtomicI64,
    pub(crate) extra_delay_ms: AtomicU64,
    pub(crate) state_file: Option<PathBuf>,
    /// The revision of the books that is on disk.
    pub(crate) saved: Mutex<u64>,
    pub(crate) base_url: String,
    pub(crate) wallet_url: String,
    pub(crate) ca_pem: String,
    pub(crate) ca_file: Option<PathBuf>,
    /// Names, besides the loopback ones, under which the wallet may be asked for.
    pub(crate) wallet_hosts: Vec<String>,
    pub(crate) stop: watch::Receiver<bool>,
}

/// How many calls came, by name, whatever became of them.
#[derive(Debug, Default)]
pub(crate) struct Counters([AtomicU64; Call::ALL.len()]);

impl Counters {
    pub(crate) fn count(&self, call: Call) {
        if let Some(counter) = self.of(call) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn get(&self, call: Call) -> u64 {
        self.of(call).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    fn of(&self, call: Call) -> Option<&AtomicU64> {
        let place = Call::ALL.iter().position(|other| *other == call)?;
        self.0.get(place)
    }
}

impl Shared {
    /// Returns the bank's time, Unix ms.
    pub(crate) fn now_ms(&self) -> i64 {
        let ahead = self.ahead_ms.load(Ordering::Relaxed);
        jiff::Timestamp::now().as_millisecond().saturating_add(ahead)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Bank> {
        self.bank.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the bank answer one call, `times` times over; the last answer counts.
    pub(crate) fn answer(&self, request: &Request<'_>, times: u32) -> Response {
        let now_ms = self.now_ms();
        let mut bank = self.lock();
        let before = bank.revision();
        let mut response = bank.handle(now_ms, &mut random, request);
        for _ in 1..times {
            response = bank.handle(now_ms, &mut random, request);
        }
        self.settle(bank, before);
        response
    }

    /// Changes the bank as its customer or operator, with the bank's time.
    pub(crate) fn change<T>(&self, work: impl FnOnce(&mut Bank, i64) -> T) -> T {
        let mut bank = self.lock();
        let before = bank.revision();
        let result = work(&mut bank, self.now_ms());
        self.settle(bank, before);
        result
    }

    /// After a change: the books go to disk before anybody hears of it.
    fn settle(&self, bank: MutexGuard<'_, Bank>, before: u64) {
        if bank.revision() == before {
            return;
        }
        if let Err(error) = self.save(&bank) {
            tracing::error!(%error, "the bank's state could not be saved");
        }
        drop(bank);
        self.changed.notify_one();
    }

    /// Writes the books to the state file if they differ from what is there.
    pub(crate) fn save(&self, bank: &Bank) -> std::io::Result<()> {
        let Some(path) = &self.state_file else { return Ok(()) };
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        if *saved != bank.revision() {
            state_file::write(path, bank)?;
            *saved = bank.revision();
        }
        Ok(())
    }

    /// Waits until the server stops.
    pub(crate) async fn stopped(&self) {
        let mut stop = self.stop.clone();
        // An error means that the server was dropped, which stops it as well.
        let _ = stop.wait_for(|stop| *stop).await;
    }
}

/// Randomness for tokens, codes and payloads; `Server::start` has seen that it works.
fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}
