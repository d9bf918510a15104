//! What goes wrong inside, before it has the file's name on it.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

use crate::journal::JournalError;

/// Is a failure of the SQLite journal.
#[derive(Debug)]
pub(super) enum Trouble {
    /// SQLite refused.
    Sql(rusqlite::Error),
    /// The system refused, while doing this.
    Io(&'static str, io::Error),
    /// It cannot be used for this reason, which says what to do.
    Unavailable(String),
    /// This is damaged.
    Damaged(String),
    /// This was written by a newer Till.
    Newer(String),
    /// Another process, as far as it is known, holds it.
    Locked(String),
    /// This contradicts what is there.
    Conflict(String),
}

pub(super) type Outcome<T> = Result<T, Trouble>;

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<rusqlite::types::FromSqlError> for Trouble {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl Trouble {
    /// Tells whether what is stored is wrong, and not just out of reach.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self.sort(), Sort::Damaged)
    }

    /// Tells whether a value that must be unique is there already.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self.sort(), Sort::Conflict)
    }

    /// Tells whether the file or its companions cannot be opened by this user.
    pub(super) fn is_access(&self) -> bool {
        matches!(self.sort(), Sort::ReadOnly | Sort::NoAccess)
    }

    /// Puts the file's name and what to do on it.
    pub(super) fn name(self, path: &Path) -> JournalError {
        let file = path.display();
        let sort = self.sort();
        let text = match self {
            Self::Sql(error) => error.to_string(),
            Self::Io(what, error) => format!("{what}: {error}"),
            Self::Unavailable(text)
            | Self::Damaged(text)
            | Self::Newer(text)
            | Self::Locked(text)
            | Self::Conflict(text) => text,
        };
        match sort {
            Sort::Full => JournalError::Unavailable(format!(
                "journal {file}: the disk is full; free some space and try again ({text})"
            )),
            Sort::ReadOnly => JournalError::Unavailable(format!(
                "journal {file} cannot be written; give this user the right to write it and its \
                 folder ({text})"
            )),
            Sort::NoAccess => JournalError::Unavailable(format!(
                "journal {file} cannot be opened; check that its folder exists and that this user \
                 may use it ({text})"
            )),
            Sort::Busy => JournalError::Unavailable(format!(
                "journal {file} is held by another program for too long; close that program \
                 ({text})"
            )),
            Sort::Failed => JournalError::Unavailable(format!(
                "journal {file} cannot be read or written; check the storage and start again \
                 ({text})"
            )),
            Sort::Told => JournalError::Unavailable(format!("journal {file} {text}")),
            Sort::Damaged => JournalError::Damaged(format!(
                "journal {file} is damaged: {text}; it is kept as it is: make a copy of it and of \
                 {file}-wal, and have them looked at"
            )),
            Sort::Newer => JournalError::Newer(format!(
                "journal {file} was written by a newer Till ({text}); update this one"
            )),
            Sort::Locked => JournalError::Locked(format!(
                "journal {file} is in use by {text}; use that one, or end it first"
            )),
            Sort::Conflict => JournalError::Conflict(format!("journal {file}: {text}")),
        }
    }

    fn sort(&self) -> Sort {
        match self {
            Self::Sql(rusqlite::Error::SqliteFailure(error, _)) => sort_of(error),
            // The statements are fixed: what does not fit them is not what was stored.
            Self::Sql(_) | Self::Damaged(_) => Sort::Damaged,
            Self::Io(_, error) => sort_of_kind(error.kind()),
            Self::Unavailable(_) => Sort::Told,
            Self::Newer(_) => Sort::Newer,
            Self::Locked(_) => Sort::Locked,
            Self::Conflict(_) => Sort::Conflict,
        }
    }
}

enum Sort {
    Full,
    ReadOnly,
    NoAccess,
    Busy,
    Failed,
    Told,
    Damaged,
    Newer,
    Locked,
    Conflict,
}

fn sort_of_kind(kind: io::ErrorKind) -> Sort {
    use io::ErrorKind::{
        NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };

    let is = |kinds: &[io::ErrorKind]| kinds.contains(&kind);
    if is(&[StorageFull, QuotaExceeded]) {
        Sort::Full
    } else if is(&[ReadOnlyFilesystem]) {
        Sort::ReadOnly
    } else if is(&[PermissionDenied, NotFound]) {
        Sort::NoAccess
    } else {
        Sort::Failed
    }
}

fn sort_of(error: &rusqlite::ffi::Error) -> Sort {
    match error.code {
        ErrorCode::DiskFull => Sort::Full,
        ErrorCode::ReadOnly => Sort::ReadOnly,
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => Sort::NoAccess,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Sort::Busy,
        ErrorCode::ConstraintViolation => Sort::Conflict,
        ErrorCode::SystemIoFailure
        | ErrorCode::OutOfMemory
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::OperationInterrupted
        | ErrorCode::OperationAborted
        | ErrorCode::NoLargeFileSupport => Sort::Failed,
        // The statements are fixed: the rest is a file or a schema that is not what was made.
        ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::SchemaChanged
        | ErrorCode::TypeMismatch
        | ErrorCode::TooBig
        | ErrorCode::NotFound
        | ErrorCode::InternalMalfunction
        | ErrorCode::ApiMisuse
        | ErrorCode::AuthorizationForStatementDenied
        | ErrorCode::ParameterOutOfRange
        | ErrorCode::Unknown
        | _ => Sort::Damaged,
    }
}
