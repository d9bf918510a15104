//! A POS wants a payment: which operation answers it under its request id.

use super::live::{Patience, Waiter};
use super::stage::stage_of;
use super::{Engine, Output, WaiterId};
use crate::id::{ExternalId, OperationId, RailId, RequestId};
use crate::intent::{Field, PayRequest, Refusal, Verb, Wrong};
use crate::journal::JournalError;
use crate::money::Amount;
use crate::operation::{
    Action, Audience, Blame, Choice, Event, Kind, Operation, Order, State, state,
};
use crate::rail::gateway::Gateway;
use crate::time::Now;

impl Engine {
    pub(super) fn pay(&mut self, now: Now, waiter: WaiterId, request: PayRequest, attended: bool) {
        let patience = if attended { Patience::Operator } else { Patience::Program };
        let metadata = request.metadata.clone();
        let waiter = Waiter { id: waiter, verb: Verb::Pay, metadata, patience };
        let (named, idempotent) = (request.request_id.clone(), request.idempotent);
        let order = match self.pay_order(now, request) {
            Ok(order) => order,
            Err(refusal) => {
                let id = named.unwrap_or_else(|| RequestId::from_random(self.random_bytes()));
                return self.refuse(&waiter, Action::Pay, &id, &refusal);
            }
        };
        if named.is_some() {
            match self.journal.by_request(&order.caller, Action::Pay, &order.request_id) {
                Err(error) => {
                    return self.refuse(
                        &waiter,
                        Action::Pay,
                        &order.request_id,
                        &Refusal::Journal(error.to_string()),
                    );
                }
                Ok(found) => {
                    if let Some(newest) = found.into_iter().find(Operation::keeps_its_request) {
                        let newest = self.fresh(newest);
                        if self.answer_again(now, &waiter, &order, newest, idempotent) {
                            return;
                        }
                    }
                }
            }
        }
        self.begin(now, waiter, order);
    }

    /// Makes the order of a pay.
    pub(super) fn pay_order(&mut self, now: Now, request: PayRequest) -> Result<Order, Refusal> {
        let rail = request.rail.map_or_else(|| self.settings.rail.clone(), |it| self.named(it));
        if !self.rails.contains_key(&rail) {
            let known = self.rails.keys().map(ToString::to_string).collect();
            return Err(Refusal::Extra(Field::Rail, Wrong::NotOneOf(known)));
        }
        let currency = request.currency.unwrap_or(self.settings.currency);
        Ok(Order {
            kind: Kind::Pay { purpose: request.purpose, code_value: request.code_value },
            caller: request.caller,
            request_id: match request.request_id {
                Some(id) => id,
                None => RequestId::from_random(self.random_bytes()),
            },
            amount: Amount::new(request.amount_minor, currency),
            external_id: ExternalId::from_random(self.random_bytes()),
            created: now,
            sandbox: self.is_sandbox(&rail),
            rail,
        })
    }

    /// Gives the rail that a POS means: one of this terminal's, or one behind its gateway.
    pub(super) fn named(&self, asked: RailId) -> RailId {
        let there = Gateway::id_of(&asked);
        let through = !self.rails.contains_key(&asked) && self.rails.contains_key(&there);
        if through { there } else { asked }
    }

    /// Answers from an earlier pay of the same request id; false if a new one is to be made.
    fn answer_again(
        &mut self,
        now: Now,
        waiter: &Waiter,
        order: &Order,
        newest: Operation,
        idempotent: bool,
    ) -> bool {
        let same = newest.order.amount == order.amount
            && newest.order.rail == order.rail
            && newest.order.purpose() == order.purpose();
        let unseen = matches!(newest.state, State::Approved(_)) && !newest.handed_over;
        let doubt = matches!(newest.state, State::InDoubt(_));
        if !newest.is_running() && !doubt && !unseen && !idempotent {
            return false;
        }
        let key = self.keys.get(&newest.id).copied();
        match key {
            Some(key) if doubt && same => self.look_for(now, key, waiter.clone()),
            _ if doubt => self.tell_doubt(now, waiter, newest),
            _ if !same => {
                self.refuse(waiter, Action::Pay, &order.request_id, &Refusal::OtherParameters);
            }
            Some(key) if newest.is_running() => self.join(now, key, waiter.clone()),
            _ => self.answer(waiter, &newest),
        }
        true
    }

    /// Tells a caller that the outcome is not known; where no operator decides about the goods, the
    /// word is that they went.
    fn tell_doubt(&mut self, now: Now, waiter: &Waiter, doubt: Operation) {
        let key = self.keys.get(&doubt.id).copied();
        let live = key.and_then(|key| self.live.get(&key));
        let operator = live.is_some_and(|live| live.audience() == Audience::Operator);
        if let Some(key) = key.filter(|_| !operator) {
            self.apply(now, key, Event::Choose(Choice::GoodsHandedOver));
        }
        let doubt = self.fresh(doubt);
        self.answer(waiter, &doubt);
    }

    /// Lets a caller wait for an operation that runs already, and shows what it shows.
    pub(super) fn join(&mut self, now: Now, key: u64, waiter: Waiter) {
        let Some(live) = self.live.get(&key) else { return };
        let operation = &live.operation;
        if let Some(stage) = stage_of(operation, &now, self.wait_ms(operation)) {
            self.out.push(Output::Stage {
                waiter: waiter.id,
                operation: operation.id.clone(),
                request_id: operation.order.request_id.clone(),
                stage,
            });
        }
        self.attach(key, waiter);
    }

    /// Records a new operation and begins it; or records why it cannot be.
    pub(super) fn begin(&mut self, now: Now, waiter: Waiter, order: Order) {
        let (action, request_id) = (order.action(), order.request_id.clone());
        let id = OperationId::from_random(self.random_bytes());
        match self.checked(id, order) {
            Ok(operation) => self.begin_recorded(now, waiter, operation),
            Err(refusal) => self.refuse(&waiter, action, &request_id, &refusal),
        }
    }

    /// Makes the operation of an order, refused already if its rail cannot take it.
    pub(super) fn checked(&self, id: OperationId, order: Order) -> Result<Operation, Refusal> {
        let bridge = self.settings.bridge;
        let checked = match self.rails.get(&order.rail) {
            Some(lane) => lane.rail.check(&order, bridge),
            None => {
                let rail = &order.rail;
                Err((Blame::Configuration, format!("the rail {rail} is not configured")))
            }
        };
        let mut operation = Operation::new(id, order);
        match checked {
            Err((Blame::Request, message)) => {
                return Err(Refusal::Order(message));
            }
            Err((blame @ (Blame::Configuration | Blame::Payment), message)) => {
                let code = if blame == Blame::Payment { 9 } else { 6 };
                operation.state =
                    State::Refused(state::Refused { code, message, ask_status: false });
            }
            Ok(()) => {}
        }
        Ok(operation)
    }

    /// Writes a new operation, lets its caller wait, and begins it if it is not refused already.
    pub(super) fn begin_recorded(&mut self, now: Now, waiter: Waiter, operation: Operation) {
        let (action, request_id) = (operation.order.action(), operation.order.request_id.clone());
        match self.begin_operation(now, operation, Some(waiter.clone())) {
            Ok(None) => {}
            Ok(Some(refused)) => self.answer(&waiter, &refused),
            Err(error) => {
                let refusal = Refusal::Journal(error.to_string());
                self.refuse(&waiter, action, &request_id, &refusal);
            }
        }
    }

    /// Writes a new operation and begins it; gives it back if it is refused already.
    pub(super) fn begin_operation(
        &mut self,
        now: Now,
        operation: Operation,
        waiter: Option<Waiter>,
    ) -> Result<Option<Operation>, JournalError> {
        if let Err(error) = self.record(&operation) {
            tracing::error!(%error, "the journal cannot be written");
            return Err(error);
        }
        if matches!(operation.state, State::Refused(_)) {
            return Ok(Some(operation));
        }
        let key = self.adopt(operation);
        if let Some(waiter) = waiter {
            self.join(now, key, waiter);
        }
        self.apply(now, key, Event::Begin);
        Ok(None)
    }
}
