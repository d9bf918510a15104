//! Several processes on one journal.

use std::os::unix::fs::FileTypeExt;

use rustix::process::Signal;
use till_sandbox::{Auto, Call};

use super::stage::{Bank, Home, Running, history, mode, other, pay, until};

#[test]
fn four_payments_at_once_on_one_journal() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let ids = ["r-0", "r-1", "r-2", "r-3"];
    let running: Vec<Running> =
        ids.iter().map(|id| home.start(&pay(&["--request-id", id]))).collect();
    let mut transactions: Vec<String> =
        running.into_iter().map(|one| one.end().transaction()).collect();
    for transaction in &transactions {
        assert_eq!(bank.account(transaction).times, 1);
    }
    transactions.sort_unstable();
    transactions.dedup();
    assert_eq!(transactions.len(), 4);
    assert_eq!(bank.server().calls(Call::GetQrCode), 4);
    let rows = history(&home);
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row["handed_over"] == true), "{rows:?}");
}

#[test]
fn every_command_goes_through_the_holder() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let coffee = home.till(&pay(&["--request-id", "coffee"])).transaction();
    home.write("coffee.json", &coffee);
    bank.server().set_auto(Auto::Ignore);
    let mut holder = home.start(&pay(&["--request-id", "held"]));
    let held = holder.code();

    let id = ["--request-id", "coffee"];
    assert_eq!(home.till(&other("status", &id)).transaction(), coffee);
    let refund = ["--transaction", "coffee.json", "--amount", "1", "--metadata", "a=b"];
    let extras = home.till(&other("refund", &refund)).answer(0, 0);
    assert_eq!(extras["metadata"]["a"], "b");
    assert_eq!(history(&home).len(), 3);
    let resumed = home.till(&other("resume", &[])).json(0);
    assert!(!resumed["operations"].as_array().unwrap().is_empty());
    let word = ["--request-id", "coffee", "--as", "not-paid", "--note", "no"];
    assert_eq!(home.till(&other("settle", &word)).transaction(), coffee);
    home.till(&other("pay", &["--amount", "0", "--purpose", "x"])).answer(2, 5);
    home.till(&other("cancel", &["--request-id", "held"])).answer(1, 2);
    holder.end().answer(1, 2);
    assert_eq!(bank.account(&coffee).refunded, 1);
    assert!(bank.server().bank().lock().unwrap().payment(0, &held).is_some());
}

#[test]
fn stages_and_answers_of_a_client_are_those_of_a_holder() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&["--request-id", "a"]));
    let first = holder.code();
    let mut client = home.start(&pay(&["--request-id", "b", "--metadata", "k=v"]));
    let second = client.code();
    assert_ne!(first, second);
    bank.approve(&second);
    let ran = client.end();
    assert_eq!(ran.answer(0, 0)["metadata"]["k"], "v");
    assert_eq!(ran.err.lines().count(), 2, "started, code_shown: {}", ran.err);
    bank.approve(&first);
    holder.end().transaction();
}

#[test]
fn the_answer_that_a_client_printed_counts_as_handed_over() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&["--request-id", "held"]));
    let held = holder.code();
    for _ in 0..2 {
        let mut client = home.start(&pay(&["--request-id", "b"]));
        bank.approve(&client.code());
        client.end().transaction();
    }
    assert_eq!(bank.movements(), 2, "the second one is a payment of its own");
    bank.approve(&held);
    holder.end().transaction();
}

#[test]
fn the_holder_serves_until_its_last_client_has_its_answer() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&["--request-id", "a"]));
    let first = holder.code();
    let mut client = home.start(&pay(&["--request-id", "b"]));
    let second = client.code();
    bank.approve(&first);
    let status = other("status", &["--request-id", "a"]);
    until("a is paid", || home.till(&status).status == Some(0));
    // The client still waits, so the holder, whose own payment is over, is still there.
    assert!(!holder.has_ended());
    bank.approve(&second);
    client.end().transaction();
    holder.end().transaction();
}

#[test]
fn a_client_that_is_killed_leaves_its_payment_to_the_holder() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&["--request-id", "a"]));
    let first = holder.code();
    let mut client = home.start(&pay(&["--request-id", "b"]));
    let second = client.code();
    client.signal(Signal::KILL);
    client.end();
    bank.approve(&second);
    let status = other("status", &["--request-id", "b"]);
    until("paid", || home.till(&status).status == Some(0));
    bank.approve(&first);
    holder.end().transaction();
}

#[test]
fn the_socket_is_for_this_user_alone_and_goes_with_the_holder() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&[]));
    let code = holder.code();
    let socket = home.path("till.sqlite.sock");
    assert!(std::fs::metadata(&socket).unwrap().file_type().is_socket());
    assert_eq!(mode(&socket), 0o600);
    bank.approve(&code);
    holder.end().transaction();
    assert!(!socket.exists());
}

#[test]
fn a_journal_with_a_long_name_is_shared_as_well() {
    let home = Home::new();
    let folder = "f".repeat(120);
    let bank = Bank::new(&home, &format!("journal = \"{folder}/till.sqlite\""));
    let run = home.path("run");
    std::fs::create_dir(&run).unwrap();
    let start = |id: &str| {
        let mut command = home.command(&pay(&["--request-id", id]));
        command.env("XDG_RUNTIME_DIR", &run);
        Running::start(command)
    };
    let mut holder = start("a");
    let first = holder.code();
    let sockets: Vec<_> = std::fs::read_dir(&run).unwrap().map(Result::unwrap).collect();
    assert_eq!(sockets.len(), 1);
    assert!(sockets[0].file_name().to_str().unwrap().starts_with("till-"));
    let mut client = start("b");
    let second = client.code();
    bank.approve(&first);
    bank.approve(&second);
    holder.end().transaction();
    client.end().transaction();
}

#[test]
fn another_configuration_on_the_same_journal_is_code_6() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let toml = std::fs::read_to_string(home.path("till.toml")).unwrap();
    let other_user = toml.replace("208800000000000001", "208800000000000002");
    home.write("other.toml", &other_user.replace("UZS", "USD"));
    let mut holder = home.start(&pay(&[]));
    let code = holder.code();
    let words = ["pay", "--config", "other.toml", "--json", "--amount", "1", "--purpose", "x"];
    let ran = home.till(&words);
    let message = ran.answer(4, 6)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("octo.user_id, terminal.currency differ"), "{message}");
    let ran = home.till(&["history", "--config", "other.toml", "--json"]);
    assert_eq!(ran.status, Some(4), "{ran:?}");
    bank.approve(&code);
    holder.end().transaction();
}

#[test]
fn sandbox_processes_share_the_holders_bank() {
    let home = Home::new();
    let sandbox = |id: &str, auto: &str| {
        let words = ["pay", "--sandbox", "--json", "--amount", "5", "--purpose", "x"];
        let more = ["--request-id", id, "--auto", auto, "--auto-after", "0"];
        home.start(&[&words[..], &more].concat())
    };
    let mut holder = sandbox("a", "ignore");
    let wallet = holder.event("wallet")["wallet_url"].clone();
    holder.code();
    let mut client = sandbox("b", "decline");
    assert_eq!(client.event("wallet")["wallet_url"], wallet);
    client.end().answer(1, 1);
    // The customer is the bank's: what one process said holds for all.
    holder.end().answer(1, 1);
}
