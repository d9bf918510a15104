//! How one operation and one event stand in their rows, whatever database holds them.

use sha2::{Digest, Sha256};

use crate::operation::Operation;

/// Says why a row is not taken for what it should be.
#[derive(Debug)]
pub(super) enum Wrong {
    /// It is not as it was written.
    Damaged(String),
    /// A newer Till wrote it.
    Newer(String),
}

/// The form of the body that this Till writes. A form that was published is read for ever; a new
/// one gets the next number, and a field that went never comes back with another meaning.
pub(super) const FORM: i64 = 1;

/// Is an operation as it was read, with what only the row knows.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) number: i64,
    pub(super) open: bool,
    pub(super) events: u32,
    pub(super) operation: Operation,
}

/// Is the columns of an operation's row, all but the checksum.
///
/// `open` is what [`Operation::is_open`] said when the row was written. Where a new Till calls more
/// operations open than the one before, a migration must write their rows anew.
pub(super) struct Columns<'a> {
    pub(super) number: i64,
    pub(super) id: &'a str,
    pub(super) caller: &'a str,
    pub(super) action: &'a str,
    pub(super) request_id: &'a str,
    pub(super) external_id: &'a str,
    pub(super) payment_external_id: Option<&'a str>,
    pub(super) open: i64,
    pub(super) created_ms: i64,
    pub(super) events: i64,
    pub(super) version: i64,
    pub(super) body: &'a str,
}

impl<'a> Columns<'a> {
    /// The columns as a statement names them, for [`Columns::read`].
    pub(super) const NAMES: &'static str = "number, id, caller, action, request_id, external_id, \
         payment_external_id, open, created_ms, events, version, body, checksum";

    /// Lays an operation out; `body` is its [`body`].
    pub(super) fn of(operation: &'a Operation, number: i64, events: u32, body: &'a str) -> Self {
        let order = &operation.order;
        Self {
            number,
            id: operation.id.as_str(),
            caller: order.caller.as_str(),
            action: order.action().as_str(),
            request_id: order.request_id.as_str(),
            external_id: order.external_id.as_str(),
            payment_external_id: order.payment().map(|payment| payment.external_id.as_str()),
            open: i64::from(operation.is_open()),
            created_ms: order.created.wall_ms,
            events: i64::from(events),
            version: FORM,
            body,
        }
    }

    /// Gives the checksum over all columns.
    pub(super) fn checksum(&self) -> i64 {
        let mut sum = Sum::new(b"operation");
        sum.integers(&[self.number, self.open, self.created_ms, self.events, self.version]);
        sum.text(self.id);
        sum.text(self.caller);
        sum.text(self.action);
        sum.text(self.request_id);
        sum.text(self.external_id);
        sum.integers(&[i64::from(self.payment_external_id.is_some())]);
        sum.text(self.payment_external_id.unwrap_or_default());
        sum.text(self.body);
        sum.end()
    }

    /// Tells whether the columns say what the body says.
    fn fits(&self, operation: &Operation) -> bool {
        let told = Columns::of(operation, self.number, 0, self.body);
        self.id == told.id
            && self.caller == told.caller
            && self.action == told.action
            && self.request_id == told.request_id
            && self.external_id == told.external_id
            && self.payment_external_id == told.payment_external_id
            && self.created_ms == told.created_ms
    }
}

/// Writes the body of an operation's row.
pub(super) fn body(operation: &Operation) -> Result<String, String> {
    serde_json::to_string(operation)
        .map_err(|error| format!("{} is not JSON: {error}", operation.id))
}

/// Reads a body, in the form that its row names.
pub(super) fn read_body(version: i64, body: &str) -> Result<Operation, Wrong> {
    match version {
        FORM => serde_json::from_str(body).map_err(|error| Wrong::Damaged(error.to_string())),
        newer if newer > FORM => Err(Wrong::Newer(format!("form {newer}"))),
        _ => Err(Wrong::Damaged("a form that never was".to_owned())),
    }
}

/// Reads the operation of a row; what is not exactly as it was written is damaged.
pub(super) fn judge(columns: &Columns<'_>, checksum: i64) -> Result<Stored, Wrong> {
    let number = columns.number;
    let damaged = |why: &str| Wrong::Damaged(format!("operation number {number}: {why}"));
    if columns.checksum() != checksum {
        return Err(damaged("the checksum does not fit"));
    }
    let operation = read_body(columns.version, columns.body).map_err(|wrong| match wrong {
        Wrong::Damaged(why) => damaged(&why),
        Wrong::Newer(why) => Wrong::Newer(format!("operation number {number} has {why}")),
    })?;
    if !columns.fits(&operation) {
        return Err(damaged("columns and body differ"));
    }
    let events = u32::try_from(columns.events).map_err(|_| damaged("impossible event count"))?;
    Ok(Stored { number, open: columns.open == 1, events, operation })
}

/// Gives the checksum of an event's row.
pub(super) fn event_checksum(operation: i64, n: i64, at_ms: i64, text: &str) -> i64 {
    let mut sum = Sum::new(b"event");
    sum.integers(&[operation, n, at_ms]);
    sum.text(text);
    sum.end()
}

/// Gives the checksum of a row that holds an operation together with its story.
pub(super) fn recent_checksum(number: i64, version: i64, body: &str, story: &str) -> i64 {
    let mut sum = Sum::new(b"recent");
    sum.integers(&[number, version]);
    sum.text(body);
    sum.text(story);
    sum.end()
}

/// Gives the checksum of a row of `meta`.
pub(super) fn meta_checksum(key: &str, value: &str) -> i64 {
    let mut sum = Sum::new(b"meta");
    sum.text(key);
    sum.text(value);
    sum.end()
}

/// Is a checksum in the making: the first 8 bytes of a SHA-256 over fields with their lengths.
struct Sum(Sha256);

impl Sum {
    fn new(table: &[u8]) -> Self {
        Self(Sha256::new_with_prefix(table))
    }

    fn integers(&mut self, values: &[i64]) {
        for value in values {
            self.0.update(value.to_le_bytes());
        }
    }

    fn text(&mut self, text: &str) {
        self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.0.update(text);
    }

    fn end(self) -> i64 {
        let digest: [u8; 32] = self.0.finalize().into();
        digest.first_chunk().map_or(0, |first| i64::from_le_bytes(*first))
    }
}
