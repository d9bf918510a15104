//! In PostgreSQL, beside the journal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use subtle::ConstantTimeEq as _;
use till_core::id::ExternalId;
use till_core::journal::Session;
use tokio::time::Instant;
use tokio_postgres::Row;

use super::{Fresh, Holder, ORPHANS_MAX, Role, StoreError, hash, parts};

/// How long a token that was in use is taken to be so: a revoked one is useless everywhere after
/// that.
const BELIEVED: Duration = Duration::from_secs(1);

/// The most tokens that are remembered.
const TOKENS_MAX: usize = 20_000;

/// Keeps it in the database of the journal, for all processes.
#[derive(Debug)]
pub struct Shared {
    session: Session,
    known: Mutex<BTreeMap<String, Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    holder: Holder,
    hash: Vec<u8>,
    read: Instant,
}

impl Shared {
    /// Uses a session whose tables are there.
    pub fn new(session: Session) -> Self {
        Self { session, known: Mutex::default() }
    }

    pub(super) async fn add_token(
        &self,
        name: &str,
        role: Role,
        now_ms: i64,
    ) -> Result<String, StoreError> {
        let Fresh { id, hash, token } = Fresh::new(name)?;
        let sql = "INSERT INTO till_token (id, hash, name, role, created_ms) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id";
        let role = role.as_str();
        let made = self.session.rows(sql, &[&id, &hash, &name, &role, &now_ms]).await?;
        if made.is_empty() {
            return Err(StoreError::Taken(name.to_owned()));
        }
        Ok(token)
    }

    pub(super) async fn revoke_token(&self, name: &str, now_ms: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE till_token SET revoked_ms = $2 WHERE name = $1 AND revoked_ms IS NULL \
                   RETURNING id";
        let revoked = self.session.rows(sql, &[&name, &now_ms]).await?;
        self.known().retain(|_, known| known.holder.name != name);
        Ok(!revoked.is_empty())
    }

    pub(super) async fn tokens(&self) -> Result<Vec<Holder>, StoreError> {
        let sql = "SELECT name, role, created_ms, revoked_ms FROM till_token \
                   ORDER BY created_ms, name";
        let rows = self.session.rows(sql, &[]).await?;
        rows.iter().map(holder).collect()
    }

    pub(super) async fn whose(&self, token: &str) -> Result<Option<Holder>, StoreError> {
        // The database takes no NUL in a text, and no id has one.
        let Some((id, secret)) = parts(token).filter(|(id, _)| !id.contains('\0')) else {
            return Ok(None);
        };
        let right = |known: &Known| bool::from(known.hash.ct_eq(&hash(secret)));
        let fresh = self.known().get(id).filter(|it| it.read.elapsed() < BELIEVED).cloned();
        if let Some(known) = fresh {
            return Ok(Some(known).filter(right).map(|known| known.holder));
        }
        let read = Instant::now();
        let sql = "SELECT name, role, created_ms, revoked_ms, hash FROM till_token \
                   WHERE id = $1 AND revoked_ms IS NULL";
        let rows = self.session.rows(sql, &[&id]).await?;
        let Some(row) = rows.first() else {
            self.known().remove(id);
            return Ok(None);
        };
        let known = Known { holder: holder(row)?, hash: row.try_get(4)?, read };
        let mut all = self.known();
        if all.len() >= TOKENS_MAX {
            all.retain(|_, known| known.read.elapsed() < BELIEVED);
        }
        if all.len() < TOKENS_MAX {
            all.insert(id.to_owned(), known.clone());
        }
        Ok(Some(known).filter(right).map(|known| known.holder))
    }

    pub(super) async fn queue_wake(&self, id: &ExternalId, now_ms: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO till_wake VALUES ($1, $2) \
                   ON CONFLICT (external_id) DO UPDATE SET at_ms = EXCLUDED.at_ms";
        self.session.rows(sql, &[&plain(id), &now_ms]).await?;
        Ok(())
    }

    pub(super) async fn wakes(&self, before_ms: i64) -> Result<Vec<ExternalId>, StoreError> {
        self.session.rows("DELETE FROM till_wake WHERE at_ms < $1", &[&before_ms]).await?;
        let rows =
            self.session.rows("SELECT external_id FROM till_wake ORDER BY at_ms", &[]).await?;
        let id = |row: &Row| Ok(ExternalId::new(row.try_get::<_, String>(0)?));
        rows.iter().map(id).collect()
    }

    pub(super) async fn keep_orphan(&self, id: &ExternalId, now_ms: i64) -> Result<(), StoreError> {
        let sql = "INSERT INTO till_orphan VALUES ($1, $2, 1) ON CONFLICT (external_id) \
                   DO UPDATE SET at_ms = EXCLUDED.at_ms, times = till_orphan.times + 1";
        self.session.rows(sql, &[&plain(id), &now_ms]).await?;
        let sql = "DELETE FROM till_orphan WHERE external_id NOT IN \
                   (SELECT external_id FROM till_orphan ORDER BY at_ms DESC LIMIT $1)";
        self.session.rows(sql, &[&ORPHANS_MAX]).await?;
        Ok(())
    }

    pub(super) async fn orphans(&self) -> Result<u64, StoreError> {
        let rows = self.session.rows("SELECT count(*) FROM till_orphan", &[]).await?;
        let count: i64 = match rows.first() {
            Some(row) => row.try_get(0)?,
            None => 0,
        };
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        // Nothing that is done under this lock can leave a half-changed value behind.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn holder(row: &Row) -> Result<Holder, StoreError> {
    let role: &str = row.try_get(1)?;
    let role = Role::of(role);
    let (name, created_ms, revoked_ms) = (row.try_get(0)?, row.try_get(2)?, row.try_get(3)?);
    Ok(Holder { name, role, created_ms, revoked_ms })
}

/// Gives an id from outside without what the database does not take.
fn plain(id: &ExternalId) -> String {
    id.as_str().replace('\0', "\u{fffd}")
}
