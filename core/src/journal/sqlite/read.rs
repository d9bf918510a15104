//! Reading: every row proves itself by its checksum, and every end of a search by its neighbours.
//!
//! A damaged row is found by its checksum, but a damaged index would just not lead to it, and a
//! payment that is not found is made again. A changed entry is still where it was, so the entries
//! on both sides of what was found, or of the gap, must be what their rows say. What this does not
//! see is an index page that lost an entry altogether (its count of entries is wrong, or the page
//! is an old one): that takes the whole check.

use std::sync::OnceLock;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Params, params_from_iter};

use super::SqliteJournal;
use super::row;
use super::trouble::{Outcome, Trouble};
use crate::id::{Caller, ExternalId, OperationId, RequestId};
use crate::journal::form::{Columns, Stored};
use crate::journal::{MOST_OF_A_REQUEST, Record, fits};
use crate::operation::{Action, Operation};

/// How many of the newest rows are looked through for open ones that the index does not know.
const RECENT: u32 = 64;

/// Is an index, as a statement about its entries needs it; `number` ends every entry.
struct Index {
    name: &'static str,
    order: &'static str,
    down: &'static str,
    /// Less than the first key; with what SQLite must be told to take the index.
    before: &'static str,
    /// Greater than the last key.
    after: &'static str,
    /// What [`Index::sql`] makes, once.
    neighbours: OnceLock<String>,
}

impl Index {
    /// Makes the statement for the entries on both sides of some: each as the index has it, and
    /// beside it what its row says.
    fn sql(&self) -> String {
        let Self { name, order, down, before, after, .. } = self;
        let rows = order.split(", ").map(|column| format!(", o.{column}")).collect::<String>();
        let side = |below: bool, key: &str, direction: &str| {
            format!(
                "SELECT {below}, e.*{rows} FROM (SELECT {order} FROM operation INDEXED BY {name} \
                 WHERE ({order}) {key} ORDER BY {direction} LIMIT 2) e \
                 LEFT JOIN operation o NOT INDEXED ON o.number = e.number"
            )
        };
        format!("{} UNION ALL {}", side(true, before, down), side(false, after, order))
    }
}

static IDS: Index = Index {
    name: "operation_id",
    order: "id, number",
    down: "id DESC, number DESC",
    before: "< (?1, ?2)",
    after: "> (?3, ?4)",
    neighbours: OnceLock::new(),
};
static EXTERNAL_IDS: Index = Index {
    name: "operation_external_id",
    order: "external_id, number",
    down: "external_id DESC, number DESC",
    before: "< (?1, ?2)",
    after: "> (?3, ?4)",
    neighbours: OnceLock::new(),
};
static REQUESTS: Index = Index {
    name: "operation_request",
    order: "request_id, action, caller, number",
    down: "request_id DESC, action DESC, caller DESC, number DESC",
    before: "< (?1, ?2, ?3, ?4)",
    after: "> (?5, ?6, ?7, ?8)",
    neighbours: OnceLock::new(),
};
static PAYMENTS: Index = Index {
    name: "operation_payment",
    order: "payment_external_id, number",
    down: "payment_external_id DESC, number DESC",
    before: "< (?1, ?2) AND payment_external_id IS NOT NULL",
    after: "> (?3, ?4) AND payment_external_id IS NOT NULL",
    neighbours: OnceLock::new(),
};

impl SqliteJournal {
    pub(super) fn find_id(&self, id: &OperationId) -> Outcome<Option<Operation>> {
        if let Some(recent) = self.recent()?.find(|one| one.id == *id) {
            return Ok(Some(recent.operation.clone()));
        }
        let found = self.find_stored(id)?.map(|stored| stored.operation);
        if found.is_none() {
            self.prove_gap(&IDS, id.as_str())?;
        }
        Ok(found)
    }

    /// Finds an operation that was moved; that there is none is not proven.
    pub(super) fn find_stored(&self, id: &OperationId) -> Outcome<Option<Stored>> {
        let found = self.many("INDEXED BY operation_id WHERE id = ?1", [id.as_str()])?;
        fit(&found, |one| one.id == *id)?;
        Ok(found.into_iter().next())
    }

    pub(super) fn find_external_id(&self, id: &ExternalId) -> Outcome<Option<Operation>> {
        if let Some(recent) = self.recent()?.find(|one| one.order.external_id == *id) {
            return Ok(Some(recent.operation.clone()));
        }
        let place = "INDEXED BY operation_external_id WHERE external_id = ?1";
        let found = self.many(place, [id.as_str()])?;
        fit(&found, |one| one.order.external_id == *id)?;
        if found.is_empty() {
            self.prove_gap(&EXTERNAL_IDS, id.as_str())?;
        }
        Ok(operations(found).into_iter().next())
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
        let (id, action_name, by) = (request_id.as_str(), action.as_str(), caller.as_str());
        let mut found = self.many(newest, (id, action_name, by, most()))?;
        let oldest = found.last().map_or(0, |stored| stored.number);
        let newest = found.first().map_or(0, |stored| stored.number);
        let key = |number| key(&[id, action_name, by], number);
        self.prove(&REQUESTS, key(oldest), key(newest))?;
        if found.len() >= MOST_OF_A_REQUEST {
            found.extend(self.many(older, (id, action_name, by, oldest))?);
        }
        descend(&found)?;
        let fits = |one: &Operation| {
            one.order.request_id == *request_id
                && one.order.caller == *caller
                && one.order.action() == action
        };
        fit(&found, fits)?;
        let mut all = self.recent()?.all(fits);
        all.extend(operations(found));
        Ok(newest_and_open(all))
    }

    pub(super) fn find_pays(&self, request_id: &RequestId) -> Outcome<Vec<Operation>> {
        let newest = "NOT INDEXED JOIN (SELECT number AS found FROM operation \
                      INDEXED BY operation_request WHERE request_id = ?1 AND action = ?2 \
                      ORDER BY number DESC LIMIT ?3) ON number = found ORDER BY number DESC";
        let older = "INDEXED BY operation_open WHERE open = 1 AND request_id = ?1 AND action = ?2 \
                     AND number < ?3 ORDER BY number DESC";
        let (id, pay) = (request_id.as_str(), Action::Pay.as_str());
        let mut found = self.many(newest, (id, pay, most()))?;
        let place = |stored: &Stored| (stored.operation.order.caller.clone(), stored.number);
        let nobody = || (Caller::new(""), 0);
        let (first, low) = found.iter().map(place).min().unwrap_or_else(nobody);
        let (last, high) = found.iter().map(place).max().unwrap_or_else(nobody);
        let key = |by: &Caller, number| key(&[id, pay, by.as_str()], number);
        self.prove(&REQUESTS, key(&first, low), key(&last, high))?;
        if found.len() >= MOST_OF_A_REQUEST {
            let oldest = found.last().map_or(0, |stored| stored.number);
            found.extend(self.many(older, (id, pay, oldest))?);
        }
        descend(&found)?;
        let fits = |one: &Operation| {
            one.order.request_id == *request_id && one.order.action() == Action::Pay
        };
        fit(&found, fits)?;
        let mut all = self.recent()?.all(fits);
        all.extend(operations(found));
        Ok(newest_and_open(all))
    }

    /// Finds the newest of a caller, or under a request id; that there are no others is not proven.
    pub(super) fn find_all(
        &self,
        caller: Option<&Caller>,
        request_id: Option<&RequestId>,
        limit: usize,
    ) -> Outcome<Vec<Operation>> {
        // A caller's alone are looked for in the whole index, which is small beside the rows.
        let place = |key: &str| {
            format!(
                "NOT INDEXED JOIN (SELECT number AS found FROM operation \
                 INDEXED BY operation_request WHERE {key} ORDER BY number DESC LIMIT ?3) \
                 ON number = found ORDER BY number DESC"
            )
        };
        let rows = i64::try_from(limit).unwrap_or(i64::MAX);
        let (by, id) = (caller.map(Caller::as_str), request_id.map(RequestId::as_str));
        let found = match request_id {
            Some(_) => self
                .many(&place("request_id = ?1 AND (?2 IS NULL OR caller = ?2)"), (id, by, rows))?,
            None => self.many(&place("?1 IS NULL AND caller = ?2"), (id, by, rows))?,
        };
        descend(&found)?;
        let fits = |one: &Operation| fits(one, caller, request_id);
        fit(&found, fits)?;
        let mut all = self.recent()?.all(fits);
        all.extend(operations(found));
        all.truncate(limit);
        Ok(all)
    }

    pub(super) fn find_refunds(&self, payment: &ExternalId) -> Outcome<Vec<Operation>> {
        let place =
            "INDEXED BY operation_payment WHERE payment_external_id = ?1 ORDER BY number DESC";
        let found = self.many(place, [payment.as_str()])?;
        let oldest = found.last().map_or(0, |stored| stored.number);
        let newest = found.first().map_or(0, |stored| stored.number);
        let key = |number| key(&[payment.as_str()], number);
        self.prove(&PAYMENTS, key(oldest), key(newest))?;
        descend(&found)?;
        let fits =
            |one: &Operation| one.order.payment().is_some_and(|of| of.external_id == *payment);
        fit(&found, fits)?;
        let mut all = self.recent()?.all(fits);
        all.extend(operations(found));
        all.reverse();
        Ok(all)
    }

    /// Finds all that are open, oldest first.
    pub(super) fn find_open(&self) -> Outcome<Vec<Operation>> {
        let mut all = operations(self.read_open()?);
        all.extend(self.recent()?.all(Operation::is_open).into_iter().rev());
        Ok(all)
    }

    /// Reads the open rows of those that were moved, oldest first.
    pub(super) fn read_open(&self) -> Outcome<Vec<Stored>> {
        let place = "INDEXED BY operation_open WHERE open = 1 ORDER BY number DESC";
        let mut found = self.many(place, [])?;
        descend(&found)?;
        found.reverse();
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
        if let Some(recent) = self.recent()?.find(|one| one.id == *id) {
            return recent.records();
        }
        let Some(stored) = self.find_stored(id)? else {
            return self.prove_gap(&IDS, id.as_str()).map(|()| Vec::new());
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

    /// Gives the greatest number of an operation that was moved, 0 if there is none.
    pub(super) fn newest_moved(&self) -> Outcome<i64> {
        let sql = "SELECT number FROM operation NOT INDEXED ORDER BY number DESC LIMIT 1";
        let found = self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
        Ok(found.unwrap_or(0))
    }

    /// Proves that there is no entry with this key.
    fn prove_gap(&self, index: &Index, text: &str) -> Outcome<()> {
        self.prove(index, key(&[text], 0), key(&[text], 0))
    }

    /// Proves that the entries before `first` and after `last` are what their rows say, each once
    /// and in its order.
    fn prove(&self, index: &Index, first: Vec<Value>, last: Vec<Value>) -> Outcome<()> {
        let name = index.name;
        let mut statement =
            self.conn.prepare_cached(index.neighbours.get_or_init(|| index.sql()))?;
        let mut entries = statement.query(params_from_iter(first.iter().chain(&last)))?;
        let (mut above, mut below) = (last, first);
        while let Some(row) = entries.next()? {
            let values: Vec<Value> =
                (1..=2 * above.len()).map(|column| row.get(column)).collect::<Result<_, _>>()?;
            let (entry, said) = values.split_at(above.len());
            let nearer = if row.get(0)? { &mut below } else { &mut above };
            let ordered = if row.get(0)? { comes(entry, nearer) } else { comes(nearer, entry) };
            if !ordered || entry != said {
                return Err(Trouble::Damaged(format!("the index {name} is wrong")));
            }
            *nearer = entry.to_vec();
        }
        Ok(())
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

/// Makes the entry that an index would have.
fn key(texts: &[&str], number: i64) -> Vec<Value> {
    let texts = texts.iter().map(|text| Value::Text((*text).to_owned()));
    texts.chain([Value::Integer(number)]).collect()
}

/// Tells whether an entry comes before a different other one, as SQLite orders them.
fn comes(one: &[Value], other: &[Value]) -> bool {
    let key = |value: &Value| match value {
        Value::Text(text) => (0, Some(text.clone())),
        Value::Integer(number) => (*number, None),
        Value::Null | Value::Real(_) | Value::Blob(_) => (0, None),
    };
    one.iter().map(key).lt(other.iter().map(key))
}

fn most() -> i64 {
    i64::try_from(MOST_OF_A_REQUEST).unwrap_or(i64::MAX)
}

/// Leaves the newest operations of a request, and those of the older ones that are open.
fn newest_and_open(mut all: Vec<Operation>) -> Vec<Operation> {
    let mut place = 0;
    all.retain(|one| {
        place += 1;
        place <= MOST_OF_A_REQUEST || one.is_open()
    });
    all
}

fn operations(found: Vec<Stored>) -> Vec<Operation> {
    found.into_iter().map(|stored| stored.operation).collect()
}

/// Checks that an index led to each row once.
fn descend(found: &[Stored]) -> Outcome<()> {
    if found.is_sorted_by(|newer, older| newer.number > older.number) {
        return Ok(());
    }
    Err(Trouble::Damaged("an index leads to a row twice".to_owned()))
}

/// Checks that an index led to rows that were asked for.
fn fit(found: &[Stored], fits: impl Fn(&Operation) -> bool) -> Outcome<()> {
    match found.iter().find(|stored| !fits(&stored.operation)) {
        Some(stored) => {
            let number = stored.number;
            Err(Trouble::Damaged(format!("an index leads to operation number {number} wrongly")))
        }
        None => Ok(()),
    }
}
