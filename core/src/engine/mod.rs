//! The shell around the state machine: load, step, append, run effects, feed the results back.
//!
//! Synchronous and without I/O of its own but the journal's: whoever drives it makes the calls and
//! keeps the time, so device, gateway and simulator run the same engine.

mod again;
mod calls;
mod group;
mod known;
mod live;
mod look;
mod pay;
mod queue;
mod record;
mod refund;
mod session;
mod stage;
mod tally;
mod timers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

pub use again::Again;
pub use known::{Act, Named, Seen, View};
pub use live::WaiterId;
pub use stage::Stage;
pub use tally::Tally;

use crate::http::{HttpRequest, HttpResponse, NoAnswer};
use crate::id::{Caller, ExternalId, OperationId, RailId, RequestId};
use crate::intent::{Answer, AnswerCode, PayRequest, RefundRequest, StatusRequest};
use crate::journal::{Durability, Entry, Journal, JournalError, Record};
use crate::operation::{
    Choice, Effect, Event, HandOver, Moment, Operation, Rules, State, Timer, Verdict, step,
};
use crate::rail::Rail;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::time::Now;
use live::{Live, Waiter};
use queue::Queue;
use session::Session;

/// Is something that reaches the engine.
#[derive(Debug)]
pub enum Input {
    /// A POS wants a payment; `attended`: an operator stands before a screen.
    Pay { waiter: WaiterId, request: PayRequest, attended: bool },
    /// A POS wants money given back.
    Refund { waiter: WaiterId, request: RefundRequest, attended: bool },
    /// A POS wants the stored outcome.
    Status { waiter: WaiterId, request: StatusRequest },
    /// A screen was made anew and wants its operation's stages and answer.
    Again { waiter: WaiterId, again: Again },
    /// An operator gives up; answered like STATUS, after the end.
    Cancel { waiter: WaiterId, request: StatusRequest },
    /// An operator decides what the bank cannot; answered like STATUS.
    Settle { waiter: WaiterId, request: StatusRequest, paid: bool, note: String },
    /// An operator says what becomes of the goods while a payment is in doubt.
    Choose { operation: OperationId, choice: Choice },
    /// A caller speaks of an operation by the name that it gave it.
    Known { waiter: WaiterId, named: Named },
    /// Everything open is to be looked at once.
    Resume { waiter: WaiterId },
    /// The newest operations are wanted.
    History { waiter: WaiterId, limit: usize },
    /// The newest operations of a caller, or of a request, are wanted.
    Recall { waiter: WaiterId, whose: Whose },
    /// The caller took this answer.
    HandedOver { operation: OperationId, code: AnswerCode },
    /// The caller is gone; its operation goes on.
    Detach { waiter: WaiterId },
    /// Whoever was handed over came back, or could not be.
    Returned { operation: OperationId },
    /// The bank says that something happened; nothing of it is believed.
    Push { external_id: ExternalId },
    /// The bank's signed word about how a payment goes on before anything was shown: what to show,
    /// where to go, what it wants to know. Whoever gives this has checked the signature.
    Prescribed { external_id: ExternalId, verdict: Verdict },
    /// A call ended.
    Http { ticket: u64, answer: Result<HttpResponse, NoAnswer> },
    /// A payment is near: tokens are made ready.
    Warm,
    /// Open operations may have lost the process that drove them: the journal is asked for those.
    TakeOver,
    /// Time passed.
    Tick,
}

/// Is something that the engine wants done or told.
#[derive(Debug)]
pub enum Output {
    /// Make this call and bring its answer back under the ticket.
    Http { ticket: u64, rail: RailId, request: HttpRequest },
    /// This is the answer for that caller.
    Answer { waiter: WaiterId, answer: Box<Answer> },
    /// These are the operations that were asked for, with their stories.
    Operations { waiter: WaiterId, result: Result<Vec<Told>, JournalError> },
    /// Something happened that a screen may show to that caller.
    Stage { waiter: WaiterId, operation: OperationId, request_id: RequestId, stage: Stage },
    /// This is what the caller of a named operation sees.
    Seen { waiter: WaiterId, seen: Seen },
    /// What callers see of this operation is not what it was: only where they come back for it.
    Changed { operation: OperationId },
    /// Give the customer to the bridge.
    HandOver { operation: OperationId, what: HandOver },
}

/// Is an operation with its story, as history tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The operation.
    pub operation: Operation,
    /// What happened to it, oldest first.
    pub story: Vec<Record>,
    /// What a STATUS request would be answered.
    pub answer: Answer,
}

/// Says whose operations are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// The caller; `None`: all.
    pub caller: Option<Caller>,
    /// The caller's name of the request; `None`: all.
    pub request_id: Option<RequestId>,
    /// How many at most.
    pub limit: usize,
}

/// Drives all operations of one journal.
pub struct Engine {
    journal: Box<dyn Journal>,
    settings: Settings,
    random: Box<dyn FnMut() -> u64 + Send>,
    rails: BTreeMap<RailId, Lane>,
    live: BTreeMap<u64, Live>,
    keys: BTreeMap<OperationId, u64>,
    /// The last that ended, as they are in the journal: their callers are about to take the answer.
    ended: VecDeque<Operation>,
    names: BTreeMap<ExternalId, u64>,
    timers: BTreeSet<(u64, u64, Timer)>,
    queue: Queue,
    /// Whether a token is to be made ready as soon as the pace allows it.
    warming: bool,
    tickets: BTreeMap<u64, calls::Ticket>,
    resumes: Vec<look::Resume>,
    counts: tally::Counts,
    next: u64,
    out: Vec<Output>,
    group: Option<group::Group>,
    lost: Option<group::Lost>,
}

/// Is a rail with what the engine keeps for it.
struct Lane {
    rail: Box<dyn Rail>,
    session: Session,
    rules: Rules,
    mac_key: Secret<Vec<u8>>,
}

impl Engine {
    /// Makes the engine; nothing is loaded yet. `random` gives 64 fresh random bits.
    pub fn new(
        settings: Settings,
        journal: Box<dyn Journal>,
        rails: Vec<Box<dyn Rail>>,
        random: Box<dyn FnMut() -> u64 + Send>,
    ) -> Self {
        let lane = |rail: Box<dyn Rail>| {
            let comes_back = settings.callers_are_terminals;
            let rules = Rules { comes_back, ..rail.rules(&settings.rules) };
            let mac_key = rail.mac_key();
            (rail.id(), Lane { rail, session: Session::default(), rules, mac_key })
        };
        let rails = rails.into_iter().map(lane).collect();
        let queue = Queue::new(settings.pace_ms);
        Self {
            journal,
            settings,
            random,
            rails,
            live: BTreeMap::new(),
            keys: BTreeMap::new(),
            ended: VecDeque::new(),
            names: BTreeMap::new(),
            timers: BTreeSet::new(),
            queue,
            warming: false,
            tickets: BTreeMap::new(),
            resumes: Vec::new(),
            counts: tally::Counts::default(),
            next: 0,
            out: Vec::new(),
            group: None,
            lost: None,
        }
    }

    /// Loads what is open and goes on with it from what the journal proves.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn start(&mut self, now: Now) -> Result<Vec<Output>, JournalError> {
        if self.load(now)? || self.was_just_used(now) {
            // The last process may have ended just after a call, which the pace counts from.
            self.start_pace(now);
        }
        let mut out = std::mem::take(&mut self.out);
        out.extend(self.calls(now));
        Ok(out)
    }

    /// Takes one input; gives what has to be done because of it, in this order.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Output> {
        let mut out = self.handle_all(now, vec![input]);
        out.extend(self.calls(now));
        out
    }

    /// Lets one input happen.
    fn take_in(&mut self, now: Now, input: Input) {
        match input {
            Input::Pay { waiter, request, attended } => self.pay(now, waiter, request, attended),
            Input::Refund { waiter, request, attended } => {
                self.refund(now, waiter, request, attended);
            }
            Input::Status { waiter, request } => self.status(now, waiter, &request),
            Input::Again { waiter, again } => self.again(now, waiter, again),
            Input::Cancel { waiter, request } => self.cancel(now, waiter, &request),
            Input::Settle { waiter, request, paid, note } => {
                self.settle(now, waiter, &request, paid, note);
            }
            Input::Choose { operation, choice } => {
                if let Some(key) = self.keys.get(&operation) {
                    self.apply(now, *key, Event::Choose(choice));
                }
            }
            Input::Known { waiter, named } => self.known(now, waiter, named),
            Input::Resume { waiter } => self.resume(now, waiter),
            Input::History { waiter, limit } => self.history(waiter, limit),
            Input::Recall { waiter, whose } => self.recall(waiter, &whose),
            Input::HandedOver { operation, code } => self.handed_over(now, &operation, code),
            Input::Detach { waiter } => self.detach(waiter),
            Input::Returned { operation } => {
                if let Some(key) = self.keys.get(&operation) {
                    self.apply(now, *key, Event::Returned);
                }
            }
            Input::Push { external_id } => self.pushed(now, &external_id),
            Input::Prescribed { external_id, verdict } => {
                self.prescribed(now, &external_id, verdict);
            }
            Input::Http { ticket, answer } => self.answered(now, ticket, answer),
            Input::Warm => self.warm(now),
            Input::TakeOver => {
                if let Err(error) = self.load_more(now) {
                    tracing::warn!(%error, "nothing can be taken over");
                }
            }
            Input::Tick => {}
        }
    }

    /// Gives the time on the boot clock at which [`Input::Tick`] is due.
    pub fn next_wake(&self) -> Option<u64> {
        let timer = self.timers.first().map(|(at, _, _)| *at);
        let warm = self.warming.then(|| self.queue.paced(&None));
        let retry = self.retry_at();
        timer.into_iter().chain(self.queue.ready_at()).chain(warm).chain(retry).min()
    }

    /// Gives the journal, to read.
    pub fn journal(&self) -> &dyn Journal {
        self.journal.as_ref()
    }

    /// Ends the engine and gives the journal back.
    pub fn into_journal(self) -> Box<dyn Journal> {
        self.journal
    }

    /// Takes an operation from the journal into memory.
    fn adopt(&mut self, operation: Operation) -> u64 {
        self.next += 1;
        self.keys.insert(operation.id.clone(), self.next);
        self.names.insert(operation.order.external_id.clone(), self.next);
        self.live.insert(self.next, Live::new(operation));
        self.next
    }

    /// Lets an event happen to an operation, and everything that follows from it at once.
    fn apply(&mut self, now: Now, key: u64, event: Event) {
        let mut events = VecDeque::from([(key, event)]);
        let mut touched = Vec::new();
        while let Some((key, event)) = events.pop_front() {
            let Some(live) = self.live.get(&key) else { continue };
            let Some(lane) = self.rails.get(&live.operation.order.rail) else { continue };
            let at = Moment { now, rules: &lane.rules, audience: self.audience(now, key) };
            let operation = &live.operation;
            let (state, effects) = step(&operation.order, &operation.state, &event, &at);
            if let Some(given) = self.take(now, key, state, &effects, &event) {
                for effect in effects {
                    events.extend(self.run(now, key, effect).map(|event| (key, event)));
                }
                events.extend(given.map(|key| (key, Event::Begin)));
                self.tell_payment(now, key);
                self.look_if_pushed(key, &mut events);
            }
            self.settle_if_asked(key, &event, &mut events);
            touched.push(key);
        }
        for key in touched {
            self.release(key);
        }
    }

    /// Writes the new state and takes it; `None` if the journal refused, and then nothing happened.
    /// Gives the key of the refund that the state began.
    fn take(
        &mut self,
        now: Now,
        key: u64,
        state: State,
        effects: &[Effect],
        event: &Event,
    ) -> Option<Option<u64>> {
        let live = self.live.get_mut(&key)?;
        let before = &live.operation.state;
        let shared = self.journal.is_shared();
        let durability = record::durability(before, &state).filter(|_| *before != state);
        let durability =
            durability.or_else(|| record::if_shared(before, &state).filter(|_| shared));
        let Some(durability) = durability else {
            let shown = live.operation.state != state;
            live.operation.state = state;
            if shown {
                self.tell_change(key);
            }
            return Some(None);
        };
        let before = std::mem::replace(&mut live.operation.state, state);
        let taken = live.operation.handed_over;
        // A new end of a give-back is news for its payment.
        live.operation.handed_over &= !live.operation.order.is_give_back();
        let story = record::story(Some(&before), &live.operation, event);
        let refund = effects.iter().find_map(|effect| match effect {
            Effect::GiveBack(sum) => Some(refund::give_back(now, &live.operation, *sum, || {
                (u128::from((self.random)()) << 64 | u128::from((self.random)())).to_le_bytes()
            })),
            Effect::Send(_)
            | Effect::Show
            | Effect::Hide
            | Effect::HandOver(_)
            | Effect::Wake(..)
            | Effect::Tell => None,
        });
        let at_ms = now.wall_ms;
        let mut entries = vec![Entry { operation: &live.operation, event: &story, at_ms }];
        if let Some(refund) = &refund {
            entries.push(Entry { operation: refund, event: "give-back recorded", at_ms });
        }
        if let Err(error) = self.journal.write(&entries, durability) {
            live.operation.state = before;
            live.operation.handed_over = taken;
            self.not_written(now, key, event, &error);
            return None;
        }
        live.refusals = 0;
        self.counts.ended(&before, &live.operation);
        self.tell_change(key);
        // Said to be paid, with the figures still to be asked for: no screen should cry doubt yet.
        if !matches!(event, Event::Answered(_, Verdict::Confirmed)) {
            self.tell_stage(now, key, &before);
        }
        Some(refund.map(|refund| self.adopt(refund)))
    }

    /// Runs one effect; gives the event that answers it at once, if one does.
    fn run(&mut self, now: Now, key: u64, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Send(ask) => {
                if let Some(verdict) = self.without_call(now, key, ask) {
                    return Some(Event::Answered(ask, verdict));
                }
                let live = self.live.get(&key)?;
                let order = &live.operation.order;
                let (lane, rank) = (self.lane_of(order), calls::rank(order, ask));
                if !live.flying.contains(&ask) {
                    self.queue.push(&lane, rank, queue::Waiting { key, ask, renewed: false });
                }
                None
            }
            Effect::Show => Some(Event::Shown),
            Effect::Hide => Some(Event::Hidden),
            Effect::HandOver(what) => {
                let live = self.live.get(&key)?;
                let operation = live.operation.id.clone();
                self.out.push(Output::HandOver { operation, what });
                None
            }
            Effect::Wake(timer, after_ms) => {
                let spread =
                    timer == Timer::Ask && self.live.get(&key).is_some_and(Live::is_polled);
                let pause = if spread { self.jitter(after_ms) } else { after_ms };
                self.set_timer(key, timer, now.boot_ms.saturating_add(pause));
                None
            }
            // Its operation is in the journal already, written together with the state.
            Effect::GiveBack(_) => None,
            Effect::Tell => {
                self.tell(key);
                None
            }
        }
    }

    /// Forgets an operation that needs nothing any more.
    fn release(&mut self, key: u64) {
        let Some(live) = self.live.get(&key) else { return };
        let idle = !live.operation.is_open() && live.waiters.is_empty() && live.flying.is_empty();
        if !idle || live.unwritten.is_some() || self.queue.has(key) {
            return;
        }
        for (timer, at_ms) in &live.timers {
            self.timers.remove(&(*at_ms, key, *timer));
        }
        self.keys.remove(&live.operation.id);
        self.names.remove(&live.operation.order.external_id);
        let Some(Live { operation, .. }) = self.live.remove(&key) else { return };
        if !operation.handed_over {
            self.ended.truncate(live::MOST_ENDED - 1);
            self.ended.push_front(operation);
        }
    }

    /// Records a new operation before its first byte.
    fn record(&mut self, operation: &Operation) -> Result<(), JournalError> {
        let story = record::story(None, operation, &Event::Begin);
        let at_ms = operation.order.created.wall_ms;
        let entry = Entry { operation, event: &story, at_ms };
        self.journal.write(&[entry], Durability::PowerCut)
    }

    /// Tells whether the payments of a rail are tests.
    fn is_sandbox(&self, rail: &RailId) -> bool {
        self.settings.sandbox || self.rails.get(rail).is_some_and(|lane| lane.rail.sandbox())
    }

    /// Gives how long a caller waits for this operation, in milliseconds.
    fn wait_ms(&self, operation: &Operation) -> u64 {
        let lane = self.rails.get(&operation.order.rail);
        lane.map_or(self.settings.rules.wait_ms, |lane| lane.rules.wait_ms)
    }

    fn random_bytes(&mut self) -> [u8; 16] {
        (u128::from((self.random)()) << 64 | u128::from((self.random)())).to_le_bytes()
    }

    /// Lets a caller wait for an operation.
    fn attach(&mut self, key: u64, waiter: Waiter) {
        if let Some(live) = self.live.get_mut(&key) {
            live.waiters.push(waiter);
        }
    }

    fn detach(&mut self, waiter: WaiterId) {
        let found = self.live.iter_mut().find_map(|(key, live)| {
            let before = live.waiters.len();
            live.waiters.retain(|other| other.id != waiter);
            (live.waiters.len() != before).then_some(*key)
        });
        self.resumes.retain(|resume| resume.waiter != waiter);
        if let Some(key) = found {
            self.release(key);
        }
    }

    /// Gives an operation as it is now: from memory if it is driven, else as the journal has it.
    fn fresh(&self, stored: Operation) -> Operation {
        match self.keys.get(&stored.id).and_then(|key| self.live.get(key)) {
            Some(live) => live.operation.clone(),
            None => stored,
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("live", &self.live.len()).finish_non_exhaustive()
    }
}
