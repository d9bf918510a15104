//! Which process drives what: a process lives while it renews its lease, and drives the families
//! that it owns.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use super::link::{Fail, Line, pause};
use super::session::Session;

/// The most families that one look takes over: the rest is left for others, and for the next look.
const MOST: i64 = 1_000;

/// Deletes processes whose time ran out, unless the database itself is hardly up: then they had no
/// chance to renew it.
const REAP: &str = "
DELETE FROM till_process WHERE id IN (
    SELECT id FROM till_process
    WHERE expires_at < now()
        AND pg_postmaster_start_time() < now() - make_interval(secs => $1)
    FOR UPDATE SKIP LOCKED
) RETURNING id";

/// Takes families over whose process is gone and that have something open.
const TAKE: &str = "
WITH lives AS MATERIALIZED (
    SELECT id FROM till_process WHERE id = $1 FOR KEY SHARE
), found AS MATERIALIZED (
    SELECT f.name FROM till_family f, lives
    WHERE NOT EXISTS (SELECT 1 FROM till_process p WHERE p.id = f.owner)
        AND EXISTS (SELECT 1 FROM till_operation o WHERE o.family = f.name AND o.open = 1)
    LIMIT $2
    FOR UPDATE OF f SKIP LOCKED
)
UPDATE till_family f SET owner = l.id FROM found, lives l WHERE f.name = found.name
RETURNING f.name";

/// Claims one family, if nobody who lives has it; gives who has it then.
const CLAIM: &str = "
WITH lives AS MATERIALIZED (
    SELECT id FROM till_process WHERE id = $1 FOR KEY SHARE
), claimed AS (
    INSERT INTO till_family AS f (name, owner) SELECT $2, id FROM lives
    ON CONFLICT (name) DO UPDATE SET owner = CASE
        WHEN EXISTS (SELECT 1 FROM till_process p WHERE p.id = f.owner) THEN f.owner
        ELSE EXCLUDED.owner END
    RETURNING owner
)
SELECT owner, set_config('synchronous_commit', 'off', true) FROM claimed";

/// Is what the threads of one process know of its lease.
#[derive(Debug)]
pub(super) struct Identity {
    id: AtomicI64,
    taken_over: AtomicBool,
    /// When the lease was last renewed, on the boot clock.
    renewed_ms: AtomicU64,
    pub(super) lease_ms: u64,
    pub(super) name: String,
}

impl Identity {
    pub(super) fn new(name: String, lease_ms: u64) -> Arc<Self> {
        Arc::new(Self {
            id: AtomicI64::new(0),
            taken_over: AtomicBool::new(true),
            renewed_ms: AtomicU64::new(0),
            lease_ms,
            name,
        })
    }

    /// Gives the number of this process; another one after it was taken for dead.
    pub(super) fn id(&self) -> i64 {
        self.id.load(Ordering::SeqCst)
    }

    /// Tells whether another process took this one for dead.
    pub(super) fn is_taken_over(&self) -> bool {
        self.taken_over.load(Ordering::SeqCst)
    }

    pub(super) fn note_taken_over(&self, id: i64) {
        if self.id() == id {
            self.taken_over.store(true, Ordering::SeqCst);
        }
    }

    /// Tells whether the lease surely holds, by this process's own clock.
    pub(super) fn is_fresh(&self, now_ms: u64) -> bool {
        let renewed = self.renewed_ms.load(Ordering::SeqCst);
        !self.is_taken_over() && now_ms < renewed.saturating_add(self.lease_ms)
    }

    fn seconds(&self) -> f64 {
        std::time::Duration::from_millis(self.lease_ms).as_secs_f64()
    }
}

/// Enters this process among the living, under a number that no other ever had.
pub(super) async fn register(line: &mut Line, identity: &Identity) -> Result<(), Fail> {
    let before_ms = line.now_ms();
    let sql = "INSERT INTO till_process (name, expires_at) \
               VALUES ($1, now() + make_interval(secs => $2)) RETURNING id";
    let made = line.read(sql, &[&identity.name, &identity.seconds()]).await?;
    let Some(row) = made.first() else {
        return Err(Fail::Told("gave this process no number".to_owned()));
    };
    identity.id.store(row.try_get(0)?, Ordering::SeqCst);
    identity.renewed_ms.store(before_ms, Ordering::SeqCst);
    identity.taken_over.store(false, Ordering::SeqCst);
    Ok(())
}

/// Renews the lease; false if this process was taken for dead.
pub(super) async fn renew(line: &mut Line, identity: &Identity) -> Result<bool, Fail> {
    let (id, before_ms) = (identity.id(), line.now_ms());
    let sql = "UPDATE till_process SET expires_at = now() + make_interval(secs => $2) \
               WHERE id = $1 RETURNING id";
    let renewed = line.ask(sql, &[&id, &identity.seconds()]).await?;
    if renewed.is_empty() {
        identity.note_taken_over(id);
        return Ok(false);
    }
    identity.renewed_ms.store(before_ms, Ordering::SeqCst);
    Ok(true)
}

/// Leaves: others need not wait for the lease to run out.
pub(super) async fn leave(line: &mut Line, id: i64) -> Result<(), Fail> {
    line.ask("DELETE FROM till_process WHERE id = $1", &[&id]).await.map(|_| ())
}

/// Deletes the processes whose lease ran out; gives how many.
pub(super) async fn reap(line: &mut Line, identity: &Identity) -> Result<usize, Fail> {
    Ok(line.ask(REAP, &[&identity.seconds()]).await?.len())
}

/// Tells whether something open has no living process.
pub(super) async fn are_orphans(line: &mut Line) -> Result<bool, Fail> {
    let sql = "SELECT 1 FROM till_operation o JOIN till_family f ON f.name = o.family \
               WHERE o.open = 1 \
                   AND NOT EXISTS (SELECT 1 FROM till_process p WHERE p.id = f.owner) LIMIT 1";
    Ok(!line.ask(sql, &[]).await?.is_empty())
}

/// Takes over what is open and has no living process.
pub(super) async fn take(line: &mut Line, id: i64) -> Result<(), Fail> {
    let until = line.now_ms().saturating_add(line.patience_ms);
    loop {
        match line.ask(TAKE, &[&id, &MOST]).await {
            Ok(taken) if i64::try_from(taken.len()).unwrap_or(MOST) < MOST => return Ok(()),
            Ok(_) => {}
            Err(Fail::NoConnection(_) | Fail::Broken(_) | Fail::Again(_))
                if line.now_ms() < until =>
            {
                pause().await;
            }
            Err(fail) => return Err(fail),
        }
    }
}

/// Claims a family for the process `id`; gives the number of who has it now.
pub(super) async fn claim(session: &Session, id: i64, family: &str) -> Result<i64, Fail> {
    let found = session.ask(CLAIM, &[&id, &family]).await?;
    match found.first() {
        Some(row) => Ok(row.try_get(0)?),
        None => Err(Fail::TakenOver),
    }
}
