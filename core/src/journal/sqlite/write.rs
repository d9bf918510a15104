//! Writing: one transaction for all entries of a write.

use std::path::Path;

use rusqlite::params;

use super::SqliteJournal;
use super::file;
use super::trouble::{Outcome, Trouble};
use crate::journal::form::{self, Columns, Stored};
use crate::journal::{Durability, Entry};
use crate::operation::{Operation, Order};

/// The most operations that are remembered; those that are not are looked up again.
const MOST_PLACES: usize = 1024;

/// Is where an operation stands, so that changing it needs no reading.
#[derive(Debug)]
pub(super) struct Place {
    number: i64,
    events: u32,
    open: bool,
    order: Order,
}

/// Is how much of the log is reserved, and at most used.
#[derive(Debug, Default)]
pub(super) struct Room {
    reserved: u64,
    used: u64,
}

impl Room {
    /// What one operation's change takes at most in the log, nearly always.
    const ENTRY: u64 = 8 * 4_120;
    /// How much is reserved at once: some payments.
    const STEP: u64 = 256 * 1_024;
    /// What the log holds when SQLite moves it into the file, to begin it anew at its start.
    const MOST: u64 = 1_008 * 4_120;

    fn need(&mut self, journal: &Path, entries: usize) {
        self.used += Self::ENTRY * u64::try_from(entries).unwrap_or(0);
        while self.used > self.reserved && self.reserved < Self::MOST {
            self.reserved += Self::STEP;
            file::reserve_log(journal, self.reserved);
        }
    }
}

impl SqliteJournal {
    pub(super) fn write_all(
        &mut self,
        entries: &[Entry<'_>],
        durability: Durability,
    ) -> Outcome<()> {
        if self.lock.is_none() {
            return Err(Trouble::Unavailable("was opened for reading only".to_owned()));
        }
        if self.grouping {
            return self.write_in_group(entries);
        }
        self.leave()?;
        self.set_durability(durability)?;
        self.room.need(&self.path, entries.len());
        let next_number = self.next_number;
        let outcome = self.transact(entries);
        if outcome.is_err() {
            self.next_number = next_number;
            self.places.clear();
            self.leave()?;
        }
        outcome
    }

    /// Writes as a part of the group's transaction, which begins with its first write.
    ///
    /// It gets an fsync in any case: SQLite wants to know that before a transaction begins, and
    /// then it is not known yet what the group must survive.
    fn write_in_group(&mut self, entries: &[Entry<'_>]) -> Outcome<()> {
        if self.conn.is_autocommit() {
            self.set_durability(Durability::PowerCut)?;
            self.run("BEGIN IMMEDIATE")?;
        }
        self.run("SAVEPOINT part")?;
        let next_number = self.next_number;
        let put = entries.iter().try_for_each(|entry| self.put(entry));
        if let Err(trouble) = put {
            self.next_number = next_number;
            self.places.clear();
            // Where SQLite gave the whole transaction up, the end of the group says so.
            if !self.conn.is_autocommit() {
                self.run("ROLLBACK TO part")?;
                self.run("RELEASE part")?;
            } else {
                self.spoilt = true;
            }
            return Err(trouble);
        }
        self.run("RELEASE part")
    }

    /// Commits what the group wrote, if it wrote anything.
    pub(super) fn commit_group(&mut self) -> Outcome<()> {
        self.grouping = false;
        let spoilt = std::mem::take(&mut self.spoilt);
        let outcome = if spoilt {
            Err(Trouble::Unavailable("gave a group of writes up; try again".to_owned()))
        } else if self.conn.is_autocommit() {
            Ok(())
        } else {
            self.run("COMMIT")
        };
        if outcome.is_err() {
            self.places.clear();
            self.leave()?;
            self.next_number = self.newest_number()?.saturating_add(1);
        }
        outcome
    }

    /// Remembers where an operation stands.
    pub(super) fn remember(&mut self, stored: Stored) {
        let Stored { number, open, events, operation } = stored;
        let Operation { id, order, .. } = operation;
        if self.places.len() >= MOST_PLACES {
            self.places.clear();
        }
        self.places.insert(id, Place { number, events, open, order });
    }

    /// In WAL mode, FULL is one fsync of the log at each commit and NORMAL is none; the log is a
    /// sequence, so an fsync also covers everything before it.
    fn set_durability(&mut self, durability: Durability) -> Outcome<()> {
        if self.durability != durability {
            self.conn.execute_batch(match durability {
                Durability::Kill => "PRAGMA synchronous = NORMAL",
                Durability::PowerCut => "PRAGMA synchronous = FULL",
            })?;
            self.durability = durability;
        }
        Ok(())
    }

    /// Leaves a transaction, of a write that failed or of a reader.
    pub(super) fn leave(&self) -> Outcome<()> {
        if self.conn.is_autocommit() { Ok(()) } else { self.run("ROLLBACK") }
    }

    fn transact(&mut self, entries: &[Entry<'_>]) -> Outcome<()> {
        self.run("BEGIN IMMEDIATE")?;
        for entry in entries {
            self.put(entry)?;
        }
        self.run("COMMIT")
    }

    fn put(&mut self, entry: &Entry<'_>) -> Outcome<()> {
        let known = self.places.contains_key(&entry.operation.id);
        let damaged = self.damage.borrow().is_some();
        if !known && (damaged || !self.insert(entry)?) {
            self.recall(entry.operation)?;
        }
        self.change(entry)
    }

    /// Writes a new operation; false if its id or external id is there already.
    fn insert(&mut self, entry: &Entry<'_>) -> Outcome<bool> {
        let operation = entry.operation;
        let number = self.next_number;
        let body = form::body(operation).map_err(Trouble::Conflict)?;
        let columns = Columns::of(operation, number, 1, &body);
        let sql = "INSERT INTO operation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
                   ?12, ?13)";
        let inserted = self.conn.prepare_cached(sql)?.execute(params![
            columns.number,
            columns.id,
            columns.caller,
            columns.action,
            columns.request_id,
            columns.external_id,
            columns.payment_external_id,
            columns.open,
            columns.created_ms,
            columns.events,
            columns.version,
            columns.body,
            columns.checksum(),
        ]);
        match inserted.map_err(Trouble::from) {
            Err(trouble) if trouble.is_conflict() => return Ok(false),
            other => other?,
        };
        self.next_number = number.saturating_add(1);
        let operation = operation.clone();
        let open = operation.is_open();
        // The row counts its first event, which is appended next.
        self.remember(Stored { number, open, events: 0, operation });
        Ok(true)
    }

    /// Finds an operation that was written earlier.
    fn recall(&mut self, operation: &Operation) -> Outcome<()> {
        if let Some(stored) = self.find_stored(&operation.id)? {
            self.remember(stored);
            return Ok(());
        }
        match &*self.damage.borrow() {
            Some(_) => Err(Trouble::Damaged("it takes no new operations any more".to_owned())),
            None => Err(Trouble::Conflict(format!(
                "another operation has external id {}",
                operation.order.external_id
            ))),
        }
    }

    /// Writes what became of an operation whose place is known, and the event.
    fn change(&mut self, entry: &Entry<'_>) -> Outcome<()> {
        let operation = entry.operation;
        let Some(place) = self.places.get(&operation.id) else {
            return Err(Trouble::Conflict(format!("operation {} has no place", operation.id)));
        };
        if place.order != operation.order {
            let text = format!("operation {} was ordered differently", operation.id);
            return Err(Trouble::Conflict(text));
        }
        let (number, events) = (place.number, place.events.saturating_add(1));
        if events > 1 {
            self.update(operation, number, events, place.open)?;
        }
        let n = i64::from(events);
        let sum = form::event_checksum(number, n, entry.at_ms, entry.event);
        let appended = self
            .conn
            .prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((number, n, entry.at_ms, entry.event, sum));
        match appended.map_err(Trouble::from) {
            Err(trouble) if trouble.is_conflict() => {
                let text = format!("operation number {number} has more events than it counts");
                return Err(Trouble::Damaged(text));
            }
            other => other?,
        };
        if let Some(place) = self.places.get_mut(&operation.id) {
            place.events = events;
            place.open = operation.is_open();
        }
        Ok(())
    }

    fn update(
        &self,
        operation: &Operation,
        number: i64,
        events: u32,
        was_open: bool,
    ) -> Outcome<()> {
        let body = form::body(operation).map_err(Trouble::Conflict)?;
        let columns = Columns::of(operation, number, events, &body);
        let (events, version, sum) = (columns.events, columns.version, columns.checksum());
        // Naming the column `open` costs a page of its index, changed or not.
        let changed = if was_open == operation.is_open() {
            let sql = "UPDATE operation SET events = ?2, version = ?3, body = ?4, checksum = ?5 \
                       WHERE number = ?1";
            let mut statement = self.conn.prepare_cached(sql)?;
            statement.execute((number, events, version, columns.body, sum))?
        } else {
            let sql = "UPDATE operation SET events = ?2, version = ?3, body = ?4, checksum = ?5, \
                       open = ?6 WHERE number = ?1";
            let mut statement = self.conn.prepare_cached(sql)?;
            statement.execute((number, events, version, columns.body, sum, columns.open))?
        };
        match changed {
            1 => Ok(()),
            _ => Err(Trouble::Damaged(format!("operation number {number} is gone"))),
        }
    }

    pub(super) fn run(&self, sql: &str) -> Outcome<()> {
        self.conn.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}
