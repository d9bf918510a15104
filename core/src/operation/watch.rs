//! How long to pause between two looks.

use super::rules::Pace;
use super::state::Life;
use crate::time::Now;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long after it an unknown failure must be said again to be final, in milliseconds.
pub(super) const UNDECIDED_MS: u64 = 5 * SECOND;
/// The pause until then.
pub(super) const UNDECIDED_PAUSE_MS: u64 = 6_000;
/// How long a program waits for a doubt to end before it is told, in milliseconds.
pub(super) const GIVE_UP_MS: u64 = 10 * SECOND;
/// How long an accepted refund is watched, in milliseconds.
pub(super) const REFUND_WATCH_MS: u64 = DAY;
/// The pause between two looks at an accepted refund, in milliseconds.
pub(super) const REFUND_PAUSE_MS: u64 = HOUR;

/// Gives the pause before the next look at a watched operation; `None` when only people ask on.
pub(super) fn watch_pause(pace: &Pace, life: &Life, now: &Now) -> Option<u64> {
    let over = life.over(now);
    if over < pace.grace_ms {
        return Some(pace.watch_ms);
    }
    let steps = [MINUTE, 5 * MINUTE, 15 * MINUTE];
    let mut begin = pace.grace_ms;
    for step in steps {
        begin += step;
        if over < begin {
            return Some(step);
        }
    }
    match over {
        _ if over < DAY => Some(HOUR),
        _ if over < 7 * DAY => Some(DAY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BootId;

    fn at(boot_ms: u64) -> Now {
        Now { wall_ms: 0, boot_ms, boot: BootId(1) }
    }

    #[test]
    fn watched_operations_are_asked_ever_less_often_for_7_days() {
        let life = Life { from: at(0), ms: 600_000 };
        let pace = Pace::default();
        let pause = |minutes: u64| watch_pause(&pace, &life, &at(600_000 + minutes * MINUTE));
        assert_eq!(watch_pause(&pace, &life, &at(0)), Some(15 * SECOND));
        assert_eq!(watch_pause(&pace, &life, &at(719_999)), Some(15 * SECOND));
        assert_eq!(pause(2), Some(MINUTE));
        assert_eq!(pause(3), Some(5 * MINUTE));
        assert_eq!(pause(8), Some(15 * MINUTE));
        assert_eq!(pause(23), Some(HOUR));
        assert_eq!(pause(24 * 60), Some(DAY));
        assert_eq!(pause(7 * 24 * 60 - 1), Some(DAY));
        assert_eq!(pause(7 * 24 * 60), None);
    }
}
