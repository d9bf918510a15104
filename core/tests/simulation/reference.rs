//! The reference model: what may never happen, whatever breaks.
//!
//! Written from the contracts, apart from the machine: it sees requests, answers, calls, what was
//! written and the bank's books, and knows nothing of states, verdicts or timers.

use std::collections::{BTreeMap, BTreeSet};

use till_core::engine::WaiterId;
use till_core::id::{Caller, ExternalId, OperationId, RequestId};
use till_core::intent::AnswerCode;
use till_core::operation::{Action, Order, Story};
use till_sandbox::Call;
use till_sandbox::octo::Bank;

use crate::disk::{Note, Watch, Word};
use crate::plan::DAY;

/// A rule was broken: which, by which operations, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) rule: &'static str,
    pub(crate) about: Vec<ExternalId>,
    pub(crate) what: String,
}

pub(crate) type Held = Result<(), Box<Violation>>;

/// What is known when something happens.
pub(crate) struct At<'a> {
    pub(crate) ms: u64,
    pub(crate) watch: &'a Watch,
    pub(crate) bank: &'a Bank,
}

/// What a caller asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) wish: Wish,
    pub(crate) terminal: usize,
    pub(crate) caller: Caller,
    pub(crate) action: Action,
    pub(crate) request_id: Option<RequestId>,
    pub(crate) amount: u64,
    pub(crate) metadata: Option<String>,
    /// How many operations there were then.
    pub(crate) known: usize,
    /// Whether there was one of this request, and this request must not make another.
    pub(crate) bound: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Pay { attended: bool },
    Refund,
    Status,
    Cancel,
    Settle,
    Resume,
    History,
}

/// What was told of an operation and done about it.
#[derive(Debug, Default)]
pub(crate) struct Tale {
    /// The final code that was told.
    pub(crate) told: Option<AnswerCode>,
    pub(crate) story: Option<Story>,
    /// An operator, or somebody who asked, was told that it is not known.
    pub(crate) doubt_told: bool,
    /// What is to happen to late money was said.
    pub(crate) chosen: bool,
    pub(crate) settled: bool,
    pub(crate) shown_ms: Option<u64>,
    /// When the last inquiry that had an answer was made.
    pub(crate) asked_ms: Option<u64>,
    /// When the first call that could move money left, and how often the clock jumped before.
    pub(crate) first_call: Option<(u64, u32)>,
    /// Whether a call that could move money came to the bank.
    pub(crate) arrived: bool,
    /// Whether the bank accepted it as a refund.
    pub(crate) accepted: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Reference {
    pub(crate) tales: BTreeMap<ExternalId, Tale>,
    pub(crate) waiting: BTreeMap<WaiterId, Asked>,
    last_call_ms: BTreeMap<usize, u64>,
    /// Who left, and may be answered once more: nobody hears it.
    pub(crate) gone: BTreeSet<WaiterId>,
}

pub(crate) fn broken(rule: &'static str, about: &[&ExternalId], what: String) -> Held {
    let about = about.iter().map(|id| (*id).clone()).collect();
    Err(Box::new(Violation { rule, about, what }))
}

/// Judges an operation that is about to be recorded.
pub(crate) fn may_begin(watch: &Watch, order: &Order) -> Held {
    let id = &order.external_id;
    let mut earlier = watch.request(&order.caller, order.action(), &order.request_id);
    if order.action() == Action::Refund {
        return match earlier.next() {
            Some(first) => broken(
                "one refund for each request_id",
                &[id, &first.order.external_id],
                format!("{:?} again", order.request_id),
            ),
            None => Ok(()),
        };
    }
    let Some(newest) = earlier.next_back() else { return Ok(()) };
    let other = &newest.order.external_id;
    if let Some(open) = earlier.chain([newest]).find(|note| !note.word.is_over()) {
        let what = format!("{:?} is {:?}", open.id, open.word);
        return broken("one payable code for each request_id", &[id, other], what);
    }
    let same = newest.order.amount == order.amount && newest.order.purpose() == order.purpose();
    if newest.word == Word::Yes && !newest.handed_over && same {
        let what = format!("{:?} was paid and its answer never taken", newest.id);
        return broken("a success that nobody took is told again", &[id, other], what);
    }
    Ok(())
}

impl Reference {
    // What people do.

    pub(crate) fn asks(&mut self, waiter: WaiterId, asked: Asked) {
        self.waiting.insert(waiter, asked);
    }

    /// The caller went away; `late`: the terminal has something to do first, maybe its answer.
    pub(crate) fn leaves(&mut self, waiter: WaiterId, late: bool) {
        self.waiting.remove(&waiter);
        if late {
            self.gone.insert(waiter);
        }
    }

    /// The process died; gives who waited.
    pub(crate) fn dies(&mut self, terminal: usize) -> Vec<WaiterId> {
        let dead = self.waiting.extract_if(.., |_, asked| asked.terminal == terminal);
        dead.map(|(waiter, _)| waiter).collect()
    }

    pub(crate) fn waits(&self, waiter: WaiterId) -> Option<&Asked> {
        self.waiting.get(&waiter)
    }

    pub(crate) fn waiters(&self) -> impl Iterator<Item = (&WaiterId, &Asked)> {
        self.waiting.iter()
    }

    pub(crate) fn chooses(&mut self, id: &ExternalId) {
        self.tale(id).chosen = true;
    }

    pub(crate) fn settles(&mut self, id: &ExternalId) {
        let tale = self.tale(id);
        (tale.chosen, tale.settled) = (true, true);
    }

    // What calls do.

    /// A call leaves the terminal.
    pub(crate) fn calls(
        &mut self,
        at: &At<'_>,
        (terminal, jumps): (usize, u32),
        call: Call,
        id: Option<&ExternalId>,
    ) -> Held {
        let last = self.last_call_ms.insert(terminal, at.ms);
        if let Some(last) = last.filter(|last| at.ms < last + 100) {
            let what = format!("two calls {} ms apart", at.ms - last);
            return broken("calls are 100 ms apart", id.as_slice(), what);
        }
        let Some(id) = id else { return Ok(()) };
        if !matches!(call, Call::GetQrCode | Call::Perform | Call::Refund) {
            return Ok(());
        }
        let Some(note) = at.watch.external(id).filter(|note| note.synced.is_some()) else {
            let what = format!("{call}, and a power cut would leave nothing of it");
            return broken("journal first", &[id], what);
        };
        let tale = self.tales.entry(id.clone()).or_default();
        if let Some(told) = tale.told {
            return broken(
                "nothing begins after the answer",
                &[id],
                format!("{call} after {told}"),
            );
        }
        let (first_ms, jumped) = *tale.first_call.get_or_insert((at.ms, jumps));
        if call != Call::Refund {
            if note.life != at.watch.life {
                let what = format!("{call} of an operation of an earlier process");
                return broken("after a restart a pay only inquires", &[id], what);
            }
            return Ok(());
        }
        if jumped == jumps && at.ms > first_ms + DAY {
            let what = format!("{} ms after the first", at.ms - first_ms);
            return broken("a refund is repeated within 24 h", &[id], what);
        }
        may_refund(at, note)
    }

    /// A call that could move money comes to the bank; it may accept it as a refund.
    pub(crate) fn arrives(&mut self, id: &ExternalId, accepted: bool) {
        let tale = self.tale(id);
        tale.arrived = true;
        tale.accepted |= accepted;
    }

    /// The bank's word about an operation, asked for at `sent_ms`, came to the terminal.
    pub(crate) fn hears(&mut self, id: &ExternalId, sent_ms: u64) {
        let tale = self.tale(id);
        tale.asked_ms = tale.asked_ms.max(Some(sent_ms));
    }

    /// A code is on a screen; true if it is the first time.
    pub(crate) fn shows(
        &mut self,
        at: &At<'_>,
        id: &OperationId,
        sum: u64,
    ) -> Result<bool, Box<Violation>> {
        let Some(note) = at.watch.operation(id) else {
            broken("journal first", &[], format!("the code of {id}, which is not written"))?;
            return Ok(false);
        };
        let external = &note.order.external_id;
        let bound = at.bank.payment(0, external.as_str()).and_then(|payment| payment.asked);
        if bound.map(|bound| bound.amount) != Some(sum) || sum != note.order.amount.minor {
            let what = format!("{sum} on the screen, {bound:?} at the bank");
            broken("a shown code is bound to its sum", &[external], what)?;
        }
        let tale = self.tales.entry(external.clone()).or_default();
        if let Some(told) = tale.told {
            broken("no code is shown after the answer", &[external], format!("after {told}"))?;
        }
        Ok(tale.shown_ms.replace(at.ms).is_none())
    }

    pub(crate) fn tale(&mut self, id: &ExternalId) -> &mut Tale {
        if !self.tales.contains_key(id) {
            self.tales.insert(id.clone(), Tale::default());
        }
        self.tales.get_mut(id).expect("it was just put there")
    }

    pub(crate) fn was_accepted(&self, id: &ExternalId) -> bool {
        self.tales.get(id).is_some_and(|tale| tale.accepted)
    }

    pub(crate) fn has_arrived(&self, id: &ExternalId) -> bool {
        self.tales.get(id).is_some_and(|tale| tale.arrived)
    }
}

/// Judges a refund call against all others of its payment.
fn may_refund(at: &At<'_>, note: &Note) -> Held {
    let id = &note.order.external_id;
    let payment = &note.order.payment().unwrap().external_id;
    let Some(paid) = at.bank.ledger().paid(payment.as_str()) else {
        return broken("no refund of what was not paid", &[id, payment], String::new());
    };
    let mut sum = note.order.amount.minor;
    for other in at.watch.refunds_of(payment).filter(|other| other.id != note.id) {
        match other.word {
            Word::Running | Word::Doubt => {
                let about = [id, &other.order.external_id, payment];
                return broken("one refund of a payment at a time", &about, String::new());
            }
            Word::Yes | Word::Closed | Word::Late => sum += other.order.amount.minor,
            Word::No | Word::Reversed => {}
        }
    }
    if sum > paid.amount {
        let what = format!("{sum} of {}", paid.amount);
        return broken("no more goes back than was paid", &[id, payment], what);
    }
    Ok(())
}
