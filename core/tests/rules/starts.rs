//! A process that starts does not know the last one's calls, and keeps their pace all the same.

use super::desk::Desk;
use till_core::engine::Input;

impl Desk {
    /// Dies, and starts again so much later.
    fn back_after(mut self, ms: u64) -> Self {
        self.now.boot_ms += ms;
        self.now.wall_ms += i64::try_from(ms).unwrap();
        self.killed()
    }

    /// Gives when the first call of this process starts.
    fn first_call(&mut self) -> u64 {
        self.pass(1_000);
        self.calls.first().map(|(.., at)| *at).expect("a call")
    }
}

#[test]
fn calls_are_100_ms_apart_over_a_crash_with_something_open() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    desk.pass(1_500);
    let last = desk.calls.last().map(|(.., at)| *at).expect("a poll");
    let mut desk = desk.back_after(64);
    let first = desk.first_call();
    assert!(first >= last + 100, "{first} after {last}");
}

#[test]
fn calls_are_100_ms_apart_over_a_crash_after_the_end() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    let end = desk.now.boot_ms;
    let mut desk = desk.back_after(64);
    desk.pay("r2");
    assert!(desk.first_call() >= end + 100);
}

#[test]
fn calls_are_100_ms_apart_over_a_crash_after_a_token_s_call() {
    let mut desk = Desk::new();
    desk.tokens = true;
    let mut desk = desk.start();
    desk.input(Input::Warm);
    assert_eq!(desk.under_way(), ["token"]);
    let last = desk.now.boot_ms;
    let mut desk = desk.back_after(64);
    desk.pay("r1");
    assert!(desk.first_call() >= last + 100);
}

#[test]
fn the_first_call_waits_for_nothing_when_nothing_was_open_for_a_while() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    let mut desk = desk.back_after(1_000);
    desk.pay("r2");
    assert_eq!(desk.under_way(), ["code"]);
}

#[test]
fn a_wall_clock_that_went_back_makes_the_first_call_wait() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    desk.now.wall_ms -= 86_400_000;
    let mut desk = desk.back_after(1_000);
    desk.pay("r2");
    assert_eq!(desk.under_way(), Vec::<&str>::new());
    desk.pass(100);
    assert_eq!(desk.under_way(), ["code"]);
}

#[test]
fn a_token_that_may_not_be_fetched_at_the_start_is_fetched_soon() {
    let mut desk = Desk::new();
    desk.tokens = true;
    let mut desk = desk.start();
    desk.input(Input::Warm);
    let mut desk = desk.back_after(64);
    desk.input(Input::Warm);
    assert_eq!(desk.under_way(), Vec::<&str>::new());
    desk.pass(100);
    assert_eq!(desk.under_way(), ["token"]);
}
