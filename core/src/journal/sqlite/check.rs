//! Reading everything: the whole check, and what a damaged file still gives.

use rusqlite::OptionalExtension;

use super::SqliteJournal;
use super::row;
use super::schema;
use super::trouble::{Outcome, Trouble};
use crate::journal::form::Columns;
use crate::journal::{Findings, JournalError};
use crate::operation::Operation;

/// How many rows in sequence may be out of reach before a search for more ends.
const MOST_MISSED: u32 = 65_536;

impl SqliteJournal {
    /// Checks the structure of the file, then every row of operations and their events.
    pub(super) fn check_all(&self) -> Outcome<Findings> {
        let sql = "PRAGMA integrity_check(1)";
        let found: String = self.conn.query_row(sql, [], |row| row.get(0))?;
        if found != "ok" {
            return Err(Trouble::Damaged(found));
        }
        if self.cut {
            return Err(Trouble::Damaged("its end is missing".to_owned()));
        }
        schema::check_words(&self.conn)?;
        self.read_installation()?;
        let sql = format!("SELECT {} FROM operation NOT INDEXED ORDER BY number", Columns::NAMES);
        let mut operations = self.conn.prepare(&sql)?;
        let mut operations = operations.query([])?;
        let sql = format!("SELECT {} FROM event ORDER BY operation, n", row::EVENT_NAMES);
        let mut events = self.conn.prepare(&sql)?;
        let mut events = events.query([])?;
        let mut findings = Findings { operations: 0, open: 0 };
        while let Some(row) = operations.next()? {
            let stored = row::decode(row)?;
            let lacks =
                || Trouble::Damaged(format!("operation number {} lacks an event", stored.number));
            for n in 1..=stored.events {
                let (operation, event) = row::decode_event(events.next()?.ok_or_else(lacks)?)?;
                if (operation, event.number) != (stored.number, n) {
                    return Err(lacks());
                }
            }
            findings.operations = findings.operations.saturating_add(1);
            findings.open = findings.open.saturating_add(u64::from(stored.open));
        }
        if events.next()?.is_some() {
            return Err(Trouble::Damaged("an event has no operation".to_owned()));
        }
        for recent in self.read_recent()?.newest_first() {
            findings.operations = findings.operations.saturating_add(1);
            let open = recent.operation.is_open();
            findings.open = findings.open.saturating_add(u64::from(open));
        }
        Ok(findings)
    }

    /// Reads the newest operations, newest first, as far as they can be read.
    pub(super) fn read_newest(&self, limit: usize) -> Outcome<Vec<Operation>> {
        let mut harvest = Harvest { limit, ..Harvest::default() };
        self.take_recent(&mut harvest)?;
        match self.read_down(&mut harvest) {
            Ok(()) => {}
            Err(trouble) if trouble.is_damage() => {
                harvest.miss(trouble);
                self.probe_down(&mut harvest)?;
            }
            Err(trouble) => return Err(trouble),
        }
        let Harvest { found, missed, reason, .. } = harvest;
        let Some(reason) = reason else { return Ok(found) };
        if found.is_empty() {
            return Err(reason);
        }
        let error = reason.name(&self.path);
        let text = format!("{missed} of its operations cannot be read: {error}");
        self.note(&JournalError::Damaged(text));
        Ok(found)
    }

    /// Takes the newest operations, which were not moved.
    fn take_recent(&self, harvest: &mut Harvest) -> Outcome<()> {
        match self.recent() {
            Ok(recents) => {
                for recent in recents.newest_first().take(harvest.limit) {
                    harvest.last = Some(recent.number);
                    harvest.found.push(recent.operation.clone());
                }
                return Ok(());
            }
            Err(trouble) if trouble.is_damage() => harvest.reason = Some(trouble),
            Err(trouble) => return Err(trouble),
        }
        let moved = match self.newest_moved() {
            Err(trouble) if trouble.is_damage() => self.highest_in_reach()?,
            moved => moved?,
        };
        for (number, read) in self.salvage_recent(moved) {
            if harvest.is_full() {
                break;
            }
            harvest.take(number, read);
        }
        harvest.last = Some(moved.saturating_add(1));
        Ok(())
    }

    /// Reads from the newest row down; ends at the first place where the file itself is damaged.
    fn read_down(&self, harvest: &mut Harvest) -> Outcome<()> {
        let names = Columns::NAMES;
        let sql = format!("SELECT {names} FROM operation NOT INDEXED ORDER BY number DESC");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while !harvest.is_full() {
            let Some(row) = rows.next()? else { break };
            let number = row.get_ref(0)?.as_i64()?;
            if harvest.last.is_some_and(|last| number >= last) {
                return Err(Trouble::Damaged("its rows are in no order".to_owned()));
            }
            harvest.take(number, row::decode(row).map(|stored| stored.operation));
        }
        Ok(())
    }

    /// Reads the rows below the last one, each by itself, over those that are out of reach.
    fn probe_down(&self, harvest: &mut Harvest) -> Outcome<()> {
        let start = match harvest.last {
            Some(last) => last,
            None => self.highest_in_reach()?.saturating_add(1),
        };
        let names = Columns::NAMES;
        let sql = format!("SELECT {names} FROM operation NOT INDEXED WHERE number = ?1");
        let mut missed = 0;
        for number in (1..start).rev() {
            if harvest.is_full() || missed > MOST_MISSED {
                break;
            }
            let mut statement = self.conn.prepare_cached(&sql)?;
            let mut rows = statement.query([number])?;
            let read = match rows.next() {
                Ok(Some(row)) => row::decode(row).map(|stored| stored.operation),
                Ok(None) => Err(Trouble::Damaged(format!("operation number {number} is gone"))),
                Err(error) => Err(error.into()),
            };
            missed = if read.is_ok() { 0 } else { missed + 1 };
            harvest.take(number, read);
        }
        Ok(())
    }

    /// Finds the greatest number whose row can be read, where the newest rows cannot.
    fn highest_in_reach(&self) -> Outcome<i64> {
        let sql = "SELECT number FROM operation NOT INDEXED WHERE number = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let (mut highest, mut missed) = (0, 0);
        for number in 1.. {
            match statement.query_row([number], |row| row.get::<_, i64>(0)).optional() {
                Ok(Some(_)) => (highest, missed) = (number, 0),
                Ok(None) | Err(_) => missed += 1,
            }
            if missed > MOST_MISSED {
                break;
            }
        }
        Ok(highest)
    }
}

/// Is what a reading of the newest operations has brought in so far.
#[derive(Default)]
struct Harvest {
    limit: usize,
    found: Vec<Operation>,
    last: Option<i64>,
    missed: u64,
    reason: Option<Trouble>,
}

impl Harvest {
    fn is_full(&self) -> bool {
        self.found.len() >= self.limit
    }

    fn take(&mut self, number: i64, read: Outcome<Operation>) {
        self.last = Some(number);
        match read {
            Ok(operation) => self.found.push(operation),
            Err(trouble) => self.miss(trouble),
        }
    }

    fn miss(&mut self, trouble: Trouble) {
        self.missed += 1;
        self.reason.get_or_insert(trouble);
    }
}
