//! The rules: Times, tokens and pacing.

use super::desk::Desk;
use till_core::engine::Input;
use till_core::intent::Advice;

fn with_tokens() -> Desk {
    let mut desk = Desk::new();
    desk.tokens = true;
    desk.start()
}

#[test]
fn calls_start_at_least_100_ms_apart() {
    let mut desk = Desk::new().start();
    for id in ["r1", "r2", "r3"] {
        desk.pay(id);
    }
    desk.pass(1_000);
    let starts: Vec<u64> = desk.calls.iter().map(|(.., at)| *at - 1_000_000).collect();
    assert_eq!(starts, [0, 100, 200]);
}

#[test]
fn one_token_serves_all_calls() {
    let mut desk = with_tokens();
    desk.pay("r1");
    desk.pay("r2");
    desk.pass(300);
    assert_eq!(desk.under_way(), ["token"], "one renewal at a time");
    desk.reply("token", "");
    desk.pass(300);
    assert_eq!(desk.under_way(), ["code", "code"]);
}

#[test]
fn a_401_renews_once_and_repeats_the_call_once() {
    let mut desk = with_tokens();
    let pay = desk.pay("r1");
    desk.reply("token", "");
    desk.reply_status("code", 401, "rejected credentials");
    desk.reply("token", "");
    desk.reply_status("code", 401, "rejected credentials");
    assert_eq!(desk.told(pay), (6, Advice::Configure));
}

#[test]
fn a_401_to_a_call_with_an_older_token_does_not_count() {
    let mut desk = with_tokens();
    desk.pay("r1");
    desk.pay("r2");
    desk.reply("token", "");
    desk.pass(300);
    assert_eq!(desk.under_way(), ["code", "code"]);
    desk.reply_status("code", 401, "rejected credentials");
    desk.reply("token", "");
    desk.reply_status("code", 401, "rejected credentials");
    desk.pass(300);
    assert!(!desk.under_way().contains(&"token"), "the present token was not refused");
    desk.reply("code", "code");
    desk.reply("code", "code");
}

#[test]
fn refused_credentials_are_6_and_a_silent_token_server_is_7() {
    let mut desk = with_tokens();
    let refused = desk.pay("r1");
    desk.reply_status("token", 401, "");
    assert_eq!(desk.told(refused), (6, Advice::Configure));
    let silent = desk.pay("r2");
    for _ in 0..3 {
        desk.silence("token", true);
    }
    assert_eq!(desk.told(silent), (7, Advice::NewRequest), "no byte that could move money left");
}

#[test]
fn a_token_is_made_ready_before_it_is_needed() {
    let mut desk = with_tokens();
    desk.input(Input::Warm);
    desk.input(Input::Warm);
    desk.pass(1_000);
    desk.input(Input::Warm);
    assert_eq!(desk.under_way(), ["token"], "one renewal at a time");
    desk.reply("token", "");
    desk.pay("r1");
    desk.pass(200);
    assert_eq!(desk.under_way(), ["code"]);
}

#[test]
fn a_token_that_nothing_hangs_on_keeps_the_pace_too() {
    let mut desk = with_tokens();
    desk.pay("r1");
    desk.reply_status("token", 401, "");
    desk.input(Input::Warm);
    assert_eq!(desk.under_way(), Vec::<&str>::new(), "a call began just now");
    desk.pass(100);
    desk.input(Input::Warm);
    assert_eq!(desk.under_way(), ["token"]);
}

#[test]
fn a_closing_inquiry_overtakes_everything() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    for id in ["r2", "r3", "r4"] {
        desk.pay(id);
    }
    desk.cancel("r1");
    desk.pass(100);
    assert!(desk.under_way().contains(&"close"), "{:?}", desk.under_way());
    assert!(desk.under_way().len() < 4);
}

#[test]
fn watched_operations_are_asked_at_most_once_a_second() {
    let mut desk = Desk::new().start();
    for id in ["r1", "r2", "r3", "r4"] {
        desk.shown(id);
        desk.cancel(id);
        desk.reply("close", "open");
    }
    let mut desk = desk.killed();
    desk.pass(5_000);
    let starts: Vec<u64> = desk.calls.iter().map(|(.., at)| *at).collect();
    assert_eq!(starts.len(), 4);
    assert!(starts.windows(2).all(|two| two[1] - two[0] >= 1_000), "{starts:?}");
}

#[test]
fn a_wall_clock_that_jumps_a_day_changes_no_wait_and_no_outcome() {
    for jump in [-86_400_000, 86_400_000] {
        let mut desk = Desk::new();
        desk.settings.rules.wait_ms = 5_000;
        let mut desk = desk.start();
        let pay = desk.shown("r1");
        desk.now.wall_ms += jump;
        desk.pass(4_000);
        assert!(!desk.under_way().contains(&"close"), "the wait is not over");
        desk.reply("poll", "paid");
        assert_eq!(desk.code(pay), Some(0));
        let second = desk.shown("r2");
        desk.now.wall_ms += jump;
        desk.pass(5_100);
        desk.reply("close", "open");
        assert_eq!(desk.code(second), Some(3));
        let mut desk = desk.killed();
        desk.now.wall_ms -= jump;
        let status = desk.status("r2", till_core::operation::Action::Pay);
        desk.reply("inquire", "open");
        assert_eq!(desk.code(status), Some(3));
    }
}

#[test]
fn a_creating_call_that_waits_for_its_turn_ends_with_its_operation() {
    let mut desk = Desk::new().start();
    let other = desk.pay("r1");
    let pay = desk.pay("r2");
    desk.cancel("r2");
    desk.pass(1_000);
    assert_eq!(desk.under_way(), ["code", "close"], "no code is made for a cancelled payment");
    desk.reply("close", "open");
    assert_eq!((desk.code(pay), desk.code(other)), (Some(2), None));
    desk.pass(1_000);
    assert_eq!(desk.under_way(), ["code"]);
}

#[test]
fn a_creating_call_with_a_refused_token_ends_with_its_operation() {
    let mut desk = with_tokens();
    let pay = desk.pay("r1");
    desk.reply("token", "");
    desk.pass(200);
    assert_eq!(desk.under_way(), ["code"]);
    desk.cancel("r1");
    desk.reply("close", "open");
    assert_eq!(desk.code(pay), Some(2));
    desk.reply_status("code", 401, "rejected credentials");
    desk.pass(1_000);
    assert_eq!(desk.under_way(), Vec::<&str>::new(), "not again after the answer");
}
