//! The only clock.
//!
//! Waiting is measured on the boot clock, which counts sleep and does not jump; the wall clock is
//! for people, for the bank's times and for what must survive a reboot.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Is one reading of both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Milliseconds since 1970-01-01T00:00:00Z; may jump.
    #[serde(rename = "w")]
    pub wall_ms: i64,
    /// Milliseconds since the device started, sleep included; never jumps.
    #[serde(rename = "m")]
    pub boot_ms: u64,
    /// Which start of the device `boot_ms` counts from.
    #[serde(rename = "b")]
    pub boot: BootId,
}

impl Now {
    /// Gives the milliseconds from `earlier` to this reading: on the boot clock within one start of
    /// the device, else on the wall clock, but at least what surely passed.
    pub fn since(&self, earlier: &Self) -> u64 {
        let surely = self.surely_since(earlier);
        if self.boot == earlier.boot {
            surely
        } else {
            let wall = u64::try_from(self.wall_ms.saturating_sub(earlier.wall_ms)).unwrap_or(0);
            wall.max(surely)
        }
    }

    /// Gives the milliseconds that surely passed since `earlier`, whatever the wall clock says:
    /// over a start of the device only the time since that start is proven.
    pub fn surely_since(&self, earlier: &Self) -> u64 {
        if self.boot == earlier.boot {
            self.boot_ms.saturating_sub(earlier.boot_ms)
        } else {
            self.boot_ms
        }
    }

    /// Gives the milliseconds left of `length_ms` that began at `earlier`.
    pub fn left_of(&self, earlier: &Self, length_ms: u64) -> u64 {
        length_ms.saturating_sub(self.since(earlier))
    }
}

/// Tells one start of the device from another.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BootId(pub u64);

impl fmt::Debug for BootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Reads the clocks of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    boot: BootId,
    /// What the boot clock showed when `boot` began to count.
    base_ms: u64,
}

impl Clock {
    /// Makes the clock; where the system does not tell its start's id, the process stands for it.
    pub fn new() -> Self {
        let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
        let boot = text
            .and_then(|id| id.trim().replace('-', "").get(..16).map(str::to_owned))
            .and_then(|hex| u64::from_str_radix(&hex, 16).ok());
        match boot {
            Some(boot) => Self { boot: BootId(boot), base_ms: 0 },
            None => Self::of_process(),
        }
    }

    fn of_process() -> Self {
        Self { boot: BootId(getrandom::u64().unwrap_or(0)), base_ms: boot_ms() }
    }

    /// Reads both clocks.
    pub fn now(&self) -> Now {
        let wall = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
        Now {
            wall_ms: millis(&wall),
            boot_ms: boot_ms().saturating_sub(self.base_ms),
            boot: self.boot,
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes a wall-clock time as ISO 8601 in UTC with milliseconds and `Z`.
pub fn to_iso8601(wall_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(wall_ms)
        .map_or_else(|_| wall_ms.to_string(), |time| format!("{time:.3}"))
}

/// Reads an ISO 8601 time; one without an offset is UTC, `None` is none.
pub fn from_iso8601(text: &str) -> Option<i64> {
    let utc = |time: jiff::civil::DateTime| jiff::tz::Offset::UTC.to_timestamp(time).ok();
    let time: Option<jiff::Timestamp> = text.parse().ok();
    time.or_else(|| text.parse().ok().and_then(utc)).map(|time| time.as_millisecond())
}

fn boot_ms() -> u64 {
    let boot = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    u64::try_from(millis(&boot)).unwrap_or(0)
}

fn millis(time: &rustix::time::Timespec) -> i64 {
    time.tv_sec.saturating_mul(1000).saturating_add(time.tv_nsec / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARLY: Now = Now { wall_ms: 1_000_000, boot_ms: 500, boot: BootId(1) };

    #[test]
    fn within_one_start_the_wall_clock_does_not_count() {
        let later = Now { wall_ms: -86_400_000, boot_ms: 900, boot: BootId(1) };
        assert_eq!(later.since(&EARLY), 400);
        assert_eq!(later.left_of(&EARLY, 1000), 600);
    }

    #[test]
    fn after_a_reboot_the_wall_clock_counts_and_never_backwards() {
        let later = Now { wall_ms: 1_000_700, boot_ms: 3, boot: BootId(2) };
        assert_eq!(later.since(&EARLY), 700);
        let jumped = Now { wall_ms: 0, ..later };
        assert_eq!(jumped.since(&EARLY), 3, "the device is up for so long");
    }

    #[test]
    fn after_a_reboot_the_wall_clock_proves_nothing() {
        let ahead = Now { wall_ms: 86_400_000, boot_ms: 3, boot: BootId(2) };
        assert_eq!(ahead.surely_since(&EARLY), 3);
        let same = Now { wall_ms: 86_400_000, boot_ms: 900, boot: BootId(1) };
        assert_eq!(same.surely_since(&EARLY), 400);
    }

    #[test]
    fn times_are_written_and_read_in_utc() {
        assert_eq!(to_iso8601(1_747_390_187_565), "2025-05-16T10:09:47.565Z");
        assert_eq!(from_iso8601("2025-05-16T10:09:47.565Z"), Some(1_747_390_187_565));
        assert_eq!(from_iso8601("2025-05-16T13:09:47.565+03:00"), Some(1_747_390_187_565));
        assert_eq!(from_iso8601("2025-05-16T10:09:47.565"), Some(1_747_390_187_565));
        assert_eq!(from_iso8601("soon"), None);
    }

    #[test]
    fn the_boot_clock_goes_on() {
        let clock = Clock::new();
        let (first, second) = (clock.now(), clock.now());
        assert!(second.boot_ms >= first.boot_ms && first.wall_ms > 1_600_000_000_000);
        assert_eq!(first.boot, Clock::new().now().boot);
    }

    #[test]
    fn where_the_start_is_not_told_the_process_counts_from_its_own() {
        let (first, second) = (Clock::of_process(), Clock::of_process());
        assert!(first.now().boot_ms < 60_000, "not the device's uptime");
        assert_ne!(first.now().boot, second.now().boot);
    }
}
