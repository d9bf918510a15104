//! `till sandbox` and `--sandbox`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::stage::{Home, mode};

/// Is a running `till sandbox`.
struct Sandbox {
    child: Child,
    line: Value,
}

impl Sandbox {
    fn start(home: &Home, words: &[&str]) -> Self {
        let usual = ["sandbox", "--listen", "127.0.0.1:0", "--json"];
        let mut command = home.command(&[&usual[..], words].concat());
        let mut child = command.stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child, line: serde_json::from_str(&line).unwrap() }
    }

    fn text(&self, key: &str) -> &str {
        self.line[key].as_str().unwrap()
    }

    /// Asks the control API.
    fn control(&self, method: &str, path: &str, body: &str) -> Value {
        let address = self.text("wallet_url").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nX-Till-Sandbox: 1\r\n\
             Content-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).unwrap()
    }

    fn stop(mut self, signal: Signal) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn pay<'a>(config: &'a str, words: &[&'a str]) -> Vec<&'a str> {
    let usual = ["pay", "--config", config, "--json", "--amount", "12500", "--purpose", "Coffee"];
    [&usual[..], words].concat()
}

#[test]
fn the_printed_configuration_takes_a_payment() {
    let home = Home::new();
    let words = ["--auto", "approve", "--auto-after", "0"];
    let sandbox = Sandbox::start(&home, &words);
    let keys: Vec<&String> = sandbox.line.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["base_url", "ca", "config", "wallet_url"]);
    assert!(sandbox.text("base_url").starts_with("https://127.0.0.1:"));
    assert!(fs::read_to_string(sandbox.text("ca")).unwrap().contains("BEGIN CERTIFICATE"));
    let config = sandbox.text("config").to_owned();
    assert_eq!(mode(Path::new(&config)), 0o600, "the secret is in it");
    let ran = home.till(&pay(&config, &[]));
    ran.transaction();
    let ledger = sandbox.control("GET", "/control/ledger", "");
    assert_eq!(ledger["movements"].as_array().unwrap().len(), 1);

    assert_eq!(sandbox.stop(Signal::TERM), Some(0));
    assert!(!Path::new(&config).exists(), "it leads nowhere any more");
    let folder = Path::new(&config).parent().unwrap();
    assert!(folder.join("till.sqlite").exists(), "but the journal stays");
}

#[test]
fn the_customer_pays_at_the_wallet_page() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &[]);
    let mut running = home.start(&pay(sandbox.text("config"), &[]));
    let code = running.code();
    assert!(code.starts_with(sandbox.text("wallet_url")), "{code}");
    let body = format!("{{\"code\":\"{code}\"}}");
    sandbox.control("POST", "/control/approve", &body);
    running.end().transaction();
    assert_eq!(sandbox.stop(Signal::INT), Some(0));
}

#[test]
fn faults_come_with_the_start_and_with_the_control_api() {
    let home = Home::new();
    let words = ["--fault", "status:get-qr-code:403:99", "--auto", "approve", "--auto-after", "0"];
    let sandbox = Sandbox::start(&home, &words);
    let config = sandbox.text("config");
    home.till(&pay(config, &[])).answer(4, 6);
    sandbox.control("DELETE", "/control/faults", "");
    let faults = "{\"faults\":[\"drop-request:get-qr-code:1\"]}";
    sandbox.control("POST", "/control/faults", faults);
    home.till(&pay(config, &[])).transaction();
}

#[test]
fn a_port_that_is_taken_is_told() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = home.till(&["sandbox", "--listen", &address]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.err.contains(&address) && ran.err.lines().count() == 1, "{}", ran.err);
}

#[test]
fn the_first_command_on_a_fresh_machine_is_a_whole_payment() {
    let home = Home::new();
    let ran = home.till(&["pay", "--sandbox", "--amount", "12500", "--purpose", "Coffee"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.out.contains("SANDBOX: no money moved"), "{}", ran.out);
    assert!(ran.out.contains("The sandbox's customer is at http://127.0.0.1:"), "{}", ran.out);
    let state = home.path(".local/state/till");
    assert_eq!(mode(&state), 0o700);
    for name in ["sandbox.sqlite", "sandbox.sqlite.bank.json"] {
        assert_eq!(mode(&state.join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_later_refund_finds_its_payment_and_answers_say_sandbox() {
    let home = Home::new();
    let words = ["--sandbox", "--json", "--amount", "12500"];
    let usual = ["--purpose", "Coffee", "--auto-after", "0"];
    let ran = home.till(&[&["pay"], &words[..], &usual].concat());
    assert_eq!(ran.answer(0, 0)["dev.till.extra.SANDBOX"], true);
    let transaction = ran.transaction();
    assert!(transaction.contains("\"sandbox\":true"), "{transaction}");
    let refund = [&["refund"], &words[..], &["--transaction", "-"]].concat();
    let ran = home.till_reading(&refund, &transaction);
    assert_eq!(ran.answer(0, 0)["dev.till.extra.SANDBOX"], true);
    home.till_reading(&refund, &transaction).answer(2, 9);
    let refused = home.till(&["pay", "--sandbox", "--json", "--amount", "0", "--purpose", "x"]);
    assert_eq!(refused.answer(2, 5)["dev.till.extra.SANDBOX"], true);
}

#[test]
fn the_sandboxs_customer_does_as_told() {
    let home = Home::new();
    let words = ["pay", "--sandbox", "--json", "--amount", "5", "--purpose", "x"];
    for (auto, status, code) in [("decline", 1, 1), ("cancel", 1, 2), ("approve", 0, 0)] {
        let more = ["--auto", auto, "--auto-after", "0"];
        home.till(&[&words[..], &more].concat()).answer(status, code);
    }
}

#[test]
fn the_printed_configuration_has_both_banks() {
    let home = Home::new();
    let sandbox = Sandbox::start(&home, &[]);
    let words = ["--rail", "ecommpay", "--currency", "CNY"];
    let mut running = home.start(&pay(sandbox.text("config"), &words));
    let code = running.code();
    assert!(code.starts_with(&format!("{}/payment?", sandbox.text("base_url"))), "{code}");
    // The customer scans the code, and the page pays it.
    let scanned = sandbox.control("POST", "/control/scan", &format!("{{\"code\":\"{code}\"}}"));
    assert_eq!(scanned["payment"]["bank"], "ecommpay");
    let id = code.split("payment_id=").nth(1).unwrap().split('&').next().unwrap();
    let body = format!("{{\"external_id\":\"{id}\"}}");
    sandbox.control("POST", "/control/approve", &body);
    let transaction = running.end().transaction();
    assert!(transaction.contains(id), "{transaction}");
    let ledger = sandbox.control("GET", "/control/ledger", "");
    assert_eq!(ledger["movements"][0]["external_id"], id);
    assert_eq!(sandbox.stop(Signal::TERM), Some(0));
}
