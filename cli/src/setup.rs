//! What a command needs before it can do anything: settings, the journal's place, the way to the
//! bank.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use till_core::id::RailId;
use till_core::intent::Language;
use till_core::journal::{Journal, JournalError, SqliteJournal};
use till_core::operation::Rules;
use till_core::rail::octo::{Octo, OctoSettings};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::Line;
use till_core::transport::{Transport, TransportError, TransportSettings};
use till_sandbox::{Auto, Server};

use crate::args::{Common, Customer};
use crate::bank;
use crate::config::{self, Config, Places};
use crate::random;
use crate::trouble::Trouble;

/// Is everything that decides how a command runs.
#[derive(Debug)]
pub(crate) struct Setup {
    /// What the terminal is told.
    pub(crate) settings: Settings,
    /// The journal's file.
    pub(crate) journal: PathBuf,
    /// Whose bank it is.
    pub(crate) bank: Bank,
}

/// Is where payments go.
#[derive(Debug)]
pub(crate) enum Bank {
    /// To the banks of the configuration.
    Configured(Box<Config>),
    /// To the embedded sandbox.
    Sandbox {
        /// What its customer does, if the command line says so.
        auto: Option<Auto>,
        /// After how many milliseconds.
        auto_after: Option<u64>,
    },
}

impl Setup {
    /// Makes it of the command line, the configuration and the environment.
    pub(crate) fn new(common: &Common, customer: Customer) -> Result<Self, Trouble> {
        let places = Places::new();
        if common.sandbox {
            return Self::sandbox(common, customer, &places);
        }
        let config = Config::load(common.config.as_deref(), &places)?;
        let journal = common.journal.clone().unwrap_or_else(|| config.terminal.journal.clone());
        let settings = settings(&config.terminal, false);
        Ok(Self { settings, journal, bank: Bank::Configured(Box::new(config)) })
    }

    /// Gives the language of messages where there is no setup: the configured one, if it can be
    /// told.
    pub(crate) fn language(common: &Common) -> Language {
        let config = Config::load(common.config.as_deref(), &Places::new());
        config.map_or(Language::En, |config| config.terminal.language)
    }

    /// The embedded bank needs no configuration; one that is named decides about the terminal
    /// alone.
    fn sandbox(common: &Common, customer: Customer, places: &Places) -> Result<Self, Trouble> {
        let terminal = match &common.config {
            Some(file) => Config::load(Some(file), places)?.terminal,
            None => sandbox_terminal()?,
        };
        let journal = match &common.journal {
            Some(journal) => journal.clone(),
            None => places.state()?.join("sandbox.sqlite"),
        };
        let settings = Settings { rail: RailId::new(Octo::ID), ..settings(&terminal, true) };
        let Customer { auto, auto_after } = customer;
        Ok(Self { settings, journal, bank: Bank::Sandbox { auto, auto_after } })
    }

    /// Opens the journal for writing; `None`: another process has it.
    pub(crate) fn open_journal(&self) -> Result<Option<SqliteJournal>, Trouble> {
        let journal = match SqliteJournal::open(&self.journal, random::bytes()?) {
            Err(JournalError::Locked(_)) => return Ok(None),
            opened => opened?,
        };
        self.check_kind(&journal)?;
        Ok(Some(journal))
    }

    /// Keeps sandbox and real bank apart: asked about an operation of the other one, a bank would
    /// answer that it knows nothing of it.
    fn check_kind(&self, journal: &SqliteJournal) -> Result<(), Trouble> {
        let newest = journal.history(1)?;
        let open = journal.open_operations()?;
        let other = |sandbox| sandbox != self.settings.sandbox;
        if open.iter().chain(&newest).any(|operation| other(operation.order.sandbox)) {
            let name = self.journal.display();
            return Err(Trouble::NotConfigured(if self.settings.sandbox {
                format!("{name} is the journal of a real bank; --sandbox needs one of its own")
            } else {
                format!("{name} is a journal of the sandbox; a real bank needs one of its own")
            }));
        }
        Ok(())
    }

    /// Makes the lines to the banks; `server` is the running sandbox.
    pub(crate) fn lines(&self, server: Option<&Server>) -> Result<Vec<Line>, Trouble> {
        match (&self.bank, server) {
            (Bank::Configured(config), _) => match &config.octo {
                Some(octo) => Ok(vec![octo_line(octo)?]),
                None => Ok(vec![]),
            },
            (Bank::Sandbox { .. }, Some(server)) => Ok(vec![sandbox_line(server)?]),
            (Bank::Sandbox { .. }, None) => Ok(vec![]),
        }
    }

    /// Starts the embedded bank, if this is its setup.
    pub(crate) async fn start_bank(&self) -> Result<Option<Server>, Trouble> {
        match &self.bank {
            Bank::Configured(_) => Ok(None),
            Bank::Sandbox { auto, auto_after } => {
                let state = beside(&self.journal, ".bank.json");
                let auto = auto.unwrap_or(Auto::Approve);
                bank::start(Some(state), auto, *auto_after).await.map(Some)
            }
        }
    }

    /// Says why requests to a rail cannot be: it is known, but not set up or not built in.
    pub(crate) fn missing_rail(&self, named: Option<&str>) -> Option<String> {
        let rail = named.unwrap_or(self.settings.rail.as_str());
        let Bank::Configured(config) = &self.bank else { return None };
        let section = match rail {
            "ecommpay" => config.ecommpay,
            "gateway" => config.gateway,
            Octo::ID if config.octo.is_none() => {
                return Some(format!("{}: octo: the section is missing", config.file.display()));
            }
            _ => return None,
        };
        Some(if section {
            format!("this till cannot use the rail {rail} yet; terminal.rail = \"octo\" works")
        } else {
            format!("{}: {rail}: the section is missing", config.file.display())
        })
    }

    /// Gives what must be the same for all processes on one journal, as hashes by key: never a
    /// secret, and nothing that could be read back.
    pub(crate) fn fingerprint(&self) -> BTreeMap<String, String> {
        let Settings {
            terminal_id,
            currency,
            language,
            rail,
            rules,
            foreign_refunds,
            pace_ms: _,
            sandbox,
            bridge: _,
        } = &self.settings;
        let mut keys = vec![
            ("terminal.id", terminal_id.clone()),
            ("terminal.currency", currency.to_string()),
            ("terminal.language", language.to_string()),
            ("terminal.rail", rail.to_string()),
            ("terminal.wait_s", rules.wait_ms.to_string()),
            ("terminal.late_payment", rules.give_back.to_string()),
            ("terminal.foreign_refunds", foreign_refunds.to_string()),
            ("--sandbox", sandbox.to_string()),
        ];
        if let Bank::Configured(config) = &self.bank
            && let Some(octo) = &config.octo
        {
            let OctoSettings { base_url, client_id, user_id, region, .. } = &octo.settings;
            keys.push(("octo.base_url", base_url.clone()));
            keys.push(("octo.client_id", client_id.clone()));
            keys.push(("octo.user_id", user_id.clone()));
            keys.push(("octo.region", region.clone()));
            keys.push(("octo", open_with_the_bank(&octo.settings)));
        }
        let hash = |(key, value): (&str, String)| {
            let digest = Sha256::digest(format!("till/{key}/{value}").as_bytes());
            let short = digest.get(..8).unwrap_or_default();
            (key.to_owned(), HEXLOWER.encode(short))
        };
        keys.into_iter().map(hash).collect()
    }
}

/// Gives the name of a companion of a file.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes the line to a configured OCTO.
pub(crate) fn octo_line(octo: &config::Octo) -> Result<Line, Trouble> {
    line(octo.settings.clone(), octo.extra_roots_pem.clone(), octo.own_ip)
}

/// Makes the line to the embedded bank.
pub(crate) fn sandbox_line(server: &Server) -> Result<Line, Trouble> {
    let (client_id, secret) = bank::credentials(server);
    let settings = OctoSettings::new(
        server.base_url(),
        client_id,
        Secret::new(secret),
        "208800000000000001",
        "UZ",
    );
    line(settings, Some(server.ca_pem().as_bytes().to_vec()), true)
}

fn line(
    mut settings: OctoSettings,
    extra_roots_pem: Option<Vec<u8>>,
    own_ip: bool,
) -> Result<Line, Trouble> {
    let wanted = TransportSettings {
        base_url: settings.base_url.clone(),
        extra_roots_pem,
        proxy: None,
        user_agent: settings.user_agent.clone(),
    };
    let wrong = |key: &str, what: String| Trouble::NotConfigured(format!("octo.{key}: {what}"));
    let transport = Transport::new(&wanted).map_err(|error| {
        let roots = matches!(
            error,
            TransportError::RootsEmpty
                | TransportError::RootsDamaged
                | TransportError::RootUnreadable(_)
        );
        wrong(if roots { "extra_roots" } else { "base_url" }, error.to_string())
    })?;
    if own_ip && let Some(ip) = transport.local_ip() {
        settings.client_ip = ip;
    }
    let rail = Octo::new(settings).map_err(|wrong| Trouble::NotConfigured(wrong.join("; ")))?;
    Ok(Line { rail: Box::new(rail), transport })
}

fn settings(terminal: &config::Terminal, sandbox: bool) -> Settings {
    Settings {
        terminal_id: terminal.id.clone(),
        currency: terminal.currency,
        language: terminal.language,
        rail: RailId::new(terminal.rail.as_str()),
        rules: Rules {
            wait_ms: terminal.wait_ms,
            give_back: terminal.give_back,
            ..Rules::default()
        },
        foreign_refunds: terminal.foreign_refunds,
        pace_ms: Settings::PACE_MS,
        sandbox,
        bridge: true,
    }
}

fn sandbox_terminal() -> Result<config::Terminal, Trouble> {
    let currency = bank::CURRENCY.parse().map_err(|_| Trouble::Usage("currency".to_owned()))?;
    Ok(config::Terminal {
        id: "T-1".to_owned(),
        currency,
        language: Language::En,
        rail: Octo::ID.to_owned(),
        journal: PathBuf::new(),
        wait_ms: Rules::WAIT_MS,
        give_back: true,
        foreign_refunds: false,
    })
}

/// Puts the settings for what the bank's document leaves open into one text.
fn open_with_the_bank(settings: &OctoSettings) -> String {
    format!(
        "{:?}",
        (
            &settings.qr_user_id,
            settings.perform_before_scan,
            [&settings.open_codes, &settings.final_codes, &settings.expired_codes],
            [&settings.request_codes, &settings.exists_codes],
            settings.refund_inquiry,
            settings.refund_sum,
            &settings.exponents_confirmed,
            settings.declined_is_payable,
        )
    )
}
