//! The newest operations, which wait in a small table until they are moved to the others.
//!
//! A change of one of them writes one page, where a row of the table `operation` with its indices
//! and events needs several; moved together, many of them share those pages. They are read from
//! memory: the table is their copy that survives.

use std::cell::Ref;
use std::collections::VecDeque;

use rusqlite::{Row, params};

use super::SqliteJournal;
use super::trouble::{Outcome, Trouble};
use super::write::Standing;
use crate::journal::form::{self, Columns};
use crate::journal::{Entry, Record};
use crate::operation::Operation;

/// How many rows the table has, as its migration made them.
const SLOTS: i64 = 64;

/// How many are moved at once.
const MOVED: usize = 32;

/// How long body, story and room are together, if body and story leave any room: two such rows do
/// not fit on a page, and one of them does not leave so much of it that SQLite would share it.
const ROW: usize = 2_800;

/// Is one of the newest operations.
#[derive(Debug)]
pub(super) struct Recent {
    pub(super) number: i64,
    pub(super) operation: Operation,
    pub(super) events: u32,
    story: String,
}

/// Is the newest operations, oldest first, without a gap in their numbers.
#[derive(Debug, Default)]
pub(super) struct Recents(VecDeque<Recent>);

impl Recent {
    fn new(number: i64, operation: Operation) -> Self {
        Self { number, operation, events: 0, story: String::new() }
    }

    /// Reads what happened to it.
    pub(super) fn records(&self) -> Outcome<Vec<Record>> {
        let damaged = || Trouble::Damaged(format!("operation number {}: its story", self.number));
        let read = |(number, line): (u32, &str)| {
            let (at_ms, event) = serde_json::from_str(line).map_err(|_| damaged())?;
            Ok(Record { number, event, at_ms })
        };
        (1..).zip(self.story.lines()).map(read).collect()
    }

    /// Reads a row: `None` if its slot holds nothing that was not moved.
    fn decode(row: &Row<'_>, moved: i64) -> Outcome<Option<Self>> {
        let (slot, number): (i64, i64) = (row.get(0)?, row.get(1)?);
        let damaged = |why: &str| {
            let text = format!("operation number {number}, in slot {slot}: {why}");
            Trouble::Damaged(text)
        };
        let text = |index: usize| row.get_ref(index)?.as_str().map_err(Trouble::from);
        let (version, checksum): (i64, i64) = (row.get(2)?, row.get(5)?);
        let (body, story) = (text(3)?, text(4)?);
        if (number, version, body, story, checksum) == (0, 0, "", "", 0) {
            return Ok(None);
        }
        if form::recent_checksum(number, version, body, story) != checksum {
            return Err(damaged("the checksum does not fit"));
        }
        if number.rem_euclid(SLOTS) != slot {
            return Err(damaged("it belongs elsewhere"));
        }
        if number <= moved {
            return Ok(None);
        }
        let operation = form::read_body(version, body).map_err(|wrong| match wrong {
            form::Wrong::Damaged(text) => damaged(&text),
            form::Wrong::Newer(text) => Trouble::Newer(text),
        })?;
        let mut recent = Self::new(number, operation);
        recent.story = story.to_owned();
        let events = recent.records()?.len();
        recent.events = u32::try_from(events).map_err(|_| damaged("impossible event count"))?;
        Ok(Some(recent))
    }
}

impl Recents {
    /// Gives them, newest first.
    pub(super) fn newest_first(&self) -> impl DoubleEndedIterator<Item = &Recent> {
        self.0.iter().rev()
    }

    /// Finds one of them.
    pub(super) fn find(&self, fits: impl Fn(&Operation) -> bool) -> Option<&Recent> {
        self.newest_first().find(|recent| fits(&recent.operation))
    }

    /// Finds all that fit, newest first.
    pub(super) fn all(&self, fits: impl Fn(&Operation) -> bool) -> Vec<Operation> {
        let all = self.newest_first().map(|recent| &recent.operation);
        all.filter(|one| fits(one)).cloned().collect()
    }

    fn is_full(&self) -> bool {
        i64::try_from(self.0.len()).is_ok_and(|length| length >= SLOTS)
    }
}

impl SqliteJournal {
    /// Gives the newest operations.
    pub(super) fn recent(&self) -> Outcome<Ref<'_, Recents>> {
        if self.recent.borrow().is_none() {
            let found = self.read_recent()?;
            self.recent.replace(Some(found));
        }
        Ref::filter_map(self.recent.borrow(), Option::as_ref)
            .map_err(|_| Trouble::Unavailable("forgot what it just read".to_owned()))
    }

    /// Reads the newest operations: every slot must be as it was written.
    pub(super) fn read_recent(&self) -> Outcome<Recents> {
        let moved = self.newest_moved()?;
        let mut found = Vec::new();
        let mut slots = 0;
        self.visit_recent(&mut |row| {
            if row.get_ref(0)?.as_i64()? != slots {
                return Err(Trouble::Damaged(format!("slot {slots} is gone")));
            }
            slots += 1;
            found.extend(Recent::decode(row, moved)?);
            Ok(())
        })?;
        if slots != SLOTS {
            return Err(Trouble::Damaged(format!("{slots} slots are left of {SLOTS}")));
        }
        found.sort_unstable_by_key(|recent| recent.number);
        if !(moved + 1..).zip(&found).all(|(number, recent)| recent.number == number) {
            let text = format!("one of the operations after number {moved} is gone");
            return Err(Trouble::Damaged(text));
        }
        Ok(Recents(found.into()))
    }

    /// Reads those of the newest operations above a number that can be read, newest first, each
    /// with what is wrong with it.
    pub(super) fn salvage_recent(&self, moved: i64) -> Vec<(i64, Outcome<Operation>)> {
        let mut found = Vec::new();
        let read = self.visit_recent(&mut |row| {
            let number = row.get_ref(1)?.as_i64().unwrap_or(0);
            match Recent::decode(row, moved) {
                Ok(recent) => {
                    found.extend(recent.map(|recent| (recent.number, Ok(recent.operation))));
                }
                Err(trouble) => found.push((number, Err(trouble))),
            }
            Ok(())
        });
        found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        found.extend(read.err().map(|trouble| (0, Err(trouble))));
        found
    }

    fn visit_recent(&self, visit: &mut dyn FnMut(&Row<'_>) -> Outcome<()>) -> Outcome<()> {
        let sql = "SELECT slot, number, version, body, story, checksum FROM recent ORDER BY slot";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            visit(row)?;
        }
        Ok(())
    }

    /// Forgets the newest operations, to read them anew: a write of them was not taken.
    pub(super) fn forget_recent(&self) {
        self.recent.replace(None);
    }

    /// Tells whether an operation that stands so can be written without moving others.
    pub(super) fn has_room(&self, standing: Standing) -> Outcome<bool> {
        Ok(standing != Standing::New || !self.recent()?.is_full())
    }

    /// Writes a new operation as the newest; some that are older make room first.
    pub(super) fn begin_recent(&mut self, entry: &Entry<'_>) -> Outcome<()> {
        if self.recent()?.is_full() {
            self.move_recent(MOVED)?;
        }
        let number =
            self.recent()?.0.back().map_or_else(|| self.newest_moved(), |r| Ok(r.number))?;
        let recent = Recent::new(number.saturating_add(1), entry.operation.clone());
        if let Some(Recents(recents)) = self.recent.get_mut() {
            recents.push_back(recent);
        }
        self.change_recent(number.saturating_add(1), entry)
    }

    /// Writes what became of one of the newest operations, and the event.
    pub(super) fn change_recent(&mut self, number: i64, entry: &Entry<'_>) -> Outcome<()> {
        let operation = entry.operation;
        let gone = || Trouble::Damaged(format!("operation number {number} is gone"));
        let recents = self.recent.get_mut().as_mut().ok_or_else(gone)?;
        let found = recents.0.iter_mut().rev().find(|recent| recent.number == number);
        let recent = found.ok_or_else(gone)?;
        if recent.operation.order != operation.order {
            let text = format!("operation {} was ordered differently", operation.id);
            return Err(Trouble::Conflict(text));
        }
        let line = serde_json::to_string(&(entry.at_ms, entry.event))
            .map_err(|error| Trouble::Conflict(error.to_string()))?;
        recent.story.push_str(&line);
        recent.story.push('\n');
        recent.events = recent.events.saturating_add(1);
        recent.operation.state.clone_from(&operation.state);
        recent.operation.handed_over = operation.handed_over;
        let body = form::body(operation).map_err(Trouble::Conflict)?;
        let (story, version) = (recent.story.as_str(), form::FORM);
        let checksum = form::recent_checksum(number, version, &body, story);
        let room = ROW.saturating_sub(body.len()).saturating_sub(story.len());
        let room = i64::try_from(room).unwrap_or(0);
        let sql = "UPDATE recent SET number = ?2, version = ?3, body = ?4, story = ?5, \
                   room = zeroblob(?6), checksum = ?7 WHERE slot = ?1";
        let slot = number.rem_euclid(SLOTS);
        let mut statement = self.conn.prepare_cached(sql)?;
        match statement.execute(params![slot, number, version, body, story, room, checksum])? {
            1 => Ok(()),
            _ => Err(gone()),
        }
    }

    /// Moves the oldest of the newest operations to the others, in the transaction that runs.
    pub(super) fn move_recent(&mut self, count: usize) -> Outcome<()> {
        for _ in 0..count {
            let recents = self.recent.get_mut().as_mut();
            let Some(recent) = recents.and_then(|recents| recents.0.pop_front()) else { break };
            let records = recent.records()?;
            let Recent { number, operation, events, .. } = recent;
            let body = form::body(&operation).map_err(Trouble::Conflict)?;
            self.insert(&Columns::of(&operation, number, events, &body))?;
            for record in &records {
                self.append(number, i64::from(record.number), record.at_ms, &record.event)?;
            }
            self.remember(form::Stored { number, open: operation.is_open(), events, operation });
        }
        Ok(())
    }

    /// Moves them all, so that whoever opens the file next finds them among the others.
    pub(super) fn move_all_recent(&mut self) -> Outcome<()> {
        if self.lock.is_none() || self.failed || self.damage.borrow().is_some() {
            return Ok(());
        }
        // A group that never ended left nothing.
        self.leave()?;
        self.forget_recent();
        if self.recent()?.0.is_empty() {
            return Ok(());
        }
        self.run("BEGIN IMMEDIATE")?;
        let moved = self.move_recent(usize::MAX).and_then(|()| self.run("COMMIT"));
        if moved.is_err() {
            self.forget_recent();
            self.leave()?;
        }
        moved
    }
}
