//! Who wants to know: STATUS, cancel, settle, resume, history, pushes; and how callers are told.

use std::collections::{BTreeSet, VecDeque};

use super::live::{Patience, Waiter};
use super::{Engine, Output, Told, WaiterId, Whose};
use crate::id::{ExternalId, OperationId, RequestId};
use crate::intent::{self, AnswerCode, Refusal, Shape, StatusRequest, Verb};
use crate::journal::{Durability, Entry, JournalError};
use crate::operation::{Action, Ask, Audience, Choice, Event, Operation, State, Story, Verdict};
use crate::secret::Secret;
use crate::time::Now;

/// Is a round over everything open, and what of it is still under way.
#[derive(Debug)]
pub(super) struct Resume {
    pub(super) waiter: WaiterId,
    all: Vec<OperationId>,
    pending: BTreeSet<u64>,
}

impl Engine {
    pub(super) fn status(&mut self, now: Now, waiter: WaiterId, request: &StatusRequest) {
        let waiter = one_look(waiter, request);
        match self.find(request) {
            Err(refusal) => {
                self.refuse(&waiter, request.action, &request.request_id, &refusal);
            }
            Ok(operation) => match self.keys.get(&operation.id).copied() {
                Some(key) if self.is_asked_on(&operation) => {
                    self.look_for(now, key, waiter);
                }
                Some(_) | None => self.answer(&waiter, &operation),
            },
        }
    }

    pub(super) fn cancel(&mut self, now: Now, waiter: WaiterId, request: &StatusRequest) {
        let waiter = one_look(waiter, request);
        match self.find(request) {
            Err(refusal) => {
                self.refuse(&waiter, request.action, &request.request_id, &refusal);
            }
            Ok(operation) => match self.keys.get(&operation.id).copied() {
                Some(key) if operation.is_running() && request.action == Action::Pay => {
                    self.attach(key, Waiter { patience: Patience::Program, ..waiter });
                    self.apply(now, key, Event::Cancel);
                }
                Some(key) if matches!(operation.state, State::InDoubt(_)) => {
                    self.apply(now, key, Event::Cancel);
                    self.look_for(now, key, waiter);
                }
                Some(_) | None => self.answer(&waiter, &operation),
            },
        }
    }

    pub(super) fn settle(
        &mut self,
        now: Now,
        waiter: WaiterId,
        request: &StatusRequest,
        paid: bool,
        note: String,
    ) {
        let waiter = one_look(waiter, request);
        match self.find(request) {
            Err(refusal) => {
                self.refuse(&waiter, request.action, &request.request_id, &refusal);
            }
            Ok(operation) => {
                let key = self.keys.get(&operation.id).copied();
                let live = key.and_then(|key| self.live.get_mut(&key));
                match (key, live, &operation.state) {
                    (Some(key), Some(live), State::InDoubt(_)) => {
                        // A no is worth nothing while a call may still move the money.
                        if paid || !live.flying.contains(&Ask::Create) {
                            live.settle = Some((paid, note));
                        }
                        self.look_for(now, key, waiter);
                    }
                    _ => self.answer(&waiter, &operation),
                }
            }
        }
    }

    /// Asks the bank about an operation and answers the caller with whatever is known then.
    pub(super) fn look_for(&mut self, now: Now, key: u64, waiter: Waiter) {
        self.attach(key, Waiter { patience: Patience::OneLook, ..waiter });
        self.apply(now, key, Event::Look);
    }

    pub(super) fn resume(&mut self, now: Now, waiter: WaiterId) {
        let keys: Vec<u64> = self.live.keys().copied().collect();
        let all = self.live.values().map(|live| live.operation.id.clone()).collect();
        self.resumes.push(Resume { waiter, all, pending: BTreeSet::new() });
        for key in keys {
            self.apply(now, key, Event::Look);
            let open = self.live.get(&key).is_some_and(|live| {
                !live.flying.is_empty() || self.queue.has(key) || live.operation.is_running()
            });
            if let (true, Some(resume)) = (open, self.resumes.last_mut()) {
                resume.pending.insert(key);
            }
        }
        self.end_resumes();
    }

    /// Counts an answer about an operation: callers that wanted one look are told, rounds go on.
    pub(super) fn looked_at(&mut self, now: Now, key: u64, ask: Ask) {
        let inquiry = matches!(ask, Ask::Inquire | Ask::Watch | Ask::Close | Ask::Payment);
        if let Some(live) = self.live.get_mut(&key)
            && inquiry
        {
            let (doubt, settling) = match &live.operation.state {
                State::InDoubt(doubt) => (true, doubt.settling.is_some()),
                State::Creating(_)
                | State::Waiting(_)
                | State::Closing(_)
                | State::Approved(_)
                | State::NotPaid(_)
                | State::Refused(_)
                | State::Closed(_)
                | State::Late(_) => (false, false),
            };
            // The gateway's answer to the operator's word is still to come.
            let looked = |waiter: &Waiter| waiter.patience == Patience::OneLook && !settling;
            let told: Vec<Waiter> = live.waiters.extract_if(.., |waiter| looked(waiter)).collect();
            live.settle = None;
            let pay = live.operation.order.action() == Action::Pay;
            let operator = live.audience() == Audience::Operator;
            if doubt && pay && !told.is_empty() && !operator {
                self.apply(now, key, Event::Choose(Choice::GoodsHandedOver));
            }
            if let Some(operation) = self.live.get(&key).map(|live| live.operation.clone()) {
                for waiter in told {
                    self.answer(&waiter, &operation);
                }
            }
        }
        let begun = self.late_refund_of(key);
        for resume in &mut self.resumes {
            if resume.pending.remove(&key) {
                resume.pending.extend(begun);
            }
        }
        self.end_resumes();
        self.release(key);
    }

    /// Lets the operator's word happen if the inquiry that must come first was answered.
    pub(super) fn settle_if_asked(
        &mut self,
        key: u64,
        event: &Event,
        events: &mut VecDeque<(u64, Event)>,
    ) {
        let Event::Answered(Ask::Inquire | Ask::Watch | Ask::Close, verdict) = event else {
            return;
        };
        if matches!(verdict, Verdict::Unanswered { .. } | Verdict::Rejected(..)) {
            return;
        }
        let Some(live) = self.live.get_mut(&key) else { return };
        if let State::InDoubt(doubt) = &live.operation.state
            && doubt.asked
            && let Some((paid, note)) = live.settle.take()
        {
            events.push_back((key, Event::Settle { paid, note }));
        }
    }

    /// Notes that a caller has its answer. The answer must be the one that holds now: whoever was
    /// told that the outcome is not known has not heard of the success that came since.
    pub(super) fn handed_over(&mut self, now: Now, id: &OperationId, code: AnswerCode) {
        let Some(operation) = self.present(id) else { return };
        let told = intent::code(&operation);
        let doubt = matches!(operation.state, State::InDoubt(_));
        if !operation.handed_over && !operation.is_running() && !doubt && told == code {
            self.mark_handed_over(now, id);
        }
    }

    pub(super) fn mark_handed_over(&mut self, now: Now, id: &OperationId) {
        let Some(mut operation) = self.present(id) else { return };
        operation.handed_over = true;
        let at_ms = now.wall_ms;
        let entry = Entry { operation: &operation, event: "answer handed over", at_ms };
        if let Err(error) = self.journal.write(&[entry], Durability::Kill) {
            // At worst whoever was told is told again.
            tracing::warn!(operation = %id, %error, "the hand-over is not recorded");
            return;
        }
        self.ended.retain(|ended| ended.id != *id);
        let key = self.keys.get(id).copied();
        if let Some(live) = key.and_then(|key| self.live.get_mut(&key)) {
            live.operation.handed_over = true;
        }
    }

    /// Gives an operation as it is now.
    pub(super) fn present(&self, id: &OperationId) -> Option<Operation> {
        match self.keys.get(id).and_then(|key| self.live.get(key)) {
            Some(live) => Some(live.operation.clone()),
            None => match self.ended.iter().find(|ended| ended.id == *id) {
                Some(ended) => Some(ended.clone()),
                None => self.journal.get(id).ok().flatten(),
            },
        }
    }

    pub(super) fn pushed(&mut self, now: Now, external_id: &ExternalId) {
        let found = self
            .names
            .get(external_id)
            .copied()
            .filter(|key| self.live.get(key).is_some_and(|live| live.operation.is_open()));
        match found {
            Some(key) => {
                if let Some(live) = self.live.get_mut(&key) {
                    live.pushed = matches!(live.operation.state, State::Creating(_));
                }
                self.apply(now, key, Event::Look);
            }
            None => self.ask_again(now, external_id),
        }
    }

    /// Looks at once at what can be paid from now on, if the bank was faster than its own answer.
    pub(super) fn look_if_pushed(&mut self, key: u64, events: &mut VecDeque<(u64, Event)>) {
        let Some(live) = self.live.get_mut(&key) else { return };
        if live.pushed && matches!(live.operation.state, State::Waiting(_)) {
            live.pushed = false;
            events.push_back((key, Event::Look));
        }
    }

    pub(super) fn history(&mut self, waiter: WaiterId, limit: usize) {
        let result = self.journal.history(limit).and_then(|found| self.with_stories(found));
        self.out.push(Output::Operations { waiter, result });
    }

    /// Tells whether another look may bring news about an operation that has its answer.
    fn is_asked_on(&self, operation: &Operation) -> bool {
        let lane = self.rails.get(&operation.order.rail);
        match &operation.state {
            State::InDoubt(_) | State::Closed(_) => true,
            State::Late(late) => {
                late.story == Story::Refunding && lane.is_some_and(|lane| lane.rules.relayed)
            }
            State::Creating(_)
            | State::Waiting(_)
            | State::Closing(_)
            | State::Approved(_)
            | State::NotPaid(_)
            | State::Refused(_) => false,
        }
    }

    pub(super) fn recall(&mut self, waiter: WaiterId, whose: &Whose) {
        let Whose { caller, request_id, limit } = whose;
        let found = match (caller, request_id) {
            (None, None) => self.journal.history(*limit),
            (caller, id) => self.journal.search(caller.as_ref(), id.as_ref(), *limit),
        };
        let result = found.and_then(|found| self.with_stories(found));
        self.out.push(Output::Operations { waiter, result });
    }

    /// Answers everybody who waits for an operation.
    pub(super) fn tell(&mut self, key: u64) {
        let Some(live) = self.live.get_mut(&key) else { return };
        let operation = live.operation.clone();
        for waiter in std::mem::take(&mut live.waiters) {
            self.answer(&waiter, &operation);
        }
    }

    /// Tells that the outcome is not known, while the journal refuses to record what is known.
    pub(super) fn tell_unknown(&mut self, key: u64) {
        let Some(live) = self.live.get_mut(&key) else { return };
        let (action, id) = (live.operation.order.action(), live.operation.order.request_id.clone());
        for waiter in std::mem::take(&mut live.waiters) {
            self.refuse(&waiter, action, &id, &Refusal::Failed);
        }
    }

    pub(super) fn answer(&mut self, waiter: &Waiter, operation: &Operation) {
        self.note_told(operation, waiter);
        let answer = self.answer_of(operation, waiter.verb, waiter.metadata.clone());
        self.out.push(Output::Answer { waiter: waiter.id, answer: Box::new(answer) });
    }

    pub(super) fn refuse(
        &mut self,
        waiter: &Waiter,
        about: Action,
        request_id: &RequestId,
        why: &Refusal,
    ) {
        let mut answer = intent::refusal(
            waiter.verb.action(),
            about,
            request_id.clone(),
            waiter.metadata.clone(),
            self.settings.language,
            why,
        );
        answer.sandbox = self.settings.sandbox;
        self.note_refused(waiter.id);
        self.out.push(Output::Answer { waiter: waiter.id, answer: Box::new(answer) });
    }

    pub(super) fn answer_of(
        &self,
        operation: &Operation,
        verb: Verb,
        metadata: Option<intent::Metadata>,
    ) -> intent::Answer {
        let none = Secret::new(Vec::new());
        let lane = self.rails.get(&operation.order.rail);
        let mac_key = lane.map_or(&none, |lane| &lane.mac_key);
        let language = self.settings.language;
        intent::answer(operation, &Shape { verb, metadata, language, mac_key })
    }

    /// Finds the operation that STATUS speaks of: the newest, but an older open one wins.
    fn find(&self, request: &StatusRequest) -> Result<Operation, Refusal> {
        let found = self
            .journal
            .by_request(&request.caller, request.action, &request.request_id)
            .map_err(|error| Refusal::Journal(error.to_string()))?;
        let found = found.into_iter().map(|one| self.fresh(one));
        let found: Vec<Operation> = found.filter(Operation::keeps_its_request).collect();
        let open = |one: &&Operation| one.is_running() || matches!(one.state, State::InDoubt(_));
        let chosen = found.iter().find(open).or_else(|| found.first());
        chosen.cloned().ok_or(Refusal::NoSuchRequest)
    }

    fn late_refund_of(&self, key: u64) -> Option<u64> {
        let operation = &self.live.get(&key)?.operation;
        if !matches!(operation.state, State::Late(_)) {
            return None;
        }
        self.names.get(&operation.order.external_id.late()).copied()
    }

    /// Ends the rounds that wait for nothing more; what was let go meanwhile, they do not wait for.
    pub(super) fn end_resumes(&mut self) {
        for resume in &mut self.resumes {
            resume.pending.retain(|key| self.live.contains_key(key));
        }
        let ended = self.resumes.extract_if(.., |resume| resume.pending.is_empty());
        for resume in ended.collect::<Vec<_>>() {
            let mut found = Vec::new();
            let mut failed = None;
            for id in &resume.all {
                match self.journal.get(id) {
                    Ok(operation) => found.extend(operation.map(|one| self.fresh(one))),
                    Err(error) => failed = Some(error),
                }
            }
            let result = match failed {
                Some(error) => Err(error),
                None => self.with_stories(found),
            };
            self.out.push(Output::Operations { waiter: resume.waiter, result });
        }
    }

    fn with_stories(&self, found: Vec<Operation>) -> Result<Vec<Told>, JournalError> {
        let told = |operation: Operation| {
            let operation = self.fresh(operation);
            let story = self.journal.events(&operation.id)?;
            let answer = self.answer_of(&operation, Verb::Status, None);
            Ok(Told { operation, story, answer })
        };
        found.into_iter().map(told).collect()
    }
}

fn one_look(id: WaiterId, request: &StatusRequest) -> Waiter {
    let metadata = request.metadata.clone();
    Waiter { id, verb: Verb::Status, metadata, patience: Patience::OneLook }
}
