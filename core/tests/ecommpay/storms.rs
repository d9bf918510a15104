//! Whole lives of payments and refunds against the sandbox's platform, through losses, doubles and
//! kills. Each seed is one life; a seed that fails is told.

use till_core::engine::Input;
use till_core::http::{HttpResponse, NoAnswer, NoAnswerReason};
use till_core::operation::Action;
use till_sandbox::Request;
use till_sandbox::ecommpay::{Behaviour, Platform};

use super::desk::{Desk, MINUTE, SECOND, gate, page};
use super::support::{AT_MS, PROJECT, secret};

const SEEDS: u64 = 120;
/// The network is bad for so long.
const STORM_MS: u64 = 15 * MINUTE;
/// By then all is over, whatever happened: lives, watches, give-backs.
const END_MS: u64 = 150 * MINUTE;

/// A small generator: its numbers are spread, and the same for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

struct Life {
    desk: Option<Desk>,
    platform: Platform,
    dice: Dice,
    /// When the customer acts, and how; `None`: has acted.
    acts_ms: Option<u64>,
    begin_ms: u64,
}

impl Life {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let behaviour = Behaviour {
            project_id: PROJECT,
            secret: secret().expose().clone(),
            status_shows: true,
            lose_sales: u32::from(dice.percent(10)),
            refund_after_ms: Some(i64::try_from(dice.below(60_000)).unwrap()),
            ..Behaviour::default()
        };
        let desk = if dice.percent(50) { page() } else { gate() };
        let begin_ms = desk.now.boot_ms;
        let acts_ms = Some(dice.below(240 * SECOND));
        Self { desk: Some(desk), platform: Platform::new(behaviour), dice, acts_ms, begin_ms }
    }

    fn desk(&mut self) -> &mut Desk {
        self.desk.as_mut().unwrap()
    }

    fn passed_ms(&mut self) -> u64 {
        let begin_ms = self.begin_ms;
        self.desk().now.boot_ms - begin_ms
    }

    fn now_ms(&mut self) -> i64 {
        let now_ms = self.desk().now.wall_ms;
        assert!(now_ms >= AT_MS);
        now_ms
    }

    /// Carries the calls that are under way, well or badly.
    fn carry(&mut self, storm: bool) {
        for (ticket, _, _) in std::mem::take(&mut self.desk().calls) {
            let sent = self.desk().sent.remove(&ticket).unwrap();
            let fate = if storm { self.dice.below(10) } else { 9 };
            let arrives = match fate {
                0 | 1 => 0,
                2 => 2,
                _ => 1,
            };
            let mut answer = None;
            for _ in 0..arrives {
                let now_ms = self.now_ms();
                let request = Request {
                    method: "POST",
                    path: &sent.path,
                    authorization: None,
                    content_type: Some("application/json"),
                    body: &sent.body,
                    peer: None,
                };
                let dice = &mut self.dice;
                answer = Some(self.platform.handle(now_ms, &mut || dice.next(), &request));
            }
            let heard = answer.filter(|_| !matches!(fate, 3 | 4));
            let lost = NoAnswer { sent: fate != 0, why: NoAnswerReason::TimedOut };
            let answer = match heard {
                Some(answer) => Ok(HttpResponse { status: answer.status, body: answer.body }),
                None => Err(lost),
            };
            self.desk().input(Input::Http { ticket, answer });
        }
    }

    /// The customer does something with what is on the screen, once its time has come.
    fn act(&mut self) {
        let passed_ms = self.passed_ms();
        let Some((code, _)) = self.desk().on_screen() else { return };
        if self.acts_ms.is_none_or(|at_ms| passed_ms < at_ms) {
            return;
        }
        self.acts_ms = None;
        let now_ms = self.now_ms();
        let (platform, dice) = (&mut self.platform, &mut self.dice);
        let key = match code.split_once('?') {
            Some((_, query)) => platform.open_page(now_ms, &mut || dice.next(), query),
            None => Ok(code),
        };
        // A page may be over; then there is nothing to be done.
        let Ok(key) = key else { return };
        let choice = dice.below(10);
        let mut draw = || dice.next();
        // What cannot be done any more is not done.
        let _acted = match choice {
            0..=5 => platform.approve(now_ms, &mut draw, &key).map(|_| ()),
            6 => platform.decline(now_ms, &mut draw, &key),
            7 => platform.cancel(now_ms, &mut draw, &key),
            8 => {
                let declined = platform.decline(now_ms, &mut draw, &key);
                declined.and_then(|()| platform.approve(now_ms, &mut draw, &key).map(|_| ()))
            }
            _ => Ok(()),
        };
    }

    fn live(&mut self, until_ms: u64) {
        while self.passed_ms() < until_ms {
            let storm = self.passed_ms() < STORM_MS;
            let step_ms = if storm { 200 + self.dice.below(3 * SECOND) } else { 10 * SECOND };
            self.desk().pass(step_ms);
            let now_ms = self.now_ms();
            self.platform.advance(now_ms);
            self.act();
            self.carry(storm);
            if storm && self.dice.percent(1) {
                let desk = self.desk.take().unwrap();
                self.desk = Some(desk.killed());
            }
        }
    }

    /// Asks for the outcome and gives its code.
    fn told(&mut self, id: &str, action: Action) -> u8 {
        let waiter = self.desk().status(id, action);
        for _ in 0..100 {
            if let Some(code) = self.desk().code(waiter) {
                return code;
            }
            self.desk().pass(SECOND);
            self.carry(false);
        }
        panic!("no answer")
    }
}

/// Pays once, gives a part back if it went well, and compares what was told with the books.
fn life(seed: u64) -> (u8, Option<u8>) {
    let mut life = Life::new(seed);
    let waiter = life.desk().pay("a");
    life.live(5 * MINUTE);
    let external_id = life.desk().newest("a", Action::Pay).order.external_id;
    let transaction = life.desk().answers.get(&waiter).and_then(|one| one.transaction.clone());
    let refunds = transaction.is_some();
    if let Some(transaction) = transaction {
        life.desk().refund("b", &transaction, 400);
    }
    life.live(END_MS);
    let code = life.told("a", Action::Pay);
    let account = life.platform.ledger().account(external_id.as_str());
    assert!(account.times <= 1, "{seed}: paid {} times", account.times);
    let mut back = None;
    if refunds {
        let refund = life.desk().newest("b", Action::Refund).order.external_id;
        let code = life.told("b", Action::Refund);
        let times = life.platform.ledger().times_moved(refund.as_str());
        assert_eq!(times, u32::from(code == 0), "{seed}: a refund told as {code}");
        back = Some(code);
    }
    let given_back = account.refunded;
    match code {
        0 => {
            assert_eq!(account.times, 1, "{seed}: told as paid");
            let part = if back == Some(0) { 400 } else { 0 };
            assert_eq!(given_back, part, "{seed}: paid, and given back only on order");
        }
        1 | 2 | 3 | 7 => {
            let paid = account.moved.map_or(0, |sum| sum.amount);
            assert_eq!(given_back, paid, "{seed}: told as {code}, so it goes back");
        }
        other => panic!("{seed}: {other} at the end"),
    }
    (code, back)
}

#[test]
fn what_is_told_is_what_the_books_say() {
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..SEEDS {
        let ends = std::panic::catch_unwind(|| life(seed));
        let ends = ends.unwrap_or_else(|_| panic!("seed {seed}"));
        *seen.entry(ends).or_insert(0_u32) += 1;
    }
    for wanted in [(0, Some(0)), (1, None), (2, None), (3, None)] {
        assert!(seen.contains_key(&wanted), "{wanted:?} never came up: {seen:?}");
    }
}
