//! A gateway process without its HTTP: requests come on standard input, answers leave on standard
//! output, a line of JSON each.

use std::io::{BufRead, Write};
use std::sync::Arc;

use serde_json::{Value, json};
use till_core::id::{Caller, ExternalId, RailId, RequestId};
use till_core::intent::{
    Answer, Language, PayRequest, QpTransaction, RefundRequest, StatusRequest,
};
use till_core::journal::{Neighbours, News, Owner, Postgres, PostgresJournal};
use till_core::operation::{Action, Rules};
use till_core::rail::octo::{Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::{Line, Terminal};
use till_core::transport::{Transport, TransportSettings};

pub(crate) const LEASE_MS: u64 = 2_000;

struct Gateway {
    terminal: Terminal,
    neighbours: Neighbours,
}

pub(crate) fn run(job: &Value) {
    let text = |name: &str| job[name].as_str().unwrap().to_owned();
    let options = Postgres {
        url: Secret::new(text("database")),
        name: "gateway".to_owned(),
        lease_ms: LEASE_MS,
        patience_ms: 60_000,
        listen: true,
    };
    let mut journal = PostgresJournal::open(options, [7; 16]).unwrap();
    let mut news = journal.news().unwrap();
    let neighbours = journal.neighbours();
    let terminal = Terminal::start(settings(), Box::new(journal), vec![line(&text)], None).unwrap();
    let gateway = Arc::new(Gateway { terminal: terminal.clone(), neighbours });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (lines, mut inbox) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let _over = lines.send(line);
        }
    });
    runtime.block_on(async {
        let heard = terminal.clone();
        tokio::spawn(async move {
            while let Some(one) = news.recv().await {
                if one == News::Orphans {
                    heard.take_over();
                }
            }
        });
        say(&json!({ "ready": true }));
        while let Some(line) = inbox.recv().await {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move {
                let request: Value = serde_json::from_str(&line).unwrap();
                let mut answer = gateway.serve(&request).await;
                answer["n"] = request["n"].clone();
                say(&answer);
            });
        }
    });
    terminal.stop();
}

fn say(what: &Value) {
    let mut out = std::io::stdout().lock();
    let _nobody = writeln!(out, "@{what}").and_then(|()| out.flush());
}

impl Gateway {
    async fn serve(&self, request: &Value) -> Value {
        let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
        let caller = Caller::new(text("caller"));
        let id = RequestId::new(text("id"));
        let minor = request["amount"].as_u64().unwrap_or_default();
        let action = if text("action") == "refund" { Action::Refund } else { Action::Pay };
        let primary = QpTransaction::parse(&text("transaction")).ok().map(Box::new);
        let external = ExternalId::new(text("external"));
        let place = match text("do").as_str() {
            "pay" => self.neighbours.place_of_request(&caller, Action::Pay, &id).await,
            "status" => self.neighbours.place_of_request(&caller, action, &id).await,
            "push" => self.neighbours.place_at_bank(&external).await,
            _ => match primary.as_ref().and_then(|primary| primary.id.clone()) {
                Some(payment) => self.neighbours.place_of(&payment).await,
                None => Ok(None),
            },
        };
        let owner = match place {
            Ok(None) => Ok(Owner::Me),
            Ok(Some(place)) => self.neighbours.claim(&place.family).await,
            Err(error) => Err(error),
        };
        match owner {
            Ok(Owner::Me) => self.terminal.take_over(),
            Ok(Owner::Other(_)) => return json!({ "elsewhere": true }),
            Err(error) => return json!({ "elsewhere": true, "why": error.to_string() }),
        }
        let answer = match text("do").as_str() {
            "pay" => self.terminal.pay(pay(caller, id, minor), false, None).await,
            "status" => {
                let request = StatusRequest { caller, request_id: id, metadata: None, action };
                self.terminal.status(request).await
            }
            "push" => {
                let known = self.terminal.push(external).await.unwrap_or(false);
                return json!({ "known": known });
            }
            _ => {
                let request = RefundRequest {
                    caller,
                    request_id: Some(id),
                    metadata: None,
                    amount_minor: minor,
                    primary: primary.unwrap(),
                    currency: None,
                    rail: None,
                };
                self.terminal.refund(request, false, None).await
            }
        };
        match answer {
            Ok(Answer { code, message, transaction, .. }) => {
                json!({ "code": code.number(), "message": message, "transaction": transaction })
            }
            Err(_) => json!({ "elsewhere": true }),
        }
    }
}

fn pay(caller: Caller, id: RequestId, amount_minor: u64) -> PayRequest {
    PayRequest {
        caller,
        request_id: Some(id),
        metadata: None,
        amount_minor,
        purpose: "Coffee".to_owned(),
        currency: None,
        rail: None,
        code_value: None,
        idempotent: true,
    }
}

fn settings() -> Settings {
    Settings {
        terminal_id: "gateway".to_owned(),
        currency: "UZS".parse().unwrap(),
        language: Language::En,
        rail: RailId::new("octo"),
        rules: Rules { wait_ms: 6_000, ..Rules::default() },
        foreign_refunds: false,
        pace_ms: Settings::PACE_MS,
        callers_are_terminals: true,
        sandbox: true,
        bridge: false,
    }
}

fn line(text: &impl Fn(&str) -> String) -> Line {
    let behaviour = till_sandbox::octo::Behaviour::default();
    let octo = OctoSettings::new(
        text("bank").as_str(),
        behaviour.client_id,
        Secret::new(behaviour.client_secret),
        "208800000000000001",
        "UZ",
    );
    let transport = Transport::new(&TransportSettings {
        base_url: text("bank"),
        extra_roots_pem: Some(text("ca").into_bytes()),
        proxy: None,
        user_agent: "till/test".to_owned(),
    });
    Line { rail: Box::new(Octo::new(octo).unwrap()), transport: transport.unwrap() }
}
