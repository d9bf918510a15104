//! In a SQLite file beside the journal's.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, params};
use subtle::ConstantTimeEq as _;
use till_core::id::ExternalId;

use super::{Fresh, Holder, ORPHANS_MAX, Role, StoreError, hash, parts};

/// Keeps it in a SQLite file.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the file, and makes it if it is not there.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        use std::os::unix::fs::OpenOptionsExt as _;
        // SQLite takes the mode of the file for those that it makes beside it.
        let _there_already =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS tokens (
                 id TEXT PRIMARY KEY, hash BLOB NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
                 created_ms INTEGER NOT NULL, revoked_ms INTEGER) STRICT;
             CREATE UNIQUE INDEX IF NOT EXISTS tokens_in_use
                 ON tokens (name) WHERE revoked_ms IS NULL;
             CREATE TABLE IF NOT EXISTS wakes (
                 external_id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;
             CREATE TABLE IF NOT EXISTS orphans (
                 external_id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL,
                 times INTEGER NOT NULL) STRICT;",
        )?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Makes a token: 256 random bits, of which only a hash is kept.
    ///
    /// # Errors
    /// The name is taken or none, or the file cannot be written.
    pub fn add_token(&self, name: &str, role: Role, now_ms: i64) -> Result<String, StoreError> {
        let Fresh { id, hash, token } = Fresh::new(name)?;
        let connection = self.lock();
        let taken: Option<i64> = connection
            .query_row(
                "SELECT 1 FROM tokens WHERE name = ?1 AND revoked_ms IS NULL",
                [name],
                |row| row.get(0),
            )
            .optional()?;
        if taken.is_some() {
            return Err(StoreError::Taken(name.to_owned()));
        }
        connection.execute(
            "INSERT INTO tokens (id, hash, name, role, created_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, hash, name, role.as_str(), now_ms],
        )?;
        Ok(token)
    }

    /// Revokes the token of this name; false if there is none.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn revoke_token(&self, name: &str, now_ms: i64) -> Result<bool, StoreError> {
        let changed = self.lock().execute(
            "UPDATE tokens SET revoked_ms = ?2 WHERE name = ?1 AND revoked_ms IS NULL",
            params![name, now_ms],
        )?;
        Ok(changed > 0)
    }

    /// Gives all tokens, oldest first: never what is secret of them.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn tokens(&self) -> Result<Vec<Holder>, StoreError> {
        let connection = self.lock();
        let mut found = connection.prepare(
            "SELECT name, role, created_ms, revoked_ms FROM tokens ORDER BY created_ms, name",
        )?;
        let rows = found.query_map([], holder)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Finds whose token this is, unless it was revoked.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn whose(&self, token: &str) -> Result<Option<Holder>, StoreError> {
        let Some((id, secret)) = parts(token) else { return Ok(None) };
        let found = self
            .lock()
            .prepare_cached(
                "SELECT name, role, created_ms, revoked_ms, hash FROM tokens
                 WHERE id = ?1 AND revoked_ms IS NULL",
            )?
            .query_row([id], |row| Ok((holder(row)?, row.get::<_, Vec<u8>>(4)?)))
            .optional()?;
        let right = |kept: &[u8]| bool::from(kept.ct_eq(&hash(secret)));
        Ok(found.filter(|(_, kept)| right(kept)).map(|(holder, _)| holder))
    }

    /// Puts down that the bank has to be asked about an operation that is not asked for by itself.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn queue_wake(&self, id: &ExternalId, now_ms: i64) -> Result<(), StoreError> {
        self.lock().execute(
            "INSERT INTO wakes VALUES (?1, ?2)
             ON CONFLICT (external_id) DO UPDATE SET at_ms = excluded.at_ms",
            params![id.as_str(), now_ms],
        )?;
        Ok(())
    }

    /// Gives what has to be asked about, and forgets what was put down before `before_ms`.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn wakes(&self, before_ms: i64) -> Result<Vec<ExternalId>, StoreError> {
        let connection = self.lock();
        connection.execute("DELETE FROM wakes WHERE at_ms < ?1", [before_ms])?;
        let mut found = connection.prepare("SELECT external_id FROM wakes ORDER BY at_ms")?;
        let rows = found.query_map([], |row| row.get::<_, String>(0))?;
        rows.map(|id| Ok(ExternalId::new(id?))).collect()
    }

    /// Keeps that a signed callback spoke of a payment that nobody here knows: money without a
    /// record. Only the newest are kept.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keep_orphan(&self, id: &ExternalId, now_ms: i64) -> Result<(), StoreError> {
        let connection = self.lock();
        connection.execute(
            "INSERT INTO orphans VALUES (?1, ?2, 1) ON CONFLICT (external_id)
             DO UPDATE SET at_ms = excluded.at_ms, times = times + 1",
            params![id.as_str(), now_ms],
        )?;
        connection.execute(
            "DELETE FROM orphans WHERE external_id NOT IN
             (SELECT external_id FROM orphans ORDER BY at_ms DESC LIMIT ?1)",
            [ORPHANS_MAX],
        )?;
        Ok(())
    }

    /// Counts the orphans that are kept.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn orphans(&self) -> Result<u64, StoreError> {
        let count: i64 =
            self.lock().query_row("SELECT count(*) FROM orphans", [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn holder(row: &rusqlite::Row<'_>) -> Result<Holder, rusqlite::Error> {
    let role: String = row.get(1)?;
    Ok(Holder {
        name: row.get(0)?,
        role: Role::of(&role),
        created_ms: row.get(2)?,
        revoked_ms: row.get(3)?,
    })
}
