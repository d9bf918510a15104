//! POS apps and operators: what they ask for, sanely and not.

use std::collections::{BTreeMap, BTreeSet};

use till_core::engine::{Input, WaiterId};
use till_core::id::{Caller, ExternalId, OperationId, RequestId};
use till_core::intent::{Answer, AnswerCode, Metadata, PayRequest, QpTransaction, RefundRequest};
use till_core::money::Currency;
use till_core::operation::{Action, Choice};

use crate::disk::Note;
use crate::reference::{Asked, Held, Wish};
use crate::rng::Rng;
use crate::trace::trace;
use crate::world::{Event, World};

/// So many of what was asked for last can be asked for again.
const REMEMBERED: usize = 40;

/// What the POS apps remember.
#[derive(Debug, Default)]
pub(crate) struct Pos {
    /// How many pays and refunds were asked for.
    pub(crate) asked: u32,
    pub(crate) pays: Vec<OldPay>,
    pub(crate) refunds: Vec<OldRefund>,
    pub(crate) receipts: Vec<Receipt>,
    /// Which request a waiter stands for.
    pub(crate) origins: BTreeMap<WaiterId, Origin>,
    /// Entry codes that customers know of.
    pub(crate) entries: BTreeSet<ExternalId>,
    /// Doubts that an operator thinks about.
    pub(crate) doubts: BTreeSet<OperationId>,
    numbers: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct OldPay {
    pub(crate) terminal: usize,
    pub(crate) request: PayRequest,
    pub(crate) attended: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct OldRefund {
    pub(crate) terminal: usize,
    pub(crate) request: RefundRequest,
    pub(crate) repeated: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) terminal: usize,
    pub(crate) caller: Caller,
    pub(crate) paid: u64,
    pub(crate) transaction: QpTransaction,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    Pay(usize),
    Refund(usize),
    Status,
}

/// What somebody has in mind, at which terminal and during which life of it.
pub(crate) struct Errand {
    pub(crate) terminal: usize,
    pub(crate) life: u32,
    pub(crate) todo: Todo,
}

pub(crate) enum Todo {
    HandOver(OperationId, AnswerCode),
    Return(OperationId),
    Choose(OperationId, Choice),
    Detach(WaiterId),
    Cancel(Caller, RequestId),
    Status(Caller, Action, RequestId),
    RepeatPay(usize),
    RepeatRefund(usize),
    HealDisk,
}

#[derive(Clone, Copy)]
enum Act {
    Pay,
    Refund,
    PayAgain,
    RefundAgain,
    Status,
    Cancel,
    Resume,
    History,
    Settle,
    Push,
    Warm,
}

impl World {
    /// Somebody does the next thing.
    pub(crate) fn act(&mut self) -> Held {
        if self.night {
            return Ok(());
        }
        let pause = self.rngs.people.pause(self.plan.people.gap_ms);
        self.after(pause, Event::Pos);
        let terminal = self.rngs.people.index(self.terminals.len());
        if self.terminals[terminal].engine.is_none() {
            return Ok(());
        }
        let careless = self.plan.people.careless_percent;
        let act = self.rngs.people.weighed(&[
            (120, Act::Pay),
            (16, Act::Refund),
            (careless, Act::PayAgain),
            (careless, Act::RefundAgain),
            (5 + careless, Act::Status),
            (careless / 3, Act::Cancel),
            (1, Act::Resume),
            (1, Act::History),
            (3 + careless, Act::Settle),
            (3, Act::Push),
            (3, Act::Warm),
        ]);
        match act {
            Act::Pay => self.pay_anew(terminal),
            Act::Refund => self.refund_anew(terminal),
            Act::PayAgain => self.pay_again(),
            Act::RefundAgain => self.refund_again(),
            Act::Status => self.ask_about_any(terminal),
            Act::Cancel => self.cancel_any(terminal),
            Act::Resume => self.resume(terminal),
            Act::History => self.read_history(terminal),
            Act::Settle => self.settle_any(terminal),
            Act::Push => self.push_any(terminal),
            Act::Warm => self.put_in(terminal, Input::Warm),
        }
    }

    fn pay_anew(&mut self, terminal: usize) -> Held {
        let request_id = self.request_id();
        let (people, rng) = (&self.plan.people, &mut self.rngs.people);
        let entry = rng.percent(people.entry_percent);
        let own = rng.percent(95);
        let request = PayRequest {
            caller: caller(rng),
            request_id: own.then_some(request_id),
            metadata: metadata(rng),
            amount_minor: 100 + rng.below(1_000_000),
            purpose: "Coffee and cake".to_owned(),
            currency: currency(rng),
            rail: None,
            code_value: entry.then(|| format!("https://qr.example/{}", rng.below(1_000_000))),
            idempotent: rng.percent(20),
        };
        let attended = rng.percent(people.attended_percent);
        self.pos.asked += 1;
        if self.rngs.people.percent(5) {
            self.put_in(terminal, Input::Warm)?;
        }
        if self.terminals[terminal].engine.is_none() {
            // It died of that: nobody is there to be asked.
            return Ok(());
        }
        let pay = OldPay { terminal, request, attended };
        let kept = self.pos.pays.len();
        self.pos.pays.push(pay.clone());
        self.pay(pay, kept)
    }

    /// A careless POS app: the same request id once more, with the same wish or another.
    fn pay_again(&mut self) -> Held {
        let Some(kept) = recent(&mut self.rngs.people, self.pos.pays.len()) else { return Ok(()) };
        let other = self.rngs.people.percent(30);
        self.repeat_pay(kept, other)
    }

    pub(crate) fn repeat_pay(&mut self, kept: usize, other: bool) -> Held {
        let mut pay = self.pos.pays[kept].clone();
        let rng = &mut self.rngs.people;
        if pay.request.request_id.is_none() || self.terminals[pay.terminal].engine.is_none() {
            return Ok(());
        }
        pay.request.idempotent = rng.percent(30);
        pay.request.metadata = metadata(rng);
        pay.request.amount_minor += u64::from(other);
        self.pay(pay, kept)
    }

    fn pay(&mut self, pay: OldPay, kept: usize) -> Held {
        let OldPay { terminal, request, attended } = pay;
        let waiter = self.new_waiter();
        let bound = request.request_id.as_ref().filter(|_| request.idempotent).is_some_and(|id| {
            let watch = self.terminals[terminal].disk.watch();
            watch.request(&request.caller, Action::Pay, id).next().is_some()
        });
        let asked = Asked {
            wish: Wish::Pay { attended },
            terminal,
            caller: request.caller.clone(),
            action: Action::Pay,
            request_id: request.request_id.clone(),
            amount: request.amount_minor,
            metadata: told_metadata(request.metadata.as_ref()),
            known: self.known(terminal),
            bound,
        };
        trace!(self, None, "{waiter} asks {asked:?}");
        self.reference.asks(waiter, asked);
        self.pos.origins.insert(waiter, Origin::Pay(kept));
        if self.rngs.people.percent(2) {
            let pause = self.rngs.people.pause(20_000);
            self.errand(terminal, pause, Todo::Detach(waiter));
        }
        self.put_in(terminal, Input::Pay { waiter, request, attended })
    }

    fn refund_anew(&mut self, terminal: usize) -> Held {
        let Some(kept) = recent(&mut self.rngs.people, self.pos.receipts.len()) else {
            return Ok(());
        };
        let request_id = self.request_id();
        let rng = &mut self.rngs.people;
        let receipt = &self.pos.receipts[kept];
        let stranger = rng.percent(15);
        let terminal = if stranger { terminal } else { receipt.terminal };
        let amount_minor = rng.weighed(&[
            (55, receipt.paid),
            (35, 1 + rng.clone().below(receipt.paid)),
            (8, receipt.paid + 1),
            (2, 1),
        ]);
        let mut primary = Box::new(receipt.transaction.clone());
        lose_fields(rng, &mut primary);
        let own = rng.percent(95);
        let request = RefundRequest {
            caller: if stranger { caller(rng) } else { receipt.caller.clone() },
            request_id: own.then_some(request_id),
            metadata: metadata(rng),
            amount_minor,
            primary,
            currency: currency(rng),
            rail: None,
        };
        self.pos.asked += 1;
        let kept = self.pos.refunds.len();
        self.pos.refunds.push(OldRefund { terminal, request, repeated: 0 });
        self.refund(kept, None)
    }

    /// The same request id once more, with the same wish or another.
    fn refund_again(&mut self) -> Held {
        let Some(kept) = recent(&mut self.rngs.people, self.pos.refunds.len()) else {
            return Ok(());
        };
        let refund = &self.pos.refunds[kept];
        if refund.request.request_id.is_none() {
            return Ok(());
        }
        let other = self.rngs.people.percent(30).then_some(refund.request.amount_minor + 1);
        self.refund(kept, other)
    }

    pub(crate) fn refund(&mut self, kept: usize, other: Option<u64>) -> Held {
        let OldRefund { terminal, mut request, .. } = self.pos.refunds[kept].clone();
        if self.terminals[terminal].engine.is_none() {
            return Ok(());
        }
        request.amount_minor = other.unwrap_or(request.amount_minor);
        request.metadata = metadata(&mut self.rngs.people);
        let waiter = self.new_waiter();
        let asked = Asked {
            wish: Wish::Refund,
            terminal,
            caller: request.caller.clone(),
            action: Action::Refund,
            request_id: request.request_id.clone(),
            amount: request.amount_minor,
            metadata: told_metadata(request.metadata.as_ref()),
            known: self.known(terminal),
            bound: false,
        };
        trace!(self, request.primary.external_id.as_ref(), "{waiter} asks {asked:?}");
        self.reference.asks(waiter, asked);
        self.pos.origins.insert(waiter, Origin::Refund(kept));
        let attended = self.rngs.people.percent(self.plan.people.attended_percent);
        self.put_in(terminal, Input::Refund { waiter, request, attended })
    }

    /// Picks one of the last operations that fit.
    pub(crate) fn any_note(
        &mut self,
        terminal: usize,
        fits: impl Fn(&Note) -> bool,
    ) -> Option<(Caller, Action, RequestId, ExternalId)> {
        let watch = self.terminals[terminal].disk.watch();
        let recent = watch.notes.iter().rev().take(REMEMBERED);
        let fitting: Vec<&Note> = recent.filter(|note| !note.gone && fits(note)).collect();
        if fitting.is_empty() {
            return None;
        }
        let order = &self.rngs.people.pick(&fitting).order;
        Some((
            order.caller.clone(),
            order.action(),
            order.request_id.clone(),
            order.external_id.clone(),
        ))
    }

    pub(crate) fn known(&self, terminal: usize) -> usize {
        self.terminals[terminal].disk.watch().notes.len()
    }

    fn request_id(&mut self) -> RequestId {
        self.pos.numbers += 1;
        RequestId::new(format!("order {}", self.pos.numbers))
    }
}

/// Reads the receipt of an answer, as the POS app's models library does.
pub(crate) fn transaction(answer: &Answer) -> Option<QpTransaction> {
    answer.transaction.as_deref().map(|json| serde_json::from_str(json).unwrap())
}

fn recent(rng: &mut Rng, length: usize) -> Option<usize> {
    let few = length.min(REMEMBERED);
    (few > 0).then(|| length - 1 - rng.index(few))
}

fn caller(rng: &mut Rng) -> Caller {
    Caller::new(*rng.pick(&["pos.one", "pos.two", "pos.three"]))
}

pub(crate) fn metadata(rng: &mut Rng) -> Option<Metadata> {
    let some = rng.percent(10);
    some.then(|| Metadata::from([("k".to_owned(), rng.below(1_000).to_string())]))
}

pub(crate) fn told_metadata(metadata: Option<&Metadata>) -> Option<String> {
    metadata.and_then(|map| map.get("k")).cloned()
}

/// Mostly none or the terminal's own; now and then one that this bank does not take.
fn currency(rng: &mut Rng) -> Option<Currency> {
    let code = rng.weighed(&[(80, ""), (19, "UZS"), (1, "JPY")]);
    code.parse().ok()
}

/// A model class of another vendor drops fields; a hostile app changes them.
fn lose_fields(rng: &mut Rng, primary: &mut QpTransaction) {
    match rng.below(20) {
        0 => primary.id = None,
        1 => primary.external_id = None,
        2 => (primary.id, primary.external_id) = (None, None),
        3 => {
            primary.id = None;
            primary.external_id = Some(ExternalId::new("SOMEBODYELSES"));
        }
        4 => primary.payment_amount = Some(u64::MAX / 4),
        5 => primary.sandbox = Some(true),
        _ => {}
    }
}
