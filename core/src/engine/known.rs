//! Operations that their callers name themselves: a gateway's terminals have the name on disk
//! before their first byte, and repeat it on every attempt.

use serde::{Deserialize, Serialize};

use super::stage::stage_of;
use super::{Engine, Output, Stage, WaiterId};
use crate::id::{Caller, OperationId, RequestId};
use crate::intent::{self, Answer, NotRefundable, PayRequest, Refusal, Request, Verb};
use crate::journal::JournalError;
use crate::operation::{
    Action, Ask, Audience, Choice, Event, Heard, Operation, Order, State, state,
};
use crate::time::Now;

/// Is what a caller wants of an operation that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Who asks; `None`: an operator, who may see the operations of all.
    pub caller: Option<Caller>,
    /// The operation.
    pub id: OperationId,
    /// What it is to be, if the caller says that; never a STATUS.
    pub order: Option<Request>,
    /// Whether it is begun if it is not there yet. If not, it is recorded as given up, so that an
    /// order that is still on its way begins nothing either.
    pub begin: bool,
    /// What else is wanted.
    pub act: Act,
}

/// Is what is wanted of an operation that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// To know how it stands; an old doubt is asked about.
    Look,
    /// To give it up.
    Cancel,
    /// To say what was told.
    Heard(Heard),
    /// To decide what the bank cannot: asked first.
    Settle {
        /// Whether the money moved.
        paid: bool,
        /// Why the operator says so.
        note: String,
    },
}

/// Is what a caller gets to hear of an operation that it named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// There is none of this name, or it is another caller's.
    NoSuch,
    /// Nothing was recorded: a bad request, other parameters, or journal trouble.
    Refused(Box<Answer>),
    /// It is there.
    There(Box<View>),
}

/// Is an operation as its caller may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The operation.
    pub operation: Operation,
    /// What an intent would be answered.
    pub answer: Answer,
    /// What a screen may show; `None`: it has its answer.
    pub stage: Option<Stage>,
}

impl Engine {
    pub(super) fn known(&mut self, now: Now, waiter: WaiterId, named: Named) {
        let seen = self.see(now, named);
        self.out.push(Output::Seen { waiter, seen });
    }

    fn see(&mut self, now: Now, named: Named) -> Seen {
        let Named { caller, id, order, begin, act } = named;
        let found = match self.keys.get(&id).and_then(|key| self.live.get(key)) {
            Some(live) => Ok(Some(live.operation.clone())),
            None => self.journal.get(&id),
        };
        match (found, order) {
            (Err(error), order) => self.not_readable(order.as_ref(), &error),
            (Ok(Some(there)), _) if caller.is_some_and(|one| one != there.order.caller) => {
                Seen::NoSuch
            }
            (Ok(Some(there)), Some(order)) if !is_same(&there.order, &order) => {
                self.unseen(order.about(), there.order.request_id, &Refusal::OtherParameters)
            }
            (Ok(Some(there)), _) if act == Act::Look && !self.keys.contains_key(&id) => {
                self.shown(now, there)
            }
            (Ok(Some(there)), _) => {
                self.act(now, &there, act);
                self.view(now, &id)
            }
            (Ok(None), Some(order)) => {
                // Whether a late order comes or not: it was given up before it began.
                let given_up = !begin;
                let seen = self.put(now, &id, order, given_up);
                match (&seen, act) {
                    (Seen::There(_), Act::Cancel) if !given_up => {
                        self.act_on(now, &id, Act::Cancel);
                        self.view(now, &id)
                    }
                    _ => seen,
                }
            }
            (Ok(None), None) => Seen::NoSuch,
        }
    }

    /// Records an operation under its caller's name for it, and begins it.
    fn put(&mut self, now: Now, id: &OperationId, request: Request, given_up: bool) -> Seen {
        let (about, name) = (request.about(), request.request_id().cloned());
        let made: Result<(Order, Option<NotRefundable>), Refusal> = match request {
            Request::Pay(pay) if given_up => self.order_given_up(now, pay).map(|it| (it, None)),
            Request::Pay(pay) => self.pay_order(now, pay).map(|order| (order, None)),
            Request::Refund(refund) => self.refund_order(now, refund),
            Request::Status(_) => Err(Refusal::Unreadable),
        };
        let made = made.and_then(|(order, impossible)| {
            // What begins nothing needs nobody who could do it.
            if given_up {
                return Ok((Operation::new(id.clone(), order), impossible));
            }
            let checked = self.checked(id.clone(), order)?;
            Ok((checked, impossible))
        });
        let (mut operation, impossible) = match made {
            Ok(made) => made,
            Err(refusal) => {
                let name = name.unwrap_or_else(|| RequestId::from_random(self.random_bytes()));
                return self.unseen(about, name, &refusal);
            }
        };
        if let Some(why) = impossible {
            operation.state = not_refundable(why, why.words(self.settings.language));
        }
        if given_up {
            let message = String::new();
            let refused = state::Refused { code: 7, message, ask_status: false };
            operation.state = State::Refused(refused);
        }
        let request_id = operation.order.request_id.clone();
        match self.begin_operation(now, operation, None) {
            Ok(_) => self.view(now, id),
            Err(error) => self.unseen(about, request_id, &Refusal::Journal(error.to_string())),
        }
    }

    /// Makes the order of a pay that begins nothing, for whichever acquirer: its caller may not
    /// have heard that there is none of this name.
    fn order_given_up(&mut self, now: Now, pay: PayRequest) -> Result<Order, Refusal> {
        let asked = pay.rail.clone().map(|rail| self.named(rail));
        let order = self.pay_order(now, PayRequest { rail: None, ..pay })?;
        let rail = asked.unwrap_or_else(|| order.rail.clone());
        Ok(Order { sandbox: self.is_sandbox(&rail), rail, ..order })
    }

    fn act_on(&mut self, now: Now, id: &OperationId, act: Act) {
        if let Some(key) = self.keys.get(id)
            && let Some(live) = self.live.get(key)
        {
            let operation = live.operation.clone();
            self.act(now, &operation, act);
        }
    }

    fn act(&mut self, now: Now, there: &Operation, act: Act) {
        let pay = there.order.action() == Action::Pay;
        let doubt = matches!(there.state, State::InDoubt(_));
        match act {
            Act::Heard(Heard::Approved) if matches!(there.state, State::Approved(_)) => {
                if !there.handed_over {
                    self.mark_handed_over(now, &there.id);
                }
                return;
            }
            // Who took the success has no other word to give back.
            Act::Heard(_) if there.handed_over => return,
            Act::Heard(Heard::No(_) | Heard::Unknown(Choice::GoodsKept))
                if matches!(there.state, State::Approved(_)) && self.may_be_refunded(there) =>
            {
                return;
            }
            Act::Heard(_) if !self.keys.contains_key(&there.id) && pay => {
                self.adopt(there.clone());
            }
            Act::Heard(_) | Act::Look | Act::Cancel | Act::Settle { .. } => {}
        }
        let Some(key) = self.keys.get(&there.id).copied() else { return };
        let Some(live) = self.live.get_mut(&key) else { return };
        match act {
            Act::Heard(heard) => self.apply(now, key, Event::Heard(heard)),
            Act::Cancel if pay && (there.is_running() || doubt) => {
                self.apply(now, key, Event::Cancel);
            }
            Act::Settle { paid, note } if doubt => {
                // A no is worth nothing while a call may still move the money.
                if paid || !live.flying.contains(&Ask::Create) {
                    live.settle = Some((paid, note));
                }
                self.apply(now, key, Event::Look);
            }
            Act::Look if doubt && self.audience(now, key) == Audience::Nobody => {
                self.apply(now, key, Event::Look);
            }
            Act::Look | Act::Cancel | Act::Settle { .. } => {}
        }
    }

    /// Tells whether anything of a payment went back, or may: then its money is no late money,
    /// which goes back as a whole.
    fn may_be_refunded(&self, payment: &Operation) -> bool {
        match self.journal.refunds_of(&payment.order.external_id) {
            Ok(refunds) => refunds.into_iter().any(|refund| self.fresh(refund).spent().is_some()),
            Err(error) => {
                tracing::error!(operation = %payment.id, %error, "its refunds cannot be read");
                true
            }
        }
    }

    fn view(&self, now: Now, id: &OperationId) -> Seen {
        self.present(id).map_or(Seen::NoSuch, |operation| self.shown(now, operation))
    }

    fn shown(&self, now: Now, operation: Operation) -> Seen {
        let verb = Verb::from(operation.order.action());
        let answer = self.answer_of(&operation, verb, None);
        let stage = stage_of(&operation, &now, self.wait_ms(&operation));
        Seen::There(Box::new(View { operation, answer, stage }))
    }

    fn not_readable(&mut self, order: Option<&Request>, error: &JournalError) -> Seen {
        let about = order.map_or(Action::Pay, Request::about);
        let name = order.and_then(Request::request_id).cloned();
        let name = name.unwrap_or_else(|| RequestId::from_random(self.random_bytes()));
        self.unseen(about, name, &Refusal::Journal(error.to_string()))
    }

    pub(super) fn unseen(&self, about: Action, request_id: RequestId, why: &Refusal) -> Seen {
        let verb = Verb::from(about);
        let language = self.settings.language;
        let mut answer = intent::refusal(verb.action(), about, request_id, None, language, why);
        answer.sandbox = self.settings.sandbox;
        Seen::Refused(Box::new(answer))
    }

    /// Tells who waits for an operation. A gateway's terminals come and go between two looks: the
    /// young ones count as present.
    pub(super) fn audience(&self, now: Now, key: u64) -> Audience {
        const YOUNG_MS: u64 = 60_000;
        let Some(live) = self.live.get(&key) else { return Audience::Nobody };
        if !self.settings.callers_are_terminals {
            return live.audience();
        }
        let age = now.since(&live.operation.order.created);
        let young = age < self.wait_ms(&live.operation).saturating_add(YOUNG_MS);
        if young { Audience::Operator } else { Audience::Nobody }
    }

    /// Tells that what a caller sees of an operation is not what it was.
    pub(super) fn tell_change(&mut self, key: u64) {
        if self.settings.callers_are_terminals
            && let Some(live) = self.live.get(&key)
        {
            let operation = live.operation.id.clone();
            self.out.push(Output::Changed { operation });
        }
    }
}

/// Makes the state of a refund that cannot be.
pub(super) fn not_refundable(why: NotRefundable, message: String) -> State {
    State::Refused(state::Refused { code: 9, message, ask_status: why.ask_status() })
}

/// Tells whether a request is the one that the operation was made of.
fn is_same(order: &Order, request: &Request) -> bool {
    let rail = |asked: &Option<_>| asked.as_ref().is_none_or(|asked| *asked == order.rail);
    let currency = |asked: Option<_>| asked.is_none_or(|asked| asked == order.amount.currency);
    match request {
        Request::Pay(pay) => {
            order.action() == Action::Pay
                && order.amount.minor == pay.amount_minor
                && currency(pay.currency)
                && rail(&pay.rail)
                && order.purpose() == pay.purpose
                && order.code_value() == pay.code_value.as_deref()
        }
        Request::Refund(refund) => order.payment().is_some_and(|payment| {
            order.amount.minor == refund.amount_minor
                && currency(refund.currency)
                && rail(&refund.rail)
                && super::refund::same_payment(payment, &refund.primary)
        }),
        Request::Status(_) => false,
    }
}
