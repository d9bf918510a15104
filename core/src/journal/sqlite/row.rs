//! How rows are read from SQLite.

use rusqlite::Row;
use rusqlite::types::FromSqlError;

use super::trouble::{Outcome, Trouble};
use crate::journal::Record;
use crate::journal::form::{Columns, Stored, Wrong, event_checksum, judge};

/// Takes the columns of a row of [`Columns::NAMES`] apart, and its checksum.
fn read<'a>(row: &'a Row<'_>) -> Result<(Columns<'a>, i64), FromSqlError> {
    let get = |index: usize| row.get_ref(index).map_err(FromSqlError::other);
    let columns = Columns {
        number: get(0)?.as_i64()?,
        id: get(1)?.as_str()?,
        caller: get(2)?.as_str()?,
        action: get(3)?.as_str()?,
        request_id: get(4)?.as_str()?,
        external_id: get(5)?.as_str()?,
        payment_external_id: get(6)?.as_str_or_null()?,
        open: get(7)?.as_i64()?,
        created_ms: get(8)?.as_i64()?,
        events: get(9)?.as_i64()?,
        version: get(10)?.as_i64()?,
        body: get(11)?.as_str()?,
    };
    Ok((columns, get(12)?.as_i64()?))
}

/// Reads a row of [`Columns::NAMES`]; what is not exactly as it was written is damaged.
pub(super) fn decode(row: &Row<'_>) -> Outcome<Stored> {
    let number = row.get_ref(0)?.as_i64()?;
    let damaged = |why: &str| Trouble::Damaged(format!("operation number {number}: {why}"));
    let (columns, checksum) =
        read(row).map_err(|error| damaged(&format!("column of a wrong kind: {error}")))?;
    judge(&columns, checksum).map_err(|wrong| match wrong {
        Wrong::Damaged(text) => Trouble::Damaged(text),
        Wrong::Newer(text) => Trouble::Newer(text),
    })
}

/// The columns of an event as a statement names them, for [`decode_event`].
pub(super) const EVENT_NAMES: &str = "operation, n, at_ms, text, checksum";

/// Reads a row of [`EVENT_NAMES`]: the operation's number and the event.
pub(super) fn decode_event(row: &Row<'_>) -> Outcome<(i64, Record)> {
    let (operation, n) = (row.get_ref(0)?.as_i64()?, row.get_ref(1)?.as_i64()?);
    let damaged =
        |why: &str| Trouble::Damaged(format!("event {n} of operation number {operation}: {why}"));
    let at_ms = row.get_ref(2)?.as_i64()?;
    let text = row.get_ref(3)?.as_str().map_err(|error| damaged(&error.to_string()))?;
    if event_checksum(operation, n, at_ms, text) != row.get_ref(4)?.as_i64()? {
        return Err(damaged("the checksum does not fit"));
    }
    let number = u32::try_from(n).map_err(|_| damaged("impossible number"))?;
    Ok((operation, Record { number, event: text.to_owned(), at_ms }))
}
