//! What a seed decides before it begins: the terminal, the bank, the network, the bad luck.

use till_core::id::RailId;
use till_core::intent::Language;
use till_core::operation::Rules;
use till_core::rail::octo::{self, Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_sandbox::octo::{
    Action, Behaviour, Cross, Declined, Discount, Expired, RefundAnswer, RefundLater, RefundMode,
    RefundSum, Refunded, Repeated, Unscanned,
};

use crate::broken::Broken;
use crate::rng::Rng;

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// How much goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Luck {
    /// Nothing but customers and operators.
    Calm,
    /// What happens in a year.
    Mild,
    /// What happens on a bad day.
    Rough,
    /// What no terminal should live through.
    Hell,
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// How many pays and refunds are asked for.
    pub(crate) operations: u32,
    pub(crate) luck: Luck,
    pub(crate) terminals: usize,
    pub(crate) settings: Settings,
    pub(crate) octo: OctoSettings,
    pub(crate) bank: Behaviour,
    pub(crate) network: Network,
    pub(crate) crashes: Crashes,
    /// For how long nobody comes and no call gets through, before all becomes calm.
    pub(crate) night_ms: u64,
    pub(crate) people: People,
    /// How often what comes to a terminal waits for what comes next, to be one transaction; in
    /// parts of a million.
    pub(crate) group: u64,
    pub(crate) broken: Option<Broken>,
}

/// What happens to a call, in parts of a million.
#[derive(Clone, Debug, Default)]
pub(crate) struct Network {
    pub(crate) not_sent: u64,
    pub(crate) request_lost: u64,
    pub(crate) request_late: u64,
    pub(crate) answer_lost: u64,
    pub(crate) slow: u64,
    pub(crate) twice: u64,
    pub(crate) before_bank: u64,
    pub(crate) after_bank: u64,
    pub(crate) token_revoked: u64,
    pub(crate) forbidden: u64,
    pub(crate) garbage: u64,
    pub(crate) broken_off: u64,
    pub(crate) crossed: u64,
    /// Of each look at the weather.
    pub(crate) storm: u64,
}

/// Where the terminal dies and what else happens to its device, in parts of a million.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crashes {
    /// Of each journal write.
    pub(crate) write: u64,
    /// Of each output of the engine.
    pub(crate) output: u64,
    /// Of crashes: the power goes.
    pub(crate) power: u64,
    /// Of each look at the weather, as all below.
    pub(crate) idle: u64,
    pub(crate) disk: u64,
    pub(crate) wall_jump: u64,
    pub(crate) sleep: u64,
    pub(crate) bank_mood: u64,
}

/// What customers, operators and POS apps do.
#[derive(Clone, Debug)]
pub(crate) struct People {
    pub(crate) gap_ms: u64,
    pub(crate) attended_percent: u64,
    pub(crate) entry_percent: u64,
    pub(crate) prompt_percent: u64,
    pub(crate) careless_percent: u64,
}

impl Plan {
    pub(crate) fn new(seed: u64, operations: u32) -> Self {
        let mut rng = Rng::new(seed);
        let luck = match seed % 4 {
            0 => Luck::Calm,
            1 => Luck::Mild,
            2 => Luck::Rough,
            _ => Luck::Hell,
        };
        let bank = bank(&mut rng.fork());
        let entry_percent = *rng.pick(&[0, 5, 20]);
        let octo = octo(&mut rng.fork(), &bank);
        Self {
            seed,
            operations,
            luck,
            terminals: if rng.percent(20) { 2 } else { 1 },
            settings: settings(&mut rng.fork()),
            octo,
            bank,
            network: network(&mut rng.fork(), luck),
            crashes: crashes(&mut rng.fork(), luck),
            night_ms: if luck > Luck::Mild && rng.percent(10) { rng.below(40 * HOUR) } else { 0 },
            people: People {
                gap_ms: *rng.pick(&[400, 2_000, 5_000, 10_000, 30_000]),
                attended_percent: *rng.pick(&[0, 50, 100]),
                entry_percent,
                prompt_percent: *rng.pick(&[70, 90, 97]),
                careless_percent: *rng.pick(&[1, 5, 15]),
            },
            group: *rng.pick(&[0, 0, 20_000, 200_000]),
            broken: None,
        }
    }

    pub(crate) fn rail(&self) -> Octo {
        Octo::new(self.octo.clone()).unwrap()
    }
}

/// Which way refunds go at the moment.
pub(crate) fn refund_mode(rng: &mut Rng) -> RefundMode {
    let later = |answer, after_ms, fails| {
        RefundMode::Later(RefundLater { answer, after_ms: Some(after_ms), fails })
    };
    // A failure that comes after the 24 h of watching can be known to nobody.
    let soon = *rng.pick(&[500, 5_000, 90_000, 7_200_000]);
    let after_ms = if rng.percent(10) { 100_000_000 } else { soon };
    let answer = *rng.pick(&[RefundAnswer::Success, RefundAnswer::Pending]);
    let mode = rng.weighed(&[(74, 0), (10, 1), (6, 2), (10, 3)]);
    match mode {
        0 => RefundMode::AtOnce,
        1 => later(answer, after_ms, false),
        2 => later(answer, soon, true),
        _ => RefundMode::Fails,
    }
}

fn settings(rng: &mut Rng) -> Settings {
    let rules = Rules {
        wait_ms: *rng.pick(&[20, 20, 45, 120]) * SECOND,
        give_back: rng.percent(75),
        ..Rules::default()
    };
    Settings {
        terminal_id: "T1".to_owned(),
        currency: "UZS".parse().unwrap(),
        language: Language::En,
        rail: RailId::new(Octo::ID),
        rules,
        foreign_refunds: rng.percent(50),
        pace_ms: Settings::PACE_MS,
        callers_are_terminals: false,
        sandbox: false,
        bridge: rng.percent(80),
    }
}

fn bank(rng: &mut Rng) -> Behaviour {
    let default = rng.percent(25);
    let cny = till_sandbox::Currency::CNY;
    let cross = Cross { currency: cny, rate: "0.00057".parse().unwrap() };
    let actions = [Action::None, Action::Sdk, Action::Psp, Action::PspRedirect];
    let open = Behaviour {
        token_life_s: *rng.pick(&[25_200, 25_200, 25_200, 25_200, 600, 45]),
        code_life_ms: i64::try_from(*rng.pick(&[60, 60, 60, 180, 600]) * SECOND).unwrap(),
        entry_life_ms: i64::try_from(*rng.pick(&[60, 300]) * SECOND).unwrap(),
        repeated: *rng.pick(&[Repeated::SameAnswer, Repeated::Exists]),
        unscanned: *rng.pick(&[Unscanned::Pending, Unscanned::InvalidRequest]),
        expired: *rng.pick(&[Expired::Expired, Expired::Pending, Expired::InvalidRequest]),
        declined: *rng.pick(&[Declined::Failed, Declined::Declined]),
        declined_can_pay: rng.percent(40),
        refunded: *rng.pick(&[Refunded::Refund, Refunded::Success]),
        order_action: *rng.pick(&actions),
        entry_action: *rng.pick(&actions),
        discount: *rng.pick(&[Discount::None, Discount::Minor(7), Discount::Percent(10)]),
        cross: rng.percent(30).then_some(cross),
        refund: refund_mode(rng),
        refund_inquiry: rng.percent(60),
        refund_sum: *rng.pick(&[RefundSum::Withdrawal, RefundSum::Payment]),
        unknown_status: *rng.pick(&[200, 200, 404, 400]),
        refusal_status: *rng.pick(&[200, 400]),
        ..Behaviour::default()
    };
    if default { Behaviour::default() } else { open }
}

/// The settings that an engineer makes after the bank has confirmed how it behaves.
fn octo(rng: &mut Rng, bank: &Behaviour) -> OctoSettings {
    let secret = Secret::new(bank.client_secret.clone());
    let id = bank.client_id.clone();
    let mut octo =
        OctoSettings::new("https://localhost:8443", id, secret, "208800000000000001", "UZ");
    octo.refund_inquiry = bank.refund_inquiry;
    octo.declined_is_payable = bank.declined_can_pay || rng.percent(10);
    octo.refund_sum = match bank.refund_sum {
        RefundSum::Withdrawal => octo::RefundSum::Withdrawal,
        RefundSum::Payment => octo::RefundSum::Payment,
    };
    octo
}

fn network(rng: &mut Rng, luck: Luck) -> Network {
    let most = match luck {
        Luck::Calm => return Network::default(),
        Luck::Mild => 2_000,
        Luck::Rough => 20_000,
        Luck::Hell => 80_000,
    };
    // Each seed has its own favourites: some faults are as good as absent.
    let mut of = || if rng.percent(40) { most / 20 } else { rng.within(most / 5..=most) };
    Network {
        not_sent: of(),
        request_lost: of(),
        request_late: of() / 2,
        answer_lost: of(),
        slow: of(),
        twice: of(),
        before_bank: of(),
        after_bank: of() / 2,
        token_revoked: of() / 4,
        forbidden: of() / 4,
        garbage: of() / 2,
        broken_off: of() / 2,
        crossed: of() / 8,
        storm: of(),
    }
}

fn crashes(rng: &mut Rng, luck: Luck) -> Crashes {
    let most = match luck {
        Luck::Calm => return Crashes::default(),
        Luck::Mild => 500,
        Luck::Rough => 5_000,
        Luck::Hell => 20_000,
    };
    let mut of = || if rng.percent(40) { most / 20 } else { rng.within(most / 5..=most) };
    let usual = Crashes {
        write: of(),
        output: of() / 2,
        power: 0,
        idle: of(),
        disk: of(),
        wall_jump: of(),
        sleep: of(),
        bank_mood: of() * 5,
    };
    let power = *rng.pick(&[100_000, 300_000, 700_000]);
    let bad_clock = luck == Luck::Hell && rng.percent(15);
    let bad_disk = luck == Luck::Hell && rng.percent(15);
    Crashes {
        power,
        idle: if bad_clock { 100_000 } else { usual.idle },
        wall_jump: if bad_clock { 300_000 } else { usual.wall_jump },
        disk: if bad_disk { 200_000 } else { usual.disk },
        ..usual
    }
}
