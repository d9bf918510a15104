//! A terminal without secrets: the library behind a merchant's gateway, over TLS.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]

mod support;

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::Gateway;
use till_ffi::*;
use till_sandbox::{Auto, ServerConfig};

struct Events(Mutex<Sender<Event>>);

impl Listener for Events {
    fn event(&self, event: Event) {
        self.0.lock().unwrap().send(event).unwrap();
    }
}

fn ask(call: Call) -> Event {
    let (sender, events) = channel();
    start(call, Arc::new(Events(Mutex::new(sender))));
    let mut events = std::iter::from_fn(|| events.recv_timeout(Duration::from_secs(60)).ok());
    events.find(|event| !matches!(event, Event::Stage { .. })).expect("a call ends")
}

/// Asks by an intent of the bank's words; gives the answer and its transaction, if it has one.
fn asked(verb: &str, more: Vec<(&str, Extra)>) -> (Answer, Option<String>) {
    let extras = more.into_iter();
    let extras = extras.map(|(name, value)| NamedExtra { name: name.to_owned(), value }).collect();
    let action = format!("ru.lifepay.checkout.quick_payments_terminal.{verb}");
    let intent = Intent { caller: "pos".to_owned(), action, extras };
    let answer = match ask(Call::Run { intent, attended: false }) {
        Event::Answer { answer } => answer,
        other => panic!("no answer but {other:?}"),
    };
    let transaction = answer.extras.iter().find(|extra| extra.name == "transaction");
    let transaction = transaction.map(|extra| match &extra.value {
        Extra::Text { text } => text.clone(),
        other => panic!("{other:?}"),
    });
    (answer, transaction)
}

fn text(text: &str) -> Extra {
    Extra::Text { text: text.to_owned() }
}

fn pay(id: &str, rail: Option<&str>) -> (Answer, Option<String>) {
    let amount = ("amount", Extra::Long { number: 12_500 });
    let mut more = vec![("request_id", text(id)), amount, ("purpose", text("Coffee"))];
    more.extend(rail.map(|rail| ("dev.till.extra.RAIL", text(rail))));
    asked("pay", more)
}

fn config(folder: &Path, gateway: &Gateway) -> Config {
    Config {
        terminal_id: "T-1".to_owned(),
        currency: "UZS".to_owned(),
        language: "en".to_owned(),
        rail: "gateway".to_owned(),
        journal_folder: folder.join("till").to_str().unwrap().to_owned(),
        wait_ms: 20_000,
        report_late_payments: false,
        foreign_refunds: false,
        sandbox: true,
        octo: None,
        ecommpay: None,
        gateway: Some(GatewayConfig {
            url: gateway.url.clone(),
            token: gateway.token.clone().into_bytes(),
            acquirer: None,
            extra_roots_pem: Some(gateway.ca_pem.clone()),
            proxy: None,
        }),
    }
}

#[test]
fn a_terminal_without_secrets_pays_and_gives_back_through_its_gateway() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let sandbox = ServerConfig { auto: Auto::Approve, auto_delay_ms: 0, ..Default::default() };
    let bank = runtime.block_on(till_sandbox::Server::start(sandbox)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let gateway = runtime.block_on(Gateway::start(&bank, folder.path()));
    let config = config(folder.path(), &gateway);

    let mut wrong = config.clone();
    wrong.gateway.as_mut().unwrap().url = "http://till.example".to_owned();
    let Event::Failed { error: TillError::CorrectConfiguration { wrong } } =
        ask(Call::Configure { config: wrong })
    else {
        panic!("plain http is refused");
    };
    assert!(wrong[0].starts_with("gateway"), "{wrong:?}");

    assert_eq!(ask(Call::Configure { config: config.clone() }), Event::Done);
    let (paid, receipt) = pay("r-1", None);
    assert_eq!(paid.code, 0, "{paid:?}");
    let receipt = receipt.unwrap();
    assert!(receipt.contains("\"rail\":\"octo\""), "{receipt}");
    let (paid, _) = pay("r-2", Some("octo"));
    assert_eq!(paid.code, 0, "an acquirer of the gateway by its name: {paid:?}");
    let (refused, _) = pay("r-3", Some("ecommpay"));
    assert_eq!(refused.code, 5, "this gateway has none of that name: {refused:?}");
    let amount = ("amount", Extra::Long { number: 2_500 });
    let more = vec![("request_id", text("r-4")), amount, ("primary_transaction", text(&receipt))];
    let (back, _) = asked("refund", more);
    assert_eq!(back.code, 0, "{back:?}");

    let mut stranger = config;
    stranger.gateway.as_mut().unwrap().token = b"till_somebody_else".to_vec();
    assert_eq!(ask(Call::Stop), Event::Done);
    assert_eq!(ask(Call::Configure { config: stranger }), Event::Done);
    assert_eq!(pay("r-5", None).0.code, 6, "no token of this gateway's");
    assert_eq!(ask(Call::Stop), Event::Done);
    runtime.block_on(gateway.server.stop());
}
