//! A till with a bank on strings: the test says what each call is answered.

use std::collections::BTreeMap;

use till_core::engine::{Engine, Input, Output, Stage, Told};
use till_core::http::{HttpRequest, HttpResponse, NoAnswer, NoAnswerReason};
use till_core::id::{Caller, RailId, RequestId};
use till_core::intent::{
    Advice, Answer, Language, PayRequest, QpTransaction, RefundRequest, StatusRequest,
};
use till_core::journal::{Crash, Journal, JournalError, MemoryJournal};
use till_core::money::Amount;
use till_core::operation::{
    Action, Ask, Blame, Code, HandOver, NoReason, Operation, Order, Receipt, Rules, Verdict,
};
use till_core::rail::{Call, Rail, TokenVerdict};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::time::{BootId, Now};

/// A rail whose answers are words: the body says the verdict.
#[derive(Debug)]
pub(crate) struct Words {
    name: &'static str,
    tokens: bool,
}

impl Rail for Words {
    fn id(&self) -> RailId {
        RailId::new(self.name)
    }

    fn check(&self, order: &Order, bridge: bool) -> Result<(), (Blame, String)> {
        if order.amount.currency.code() == "JPY" {
            return Err((Blame::Request, "dev.till.extra.CURRENCY: JPY".to_owned()));
        }
        if order.code_value().is_some() && !bridge {
            return Err((Blame::Configuration, "no bridge".to_owned()));
        }
        Ok(())
    }

    fn rules(&self, terminal: &Rules) -> Rules {
        terminal.clone()
    }

    fn token_request(&self) -> Option<HttpRequest> {
        self.tokens.then(|| HttpRequest::post_form("token", vec![]))
    }

    fn read_token(&self, answer: &Result<HttpResponse, NoAnswer>) -> TokenVerdict {
        match answer {
            Ok(answer) if answer.status == 200 => {
                TokenVerdict::Granted(Secret::new("t".to_owned()), 1_000_000)
            }
            Ok(_) => TokenVerdict::Refused("bad credentials".to_owned()),
            Err(silence) => TokenVerdict::Unanswered(silence.to_string()),
        }
    }

    fn call(&self, order: &Order, code: Option<&Code>, ask: Ask) -> &'static str {
        match (ask, order.action(), code) {
            (Ask::Create, Action::Refund, _) => "refund",
            (Ask::Create, Action::Pay, None) if order.code_value().is_none() => "code",
            (Ask::Create, Action::Pay, _) => "perform",
            (Ask::Poll, ..) => "poll",
            (Ask::Inquire, ..) => "inquire",
            (Ask::Close, ..) => "close",
            (Ask::Watch, ..) => "watch",
            (Ask::Payment, ..) => "payment",
        }
    }

    fn request(&self, call: &Call<'_>) -> HttpRequest {
        let name = self.call(call.order, call.code, call.ask);
        HttpRequest::post_json(name, call.order.external_id.as_str().as_bytes().to_vec())
    }

    fn read(
        &self,
        call: &Call<'_>,
        answer: &Result<HttpResponse, NoAnswer>,
        at_ms: i64,
    ) -> Verdict {
        let answer = match answer {
            Ok(answer) => answer,
            Err(silence) => {
                let why = silence.to_string();
                return Verdict::Unanswered { sent: silence.sent, why };
            }
        };
        let words = String::from_utf8(answer.body.clone()).unwrap();
        let (word, rest) = words.split_once(' ').unwrap_or((&words, ""));
        let receipt = |minor: u64| Receipt {
            paid: Amount::new(minor, call.order.amount.currency),
            ordered: None,
            payment: None,
            withdrawal: None,
            at_ms,
            settled: None,
            relayed: None,
        };
        match word {
            "code" => Verdict::CodeIssued(Code::text("qr://1", 600_000)),
            "open" => Verdict::Open(None),
            "hand" => Verdict::Open(Some(HandOver::Sdk(Secret::new("payload".to_owned())))),
            "paid" => Verdict::Paid(receipt(rest.parse().unwrap_or(call.order.amount.minor))),
            "other" => Verdict::OtherSum(receipt(rest.parse().unwrap())),
            "declined" => Verdict::NotPaid(NoReason::Declined(rest.to_owned())),
            "no-word" => Verdict::NoWord("INVALID_REQUEST".to_owned()),
            "rejected" => Verdict::Rejected(Blame::Configuration, rest.to_owned()),
            "wrong" => Verdict::Rejected(Blame::Request, rest.to_owned()),
            word => panic!("no such word: {word}"),
        }
    }

    fn mac_key(&self) -> Secret<Vec<u8>> {
        Secret::new(b"key".to_vec())
    }
}

pub(crate) struct Desk {
    pub(crate) engine: Option<Engine>,
    pub(crate) journal: MemoryJournal,
    pub(crate) now: Now,
    pub(crate) settings: Settings,
    pub(crate) tokens: bool,
    pub(crate) attended: bool,
    pub(crate) answers: BTreeMap<u64, Answer>,
    pub(crate) lists: BTreeMap<u64, Result<Vec<Told>, JournalError>>,
    pub(crate) stages: Vec<(u64, Stage)>,
    pub(crate) handed: usize,
    /// The calls under way: ticket, name, body, when.
    pub(crate) calls: Vec<(u64, String, String, u64)>,
    pub(crate) next: u64,
    /// What waits to happen together, while it does.
    held: Option<Vec<Input>>,
    random: u64,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let settings = Settings {
            terminal_id: "T-1".to_owned(),
            currency: "UZS".parse().unwrap(),
            language: Language::En,
            rail: RailId::new("words"),
            rules: Rules::default(),
            foreign_refunds: false,
            pace_ms: 100,
            callers_are_terminals: false,
            sandbox: false,
            bridge: false,
        };
        let now = Now { wall_ms: 1_700_000_000_000, boot_ms: 1_000_000, boot: BootId(1) };
        Self {
            engine: None,
            journal: MemoryJournal::new([1; 16]),
            now,
            settings,
            tokens: false,
            attended: false,
            answers: BTreeMap::new(),
            lists: BTreeMap::new(),
            stages: vec![],
            handed: 0,
            calls: vec![],
            next: 0,
            held: None,
            random: 0,
        }
    }

    /// Starts the process: on a new journal, or again on what a crash left.
    pub(crate) fn start(mut self) -> Self {
        self.random += 1_000_000;
        let mut random = self.random;
        let random = move || {
            random += 1;
            random.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        };
        let rails: Vec<Box<dyn Rail>> = vec![
            Box::new(Words { name: "words", tokens: self.tokens }),
            Box::new(Words { name: "second", tokens: false }),
        ];
        let journal = Box::new(self.journal.clone());
        let mut engine = Engine::new(self.settings.clone(), journal, rails, Box::new(random));
        self.calls.clear();
        let outputs = engine.start(self.now).unwrap();
        self.engine = Some(engine);
        self.take(outputs);
        self
    }

    pub(crate) fn killed(mut self) -> Self {
        self.engine = None;
        self.journal = self.journal.survivors(Crash::Kill);
        self.start()
    }

    /// Lets everything that `what` brings happen in one group.
    pub(crate) fn together(&mut self, what: impl FnOnce(&mut Self)) {
        self.held = Some(vec![]);
        what(self);
        let inputs = self.held.take().unwrap();
        let engine = self.engine.as_mut().unwrap();
        let mut outputs = engine.handle_all(self.now, inputs);
        outputs.extend(engine.calls(self.now));
        self.take(outputs);
    }

    pub(crate) fn input(&mut self, input: Input) {
        if let Some(held) = &mut self.held {
            return held.push(input);
        }
        let outputs = self.engine.as_mut().unwrap().handle(self.now, input);
        self.take(outputs);
    }

    fn take(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Http { ticket, request, .. } => {
                    let body = String::from_utf8(request.body.clone()).unwrap();
                    self.calls.push((ticket, request.path, body, self.now.boot_ms));
                }
                Output::Answer { waiter, answer } => {
                    let twice = self.answers.insert(waiter, *answer);
                    assert!(twice.is_none(), "a caller is answered once");
                }
                Output::Operations { waiter, result } => {
                    self.lists.insert(waiter, result);
                }
                Output::Stage { waiter, stage, .. } => self.stages.push((waiter, stage)),
                Output::Seen { .. } | Output::Changed { .. } => {}
                Output::HandOver { .. } => self.handed += 1,
            }
        }
    }

    /// Lets time pass, timer by timer.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now.boot_ms + ms;
        loop {
            let wake = self.engine.as_ref().unwrap().next_wake().unwrap_or(u64::MAX);
            let at = wake.max(self.now.boot_ms).min(end);
            self.now.wall_ms += i64::try_from(at - self.now.boot_ms).unwrap();
            self.now.boot_ms = at;
            self.input(Input::Tick);
            let next = self.engine.as_ref().unwrap().next_wake().unwrap_or(u64::MAX);
            if at == end && next > end {
                return;
            }
        }
    }

    /// Gives the names of the calls under way.
    pub(crate) fn under_way(&self) -> Vec<&str> {
        self.calls.iter().map(|(_, name, ..)| name.as_str()).collect()
    }

    fn call(&mut self, name: &str) -> u64 {
        if !self.under_way().contains(&name) {
            self.pass(4_000);
        }
        let found = self.calls.iter().position(|(_, path, ..)| path == name);
        let index = found.unwrap_or_else(|| panic!("no {name} in {:?}", self.under_way()));
        self.calls.remove(index).0
    }

    /// Answers a call; waits for it up to 4 s.
    pub(crate) fn reply(&mut self, name: &str, words: &str) {
        self.reply_status(name, 200, words);
    }

    pub(crate) fn reply_status(&mut self, name: &str, status: u16, words: &str) {
        let ticket = self.call(name);
        let answer = Ok(HttpResponse { status, body: words.as_bytes().to_vec() });
        self.input(Input::Http { ticket, answer });
    }

    pub(crate) fn silence(&mut self, name: &str, sent: bool) {
        let ticket = self.call(name);
        let answer = Err(NoAnswer { sent, why: NoAnswerReason::TimedOut });
        self.input(Input::Http { ticket, answer });
    }

    pub(crate) fn pay(&mut self, id: &str) -> u64 {
        self.pay_with(id, |_| {})
    }

    pub(crate) fn pay_with(&mut self, id: &str, change: impl FnOnce(&mut PayRequest)) -> u64 {
        let mut request = PayRequest {
            caller: Caller::new("pos"),
            request_id: (!id.is_empty()).then(|| RequestId::new(id)),
            metadata: None,
            amount_minor: 12_500,
            purpose: "Coffee".to_owned(),
            currency: None,
            rail: None,
            code_value: None,
            idempotent: false,
        };
        change(&mut request);
        self.next += 1;
        self.input(Input::Pay { waiter: self.next, request, attended: self.attended });
        self.next
    }

    /// Takes a payment until its code is on the screen.
    pub(crate) fn shown(&mut self, id: &str) -> u64 {
        let waiter = self.pay(id);
        self.reply("code", "code");
        self.reply("perform", "open");
        waiter
    }

    /// Takes a payment to its success; gives the transaction's JSON. The answer is handed over.
    pub(crate) fn paid(&mut self, id: &str) -> String {
        let waiter = self.shown(id);
        self.reply("poll", "paid");
        self.take_answer(waiter);
        self.answers[&waiter].transaction.clone().unwrap()
    }

    pub(crate) fn refund(&mut self, id: &str, transaction: &str, minor: u64) -> u64 {
        self.refund_with(id, transaction, minor, |_| {})
    }

    pub(crate) fn refund_with(
        &mut self,
        id: &str,
        transaction: &str,
        minor: u64,
        change: impl FnOnce(&mut RefundRequest),
    ) -> u64 {
        let mut request = RefundRequest {
            caller: Caller::new("pos"),
            request_id: (!id.is_empty()).then(|| RequestId::new(id)),
            metadata: None,
            amount_minor: minor,
            primary: Box::new(QpTransaction::parse(transaction).unwrap()),
            currency: None,
            rail: None,
        };
        change(&mut request);
        self.next += 1;
        self.input(Input::Refund { waiter: self.next, request, attended: false });
        self.next
    }

    pub(crate) fn about(id: &str, action: Action) -> StatusRequest {
        StatusRequest {
            caller: Caller::new("pos"),
            request_id: RequestId::new(id),
            metadata: None,
            action,
        }
    }

    pub(crate) fn status(&mut self, id: &str, action: Action) -> u64 {
        self.next += 1;
        self.input(Input::Status { waiter: self.next, request: Self::about(id, action) });
        self.next
    }

    pub(crate) fn cancel(&mut self, id: &str) -> u64 {
        self.next += 1;
        self.input(Input::Cancel { waiter: self.next, request: Self::about(id, Action::Pay) });
        self.next
    }

    pub(crate) fn settle(&mut self, id: &str, action: Action, paid: bool) -> u64 {
        self.next += 1;
        let request = Self::about(id, action);
        let note = "seen at the bank".to_owned();
        self.input(Input::Settle { waiter: self.next, request, paid, note });
        self.next
    }

    /// Gives the code and the advice that a caller was answered; panics if it was not.
    pub(crate) fn told(&self, waiter: u64) -> (u8, Advice) {
        let answer = self.answers.get(&waiter).expect("an answer");
        (answer.code.number(), answer.advice)
    }

    pub(crate) fn code(&self, waiter: u64) -> Option<u8> {
        self.answers.get(&waiter).map(|answer| answer.code.number())
    }
}

impl Desk {
    /// Gives the newest pay of this request.
    pub(crate) fn newest(&self, id: &str) -> Operation {
        let caller = Caller::new("pos");
        self.journal.by_request(&caller, Action::Pay, &RequestId::new(id)).unwrap().remove(0)
    }

    /// Hands an answer over to its caller.
    pub(crate) fn take_answer(&mut self, waiter: u64) {
        let answer = &self.answers[&waiter];
        let (operation, code) = (answer.operation.clone().unwrap(), answer.code);
        self.input(Input::HandedOver { operation, code });
    }
}
