//! The paced queue of calls: one lane for each terminal, by urgency within it.
//!
//! Each lane keeps its pace by itself, so it costs the same however many others wait.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::Caller;
use crate::operation::Ask;

/// The least time between two calls of one terminal for watched operations, in milliseconds.
const WATCH_PACE_MS: u64 = 1_000;

/// The same for all terminals together: a gateway that starts over must not flood the bank.
const ALL_WATCHES_PACE_MS: u64 = 20;

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

/// Names the terminal whose pace a call keeps; `None`: this one has no others beside it.
pub(super) type LaneId = Option<Caller>;

/// Orders calls by what hangs on them, and keeps their pace.
#[derive(Debug)]
pub(super) struct Queue {
    lanes: BTreeMap<LaneId, Lane>,
    /// Lanes with something urgent, by when their pace allows it.
    urgent: BTreeSet<(u64, LaneId)>,
    /// Lanes where only watched operations wait, by when their pace allows them.
    watching: BTreeSet<(u64, LaneId)>,
    /// Lanes where nothing waits, by when their pace says nothing any more.
    idle: BTreeSet<(u64, LaneId)>,
    present: BTreeSet<(u64, Ask)>,
    next: u64,
    pace_ms: u64,
    last_watch_ms: Option<u64>,
}

#[derive(Debug, Default)]
struct Lane {
    waiting: BTreeMap<(Rank, u64), Waiting>,
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
            lanes: BTreeMap::new(),
            urgent: BTreeSet::new(),
            watching: BTreeSet::new(),
            idle: BTreeSet::new(),
            present: BTreeSet::new(),
            next: 0,
            pace_ms,
            last_watch_ms: None,
        }
    }

    /// Lets a call wait; one that waits already, for the same purpose, does for both.
    pub(super) fn push(&mut self, id: &LaneId, rank: Rank, call: Waiting) {
        if self.present.insert((call.key, call.ask)) {
            let number = self.next;
            self.next += 1;
            self.change(id, |lane| {
                lane.waiting.insert((rank, number), call);
            });
        }
    }

    /// Takes the most urgent call of a lane whose pace allows one now.
    pub(super) fn pop(&mut self, boot_ms: u64) -> Option<Waiting> {
        let allows = |lanes: &BTreeSet<(u64, LaneId)>| {
            lanes.first().filter(|(at_ms, _)| *at_ms <= boot_ms).map(|(_, id)| id.clone())
        };
        while let Some(id) = allows(&self.idle) {
            self.forget(&id);
        }
        let watch = self.watches_from() <= boot_ms;
        let id = allows(&self.urgent).or_else(|| allows(&self.watching).filter(|_| watch))?;
        let mut taken = None;
        self.change(&id, |lane| {
            taken = lane.waiting.pop_first();
            lane.last_ms = Some(boot_ms);
            if taken.is_some_and(|((rank, _), _)| rank == Rank::Watch) {
                lane.last_watch_ms = Some(boot_ms);
            }
        });
        let ((rank, _), call) = taken?;
        self.present.remove(&(call.key, call.ask));
        if rank == Rank::Watch {
            self.last_watch_ms = Some(boot_ms);
        }
        Some(call)
    }

    /// Notes a call that did not wait here: a token's.
    pub(super) fn started(&mut self, id: &LaneId, boot_ms: u64) {
        self.change(id, |lane| lane.last_ms = Some(boot_ms));
    }

    /// Gives the time on the boot clock at which a lane's pace allows any call.
    pub(super) fn paced(&self, id: &LaneId) -> u64 {
        self.lanes.get(id).map_or(0, |lane| lane.paced(self.pace_ms))
    }

    /// Gives the time on the boot clock from which a call can be taken; `None` if none waits.
    pub(super) fn ready_at(&self) -> Option<u64> {
        let urgent = self.urgent.first().map(|(at_ms, _)| *at_ms);
        let watch = self.watching.first().map(|(at_ms, _)| self.watches_from().max(*at_ms));
        urgent.into_iter().chain(watch).min()
    }

    /// Tells whether a call of this operation waits.
    pub(super) fn has(&self, key: u64) -> bool {
        self.present.range((key, Ask::Close)..=(key, Ask::Watch)).next().is_some()
    }

    /// Forgets all calls that wait; the pace stays.
    pub(super) fn clear(&mut self) {
        self.present.clear();
        let ids: Vec<LaneId> = self.lanes.keys().cloned().collect();
        for id in ids {
            self.change(&id, |lane| lane.waiting.clear());
        }
    }

    /// Gives the time on the boot clock from which any watched operation may be asked for.
    fn watches_from(&self) -> u64 {
        self.last_watch_ms.map_or(0, |last| last + ALL_WATCHES_PACE_MS)
    }

    /// Changes a lane, and where it stands among the others.
    fn change(&mut self, id: &LaneId, change: impl FnOnce(&mut Lane)) {
        self.unlist(id);
        let lane = self.lanes.entry(id.clone()).or_default();
        change(lane);
        let (at_ms, rank) = lane.ready(self.pace_ms);
        match rank {
            Some(Rank::Watch) => self.watching.insert((at_ms, id.clone())),
            Some(Rank::Close | Rank::Create | Rank::Refund | Rank::Poll) => {
                self.urgent.insert((at_ms, id.clone()))
            }
            None => self.idle.insert((at_ms, id.clone())),
        };
    }

    fn unlist(&mut self, id: &LaneId) {
        let Some(lane) = self.lanes.get(id) else { return };
        let entry = (lane.ready(self.pace_ms).0, id.clone());
        self.urgent.remove(&entry);
        self.watching.remove(&entry);
        self.idle.remove(&entry);
    }

    fn forget(&mut self, id: &LaneId) {
        self.unlist(id);
        self.lanes.remove(id);
    }
}

impl Lane {
    fn paced(&self, pace_ms: u64) -> u64 {
        self.last_ms.map_or(0, |last| last + pace_ms)
    }

    fn watches_from(&self) -> u64 {
        self.last_watch_ms.map_or(0, |last| last + WATCH_PACE_MS)
    }

    /// Gives when the pace allows the most urgent call, and its rank; without any, when this lane
    /// is like one that made no call yet.
    fn ready(&self, pace_ms: u64) -> (u64, Option<Rank>) {
        let paced = self.paced(pace_ms);
        match self.waiting.first_key_value() {
            Some(((Rank::Watch, _), _)) => (paced.max(self.watches_from()), Some(Rank::Watch)),
            Some(((rank, _), _)) => (paced, Some(*rank)),
            None => (paced.max(self.watches_from()), None),
        }
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
        queue.push(&None, Rank::Watch, call(1, Ask::Watch));
        queue.push(&None, Rank::Poll, call(2, Ask::Poll));
        queue.push(&None, Rank::Refund, call(3, Ask::Create));
        queue.push(&None, Rank::Create, call(4, Ask::Create));
        queue.push(&None, Rank::Close, call(5, Ask::Close));
        let mut order = vec![];
        for now in (1_000..).step_by(50).take(10) {
            order.extend(queue.pop(now).map(|call| (call.key, now)));
        }
        assert_eq!(order, [(5, 1_000), (4, 1_100), (3, 1_200), (2, 1_300), (1, 1_400)]);
    }

    #[test]
    fn watched_operations_are_asked_at_most_once_a_second() {
        let mut queue = Queue::new(100);
        queue.push(&None, Rank::Watch, call(1, Ask::Watch));
        queue.push(&None, Rank::Watch, call(2, Ask::Watch));
        assert!(queue.pop(1_000).is_some());
        assert_eq!(queue.ready_at(), Some(2_000));
        queue.push(&None, Rank::Poll, call(3, Ask::Poll));
        assert_eq!(queue.pop(1_100), Some(call(3, Ask::Poll)));
        assert_eq!(queue.pop(1_999), None);
        assert!(queue.pop(2_000).is_some());
    }

    #[test]
    fn the_same_call_waits_once() {
        let mut queue = Queue::new(100);
        queue.push(&None, Rank::Poll, call(1, Ask::Poll));
        queue.push(&None, Rank::Poll, call(1, Ask::Poll));
        assert!(queue.pop(0).is_some());
        assert_eq!(queue.pop(10_000), None);
    }

    #[test]
    fn terminals_beside_each_other_do_not_wait_for_each_other() {
        let mut queue = Queue::new(100);
        let lane = |name: u64| Some(Caller::new(name.to_string()));
        for key in 0..3_000 {
            queue.push(&lane(key), Rank::Create, call(key, Ask::Create));
            queue.push(&lane(key), Rank::Poll, call(key, Ask::Poll));
        }
        for (now, ask) in [(1_000, Ask::Create), (1_100, Ask::Poll)] {
            for _ in 0..3_000 {
                assert_eq!(queue.pop(now).map(|call| call.ask), Some(ask));
            }
            assert_eq!(queue.pop(now + 99), None);
        }
        assert_eq!(queue.ready_at(), None);
        queue.pop(1_200);
        assert_eq!(queue.lanes.len(), 0, "a terminal that is quiet costs nothing");
    }

    #[test]
    fn all_terminals_together_ask_for_watched_operations_50_times_a_second() {
        let mut queue = Queue::new(100);
        for key in 0..200 {
            let lane = Some(Caller::new(key.to_string()));
            queue.push(&lane, Rank::Watch, call(key, Ask::Watch));
        }
        let asked = |queue: &mut Queue, from: u64| {
            (from..from + 1_000).filter(|now| queue.pop(*now).is_some()).count()
        };
        assert_eq!(asked(&mut queue, 1_000), 50);
        let urgent = Some(Caller::new("0"));
        queue.push(&urgent, Rank::Create, call(0, Ask::Create));
        assert_eq!(queue.pop(2_000), Some(call(0, Ask::Create)), "nobody waits behind them");
        assert_eq!(asked(&mut queue, 2_000), 50);
    }

    #[test]
    fn what_waits_can_be_forgotten_and_the_pace_stays() {
        let mut queue = Queue::new(100);
        queue.push(&None, Rank::Poll, call(1, Ask::Poll));
        queue.push(&None, Rank::Poll, call(2, Ask::Poll));
        assert!(queue.pop(1_000).is_some());
        queue.clear();
        assert_eq!((queue.ready_at(), queue.has(2)), (None, false));
        queue.push(&None, Rank::Poll, call(2, Ask::Poll));
        assert_eq!(queue.ready_at(), Some(1_100));
    }
}
