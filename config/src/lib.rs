//! The configuration: one TOML file, and the files that it names.
//!
//! Every wrong line is told in one line: the file, the key, what would be right. No value is ever
//! repeated in it, since it may be a secret in the wrong place.

mod ecommpay;
mod files;
mod gateway;
mod read;
mod schema;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use till_core::intent::Language;
use till_core::money::Currency;
use till_core::rail::octo::OctoSettings;
use toml::Table;

pub use ecommpay::Ecommpay;
pub use files::readable_by_others;
pub use gateway::{Client, Gateway, Listen};

use read::Reader;

/// Says in one line what is missing or wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// Is a whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file.
    pub file: PathBuf,
    /// The terminal itself.
    pub terminal: Terminal,
    /// The rail `octo`, if it is set up.
    pub octo: Option<Octo>,
    /// The section [gateway], if it is there.
    pub gateway: Option<Gateway>,
    /// The rail `ecommpay`, if it is set up.
    pub ecommpay: Option<Ecommpay>,
}

/// Is the section `[terminal]`.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// The name for people.
    pub id: String,
    /// The currency of requests that name none.
    pub currency: Currency,
    /// The language of messages.
    pub language: Language,
    /// The rail of requests that name none.
    pub rail: String,
    /// The journal's file.
    pub journal: PathBuf,
    /// How long a caller waits, in milliseconds.
    pub wait_ms: u64,
    /// Whether late money is given back.
    pub give_back: bool,
    /// Whether payments of other terminals may be refunded.
    pub foreign_refunds: bool,
}

/// Is the section `[octo]`.
#[derive(Clone, Debug)]
pub struct Octo {
    /// What the rail is told.
    pub settings: OctoSettings,
    /// Certificates to trust beside the public ones.
    pub extra_roots_pem: Option<Vec<u8>>,
    /// The file that holds the secret.
    pub secret_file: PathBuf,
    /// Whether `client_ip` is to be this device's own address.
    pub own_ip: bool,
}

/// Is what of the environment decides where files are.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// `$TILL_CONFIG`.
    pub till_config: Option<PathBuf>,
    /// `$XDG_CONFIG_HOME`, if it is an absolute path as its specification wants.
    pub config_home: Option<PathBuf>,
    /// `$XDG_STATE_HOME`, likewise.
    pub state_home: Option<PathBuf>,
    /// `$HOME`.
    pub home: Option<PathBuf>,
}

impl Places {
    /// Reads the environment.
    pub fn new() -> Self {
        let path = |name| env::var_os(name).filter(|value: &OsString| !value.is_empty());
        let absolute =
            |name| path(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute());
        Self {
            till_config: path("TILL_CONFIG").map(PathBuf::from),
            config_home: absolute("XDG_CONFIG_HOME"),
            state_home: absolute("XDG_STATE_HOME"),
            home: absolute("HOME"),
        }
    }

    /// Gives the folder for what Till keeps by itself.
    pub fn state(&self) -> Result<PathBuf, ConfigError> {
        let home = || self.home.as_ref().map(|home| home.join(".local/state"));
        let state = self.state_home.clone().or_else(home).ok_or_else(|| {
            let text = "neither XDG_STATE_HOME nor HOME is set to an absolute path; name --journal";
            ConfigError(text.to_owned())
        })?;
        Ok(state.join("till"))
    }

    /// Gives the configuration file, or says where it was looked for.
    fn config(&self, named: Option<&Path>) -> Result<PathBuf, ConfigError> {
        let gone = |how: &str, path: &Path| {
            let text =
                format!("no configuration: {how} names {}, which is not there", path.display());
            ConfigError(text)
        };
        match (named, &self.till_config) {
            (Some(path), _) if path.exists() => return Ok(path.to_owned()),
            (Some(path), _) => return Err(gone("--config", path)),
            (None, Some(path)) if path.exists() => return Ok(path.clone()),
            (None, Some(path)) => return Err(gone("TILL_CONFIG", path)),
            (None, None) => {}
        }
        let home = || self.home.as_ref().map(|home| home.join(".config"));
        let usual = self.config_home.clone().or_else(home).map(|path| path.join("till/till.toml"));
        match usual {
            Some(path) if path.exists() => Ok(path),
            usual => {
                let path = usual.map_or("$HOME/.config/till/till.toml".to_owned(), |path| {
                    path.display().to_string()
                });
                Err(ConfigError(format!(
                    "no configuration: no --config, no TILL_CONFIG, and {path} is not there; \
                     without a bank: till demo, or --sandbox"
                )))
            }
        }
    }
}

impl Config {
    /// Finds and reads the configuration.
    pub fn load(named: Option<&Path>, places: &Places) -> Result<Self, ConfigError> {
        let file = places.config(named)?;
        Self::read(&file).map_err(ConfigError)
    }

    /// Reads one file; the error is one line.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
        let table: Table = text.parse().map_err(|error| not_toml(file, &text, &error))?;
        schema::check(file, &table)?;
        let none = Table::new();
        let reader = |name| {
            let keys = table.get(name).and_then(toml::Value::as_table);
            (Reader { file, name, keys: keys.unwrap_or(&none) }, keys.is_some())
        };
        let terminal = Terminal::read(&reader("terminal").0)?;
        let (octo, there) = reader("octo");
        let octo = if there { Some(Octo::read(&octo)?) } else { None };
        if let Some(octo) = &octo {
            check_alipayplus(&reader("alipayplus").0, &octo.settings)?;
        }
        let (ecommpay, there) = reader("ecommpay");
        let ecommpay = if there { Some(Ecommpay::read(&ecommpay)?) } else { None };
        let (gateway, there) = reader("gateway");
        let gateway = if there { Some(Gateway::read(&gateway)?) } else { None };
        for (rail, there) in [("octo", octo.is_some()), ("ecommpay", ecommpay.is_some())] {
            if terminal.rail == rail && !there {
                let needs = format!("terminal.rail is \"{rail}\" and needs it");
                return Err(format!("{}: {rail}: the section is missing; {needs}", file.display()));
            }
        }
        Ok(Self { file: file.to_owned(), terminal, octo, gateway, ecommpay })
    }
}

/// Holds the environment of Alipay+ against the bank's host: a hand-over between the two would fail
/// in front of a customer.
fn check_alipayplus(section: &Reader<'_>, octo: &OctoSettings) -> Result<(), String> {
    let wrong = match section.text("env") {
        Some("PROD") if octo.is_dev() => "octo.base_url is the bank's DEV host; write \"DEV\"",
        Some("DEV") if octo.live => "octo.live is true; write \"PROD\"",
        Some(_) | None => return Ok(()),
    };
    Err(section.wrong("env", format!("it must match the host: {wrong}")))
}

/// Tells where the file is no TOML, without repeating the line: a secret may stand in it.
fn not_toml(file: &Path, text: &str, error: &toml::de::Error) -> String {
    let begin = error.span().map_or(0, |span| span.start);
    let before = text.get(..begin).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let message = error.message().lines().next().unwrap_or_default();
    format!("{}: line {line}: not TOML: {message}", file.display())
}
