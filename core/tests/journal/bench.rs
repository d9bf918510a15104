//! What the suite runs on: a journal that can be closed and opened again.

use std::path::PathBuf;

use till_core::journal::{Crash, Journal, MemoryJournal, SqliteJournal};

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
        self.journal = Some(SqliteJournal::open(&self.path, [8; 16]).unwrap());
    }
}
