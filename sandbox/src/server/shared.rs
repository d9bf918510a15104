//! What the front, the wallet and the tests share: the bank, the faults, the clock, the counters.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use super::state_file;
use crate::call::Call;
use crate::customer::Auto;
use crate::ecommpay::Platform;
use crate::fault::Faults;
use crate::http::{Request, Response};
use crate::octo::Bank;

#[derive(Debug)]
pub(crate) struct Shared {
    /// OCTO. Whoever wants both banks locks this one first.
    pub(crate) bank: Arc<Mutex<Bank>>,
    /// ecommpay.
    pub(crate) platform: Arc<Mutex<Platform>>,
    pub(crate) faults: Faults,
    pub(crate) calls: Counters,
    pub(crate) auto: Mutex<Auto>,
    pub(crate) auto_delay_ms: AtomicU64,
    /// Wakes the automatic customer.
    pub(crate) changed: Notify,
    /// Wakes whoever sends callbacks.
    pub(crate) callbacks: Notify,
    /// How far the bank's clock is ahead of the real one, ms.
    pub(crate) ahead_ms: AtomicI64,
    pub(crate) extra_delay_ms: AtomicU64,
    pub(crate) state_file: Option<PathBuf>,
    /// The revisions of the books that are on disk.
    pub(crate) saved: Mutex<(u64, u64)>,
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

    pub(crate) fn lock_platform(&self) -> MutexGuard<'_, Platform> {
        self.platform.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the bank answer one call, `times` times over; the last answer counts.
    pub(crate) fn answer(&self, request: &Request<'_>, times: u32) -> Response {
        if Call::of_ecommpay_path(request.path).is_some() {
            return self.change_platform(|platform, now_ms| {
                let mut response = platform.handle(now_ms, &mut random, request);
                for _ in 1..times {
                    response = platform.handle(now_ms, &mut random, request);
                }
                response
            });
        }
        self.change(|bank, now_ms| {
            let mut response = bank.handle(now_ms, &mut random, request);
            for _ in 1..times {
                response = bank.handle(now_ms, &mut random, request);
            }
            response
        })
    }

    /// Changes OCTO, with the bank's time; the books go to disk before anybody hears of it.
    pub(crate) fn change<T>(&self, work: impl FnOnce(&mut Bank, i64) -> T) -> T {
        let mut bank = self.lock();
        let before = bank.revision();
        let result = work(&mut bank, self.now_ms());
        if bank.revision() != before {
            if self.state_file.is_some() {
                self.keep(&bank, &self.lock_platform());
            }
            drop(bank);
            self.changed.notify_one();
        }
        result
    }

    /// Changes ecommpay, likewise.
    pub(crate) fn change_platform<T>(&self, work: impl FnOnce(&mut Platform, i64) -> T) -> T {
        let bank = self.lock();
        let mut platform = self.lock_platform();
        let before = platform.revision();
        let result = work(&mut platform, self.now_ms());
        if platform.revision() != before {
            self.keep(&bank, &platform);
            drop(platform);
            self.changed.notify_one();
            self.callbacks.notify_one();
        }
        result
    }

    fn keep(&self, bank: &Bank, platform: &Platform) {
        if let Err(error) = self.save(bank, platform) {
            tracing::error!(%error, "the bank's state could not be saved");
        }
    }

    /// Writes the books to the state file if they differ from what is there.
    pub(crate) fn save(&self, bank: &Bank, platform: &Platform) -> std::io::Result<()> {
        let Some(path) = &self.state_file else { return Ok(()) };
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        let revisions = (bank.revision(), platform.revision());
        if *saved != revisions {
            state_file::write(path, bank, platform)?;
            *saved = revisions;
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
pub(crate) fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}
