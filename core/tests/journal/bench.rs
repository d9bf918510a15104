//! What the suite runs on: a journal that can be closed and opened again.

use std::path::PathBuf;

use till_core::journal::{Crash, Journal, JournalError, MemoryJournal, SqliteJournal};
#[cfg(feature = "postgres")]
use till_core::journal::{Postgres, PostgresJournal};
#[cfg(feature = "postgres")]
use till_sandbox::postgres::Server;

/// Is one journal under test.
pub(crate) trait Bench {
    /// Gives the journal.
    fn journal(&mut self) -> &mut dyn Journal;
    /// Closes it and opens it again.
    fn reopen(&mut self);
}

pub(crate) struct MemoryBench(MemoryJournal);

impl MemoryBench {
    pub(crate) fn new() -> Self {
        Self(MemoryJournal::new([7; 16]))
    }
}

impl Bench for MemoryBench {
    fn journal(&mut self) -> &mut dyn Journal {
        &mut self.0
    }

    fn reopen(&mut self) {
        self.0 = self.0.survivors(Crash::Kill);
    }
}

pub(crate) struct SqliteBench {
    journal: Option<SqliteJournal>,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl SqliteBench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("till.sqlite");
        let journal = Some(SqliteJournal::open(&path, [7; 16]).unwrap());
        Self { journal, path, _folder: folder }
    }
}

impl Bench for SqliteBench {
    fn journal(&mut self) -> &mut dyn Journal {
        self.journal.as_mut().unwrap()
    }

    fn reopen(&mut self) {
        self.journal = None;
        // A process that another test just started holds a copy of the lock until it is its own.
        self.journal = (0..500).find_map(|_| match SqliteJournal::open(&self.path, [8; 16]) {
            Err(JournalError::Locked(_)) => {
                std::thread::sleep(std::time::Duration::from_millis(10));
                None
            }
            opened => Some(opened.unwrap()),
        });
        assert!(self.journal.is_some(), "the journal stays locked");
    }
}

#[cfg(feature = "postgres")]
pub(crate) struct PostgresBench {
    journal: Option<PostgresJournal>,
    url: String,
}

#[cfg(feature = "postgres")]
impl PostgresBench {
    pub(crate) fn new() -> Self {
        // Ends with this process.
        static SERVER: std::sync::LazyLock<Server> =
            std::sync::LazyLock::new(|| Server::start(false).unwrap());
        let url = SERVER.database().unwrap();
        let journal = Some(Self::open(&url, [7; 16]));
        Self { journal, url }
    }

    fn open(url: &str, random: [u8; 16]) -> PostgresJournal {
        let options = Postgres {
            url: till_core::secret::Secret::new(url.to_owned()),
            name: "suite".to_owned(),
            lease_ms: 60_000,
            patience_ms: 30_000,
            listen: true,
        };
        PostgresJournal::open(options, random).unwrap()
    }
}

#[cfg(feature = "postgres")]
impl Bench for PostgresBench {
    fn journal(&mut self) -> &mut dyn Journal {
        self.journal.as_mut().unwrap()
    }

    fn reopen(&mut self) {
        self.journal = None;
        self.journal = Some(Self::open(&self.url, [8; 16]));
    }
}
