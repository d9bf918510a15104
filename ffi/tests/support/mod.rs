//! A gateway to the sandbox bank, for terminals without secrets.

use std::path::Path;
use std::sync::Arc;

use till_core::id::RailId;
use till_core::intent::Language;
use till_core::journal::SqliteJournal;
use till_core::operation::Rules;
use till_core::rail::octo::{Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::Line;
use till_core::transport::{Transport, TransportSettings};
use till_gateway::store::{Role, Store};
use till_gateway::{App, Identity, Limits, Server, Till};
use till_sandbox::{Certificate, certificate};

/// Is a running gateway, and what its one terminal is told of it.
pub(crate) struct Gateway {
    pub(crate) server: Server,
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) ca_pem: String,
}

impl Gateway {
    /// Starts it with a journal in this folder.
    pub(crate) async fn start(bank: &till_sandbox::Server, folder: &Path) -> Self {
        let octo = octo(bank);
        let transport = Transport::new(&TransportSettings {
            base_url: bank.base_url().to_owned(),
            extra_roots_pem: Some(bank.ca_pem().as_bytes().to_vec()),
            proxy: None,
            user_agent: "till".to_owned(),
        });
        let line = Line { rail: Box::new(octo.clone()), transport: transport.unwrap() };
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
        let journal = SqliteJournal::open(&folder.join("gateway.sqlite"), [7; 16]).unwrap();
        let till = Till::start(settings, Box::new(journal), vec![line]).unwrap();
        let store = Store::open(&folder.join("gateway.store")).unwrap();
        let token = store.add_token("T-1", Role::Device, 1).unwrap();
        let wide = Limits { each_second: 1_000, at_once: 1_000 };
        let mut app = App::new(till, store, wide, wide);
        app.octo = Some(octo);
        app.sandbox = true;
        let made = certificate(([127, 0, 0, 1], 0).into(), "gateway").unwrap();
        let Certificate { ca_pem, chain_pem, key_pem } = made;
        let (chain, key) = (folder.join("gateway-chain.pem"), folder.join("gateway-key.pem"));
        std::fs::write(&chain, chain_pem).unwrap();
        std::fs::write(&key, key_pem).unwrap();
        let identity = Some(Arc::new(Identity::open(&chain, &key).unwrap()));
        let server = Server::start(app, ([127, 0, 0, 1], 0).into(), identity).await.unwrap();
        let url = format!("https://{}", server.address());
        Self { server, url, token, ca_pem }
    }
}

fn octo(bank: &till_sandbox::Server) -> Octo {
    let (client_id, secret) = {
        let bank = bank.bank();
        let bank = bank.lock().unwrap();
        (bank.behaviour().client_id.clone(), bank.behaviour().client_secret.clone())
    };
    Octo::new(OctoSettings::new(bank.base_url(), client_id, Secret::new(secret), "2088", "UZ"))
        .unwrap()
}
