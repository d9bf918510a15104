//! Where the journal is, and what is kept beside it: files, or a database that several processes
//! share.

use std::path::{Path, PathBuf};

use till_config::Gateway;
use till_core::journal::{
    Findings, Journal as _, JournalError, Postgres, PostgresJournal, Session, SqliteJournal,
};
use till_core::secret::Secret;
use till_core::settings::Settings;
use till_core::terminal::{Line, StartError};
use till_gateway::Till;
use till_gateway::store::{Kept, Shared, Store};

use crate::trouble::Trouble;

/// How long `check` and `token` wait for a database that is away, in milliseconds.
const AT_ONCE_MS: u64 = 5_000;

/// How long a start waits for one that is about to come up, in milliseconds.
const START_MS: u64 = 15_000;

/// Is where the journal is.
#[derive(Debug)]
pub(crate) enum Database {
    /// In a file, for this process alone.
    File(PathBuf),
    /// In PostgreSQL.
    Shared {
        /// With the password.
        url: Secret<String>,
        /// How long this process may be silent, in milliseconds.
        lease_ms: u64,
        /// Whether the database has LISTEN and NOTIFY.
        notify: bool,
    },
}

impl Database {
    /// Reads what the command line or the configuration names; `folder` is where file names begin.
    pub(crate) fn of(
        named: &str,
        folder: &Path,
        gateway: Option<&Gateway>,
        password: Option<String>,
    ) -> Result<Self, Trouble> {
        if !named.starts_with("postgres://") && !named.starts_with("postgresql://") {
            if named.contains("://") {
                let text = "gateway.database: a file, or an address that begins with postgres://";
                return Err(Trouble::NotConfigured(text.to_owned()));
            }
            return Ok(Self::File(folder.join(named)));
        }
        let server = gateway.map(|gateway| &gateway.server);
        let file = server.and_then(|server| server.database_password.as_ref());
        // EXPOSE: it becomes part of the address, which is a secret too.
        let file = file.map(|secret| secret.expose().clone());
        Ok(Self::Shared {
            url: Secret::new(with_password(named, file.or(password).as_deref())),
            lease_ms: server.map_or(Postgres::LEASE_MS, |server| server.lease_ms),
            notify: server.is_none_or(|server| server.database_notify),
        })
    }

    /// Opens the journal and starts on it.
    pub(crate) fn start(&self, settings: Settings, lines: Vec<Line>) -> Result<Till, Trouble> {
        let started = match self {
            Self::File(file) => {
                let journal = SqliteJournal::open(file, random()?).map_err(journal)?;
                Till::start(settings, Box::new(journal), lines)
            }
            Self::Shared { .. } => {
                Till::share(settings, self.shared(Postgres::PATIENCE_MS)?, lines)
            }
        };
        started.map_err(|error: StartError| Trouble::Journal(error.to_string()))
    }

    /// Checks all that is in the journal.
    pub(crate) fn verify(&self) -> Result<Findings, Trouble> {
        let found = match self {
            Self::File(file) => SqliteJournal::open(file, random()?).map_err(journal)?.verify(),
            Self::Shared { .. } => self.shared(AT_ONCE_MS)?.verify(),
        };
        found.map_err(journal)
    }

    /// Opens what is kept beside the journal; `patient`: a database that is about to come up is
    /// waited for.
    pub(crate) async fn store(&self, patient: bool) -> Result<Kept, Trouble> {
        match self {
            Self::File(file) => {
                let mut name = file.as_os_str().to_owned();
                name.push(".gateway");
                let store = Store::open(&PathBuf::from(name));
                Ok(store.map_err(|error| Trouble::Journal(error.to_string()))?.into())
            }
            Self::Shared { url, .. } => {
                if patient {
                    let waits = Session::open(url, &name(), START_MS, random()?).await;
                    waits.map_err(journal)?;
                }
                let session = Session::open(url, &name(), AT_ONCE_MS, random()?).await;
                Ok(Shared::new(session.map_err(journal)?).into())
            }
        }
    }

    fn shared(&self, patience_ms: u64) -> Result<PostgresJournal, Trouble> {
        let Self::Shared { url, lease_ms, notify } = self else {
            return Err(Trouble::Failed("the journal is a file".to_owned()));
        };
        let options = Postgres {
            url: url.clone(),
            name: name(),
            lease_ms: *lease_ms,
            patience_ms,
            listen: *notify,
        };
        PostgresJournal::open(options, random()?).map_err(journal)
    }
}

/// Names this process among those on the database, for people.
fn name() -> String {
    format!("till-gateway {}", std::process::id())
}

fn random() -> Result<[u8; 16], Trouble> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| Trouble::Failed(error.to_string()))?;
    Ok(random)
}

fn journal(error: JournalError) -> Trouble {
    Trouble::Journal(error.to_string())
}

/// Puts a password into an address that has none.
fn with_password(url: &str, password: Option<&str>) -> String {
    let Some(password) = password else { return url.to_owned() };
    let place = url.split_once("://").map_or(url, |(_, rest)| rest);
    let place = place.split(['/', '?']).next().unwrap_or_default();
    let has = place.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
    if has {
        return url.to_owned();
    }
    let mut escaped = String::new();
    for byte in password.bytes() {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}password={escaped}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_where_there_is_none() {
        let with = |url| with_password(url, Some("a/b é"));
        assert_eq!(with("postgres://u@h/d"), "postgres://u@h/d?password=a%2Fb%20%C3%A9");
        assert_eq!(with("postgres://u@h/d?x=1"), "postgres://u@h/d?x=1&password=a%2Fb%20%C3%A9");
        assert_eq!(with("postgres://u:p@h/d"), "postgres://u:p@h/d");
        assert_eq!(with_password("postgres://u@h/d", None), "postgres://u@h/d");
    }
}
