//! How long to pause between two looks (contracts/octo.md, Times).

use super::state::Life;
use crate::time::Now;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long after a code's end its operation is looked at as often as before, in milliseconds.
pub(super) const GRACE_MS: u64 = 2 * MINUTE;
/// The least distance of two words that end a watch, in milliseconds.
pub(super) const SILENCE_MS: u64 = MINUTE;
/// The pause after an unanswered call, in milliseconds.
pub(super) const UNANSWERED_MS: u64 = 3 * SECOND;
/// How long after it an unknown failure must be said again to be final, in milliseconds.
pub(super) const UNDECIDED_MS: u64 = 5 * SECOND;
/// The pause until then: a jitter of 20 % still leaves 5 s.
pub(super) const UNDECIDED_PAUSE_MS: u64 = 6_300;
/// How long a program waits for a doubt to end before it is told, in milliseconds.
pub(super) const GIVE_UP_MS: u64 = 10 * SECOND;
/// How long an accepted refund is watched, in milliseconds.
pub(super) const REFUND_WATCH_MS: u64 = DAY;
/// The pause between two looks at an accepted refund, in milliseconds.
pub(super) const REFUND_PAUSE_MS: u64 = HOUR;

/// Gives the pause before the next poll of a code that is on a screen.
pub(super) fn poll_pause(since: &Now, now: &Now) -> u64 {
    if now.since(since) < 10 * SECOND { SECOND } else { 2 * SECOND }
}

/// Gives the pause before the next look at a watched operation; `None` when only people ask on.
pub(super) fn watch_pause(life: &Life, now: &Now) -> Option<u64> {
    let over = life.over(now);
    if over < GRACE_MS {
        return Some(15 * SECOND);
    }
    let steps = [MINUTE, 5 * MINUTE, 15 * MINUTE];
    let mut begin = GRACE_MS;
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
    fn polls_pause_1_s_at_first_and_2_s_after_10_s() {
        assert_eq!(poll_pause(&at(0), &at(9_999)), 1_000);
        assert_eq!(poll_pause(&at(0), &at(10_000)), 2_000);
    }

    #[test]
    fn watched_operations_are_asked_ever_less_often_for_7_days() {
        let life = Life { from: at(0), ms: 600_000 };
        let pause = |minutes: u64| watch_pause(&life, &at(600_000 + minutes * MINUTE));
        assert_eq!(watch_pause(&life, &at(0)), Some(15 * SECOND));
        assert_eq!(watch_pause(&life, &at(600_000 + GRACE_MS - 1)), Some(15 * SECOND));
        assert_eq!(pause(2), Some(MINUTE));
        assert_eq!(pause(3), Some(5 * MINUTE));
        assert_eq!(pause(8), Some(15 * MINUTE));
        assert_eq!(pause(23), Some(HOUR));
        assert_eq!(pause(24 * 60), Some(DAY));
        assert_eq!(pause(7 * 24 * 60), None);
    }
}
