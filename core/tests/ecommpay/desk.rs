//! A till with the rail of ecommpay and a platform on strings: the test says what each call is
//! answered.

use std::collections::BTreeMap;

use till_core::engine::{Engine, Input, Output, Stage};
use till_core::http::{HttpRequest, HttpResponse, NoAnswer, NoAnswerReason};
use till_core::id::{Caller, RailId, RequestId};
use till_core::intent::{
    Answer, Language, PayRequest, QpTransaction, RefundRequest, StatusRequest,
};
use till_core::journal::{Crash, Journal, MemoryJournal};
use till_core::operation::{Action, HandOver, Operation, Rules, State};
use till_core::rail::ecommpay::{Ecommpay, EcommpaySettings, Sale};
use till_core::settings::Settings;
use till_core::time::{BootId, Now};

use super::support::{AT_MS, PAYMENT_ID, REQUEST_ID, error, settings};

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;

/// A till that pays through the Payment Page.
pub(crate) fn page() -> Desk {
    Desk::new(settings())
}

/// A till that pays through Gate.
pub(crate) fn gate() -> Desk {
    let return_url = Some("https://shop.example/back".to_owned());
    Desk::new(EcommpaySettings { sale: Sale::Gate, return_url, ..settings() })
}

/// The platform takes a call.
pub(crate) fn ack() -> String {
    format!(r#"{{"status":"success","request_id":"{REQUEST_ID}"}}"#)
}

/// The platform knows no such payment.
pub(crate) fn unknown() -> String {
    error("3061", "Transaction not found")
}

pub(crate) struct Desk {
    engine: Option<Engine>,
    pub(crate) journal: MemoryJournal,
    pub(crate) now: Now,
    rail: EcommpaySettings,
    pub(crate) attended: bool,
    pub(crate) answers: BTreeMap<u64, Answer>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) handed: Vec<HandOver>,
    /// The calls under way: ticket, the last part of the path, when.
    pub(crate) calls: Vec<(u64, String, u64)>,
    /// What was sent under each ticket.
    pub(crate) sent: BTreeMap<u64, HttpRequest>,
    /// The calls that were made at all.
    pub(crate) made: usize,
    next: u64,
    random: u64,
}

impl Desk {
    pub(crate) fn new(rail: EcommpaySettings) -> Self {
        let desk = Self {
            engine: None,
            journal: MemoryJournal::new([1; 16]),
            now: Now { wall_ms: AT_MS, boot_ms: 1_000_000, boot: BootId(1) },
            rail,
            attended: false,
            answers: BTreeMap::new(),
            stages: vec![],
            handed: vec![],
            calls: vec![],
            sent: BTreeMap::new(),
            made: 0,
            next: 0,
            random: 0,
        };
        desk.start()
    }

    fn start(mut self) -> Self {
        self.random += 1_000_000;
        let mut random = self.random;
        // Always the middle of a jitter would hide it; these numbers are spread.
        let random = move || {
            random += 1;
            random.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        };
        let settings = Settings {
            terminal_id: "T-1".to_owned(),
            currency: "CNY".parse().unwrap(),
            language: Language::En,
            rail: RailId::new(Ecommpay::ID),
            rules: Rules::default(),
            foreign_refunds: false,
            pace_ms: 100,
            callers_are_terminals: false,
            sandbox: false,
            bridge: true,
        };
        let rail = Box::new(Ecommpay::new(self.rail.clone()).unwrap());
        let journal = Box::new(self.journal.clone());
        let mut engine = Engine::new(settings, journal, vec![rail], Box::new(random));
        self.calls.clear();
        let outputs = engine.start(self.now).unwrap();
        self.engine = Some(engine);
        self.take(outputs);
        self
    }

    /// Starts again on what a kill left.
    pub(crate) fn killed(mut self) -> Self {
        self.engine = None;
        self.journal = self.journal.survivors(Crash::Kill);
        self.start()
    }

    pub(crate) fn input(&mut self, input: Input) {
        let outputs = self.engine.as_mut().unwrap().handle(self.now, input);
        self.take(outputs);
    }

    fn take(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Http { ticket, request, .. } => {
                    let name = request.path.rsplit('/').next().unwrap().to_owned();
                    self.calls.push((ticket, name, self.now.boot_ms));
                    self.sent.insert(ticket, request);
                    self.made += 1;
                }
                Output::Answer { waiter, answer } => {
                    let twice = self.answers.insert(waiter, *answer);
                    assert!(twice.is_none(), "a caller is answered once");
                }
                Output::Operations { .. } => {}
                Output::Stage { stage, .. } => self.stages.push(stage),
                Output::Seen { .. } | Output::Changed { .. } => {}
                Output::HandOver { what, .. } => self.handed.push(what),
            }
        }
    }

    /// Lets time pass, timer by timer.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now.boot_ms + ms;
        while self.step(end) {}
    }

    fn step(&mut self, end: u64) -> bool {
        let wake = self.engine.as_ref().unwrap().next_wake().unwrap_or(u64::MAX);
        let at = wake.max(self.now.boot_ms).min(end);
        self.now.wall_ms += i64::try_from(at - self.now.boot_ms).unwrap();
        self.now.boot_ms = at;
        self.input(Input::Tick);
        let next = self.engine.as_ref().unwrap().next_wake().unwrap_or(u64::MAX);
        at != end || next <= end
    }

    /// Waits for a call of this name, at most this long; gives its ticket and when it was made.
    fn call(&mut self, name: &str, within_ms: u64) -> (u64, u64) {
        let end = self.now.boot_ms + within_ms;
        loop {
            if let Some(at) = self.calls.iter().position(|(_, own, _)| own == name) {
                let (ticket, _, made) = self.calls.remove(at);
                return (ticket, made);
            }
            assert!(self.step(end), "no {name} within {within_ms} ms; {:?}", self.calls);
        }
    }

    /// Answers the next call of this name; gives when it was made.
    pub(crate) fn reply(&mut self, name: &str, status: u16, body: &str) -> u64 {
        let (ticket, made) = self.call(name, 100_000_000);
        let answer = Ok(HttpResponse { status, body: body.as_bytes().to_vec() });
        self.input(Input::Http { ticket, answer });
        made
    }

    pub(crate) fn silence(&mut self, name: &str, sent: bool) {
        let (ticket, _) = self.call(name, 100_000_000);
        let answer = Err(NoAnswer { sent, why: NoAnswerReason::TimedOut });
        self.input(Input::Http { ticket, answer });
    }

    pub(crate) fn pay(&mut self, id: &str) -> u64 {
        let request = PayRequest {
            caller: Caller::new("pos"),
            request_id: Some(RequestId::new(id)),
            metadata: None,
            amount_minor: 1_000,
            purpose: "Coffee".to_owned(),
            currency: None,
            rail: None,
            code_value: None,
            idempotent: false,
        };
        self.next += 1;
        self.input(Input::Pay { waiter: self.next, request, attended: self.attended });
        self.next
    }

    pub(crate) fn refund(&mut self, id: &str, transaction: &str, minor: u64) -> u64 {
        let request = RefundRequest {
            caller: Caller::new("pos"),
            request_id: Some(RequestId::new(id)),
            metadata: None,
            amount_minor: minor,
            primary: Box::new(QpTransaction::parse(transaction).unwrap()),
            currency: None,
            rail: None,
        };
        self.next += 1;
        self.input(Input::Refund { waiter: self.next, request, attended: false });
        self.next
    }

    fn about(id: &str, action: Action) -> StatusRequest {
        StatusRequest {
            caller: Caller::new("pos"),
            request_id: RequestId::new(id),
            metadata: None,
            action,
        }
    }

    pub(crate) fn cancel(&mut self, id: &str) -> u64 {
        self.next += 1;
        self.input(Input::Cancel { waiter: self.next, request: Self::about(id, Action::Pay) });
        self.next
    }

    pub(crate) fn status(&mut self, id: &str, action: Action) -> u64 {
        self.next += 1;
        self.input(Input::Status { waiter: self.next, request: Self::about(id, action) });
        self.next
    }

    pub(crate) fn code(&self, waiter: u64) -> Option<u8> {
        self.answers.get(&waiter).map(|answer| answer.code.number())
    }

    /// Gives the newest operation of a request.
    pub(crate) fn newest(&self, id: &str, action: Action) -> Operation {
        let caller = Caller::new("pos");
        self.journal.by_request(&caller, action, &RequestId::new(id)).unwrap().remove(0)
    }

    /// Gives a body about a pay of this request: its id stands where the sample's stood.
    pub(crate) fn of(&self, id: &str, body: &str) -> String {
        let own = self.newest(id, Action::Pay).order.external_id;
        body.replace(PAYMENT_ID, own.as_str())
    }

    pub(crate) fn state(&self, id: &str) -> State {
        self.newest(id, Action::Pay).state
    }

    /// Gives the address or code that is on the screen.
    pub(crate) fn on_screen(&self) -> Option<(String, u64)> {
        self.stages.iter().rev().find_map(|stage| {
            let Stage::CodeShown { code_value, left_ms, .. } = stage else { return None };
            Some((code_value.clone(), *left_ms))
        })
    }
}
