//! Callbacks that wait to be taken: what is sent where, and when it is tried again.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// At most so many attempts are made, within 11 days.
const ATTEMPTS_MAX: u32 = 120;
/// The longest pause between two attempts: 4 hours.
const PAUSE_MAX_MS: i64 = 4 * 3_600_000;
/// So many callbacks are kept in view once they were sent.
const SENT_MAX: usize = 1_000;

/// One attempt at a callback, for whoever sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Its number, by which its outcome is told.
    pub id: u64,
    /// Where it goes.
    pub url: String,
    /// The signed JSON.
    pub body: Vec<u8>,
    /// 1 for the first attempt.
    pub attempt: u32,
}

/// A callback as tests and people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackView {
    /// Its number: callbacks are numbered in the order of what they tell.
    pub id: u64,
    /// The payment.
    pub payment_id: String,
    /// What it tells: `payment.status` then.
    pub status: String,
    /// Where it goes; `None`: nobody wants it.
    pub url: Option<String>,
    /// Attempts so far.
    pub attempts: u32,
    /// Whether somebody answered 200.
    pub delivered: bool,
    /// The signed JSON.
    pub body: Value,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Outbox {
    next_id: u64,
    waiting: BTreeMap<u64, Waiting>,
    views: VecDeque<CallbackView>,
    /// Whether nothing is sent for now.
    hold: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Waiting {
    url: String,
    body: Value,
    attempts: u32,
    due_ms: i64,
    #[serde(skip)]
    in_flight: bool,
}

impl Outbox {
    pub(super) fn put(
        &mut self,
        payment_id: &str,
        status: &str,
        url: Option<&str>,
        due_ms: i64,
        body: Value,
    ) {
        self.next_id += 1;
        let id = self.next_id;
        if let Some(url) = url {
            let (url, body) = (url.to_owned(), body.clone());
            let waiting = Waiting { url, body, attempts: 0, due_ms, in_flight: false };
            self.waiting.insert(id, waiting);
        }
        self.views.push_back(CallbackView {
            id,
            payment_id: payment_id.to_owned(),
            status: status.to_owned(),
            url: url.map(str::to_owned),
            attempts: 0,
            delivered: false,
            body,
        });
        if self.views.len() > SENT_MAX {
            self.views.pop_front();
        }
    }

    pub(super) fn views(&self) -> impl DoubleEndedIterator<Item = &CallbackView> {
        self.views.iter()
    }

    pub(super) fn next_due_ms(&self) -> Option<i64> {
        let waiting = self.waiting.values().filter(|one| !self.hold && !one.in_flight);
        waiting.map(|one| one.due_ms).min()
    }

    /// Takes what is due; each outcome is to be told.
    pub(super) fn take(&mut self, now_ms: i64) -> Vec<Callback> {
        let mut taken = Vec::new();
        if self.hold {
            return Vec::new();
        }
        for (id, one) in &mut self.waiting {
            if !one.in_flight && one.due_ms <= now_ms {
                one.in_flight = true;
                one.attempts += 1;
                taken.push((
                    one.due_ms,
                    Callback {
                        id: *id,
                        url: one.url.clone(),
                        body: serde_json::to_vec(&one.body).unwrap_or_default(),
                        attempt: one.attempts,
                    },
                ));
            }
        }
        taken.sort_by_key(|(due_ms, callback)| (*due_ms, callback.id));
        taken.into_iter().map(|(_, callback)| callback).collect()
    }

    /// Learns what became of an attempt.
    pub(super) fn answered(&mut self, now_ms: i64, id: u64, ok: bool, hurry: u32) {
        let Some(one) = self.waiting.get_mut(&id) else { return };
        one.in_flight = false;
        one.due_ms = now_ms.saturating_add(pause_ms(one.attempts) / i64::from(hurry.max(1)));
        let attempts = one.attempts;
        if ok || attempts >= ATTEMPTS_MAX {
            self.waiting.remove(&id);
        }
        if let Some(view) = self.views.iter_mut().rev().find(|view| view.id == id) {
            view.attempts = attempts;
            view.delivered = ok;
        }
    }

    /// Holds everything back, or lets it go in the order of its making or against it.
    pub(super) fn hold(&mut self, hold: bool, now_ms: i64, backwards: bool) {
        if self.hold && !hold {
            let count = i64::try_from(self.waiting.len()).unwrap_or(i64::MAX);
            for (place, one) in (0_i64..).zip(self.waiting.values_mut()) {
                let place = if backwards { count - 1 - place } else { place };
                // Far enough apart that each arrives before the next is sent.
                one.due_ms = now_ms.saturating_add(place * 100);
            }
        }
        self.hold = hold;
    }
}

/// Gives the pause after the attempt of this number: 10 s six times, then 70 + 10 × 1.12^(n-4) s,
/// at most 4 hours.
pub(super) fn pause_ms(attempt: u32) -> i64 {
    if attempt <= 6 {
        return 10_000;
    }
    // 10 s in nanoseconds, to keep what whole numbers would lose.
    let mut growing: i64 = 10_000_000_000;
    for _ in 4..attempt {
        growing = growing.saturating_mul(112) / 100;
        if growing / 1_000_000 >= PAUSE_MAX_MS {
            return PAUSE_MAX_MS;
        }
    }
    (70_000 + growing / 1_000_000).min(PAUSE_MAX_MS)
}
