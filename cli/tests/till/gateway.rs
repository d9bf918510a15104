//! A terminal behind a gateway: it settles there, and chooses among the gateway's acquirers.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use till_core::id::RailId;
use till_core::intent::Language;
use till_core::journal::{Journal as _, SqliteJournal};
use till_core::operation::{Rules, State};
use till_core::rail::ecommpay::{Ecommpay, EcommpaySettings};
use till_core::rail::octo::{Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::Line;
use till_core::transport::{Transport, TransportSettings};
use till_gateway::store::{Role, Store};
use till_gateway::{App, Identity, Limits, Server, Till};
use till_sandbox::ecommpay::Behaviour;
use till_sandbox::{Auto, Certificate, certificate};

use super::stage::{Bank, Home, history, other, pay};

/// A gateway in the test's own process, and the one terminal behind it.
struct Gateway {
    server: Server,
    journal: PathBuf,
}

impl Gateway {
    /// Starts it to this bank, and writes `till.toml` for its terminal.
    fn start(home: &Home, bank: &Bank) -> Self {
        let folder = home.path("gateway");
        fs::create_dir(&folder).unwrap();
        let Certificate { ca_pem, chain_pem, key_pem } =
            certificate(([127, 0, 0, 1], 0).into(), "gateway").unwrap();
        home.write("gateway/ca.pem", &ca_pem);
        let (chain, key) =
            (home.write("gateway/chain.pem", &chain_pem), home.write("gateway/key.pem", &key_pem));
        let store = Store::open(&folder.join("store")).unwrap();
        let token = store.add_token("T-1", Role::Device, 1).unwrap();
        home.write("device.token", &token);
        let settings = Settings {
            terminal_id: "gateway".to_owned(),
            currency: "UZS".parse().unwrap(),
            language: Language::En,
            rail: RailId::new(Octo::ID),
            rules: Rules::default(),
            foreign_refunds: true,
            pace_ms: 1,
            callers_are_terminals: true,
            sandbox: true,
            bridge: true,
        };
        let file = folder.join("g.sqlite");
        let journal = SqliteJournal::open(&file, [7; 16]).unwrap();
        let (octo, ecommpay) = (octo(bank), ecommpay(bank));
        let lines = vec![line(bank, octo.clone()), line(bank, ecommpay.clone())];
        let till = Till::start(settings, Box::new(journal), lines).unwrap();
        let wide = Limits { each_second: 1_000, at_once: 1_000 };
        let mut app = App::new(till, store, wide, wide);
        (app.octo, app.ecommpay, app.sandbox) = (Some(octo), Some(ecommpay), true);
        let identity = Some(Arc::new(Identity::open(&chain, &key).unwrap()));
        let server = Server::start(app, ([127, 0, 0, 1], 0).into(), identity);
        let server = bank.runtime().block_on(server).unwrap();
        let url = format!("https://{}", server.address());
        home.write(
            "till.toml",
            &format!(
                "[terminal]\nid = \"T-1\"\ncurrency = \"UZS\"\nrail = \"gateway\"\n\
                 journal = \"till.sqlite\"\n\n[gateway]\nurl = \"{url}\"\n\
                 token_file = \"device.token\"\nextra_roots = \"gateway/ca.pem\"\nsandbox = true\n"
            ),
        );
        bank.server().change_platform(|platform, _| {
            let callback_url = Some(format!("{url}/ecommpay/callback"));
            let behaviour = Behaviour { callback_url, ..platform.behaviour().clone() };
            platform.set_behaviour(behaviour);
        });
        Self { server, journal: file }
    }

    /// Stops it.
    fn stop_alone(self, bank: &Bank) {
        bank.runtime().block_on(self.server.stop());
    }

    /// Stops it; gives what its own journal says of its newest operation.
    fn stop(self, bank: &Bank) -> (State, Vec<String>) {
        bank.runtime().block_on(self.server.stop());
        let journal = SqliteJournal::open(&self.journal, [7; 16]).unwrap();
        let newest = journal.history(1).unwrap().remove(0);
        let story = journal.events(&newest.id).unwrap();
        (newest.state, story.into_iter().map(|line| line.event).collect())
    }
}

fn octo(bank: &Bank) -> Octo {
    let (client_id, secret) = {
        let bank = bank.server().bank();
        let bank = bank.lock().unwrap();
        (bank.behaviour().client_id.clone(), bank.behaviour().client_secret.clone())
    };
    let base_url = bank.server().base_url();
    Octo::new(OctoSettings::new(base_url, client_id, Secret::new(secret), "2088", "UZ")).unwrap()
}

fn ecommpay(bank: &Bank) -> Ecommpay {
    let platform = bank.server().platform();
    let behaviour = platform.lock().unwrap().behaviour().clone();
    let mut settings = EcommpaySettings::new(behaviour.project_id, Secret::new(behaviour.secret));
    bank.server().base_url().clone_into(&mut settings.gate_url);
    settings.payment_page_url = bank.server().payment_page_url();
    settings.test_project = true;
    Ecommpay::new(settings).unwrap()
}

fn line(bank: &Bank, rail: impl till_core::rail::Rail + 'static) -> Line {
    let transport = Transport::new(&TransportSettings {
        base_url: bank.server().base_url().to_owned(),
        extra_roots_pem: Some(bank.server().ca_pem().as_bytes().to_vec()),
        proxy: None,
        user_agent: "till".to_owned(),
    });
    Line { rail: Box::new(rail), transport: transport.unwrap() }
}

/// Leaves a payment in doubt here and at the gateway: the bank binds the sum and says no word.
fn doubt(home: &Home, bank: &Bank) {
    bank.fault("drop-answer:perform:99");
    bank.fault("drop-request:process:999");
    home.till(&pay(&["--request-id", "r-1"])).answer(3, 4);
    // The gateway hears what the POS was told.
    home.till(&other("status", &["--request-id", "r-1"])).answer(3, 4);
}

fn settle(word: &str) -> Vec<&str> {
    let words = ["--request-id", "r-1", "--as", word, "--note", "the bank said so by phone"];
    other("settle", &words)
}

/// Settles a doubt here, and looks at what became of it at the gateway.
fn settled(word: &str, status: i32, code: u64, there_too: fn(&State) -> bool) {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let gateway = Gateway::start(&home, &bank);
    doubt(&home, &bank);
    // Nobody's word counts before the bank was asked.
    home.till(&settle(word)).answer(3, 4);
    home.till(&other("status", &["--request-id", "r-1"])).answer(3, 4);
    bank.server().faults().clear();
    home.till(&settle(word)).answer(status, code);
    home.till(&other("status", &["--request-id", "r-1"])).answer(status, code);
    let (state, story) = gateway.stop(&bank);
    assert!(there_too(&state), "{state:?}");
    let said = "by the operator: the bank said so by phone (T-1)";
    assert!(story.iter().any(|line| line.contains(said)), "{story:?}");
    let rows = history(&home);
    let story = rows[0]["story"].as_array().unwrap();
    let told = |line: &Value| line["event"].as_str().unwrap().contains(said);
    assert!(story.iter().any(told), "{rows:?}");
}

#[test]
fn the_operators_paid_ends_a_doubt_at_the_gateway_too() {
    settled("paid", 0, 0, |state| matches!(state, State::Approved(_)));
}

#[test]
fn the_operators_not_paid_ends_a_doubt_at_the_gateway_too() {
    settled("not-paid", 1, 1, |state| matches!(state, State::NotPaid(_)));
}

#[test]
fn the_banks_word_at_the_gateway_is_stronger() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let gateway = Gateway::start(&home, &bank);
    doubt(&home, &bank);
    bank.server().set_auto(Auto::Approve);
    super::stage::until("paid", || bank.movements() == 1);
    bank.server().faults().clear();
    home.till(&settle("not-paid")).transaction();
    let (state, _) = gateway.stop(&bank);
    assert!(matches!(state, State::Approved(_)), "{state:?}");
}

#[test]
fn an_order_chooses_among_the_gateways_acquirers() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let gateway = Gateway::start(&home, &bank);
    let usual = home.till(&pay(&[])).transaction();
    assert!(usual.contains("\"rail\":\"octo\""), "{usual}");
    let words = ["--rail", "ecommpay", "--currency", "CNY", "--request-id", "r-2"];
    let mut running = home.start(&pay(&words));
    bank.server().scan(&running.code()).unwrap();
    let tea = running.end().transaction();
    assert!(tea.contains("\"rail\":\"ecommpay\""), "{tea}");
    // It goes back the way that it came.
    home.write("tea.json", &tea);
    let back = ["--transaction", "tea.json", "--amount", "12500"];
    home.till(&other("refund", &back)).answer(0, 0);
    let id: Value = serde_json::from_str(&tea).unwrap();
    assert_eq!(bank.ecommpay(id["externalId"].as_str().unwrap()).refunded, 12_500);
    let extras = home.till(&pay(&["--rail", "cash"])).answer(2, 5);
    assert!(extras["message"].as_str().unwrap().contains("RAIL"), "{extras}");
    gateway.stop(&bank);
}

#[test]
fn the_doctor_looks_at_the_gateway_and_its_token() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let gateway = Gateway::start(&home, &bank);
    let wrong = |status: i32| -> Vec<(String, String)> {
        let line = home.till(&other("doctor", &[])).json(status);
        let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
        let checks = line["checks"].as_array().unwrap().iter();
        let wrong = checks.filter(|check| check["ok"] == false);
        wrong.map(|check| (text(check, "name"), text(check, "message"))).collect()
    };
    assert_eq!(wrong(0), []);
    home.write("device.token", "till-another-token\n");
    let found = wrong(4);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "gateway token");
    assert!(found[0].1.contains("HTTP 401"), "{found:?}");
    gateway.stop_alone(&bank);
    let found = wrong(4);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "gateway connection");
}

#[test]
fn a_test_behind_a_gateway_is_told_as_one() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let _gateway = Gateway::start(&home, &bank);
    let answer = home.till(&pay(&["--request-id", "r-1"])).json(0);
    assert_eq!(answer["extras"]["dev.till.extra.SANDBOX"], true, "{answer}");
}
