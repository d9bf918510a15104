//! The real stack, killed: `till` as processes over TLS, through a faulty proxy, ended with SIGKILL
//! at random moments, then compared with the bank's books.
//!
//! `TILL_KILL_CYCLES` says how many processes are started, `TILL_KILL_SEED` repeats the dice (not
//! the scheduler's).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and says what it did"
)]

mod proxy;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use proxy::{Dice, Proxy};
use till_core::journal::{Journal, SqliteJournal};
use till_core::operation::{Action, Operation, State, Story};
use till_sandbox::octo::{Behaviour, Movement};
use till_sandbox::{Server, ServerConfig};

const CODE_LIFE_MS: i64 = 6_000;

#[derive(Clone, Debug)]
struct Asked {
    action: Action,
    id: String,
    amount: u64,
    /// The transaction of the payment, for a refund.
    transaction: String,
    /// Every final code that a caller was told.
    told: Vec<i64>,
}

struct Shop {
    config: PathBuf,
    folder: tempfile::TempDir,
    dice: Arc<Dice>,
    asked: Vec<Asked>,
    /// The transactions of payments that were told, with what may still go back.
    paid: BTreeMap<String, (String, u64)>,
}

#[test]
fn nothing_is_paid_twice_or_lost_when_processes_are_killed() {
    let seed = number("TILL_KILL_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    let cycles = number("TILL_KILL_CYCLES").unwrap_or(12);
    eprintln!("TILL_KILL_SEED={seed} TILL_KILL_CYCLES={cycles}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let behaviour = Behaviour { code_life_ms: CODE_LIFE_MS, ..Behaviour::default() };
    let config = ServerConfig { behaviour: behaviour.clone(), ..ServerConfig::default() };
    let server = Arc::new(runtime.block_on(Server::start(config)).unwrap());
    let bank = server.base_url().trim_start_matches("https://").parse().unwrap();
    let proxy = runtime.block_on(Proxy::start(bank, seed ^ 1));
    let dice = Arc::new(Dice::new(seed));
    runtime.spawn(customers(Arc::clone(&server), Arc::clone(&dice)));
    let mut shop = Shop::open(&server, &behaviour, &proxy, dice);
    for cycle in 0..cycles {
        shop.cycle();
        if cycle % 20 == 19 {
            eprintln!("{} of {cycles} processes", cycle + 1);
        }
    }
    proxy.calm();
    shop.settle(&server);
    shop.compare(&server);
}

/// Customers who pay, decline, or walk away; also late.
async fn customers(server: Arc<Server>, dice: Arc<Dice>) {
    loop {
        tokio::time::sleep(Duration::from_millis(40)).await;
        let now = server.now_ms();
        let bank = server.bank();
        let mut bank = bank.lock().unwrap();
        for open in bank.open_payments(now) {
            let _moved = match dice.below(100) {
                0..6 => bank.approve(now, &open.external_id, None).is_ok(),
                6 => bank.decline(now, &open.external_id).is_ok(),
                _ => false,
            };
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

impl Shop {
    fn open(server: &Server, behaviour: &Behaviour, proxy: &Proxy, dice: Arc<Dice>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), server.ca_pem()).unwrap();
        let config = folder.path().join("till.toml");
        let text = format!(
            "[terminal]\nid = \"T-1\"\ncurrency = \"UZS\"\njournal = \"till.sqlite\"\n\
             wait_s = 3\n\n\
             [octo]\nbase_url = \"https://{}\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\n\
             user_id = \"208800000000000001\"\nregion = \"UZ\"\nextra_roots = \"ca.pem\"\n",
            proxy.address, behaviour.client_id, behaviour.client_secret,
        );
        std::fs::write(&config, text).unwrap();
        Self { config, folder, dice, asked: vec![], paid: BTreeMap::new() }
    }

    fn spawn(&self, args: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_till"))
            .arg("--config")
            .arg(&self.config)
            .arg("--json")
            .args(args)
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn spawn_asked(&self, index: usize) -> Child {
        let asked = &self.asked[index];
        let amount = asked.amount.to_string();
        match asked.action {
            Action::Pay => self.spawn(&[
                "pay",
                "--amount",
                &amount,
                "--purpose",
                "Coffee",
                "--request-id",
                &asked.id,
            ]),
            Action::Refund => {
                let file = self.folder.path().join(format!("{}.json", asked.id));
                std::fs::write(&file, &asked.transaction).unwrap();
                let file = file.to_str().unwrap();
                self.spawn(&[
                    "refund",
                    "--amount",
                    &amount,
                    "--transaction",
                    file,
                    "--request-id",
                    &asked.id,
                ])
            }
        }
    }

    /// Starts one process, or two at once, and kills what it pleases.
    fn cycle(&mut self) {
        let first = self.choose();
        let second = self.dice.percent(20).then(|| self.choose()).filter(|other| *other != first);
        let mut running = vec![(first, self.spawn_asked(first))];
        if let Some(second) = second {
            running.push((second, self.spawn_asked(second)));
        }
        if self.dice.percent(10) {
            running.push((usize::MAX, self.spawn(&["resume"])));
        }
        let kill = self.dice.percent(70);
        let patience = Duration::from_millis(self.dice.below(2_500));
        let begun = Instant::now();
        for (index, mut child) in running {
            if kill && self.dice.percent(80) {
                std::thread::sleep(patience.saturating_sub(begun.elapsed()));
                child.kill().unwrap();
            }
            let output = child.wait_with_output().unwrap();
            if index != usize::MAX {
                self.heard(index, &String::from_utf8(output.stdout).unwrap());
            }
        }
    }

    /// Chooses what to ask: something unanswered again, a refund, or a new payment.
    fn choose(&mut self) -> usize {
        let open: Vec<usize> =
            (0..self.asked.len()).filter(|index| self.asked[*index].told.is_empty()).collect();
        if !open.is_empty() && self.dice.percent(50) {
            return open[self.pick(open.len())];
        }
        let refundable: Vec<String> =
            self.paid.iter().filter(|(_, (_, left))| *left > 0).map(|(id, _)| id.clone()).collect();
        let number = self.asked.len();
        let asked = if !refundable.is_empty() && self.dice.percent(40) {
            let id = &refundable[self.pick(refundable.len())];
            let (transaction, left) = self.paid[id].clone();
            let amount = 1 + self.dice.below(left);
            let (action, id) = (Action::Refund, format!("refund-{number}"));
            Asked { action, id, amount, transaction, told: vec![] }
        } else {
            let (action, id) = (Action::Pay, format!("pay-{number}"));
            let amount = 100 + self.dice.below(100_000);
            Asked { action, id, amount, transaction: String::new(), told: vec![] }
        };
        self.asked.push(asked);
        number
    }

    fn pick(&self, length: usize) -> usize {
        usize::try_from(self.dice.below(u64::try_from(length).unwrap())).unwrap()
    }

    /// Remembers what a process said before it ended.
    fn heard(&mut self, index: usize, stdout: &str) {
        let Some(line) = stdout.lines().last() else { return };
        let Ok(answer) = serde_json::from_str::<serde_json::Value>(line) else { return };
        let extras = &answer["extras"];
        let code = extras["code"].as_i64().expect("a code");
        let asked = &mut self.asked[index];
        assert_eq!(extras["request_id"], asked.id.as_str());
        if matches!(code, 0..=3 | 7) {
            asked.told.push(code);
        }
        if code == 0 && asked.action == Action::Pay {
            let transaction = extras["transaction"].as_str().unwrap().to_owned();
            self.paid.entry(asked.id.clone()).or_insert((transaction, asked.amount));
        }
        assert!(matches!(code, 0..=4 | 7..=9), "{} was told {code}: {line}", asked.id);
        if code == 9 {
            asked.told.push(code);
        }
        if code == 0 && asked.action == Action::Refund {
            let transaction = asked.transaction.clone();
            let amount = asked.amount;
            if asked.told.len() == 1 {
                let of = self.paid.values_mut().find(|(json, _)| *json == transaction).unwrap();
                of.1 = of.1.saturating_sub(amount);
            }
        }
    }

    /// Asks on over a calm network until nothing is open, as an operator's shift does. What never
    /// reached the bank would stay in doubt until its code's end and two minutes: the operator
    /// looks at the bank's books and settles it.
    fn settle(&mut self, server: &Server) {
        std::thread::sleep(Duration::from_millis(u64::try_from(CODE_LIFE_MS).unwrap()));
        for _ in 0..8 {
            let output = self.spawn(&["resume"]).wait_with_output().unwrap();
            assert!(output.status.success(), "resume: {:?}", output.status);
            let open = self.history().iter().filter(|one| is_open(one)).count();
            if open == 0 {
                break;
            }
            std::thread::sleep(Duration::from_secs(2));
        }
        for operation in self.history().iter().filter(|one| is_open(one)) {
            let external = operation.order.external_id.as_str();
            let bank = server.bank();
            let known = bank.lock().unwrap().payment(server.now_ms(), external).is_some();
            assert!(!known, "the bank could decide {external}: {:?}", operation.state);
            let id = operation.order.request_id.as_str();
            let action = operation.order.action().as_str();
            let note = "the bank's books have nothing of it";
            let args = [
                "settle",
                "--request-id",
                id,
                "--action",
                action,
                "--as",
                "not-paid",
                "--note",
                note,
            ];
            let output = self.spawn(&args).wait_with_output().unwrap();
            assert_eq!(
                output.status.code(),
                Some(1),
                "{}",
                String::from_utf8_lossy(&output.stdout)
            );
        }
    }

    fn history(&self) -> Vec<Operation> {
        let path = self.folder.path().join("till.sqlite");
        let journal = SqliteJournal::open_read_only(&path).unwrap();
        journal.history(1_000_000).unwrap()
    }

    /// Compares the journal, what was told, and the bank's books.
    fn compare(&self, server: &Server) {
        let bank = server.bank();
        let bank = bank.lock().unwrap();
        let ledger = bank.ledger();
        let history = self.history();
        let mut known = BTreeMap::new();
        for operation in &history {
            let external = operation.order.external_id.as_str();
            let account = ledger.account(external);
            let name = format!("{} {external}: {:?}", operation.order.request_id, operation.state);
            assert!(account.times <= 1, "moved {} times: {name}", account.times);
            assert!(!is_open(operation), "still open: {name}");
            let moved = account.moved.map(|sum| sum.amount);
            let asked = operation.order.amount.minor;
            match &operation.state {
                State::Approved(_) => assert_eq!(moved, Some(asked), "{name}"),
                State::Late(late) => {
                    assert_eq!(late.story, Story::Refunded, "{name}");
                    assert_eq!(moved, Some(asked), "{name}");
                    assert_eq!(ledger.refunded(external), asked, "{name}");
                }
                State::Creating(_)
                | State::Waiting(_)
                | State::Closing(_)
                | State::InDoubt(_)
                | State::NotPaid(_)
                | State::Refused(_)
                | State::Closed(_) => assert_eq!(moved, None, "{name}"),
            }
            known.insert(external.to_owned(), operation);
        }
        for movement in ledger.movements() {
            let (Movement::Paid { external_id, .. } | Movement::Refunded { external_id, .. }) =
                movement;
            assert!(known.contains_key(external_id.as_str()), "lost: {movement:?}");
        }
        self.compare_told(&history);
        let count = |state: fn(&State) -> bool| {
            history.iter().filter(|operation| state(&operation.state)).count()
        };
        eprintln!(
            "{} operations: {} approved, {} late and given back; {} movements at the bank",
            history.len(),
            count(|state| matches!(state, State::Approved(_))),
            count(|state| matches!(state, State::Late(_))),
            ledger.movements().len(),
        );
    }

    fn compare_told(&self, history: &[Operation]) {
        for asked in &self.asked {
            let mine: Vec<_> = history
                .iter()
                .filter(|one| one.order.request_id.as_str() == asked.id)
                .filter(|one| one.order.action() == asked.action)
                .collect();
            let approved =
                mine.iter().filter(|one| matches!(one.state, State::Approved(_))).count();
            assert!(approved <= 1, "{} was paid {approved} times", asked.id);
            if asked.told.contains(&0) {
                assert_eq!(approved, 1, "{asked:?}");
            }
            if asked.action == Action::Refund {
                assert!(mine.len() <= 1, "{} refunds of {asked:?}", mine.len());
                let differ = asked.told.windows(2).any(|two| two[0] != two[1]);
                assert!(!differ, "told differently: {asked:?}");
                assert!(asked.told.is_empty() || asked.told.contains(&0) == (approved == 1));
            }
        }
    }
}

fn is_open(operation: &Operation) -> bool {
    match &operation.state {
        State::Creating(_) | State::Waiting(_) | State::Closing(_) | State::InDoubt(_) => true,
        State::Closed(_) => true,
        State::Late(late) => late.story == Story::Refunding,
        State::Approved(_) | State::NotPaid(_) | State::Refused(_) => false,
    }
}
