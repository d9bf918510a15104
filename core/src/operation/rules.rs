//! What settings and rail decide about the machine; the defaults are those of OCTO.

use super::event::Code;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;

/// Is what settings and rail decide about the machine; fixed while the process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long a caller waits for the customer, in milliseconds.
    pub wait_ms: u64,
    /// Whether late money is given back; if not, it is reported.
    pub give_back: bool,
    /// How long after its first byte a refund may be sent again, in milliseconds.
    pub refund_window_ms: u64,
    /// Whether a refund can be inquired by its own external id.
    pub refund_inquiry: bool,
    /// Whether a declined code can be paid again, and so is watched to its end.
    pub declined_is_payable: bool,
    /// How long a code can be paid whose times are not known, in milliseconds.
    pub unknown_life_ms: u64,
    /// When the bank is asked.
    pub pace: Pace,
    /// When a code's watch ends because the bank has no word of it, counted from the code's end.
    pub end: Silence,
    /// When a bank that has no word of a creating call never got it, counted from the call's last
    /// byte; `None`: one inquiry says so at once.
    pub lost: Option<Silence>,
    /// Whether another Till drives the operation: its word ends it, and its wait counts.
    pub relayed: bool,
    /// Whether callers come back for their answers, as terminals to a gateway do: then nobody was
    /// told anything until the caller says so, and time tells nobody.
    pub comes_back: bool,
}

/// Says when the bank is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two polls of a code that can be paid.
    pub poll: Pauses,
    /// After an unanswered call, and between two looks at a doubt that somebody waits for.
    pub retry: Pauses,
    /// Between two looks at an operation that nobody waits for, in milliseconds.
    pub watch_ms: u64,
    /// How long after a code's end that goes on before the looks get rarer, in milliseconds.
    pub grace_ms: u64,
}

/// Is a row of pauses that are counted from one begin, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pauses {
    /// How long after the begin the bank is asked first.
    pub first_ms: u64,
    /// The pause at first.
    pub early_ms: u64,
    /// How long after the begin it changes.
    pub until_ms: u64,
    /// The pause from then on.
    pub late_ms: u64,
}

/// Says how often, and when, a bank must have no word of something until there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// How long the span must be over, in milliseconds.
    pub after_ms: u64,
    /// How far apart two such words must be, in milliseconds; 0: one is enough.
    pub apart_ms: u64,
}

impl Rules {
    /// The whole wait when no setting says otherwise, in milliseconds.
    pub const WAIT_MS: u64 = 120_000;
    /// OCTO's window for repeating a refund, in milliseconds.
    pub const REFUND_WINDOW_MS: u64 = 86_400_000;
    /// How much longer than the Till that drives an operation its terminal waits, in milliseconds.
    pub const LONGER_MS: u64 = 10_000;

    /// Gives how long a code is waited for that can be paid for `left_ms` more, in milliseconds.
    pub fn wait_for(&self, left_ms: u64) -> u64 {
        if self.relayed {
            left_ms.saturating_add(Self::LONGER_MS)
        } else {
            self.wait_ms.min(left_ms)
        }
    }
}

impl Pauses {
    /// Gives the pause before the next call, `since_ms` after the begin.
    pub fn pause(&self, since_ms: u64) -> u64 {
        let pause = if since_ms < self.until_ms { self.early_ms } else { self.late_ms };
        pause.max(self.first_ms.saturating_sub(since_ms))
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            wait_ms: Self::WAIT_MS,
            give_back: true,
            refund_window_ms: Self::REFUND_WINDOW_MS,
            refund_inquiry: true,
            declined_is_payable: false,
            unknown_life_ms: Code::UNKNOWN_LIFE_MS,
            pace: Pace::default(),
            end: Silence { after_ms: 2 * MINUTE, apart_ms: MINUTE },
            lost: None,
            relayed: false,
            comes_back: false,
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        let (poll, retry) = (SECOND, 3 * SECOND);
        Self {
            poll: Pauses {
                first_ms: poll,
                early_ms: poll,
                until_ms: 10 * SECOND,
                late_ms: 2 * SECOND,
            },
            retry: Pauses { first_ms: retry, early_ms: retry, until_ms: 0, late_ms: retry },
            watch_ms: 15 * SECOND,
            grace_ms: 2 * MINUTE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_pause_1_s_at_first_and_2_s_after_10_s() {
        let poll = Pace::default().poll;
        assert_eq!(
            [0, 500, 9_999, 10_000, 100_000].map(|ms| poll.pause(ms)),
            [1_000, 1_000, 1_000, 2_000, 2_000]
        );
    }

    #[test]
    fn an_unanswered_call_is_followed_after_3_s() {
        let retry = Pace::default().retry;
        assert_eq!([0, 1_000, 10_000_000].map(|ms| retry.pause(ms)), [3_000; 3]);
    }

    #[test]
    fn the_first_call_waits_for_its_time() {
        let late = Pauses { first_ms: 10_000, early_ms: 5_000, until_ms: 150_000, late_ms: 30_000 };
        assert_eq!(
            [0, 3_000, 6_000, 149_999, 150_000].map(|ms| late.pause(ms)),
            [10_000, 7_000, 5_000, 5_000, 30_000]
        );
    }
}
