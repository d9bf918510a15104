//! Ctrl-C: once gives up, twice leaves.

use rustix::process::Signal;
use till_sandbox::Auto;

use super::stage::{Bank, Home, Running, history, other, pay, until};

#[test]
fn once_cancels_the_payment() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut running = home.start(&pay(&["--request-id", "r-1"]));
    running.code();
    running.signal(Signal::INT);
    running.event("cancelling");
    running.event("closing");
    running.end().answer(1, 2);
    assert_eq!(history(&home)[0]["outcome"], "cancelled");
    assert_eq!(bank.movements(), 0);
}

#[test]
fn once_in_another_process_cancels_its_own_payment() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&["--request-id", "a"]));
    let code = holder.code();
    let mut client = home.start(&pay(&["--request-id", "b"]));
    client.code();
    client.signal(Signal::INT);
    client.end().answer(1, 2);
    bank.approve(&code);
    holder.end().transaction();
}

#[test]
fn the_customer_who_pays_meanwhile_wins() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut running = home.start(&pay(&[]));
    let code = running.code();
    bank.fault("delay:process:300");
    running.signal(Signal::INT);
    running.event("closing");
    bank.approve(&code);
    let transaction = running.end().transaction();
    assert_eq!(bank.account(&transaction).times, 1);
}

/// Presses Ctrl-C twice while the bank takes long to answer the last question.
fn leave(running: &mut Running) {
    running.signal(Signal::INT);
    running.event("closing");
    running.signal(Signal::INT);
}

#[test]
fn twice_leaves_at_once_and_the_journal_keeps_it() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut running = home.start(&pay(&["--request-id", "r-1"]));
    running.code();
    bank.fault("delay:process:600000");
    leave(&mut running);
    let extras = running.end().answer(3, 4);
    assert_eq!(extras["dev.till.extra.ADVICE"], "ask_status");
    assert_eq!(extras["request_id"], "r-1");
    bank.server().faults().clear();
    home.till(&other("resume", &[])).json(0);
    home.till(&other("status", &["--request-id", "r-1"])).answer(1, 2);
    assert_eq!(bank.movements(), 0);
}

#[test]
fn a_holder_that_leaves_is_followed_by_a_client() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&["--request-id", "a"]));
    holder.code();
    let mut client = home.start(&pay(&["--request-id", "b"]));
    let code = client.code();
    bank.fault("delay:process:600000");
    leave(&mut holder);
    holder.end().answer(3, 4);
    bank.server().faults().clear();
    client.event("holder_gone");
    bank.approve(&code);
    assert_eq!(bank.account(&client.end().transaction()).times, 1);
}

#[test]
fn a_holder_that_only_serves_leaves_at_once() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&["--request-id", "a"]));
    let first = holder.code();
    let mut client = home.start(&pay(&["--request-id", "b"]));
    let second = client.code();
    bank.approve(&first);
    // The hand-over is the last that the holder does for itself.
    until("a was handed over", || history(&home).iter().any(|row| row["handed_over"] == true));
    holder.signal(Signal::INT);
    holder.end().transaction();
    client.event("holder_gone");
    bank.approve(&second);
    assert_eq!(bank.account(&client.end().transaction()).times, 1);
}

#[test]
fn a_refund_cannot_be_taken_back_but_left() {
    let home = Home::new();
    let bank = Bank::with(&home, "", |config| config.auto = Auto::Approve);
    home.write("coffee.json", &home.till(&pay(&[])).transaction());
    bank.fault("delay:refund:600000:1");
    let words = ["--transaction", "coffee.json", "--amount", "1", "--request-id", "back"];
    let mut running = home.start(&other("refund", &words));
    running.event("started");
    running.signal(Signal::INT);
    running.event("cannot_cancel");
    running.signal(Signal::INT);
    let extras = running.end().answer(3, 4);
    assert_eq!(extras["error_type"], "unknown_result_error");
    bank.server().faults().clear();
    let back = home.till(&other("refund", &words)).transaction();
    assert_eq!(bank.account(&back).times, 1);
}
