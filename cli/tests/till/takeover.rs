//! The holder of the journal dies: what becomes of the others.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};

use rustix::fs::FlockOperation;
use rustix::process::Signal;
use till_sandbox::{Auto, Call};

use super::stage::{Bank, Home, Running, history, other, pay, until};

/// Plays a holder that dies when the test wants it to.
struct FakeHolder {
    _lock: File,
    listener: UnixListener,
}

impl FakeHolder {
    fn new(home: &Home) -> Self {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let lock = options.open(home.path("till.sqlite.lock")).unwrap();
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
        let socket = home.path("till.sqlite.sock");
        Self { _lock: lock, listener: UnixListener::bind(socket).unwrap() }
    }

    /// Lets a client in, answers its hello, and gives its connection.
    fn let_in(&self, answer: &str) -> BufReader<UnixStream> {
        let (stream, _) = self.listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut hello = String::new();
        reader.read_line(&mut hello).unwrap();
        assert!(hello.contains("\"till\":1") && hello.contains("octo.base_url"), "{hello}");
        assert!(!hello.contains("secret"), "no secret is said: {hello}");
        writeln!(reader.get_mut(), "{answer}").unwrap();
        reader
    }

    /// Lets a client in, hears its wish, and dies before anything is done about it.
    fn hear_and_die(self) -> String {
        let mut reader = self.let_in("{\"say\":\"welcome\",\"wallet_url\":null}");
        let mut wish = String::new();
        reader.read_line(&mut wish).unwrap();
        wish
    }
}

#[test]
fn clients_go_on_when_the_holder_is_killed() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&["--request-id", "r-0"]));
    let held = holder.code();
    let ids = ["r-1", "r-2", "r-3"];
    let mut clients: Vec<Running> =
        ids.iter().map(|id| home.start(&pay(&["--request-id", id]))).collect();
    let codes: Vec<String> = clients.iter_mut().map(Running::code).collect();
    holder.signal(Signal::KILL);
    holder.end();
    for (client, code) in clients.iter_mut().zip(&codes) {
        client.event("holder_gone");
        assert_eq!(client.code(), *code, "the same code is shown again");
    }
    for code in &codes {
        bank.approve(code);
    }
    for client in clients {
        assert_eq!(bank.account(&client.end().transaction()).times, 1);
    }
    assert_eq!(bank.server().calls(Call::GetQrCode), 4, "no second code for anybody");
    // The dead process's payment is still there.
    bank.approve(&held);
    let status = other("status", &["--request-id", "r-0"]);
    until("r-0 is paid", || {
        home.till(&other("resume", &[])).json(0);
        home.till(&status).status == Some(0)
    });
    assert_eq!(bank.movements(), 4);
}

#[test]
fn a_wish_that_was_never_recorded_is_made_once() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let fake = FakeHolder::new(&home);
    let mut client = home.start(&pay(&["--request-id", "r-1"]));
    let wish = fake.hear_and_die();
    assert!(wish.contains("\"again\":false"), "{wish}");
    client.event("holder_gone");
    let transaction = client.end().transaction();
    assert_eq!(bank.account(&transaction).times, 1);
    assert_eq!(bank.server().calls(Call::GetQrCode), 1);
    assert_eq!(history(&home).len(), 1);
}

#[test]
fn an_earlier_payment_of_the_same_name_is_not_taken_for_it() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let first = home.till(&pay(&["--request-id", "r-1"])).transaction();
    let fake = FakeHolder::new(&home);
    let client = home.start(&pay(&["--request-id", "r-1"]));
    fake.hear_and_die();
    let second = client.end().transaction();
    assert_ne!(second, first);
    assert_eq!(bank.movements(), 2);
}

#[test]
fn a_payment_that_ended_while_nobody_was_there_is_told_and_not_begun_again() {
    for (auto, status, code) in [(Auto::Approve, 0, 0), (Auto::Decline, 1, 1)] {
        let home = Home::new();
        let bank = Bank::new(&home, "");
        let mut holder = home.start(&pay(&["--request-id", "held"]));
        holder.code();
        let mut client = home.start(&pay(&["--request-id", "r-1"]));
        client.code();
        client.freeze();
        holder.signal(Signal::KILL);
        holder.end();
        // The payment ends in a third process, before the client notices that the holder is gone.
        bank.server().set_auto(auto);
        let status_of = other("status", &["--request-id", "r-1"]);
        until("r-1 has ended", || {
            home.till(&other("resume", &[])).json(0);
            home.till(&status_of).status == Some(status)
        });
        client.signal(Signal::CONT);
        client.event("holder_gone");
        let extras = client.end().answer(status, code);
        assert_eq!(extras["request_id"], "r-1");
        assert_eq!(bank.server().calls(Call::GetQrCode), 2);
    }
}

#[test]
fn a_refund_that_the_holder_took_along_is_made_once() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let coffee = home.till(&pay(&["--request-id", "coffee"])).transaction();
    home.write("coffee.json", &coffee);
    bank.server().set_auto(Auto::Ignore);
    let mut holder = home.start(&pay(&["--request-id", "held"]));
    holder.code();
    bank.fault("drop-answer:refund:1");
    bank.fault("drop-request:process:99");
    let words = ["--transaction", "coffee.json", "--amount", "5000", "--request-id", "back"];
    let mut client = home.start(&other("refund", &words));
    until("the bank has it", || bank.account(&coffee).refunded == 5_000);
    holder.signal(Signal::KILL);
    holder.end();
    client.event("holder_gone");
    bank.server().faults().clear();
    let back = client.end().transaction();
    assert_eq!(bank.account(&back).times, 1);
    assert_eq!(bank.account(&coffee).refunded, 5_000);
}

#[test]
fn a_cancel_survives_the_holder() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&["--request-id", "held"]));
    holder.code();
    let mut client = home.start(&pay(&["--request-id", "r-1"]));
    client.code();
    // The closing inquiry takes long enough for the holder to die in it.
    bank.fault("delay:process:600000:9");
    client.signal(Signal::INT);
    client.event("cancelling");
    client.event("closing");
    holder.signal(Signal::KILL);
    holder.end();
    bank.server().faults().clear();
    client.event("holder_gone");
    client.end().answer(1, 2);
    assert_eq!(bank.movements(), 0);
}

#[test]
fn another_version_of_till_is_not_spoken_with() {
    let home = Home::new();
    let _bank = Bank::new(&home, "");
    let fake = FakeHolder::new(&home);
    let client = home.start(&pay(&[]));
    drop(fake.let_in("{\"say\":\"other_version\"}"));
    let extras = client.end().answer(4, 6);
    assert!(extras["message"].as_str().unwrap().contains("another version"), "{extras}");
}

#[test]
fn a_socket_that_a_dead_process_left_is_no_obstacle() {
    let home = Home::new();
    let _bank = Bank::approving(&home, "");
    drop(UnixListener::bind(home.path("till.sqlite.sock")).unwrap());
    home.till(&pay(&[])).transaction();
}
