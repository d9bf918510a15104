//! The section `[gateway]`: for a terminal, where its gateway is; for a gateway, where it listens.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use till_core::rail::gateway::GatewaySettings;
use till_core::secret::Secret;
use toml::Value;

use super::files::{read_roots, read_secret};
use super::read::Reader;
use super::schema::right;

/// Is the section `[gateway]`.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// What a terminal is told; `None`: the section is a gateway's own.
    pub terminal: Option<Client>,
    /// What a gateway is told.
    pub server: Listen,
}

/// Is what a terminal is told of its gateway.
#[derive(Clone, Debug)]
pub struct Client {
    /// What the rail is told.
    pub settings: GatewaySettings,
    /// Certificates to trust beside the public ones.
    pub extra_roots_pem: Option<Vec<u8>>,
    /// The file that holds the token.
    pub token_file: PathBuf,
}

/// Is what a gateway is told about its port and its journal.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its certificate and the key of it; `None`: no TLS, only on loopback.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// Whether a proxy on this machine says who calls.
    pub behind_proxy: bool,
    /// Where the journal is: a file, or a database, maybe with a password in its address; `None`:
    /// the terminal's file.
    pub database: Option<Secret<String>>,
    /// The database's password, from a file of its own.
    pub database_password: Option<Secret<String>>,
    /// Whether the database has LISTEN and NOTIFY.
    pub database_notify: bool,
    /// How long a process may be silent before others go on with its operations, in milliseconds.
    pub lease_ms: u64,
    /// How many requests a second each terminal may make in the long run.
    pub requests_per_second: u32,
}

impl Gateway {
    pub(crate) fn read(section: &Reader<'_>) -> Result<Self, String> {
        Ok(Self { terminal: client(section)?, server: listen(section)? })
    }
}

fn client(section: &Reader<'_>) -> Result<Option<Client>, String> {
    let missing =
        |key: &str| section.wrong(key, format!("missing; write {}", right("gateway", key)));
    let (url, token_file) = match (section.text("url"), section.path("token_file")) {
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(missing("token_file")),
        (None, Some(_)) => return Err(missing("url")),
        (Some(url), Some(file)) => (url, file),
    };
    let token: Secret<String> =
        read_secret(&token_file).map_err(|what| section.wrong("token_file", what))?;
    let mut settings = GatewaySettings::new(url, token);
    settings.rail = section.text("rail").map(str::to_owned);
    settings.sandbox = section.flag("sandbox").unwrap_or(false);
    if let Some(wrong) = settings.check().into_iter().next() {
        return Err(format!("{}: {wrong}", section.file.display()));
    }
    let extra_roots_pem = match section.path("extra_roots") {
        None => None,
        Some(path) => Some(read_roots(&path).map_err(|what| section.wrong("extra_roots", what))?),
    };
    Ok(Some(Client { settings, extra_roots_pem, token_file }))
}

fn listen(section: &Reader<'_>) -> Result<Listen, String> {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
    let address = match section.text("listen") {
        None => loopback,
        Some(text) => text.parse().map_err(|_| {
            section.wrong("listen", format!("not usable; write {}", right("gateway", "listen")))
        })?,
    };
    let identity = match (section.path("certificate_file"), section.path("key_file")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (Some(_), None) => return Err(section.wrong("key_file", "missing beside the certificate")),
        (None, Some(_)) => {
            return Err(section.wrong("certificate_file", "missing beside the key"));
        }
    };
    if identity.is_none() && !address.ip().is_loopback() {
        let what = "without certificate_file and key_file only an address of this machine, for a \
                    proxy that does TLS";
        return Err(section.wrong("listen", what));
    }
    let database_password = match section.path("database_password_file") {
        None => None,
        Some(path) => {
            let read = read_secret(&path);
            Some(read.map_err(|what| section.wrong("database_password_file", what))?)
        }
    };
    let lease_s = section.keys.get("lease_s").and_then(Value::as_integer).unwrap_or(10);
    let each = section.keys.get("requests_per_second").and_then(Value::as_integer);
    Ok(Listen {
        address,
        identity,
        behind_proxy: section.flag("behind_proxy").unwrap_or(false),
        database: section.text("database").map(|text| Secret::new(text.to_owned())),
        database_password,
        database_notify: section.flag("database_notify").unwrap_or(true),
        lease_ms: u64::try_from(lease_s).unwrap_or(10).saturating_mul(1_000),
        requests_per_second: each.and_then(|each| u32::try_from(each).ok()).unwrap_or(20),
    })
}
