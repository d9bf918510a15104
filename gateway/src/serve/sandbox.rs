//! `--sandbox`: the embedded banks, a certificate of its own, a token and a terminal's
//! configuration, all in one folder, so that a first try needs nothing.

use std::fs::{self, DirBuilder};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use till_config::Places;
use till_core::id::RailId;
use till_core::intent::Language;
use till_core::operation::Rules;
use till_core::rail::octo::Octo;
use till_core::settings::Settings;
use till_core::time::Clock;
use till_gateway::store::{Kept, Role, StoreError};
use till_sandbox::ecommpay::Behaviour;
use till_sandbox::{Auto, Certificate, Server, ServerConfig, certificate};

use super::Place;
use crate::args::Args;
use crate::database::Database;
use crate::trouble::Trouble;

/// The terminal of the first try.
const TERMINAL: &str = "T-1";

/// Is the folder of a first try.
pub(crate) struct Sandbox {
    folder: PathBuf,
    /// What the embedded customer does.
    pub(super) auto: Auto,
}

impl Sandbox {
    /// Finds the folder, and makes it if it is not there.
    pub(super) fn new(places: &Places) -> Result<Self, Trouble> {
        let folder = places.state()?.join("gateway-sandbox");
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| failed(&folder, &error))?;
        Ok(Self { folder, auto: Auto::Approve })
    }

    pub(super) fn place(self, args: &Args) -> Result<Place, Trouble> {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8444));
        let identity = (self.folder.join("certificate.pem"), self.folder.join("key.pem"));
        if !identity.0.exists() || !identity.1.exists() || !self.folder.join("ca.pem").exists() {
            let made = certificate(listen, "Till sandbox gateway");
            let Certificate { ca_pem, chain_pem, key_pem } =
                made.map_err(|error| Trouble::Failed(error.to_string()))?;
            write(&self.folder.join("ca.pem"), &ca_pem)?;
            write(&identity.0, &chain_pem)?;
            write(&identity.1, &key_pem)?;
        }
        let currency = "UZS".parse().map_err(|_| Trouble::Failed("currency".to_owned()))?;
        let database = match &args.database {
            Some(named) => Database::of(named, Path::new(""), None, super::password())?,
            None => Database::File(self.folder.join("gateway.sqlite")),
        };
        Ok(Place {
            settings: Settings {
                terminal_id: "gateway".to_owned(),
                currency,
                language: Language::En,
                rail: RailId::new(Octo::ID),
                rules: Rules::default(),
                foreign_refunds: true,
                pace_ms: Settings::PACE_MS,
                callers_are_terminals: true,
                sandbox: true,
                bridge: true,
            },
            database,
            listen,
            identity: Some(identity),
            behind_proxy: false,
            requests_per_second: 20,
            config: None,
            sandbox: Some(self),
        })
    }

    /// Starts the banks, with the books that they had.
    pub(super) async fn start(&self) -> Result<Server, Trouble> {
        let config = ServerConfig {
            state_file: Some(self.folder.join("bank.json")),
            auto: self.auto,
            ..ServerConfig::default()
        };
        Server::start(config)
            .await
            .map_err(|error| Trouble::Failed(format!("the sandbox does not start: {error}")))
    }

    /// Gives the terminal a token, if it has none.
    pub(super) async fn token(&self, store: &Kept) -> Result<(), Trouble> {
        let file = self.folder.join("device.token");
        let trouble = |error: StoreError| Trouble::Journal(error.to_string());
        let present = fs::read_to_string(&file).unwrap_or_default();
        if store.whose(present.trim_end()).await.map_err(trouble)?.is_some() {
            return Ok(());
        }
        let now_ms = Clock::new().now().wall_ms;
        store.revoke_token(TERMINAL, now_ms).await.map_err(trouble)?;
        let token = store.add_token(TERMINAL, Role::Device, now_ms).await.map_err(trouble)?;
        write(&file, &format!("{token}\n"))
    }

    /// Writes a terminal's configuration, has callbacks sent here, and tells how to use it.
    pub(super) fn tell(&self, address: SocketAddr, bank: Option<&Server>) -> Result<(), Trouble> {
        if let Some(bank) = bank {
            bank.change_platform(|platform, _| {
                let callback_url = Some(format!("https://{address}/ecommpay/callback"));
                let behaviour = Behaviour { callback_url, ..platform.behaviour().clone() };
                platform.set_behaviour(behaviour);
            });
        }
        let file = self.folder.join("till.toml");
        write(
            &file,
            &format!(
                "[terminal]\nid = \"{TERMINAL}\"\ncurrency = \"UZS\"\nrail = \"gateway\"\n\n\
                 [gateway]\nurl = \"https://{address}\"\ntoken_file = \"device.token\"\n\
                 extra_roots = \"ca.pem\"\nsandbox = true\n"
            ),
        )?;
        let wallet = bank.map(|bank| bank.wallet_url().to_owned()).unwrap_or_default();
        crate::print(&format!(
            "SANDBOX: no money moves here. Ctrl-C stops it.\n\
             The gateway   https://{address}\nThe customer  {wallet}\n\
             Take a payment with it:\n  \
             till pay --config {0} --amount 12500 --purpose Coffee\n\
             through its other acquirer, whose code is an address; open it as a phone does:\n  \
             till pay --config {0} --amount 12500 --purpose Tea --rail ecommpay --currency CNY",
            file.display()
        ))
    }
}

fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    let _gone_already = fs::remove_file(path);
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble::Failed(format!("{}: {error}", path.display()))
}
