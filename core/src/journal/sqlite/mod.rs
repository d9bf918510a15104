//! The journal in a SQLite file.
//!
//! One process writes it, held apart by `<journal>.lock`; any number may read beside it. A write
//! that must survive a power cut costs one fsync, one that must survive a kill none; about every
//! 1000 pages SQLite moves its log into the file, which costs fsyncs of its own.
//!
//! The newest operations stand in a table of slots until they are moved to the others: the module
//! `recent`.

mod check;
mod file;
mod read;
mod recent;
mod row;
mod schema;
mod trouble;
mod write;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use self::file::{Found, Lock};
use self::trouble::{Outcome, Trouble};
use super::{
    Durability, Entry, Findings, Journal, JournalError, Record, Sought, form, installation_id,
};
use crate::id::{Caller, ExternalId, OperationId, RequestId};
use crate::operation::{Action, Operation};

/// Keeps operations in a SQLite file.
pub struct SqliteJournal {
    // Before the lock: dropped first, so that nobody else writes while the log is moved.
    conn: Connection,
    lock: Option<Lock>,
    path: PathBuf,
    installation: Box<str>,
    /// SQLite's log, to wait for the disk: SQLite itself waits only where it moves the log. `None`:
    /// this one does not write.
    log: Option<File>,
    /// Whether the disk did not say that it has what was committed.
    failed: bool,
    /// What the present group must survive.
    durability: Durability,
    /// Whether writes wait for the end of their group.
    grouping: bool,
    /// Whether SQLite gave up the transaction of the present group.
    spoilt: bool,
    places: BTreeMap<OperationId, write::Place>,
    /// What SQLite counts the writes of others with, as it was when `recent` was read.
    followed: Cell<i64>,
    /// `None`: to be read anew.
    recent: RefCell<Option<recent::Recents>>,
    damage: RefCell<Option<String>>,
    /// Whether the file is shorter than it says; only one that does not write is opened then.
    cut: bool,
    room: write::Room,
}

impl SqliteJournal {
    /// Opens a journal to write it, and makes it if there is none; of the 16 random bytes a new one
    /// takes its installation id.
    ///
    /// Checks the header, the size, the version and the open rows, so that it takes as long for a
    /// million operations as for none; [`Journal::verify`] checks the rest. An empty file is not a
    /// new journal but a damaged one: new ones are made under another name and then moved.
    ///
    /// # Errors
    /// [`JournalError::Locked`] if another process has it; the others as they say. The file is left
    /// as it was.
    pub fn open(path: &Path, installation_random: [u8; 16]) -> Result<Self, JournalError> {
        let settled = file::settle(path).map_err(|trouble| trouble.name(path))?;
        Self::open_settled(&settled, installation_random).map_err(|trouble| trouble.name(&settled))
    }

    /// Opens a journal to read it, as far as it can be read: beside the process that writes it, or
    /// when it is damaged or may not be written. Every write fails.
    ///
    /// # Errors
    /// There is nothing to read.
    pub fn open_read_only(path: &Path) -> Result<Self, JournalError> {
        Self::open_to_read(path).map_err(|trouble| trouble.name(path))
    }

    /// Gives the file's full name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn open_settled(path: &Path, installation_random: [u8; 16]) -> Outcome<Self> {
        let lock = Lock::take(path)?;
        match file::examine(path)? {
            Found::Journal => {}
            Found::Nothing => file::create(path, |new| fill(new, installation_random))?,
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(path, flags)?;
        set_up(&conn)?;
        let mode: String = conn.query_one("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            let text = "is on a file system without shared memory; put it on a local disk";
            return Err(Trouble::Unavailable(text.to_owned()));
        }
        conn.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 1000")?;
        let version = schema::version(&conn)?;
        schema::migrate(&mut conn, version, schema::MIGRATIONS)?;
        let mut journal = Self::over(conn, path);
        journal.lock = Some(lock);
        journal.installation = journal.read_installation()?;
        for stored in journal.read_open()? {
            journal.remember(stored);
        }
        drop(journal.recent()?);
        journal.log = Some(file::open_log(path)?);
        Ok(journal)
    }

    fn open_to_read(path: &Path) -> Outcome<Self> {
        let found = path.metadata().map_err(|error| Trouble::Io("opening it", error))?;
        file::refuse_empty(found.len())?;
        let full = path.canonicalize().map_err(|error| Trouble::Io("finding it", error))?;
        let conn = match reader(&full, false) {
            // Without the right to make the shared memory; harmless when nobody writes.
            Err(trouble) if trouble.is_access() && log_is_empty(&full) => reader(&full, true)?,
            other => other?,
        };
        let mut journal = Self::over(conn, &full);
        let version = match schema::version(&journal.conn) {
            Err(trouble) if trouble.is_damage() => {
                // Lets SQLite read a file that is shorter than it should be.
                journal.conn.pragma_update(None, "writable_schema", true)?;
                journal.note(&trouble.name(&full));
                journal.cut = true;
                schema::version(&journal.conn)?
            }
            version => version?,
        };
        if log_is_empty(&full) && file::is_cut(&journal.conn, &full)? {
            journal.note(&Trouble::Damaged("its end is missing".to_owned()).name(&full));
            journal.cut = true;
        }
        if version < schema::newest() {
            let text = format!("has the old version {version}; open it once for writing");
            return Err(Trouble::Unavailable(text));
        }
        let installation = journal.noted(journal.read_installation()).unwrap_or_default();
        journal.installation = installation;
        Ok(journal)
    }

    fn over(conn: Connection, path: &Path) -> Self {
        Self {
            conn,
            lock: None,
            path: path.to_owned(),
            installation: Box::default(),
            log: None,
            failed: false,
            durability: Durability::Kill,
            grouping: false,
            spoilt: false,
            places: BTreeMap::new(),
            followed: Cell::new(0),
            recent: RefCell::new(None),
            damage: RefCell::new(None),
            cut: false,
            room: write::Room::default(),
        }
    }

    fn read_installation(&self) -> Outcome<Box<str>> {
        let sql = "SELECT value, checksum FROM meta WHERE key = 'installation'";
        let found = self.conn.query_one(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        let Some((value, checksum)): Option<(Box<str>, i64)> = found.optional()? else {
            return Err(Trouble::Damaged("the installation's id is missing".to_owned()));
        };
        if form::meta_checksum("installation", &value) != checksum {
            return Err(Trouble::Damaged("the installation's id is wrong".to_owned()));
        }
        Ok(value)
    }

    /// Reads, all of it from one moment: another process may write meanwhile.
    fn look<T>(&self, read: impl FnOnce(&Self) -> Outcome<T>) -> Result<T, JournalError> {
        if self.lock.is_some() {
            // Left open: what is read next, and what is written because of it, belong to it.
            let begun = if self.conn.is_autocommit() { self.run("BEGIN") } else { Ok(()) };
            return self.noted(self.trust().and(begun).and_then(|()| read(self)));
        }
        let outcome = self.run("BEGIN").and_then(|()| {
            let outcome = self.follow().and_then(|()| read(self));
            self.leave().and(outcome)
        });
        self.noted(outcome)
    }

    /// Forgets the newest operations if another process has written since they were read.
    fn follow(&self) -> Outcome<()> {
        let data_version = "PRAGMA data_version";
        let present: i64 =
            self.conn.prepare_cached(data_version)?.query_row([], |row| row.get(0))?;
        if self.followed.replace(present) != present {
            self.forget_recent();
        }
        Ok(())
    }

    /// Puts the file's name on trouble, and remembers damage.
    fn noted<T>(&self, outcome: Outcome<T>) -> Result<T, JournalError> {
        outcome.map_err(|trouble| {
            let error = trouble.name(&self.path);
            if matches!(error, JournalError::Damaged(_)) {
                self.note(&error);
            }
            error
        })
    }

    fn note(&self, error: &JournalError) {
        tracing::error!(%error, "the journal is damaged");
        self.damage.borrow_mut().get_or_insert_with(|| error.to_string());
    }
}

impl Journal for SqliteJournal {
    fn write(&mut self, entries: &[Entry<'_>], durability: Durability) -> Result<(), JournalError> {
        let outcome = self.write_all(entries, durability);
        self.noted(outcome)
    }

    fn begin_group(&mut self, _sought: &[Sought]) {
        self.grouping = self.lock.is_some();
    }

    fn end_group(&mut self) -> Result<(), JournalError> {
        let outcome = self.commit_group();
        self.noted(outcome)
    }

    fn get(&self, id: &OperationId) -> Result<Option<Operation>, JournalError> {
        self.look(|journal| journal.find_id(id))
    }

    fn by_request(
        &self,
        caller: &Caller,
        action: Action,
        request_id: &RequestId,
    ) -> Result<Vec<Operation>, JournalError> {
        self.look(|journal| journal.find_request(caller, action, request_id))
    }

    fn by_external_id(&self, id: &ExternalId) -> Result<Option<Operation>, JournalError> {
        self.look(|journal| journal.find_external_id(id))
    }

    fn pays_by_request_id(&self, id: &RequestId) -> Result<Vec<Operation>, JournalError> {
        self.look(|journal| journal.find_pays(id))
    }

    fn refunds_of(&self, payment: &ExternalId) -> Result<Vec<Operation>, JournalError> {
        self.look(|journal| journal.find_refunds(payment))
    }

    fn open_operations(&self) -> Result<Vec<Operation>, JournalError> {
        self.look(Self::find_open)
    }

    fn history(&self, limit: usize) -> Result<Vec<Operation>, JournalError> {
        self.look(|journal| journal.read_newest(limit))
    }

    fn search(
        &self,
        caller: Option<&Caller>,
        request_id: Option<&RequestId>,
        limit: usize,
    ) -> Result<Vec<Operation>, JournalError> {
        self.look(|journal| journal.find_all(caller, request_id, limit))
    }

    fn events(&self, id: &OperationId) -> Result<Vec<Record>, JournalError> {
        self.look(|journal| journal.read_events(id))
    }

    fn installation(&self) -> &str {
        &self.installation
    }

    fn used_ms(&self) -> Option<i64> {
        self.lock.as_ref()?.used_ms
    }

    fn mark(&mut self, at_ms: i64) {
        if let Some(lock) = &self.lock {
            lock.mark(at_ms);
        }
    }

    fn verify(&self) -> Result<Findings, JournalError> {
        self.look(Self::check_all)
    }

    fn damage(&self) -> Option<String> {
        self.damage.borrow().clone()
    }
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        // What is not moved now is moved by the next process.
        if let Err(trouble) = self.move_all_recent() {
            tracing::warn!(?trouble, "the newest operations stay where they are");
        }
    }
}

impl fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteJournal")
            .field("path", &self.path)
            .field("writes", &self.lock.is_some())
            .field("damage", &self.damage)
            .finish_non_exhaustive()
    }
}

/// Sets what every connection needs.
fn set_up(conn: &Connection) -> Outcome<()> {
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(64);
    // Otherwise a statement is compiled again whenever its key is another one.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF",
    )?;
    Ok(())
}

/// Opens a file to read it; `still` if nobody writes it and nothing can be made beside it.
fn reader(path: &Path, still: bool) -> Outcome<Connection> {
    let text = path.to_str().ok_or_else(|| {
        Trouble::Unavailable("has a name that is not UTF-8; rename it".to_owned())
    })?;
    let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let uri = format!("file:{escaped}?mode=ro{}", if still { "&immutable=1" } else { "" });
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(uri, flags)?;
    set_up(&conn)?;
    // The first look at the file: here it shows whether it can be read at all.
    match conn.query_one("PRAGMA user_version", [], |row| row.get::<_, i64>(0)) {
        Ok(_) => Ok(conn),
        Err(error) => match Trouble::from(error) {
            trouble if trouble.is_access() => Err(trouble),
            _ => Ok(conn),
        },
    }
}

/// Tells whether nothing was written to the log; room may be reserved in it.
fn log_is_empty(path: &Path) -> bool {
    let mut begin = [0; 4];
    let log = File::open(file::beside(path, "-wal"));
    let read = log.and_then(|mut log| log.read_exact(&mut begin));
    read.is_err() || begin == [0; 4]
}

/// Fills a new file with the newest schema and the installation's id.
fn fill(path: &Path, installation_random: [u8; 16]) -> Outcome<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags)?;
    set_up(&conn)?;
    conn.execute_batch("PRAGMA synchronous = FULL")?;
    conn.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
    schema::migrate(&mut conn, 0, schema::MIGRATIONS)?;
    let id = installation_id(installation_random);
    let checksum = form::meta_checksum("installation", &id);
    conn.execute("INSERT INTO meta VALUES ('installation', ?1, ?2)", (&id, checksum))?;
    let _: String = conn.query_one("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    conn.close().map_err(|(_, error)| Trouble::from(error))
}
