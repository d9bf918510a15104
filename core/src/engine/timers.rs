//! When an operation is looked at again.

use super::Engine;
use crate::operation::{Event, Timer};
use crate::time::Now;

impl Engine {
    /// Spreads a pause by 20 % to either side, so that terminals do not poll in step.
    pub(super) fn jitter(&mut self, ms: u64) -> u64 {
        let span = ms / 5;
        (ms - span) + (self.random)() % (2 * span + 1)
    }

    pub(super) fn set_timer(&mut self, key: u64, timer: Timer, at_ms: u64) {
        let Some(live) = self.live.get_mut(&key) else { return };
        if let Some(old) = live.timers.insert(timer, at_ms) {
            self.timers.remove(&(old, key, timer));
        }
        self.timers.insert((at_ms, key, timer));
    }

    pub(super) fn run_timers(&mut self, now: Now) {
        while let Some((at_ms, key, timer)) = self.timers.first().copied() {
            if at_ms > now.boot_ms {
                return;
            }
            self.timers.pop_first();
            let Some(live) = self.live.get_mut(&key) else { continue };
            if let Some(event) = live.unwritten.take() {
                self.apply(now, key, event);
            }
            let Some(live) = self.live.get_mut(&key) else { continue };
            if live.timers.get(&timer) == Some(&at_ms) {
                live.timers.remove(&timer);
                self.apply(now, key, Event::Due(timer));
            }
        }
    }
}
