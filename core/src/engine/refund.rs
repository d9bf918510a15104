//! A POS wants money given back, or late money goes back by itself.

use super::known::not_refundable;
use super::live::{Patience, Waiter};
use super::{Engine, WaiterId};
use crate::id::{Caller, ExternalId, OperationId, RailId, RequestId};
use crate::intent::{Field, NotRefundable, QpTransaction, RefundRequest, Refusal, Verb, Wrong};
use crate::journal::JournalError;
use crate::money::Amount;
use crate::operation::{Action, Event, Kind, Operation, Order, Payment, State, Timer};
use crate::time::Now;

/// Names Till itself where an operation has a caller.
const OURSELVES: &str = "till";

/// Makes the refund of a payment's late money: its name at the bank can be used once only.
pub(super) fn give_back(
    now: Now,
    late: &Operation,
    sum: Amount,
    random: impl FnOnce() -> [u8; 16],
) -> Operation {
    let ordered = late.receipt().and_then(|receipt| receipt.ordered).unwrap_or(late.order.amount);
    let payment = Payment {
        id: late.id.clone(),
        external_id: late.order.external_id.clone(),
        ordered,
        paid: sum,
        foreign: false,
        receipt: None,
    };
    let order = Order {
        kind: Kind::Refund { payment, late: true },
        caller: Caller::new(OURSELVES),
        request_id: RequestId::new(format!("late:{}", late.id)),
        amount: sum,
        rail: late.order.rail.clone(),
        external_id: late.order.external_id.late(),
        created: now,
        sandbox: late.order.sandbox,
    };
    Operation::new(OperationId::from_random(random()), order)
}

/// Says why a refund cannot be.
enum Problem {
    /// Not stored: the request is wrong.
    Request(Refusal),
    /// Stored, code 9.
    Impossible(NotRefundable, Box<Payment>),
    /// The journal cannot be read.
    Journal(JournalError),
}

impl From<JournalError> for Problem {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl Engine {
    pub(super) fn refund(
        &mut self,
        now: Now,
        waiter: WaiterId,
        mut request: RefundRequest,
        attended: bool,
    ) {
        request.rail = request.rail.map(|rail| self.named(rail));
        let patience = if attended { Patience::Operator } else { Patience::Program };
        let metadata = request.metadata.clone();
        let waiter = Waiter { id: waiter, verb: Verb::Refund, metadata, patience };
        let found = match &request.request_id {
            Some(id) => self.journal.by_request(&request.caller, Action::Refund, id),
            None => Ok(vec![]),
        };
        match found.map(|found| found.into_iter().find(Operation::keeps_its_request)) {
            Err(error) => {
                let id = request
                    .request_id
                    .unwrap_or_else(|| RequestId::from_random(self.random_bytes()));
                self.refuse(&waiter, Action::Refund, &id, &Refusal::Journal(error.to_string()));
            }
            Ok(Some(earlier)) => {
                let earlier = self.fresh(earlier);
                self.refund_again(now, waiter, &request, earlier);
            }
            Ok(None) => self.refund_anew(now, waiter, request),
        }
    }

    /// Answers a repeated refund request from its first operation; moves nothing.
    fn refund_again(
        &mut self,
        now: Now,
        waiter: Waiter,
        request: &RefundRequest,
        earlier: Operation,
    ) {
        let order = &earlier.order;
        let same = order.amount.minor == request.amount_minor
            && request.currency.is_none_or(|currency| currency == order.amount.currency)
            && request.rail.as_ref().is_none_or(|rail| *rail == order.rail)
            && order.payment().is_some_and(|payment| self.is_of(payment, &request.primary));
        let id = order.request_id.clone();
        let live = self.keys.get(&earlier.id).and_then(|key| Some((*key, self.live.get(key)?)));
        match live {
            _ if !same => {
                self.refuse(&waiter, Action::Refund, &id, &Refusal::OtherParameters);
            }
            Some((_, live)) if earlier.is_running() && !live.waiters.is_empty() => {
                self.refuse(&waiter, Action::Refund, &id, &Refusal::Running);
            }
            Some((key, _)) if earlier.is_running() => self.join(now, key, waiter),
            Some((key, _)) if matches!(earlier.state, State::InDoubt(_)) => {
                self.join(now, key, waiter);
                self.set_timer(key, Timer::Wait, now.boot_ms + self.settings.rules.wait_ms);
                self.apply(now, key, Event::Look);
            }
            _ => self.answer(&waiter, &earlier),
        }
    }

    /// Tells whether the JSON is the payment's: it may name nothing but the POS app's request.
    fn is_of(&self, payment: &Payment, primary: &QpTransaction) -> bool {
        let bare = primary.external_id.is_none() && primary.id.is_none();
        match &primary.request_id {
            Some(id) if bare => match self.journal.get(&payment.id) {
                Ok(Some(paid)) => paid.order.request_id == *id,
                Ok(None) | Err(_) => true,
            },
            Some(_) | None => same_payment(payment, primary),
        }
    }

    fn refund_anew(&mut self, now: Now, waiter: Waiter, request: RefundRequest) {
        let request_id = match &request.request_id {
            Some(id) => id.clone(),
            None => RequestId::from_random(self.random_bytes()),
        };
        match self
            .refund_order(now, RefundRequest { request_id: Some(request_id.clone()), ..request })
        {
            Err(refusal) => self.refuse(&waiter, Action::Refund, &request_id, &refusal),
            Ok((order, None)) => self.begin(now, waiter, order),
            Ok((order, Some(why))) => {
                let id = OperationId::from_random(self.random_bytes());
                let mut operation = Operation::new(id, order);
                operation.state = not_refundable(why, why.words(self.settings.language));
                self.begin_recorded(now, waiter, operation);
            }
        }
    }

    /// Makes the order of a refund, and says why it cannot be, if it cannot.
    pub(super) fn refund_order(
        &mut self,
        now: Now,
        request: RefundRequest,
    ) -> Result<(Order, Option<NotRefundable>), Refusal> {
        let request_id = match &request.request_id {
            Some(id) => id.clone(),
            None => RequestId::from_random(self.random_bytes()),
        };
        let found = self.payment_of(&request);
        let (rail, payment, impossible) = match found {
            Ok((rail, payment)) => (rail, payment, None),
            Err(Problem::Journal(error)) => return Err(Refusal::Journal(error.to_string())),
            Err(Problem::Request(refusal)) => return Err(refusal),
            Err(Problem::Impossible(why, payment)) => {
                (self.settings.rail.clone(), *payment, Some(why))
            }
        };
        let order = Order {
            amount: Amount::new(request.amount_minor, payment.paid.currency),
            kind: Kind::Refund { payment, late: false },
            caller: request.caller,
            request_id,
            external_id: ExternalId::from_random(self.random_bytes()),
            created: now,
            sandbox: self.is_sandbox(&rail),
            rail,
        };
        Ok((order, impossible))
    }

    /// Finds the payment in the journal, and whether this sum can still be given back of it.
    fn payment_of(&self, request: &RefundRequest) -> Result<(RailId, Payment), Problem> {
        let primary = &request.primary;
        let tests = match &primary.rail {
            Some(rail) if self.rails.contains_key(rail) => self.is_sandbox(rail),
            Some(_) | None => self.rails.keys().any(|rail| self.is_sandbox(rail)),
        };
        if primary.sandbox.unwrap_or(false) && !tests {
            let refusal = Refusal::Extra(Field::PrimaryTransaction, Wrong::Sandbox);
            return Err(Problem::Request(refusal));
        }
        let Some(stored) = self.find_payment(request)? else {
            return self.foreign_payment(request);
        };
        let order = &stored.order;
        let mut payment = Payment {
            id: stored.id.clone(),
            external_id: order.external_id.clone(),
            ordered: order.amount,
            paid: order.amount,
            foreign: false,
            receipt: None,
        };
        if self.settings.callers_are_terminals && order.caller != request.caller {
            self.allow_foreign(primary, &order.rail)
                .map_err(|why| Problem::Impossible(why, Box::new(payment.clone())))?;
        }
        let State::Approved(approved) = &stored.state else {
            let doubt = matches!(stored.state, State::InDoubt(_));
            let why = if doubt { NotRefundable::AnotherInDoubt } else { NotRefundable::NotPaid };
            return Err(Problem::Impossible(why, Box::new(payment)));
        };
        payment.paid = approved.receipt.paid;
        payment.ordered = approved.receipt.ordered.unwrap_or(order.amount);
        if let Some(relayed) = &approved.receipt.relayed {
            payment.external_id = relayed.external_id.clone();
            payment.receipt = Some(relayed.transaction.as_str().into());
        }
        self.check_sum(request, order.rail.clone(), payment)
    }

    /// Finds the payment that a refund speaks of.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn payment_id(&self, request: &RefundRequest) -> Result<Option<OperationId>, JournalError> {
        Ok(self.find_payment(request)?.map(|payment| payment.id))
    }

    fn find_payment(&self, request: &RefundRequest) -> Result<Option<Operation>, JournalError> {
        let primary = &request.primary;
        let by_id = match &primary.id {
            Some(id) => self.journal.get(id)?,
            None => None,
        };
        let by_external = match (&by_id, &primary.external_id) {
            (None, Some(id)) => self.journal.by_external_id(id)?,
            _ => by_id,
        };
        let found = match (by_external, &primary.request_id) {
            (None, Some(id)) => {
                // A request id is the POS app's: another app may have used the same.
                let strict = self.settings.callers_are_terminals;
                let paid = |pay: &Operation| {
                    (!strict || pay.order.caller == request.caller)
                        && matches!(pay.state, State::Approved(_))
                        && primary.amount.is_none_or(|minor| minor == pay.order.amount.minor)
                };
                self.journal.pays_by_request_id(id)?.into_iter().find(paid)
            }
            (found, _) => found,
        };
        // Names that contradict each other are of no payment: somebody put the JSON together.
        let agrees = |operation: &Operation| {
            primary.id.as_ref().is_none_or(|id| *id == operation.id)
                && primary.external_id.as_ref().is_none_or(|id| is_name_of(id, operation))
        };
        Ok(found
            .map(|operation| self.fresh(operation))
            .filter(|operation| operation.order.action() == Action::Pay && agrees(operation)))
    }

    /// Takes a payment of another terminal, if its mac proves that a terminal of ours made the
    /// JSON.
    fn foreign_payment(&self, request: &RefundRequest) -> Result<(RailId, Payment), Problem> {
        let primary = &request.primary;
        let ordered = Amount::new(
            primary.amount.unwrap_or(0),
            primary.currency.unwrap_or(self.settings.currency),
        );
        let paid = match (primary.payment_amount, primary.payment_currency) {
            (Some(minor), Some(currency)) => Amount::new(minor, currency),
            _ => ordered,
        };
        let payment = Payment {
            id: primary.id.clone().unwrap_or_else(|| OperationId::new("")),
            external_id: primary.external_id.clone().unwrap_or_else(|| ExternalId::new("")),
            ordered,
            paid,
            foreign: true,
            receipt: None,
        };
        let asked = request.rail.as_ref().unwrap_or(&self.settings.rail);
        if self.rails.get(asked).is_some_and(|lane| lane.rail.judges_receipts()) {
            let external_id = if primary.external_id.is_some() {
                payment.external_id
            } else {
                let name = primary.id.as_ref().map(OperationId::as_str);
                let name = name.or(primary.request_id.as_ref().map(RequestId::as_str));
                ExternalId::new(format!("receipt:{}", name.unwrap_or_default()))
            };
            let receipt = Some(primary.to_json().into());
            let payment = Payment { external_id, foreign: false, receipt, ..payment };
            return self.check_sum(request, asked.clone(), payment);
        }
        let lane = primary.rail.as_ref().and_then(|rail| self.rails.get(rail));
        let proven = lane.is_some_and(|lane| primary.verify_mac(&lane.mac_key));
        match &primary.rail {
            Some(rail) if self.settings.foreign_refunds && proven => {
                self.check_sum(request, rail.clone(), payment)
            }
            _ => {
                let why =
                    if proven { NotRefundable::OtherTerminal } else { NotRefundable::NotOurs };
                Err(Problem::Impossible(why, Box::new(payment)))
            }
        }
    }

    /// Tells whether a payment that another terminal took may be refunded: its receipt must be a
    /// true one, not a guess.
    fn allow_foreign(&self, primary: &QpTransaction, rail: &RailId) -> Result<(), NotRefundable> {
        let lane = self.rails.get(rail);
        let proven = lane.is_some_and(|lane| primary.verify_mac(&lane.rail.mac_key()));
        match (proven, self.settings.foreign_refunds) {
            (true, true) => Ok(()),
            (true, false) => Err(NotRefundable::OtherTerminal),
            (false, _) => Err(NotRefundable::NotOurs),
        }
    }

    /// Checks that the sum is left, and that no other refund of the payment is open.
    fn check_sum(
        &self,
        request: &RefundRequest,
        rail: RailId,
        payment: Payment,
    ) -> Result<(RailId, Payment), Problem> {
        let paid_in = payment.paid.currency;
        if request.currency.is_some_and(|asked| asked != paid_in) {
            let wrong = Wrong::NotOneOf(vec![paid_in.to_string()]);
            return Err(Problem::Request(Refusal::Extra(Field::Currency, wrong)));
        }
        if request.rail.as_ref().is_some_and(|asked| *asked != rail) {
            let wrong = Wrong::NotOneOf(vec![rail.to_string()]);
            return Err(Problem::Request(Refusal::Extra(Field::Rail, wrong)));
        }
        let mut left = payment.paid;
        for refund in self.journal.refunds_of(&payment.external_id)? {
            let refund = self.fresh(refund);
            if matches!(refund.state, State::InDoubt(_)) || refund.is_running() {
                return Err(Problem::Impossible(NotRefundable::AnotherInDoubt, Box::new(payment)));
            }
            if let Some(spent) = refund.spent() {
                left = left.checked_sub(spent).unwrap_or(Amount::new(0, left.currency));
            }
        }
        if left.minor == 0 {
            return Err(Problem::Impossible(NotRefundable::AlreadyRefunded, Box::new(payment)));
        }
        if request.amount_minor > left.minor {
            return Err(Problem::Impossible(NotRefundable::AboveRest(left), Box::new(payment)));
        }
        Ok((rail, payment))
    }

    /// Tells a payment what became of the give-back of its late money, and notes that it was told.
    pub(super) fn tell_payment(&mut self, now: Now, key: u64) {
        let Some(give_back) = self.live.get(&key).map(|live| &live.operation) else { return };
        if !give_back.order.is_give_back() || give_back.handed_over {
            return;
        }
        let accepted = match &give_back.state {
            State::Approved(approved) => !approved.reversed,
            State::NotPaid(_) | State::Refused(_) => false,
            State::Creating(_)
            | State::Waiting(_)
            | State::Closing(_)
            | State::InDoubt(_)
            | State::Closed(_)
            | State::Late(_) => return,
        };
        let Some(id) = give_back.order.payment().map(|payment| payment.id.clone()) else { return };
        let id_of_give_back = give_back.id.clone();
        let payment = match self.keys.get(&id) {
            Some(payment) => *payment,
            None => match self.journal.get(&id) {
                Ok(Some(payment)) => self.adopt(payment),
                Ok(None) | Err(_) => return,
            },
        };
        self.apply(now, payment, Event::GaveBack { accepted });
        let told = self.live.get(&payment).is_none_or(|live| live.unwritten.is_none());
        if told {
            self.mark_handed_over(now, &id_of_give_back);
        }
    }
}

/// Tells whether the JSON names the payment by the name that Till gave it at the bank, or by its
/// id.
pub(super) fn same_payment(payment: &Payment, primary: &QpTransaction) -> bool {
    match (&primary.external_id, &primary.id) {
        (Some(external_id), _) => *external_id == payment.external_id,
        (None, Some(id)) => *id == payment.id,
        (None, None) => true,
    }
}

/// Tells whether a payment has this name at the bank: its own, or that of the Till that drove it.
fn is_name_of(id: &ExternalId, payment: &Operation) -> bool {
    let relayed = payment.receipt().and_then(|receipt| receipt.relayed.as_ref());
    *id == payment.order.external_id || relayed.is_some_and(|there| there.external_id == *id)
}
