//! Reading: every row proves itself by its checksum, and what the present group wrote lies over it.

use super::PostgresJournal;
use super::draft::{Draft, Place};
use super::link::{Fail, Line};
use super::row::{self, decode, decode_event};
use super::text::escape;
use crate::id::{Caller, ExternalId, OperationId, RequestId};
use crate::journal::form::{Columns, Stored};
use crate::journal::{Findings, MOST_OF_A_REQUEST, Record, Sought, fits};
use crate::operation::{Action, Operation};

/// How many rows a whole check reads at a time.
const PAGE: i64 = 1_000;

impl PostgresJournal {
    pub(super) fn find_id(&self, id: &OperationId) -> Result<Option<Operation>, Fail> {
        if let Some(draft) = self.state.borrow().drafted(id) {
            return Ok(Some(draft.operation.clone()));
        }
        let key = escape(id.as_str());
        let found = self.many("WHERE id = $1", key)?;
        Ok(operations(found).into_iter().next())
    }

    pub(super) fn find_external_id(&self, id: &ExternalId) -> Result<Option<Operation>, Fail> {
        let drafted = self.state.borrow().drafts(|one| one.order.external_id == *id);
        if let Some(stored) = drafted.into_iter().next() {
            return Ok(Some(stored.operation));
        }
        let found = self.many("WHERE external_id = $1", escape(id.as_str()))?;
        Ok(operations(found).into_iter().next())
    }

    /// Reads a request, together with all others that the group will look for.
    pub(super) fn find_request(&self, sought: &Sought) -> Result<Vec<Operation>, Fail> {
        let known = self.state.borrow().foreseen.get(sought).map(|found| found.0.clone());
        let found = match known {
            Some(found) => found,
            None => {
                let mut wanted = std::mem::take(&mut self.state.borrow_mut().wanted);
                if !wanted.contains(sought) {
                    wanted.push(sought.clone());
                }
                self.foresee(wanted)?;
                let state = self.state.borrow();
                state.foreseen.get(sought).map(|found| found.0.clone()).unwrap_or_default()
            }
        };
        if self.state.borrow().group.is_none() {
            self.state.borrow_mut().foreseen.clear();
        }
        let fits = |one: &Operation| {
            one.order.caller == sought.caller
                && one.order.action() == sought.action
                && one.order.request_id == sought.request_id
        };
        Ok(newest(self.overlaid(found, fits)))
    }

    fn foresee(&self, wanted: Vec<Sought>) -> Result<(), Fail> {
        let names = Columns::NAMES;
        let fits = "o.request_id = s.request_id AND o.action = s.action AND o.caller = s.caller";
        let sql = format!(
            "SELECT {names}, s.place FROM unnest($1::text[], $2::text[], $3::text[]) \
             WITH ORDINALITY AS s(caller, action, request_id, place) CROSS JOIN LATERAL (\
             (SELECT * FROM till_operation o WHERE {fits} ORDER BY number DESC LIMIT {most}) \
             UNION (SELECT * FROM till_operation o WHERE {fits} AND o.open = 1)) AS o",
            names = names
                .replace("caller", "o.caller")
                .replace("action", "o.action")
                .replace("request_id", "o.request_id"),
            most = MOST_OF_A_REQUEST,
        );
        let column = |of: fn(&Sought) -> &str| -> Vec<String> {
            wanted.iter().map(|one| escape(of(one))).collect()
        };
        let callers = column(|one| one.caller.as_str());
        let actions = column(|one| one.action.as_str());
        let requests = column(|one| one.request_id.as_str());
        let rows = self.link.run(async move |line: &mut Line| {
            let rows = line.read(&sql, &[&callers, &actions, &requests]).await?;
            let place = |row: &tokio_postgres::Row| row.try_get::<_, i64>(13);
            rows.iter().map(|row| Ok((place(row)?, decode(row)?))).collect::<Result<Vec<_>, Fail>>()
        })?;
        let mut state = self.state.borrow_mut();
        for sought in &wanted {
            state.foreseen.entry(sought.clone()).or_default();
        }
        for (place, stored) in rows {
            state.remember(&stored);
            let index = usize::try_from(place.saturating_sub(1)).unwrap_or(usize::MAX);
            if let Some(sought) = wanted.get(index) {
                state.foreseen.entry(sought.clone()).or_default().0.push(stored);
            }
        }
        Ok(())
    }

    pub(super) fn find_pays(&self, id: &RequestId) -> Result<Vec<Operation>, Fail> {
        let place = format!(
            "WHERE number IN ((SELECT number FROM till_operation WHERE request_id = $1 \
             AND action = 'pay' ORDER BY number DESC LIMIT {MOST_OF_A_REQUEST}) UNION \
             SELECT number FROM till_operation WHERE request_id = $1 AND action = 'pay' \
             AND open = 1)"
        );
        let found = self.many(&place, escape(id.as_str()))?;
        let fits =
            |one: &Operation| one.order.request_id == *id && one.order.action() == Action::Pay;
        Ok(newest(self.overlaid(found, fits)))
    }

    pub(super) fn find_refunds(&self, payment: &ExternalId) -> Result<Vec<Operation>, Fail> {
        let found = self.many("WHERE payment_external_id = $1", escape(payment.as_str()))?;
        let fits =
            |one: &Operation| one.order.payment().is_some_and(|of| of.external_id == *payment);
        let mut found = self.overlaid(found, fits);
        found.reverse();
        Ok(operations(found))
    }

    /// Reads the open operations that this process owns, oldest first.
    pub(super) fn read_open(&self, me: i64) -> Result<Vec<Operation>, Fail> {
        let names = Columns::NAMES;
        let sql = format!(
            "SELECT {names} FROM till_operation WHERE open = 1 AND EXISTS (\
             SELECT 1 FROM till_family f WHERE f.name = family AND f.owner = $1)"
        );
        let found = self.link.run(async move |line: &mut Line| {
            let rows = line.read(&sql, &[&me]).await?;
            rows.iter().map(decode).collect::<Result<Vec<_>, Fail>>()
        })?;
        found.iter().for_each(|stored| self.state.borrow_mut().remember(stored));
        let mut found = self.overlaid(found, Operation::is_open);
        found.retain(|stored| stored.open);
        found.reverse();
        Ok(operations(found))
    }

    /// Reads the newest operations, as far as they can be read.
    pub(super) fn read_newest(&self, limit: usize) -> Result<Vec<Operation>, Fail> {
        let rows = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql =
            format!("SELECT {} FROM till_operation ORDER BY number DESC LIMIT $1", Columns::NAMES);
        let read = self.link.run(async move |line: &mut Line| {
            let rows = line.read(&sql, &[&rows]).await?;
            Ok(rows.iter().map(decode).collect::<Vec<_>>())
        })?;
        let (mut found, mut missed, mut reason) = (Vec::new(), 0, None);
        for row in read {
            match row {
                Ok(stored) => found.push(stored),
                Err(fail) => {
                    missed += 1;
                    reason.get_or_insert(fail);
                }
            }
        }
        if let Some(reason) = reason {
            if found.is_empty() {
                return Err(reason);
            }
            let error = reason.name(&self.address.database);
            self.note(&format!("{missed} of its operations cannot be read: {error}"));
        }
        let mut found = self.overlaid(found, |_| true);
        found.truncate(limit);
        Ok(operations(found))
    }

    /// Finds the newest of a caller, or under a request id.
    pub(super) fn find_all(
        &self,
        caller: Option<&Caller>,
        request_id: Option<&RequestId>,
        limit: usize,
    ) -> Result<Vec<Operation>, Fail> {
        let names = Columns::NAMES;
        // However many there are under one request id, not all numbers are gone through.
        let under = format!(
            "SELECT {names} FROM till_operation WHERE number IN (\
             WITH found AS MATERIALIZED (SELECT number FROM till_operation \
             WHERE request_id = $1 AND ($2::text IS NULL OR caller = $2)) \
             SELECT number FROM found ORDER BY number DESC LIMIT $3)"
        );
        let of = format!(
            "SELECT {names} FROM till_operation WHERE caller = $1 ORDER BY number DESC LIMIT $2"
        );
        let rows = i64::try_from(limit).unwrap_or(i64::MAX);
        let by = caller.map(|caller| escape(caller.as_str()));
        let id = request_id.map(|id| escape(id.as_str()));
        let found = self.link.run(async move |line: &mut Line| {
            let rows = match &id {
                Some(id) => line.read(&under, &[id, &by, &rows]).await?,
                None => line.read(&of, &[&by, &rows]).await?,
            };
            rows.iter().map(decode).collect::<Result<Vec<_>, Fail>>()
        })?;
        let mut found = self.overlaid(found, |one| fits(one, caller, request_id));
        found.truncate(limit);
        Ok(operations(found))
    }

    pub(super) fn read_events(&self, id: &OperationId) -> Result<Vec<Record>, Fail> {
        let drafted = self.state.borrow().drafted(id).cloned();
        let before = match &drafted {
            Some(draft) => draft.before.map(|events| (draft.number, events)),
            None => {
                let found = self.many("WHERE id = $1", escape(id.as_str()))?;
                found.first().map(|stored| (stored.number, stored.events))
            }
        };
        let mut events = match before {
            Some((number, events)) => self.stored_events(number, events)?,
            None => Vec::new(),
        };
        for (at_ms, event) in drafted.map(|draft| draft.told).unwrap_or_default() {
            let number = u32::try_from(events.len()).unwrap_or(u32::MAX).saturating_add(1);
            events.push(Record { number, event, at_ms });
        }
        Ok(events)
    }

    fn stored_events(&self, number: i64, count: u32) -> Result<Vec<Record>, Fail> {
        let sql =
            format!("SELECT {} FROM till_event WHERE operation = $1 ORDER BY n", row::EVENT_NAMES);
        let events = self.link.run(async move |line: &mut Line| {
            let rows = line.read(&sql, &[&number]).await?;
            rows.iter().map(|row| Ok(decode_event(row)?.1)).collect::<Result<Vec<Record>, Fail>>()
        })?;
        // Another process may have gone on meanwhile, where this one only looks.
        if events.iter().map(|event| event.number).take(index(count)).eq(1..=count) {
            return Ok(events);
        }
        Err(Fail::Damaged(format!("operation number {number} lacks an event")))
    }

    /// Checks every row of operations, and their events.
    pub(super) fn check_all(&self) -> Result<Findings, Fail> {
        let sql = format!(
            "SELECT {} FROM till_operation WHERE number > $1 ORDER BY number LIMIT $2",
            Columns::NAMES
        );
        let told = format!(
            "SELECT {} FROM till_event WHERE operation > $1 AND operation <= $2 \
             ORDER BY operation, n",
            row::EVENT_NAMES
        );
        self.link.run(async move |line: &mut Line| {
            let mut findings = Findings { operations: 0, open: 0 };
            let mut last = i64::MIN;
            loop {
                let rows = line.read(&sql, &[&last, &PAGE]).await?;
                let page = rows.iter().map(decode).collect::<Result<Vec<Stored>, Fail>>()?;
                let Some(end) = page.last().map(|stored| stored.number) else {
                    return Ok(findings);
                };
                let events = line.read(&told, &[&last, &end]).await?;
                let mut events = events.iter().map(decode_event);
                for stored in &page {
                    for n in 1..=stored.events {
                        let (operation, event) = match events.next() {
                            Some(event) => event?,
                            None => return Err(lacks(stored)),
                        };
                        if (operation, event.number) != (stored.number, n) {
                            return Err(lacks(stored));
                        }
                    }
                    findings.operations = findings.operations.saturating_add(1);
                    findings.open = findings.open.saturating_add(u64::from(stored.open));
                }
                if events.next().is_some() {
                    return Err(Fail::Damaged("an operation has an event too many".to_owned()));
                }
                last = end;
            }
        })
    }

    /// Reads the operations at a place: what follows the table's name in a statement.
    pub(super) fn many(&self, place: &str, key: String) -> Result<Vec<Stored>, Fail> {
        let sql = format!("SELECT {} FROM till_operation {place}", Columns::NAMES);
        let found = self.link.run(async move |line: &mut Line| {
            let rows = line.read(&sql, &[&key]).await?;
            rows.iter().map(decode).collect::<Result<Vec<_>, Fail>>()
        })?;
        found.iter().for_each(|stored| self.state.borrow_mut().remember(stored));
        Ok(found)
    }

    /// Lays what the group wrote over what the database has; newest first.
    fn overlaid(&self, found: Vec<Stored>, fits: impl Fn(&Operation) -> bool) -> Vec<Stored> {
        let drafts = self.state.borrow().drafts(fits);
        let state = self.state.borrow();
        let mut all: Vec<Stored> = found
            .into_iter()
            .map(|stored| state.drafted(&stored.operation.id).map_or(stored, Draft::stored))
            .collect();
        for draft in drafts {
            if all.iter().all(|stored| stored.number != draft.number) {
                all.push(draft);
            }
        }
        all.sort_by_key(|stored| std::cmp::Reverse(stored.number));
        all
    }
}

/// Reads where operations stand, by their ids.
pub(super) async fn places(
    line: &mut Line,
    ids: &[String],
) -> Result<Vec<(OperationId, Place)>, Fail> {
    let sql = format!("SELECT {} FROM till_operation WHERE id = ANY($1::text[])", Columns::NAMES);
    let rows = line.read(&sql, &[&ids]).await?;
    let place = |row| {
        let stored = decode(row)?;
        Ok((stored.operation.id.clone(), Place::of(&stored)))
    };
    rows.iter().map(place).collect()
}

/// Keeps the newest of a request, and every older one that is open.
fn newest(found: Vec<Stored>) -> Vec<Operation> {
    let kept = found
        .into_iter()
        .enumerate()
        .filter(|(place, stored)| *place < MOST_OF_A_REQUEST || stored.open);
    kept.map(|(_, stored)| stored.operation).collect()
}

fn operations(found: Vec<Stored>) -> Vec<Operation> {
    found.into_iter().map(|stored| stored.operation).collect()
}

fn lacks(stored: &Stored) -> Fail {
    Fail::Damaged(format!("operation number {} lacks an event", stored.number))
}

fn index(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
