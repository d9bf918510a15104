//! Calls: when they start, with which token, and what their answers do.

use super::queue::{LaneId, Rank, Waiting};
use super::{Engine, Output};
use crate::http::{HttpRequest, HttpResponse, NoAnswer};
use crate::id::{ExternalId, RailId};
use crate::operation::{Ask, Blame, Event, Operation, Order, State, Verdict};
use crate::rail::{Call, TokenVerdict};
use crate::time::Now;

/// Is a call under way.
#[derive(Debug)]
pub(super) enum Ticket {
    /// An operation's call, with the renewal that its token came from.
    Operation { call: Waiting, generation: u64 },
    /// A token's call.
    Token(RailId),
}

/// Says how urgent a call is.
pub(super) fn rank(order: &Order, ask: Ask) -> Rank {
    match ask {
        Ask::Close => Rank::Close,
        Ask::Create if order.payment().is_some() => Rank::Refund,
        Ask::Create => Rank::Create,
        Ask::Payment => Rank::Refund,
        Ask::Poll | Ask::Inquire => Rank::Poll,
        Ask::Watch => Rank::Watch,
    }
}

impl Engine {
    /// Gives the lane in which the calls of an order keep their pace.
    pub(super) fn lane_of(&self, order: &Order) -> LaneId {
        self.settings.callers_are_terminals.then(|| order.caller.clone())
    }

    pub(super) fn pump(&mut self, now: Now) {
        while let Some(call) = self.queue.pop(now.boot_ms) {
            self.start_call(now, call);
        }
    }

    /// Gets the tokens that payments will need, each as soon as the pace allows a call that nothing
    /// hangs on.
    pub(super) fn warm(&mut self, now: Now) {
        self.warming = false;
        let rails: Vec<RailId> = self.rails.keys().cloned().collect();
        for rail in rails {
            if self.queue.paced(&None) > now.boot_ms {
                self.warming = true;
                return;
            }
            let Some(lane) = self.rails.get_mut(&rail) else { continue };
            if lane.session.token(now.boot_ms).is_none()
                && let Some(request) = lane.rail.token_request()
                && lane.session.renew()
            {
                self.send_token(now, &None, rail, request);
            }
        }
    }

    /// Tells whether a call of the last process may have started within the pace.
    pub(super) fn was_just_used(&self, now: Now) -> bool {
        // File systems tell the time in ticks, up to 10 ms late: twice the pace is enough for that.
        let span = i64::try_from(2 * self.settings.pace_ms).unwrap_or(i64::MAX);
        self.journal.used_ms().is_none_or(|used_ms| now.wall_ms.saturating_sub(used_ms) < span)
    }

    fn send_token(&mut self, now: Now, lane: &LaneId, rail: RailId, request: HttpRequest) {
        self.queue.started(lane, now.boot_ms);
        // Nothing is written for a token, and the next process must know of its call too.
        self.journal.mark(now.wall_ms);
        self.next += 1;
        self.tickets.insert(self.next, Ticket::Token(rail.clone()));
        self.out.push(Output::Http { ticket: self.next, rail, request });
    }

    fn start_call(&mut self, now: Now, call: Waiting) {
        let Some(live) = self.live.get(&call.key) else { return };
        let pace = self.lane_of(&live.operation.order);
        let Some(live) = self.live.get_mut(&call.key) else { return };
        // Closed or settled while the call waited for its turn: nothing may begin any more.
        if call.ask == Ask::Create && !may_create(&live.operation) {
            return self.looked_at(now, call.key, call.ask);
        }
        // The operator's no was said before this call, which may move the money after all.
        if call.ask == Ask::Create {
            live.settle.take_if(|(paid, _)| !*paid);
        }
        let Some(lane) = self.rails.get_mut(&live.operation.order.rail) else { return };
        let token = lane.session.token(now.boot_ms);
        if token.is_none()
            && let Some(request) = lane.rail.token_request()
        {
            let rail = live.operation.order.rail.clone();
            if lane.session.park(call) {
                self.send_token(now, &pace, rail, request);
            }
            return;
        }
        let operation = &live.operation;
        let generation = token.map_or(0, |(_, generation)| generation);
        let context =
            context(operation, call.ask, self.journal.installation(), self.settings.bridge);
        let request = lane.rail.request(&Call { token: token.map(|(token, _)| token), ..context });
        let rail = operation.order.rail.clone();
        live.flying.push(call.ask);
        self.counts.calls += 1;
        self.next += 1;
        self.tickets.insert(self.next, Ticket::Operation { call, generation });
        self.out.push(Output::Http { ticket: self.next, rail, request });
    }

    /// Gives what the rail itself says to a call that it needs no bank for.
    pub(super) fn without_call(&self, now: Now, key: u64, ask: Ask) -> Option<Verdict> {
        let operation = &self.live.get(&key)?.operation;
        let lane = self.rails.get(&operation.order.rail)?;
        let context = context(operation, ask, self.journal.installation(), self.settings.bridge);
        lane.rail.without_call(&context, &lane.rules, &now)
    }

    /// Takes the bank's own word about how a payment goes on that nobody has seen a code of: it may
    /// bring something to show or to ask for, and never ends or pays anything.
    pub(super) fn prescribed(&mut self, now: Now, external_id: &ExternalId, verdict: Verdict) {
        let prescribes = match &verdict {
            Verdict::CodeIssued(_)
            | Verdict::Open(Some(_))
            | Verdict::Wanted(_)
            | Verdict::Lacking(_) => true,
            Verdict::Open(None)
            | Verdict::Confirmed
            | Verdict::Paid(_)
            | Verdict::OtherSum(_)
            | Verdict::NotPaid(_)
            | Verdict::Undecided(_)
            | Verdict::NoWord(_)
            | Verdict::Exists
            | Verdict::Accepted(_)
            | Verdict::Rejected(..)
            | Verdict::Mismatch(_)
            | Verdict::Unanswered { .. }
            | Verdict::Relayed(_) => false,
        };
        let found = self.names.get(external_id).copied().filter(|key| {
            let state = self.live.get(key).map(|live| &live.operation.state);
            matches!(state, Some(State::Creating(_)))
        });
        if let (true, Some(key)) = (prescribes, found) {
            self.apply(now, key, Event::Answered(Ask::Poll, verdict));
        }
    }

    /// Takes the answer to a call.
    pub(super) fn answered(
        &mut self,
        now: Now,
        ticket: u64,
        answer: Result<HttpResponse, NoAnswer>,
    ) {
        match self.tickets.remove(&ticket) {
            Some(Ticket::Token(rail)) => self.token_answered(now, &rail, &answer),
            Some(Ticket::Operation { call, generation }) => {
                self.call_answered(now, call, generation, &answer);
            }
            None => {}
        }
    }

    fn token_answered(&mut self, now: Now, rail: &RailId, answer: &Result<HttpResponse, NoAnswer>) {
        let Some(lane) = self.rails.get_mut(rail) else { return };
        let verdict = lane.rail.read_token(answer);
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        tracing::info!(%rail, call = "token", status, "answered");
        let (parked, verdict) = match verdict {
            TokenVerdict::Granted(token, life_ms) => {
                for call in lane.session.granted(token, life_ms, now.boot_ms) {
                    self.requeue(call);
                }
                return;
            }
            TokenVerdict::Refused(message) => {
                (lane.session.ended(), Verdict::Rejected(Blame::Configuration, message))
            }
            TokenVerdict::Unanswered(why) => {
                (lane.session.ended(), Verdict::Unanswered { sent: false, why })
            }
        };
        for call in parked {
            self.tell_trouble(call.key, &verdict);
            self.apply(now, call.key, Event::Answered(call.ask, verdict.clone()));
            self.looked_at(now, call.key, call.ask);
        }
    }

    fn requeue(&mut self, call: Waiting) {
        if let Some(live) = self.live.get(&call.key) {
            let order = &live.operation.order;
            let lane = self.lane_of(order);
            self.queue.push(&lane, rank(order, call.ask), call);
        }
    }

    fn call_answered(
        &mut self,
        now: Now,
        call: Waiting,
        generation: u64,
        answer: &Result<HttpResponse, NoAnswer>,
    ) {
        let Some(live) = self.live.get_mut(&call.key) else { return };
        live.flying.retain(|ask| *ask != call.ask);
        let operation = &live.operation;
        let Some(lane) = self.rails.get_mut(&operation.order.rail) else { return };
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        if status == 401 && lane.rail.token_request().is_some() {
            let stale = lane.session.token(now.boot_ms).is_some_and(|(_, own)| own != generation);
            lane.session.refused(generation);
            // A refusal of a token that is no longer the present one does not count.
            if stale || !call.renewed {
                return self.requeue(Waiting { renewed: call.renewed || !stale, ..call });
            }
        }
        let context =
            context(operation, call.ask, self.journal.installation(), self.settings.bridge);
        let verdict = lane.rail.read(&context, answer, now.wall_ms);
        // Said while the same refund is on its way once more, a no may be overtaken.
        let repeats = operation.order.payment().is_some() && live.flying.contains(&Ask::Create);
        let overtaken = repeats
            && !matches!(call.ask, Ask::Create | Ask::Payment)
            && matches!(verdict, Verdict::NotPaid(_) | Verdict::Undecided(_));
        let verdict = if overtaken { Verdict::Open(None) } else { verdict };
        let name = lane.rail.call(&operation.order, context.code, call.ask);
        let external_id = &operation.order.external_id;
        let meaning = meaning(&verdict);
        let logged = tracing::enabled!(tracing::Level::INFO);
        let said =
            answer.as_ref().ok().filter(|_| logged).and_then(|answer| lane.rail.said(answer));
        let said = said.as_deref();
        if matches!(verdict, Verdict::Mismatch(_)) {
            tracing::error!(%external_id, call = name, status, said, meaning, ?verdict, "differs");
        } else {
            tracing::info!(%external_id, call = name, status, said, meaning, "answered");
        }
        self.tell_trouble(call.key, &verdict);
        self.apply(now, call.key, Event::Answered(call.ask, verdict));
        self.looked_at(now, call.key, call.ask);
    }
}

/// Gives everything that a call is made of, but its token.
fn context<'a>(
    operation: &'a Operation,
    ask: Ask,
    installation: &'a str,
    bridge: bool,
) -> Call<'a> {
    let state = &operation.state;
    Call {
        id: &operation.id,
        order: &operation.order,
        code: operation.code(),
        ask,
        installation,
        token: None,
        bridge,
        repeated: repeated(state),
        reference: state.reference(),
        wanted: state.wanted(),
        state: Some(state),
    }
}

/// Tells whether a creating call still has something to create.
fn may_create(operation: &Operation) -> bool {
    match &operation.state {
        State::Creating(_) => true,
        State::InDoubt(_) => operation.order.payment().is_some(),
        State::Waiting(_)
        | State::Closing(_)
        | State::Approved(_)
        | State::NotPaid(_)
        | State::Refused(_)
        | State::Closed(_)
        | State::Late(_) => false,
    }
}

/// Tells whether an earlier call of the creating kind may have had an effect.
fn repeated(state: &State) -> bool {
    match state {
        State::Creating(creating) => creating.reached || creating.attempt > 1,
        State::InDoubt(_) => true,
        State::Waiting(_)
        | State::Closing(_)
        | State::Approved(_)
        | State::NotPaid(_)
        | State::Refused(_)
        | State::Closed(_)
        | State::Late(_) => false,
    }
}

fn meaning(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::CodeIssued(_) => "code",
        Verdict::Open(_) => "open",
        Verdict::Confirmed => "confirmed",
        Verdict::Paid(_) => "paid",
        Verdict::OtherSum(_) => "other sum",
        Verdict::NotPaid(_) => "not paid",
        Verdict::Undecided(_) => "undecided",
        Verdict::NoWord(_) => "no word",
        Verdict::Exists => "exists",
        Verdict::Accepted(_) => "accepted",
        Verdict::Wanted(_) => "wants to know more",
        Verdict::Lacking(_) => "lacks something",
        Verdict::Relayed(_) => "relayed",
        Verdict::Rejected(..) => "rejected",
        Verdict::Mismatch(_) => "mismatch",
        Verdict::Unanswered { .. } => "unanswered",
    }
}
