//! `till settle`: the operator's word, only in doubt, only after the bank was asked.

use rustix::process::Signal;
use serde_json::Value;
use till_sandbox::Call;

use super::stage::{Bank, Home, history, other, pay, until};

/// Leaves a payment in doubt: the terminal dies while the bank is being asked for the code's sum.
fn doubt(home: &Home, bank: &Bank) {
    bank.fault("delay:perform:600000:1");
    let running = home.start(&pay(&["--request-id", "r-1"]));
    until("perform", || bank.server().calls(Call::Perform) > 0);
    running.signal(Signal::KILL);
    running.end();
}

fn settle<'a>(word: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    let usual = ["--request-id", "r-1", "--as", word, "--note", "the bank said so by phone"];
    other("settle", &[&usual[..], words].concat())
}

fn events(row: &Value) -> Vec<&str> {
    let story = row["story"].as_array().unwrap();
    story.iter().map(|line| line["event"].as_str().unwrap()).collect()
}

#[test]
fn the_operators_word_ends_a_doubt_that_the_bank_cannot() {
    for (word, status, code) in [("paid", 0, 0), ("not-paid", 1, 1)] {
        let home = Home::new();
        let bank = Bank::new(&home, "");
        doubt(&home, &bank);
        let extras = home.till(&settle(word, &[])).answer(status, code);
        assert_eq!(extras["request_id"], "r-1");
        home.till(&other("status", &["--request-id", "r-1"])).answer(status, code);
        let rows = history(&home);
        let told = events(&rows[0]).into_iter().find(|event| event.contains("by phone")).unwrap();
        assert!(told.contains("by the operator"), "{told}");
    }
}

#[test]
fn a_bank_that_does_not_answer_leaves_the_doubt() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    doubt(&home, &bank);
    bank.fault("drop-request:process:99");
    home.till(&settle("paid", &[])).answer(3, 4);
    assert_eq!(history(&home)[0]["outcome"], "unknown");
}

#[test]
fn the_banks_word_is_stronger() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let transaction = home.till(&pay(&["--request-id", "r-1"])).transaction();
    let ran = home.till(&settle("not-paid", &[]));
    assert_eq!(ran.transaction(), transaction);
    assert!(!events(&history(&home)[0]).iter().any(|event| event.contains("by phone")));
    assert_eq!(bank.movements(), 1);
}

#[test]
fn a_payment_that_runs_cannot_be_settled() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut running = home.start(&pay(&["--request-id", "r-1"]));
    let code = running.code();
    home.till(&settle("not-paid", &[])).answer(2, 8);
    bank.approve(&code);
    running.end().transaction();
}

#[test]
fn a_word_needs_a_reason_and_a_request() {
    let home = Home::new();
    let _bank = Bank::new(&home, "");
    home.till(&settle("paid", &[])).answer(2, 11);
    for words in [
        &["--request-id", "r-1", "--as", "paid"][..],
        &["--request-id", "r-1", "--as", "paid", "--note", " "],
        &["--request-id", "r-1", "--as", "paid", "--note", "a\nb"],
        &["--request-id", "r-1", "--as", "perhaps", "--note", "x"],
        &["--as", "paid", "--note", "x"],
    ] {
        let ran = home.till(&other("settle", words));
        assert!(ran.json(2)["error"].is_string(), "{words:?}");
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
}
