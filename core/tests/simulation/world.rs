//! The world around the terminals: one clock, one queue of what will happen, and all of it played.

use std::collections::BTreeMap;

use till_core::engine::{Input, WaiterId};
use till_core::id::{ExternalId, OperationId};
use till_core::intent::AnswerCode;
use till_core::operation::{Action, Story};
use till_sandbox::octo::Bank;

use crate::customer::Deed;
use crate::network::{Flight, Landing};
use crate::plan::{DAY, HOUR, MINUTE, Plan, SECOND};
use crate::pos::{Errand, Pos};
use crate::reference::{At, Held, Reference, Violation, broken};
use crate::rng::Rng;
use crate::terminal::Terminal;
use crate::trace::{Line, Trace, trace};

/// What the bank's and the device's wall clocks show when the world begins.
pub(crate) const EPOCH_MS: i64 = 1_760_000_000_000;

/// What can become of late money.
pub(crate) const LATE: [Story; 4] =
    [Story::Refunding, Story::Refunded, Story::RefundFailed, Story::Reported];

/// One run of one seed.
pub(crate) struct World {
    pub(crate) plan: Plan,
    /// Milliseconds since the world began.
    pub(crate) ms: u64,
    pub(crate) bank: Bank,
    pub(crate) terminals: Vec<Terminal>,
    pub(crate) reference: Reference,
    pub(crate) pos: Pos,
    pub(crate) rngs: Streams,
    pub(crate) trace: Trace,
    pub(crate) storm_until_ms: u64,
    /// The bank's last answer to an inquiry, for the wires to be crossed.
    pub(crate) last_answer: Vec<u8>,
    pub(crate) calls: u64,
    pub(crate) crashes: u64,
    pub(crate) told: BTreeMap<(AnswerCode, Action), u64>,
    pub(crate) told_late: [u64; 4],
    /// Nobody comes any more.
    pub(crate) night: bool,
    /// Nothing goes wrong any more.
    pub(crate) calm: bool,
    events: BTreeMap<(u64, u64), Event>,
    number: u64,
    next_waiter: WaiterId,
}

/// Streams of chance that do not disturb each other.
pub(crate) struct Streams {
    pub(crate) network: Rng,
    pub(crate) bank: Rng,
    pub(crate) people: Rng,
    pub(crate) device: Rng,
    pub(crate) weather: Rng,
    pub(crate) groups: Rng,
}

pub(crate) enum Event {
    /// A POS app or an operator does the next thing.
    Pos,
    Weather,
    /// A call reaches the bank.
    Arrive(Box<Flight>),
    /// A call ends for the terminal.
    Land(Box<Landing>),
    Customer(Box<(ExternalId, Deed)>),
    /// A terminal's process starts again.
    Restart(usize),
    /// What a terminal holds becomes one transaction, if the process still runs.
    Group(usize, u32),
    /// Somebody does what they had in mind, if the terminal still runs.
    Errand(Box<Errand>),
}

/// What came of a seed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Score {
    pub(crate) operations: u64,
    pub(crate) calls: u64,
    pub(crate) crashes: u64,
    /// What was told: how often each code, and each end of late money.
    pub(crate) told: BTreeMap<String, u64>,
}

impl Score {
    pub(crate) fn add(&mut self, other: Self) {
        self.operations += other.operations;
        self.calls += other.calls;
        self.crashes += other.crashes;
        for (what, times) in other.told {
            *self.told.entry(what).or_default() += times;
        }
    }
}

/// Plays a seed to its end.
pub(crate) fn play(plan: &Plan) -> Result<Score, Box<Violation>> {
    let mut world = World::new(plan.clone(), Trace::default());
    world.run().map(|()| world.score())
}

/// Plays a seed to its end and keeps its trace.
pub(crate) fn play_aloud(plan: &Plan) -> (Held, Vec<Line>) {
    let mut world = World::new(plan.clone(), Trace::kept());
    let held = world.run();
    (held, world.trace.into_lines())
}

impl World {
    fn new(plan: Plan, trace: Trace) -> Self {
        let mut rng = Rng::new(plan.seed.wrapping_add(0x1000));
        let terminals = (0..plan.terminals).map(|_| Terminal::new(&plan, &mut rng)).collect();
        let mut next = || rng.fork();
        let rngs = Streams {
            network: next(),
            bank: next(),
            people: next(),
            device: next(),
            weather: next(),
            groups: next(),
        };
        Self {
            bank: Bank::new(plan.bank.clone()),
            plan,
            ms: 0,
            terminals,
            reference: Reference::default(),
            pos: Pos::default(),
            rngs,
            trace,
            storm_until_ms: 0,
            last_answer: Vec::new(),
            calls: 0,
            crashes: 0,
            told: BTreeMap::new(),
            told_late: [0; 4],
            night: false,
            calm: false,
            events: BTreeMap::new(),
            number: 0,
            next_waiter: 0,
        }
    }

    fn run(&mut self) -> Held {
        trace!(self, None, "{:#?}", self.plan);
        for terminal in 0..self.terminals.len() {
            self.start(terminal)?;
        }
        self.after(SECOND, Event::Pos);
        self.after(MINUTE, Event::Weather);
        while self.pos.asked < self.plan.operations {
            self.go_on(u64::MAX)?;
        }
        let rest = self.rngs.weather.below(20 * self.plan.people.gap_ms + MINUTE);
        self.go_on_for(rest)?;
        self.sleep_over_night()?;
        self.calm_down();
        self.go_on_for(7 * DAY + HOUR)?;
        self.reckon()
    }

    fn score(&self) -> Score {
        let notes = |terminal: &Terminal| u64::try_from(terminal.disk.watch().notes.len()).unwrap();
        let operations = self.terminals.iter().map(notes).sum();
        let codes = self.told.iter();
        let told =
            codes.map(|((code, action), times)| (format!("{} {code}", action.as_str()), *times));
        let late = LATE.iter().zip(self.told_late);
        let told = told.chain(late.map(|(story, times)| (format!("late {story:?}"), times)));
        Score { operations, calls: self.calls, crashes: self.crashes, told: told.collect() }
    }

    pub(crate) fn after(&mut self, ms: u64, event: Event) {
        self.number += 1;
        self.events.insert((self.ms.saturating_add(ms), self.number), event);
    }

    /// Nobody comes, and no call gets through, perhaps for longer than a refund may be repeated.
    fn sleep_over_night(&mut self) -> Held {
        if self.plan.night_ms == 0 {
            return Ok(());
        }
        trace!(self, None, "--- night ---");
        self.night = true;
        self.storm_until_ms = self.ms + self.plan.night_ms;
        self.go_on_for(self.plan.night_ms)
    }

    /// Ends all that goes wrong; what was begun goes on.
    fn calm_down(&mut self) {
        trace!(self, None, "--- calm ---");
        (self.night, self.calm) = (true, true);
        self.storm_until_ms = 0;
        for index in 0..self.terminals.len() {
            self.terminals[index].calm_down();
            // Whoever is off is on in a second.
            self.after(SECOND, Event::Restart(index));
        }
        self.choose_for_all();
    }

    fn go_on_for(&mut self, ms: u64) -> Held {
        let end_ms = self.ms + ms;
        while self.go_on(end_ms)? {}
        self.ms = end_ms;
        Ok(())
    }

    /// Lets the next thing happen if it is before `end_ms`.
    fn go_on(&mut self, end_ms: u64) -> Result<bool, Box<Violation>> {
        let event = self.events.first_key_value().map(|((at, _), _)| *at);
        let wakes = self.terminals.iter().enumerate();
        let wake = wakes.filter_map(|(index, terminal)| Some((terminal.wake_ms()?, index))).min();
        let (at_ms, waker) = match (event, wake) {
            (None, None) => return Ok(false),
            (Some(event), Some((wake, index))) if wake < event => (wake, Some(index)),
            (None, Some((wake, index))) => (wake, Some(index)),
            (Some(event), _) => (event, None),
        };
        if at_ms > end_ms {
            return Ok(false);
        }
        self.pass_to(at_ms);
        match waker {
            Some(index) => self.put_in(index, Input::Tick)?,
            None => {
                if let Some((_, event)) = self.events.pop_first() {
                    self.happen(event)?;
                }
            }
        }
        Ok(true)
    }

    fn pass_to(&mut self, at_ms: u64) {
        if at_ms > self.ms {
            self.ms = at_ms;
            self.terminals.iter_mut().for_each(|terminal| terminal.idle_turns = 0);
        }
    }

    fn happen(&mut self, event: Event) -> Held {
        match event {
            Event::Pos => self.act(),
            Event::Weather => self.weather(),
            Event::Arrive(flight) => {
                self.arrive(*flight);
                Ok(())
            }
            Event::Land(landing) => self.land(*landing),
            Event::Customer(customer) => {
                self.customer_does(&customer.0, customer.1);
                Ok(())
            }
            Event::Restart(terminal) => self.start(terminal),
            Event::Group(terminal, life) => self.put_in_held(terminal, life),
            Event::Errand(errand) => self.run_errand(*errand),
        }
    }

    /// Gives everything that is to happen.
    pub(crate) fn coming(&self) -> impl Iterator<Item = &Event> {
        self.events.values()
    }

    pub(crate) fn bank_ms(&self) -> i64 {
        EPOCH_MS + i64::try_from(self.ms).unwrap()
    }

    pub(crate) fn new_waiter(&mut self) -> WaiterId {
        self.next_waiter += 1;
        self.next_waiter
    }

    /// Gives the bank's name of an operation, to trace it by.
    pub(crate) fn external_id(&self, terminal: usize, id: &OperationId) -> Option<ExternalId> {
        let watch = self.terminals[terminal].disk.watch();
        watch.operation(id).map(|note| note.order.external_id.clone())
    }

    /// Judges something with the reference model.
    pub(crate) fn judge<T>(
        &mut self,
        terminal: usize,
        judgement: impl FnOnce(&mut Reference, &At<'_>) -> Result<T, Box<Violation>>,
    ) -> Result<T, Box<Violation>> {
        let watch = self.terminals[terminal].disk.watch();
        let at = At { ms: self.ms, watch: &watch, bank: &self.bank };
        judgement(&mut self.reference, &at)
    }

    /// The last page: everybody has an answer, and every operation its end.
    fn reckon(&mut self) -> Held {
        let waiters: Vec<String> =
            self.reference.waiters().map(|(id, asked)| format!("{id}: {asked:?}")).collect();
        if !waiters.is_empty() {
            return broken("each request has one answer", &[], format!("none to {waiters:?}"));
        }
        for terminal in 0..self.terminals.len() {
            self.read_history(terminal)?;
            self.resume(terminal)?;
        }
        self.go_on_for(30 * MINUTE)?;
        match self.reference.waiters().next() {
            Some((_, asked)) => {
                broken("each request has one answer", &[], format!("none to {asked:?}"))
            }
            None => Ok(()),
        }
    }
}
