//! Several inputs in one transaction, and what becomes of them when the journal does not take it.

use std::collections::BTreeSet;

use super::live::{Patience, Waiter};
use super::queue::LaneId;
use super::{Engine, Input, Output, WaiterId};
use crate::id::{OperationId, RequestId};
use crate::intent::{Refusal, Request, StatusRequest, Verb};
use crate::journal::{JournalError, Sought};
use crate::operation::{Action, Event, Operation, State};
use crate::time::Now;

/// How long the journal is left alone after it could not be loaded, in milliseconds.
const RETRY_MS: u64 = 1_000;

/// Is who was told what by a group that is not committed yet.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Callers that were answered.
    told: Vec<Orphan>,
    /// Callers that were told that their request cannot be; that holds whatever is written.
    refused: BTreeSet<WaiterId>,
}

/// Is what is left when memory is not to be believed: who waits, until the journal can be read.
#[derive(Debug)]
pub(super) struct Lost {
    waiting: Vec<Orphan>,
    retry_at_ms: u64,
    why: JournalError,
}

/// Is a caller with the operation that it waits for.
#[derive(Debug)]
struct Orphan {
    operation: OperationId,
    about: Action,
    request_id: RequestId,
    waiter: Waiter,
}

/// Is a caller whose request is part of a group.
#[derive(Debug)]
enum Asker {
    Answer(Waiter, Action, RequestId),
    List(WaiterId),
    Named(WaiterId, Action, RequestId),
}

impl Engine {
    /// Takes several inputs, all of whose writes are one transaction: nothing of what they bring
    /// about leaves before it is committed, and then all of it, in this order.
    ///
    /// If the journal does not take the transaction, none of it is believed: callers that asked
    /// anew are told so, and everything else is loaded again, as after a kill.
    ///
    /// Calls do not start here but in [`Engine::calls`], since a commit may take its time.
    pub fn handle_all(&mut self, now: Now, inputs: Vec<Input>) -> Vec<Output> {
        let alone = inputs.len() < 2 && !self.journal.is_shared();
        let askers = if alone && self.lost.is_none() {
            Vec::new()
        } else {
            inputs.iter().filter_map(|input| self.asker(input)).collect()
        };
        if self.lost.is_some() && !self.load_again(now) {
            self.let_go_of_the_gone(&inputs);
            if let Some(lost) = &self.lost {
                let why = lost.why.clone();
                self.turn_away(askers, &why);
            }
            return std::mem::take(&mut self.out);
        }
        if !alone {
            let sought: Vec<Sought> = inputs.iter().filter_map(sought).collect();
            self.journal.begin_group(&sought);
            self.group = Some(Group::default());
        }
        for input in inputs {
            self.take_in(now, input);
        }
        self.run_timers(now);
        self.end_resumes();
        if let Some(group) = self.group.take()
            && let Err(error) = self.journal.end_group()
        {
            self.fall_back(now, group, askers, &error);
        }
        std::mem::take(&mut self.out)
    }

    /// Starts every call whose turn has come.
    pub fn calls(&mut self, now: Now) -> Vec<Output> {
        let due = self.queue.ready_at().is_some_and(|at_ms| at_ms <= now.boot_ms);
        if self.lost.is_some() || !(due || self.warming) {
            return std::mem::take(&mut self.out);
        }
        let shared = self.journal.is_shared();
        if shared {
            self.journal.begin_group(&[]);
            self.group = Some(Group::default());
        }
        self.pump(now);
        if self.warming {
            self.warm(now);
        }
        if let Some(group) = self.group.take()
            && let Err(error) = self.journal.end_group()
        {
            self.fall_back(now, group, Vec::new(), &error);
        }
        std::mem::take(&mut self.out)
    }

    /// Loads what is open and lets it go on from what the journal proves; true if anything was.
    pub(super) fn load(&mut self, now: Now) -> Result<bool, JournalError> {
        self.journal.begin_group(&[]);
        let loaded = self.load_more(now);
        let written = self.journal.end_group();
        let outcome = loaded.and_then(|any| written.map(|()| any));
        if outcome.is_err() {
            self.forget();
            self.out.clear();
        }
        outcome
    }

    /// Lets the pace count from now, in every lane that has something to go on with.
    pub(super) fn start_pace(&mut self, now: Now) {
        let lanes = self.live.values().map(|live| self.lane_of(&live.operation.order));
        let lanes: BTreeSet<LaneId> = lanes.chain([None]).collect();
        for lane in lanes {
            self.queue.started(&lane, now.boot_ms);
        }
    }

    /// Takes up what is open and not driven yet; true if anything is open.
    pub(super) fn load_more(&mut self, now: Now) -> Result<bool, JournalError> {
        let mut keys = Vec::new();
        let open = self.journal.open_operations()?;
        let any = !open.is_empty();
        for operation in open {
            if self.keys.contains_key(&operation.id) {
                continue;
            }
            if self.rails.contains_key(&operation.order.rail) {
                keys.push(self.adopt(operation));
            } else {
                let (id, rail) = (&operation.id, &operation.order.rail);
                tracing::error!(operation = %id, %rail, "open, but its rail is not configured");
            }
        }
        for key in keys {
            let event = if self.is_unseen(now, key) { Event::Unseen } else { Event::Reload };
            self.apply(now, key, event);
            self.tell_payment(now, key);
        }
        Ok(any)
    }

    /// Tells whether nobody can have seen the code of an operation that the journal has without
    /// one: a gateway's terminals get it by an answer that leaves after that was written.
    fn is_unseen(&self, now: Now, key: u64) -> bool {
        let Some(live) = self.live.get(&key) else { return false };
        self.settings.callers_are_terminals
            && matches!(live.operation.state, State::Creating(_))
            && self.journal.is_whole_since(&live.operation.order.created, &now)
    }

    /// Notes who was answered, for the case that the group is not taken.
    pub(super) fn note_told(&mut self, operation: &Operation, waiter: &Waiter) {
        if let Some(group) = &mut self.group {
            group.told.push(Orphan::of(operation, waiter.clone()));
        }
    }

    /// Notes who was told that a request cannot be.
    pub(super) fn note_refused(&mut self, waiter: WaiterId) {
        if let Some(group) = &mut self.group {
            group.refused.insert(waiter);
        }
    }

    /// Gives when the journal is tried again, if memory is not to be believed.
    pub(super) fn retry_at(&self) -> Option<u64> {
        self.lost.as_ref().map(|lost| lost.retry_at_ms)
    }

    /// Believes nothing of a group that was not committed.
    fn fall_back(&mut self, now: Now, group: Group, askers: Vec<Asker>, error: &JournalError) {
        tracing::error!(%error, "a group of writes was not taken; loading again");
        let asked: BTreeSet<WaiterId> = askers.iter().map(Asker::id).collect();
        let out = std::mem::take(&mut self.out);
        for output in out {
            match output {
                Output::Answer { waiter, .. }
                    if group.refused.contains(&waiter) && !asked.contains(&waiter) =>
                {
                    self.out.push(output);
                }
                Output::Operations { waiter, .. } if !asked.contains(&waiter) => {
                    self.out.push(Output::Operations { waiter, result: Err(error.clone()) });
                }
                Output::Answer { .. }
                | Output::Seen { .. }
                | Output::Changed { .. }
                | Output::Operations { .. }
                | Output::Http { .. }
                | Output::Stage { .. }
                | Output::HandOver { .. } => {}
            }
        }
        let mut waiting = group.told;
        for live in self.live.values_mut() {
            let waiters = std::mem::take(&mut live.waiters);
            waiting.extend(waiters.into_iter().map(|waiter| Orphan::of(&live.operation, waiter)));
        }
        waiting.retain(|orphan| !asked.contains(&orphan.waiter.id));
        for resume in std::mem::take(&mut self.resumes) {
            if !asked.contains(&resume.waiter) {
                let result = Err(error.clone());
                self.out.push(Output::Operations { waiter: resume.waiter, result });
            }
        }
        self.turn_away(askers, error);
        self.forget();
        self.lost = Some(Lost { waiting, retry_at_ms: now.boot_ms, why: error.clone() });
        self.load_again(now);
    }

    /// Forgets everything that the journal knows better.
    fn forget(&mut self) {
        self.live.clear();
        self.keys.clear();
        self.names.clear();
        self.ended.clear();
        self.timers.clear();
        self.queue.clear();
        self.tickets.clear();
        for lane in self.rails.values_mut() {
            lane.session.ended();
        }
    }

    /// Loads again after a fall, and lets everybody go on waiting; false if that is not yet
    /// possible.
    fn load_again(&mut self, now: Now) -> bool {
        let Some(mut lost) = self.lost.take() else { return true };
        if lost.retry_at_ms > now.boot_ms {
            self.lost = Some(lost);
            return false;
        }
        let told = std::mem::take(&mut self.out);
        let loaded = self.load(now);
        self.out.splice(0..0, told);
        if let Err(error) = loaded {
            tracing::error!(%error, "the journal cannot be loaded again yet");
            lost.retry_at_ms = now.boot_ms + RETRY_MS;
            lost.why = error;
            self.lost = Some(lost);
            return false;
        }
        for orphan in lost.waiting {
            self.wait_again(now, orphan);
        }
        true
    }

    fn wait_again(&mut self, now: Now, orphan: Orphan) {
        let Orphan { operation, about, request_id, waiter } = orphan;
        if let Some(key) = self.keys.get(&operation).copied() {
            return match waiter.patience {
                Patience::OneLook => self.look_for(now, key, waiter),
                Patience::Operator | Patience::Program => self.join(now, key, waiter),
            };
        }
        match self.journal.get(&operation) {
            Ok(Some(operation)) if !operation.is_running() => self.answer(&waiter, &operation),
            // Another process drives it, or the journal says nothing: not known here.
            Ok(_) | Err(_) => self.refuse(&waiter, about, &request_id, &Refusal::Failed),
        }
    }

    /// Tells callers that their requests were not taken; of a group that may have been written,
    /// that the outcome is not known.
    fn turn_away(&mut self, askers: Vec<Asker>, error: &JournalError) {
        for asker in askers {
            match asker {
                Asker::Answer(waiter, about, request_id) => {
                    let moves = matches!(waiter.verb, Verb::Pay | Verb::Refund);
                    let refusal = if moves { why(error) } else { trouble(error) };
                    self.refuse(&waiter, about, &request_id, &refusal);
                }
                Asker::Named(waiter, about, request_id) => {
                    let seen = self.unseen(about, request_id, &why(error));
                    self.out.push(Output::Seen { waiter, seen });
                }
                Asker::List(waiter) => {
                    self.out.push(Output::Operations { waiter, result: Err(error.clone()) });
                }
            }
        }
    }

    fn let_go_of_the_gone(&mut self, inputs: &[Input]) {
        let Some(lost) = &mut self.lost else { return };
        for input in inputs {
            if let Input::Detach { waiter: gone } = input {
                lost.waiting.retain(|orphan| orphan.waiter.id != *gone);
            }
        }
    }

    fn asker(&mut self, input: &Input) -> Option<Asker> {
        let program = Patience::Program;
        let status = |waiter: &WaiterId, request: &StatusRequest| {
            let metadata = request.metadata.clone();
            let waiter = Waiter { id: *waiter, verb: Verb::Status, metadata, patience: program };
            Some(Asker::Answer(waiter, request.action, request.request_id.clone()))
        };
        match input {
            Input::Pay { waiter, request, .. } => {
                let metadata = request.metadata.clone();
                let waiter = Waiter { id: *waiter, verb: Verb::Pay, metadata, patience: program };
                let id = request.request_id.clone();
                Some(Asker::Answer(waiter, Action::Pay, id.unwrap_or_else(|| self.any_request())))
            }
            Input::Refund { waiter, request, .. } => {
                let metadata = request.metadata.clone();
                let waiter =
                    Waiter { id: *waiter, verb: Verb::Refund, metadata, patience: program };
                let id = request.request_id.clone();
                let id = id.unwrap_or_else(|| self.any_request());
                Some(Asker::Answer(waiter, Action::Refund, id))
            }
            Input::Again { waiter, again } => {
                let metadata = again.metadata.clone();
                let waiter = Waiter { id: *waiter, verb: Verb::Pay, metadata, patience: program };
                Some(Asker::Answer(waiter, Action::Pay, again.request_id.clone()))
            }
            Input::Status { waiter, request }
            | Input::Cancel { waiter, request }
            | Input::Settle { waiter, request, .. } => status(waiter, request),
            Input::Resume { waiter }
            | Input::History { waiter, .. }
            | Input::Recall { waiter, .. } => Some(Asker::List(*waiter)),
            Input::Known { waiter, named } => {
                let order = named.order.as_ref();
                let about = order.map_or(Action::Pay, Request::about);
                let id = order.and_then(Request::request_id).cloned();
                Some(Asker::Named(*waiter, about, id.unwrap_or_else(|| self.any_request())))
            }
            Input::Choose { .. }
            | Input::HandedOver { .. }
            | Input::Detach { .. }
            | Input::Returned { .. }
            | Input::Push { .. }
            | Input::Prescribed { .. }
            | Input::Http { .. }
            | Input::Warm
            | Input::TakeOver
            | Input::Tick => None,
        }
    }

    fn any_request(&mut self) -> RequestId {
        RequestId::from_random(self.random_bytes())
    }
}

impl Orphan {
    fn of(operation: &Operation, waiter: Waiter) -> Self {
        let order = &operation.order;
        Self {
            operation: operation.id.clone(),
            about: order.action(),
            request_id: order.request_id.clone(),
            waiter,
        }
    }
}

impl Asker {
    fn id(&self) -> WaiterId {
        match self {
            Self::Answer(waiter, ..) => waiter.id,
            Self::List(waiter) | Self::Named(waiter, ..) => *waiter,
        }
    }
}

/// Says why an order was not taken; one that may have been written is not known.
fn why(error: &JournalError) -> Refusal {
    if matches!(error, JournalError::Unsure(_)) { Refusal::Failed } else { trouble(error) }
}

fn trouble(error: &JournalError) -> Refusal {
    Refusal::Journal(error.to_string())
}

/// Tells what an input will look for in the journal first.
fn sought(input: &Input) -> Option<Sought> {
    let sought = |caller: &crate::id::Caller, action, id: &RequestId| Sought {
        caller: caller.clone(),
        action,
        request_id: id.clone(),
    };
    match input {
        Input::Pay { request, .. } => {
            request.request_id.as_ref().map(|id| sought(&request.caller, Action::Pay, id))
        }
        Input::Refund { request, .. } => {
            request.request_id.as_ref().map(|id| sought(&request.caller, Action::Refund, id))
        }
        Input::Status { request, .. }
        | Input::Cancel { request, .. }
        | Input::Settle { request, .. } => {
            Some(sought(&request.caller, request.action, &request.request_id))
        }
        Input::Again { .. }
        | Input::Known { .. }
        | Input::Recall { .. }
        | Input::Choose { .. }
        | Input::Resume { .. }
        | Input::History { .. }
        | Input::HandedOver { .. }
        | Input::Detach { .. }
        | Input::Returned { .. }
        | Input::Push { .. }
        | Input::Prescribed { .. }
        | Input::Http { .. }
        | Input::Warm
        | Input::TakeOver
        | Input::Tick => None,
    }
}
