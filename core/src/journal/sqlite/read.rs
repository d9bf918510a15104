//! Reading: every row proves itself by its checksum, and every "there is none" by its neighbours.
//!
//! A damaged row is found by its checksum, but a damaged index would just not lead to it, and a
//! payment that is not found is made again. So where an index ends a search, the entries on both
//! sides of the gap must be what their rows say.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Params, Row, ToSql};

use super::SqliteJournal;
use super::row::{self, Columns, Stored};
use super::trouble::{Outcome, Trouble};
use crate::id::{Caller, ExternalId, OperationId, RequestId};
use crate::journal::{MOST_OF_A_REQUEST, Record};
use crate::operation::{Action, Operation};

/// How many of the newest rows are looked through for open ones that the index does not know.
const RECENT: u32 = 64;

/// Is the statements that give the entries of an index beside a key, and their row.
struct Index {
    name: &'static str,
    before: &'static str,
    after: &'static str,
    row: &'static str,
}

macro_rules! index {
    ($name:literal, $columns:literal, $key:literal, $up:literal, $down:literal) => {
        Index {
            name: $name,
            before: concat!(
                "SELECT number, ",
                $columns,
                " FROM operation INDEXED BY ",
                $name,
                " WHERE (",
                $columns,
                ") < ",
                $key,
                " ORDER BY ",
                $down,
                " LIMIT 1"
            ),
            after: concat!(
                "SELECT number, ",
                $columns,
                " FROM operation INDEXED BY ",
                $name,
                " WHERE (",
                $columns,
                ") > ",
                $key,
                " ORDER BY ",
                $up,
                " LIMIT 1"
            ),
            row: concat!(
                "SELECT number, ",
                $columns,
                " FROM operation NOT INDEXED WHERE number = ?1"
            ),
        }
    };
}

const IDS: Index = index!("operation_id", "id", "(?1)", "id", "id DESC");
const EXTERNAL_IDS: Index =
    index!("operation_external_id", "external_id", "(?1)", "external_id", "external_id DESC");
const REQUESTS: Index = index!(
    "operation_request",
    "request_id, action, caller",
    "(?1, ?2, ?3)",
    "request_id, action, caller",
    "request_id DESC, action DESC, caller DESC"
);
const PAYS: Index = index!(
    "operation_request",
    "request_id, action",
    "(?1, ?2)",
    "request_id, action",
    "request_id DESC, action DESC"
);
const PAYMENTS: Index = index!(
    "operation_payment",
    "payment_external_id",
    "(?1)",
    "payment_external_id",
    "payment_external_id DESC"
);

impl SqliteJournal {
    pub(super) fn find_id(&self, id: &OperationId) -> Outcome<Option<Operation>> {
        let found = self.find_stored(id)?.map(|stored| stored.operation);
        if found.is_none() {
            self.prove(&IDS, &[&id.as_str()])?;
        }
        Ok(found)
    }

    /// Finds an operation; that there is none is not proven.
    pub(super) fn find_stored(&self, id: &OperationId) -> Outcome<Option<Stored>> {
        self.one("INDEXED BY operation_id WHERE id = ?1", [id.as_str()])
    }

    pub(super) fn find_external_id(&self, id: &ExternalId) -> Outcome<Option<Operation>> {
        let place = "INDEXED BY operation_external_id WHERE external_id = ?1";
        let found = self.one(place, [id.as_str()])?.map(|stored| stored.operation);
        if found.is_none() {
            self.prove(&EXTERNAL_IDS, &[&id.as_str()])?;
        }
        Ok(found)
    }

    pub(super) fn find_request(
        &self,
        caller: &Caller,
        action: Action,
        request_id: &RequestId,
    ) -> Outcome<Vec<Operation>> {
        let newest = "INDEXED BY operation_request WHERE request_id = ?1 AND action = ?2 \
                      AND caller = ?3 ORDER BY number DESC LIMIT ?4";
        let older = "INDEXED BY operation_open WHERE open = 1 AND request_id = ?1 AND action = ?2 \
                     AND caller = ?3 AND number < ?4 ORDER BY number DESC";
        let key: [&dyn ToSql; 3] = [&request_id.as_str(), &action.as_str(), &caller.as_str()];
        self.find_limited(newest, older, &REQUESTS, &key)
    }

    pub(super) fn find_pays(&self, id: &RequestId) -> Outcome<Vec<Operation>> {
        let newest = "WHERE number IN (SELECT number FROM operation INDEXED BY operation_request \
                      WHERE request_id = ?1 AND action = ?2 ORDER BY number DESC LIMIT ?3) \
                      ORDER BY number DESC";
        let older = "INDEXED BY operation_open WHERE open = 1 AND request_id = ?1 AND action = ?2 \
                     AND number < ?3 ORDER BY number DESC";
        let key: [&dyn ToSql; 2] = [&id.as_str(), &Action::Pay.as_str()];
        self.find_limited(newest, older, &PAYS, &key)
    }

    pub(super) fn find_refunds(&self, payment: &ExternalId) -> Outcome<Vec<Operation>> {
        let place = "INDEXED BY operation_payment WHERE payment_external_id = ?1 ORDER BY number";
        let found = self.many(place, [payment.as_str()])?;
        self.prove(&PAYMENTS, &[&payment.as_str()])?;
        Ok(found.into_iter().map(|stored| stored.operation).collect())
    }

    /// Reads the open rows, oldest first.
    pub(super) fn read_open(&self) -> Outcome<Vec<Stored>> {
        let found = self.many("INDEXED BY operation_open WHERE open = 1 ORDER BY number", [])?;
        let sql = "SELECT number, open FROM operation NOT INDEXED ORDER BY number DESC LIMIT ?1";
        let mut recent = self.conn.prepare_cached(sql)?;
        let mut rows = recent.query([RECENT])?;
        while let Some(row) = rows.next()? {
            let (number, open): (i64, i64) = (row.get(0)?, row.get(1)?);
            let known = found.binary_search_by_key(&number, |stored| stored.number).is_ok();
            if known != (open == 1) {
                let text = format!("operation number {number} is not listed as it is");
                return Err(Trouble::Damaged(text));
            }
        }
        Ok(found)
    }

    pub(super) fn read_events(&self, id: &OperationId) -> Outcome<Vec<Record>> {
        let Some(stored) = self.find_stored(id)? else {
            return self.prove(&IDS, &[&id.as_str()]).map(|()| Vec::new());
        };
        let sql = format!("SELECT {} FROM event WHERE operation = ?1 ORDER BY n", row::EVENT_NAMES);
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query([stored.number])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            events.push(row::decode_event(row)?.1);
        }
        let numbers = events.iter().map(|event: &Record| event.number);
        if numbers.eq(1..=stored.events) {
            return Ok(events);
        }
        Err(Trouble::Damaged(format!("operation number {} lacks an event", stored.number)))
    }

    /// Gives the greatest number of an operation, 0 if there is none.
    pub(super) fn newest_number(&self) -> Outcome<i64> {
        let sql = "SELECT number FROM operation NOT INDEXED ORDER BY number DESC LIMIT 1";
        let found = self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
        Ok(found.unwrap_or(0))
    }

    fn find_limited(
        &self,
        newest: &str,
        older: &str,
        index: &Index,
        key: &[&dyn ToSql],
    ) -> Outcome<Vec<Operation>> {
        let most = i64::try_from(MOST_OF_A_REQUEST).unwrap_or(i64::MAX);
        let limited: Vec<&dyn ToSql> = key.iter().copied().chain([&most as _]).collect();
        let mut found = self.many(newest, limited.as_slice())?;
        self.prove(index, key)?;
        if found.len() >= MOST_OF_A_REQUEST {
            let last = found.last().map_or(0, |stored| stored.number);
            let below: Vec<&dyn ToSql> = key.iter().copied().chain([&last as _]).collect();
            found.extend(self.many(older, below.as_slice())?);
        }
        Ok(found.into_iter().map(|stored| stored.operation).collect())
    }

    /// Proves that no entry that belongs between its neighbours stands elsewhere: a changed entry
    /// is still where it was, beside the gap that it left.
    fn prove(&self, index: &Index, key: &[&dyn ToSql]) -> Outcome<()> {
        for side in [index.before, index.after] {
            let mut statement = self.conn.prepare_cached(side)?;
            let Some(entry) = statement.query_row(key, values).optional()? else { continue };
            let mut statement = self.conn.prepare_cached(index.row)?;
            let number = entry.first();
            let row = statement.query_row([number], values).optional()?;
            if row.is_none_or(|row| row != entry) {
                let name = index.name;
                return Err(Trouble::Damaged(format!("the index {name} leads to a wrong row")));
            }
        }
        Ok(())
    }

    fn one(&self, place: &str, params: impl Params) -> Outcome<Option<Stored>> {
        Ok(self.many(place, params)?.into_iter().next())
    }

    /// Reads the operations at a place: what follows the table's name in a statement.
    fn many(&self, place: &str, params: impl Params) -> Outcome<Vec<Stored>> {
        let sql = format!("SELECT {} FROM operation {place}", Columns::NAMES);
        let mut statement = self.conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(row::decode(row)?);
        }
        Ok(found)
    }
}

fn values(row: &Row<'_>) -> rusqlite::Result<Vec<Value>> {
    (0..row.as_ref().column_count()).map(|index| row.get(index)).collect()
}
