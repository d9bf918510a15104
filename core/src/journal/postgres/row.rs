//! How rows are read from PostgreSQL.

use tokio_postgres::Row;

use super::link::Fail;
use super::text::unescape;
use crate::journal::Record;
use crate::journal::form::{Columns, Stored, Wrong, event_checksum, judge};

/// Reads a row of [`Columns::NAMES`]; what is not exactly as it was written is damaged.
pub(super) fn decode(row: &Row) -> Result<Stored, Fail> {
    let number: i64 = row.try_get(0)?;
    let strange = || Fail::Damaged(format!("operation number {number}: a text never written"));
    let text = |index: usize| -> Result<String, Fail> {
        let text: &str = row.try_get(index)?;
        Ok(unescape(text).ok_or_else(strange)?.into_owned())
    };
    let [id, caller, action] = [text(1)?, text(2)?, text(3)?];
    let [request_id, external_id] = [text(4)?, text(5)?];
    let payment: Option<&str> = row.try_get(6)?;
    let payment = match payment {
        Some(text) => Some(unescape(text).ok_or_else(strange)?),
        None => None,
    };
    let columns = Columns {
        number,
        id: &id,
        caller: &caller,
        action: &action,
        request_id: &request_id,
        external_id: &external_id,
        payment_external_id: payment.as_deref(),
        open: row.try_get(7)?,
        created_ms: row.try_get(8)?,
        events: row.try_get(9)?,
        version: row.try_get(10)?,
        body: row.try_get(11)?,
    };
    judge(&columns, row.try_get(12)?).map_err(|wrong| match wrong {
        Wrong::Damaged(text) => Fail::Damaged(text),
        Wrong::Newer(text) => Fail::Newer(text),
    })
}

/// The columns of an event as a statement names them, for [`decode_event`].
pub(super) const EVENT_NAMES: &str = "operation, n, at_ms, text, checksum";

/// Reads a row of [`EVENT_NAMES`]: the operation's number and the event.
pub(super) fn decode_event(row: &Row) -> Result<(i64, Record), Fail> {
    let (operation, n): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let damaged =
        |why: &str| Fail::Damaged(format!("event {n} of operation number {operation}: {why}"));
    let (at_ms, text, checksum): (i64, &str, i64) =
        (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
    let text = unescape(text).ok_or_else(|| damaged("a text never written"))?;
    if event_checksum(operation, n, at_ms, &text) != checksum {
        return Err(damaged("the checksum does not fit"));
    }
    let number = u32::try_from(n).map_err(|_| damaged("impossible number"))?;
    Ok((operation, Record { number, event: text.into_owned(), at_ms }))
}
