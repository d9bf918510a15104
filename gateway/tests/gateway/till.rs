//! A terminal with the rail `gateway`, in the test's own process.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use till_core::engine::Stage;
use till_core::id::{Caller, OperationId, RailId, RequestId};
use till_core::intent::{
    Answer, Language, PayRequest, QpTransaction, RefundRequest, StatusRequest,
};
use till_core::journal::SqliteJournal;
use till_core::operation::{Action, Rules};
use till_core::rail::gateway::{Gateway, GatewaySettings};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::{Line, Observer, Terminal};
use till_core::transport::{Transport, TransportSettings};

/// Is where its gateway is, and who it is there.
pub(crate) struct Way {
    pub(crate) url: String,
    pub(crate) ca_pem: Vec<u8>,
    pub(crate) token: String,
    pub(crate) sandbox: bool,
    pub(crate) journal: PathBuf,
}

/// Is a terminal behind a gateway.
pub(crate) struct Till {
    pub(crate) terminal: Terminal,
    pub(crate) shown: Arc<Shown>,
}

#[derive(Default)]
pub(crate) struct Shown(Mutex<Vec<Stage>>);

impl Observer for Shown {
    fn stage(&self, _operation: &OperationId, _request_id: &RequestId, stage: &Stage) {
        self.0.lock().unwrap().push(stage.clone());
    }
}

impl Till {
    pub(crate) fn start(way: &Way) -> Self {
        let transport = Transport::new(&TransportSettings {
            base_url: way.url.clone(),
            extra_roots_pem: Some(way.ca_pem.clone()),
            proxy: None,
            user_agent: "till".to_owned(),
        });
        let mut settings = GatewaySettings::new(&way.url, Secret::new(way.token.clone()));
        settings.sandbox = way.sandbox;
        let rail = Box::new(Gateway::new(settings).unwrap());
        let settings = Settings {
            terminal_id: "T-1".to_owned(),
            currency: "UZS".parse().unwrap(),
            language: Language::En,
            rail: RailId::new(Gateway::ID),
            rules: Rules::default(),
            foreign_refunds: false,
            pace_ms: 1,
            callers_are_terminals: false,
            sandbox: false,
            bridge: false,
        };
        let journal = SqliteJournal::open(&way.journal, [9; 16]).unwrap();
        let line = Line { rail, transport: transport.unwrap() };
        let terminal = Terminal::start(settings, Box::new(journal), vec![line], None).unwrap();
        Self { terminal, shown: Arc::default() }
    }

    pub(crate) async fn pay(&self, request_id: &str) -> Answer {
        let request = PayRequest {
            caller: Caller::new("pos"),
            request_id: Some(RequestId::new(request_id)),
            metadata: None,
            amount_minor: 12_500,
            purpose: "Coffee".to_owned(),
            currency: None,
            rail: None,
            code_value: None,
            idempotent: false,
        };
        let shown: Arc<dyn Observer> = self.shown.clone();
        self.terminal.pay(request, false, Some(shown)).await.unwrap()
    }

    pub(crate) async fn refund(&self, request_id: &str, transaction: &str) -> Answer {
        let request = RefundRequest {
            caller: Caller::new("pos"),
            request_id: Some(RequestId::new(request_id)),
            metadata: None,
            amount_minor: 12_500,
            primary: Box::new(QpTransaction::parse(transaction).unwrap()),
            currency: None,
            rail: None,
        };
        self.terminal.refund(request, false, None).await.unwrap()
    }

    pub(crate) async fn status(&self, request_id: &str) -> Answer {
        self.terminal.status(about(request_id)).await.unwrap()
    }

    pub(crate) async fn shows_a_code(&self) {
        for _ in 0..600 {
            if self.shown.0.lock().unwrap().iter().any(|it| matches!(it, Stage::CodeShown { .. })) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no code was shown");
    }
}

pub(crate) fn about(request_id: &str) -> StatusRequest {
    StatusRequest {
        caller: Caller::new("pos"),
        request_id: RequestId::new(request_id),
        metadata: None,
        action: Action::Pay,
    }
}
