//! The gateway as a process, killed with SIGKILL again and again while terminals wait for it: every
//! answer is that of the bank's books, and nothing is paid twice.
//!
//! `TILL_KILL_CYCLES` says how often it is killed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "gateway/till.rs"]
#[expect(dead_code, reason = "refunds are the other test's")]
mod till;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use till::{Till, Way};
use till_core::intent::{Answer, AnswerCode};
use till_core::operation::Story;
use till_sandbox::{Auto, Certificate, Server, ServerConfig, certificate};

const TERMINALS: usize = 5;

struct Gateway(Child);

impl Gateway {
    fn command(folder: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_till-gateway"));
        command.args(words).arg("--config").arg(folder.join("gateway.toml")).stdin(Stdio::null());
        command
    }

    fn start(folder: &Path) -> Self {
        let mut command = Self::command(folder, &["serve", "--log", "error"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("listening"), "{line}");
        Self(child)
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn set_up(folder: &Path, bank: &Server) -> SocketAddr {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let Certificate { ca_pem, chain_pem, key_pem } = certificate(free, "gateway").unwrap();
    for (name, text) in [("ca.pem", ca_pem), ("chain.pem", chain_pem), ("key.pem", key_pem)] {
        fs::write(folder.join(name), text).unwrap();
    }
    let listen = format!(
        "{}\n[gateway]\nlisten = \"{free}\"\ndatabase = \"g.sqlite\"\n\
         certificate_file = \"chain.pem\"\nkey_file = \"key.pem\"\nrequests_per_second = 500\n",
        bank.till_config().replacen("[terminal]\n", "[terminal]\nwait_s = 20\n", 1)
    );
    fs::write(folder.join("gateway.toml"), listen).unwrap();
    free
}

/// Pays, and asks on while the answer is "not known", as its advice says; a code that the gateway
/// may have lost at its death stays in doubt until the bank's code has ended.
async fn pay(till: &Till, request_id: &str) -> Answer {
    let mut answer = till.pay(request_id).await;
    for _ in 0..40 {
        if answer.code != AnswerCode::Unknown && answer.code != AnswerCode::InUse {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        answer = till.status(request_id).await;
    }
    assert_eq!(answer.code, AnswerCode::Unknown, "{request_id} still runs: {answer:?}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_killed_at_random_tells_no_wrong_answer() {
    let cycles = std::env::var("TILL_KILL_CYCLES").ok().and_then(|text| text.parse().ok());
    let cycles: u64 = cycles.unwrap_or(6);
    let folder = tempfile::tempdir().unwrap();
    let ca_file = Some(folder.path().join("bank.pem"));
    let bank = Server::start(ServerConfig { ca_file, ..ServerConfig::default() }).await.unwrap();
    bank.set_auto(Auto::Approve);
    let address = set_up(folder.path(), &bank);
    let mut tills = Vec::new();
    for number in 0..TERMINALS {
        let name = format!("T-{number}");
        let made = Gateway::command(folder.path(), &["token", "add", &name]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        tills.push(Till::start(&Way {
            url: format!("https://{address}"),
            ca_pem: fs::read(folder.path().join("ca.pem")).unwrap(),
            token: String::from_utf8(made.stdout).unwrap().trim().to_owned(),
            sandbox: false,
            journal: folder.path().join(format!("{name}.sqlite")),
        }));
    }
    let mut gateway = Gateway::start(folder.path());
    let paying: Vec<_> = tills
        .into_iter()
        .map(|till| {
            tokio::spawn(async move {
                let mut told = Vec::new();
                for round in 0..2 {
                    told.push(pay(&till, &format!("r-{round}")).await);
                }
                (till, told)
            })
        })
        .collect();
    for _ in 0..cycles {
        let ms = 200 + getrandom::u64().unwrap() % 1_800;
        tokio::time::sleep(Duration::from_millis(ms)).await;
        gateway.kill();
        gateway = Gateway::start(folder.path());
    }
    let (mut kept, mut open) = (0, 0);
    for paid in paying {
        let (till, told) = paid.await.unwrap();
        for (round, told) in told.into_iter().enumerate() {
            match keeps(&till, round, told).await {
                Some(keeps) => kept += i64::from(keeps),
                None => open += 1,
            }
        }
    }
    compare(&bank, kept, open);
    gateway.kill();
}

/// Tells whether the merchant keeps the money of this payment, as far as its POS was told; `None`:
/// that is still not known.
async fn keeps(till: &Till, round: usize, told: Answer) -> Option<bool> {
    let mut now = told.clone();
    for _ in 0..150 {
        now = till.status(&format!("r-{round}")).await;
        if now.late_payment != Some(Story::Refunding) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    if now.code == AnswerCode::Unknown {
        return None;
    }
    let stays = now.code == told.code || told.code == AnswerCode::Unknown;
    assert!(stays, "what was told stays: {told:?}, then {now:?}");
    Some(now.code == AnswerCode::Success)
}

/// The books: no payment is paid twice, and what was kept is what was told.
fn compare(bank: &Server, kept: i64, open: i64) {
    let bank = bank.bank();
    let bank = bank.lock().unwrap();
    let moved = bank.ledger().movements();
    let books: Vec<serde_json::Value> =
        moved.iter().map(|one| serde_json::to_value(one).unwrap()).collect();
    let mut seen = std::collections::BTreeSet::new();
    let mut balance = 0;
    for one in &books {
        let id = one["external_id"].as_str().unwrap().to_owned();
        assert!(seen.insert(id), "moved twice: {one}");
        balance += if one["kind"] == "paid" { 1 } else { -1 };
    }
    let told = kept..=kept + open;
    assert!(told.contains(&balance), "told {told:?}, in the books: {books:?}");
}
