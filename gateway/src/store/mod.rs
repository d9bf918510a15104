//! What the gateway keeps beside the journal: the terminals' tokens, callbacks that still have to
//! be followed up, and callbacks about money that nobody here knows. It is where the journal is: in
//! a file beside its file, or in its database.

mod database;
mod file;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use till_core::id::{Caller, ExternalId};
use till_core::journal::JournalError;

pub use database::Shared;
pub use file::Store;

/// Stands before a terminal's name where an operation has a caller.
pub(crate) const CALLER_PREFIX: &str = "device/";

/// The most orphans that are kept: the oldest go first.
const ORPHANS_MAX: i64 = 1_000;

/// Is wherever it is kept.
#[derive(Debug)]
pub enum Kept {
    /// In a SQLite file, by this process alone.
    File(Store),
    /// In PostgreSQL, by all processes of the gateway.
    Shared(Shared),
}

/// Says why it cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be read or written.
    #[error("the gateway's file cannot be used: {0}")]
    File(#[from] rusqlite::Error),
    /// The database cannot be read or written.
    #[error(transparent)]
    Database(#[from] JournalError),
    /// What was read is not what was written.
    #[error("the gateway's tables hold what no gateway wrote: {0}")]
    Row(#[from] tokio_postgres::Error),
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// There is a terminal of this name already.
    #[error("there is a token for {0} already: revoke it first, or choose another name")]
    Taken(String),
    /// The name cannot be one.
    #[error("a terminal's name has 1 to 64 letters, digits, dots, dashes and underscores")]
    Name,
}

/// Says what a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its own operations.
    Device,
    /// Looks at and settles the operations of all; makes none.
    Operator,
}

/// Is who has a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The terminal's name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When the token was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
}

impl Holder {
    /// Gives who it is where an operation has a caller.
    pub fn caller(&self) -> Caller {
        Caller::new(format!("{CALLER_PREFIX}{}", self.name))
    }
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Operator => "operator",
        }
    }

    fn of(word: &str) -> Self {
        if word == Self::Operator.as_str() { Self::Operator } else { Self::Device }
    }
}

impl From<Store> for Kept {
    fn from(store: Store) -> Self {
        Self::File(store)
    }
}

impl From<Shared> for Kept {
    fn from(shared: Shared) -> Self {
        Self::Shared(shared)
    }
}

impl Kept {
    /// Makes a token: 256 random bits, of which only a hash is kept.
    ///
    /// # Errors
    /// The name is taken or none, or nothing can be written.
    pub async fn add_token(
        &self,
        name: &str,
        role: Role,
        now_ms: i64,
    ) -> Result<String, StoreError> {
        match self {
            Self::File(store) => store.add_token(name, role, now_ms),
            Self::Shared(shared) => shared.add_token(name, role, now_ms).await,
        }
    }

    /// Revokes the token of this name; false if there is none.
    ///
    /// # Errors
    /// Nothing can be written.
    pub async fn revoke_token(&self, name: &str, now_ms: i64) -> Result<bool, StoreError> {
        match self {
            Self::File(store) => store.revoke_token(name, now_ms),
            Self::Shared(shared) => shared.revoke_token(name, now_ms).await,
        }
    }

    /// Gives all tokens, oldest first: never what is secret of them.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn tokens(&self) -> Result<Vec<Holder>, StoreError> {
        match self {
            Self::File(store) => store.tokens(),
            Self::Shared(shared) => shared.tokens().await,
        }
    }

    /// Finds whose token this is, unless it was revoked; in a database, a second ago.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn whose(&self, token: &str) -> Result<Option<Holder>, StoreError> {
        match self {
            Self::File(store) => store.whose(token),
            Self::Shared(shared) => shared.whose(token).await,
        }
    }

    /// Puts down that the bank has to be asked about an operation that is not asked for by itself.
    ///
    /// # Errors
    /// It cannot be written.
    pub async fn queue_wake(&self, id: &ExternalId, now_ms: i64) -> Result<(), StoreError> {
        match self {
            Self::File(store) => store.queue_wake(id, now_ms),
            Self::Shared(shared) => shared.queue_wake(id, now_ms).await,
        }
    }

    /// Gives what has to be asked about, and forgets what was put down before `before_ms`.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub async fn wakes(&self, before_ms: i64) -> Result<Vec<ExternalId>, StoreError> {
        match self {
            Self::File(store) => store.wakes(before_ms),
            Self::Shared(shared) => shared.wakes(before_ms).await,
        }
    }

    /// Keeps that a signed callback spoke of a payment that nobody here knows: money without a
    /// record. Only the newest are kept.
    ///
    /// # Errors
    /// It cannot be written.
    pub async fn keep_orphan(&self, id: &ExternalId, now_ms: i64) -> Result<(), StoreError> {
        match self {
            Self::File(store) => store.keep_orphan(id, now_ms),
            Self::Shared(shared) => shared.keep_orphan(id, now_ms).await,
        }
    }

    /// Counts the orphans that are kept.
    ///
    /// # Errors
    /// They cannot be read.
    pub async fn orphans(&self) -> Result<u64, StoreError> {
        match self {
            Self::File(store) => store.orphans(),
            Self::Shared(shared) => shared.orphans().await,
        }
    }
}

/// Gives what stands for an id from outside in logs: it may be anything.
pub(crate) fn logged(id: &str) -> String {
    let digest = HEXLOWER.encode(&Sha256::digest(id.as_bytes()));
    digest.get(..8).unwrap_or_default().to_owned()
}

/// Is a new token: its id, its hash, and the words for its terminal.
struct Fresh {
    id: String,
    hash: Vec<u8>,
    token: String,
}

impl Fresh {
    fn new(name: &str) -> Result<Self, StoreError> {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
            return Err(StoreError::Name);
        }
        let (mut id, mut secret) = ([0; 10], [0; 32]);
        getrandom::fill(&mut id).map_err(StoreError::Random)?;
        getrandom::fill(&mut secret).map_err(StoreError::Random)?;
        let id = BASE32_NOPAD.encode(&id).to_lowercase();
        let secret = BASE32_NOPAD.encode(&secret).to_lowercase();
        Ok(Self { hash: hash(&secret), token: format!("till_{id}_{secret}"), id })
    }
}

/// Gives what a token is called by, which is no secret; `None`: it is none.
pub(crate) fn name_of(token: &str) -> Option<&str> {
    parts(token).map(|(name, _)| name)
}

/// Takes a token apart: its id and its secret.
fn parts(token: &str) -> Option<(&str, &str)> {
    token.strip_prefix("till_").and_then(|rest| rest.split_once('_'))
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
