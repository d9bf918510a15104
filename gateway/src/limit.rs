//! How much one terminal, or one address without a token, may ask.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

/// Says how much may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many requests a second each may make in the long run.
    pub each_second: u32,
    /// How many at once.
    pub at_once: u32,
}

/// Counts requests by name: each takes one from a bucket that fills by itself.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Limits,
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// What is left, in thousandths of a request.
    left: u64,
    at: Instant,
}

impl Limits {
    fn full(self) -> u64 {
        u64::from(self.at_once) * 1_000
    }

    fn refilled(self, bucket: &Bucket, now: Instant) -> u64 {
        let ms = now.saturating_duration_since(bucket.at).as_millis();
        let ms = u64::try_from(ms).unwrap_or(u64::MAX);
        let came = ms.saturating_mul(u64::from(self.each_second));
        bucket.left.saturating_add(came).min(self.full())
    }
}

/// More names than this are not remembered: full buckets are forgotten first.
const NAMES_MAX: usize = 20_000;

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, buckets: Mutex::default() }
    }

    /// Tells whether this name might ask now, and counts nothing.
    pub(crate) fn has_left(&self, name: &str, now: Instant) -> bool {
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.get(name).is_none_or(|bucket| self.limits.refilled(bucket, now) >= 1_000)
    }

    /// Tells whether this name may ask now, and counts it.
    pub(crate) fn allows(&self, name: &str, now: Instant) -> bool {
        let full = self.limits.full();
        let refill = |bucket: &Bucket| self.limits.refilled(bucket, now);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= NAMES_MAX && !buckets.contains_key(name) {
            buckets.retain(|_, bucket| refill(bucket) < full);
        }
        if buckets.len() >= NAMES_MAX && !buckets.contains_key(name) {
            return false;
        }
        let left = buckets.get(name).map_or(full, refill);
        let allowed = left >= 1_000;
        let left = if allowed { left - 1_000 } else { left };
        buckets.insert(name.to_owned(), Bucket { left, at: now });
        allowed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_name_has_its_own_bucket_that_fills_by_itself() {
        let limiter = Limiter::new(Limits { each_second: 2, at_once: 3 });
        let start = Instant::now();
        let asks = |name: &str, ms: u64| limiter.allows(name, start + Duration::from_millis(ms));
        assert_eq!([0, 0, 0, 0].map(|ms| asks("a", ms)), [true, true, true, false]);
        assert!(asks("b", 0));
        assert!(!asks("a", 499));
        assert!(asks("a", 500));
        assert!(!asks("a", 501));
    }
}
