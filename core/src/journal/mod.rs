//! The durable record of operations.
//!
//! [`SqliteJournal`] keeps it in a file, [`MemoryJournal`] in memory for simulations; both pass the
//! same tests.

mod form;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use std::fmt;

pub use memory::{Attempt, Crash, Fault, MemoryJournal};
#[cfg(feature = "postgres")]
pub use postgres::{Neighbours, News, Owner, Place, Postgres, PostgresJournal, Session, Wish};
pub use sqlite::SqliteJournal;

use crate::id::{Caller, ExternalId, OperationId, RequestId};
use crate::operation::{Action, Operation};
use crate::time::Now;

/// Keeps operations and their events. One writer.
///
/// A write is all or nothing. Nothing is ever deleted. A journal that found itself damaged or
/// unwritable can still be read as far as it goes; a damaged one takes no new operations any more,
/// only changes of those that it has.
pub trait Journal: Send + fmt::Debug {
    /// Writes new or changed operations, each with what happened, in one transaction.
    ///
    /// What was ordered never changes, and no two operations share an id or an external id.
    ///
    /// # Errors
    /// Nothing was written.
    fn write(&mut self, entries: &[Entry<'_>], durability: Durability) -> Result<(), JournalError>;

    /// Lets all writes until [`Journal::end_group`] be one transaction, which survives what the
    /// most durable of them must; each is still all or nothing, and read as if it were there.
    /// `sought` is what will be looked for first, for a journal that reads many in one go.
    fn begin_group(&mut self, sought: &[Sought]) {
        let _ = sought;
    }

    /// Commits what was written since [`Journal::begin_group`].
    ///
    /// # Errors
    /// None of it was written; of [`JournalError::Unsure`], nobody knows. Whatever was read or
    /// written since then is not to be believed, and the open operations are to be read again.
    fn end_group(&mut self) -> Result<(), JournalError> {
        Ok(())
    }

    /// Tells whether other processes write it too: then all that is written must be in groups, and
    /// it gives only operations as open that are this process's to drive.
    fn is_shared(&self) -> bool {
        false
    }

    /// Tells whether everything that was written since `since` is surely there: what only has to
    /// survive a kill does so while the machine runs that writes it.
    fn is_whole_since(&self, since: &Now, now: &Now) -> bool {
        since.boot == now.boot
    }

    /// Reads one operation.
    ///
    /// # Errors
    /// The journal cannot be read, or the row is damaged.
    fn get(&self, id: &OperationId) -> Result<Option<Operation>, JournalError>;

    /// Reads the operations of a request: the newest [`MOST_OF_A_REQUEST`] and every older one that
    /// is open, newest first.
    ///
    /// # Errors
    /// The journal cannot be read, or a row is damaged. "There is none" is never said of a journal
    /// that is not sure.
    fn by_request(
        &self,
        caller: &Caller,
        action: Action,
        request_id: &RequestId,
    ) -> Result<Vec<Operation>, JournalError>;

    /// Reads the operation with this name at the bank.
    ///
    /// # Errors
    /// The journal cannot be read, or the row is damaged.
    fn by_external_id(&self, id: &ExternalId) -> Result<Option<Operation>, JournalError>;

    /// Reads the pays of any caller under this request id: the newest [`MOST_OF_A_REQUEST`] and
    /// every older one that is open, newest first.
    ///
    /// # Errors
    /// The journal cannot be read, or a row is damaged.
    fn pays_by_request_id(&self, id: &RequestId) -> Result<Vec<Operation>, JournalError>;

    /// Reads the refunds of the payment with this name at the bank, oldest first.
    ///
    /// # Errors
    /// The journal cannot be read, or a row is damaged.
    fn refunds_of(&self, payment: &ExternalId) -> Result<Vec<Operation>, JournalError>;

    /// Reads all operations that still need driving ([`Operation::is_open`]), oldest first.
    ///
    /// # Errors
    /// The journal cannot be read, or a row is damaged.
    fn open_operations(&self) -> Result<Vec<Operation>, JournalError>;

    /// Reads the newest operations, newest first, as far as they can be read: a damaged one is left
    /// out and noted ([`Journal::damage`]).
    ///
    /// # Errors
    /// The journal cannot be read at all.
    fn history(&self, limit: usize) -> Result<Vec<Operation>, JournalError>;

    /// Finds the newest operations of a caller, or under a request id, newest first: among all of
    /// them, however old. `None` fits all.
    ///
    /// # Errors
    /// The journal cannot be read, or a row is damaged.
    fn search(
        &self,
        caller: Option<&Caller>,
        request_id: Option<&RequestId>,
        limit: usize,
    ) -> Result<Vec<Operation>, JournalError> {
        let mut all = self.history(usize::MAX)?;
        all.retain(|one| fits(one, caller, request_id));
        all.truncate(limit);
        Ok(all)
    }

    /// Reads what happened to an operation, oldest first; empty if there is no such operation.
    ///
    /// # Errors
    /// The journal cannot be read, or the story is damaged.
    fn events(&self, id: &OperationId) -> Result<Vec<Record>, JournalError>;

    /// Gives the id of this installation, made when the journal was.
    fn installation(&self) -> &str;

    /// Tells when it was written or marked last before it was opened, wall clock, in milliseconds;
    /// [`i64::MIN`]: never. `None`: that is not known.
    fn used_ms(&self) -> Option<i64> {
        None
    }

    /// Notes a use for which nothing is written; survives a kill, as far as the disk lets it.
    fn mark(&mut self, _at_ms: i64) {}

    /// Checks everything, row by row; may take long.
    ///
    /// # Errors
    /// What is damaged, first find first.
    fn verify(&self) -> Result<Findings, JournalError>;

    /// Tells the first damage that any call since the opening came upon.
    fn damage(&self) -> Option<String> {
        None
    }
}

/// The most closed operations that a look for a request gives: a POS app that uses one request id
/// for ever must not make its next payment slower.
pub const MOST_OF_A_REQUEST: usize = 32;

/// Names a request that will be looked for: [`Journal::by_request`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sought {
    /// Who asked.
    pub caller: Caller,
    /// For a pay or a refund.
    pub action: Action,
    /// The caller's id of the request.
    pub request_id: RequestId,
}

/// Is one operation to be written, with what happened to it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The operation as it is now.
    pub operation: &'a Operation,
    /// What happened, for people: one line, no secret in it.
    pub event: &'a str,
    /// When, wall clock, in milliseconds.
    pub at_ms: i64,
}

/// Is one line of an operation's story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number within the operation, from 1.
    pub number: u32,
    /// What happened.
    pub event: String,
    /// When, wall clock, in milliseconds.
    pub at_ms: i64,
}

/// Says what a write must survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// A kill of the process: committed without an fsync.
    Kill,
    /// A power cut: fsync.
    PowerCut,
}

/// Is what a whole check counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Findings {
    /// All operations.
    pub operations: u64,
    /// Those that still need driving.
    pub open: u64,
}

/// Says why the journal cannot be used; each text names the file and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Reading or writing failed: disk full, read-only, I/O error.
    #[error("{0}")]
    Unavailable(String),
    /// The file or a row in it is damaged. It is kept as it is.
    #[error("{0}")]
    Damaged(String),
    /// A newer Till wrote it.
    #[error("{0}")]
    Newer(String),
    /// Another process writes it.
    #[error("{0}")]
    Locked(String),
    /// The connection broke before the word came whether a group was written.
    #[error("{0}")]
    Unsure(String),
    /// Another process took this one for dead and goes on with its operations.
    #[error("{0}")]
    TakenOver(String),
    /// The write contradicts what is there: a second operation under one name, or another order.
    #[error("{0}")]
    Conflict(String),
}

/// Tells whether an operation is one that is searched for.
fn fits(one: &Operation, caller: Option<&Caller>, request_id: Option<&RequestId>) -> bool {
    caller.is_none_or(|caller| *caller == one.order.caller)
        && request_id.is_none_or(|id| *id == one.order.request_id)
}

/// Makes the id of an installation of 16 random bytes: a version 4 UUID.
fn installation_id(random: [u8; 16]) -> Box<str> {
    OperationId::from_random(random).as_str().into()
}
