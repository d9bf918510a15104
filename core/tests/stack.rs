//! The whole stack in one process: Terminal, OCTO's rail, SQLite, TLS, and the sandbox bank.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::{Arc, Mutex};

use till_core::engine::Stage;
use till_core::id::{Caller, OperationId, RailId, RequestId};
use till_core::intent::{
    AnswerCode, ErrorType, Language, PayRequest, QpTransaction, RefundRequest, StatusRequest,
};
use till_core::journal::SqliteJournal;
use till_core::operation::{Action, Rules};
use till_core::rail::octo::{Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::{Bridge, Line, Observer, Terminal};
use till_core::transport::{Transport, TransportSettings};
use till_sandbox::octo::Behaviour;
use till_sandbox::{Auto, Server, ServerConfig};

struct Till {
    server: Server,
    terminal: Terminal,
    _folder: tempfile::TempDir,
}

#[derive(Default)]
struct Seen(Mutex<Vec<Stage>>);

impl Observer for Seen {
    fn stage(&self, _: &OperationId, _: &RequestId, stage: &Stage) {
        self.0.lock().unwrap().push(stage.clone());
    }
}

async fn till(config: ServerConfig, bridge: Option<Arc<dyn Bridge>>) -> Till {
    let behaviour = Behaviour::default();
    let server = Server::start(config).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let octo = OctoSettings::new(
        server.base_url(),
        behaviour.client_id,
        Secret::new(behaviour.client_secret),
        "208800000000000001",
        "UZ",
    );
    let transport = Transport::new(&TransportSettings {
        base_url: server.base_url().to_owned(),
        extra_roots_pem: Some(server.ca_pem().as_bytes().to_vec()),
        proxy: None,
        user_agent: "till/test".to_owned(),
    })
    .unwrap();
    let settings = Settings {
        terminal_id: "T-1".to_owned(),
        currency: "UZS".parse().unwrap(),
        language: Language::En,
        rail: RailId::new("octo"),
        rules: Rules { wait_ms: 10_000, ..Rules::default() },
        foreign_refunds: false,
        pace_ms: Settings::PACE_MS,
        callers_are_terminals: false,
        sandbox: true,
        bridge: false,
    };
    let journal = SqliteJournal::open(&folder.path().join("till.sqlite"), [7; 16]).unwrap();
    let line = Line { rail: Box::new(Octo::new(octo).unwrap()), transport };
    let terminal = Terminal::start(settings, Box::new(journal), vec![line], bridge).unwrap();
    Till { server, terminal, _folder: folder }
}

fn auto(auto: Auto) -> ServerConfig {
    ServerConfig { auto, auto_delay_ms: 50, ..ServerConfig::default() }
}

fn pay(id: &str) -> PayRequest {
    PayRequest {
        caller: Caller::new("pos"),
        request_id: Some(RequestId::new(id)),
        metadata: None,
        amount_minor: 12_500,
        purpose: "Coffee".to_owned(),
        currency: None,
        rail: None,
        code_value: None,
        idempotent: false,
    }
}

fn refund(id: &str, transaction: &str, amount_minor: u64) -> RefundRequest {
    RefundRequest {
        caller: Caller::new("pos"),
        request_id: Some(RequestId::new(id)),
        metadata: None,
        amount_minor,
        primary: Box::new(QpTransaction::parse(transaction).unwrap()),
        currency: None,
        rail: None,
    }
}

fn about(id: &str, action: Action) -> StatusRequest {
    let (caller, request_id) = (Caller::new("pos"), RequestId::new(id));
    StatusRequest { caller, request_id, metadata: None, action }
}

#[tokio::test]
async fn a_payment_and_its_refund() {
    let till = till(auto(Auto::Approve), None).await;
    let seen = Arc::new(Seen::default());
    let answer = till.terminal.pay(pay("r1"), false, Some(seen.clone())).await.unwrap();
    assert_eq!(answer.code, AnswerCode::Success, "{}", answer.message);
    let shown = |stage: &Stage| matches!(stage, Stage::CodeShown { .. });
    assert!(seen.0.lock().unwrap().iter().any(shown));
    let transaction = answer.transaction.unwrap();
    let back = till.terminal.refund(refund("f1", &transaction, 12_500), false, None).await.unwrap();
    assert_eq!(back.code, AnswerCode::Success, "{}", back.message);
    let bank = till.server.bank();
    let external = QpTransaction::parse(&transaction).unwrap().external_id.unwrap();
    assert_eq!(bank.lock().unwrap().ledger().refunded(external.as_str()), 12_500);
    till.terminal.stop();
}

#[tokio::test]
async fn declined_cancelled_and_lost_answers() {
    let till = till(auto(Auto::Decline), None).await;
    let declined = till.terminal.pay(pay("r1"), false, None).await.unwrap();
    assert_eq!(declined.code, AnswerCode::Declined);
    till.server.set_auto(Auto::Ignore);
    let waiting = tokio::spawn({
        let terminal = till.terminal.clone();
        async move { terminal.pay(pay("r2"), false, None).await }
    });
    while till.terminal.status(about("r2", Action::Pay)).await.unwrap().code != AnswerCode::InUse {
        tokio::task::yield_now().await;
    }
    let cancelled = till.terminal.cancel(about("r2", Action::Pay)).await.unwrap();
    assert_eq!(cancelled.code, AnswerCode::Cancelled);
    assert_eq!(waiting.await.unwrap().unwrap().code, AnswerCode::Cancelled);
    till.server.set_auto(Auto::Approve);
    till.server.faults().add("drop-answer:get-qr-code:1".parse().unwrap());
    till.server.faults().add("drop-answer:perform:1".parse().unwrap());
    let paid = till.terminal.pay(pay("r3"), false, None).await.unwrap();
    assert_eq!(paid.code, AnswerCode::Success, "{}", paid.message);
    till.server.faults().add("drop-answer:refund:1".parse().unwrap());
    let transaction = paid.transaction.unwrap();
    let back = till.terminal.refund(refund("f1", &transaction, 500), false, None).await.unwrap();
    assert_eq!(back.code, AnswerCode::Success, "{}", back.message);
    let external = QpTransaction::parse(&transaction).unwrap().external_id.unwrap();
    assert_eq!(till.server.bank().lock().unwrap().ledger().refunded(external.as_str()), 500);
}

#[tokio::test]
async fn a_refund_that_stays_unanswered_is_unknown_and_its_repetition_gives_the_outcome() {
    let till = till(auto(Auto::Approve), None).await;
    let paid = till.terminal.pay(pay("r1"), false, None).await.unwrap();
    let transaction = paid.transaction.unwrap();
    till.server.faults().add("drop-answer:refund:99".parse().unwrap());
    till.server.faults().add("drop-answer:process:99".parse().unwrap());
    let first = till.terminal.refund(refund("f1", &transaction, 500), false, None).await.unwrap();
    assert_eq!(first.code, AnswerCode::Unknown);
    assert_eq!(first.error_type(), Some(ErrorType::UnknownResult));
    till.server.faults().clear();
    let again = till.terminal.refund(refund("f1", &transaction, 500), false, None).await.unwrap();
    assert_eq!(again.code, AnswerCode::Success, "{}", again.message);
    let external = QpTransaction::parse(&transaction).unwrap().external_id.unwrap();
    assert_eq!(till.server.bank().lock().unwrap().ledger().refunded(external.as_str()), 500);
}
