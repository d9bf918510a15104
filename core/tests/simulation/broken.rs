//! Terminals that are broken on purpose, for the reference model to catch.

use till_core::engine::Output;
use till_core::http::{HttpRequest, HttpResponse, NoAnswer};
use till_core::id::{Caller, ExternalId, OperationId, RailId, RequestId};
use till_core::journal::{Durability, Entry, Findings, Journal, JournalError, Record, Sought};
use till_core::operation::{
    Action, Ask, Blame, Code, NoReason, Operation, Order, Receipt, Rules, Verdict,
};
use till_core::rail::octo::Octo;
use till_core::rail::{Call, Rail, TokenVerdict};
use till_core::secret::Secret;
use till_core::settings::Settings;

use crate::disk::Disk;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The journal says that a write survives a power cut, and it does not.
    JournalWithoutSync,
    /// The journal says that a write is done, and drops every tenth.
    JournalThatDrops,
    /// The journal finds no operation by its request.
    JournalWithoutRequests,
    /// The journal finds nothing open after a restart.
    JournalWithoutOpen,
    /// The journal finds no refunds of a payment.
    JournalWithoutRefunds,
    /// The rail takes "open" for "paid".
    OpenIsPaid,
    /// The rail takes the bank's failures to speak of a request for its word about the money.
    NoWordIsNo,
    /// The rail takes no answer for the bank's no.
    SilenceIsNo,
    /// The rail names a refund anew each time.
    RefundsAnew,
    /// The rail does not compare the sums.
    AnySumIsPaid,
    /// The rail lets a code be shown without binding it to its sum.
    ShowsUnbound,
    /// The terminal does not keep the pace.
    NoPace,
    /// The terminal answers twice now and then.
    AnswersTwice,
    /// The terminal forgets to answer now and then.
    AnswersNever,
}

impl Broken {
    fn is_of_the_journal(self) -> bool {
        matches!(
            self,
            Self::JournalWithoutSync
                | Self::JournalThatDrops
                | Self::JournalWithoutRequests
                | Self::JournalWithoutOpen
                | Self::JournalWithoutRefunds
        )
    }

    fn is_of_the_rail(self) -> bool {
        matches!(
            self,
            Self::OpenIsPaid
                | Self::NoWordIsNo
                | Self::SilenceIsNo
                | Self::RefundsAnew
                | Self::AnySumIsPaid
                | Self::ShowsUnbound
        )
    }
}

pub(crate) fn rail(octo: Octo, broken: Option<Broken>) -> Box<dyn Rail> {
    match broken.filter(|broken| broken.is_of_the_rail()) {
        Some(broken) => Box::new(BrokenRail { octo, broken, times: 0.into() }),
        None => Box::new(octo),
    }
}

pub(crate) fn journal(disk: Disk, broken: Option<Broken>) -> Box<dyn Journal> {
    match broken.filter(|broken| broken.is_of_the_journal()) {
        Some(broken) => Box::new(BrokenJournal { disk, broken, writes: 0 }),
        None => Box::new(disk),
    }
}

pub(crate) fn settings(settings: Settings, broken: Option<Broken>) -> Settings {
    let pace_ms = if broken == Some(Broken::NoPace) { 0 } else { settings.pace_ms };
    Settings { pace_ms, ..settings }
}

/// Breaks what the engine wants done, the `turn`th time.
pub(crate) fn outputs(outputs: &mut Vec<Output>, broken: Option<Broken>, turn: u64) {
    let answer = |output: &Output| matches!(output, Output::Answer { .. });
    let Some(place) = outputs.iter().position(answer).filter(|_| turn.is_multiple_of(16)) else {
        return;
    };
    match (broken, &outputs[place]) {
        (Some(Broken::AnswersTwice), Output::Answer { waiter, answer }) => {
            let again = Output::Answer { waiter: *waiter, answer: answer.clone() };
            outputs.push(again);
        }
        (Some(Broken::AnswersNever), _) => {
            outputs.remove(place);
        }
        _ => {}
    }
}

#[derive(Debug)]
struct BrokenRail {
    octo: Octo,
    broken: Broken,
    times: std::sync::atomic::AtomicU64,
}

impl BrokenRail {
    fn instead_of_perform<'a>(&self, call: &Call<'a>) -> Option<Call<'a>> {
        let perform = call.ask == Ask::Create && call.code.is_some();
        let broken = self.broken == Broken::ShowsUnbound && perform;
        broken.then_some(Call { ask: Ask::Inquire, ..*call })
    }

    fn paid(&self, call: &Call<'_>, wall_ms: i64) -> Verdict {
        let paid = call.order.amount;
        Verdict::Paid(Receipt {
            paid,
            ordered: None,
            payment: Some(paid),
            withdrawal: None,
            at_ms: wall_ms,
            settled: None,
            relayed: None,
        })
    }
}

impl Rail for BrokenRail {
    fn id(&self) -> RailId {
        self.octo.id()
    }

    fn check(&self, order: &Order, bridge: bool) -> Result<(), (Blame, String)> {
        self.octo.check(order, bridge)
    }

    fn rules(&self, terminal: &Rules) -> Rules {
        self.octo.rules(terminal)
    }

    fn token_request(&self) -> Option<HttpRequest> {
        self.octo.token_request()
    }

    fn read_token(&self, answer: &Result<HttpResponse, NoAnswer>) -> TokenVerdict {
        self.octo.read_token(answer)
    }

    fn call(&self, order: &Order, code: Option<&Code>, ask: Ask) -> &'static str {
        self.octo.call(order, code, ask)
    }

    fn request(&self, call: &Call<'_>) -> HttpRequest {
        if let Some(inquiry) = self.instead_of_perform(call) {
            return self.octo.request(&inquiry);
        }
        let refund = call.ask == Ask::Create && call.order.payment().is_some();
        if self.broken == Broken::RefundsAnew && refund {
            let times = self.times.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut order = call.order.clone();
            order.external_id = ExternalId::new(format!("{}-{times}", order.external_id));
            return self.octo.request(&Call { order: &order, ..*call });
        }
        self.octo.request(call)
    }

    fn read(
        &self,
        call: &Call<'_>,
        answer: &Result<HttpResponse, NoAnswer>,
        wall_ms: i64,
    ) -> Verdict {
        if let Some(inquiry) = self.instead_of_perform(call) {
            return self.octo.read(&inquiry, answer, wall_ms);
        }
        let verdict = self.octo.read(call, answer, wall_ms);
        match (self.broken, &verdict) {
            (Broken::OpenIsPaid, Verdict::Open(_)) if call.ask == Ask::Poll => {
                self.paid(call, wall_ms)
            }
            (Broken::AnySumIsPaid, Verdict::OtherSum(_) | Verdict::Mismatch(_)) => {
                self.paid(call, wall_ms)
            }
            (Broken::NoWordIsNo, Verdict::NoWord(why))
            | (Broken::SilenceIsNo, Verdict::Unanswered { sent: true, why }) => {
                Verdict::NotPaid(NoReason::Declined(why.clone()))
            }
            _ => verdict,
        }
    }

    fn mac_key(&self) -> Secret<Vec<u8>> {
        self.octo.mac_key()
    }
}

#[derive(Debug)]
struct BrokenJournal {
    disk: Disk,
    broken: Broken,
    writes: u32,
}

impl Journal for BrokenJournal {
    fn write(&mut self, entries: &[Entry<'_>], durability: Durability) -> Result<(), JournalError> {
        self.writes += 1;
        if self.broken == Broken::JournalWithoutSync {
            return self.disk.write(entries, Durability::Kill);
        }
        if self.broken == Broken::JournalThatDrops && self.writes.is_multiple_of(10) {
            return Ok(());
        }
        self.disk.write(entries, durability)
    }

    fn begin_group(&mut self, sought: &[Sought]) {
        self.disk.begin_group(sought);
    }

    fn end_group(&mut self) -> Result<(), JournalError> {
        self.disk.end_group()
    }

    fn get(&self, id: &OperationId) -> Result<Option<Operation>, JournalError> {
        self.disk.get(id)
    }

    fn by_request(
        &self,
        caller: &Caller,
        action: Action,
        request_id: &RequestId,
    ) -> Result<Vec<Operation>, JournalError> {
        if self.broken == Broken::JournalWithoutRequests {
            return Ok(Vec::new());
        }
        self.disk.by_request(caller, action, request_id)
    }

    fn by_external_id(&self, id: &ExternalId) -> Result<Option<Operation>, JournalError> {
        self.disk.by_external_id(id)
    }

    fn pays_by_request_id(&self, id: &RequestId) -> Result<Vec<Operation>, JournalError> {
        self.disk.pays_by_request_id(id)
    }

    fn refunds_of(&self, payment: &ExternalId) -> Result<Vec<Operation>, JournalError> {
        if self.broken == Broken::JournalWithoutRefunds {
            return Ok(Vec::new());
        }
        self.disk.refunds_of(payment)
    }

    fn open_operations(&self) -> Result<Vec<Operation>, JournalError> {
        if self.broken == Broken::JournalWithoutOpen {
            return Ok(Vec::new());
        }
        self.disk.open_operations()
    }

    fn history(&self, limit: usize) -> Result<Vec<Operation>, JournalError> {
        self.disk.history(limit)
    }

    fn events(&self, id: &OperationId) -> Result<Vec<Record>, JournalError> {
        self.disk.events(id)
    }

    fn installation(&self) -> &str {
        self.disk.installation()
    }

    fn used_ms(&self) -> Option<i64> {
        self.disk.used_ms()
    }

    fn mark(&mut self, at_ms: i64) {
        self.disk.mark(at_ms);
    }

    fn verify(&self) -> Result<Findings, JournalError> {
        self.disk.verify()
    }
}
