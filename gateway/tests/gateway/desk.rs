//! A gateway with its bank, and who calls it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use till_core::id::RailId;
use till_core::intent::Language;
use till_core::journal::SqliteJournal;
use till_core::operation::Rules;
use till_core::rail::ecommpay::{Ecommpay, EcommpaySettings, Sale};
use till_core::rail::octo::{Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::Line;
use till_core::transport::{Transport, TransportSettings};
use till_gateway::store::{Role, Store};
use till_gateway::{App, Identity, Limits, Server, Till};
use till_sandbox::ecommpay::Behaviour;
use till_sandbox::{Auto, Certificate, ServerConfig, certificate};

pub(crate) const ID: &str = "5f3a52c0-1111-4d0b-9a53-3b0e3c1c4f10";
/// The key of the sandbox's project.
pub(crate) const SECRET: &str = "ecommpay-sandbox-key";

pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) bank: till_sandbox::Server,
    pub(crate) server: Option<Server>,
    pub(crate) store: Arc<Store>,
    pub(crate) token: String,
    pub(crate) wait_ms: u64,
    pub(crate) limits: Limits,
    /// For each address without a token.
    pub(crate) strangers: Limits,
    /// How payments of ecommpay begin.
    sale: Sale,
    /// The acquirers whose payments are no tests.
    pub(crate) real: Vec<RailId>,
    pub(crate) url: String,
    http: Client,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::with(120_000, Limits { each_second: 1_000, at_once: 1_000 }).await
    }

    /// Payments of ecommpay begin at its Gate, which says by callback what is shown.
    pub(crate) async fn with_gate() -> Self {
        let mut desk = Self::open().await;
        desk.stop().await;
        desk.sale = Sale::Gate;
        desk.start().await;
        desk
    }

    pub(crate) async fn with(wait_ms: u64, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bank = till_sandbox::Server::start(ServerConfig::default()).await.unwrap();
        let made = certificate(([127, 0, 0, 1], 0).into(), "gateway").unwrap();
        let Certificate { ca_pem, chain_pem, key_pem } = made;
        std::fs::write(folder.path().join("ca.pem"), &ca_pem).unwrap();
        std::fs::write(folder.path().join("chain.pem"), chain_pem).unwrap();
        std::fs::write(folder.path().join("key.pem"), key_pem).unwrap();
        let store = Arc::new(Store::open(&folder.path().join("g.sqlite.gateway")).unwrap());
        let token = store.add_token("T-1", Role::Device, 1).unwrap();
        let root = reqwest::Certificate::from_pem(ca_pem.as_bytes()).unwrap();
        let _installed_already = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().tls_certs_only([root]).build().unwrap();
        let (server, sale, real, url) = (None, Sale::Page, vec![], String::new());
        let strangers = Limits { each_second: 1_000, at_once: 1_000 };
        let mut desk = Self {
            folder,
            bank,
            server,
            store,
            token,
            wait_ms,
            limits,
            strangers,
            sale,
            real,
            url,
            http,
        };
        desk.start().await;
        desk
    }

    /// Starts the gateway on what its journal holds.
    pub(crate) async fn start(&mut self) {
        self.start_at(([127, 0, 0, 1], 0).into()).await;
    }

    /// Starts it on this address.
    pub(crate) async fn start_at(&mut self, listen: std::net::SocketAddr) {
        let settings = Settings {
            terminal_id: "gateway".to_owned(),
            currency: "UZS".parse().unwrap(),
            language: Language::En,
            rail: RailId::new(Octo::ID),
            rules: Rules { wait_ms: self.wait_ms, ..Rules::default() },
            foreign_refunds: true,
            pace_ms: 1,
            callers_are_terminals: true,
            sandbox: true,
            bridge: true,
        };
        let (line, octo) = self.octo();
        let (gate, ecommpay) = self.ecommpay();
        let file = self.folder.path().join("g.sqlite");
        let journal = SqliteJournal::open(&file, [7; 16]).unwrap();
        let till = Till::start(settings, Box::new(journal), vec![line, gate]).unwrap();
        let store = Store::open(&self.folder.path().join("g.sqlite.gateway")).unwrap();
        let mut app = App::new(till, store, self.limits, self.strangers);
        app.octo = Some(octo);
        app.ecommpay = Some(ecommpay);
        app.sandbox = true;
        app.sandbox_differs = self.real.clone();
        let path = |name| self.folder.path().join(name);
        let identity = Identity::open(&path("chain.pem"), &path("key.pem")).unwrap();
        let server = Server::start(app, listen, Some(Arc::new(identity))).await.unwrap();
        self.url = format!("https://{}", server.address());
        self.server = Some(server);
        let callback_url = Some(format!("{}/ecommpay/callback", self.url));
        self.change_platform(|behaviour| behaviour.callback_url = callback_url);
    }

    /// Changes how ecommpay's platform behaves from now on.
    pub(crate) fn change_platform(&self, change: impl FnOnce(&mut Behaviour)) {
        self.bank.change_platform(|platform, _| {
            let mut behaviour = platform.behaviour().clone();
            change(&mut behaviour);
            platform.set_behaviour(behaviour);
        });
    }

    pub(crate) async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }

    fn octo(&self) -> (Line, Octo) {
        let (client_id, secret) = {
            let bank = self.bank.bank();
            let bank = bank.lock().unwrap();
            (bank.behaviour().client_id.clone(), bank.behaviour().client_secret.clone())
        };
        let settings =
            OctoSettings::new(self.bank.base_url(), client_id, Secret::new(secret), "2088", "UZ");
        let octo = Octo::new(settings).unwrap();
        (Line { rail: Box::new(octo.clone()), transport: self.way() }, octo)
    }

    fn ecommpay(&self) -> (Line, Ecommpay) {
        let mut settings = EcommpaySettings::new(201, Secret::new(SECRET.to_owned()));
        self.bank.base_url().clone_into(&mut settings.gate_url);
        settings.payment_page_url = self.bank.payment_page_url();
        settings.test_project = true;
        settings.sale = self.sale;
        settings.return_url = Some("https://shop.example/back".to_owned());
        let ecommpay = Ecommpay::new(settings).unwrap();
        (Line { rail: Box::new(ecommpay.clone()), transport: self.way() }, ecommpay)
    }

    fn way(&self) -> Transport {
        let settings = TransportSettings {
            base_url: self.bank.base_url().to_owned(),
            extra_roots_pem: Some(self.bank.ca_pem().as_bytes().to_vec()),
            proxy: None,
            user_agent: "till".to_owned(),
        };
        Transport::new(&settings).unwrap()
    }

    pub(crate) fn approve(&self) {
        self.bank.set_auto(Auto::Approve);
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        self.ask_as(&self.token, method, path, body).await
    }

    pub(crate) async fn ask_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let bytes = if body.is_null() { vec![] } else { serde_json::to_vec(&body).unwrap() };
        self.send(Some(token), method, path, bytes).await
    }

    pub(crate) async fn send(
        &self,
        token: Option<&str>,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(body).timeout(Duration::from_secs(100));
        let response = request.send().await.unwrap();
        let status = response.status();
        let bytes = response.bytes().await.unwrap();
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        (status, serde_json::from_slice(&bytes).unwrap_or_else(|_| text()))
    }

    pub(crate) async fn put(&self, id: &str, query: &str, body: Value) -> (StatusCode, Value) {
        self.ask(Method::PUT, &format!("/v1/operations/{id}{query}"), body).await
    }

    pub(crate) async fn get(&self, id: &str, query: &str) -> (StatusCode, Value) {
        self.ask(Method::GET, &format!("/v1/operations/{id}{query}"), Value::Null).await
    }

    pub(crate) async fn post(&self, id: &str, what: &str, body: Value) -> (StatusCode, Value) {
        self.ask(Method::POST, &format!("/v1/operations/{id}/{what}"), body).await
    }

    /// How many operations the gateway has recorded.
    pub(crate) async fn recorded(&self) -> usize {
        let operator = self.operator();
        let path = "/v1/operations?limit=200";
        let (_, found) = self.ask_as(&operator, Method::GET, path, Value::Null).await;
        found["operations"].as_array().unwrap().len()
    }

    pub(crate) fn operator(&self) -> String {
        self.store.revoke_token("boss", 1).unwrap();
        self.store.add_token("boss", Role::Operator, 1).unwrap()
    }
}

pub(crate) fn pay(minor: i64) -> Value {
    json!({ "action": "pay", "amount": minor, "purpose": "Coffee", "request_id": "r-1" })
}

pub(crate) fn code(view: &Value) -> i64 {
    view["answer"]["extras"]["code"].as_i64().unwrap()
}
