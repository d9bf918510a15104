//! Writing: one transaction for all entries of a write.

use std::fs::File;

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

/// Tells where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nowhere yet.
    New,
    /// Among the newest, with this number.
    Recent(i64),
    /// In a row of its own, with a place.
    Moved,
}

/// Is how much of the log is reserved, and at most used.
#[derive(Debug, Default)]
pub(super) struct Room {
    reserved: u64,
    used: u64,
}

impl Room {
    /// What one operation's change takes in the log with its share in what is moved, on average.
    const ENTRY: u64 = 2 * 4_120;
    /// How much is reserved at once: some payments.
    const STEP: u64 = 256 * 1_024;
    /// What the log holds when SQLite moves it into the file, to begin it anew at its start.
    const MOST: u64 = 1_008 * 4_120;

    fn need(&mut self, log: &File, entries: usize) {
        self.used += Self::ENTRY * u64::try_from(entries).unwrap_or(0);
        while self.used > self.reserved && self.reserved < Self::MOST {
            self.reserved += Self::STEP;
            file::reserve_log(log, self.reserved);
        }
    }
}

impl SqliteJournal {
    pub(super) fn write_all(
        &mut self,
        entries: &[Entry<'_>],
        durability: Durability,
    ) -> Outcome<()> {
        let Some(log) = &self.log else {
            return Err(Trouble::Unavailable("was opened for reading only".to_owned()));
        };
        self.trust()?;
        self.room.need(log, entries.len());
        if self.grouping {
            return self.write_in_group(entries, durability);
        }
        let outcome = self.transact(entries);
        if outcome.is_err() {
            self.forget();
            self.leave()?;
        }
        outcome?;
        self.make_durable(durability)
    }

    /// Writes as a part of the group's transaction, which begins with its first write.
    fn write_in_group(&mut self, entries: &[Entry<'_>], durability: Durability) -> Outcome<()> {
        if self.conn.is_autocommit() {
            self.run("BEGIN IMMEDIATE")?;
        }
        self.run("SAVEPOINT part")?;
        let put = entries.iter().try_for_each(|entry| {
            let standing = self.standing(entry.operation)?;
            self.put(entry, standing)
        });
        if let Err(trouble) = put {
            self.forget();
            // Where SQLite gave the whole transaction up, the end of the group says so.
            if !self.conn.is_autocommit() {
                self.run("ROLLBACK TO part")?;
                self.run("RELEASE part")?;
            } else {
                self.spoilt = true;
            }
            return Err(trouble);
        }
        self.durability = self.durability.max(durability);
        self.run("RELEASE part")
    }

    /// Commits what the group wrote, if it wrote anything.
    pub(super) fn commit_group(&mut self) -> Outcome<()> {
        self.grouping = false;
        let durability = std::mem::replace(&mut self.durability, Durability::Kill);
        let spoilt = std::mem::take(&mut self.spoilt);
        let outcome = if spoilt {
            Err(Trouble::Unavailable("gave a group of writes up; try again".to_owned()))
        } else if self.conn.is_autocommit() {
            Ok(())
        } else {
            self.run("COMMIT")
        };
        if outcome.is_err() {
            self.forget();
            self.leave()?;
        }
        outcome?;
        self.make_durable(durability)
    }

    /// Waits until what was committed survives what it must. The log is a sequence, so one wait
    /// covers everything before it.
    fn make_durable(&mut self, durability: Durability) -> Outcome<()> {
        let (Durability::PowerCut, Some(log)) = (durability, &self.log) else { return Ok(()) };
        let outcome = log.sync_data();
        self.failed |= outcome.is_err();
        outcome.map_err(|error| Trouble::Io("waiting for the disk", error))
    }

    /// Refuses everything once the disk did not say that it has what was committed: whatever it
    /// said later, that may be gone.
    pub(super) fn trust(&self) -> Outcome<()> {
        if !self.failed {
            return Ok(());
        }
        let text = "could not be put on disk; check the storage and start again";
        Err(Trouble::Unavailable(text.to_owned()))
    }

    /// Forgets what is known of the file beside the file itself: a write was not taken.
    fn forget(&mut self) {
        self.places.clear();
        self.forget_recent();
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

    /// Leaves a transaction, of a write that failed or of a reader.
    pub(super) fn leave(&self) -> Outcome<()> {
        if self.conn.is_autocommit() { Ok(()) } else { self.run("ROLLBACK") }
    }

    fn transact(&mut self, entries: &[Entry<'_>]) -> Outcome<()> {
        if let [entry] = entries
            && self.conn.is_autocommit()
        {
            let standing = self.standing(entry.operation)?;
            // One statement is a transaction by itself.
            if standing != Standing::Moved && self.has_room(standing)? {
                return self.put(entry, standing);
            }
        }
        // What was read just before may have begun it.
        if self.conn.is_autocommit() {
            self.run("BEGIN IMMEDIATE")?;
        }
        for entry in entries {
            let standing = self.standing(entry.operation)?;
            self.put(entry, standing)?;
        }
        self.run("COMMIT")
    }

    fn put(&mut self, entry: &Entry<'_>, standing: Standing) -> Outcome<()> {
        match standing {
            Standing::Recent(number) => self.change_recent(number, entry),
            Standing::Moved => self.change(entry),
            Standing::New => self.begin_recent(entry),
        }
    }

    /// Tells where an operation stands, and of a new one that it may be written.
    fn standing(&mut self, operation: &Operation) -> Outcome<Standing> {
        let recent = self.recent()?.find(|one| one.id == operation.id).map(|one| one.number);
        if let Some(number) = recent {
            return Ok(Standing::Recent(number));
        }
        let known = self.places.contains_key(&operation.id) || self.recall(operation)?;
        Ok(if known { Standing::Moved } else { Standing::New })
    }

    /// Writes the row of an operation; its events are appended next.
    pub(super) fn insert(&self, columns: &Columns<'_>) -> Outcome<()> {
        let sql = "INSERT INTO operation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
                   ?12, ?13)";
        self.conn.prepare_cached(sql)?.execute(params![
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
        ])?;
        Ok(())
    }

    /// Finds an operation that was written earlier; false if it is a new one, which may be written.
    fn recall(&mut self, operation: &Operation) -> Outcome<bool> {
        let (id, external_id) = (&operation.id, &operation.order.external_id);
        let sql = "SELECT EXISTS (SELECT 1 FROM operation INDEXED BY operation_id WHERE id = ?1), \
                   EXISTS (SELECT 1 FROM operation INDEXED BY operation_external_id \
                   WHERE external_id = ?2)";
        let (known, taken): (bool, bool) = self
            .conn
            .prepare_cached(sql)?
            .query_row((id.as_str(), external_id.as_str()), |row| Ok((row.get(0)?, row.get(1)?)))?;
        if known && let Some(stored) = self.find_stored(id)? {
            self.remember(stored);
            return Ok(true);
        }
        if self.damage.borrow().is_some() {
            return Err(Trouble::Damaged("it takes no new operations any more".to_owned()));
        }
        if taken || self.recent()?.find(|one| one.order.external_id == *external_id).is_some() {
            let text = format!("another operation has external id {external_id}");
            return Err(Trouble::Conflict(text));
        }
        Ok(false)
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
        self.update(operation, number, events, place.open)?;
        self.append(number, i64::from(events), entry.at_ms, entry.event)?;
        if let Some(place) = self.places.get_mut(&operation.id) {
            place.events = events;
            place.open = operation.is_open();
        }
        Ok(())
    }

    /// Writes an event.
    pub(super) fn append(&self, number: i64, n: i64, at_ms: i64, event: &str) -> Outcome<()> {
        let sum = form::event_checksum(number, n, at_ms, event);
        let sql = "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5)";
        let appended = self.conn.prepare_cached(sql)?.execute((number, n, at_ms, event, sum));
        match appended.map_err(Trouble::from) {
            Ok(_) => Ok(()),
            Err(trouble) if trouble.is_conflict() => {
                let text = format!("operation number {number} has more events than it counts");
                Err(Trouble::Damaged(text))
            }
            Err(trouble) => Err(trouble),
        }
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
