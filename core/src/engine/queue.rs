//! The paced queue of calls: a closing inquiry goes first, what is only watched last.

use std::collections::{BTreeMap, BTreeSet};

use crate::operation::Ask;

/// The least time between two calls for watched operations, in milliseconds.
const WATCH_PACE_MS: u64 = 1_000;

/// Is a call that waits for its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    /// The operation's key.
    pub(super) key: u64,
    /// What the call is for.
    pub(super) ask: Ask,
    /// Whether it was made once already, with a token that the bank refused.
    pub(super) renewed: bool,
}

/// Orders calls by what hangs on them, and keeps their pace.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: BTreeMap<(Rank, u64), Waiting>,
    present: BTreeSet<(u64, Ask)>,
    next: u64,
    pace_ms: u64,
    last_ms: Option<u64>,
    last_watch_ms: Option<u64>,
}

/// Is what hangs on a call, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The closing inquiry: an operator waits to take the goods back.
    Close,
    /// The calls before a code can be shown.
    Create,
    /// A refund.
    Refund,
    /// A poll that somebody waits for.
    Poll,
    /// A watched operation.
    Watch,
}

impl Queue {
    pub(super) fn new(pace_ms: u64) -> Self {
        Self {
            waiting: BTreeMap::new(),
            present: BTreeSet::new(),
            next: 0,
            pace_ms,
            last_ms: None,
            last_watch_ms: None,
        }
    }

    /// Lets a call wait; one that waits already, for the same purpose, does for both.
    pub(super) fn push(&mut self, rank: Rank, call: Waiting) {
        if self.present.insert((call.key, call.ask)) {
            self.waiting.insert((rank, self.next), call);
            self.next += 1;
        }
    }

    /// Takes the most urgent call if the pace allows one now.
    pub(super) fn pop(&mut self, boot_ms: u64) -> Option<Waiting> {
        if self.ready_at()? > boot_ms {
            return None;
        }
        let ((rank, _), call) = self.waiting.pop_first()?;
        self.present.remove(&(call.key, call.ask));
        self.started(boot_ms);
        if rank == Rank::Watch {
            self.last_watch_ms = Some(boot_ms);
        }
        Some(call)
    }

    /// Notes a call that did not wait here: a token's.
    pub(super) fn started(&mut self, boot_ms: u64) {
        self.last_ms = Some(boot_ms);
    }

    /// Gives the time on the boot clock at which the pace allows any call.
    pub(super) fn paced(&self) -> u64 {
        self.last_ms.map_or(0, |last| last + self.pace_ms)
    }

    /// Gives the time on the boot clock from which a call can be taken; `None` if none waits.
    pub(super) fn ready_at(&self) -> Option<u64> {
        let ((rank, _), _) = self.waiting.first_key_value()?;
        let watch = match rank {
            Rank::Watch => self.last_watch_ms.map_or(0, |last| last + WATCH_PACE_MS),
            Rank::Close | Rank::Create | Rank::Refund | Rank::Poll => 0,
        };
        Some(self.paced().max(watch))
    }

    /// Tells whether a call of this operation waits.
    pub(super) fn has(&self, key: u64) -> bool {
        self.present.range((key, Ask::Close)..=(key, Ask::Watch)).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn call(key: u64, ask: Ask) -> Waiting {
        Waiting { key, ask, renewed: false }
    }

    #[test]
    fn calls_go_by_what_hangs_on_them_100_ms_apart() {
        let mut queue = Queue::new(100);
        queue.push(Rank::Watch, call(1, Ask::Watch));
        queue.push(Rank::Poll, call(2, Ask::Poll));
        queue.push(Rank::Refund, call(3, Ask::Create));
        queue.push(Rank::Create, call(4, Ask::Create));
        queue.push(Rank::Close, call(5, Ask::Close));
        let mut order = vec![];
        for now in (1_000..).step_by(50).take(10) {
            order.extend(queue.pop(now).map(|call| (call.key, now)));
        }
        assert_eq!(order, [(5, 1_000), (4, 1_100), (3, 1_200), (2, 1_300), (1, 1_400)]);
    }

    #[test]
    fn watched_operations_are_asked_at_most_once_a_second() {
        let mut queue = Queue::new(100);
        queue.push(Rank::Watch, call(1, Ask::Watch));
        queue.push(Rank::Watch, call(2, Ask::Watch));
        assert!(queue.pop(1_000).is_some());
        assert_eq!(queue.ready_at(), Some(2_000));
        queue.push(Rank::Poll, call(3, Ask::Poll));
        assert_eq!(queue.pop(1_100), Some(call(3, Ask::Poll)));
        assert_eq!(queue.pop(1_999), None);
        assert!(queue.pop(2_000).is_some());
    }

    #[test]
    fn the_same_call_waits_once() {
        let mut queue = Queue::new(100);
        queue.push(Rank::Poll, call(1, Ask::Poll));
        queue.push(Rank::Poll, call(1, Ask::Poll));
        assert!(queue.pop(0).is_some());
        assert_eq!(queue.pop(10_000), None);
    }
}
