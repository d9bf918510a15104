//! What a command needs before it can do anything: settings, the journal's place, the way to the
//! bank.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use till_config::{Config, Places};
use till_core::id::RailId;
use till_core::intent::Language;
use till_core::journal::{Journal, JournalError, SqliteJournal};
use till_core::operation::{Order, Rules};
use till_core::rail::ecommpay::Ecommpay;
use till_core::rail::gateway::Gateway;
use till_core::rail::octo::Octo;
use till_core::settings::Settings;
use till_core::terminal::Line;
use till_sandbox::{Auto, Server};

use crate::args::{Common, Customer};
use crate::bank;
use crate::lines;
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
        let settings = settings(&terminal, true);
        // The embedded banks are these two.
        let known = [Octo::ID, Ecommpay::ID].contains(&settings.rail.as_str());
        let rail = if known { settings.rail.clone() } else { RailId::new(Octo::ID) };
        let settings = Settings { rail, ..settings };
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
        let other = |order: &Order| order.sandbox != self.is_test(&order.rail);
        if open.iter().chain(&newest).any(|operation| other(&operation.order)) {
            let name = self.journal.display();
            return Err(Trouble::NotConfigured(if self.settings.sandbox {
                format!("{name} is the journal of a real bank; --sandbox needs one of its own")
            } else {
                format!("{name} is a journal of the sandbox; a real bank needs one of its own")
            }));
        }
        Ok(())
    }

    /// Tells whether payments through a rail are tests here: the sandbox's, a test project's, or
    /// those of a gateway whose bank is the sandbox.
    fn is_test(&self, rail: &RailId) -> bool {
        let Bank::Configured(config) = &self.bank else { return true };
        let test_project = config.ecommpay.as_ref().is_some_and(|one| one.settings.test_project);
        let gateway = config.gateway.as_ref().and_then(|one| one.terminal.as_ref());
        let test_gateway = gateway.is_some_and(|client| client.settings.sandbox);
        rail.as_str() == Ecommpay::ID && test_project || Gateway::leads_to(rail) && test_gateway
    }

    /// Makes the lines to the banks; `server` is the running sandbox.
    pub(crate) fn lines(&self, server: Option<&Server>) -> Result<Vec<Line>, Trouble> {
        match (&self.bank, server) {
            (Bank::Configured(config), _) => {
                let octo = config.octo.as_ref().map(lines::octo);
                let ecommpay = config.ecommpay.as_ref().map(lines::ecommpay);
                let gateway = config.gateway.as_ref().and_then(|one| one.terminal.as_ref());
                let gateway = gateway.into_iter().flat_map(lines::gateway);
                octo.into_iter().chain(ecommpay).chain(gateway).collect()
            }
            (Bank::Sandbox { .. }, Some(server)) => lines::sandbox(server),
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
        let gateway = config.gateway.as_ref().is_some_and(|one| one.terminal.is_some());
        let missing = match rail {
            Octo::ID => config.octo.is_none() && !gateway,
            Ecommpay::ID => config.ecommpay.is_none() && !gateway,
            Gateway::ID => !gateway,
            _ => false,
        };
        missing.then(|| format!("{}: {rail}: the section is missing", config.file.display()))
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
            callers_are_terminals: _,
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
        if let Bank::Configured(config) = &self.bank {
            keys.extend(config.octo.iter().flat_map(|octo| lines::octo_keys(&octo.settings)));
            let ecommpay = config.ecommpay.iter();
            keys.extend(ecommpay.flat_map(|one| lines::ecommpay_keys(&one.settings)));
        }
        if let Bank::Configured(config) = &self.bank
            && let Some(gateway) = config.gateway.as_ref().and_then(|one| one.terminal.as_ref())
        {
            keys.push(("gateway.url", gateway.settings.url.clone()));
            keys.push(("gateway.rail", gateway.settings.rail.clone().unwrap_or_default()));
            keys.push(("gateway.sandbox", gateway.settings.sandbox.to_string()));
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

fn settings(terminal: &till_config::Terminal, sandbox: bool) -> Settings {
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
        callers_are_terminals: false,
        sandbox,
        bridge: true,
    }
}

fn sandbox_terminal() -> Result<till_config::Terminal, Trouble> {
    let currency = bank::CURRENCY.parse().map_err(|_| Trouble::Usage("currency".to_owned()))?;
    Ok(till_config::Terminal {
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
