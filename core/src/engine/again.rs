//! A screen that was made anew finds its operation by its name; nothing is begun for it.

use super::live::{Patience, Waiter};
use super::stage::Stage;
use super::{Engine, Output, WaiterId};
use crate::id::{Caller, OperationId, RequestId};
use crate::intent::{Metadata, Refusal, Verb};
use crate::operation::{Action, Event, State};
use crate::time::Now;

/// Asks for the outcome of an operation that was begun before, maybe by a process that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// The operation.
    pub operation: OperationId,
    /// Who asked for it: nobody else is answered.
    pub caller: Caller,
    /// The caller's id of the request, to be echoed if there is no such operation.
    pub request_id: RequestId,
    /// What the request brought to be echoed.
    pub metadata: Option<Metadata>,
    /// Whether an operator stands before a screen and decides about the goods in doubt.
    pub attended: bool,
}

impl Engine {
    pub(super) fn again(&mut self, now: Now, waiter: WaiterId, again: Again) {
        let Again { operation: id, caller, request_id, metadata, attended } = again;
        let mut waiter =
            Waiter { id: waiter, verb: Verb::Pay, metadata, patience: Patience::Program };
        let found = match self.journal.get(&id) {
            Ok(found) => found.filter(|operation| operation.order.caller == caller),
            Err(error) => {
                let refusal = Refusal::Journal(error.to_string());
                return self.refuse(&waiter, Action::Pay, &request_id, &refusal);
            }
        };
        let Some(operation) = found.map(|operation| self.fresh(operation)) else {
            return self.refuse(&waiter, Action::Pay, &request_id, &Refusal::NoSuchRequest);
        };
        match operation.order.action() {
            Action::Pay if attended => waiter.patience = Patience::Operator,
            Action::Pay => {}
            Action::Refund => waiter.verb = Verb::Refund,
        }
        let key = self.keys.get(&id).copied();
        match (key, &operation.state) {
            (Some(key), State::InDoubt(doubt)) if doubt.choice.is_none() => {
                if waiter.patience == Patience::Operator {
                    self.tell_amount(&waiter, &operation);
                    self.join(now, key, waiter);
                    self.apply(now, key, Event::Look);
                } else {
                    self.look_for(now, key, waiter);
                }
            }
            (Some(key), _) if operation.is_running() => {
                self.tell_amount(&waiter, &operation);
                self.join(now, key, waiter);
            }
            _ => self.answer(&waiter, &operation),
        }
    }

    /// Tells the sum first: not every stage that follows has it.
    fn tell_amount(&mut self, waiter: &Waiter, operation: &crate::operation::Operation) {
        if !matches!(operation.state, State::Creating(_)) {
            self.out.push(Output::Stage {
                waiter: waiter.id,
                operation: operation.id.clone(),
                request_id: operation.order.request_id.clone(),
                stage: Stage::Started { amount: operation.order.amount },
            });
        }
    }
}
