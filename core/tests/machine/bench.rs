//! A bench for one operation: events in, states and effects out, time by hand.

use till_core::id::{Caller, ExternalId, OperationId, RailId, RequestId};
use till_core::money::Amount;
use till_core::operation::state::Creating;
use till_core::operation::{
    Ask, Audience, Code, Effect, Event, Kind, Moment, Order, Payment, Receipt, Rules, State, Timer,
    Verdict, step,
};
use till_core::time::{BootId, Now};

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;

pub(crate) struct Bench {
    pub(crate) order: Order,
    pub(crate) state: State,
    pub(crate) now: Now,
    pub(crate) rules: Rules,
    pub(crate) audience: Audience,
    /// What the last event asked for.
    pub(crate) effects: Vec<Effect>,
}

pub(crate) fn uzs(minor: u64) -> Amount {
    Amount::new(minor, "UZS".parse().unwrap())
}

impl Bench {
    fn new(kind: Kind) -> Self {
        let now = Now { wall_ms: 1_700_000_000_000, boot_ms: 1_000_000, boot: BootId(7) };
        let order = Order {
            kind,
            caller: Caller::new("pos"),
            request_id: RequestId::new("r"),
            amount: uzs(12_500),
            rail: RailId::new("octo"),
            external_id: ExternalId::new("X"),
            created: now,
            sandbox: false,
        };
        let state = State::Creating(Creating::new(now));
        Self {
            order,
            state,
            now,
            rules: Rules::default(),
            audience: Audience::Program,
            effects: vec![],
        }
    }

    /// A pay that has begun.
    pub(crate) fn pay() -> Self {
        let mut bench = Self::new(Kind::Pay { purpose: "Coffee".to_owned(), code_value: None });
        bench.on(Event::Begin);
        bench
    }

    /// An entry-code pay that has begun.
    pub(crate) fn entry() -> Self {
        let code_value = Some("https://qr.example/281".to_owned());
        let mut bench = Self::new(Kind::Pay { purpose: "Coffee".to_owned(), code_value });
        bench.on(Event::Begin);
        bench
    }

    /// A refund that has begun.
    pub(crate) fn refund() -> Self {
        let mut bench = Self::refund_of(false, false);
        bench.on(Event::Begin);
        bench
    }

    pub(crate) fn refund_of(foreign: bool, late: bool) -> Self {
        let payment = Payment {
            id: OperationId::new("p"),
            external_id: ExternalId::new("P"),
            ordered: uzs(20_000),
            paid: uzs(20_000),
            foreign,
            receipt: None,
        };
        Self::new(Kind::Refund { payment, late })
    }

    /// A pay whose code is on the screen, payable for 10 minutes.
    pub(crate) fn shown() -> Self {
        let mut bench = Self::pay();
        bench.answer(Ask::Create, code());
        bench.answer(Ask::Create, Verdict::Open(None));
        assert!(matches!(bench.state, State::Waiting(_)));
        bench
    }

    pub(crate) fn on(&mut self, event: Event) -> &mut Self {
        let at = Moment { now: self.now, rules: &self.rules, audience: self.audience };
        let (state, effects) = step(&self.order, &self.state, &event, &at);
        self.state = state;
        self.effects = effects;
        self
    }

    pub(crate) fn answer(&mut self, ask: Ask, verdict: Verdict) -> &mut Self {
        self.on(Event::Answered(ask, verdict))
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, ms: u64) -> &mut Self {
        self.now.boot_ms += ms;
        self.now.wall_ms += i64::try_from(ms).unwrap();
        self
    }

    /// Starts the device again.
    pub(crate) fn reboot(&mut self) -> &mut Self {
        self.now.boot = BootId(self.now.boot.0 + 1);
        self.now.boot_ms = 0;
        self
    }

    pub(crate) fn sends(&self) -> Vec<Ask> {
        let send = |effect: &Effect| if let Effect::Send(ask) = effect { Some(*ask) } else { None };
        self.effects.iter().filter_map(send).collect()
    }

    pub(crate) fn wakes(&self, timer: Timer) -> Option<u64> {
        self.effects.iter().find_map(|effect| {
            if let Effect::Wake(of, ms) = effect { (*of == timer).then_some(*ms) } else { None }
        })
    }

    pub(crate) fn does(&self, effect: &Effect) -> bool {
        self.effects.contains(effect)
    }

    pub(crate) fn tells(&self) -> bool {
        self.does(&Effect::Tell)
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.state {
            State::Creating(_) => "creating",
            State::Waiting(_) => "waiting",
            State::Closing(_) => "closing",
            State::InDoubt(_) => "in doubt",
            State::Approved(_) => "approved",
            State::NotPaid(_) => "not paid",
            State::Refused(_) => "refused",
            State::Closed(_) => "closed",
            State::Late(_) => "late",
        }
    }
}

pub(crate) fn code() -> Verdict {
    Verdict::CodeIssued(Code::text("qr://1", 10 * MINUTE))
}

pub(crate) fn receipt(minor: u64) -> Receipt {
    Receipt {
        paid: uzs(minor),
        ordered: Some(uzs(12_500)),
        payment: Some(uzs(minor)),
        withdrawal: None,
        at_ms: 0,
        settled: None,
        relayed: None,
    }
}

pub(crate) fn paid() -> Verdict {
    Verdict::Paid(receipt(12_500))
}

pub(crate) fn unanswered(sent: bool) -> Verdict {
    Verdict::Unanswered { sent, why: "silence".to_owned() }
}

pub(crate) fn no_word() -> Verdict {
    Verdict::NoWord("INVALID_REQUEST".to_owned())
}
