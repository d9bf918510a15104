//! A journal file to spoil, and what was in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use till_core::journal::{Durability, Entry, Journal, JournalError, SqliteJournal};
use till_core::operation::Operation;

use crate::samples::{approved, doubt, pay, refund, refused, waiting, with};

/// Is a folder with a journal in it.
pub(crate) struct Site {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl Site {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("till.sqlite");
        Self { folder, path }
    }

    pub(crate) fn open(&self) -> Result<SqliteJournal, JournalError> {
        open(&self.path, [9; 16])
    }

    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        beside(&self.path, suffix)
    }
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(crate) fn put(
    journal: &mut SqliteJournal,
    operation: &Operation,
    durability: Durability,
) -> Result<(), JournalError> {
    journal.write(&[Entry { operation, event: "test", at_ms: 1_000 }], durability)
}

/// Makes operations of all sorts: pays, refunds, open and closed ones, shared request ids.
pub(crate) fn mixed(count: u64) -> Vec<Operation> {
    let one = |number: u64| {
        let by = if number.is_multiple_of(4) { "cli" } else { "org.example.pos" };
        let request_id = format!("request {}", number / 2);
        let operation = match number % 5 {
            4 => refund(number, &pay(number - 2, "", ""), by, &request_id),
            _ => pay(number, by, &request_id),
        };
        let state = match number % 7 {
            0 => waiting(),
            1 => doubt(None, None),
            2 => refused(),
            _ => approved(),
        };
        with(operation, state)
    };
    (0..count).map(one).collect()
}

/// Writes a journal with these operations, each with two events, and closes it.
pub(crate) fn fill(path: &Path, operations: &[Operation]) {
    drop(write(path, operations));
    assert!(!beside(path, "-wal").exists(), "closing moves the log into the file");
}

/// Writes the same as a kill leaves it: the newest operations are not moved to the others.
pub(crate) fn fill_unmoved(path: &Path, operations: &[Operation]) {
    let site = Site::new();
    let journal = write(&site.path, operations);
    let conn = rusqlite::Connection::open(&site.path).unwrap();
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    fs::copy(&site.path, path).unwrap();
    drop(journal);
}

fn write(path: &Path, operations: &[Operation]) -> SqliteJournal {
    let mut journal = open(path, [9; 16]).unwrap();
    for some in operations.chunks(50) {
        let entries = |event| -> Vec<Entry<'_>> {
            some.iter().map(|operation| Entry { operation, event, at_ms: 1_000 }).collect()
        };
        journal.write(&entries("recorded"), Durability::Kill).unwrap();
        journal.write(&entries("test"), Durability::Kill).unwrap();
    }
    journal
}

/// Gives bytes that stay as they are: what a refused opening must leave.
pub(crate) fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

/// Opens a journal that this process has closed. A child that another test is just starting holds a
/// copy of the lock between its fork and its exec.
pub(crate) fn open(path: &Path, random: [u8; 16]) -> Result<SqliteJournal, JournalError> {
    for _ in 0..500 {
        match SqliteJournal::open(path, random) {
            Err(JournalError::Locked(_)) => std::thread::sleep(Duration::from_millis(10)),
            opened => return opened,
        }
    }
    SqliteJournal::open(path, random)
}
