//! A connection that several callers of one runtime use at once.

use std::fmt;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::address::Address;
use super::link::{Fail, Line, sort};
use super::schema;
use crate::journal::{JournalError, installation_id};
use crate::secret::Secret;

/// Asks a database, over breaks of the connection; clones are the same.
///
/// Its methods belong to one runtime: that of the first call.
#[derive(Clone)]
pub struct Session {
    line: Arc<Mutex<Line>>,
    database: Arc<str>,
    patience_ms: u64,
}

impl Session {
    pub(super) fn of(line: Line) -> Self {
        let (database, patience_ms) = (Arc::clone(line.database()), line.patience_ms);
        Self { line: Arc::new(Mutex::new(line)), database, patience_ms }
    }

    /// Opens the database of a journal, and makes the tables if there are none; of the 16 random
    /// bytes a new journal takes its installation id. `name` names this process for people. A
    /// database that is away is waited for as long as `patience_ms`, in milliseconds.
    ///
    /// # Errors
    /// The database cannot be reached or used; each text says what to do.
    pub async fn open(
        url: &Secret<String>,
        name: &str,
        patience_ms: u64,
        installation_random: [u8; 16],
    ) -> Result<Self, JournalError> {
        let address = Address::new(url, name)?;
        let mut line = Line::new(address, patience_ms);
        let settled = match line.read("SELECT 1", &[]).await {
            Ok(_) => schema::settle(&mut line, &installation_id(installation_random)).await,
            Err(fail) => Err(fail),
        };
        let session = Self::of(line);
        session.named(settled.map(|_| session.clone()))
    }

    /// Asks for rows, again and again while the database is away: what is asked must be the same
    /// when it is done twice.
    ///
    /// # Errors
    /// The database cannot be reached, or refuses; the text names it.
    pub async fn rows(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, JournalError> {
        self.named(self.ask(sql, params).await)
    }

    pub(super) async fn ask(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Fail> {
        let until = self.line.lock().await.now_ms().saturating_add(self.patience_ms);
        loop {
            let ready = self.line.lock().await.prepared(sql).await;
            let outcome = match ready {
                Ok((client, statement)) => {
                    client.query(&statement, params).await.map_err(|error| sort(&error))
                }
                Err(fail) => Err(fail),
            };
            match outcome {
                Err(Fail::NoConnection(_) | Fail::Broken(_) | Fail::Again(_)) => {
                    let line = self.line.lock().await;
                    if line.now_ms() >= until {
                        return outcome;
                    }
                    drop(line);
                    super::link::pause().await;
                }
                other => return other,
            }
        }
    }

    pub(super) fn named<T>(&self, outcome: Result<T, Fail>) -> Result<T, JournalError> {
        outcome.map_err(|fail| fail.name(&self.database))
    }

    pub(super) fn line(&self) -> &Mutex<Line> {
        &self.line
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("database", &self.database).finish_non_exhaustive()
    }
}
