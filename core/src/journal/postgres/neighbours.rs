//! What processes on one database ask of each other: who drives a payment, and to do something with
//! what they drive.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::lease::{self, Identity};
use super::link::Fail;
use super::session::Session;
use super::text::escape;
use crate::id::{Caller, ExternalId, OperationId, RequestId};
use crate::journal::JournalError;
use crate::operation::Action;

/// How often answers are looked for where nobody notifies of them.
const LOOK: Duration = Duration::from_millis(200);

/// How often they are looked for beside the notifications, which a broken connection loses.
const LOOK_ANYWAY: Duration = Duration::from_secs(1);

/// Is the other processes of a database, for one of them; clones are the same.
///
/// Its methods belong to one runtime: that of the first call.
#[derive(Clone)]
pub struct Neighbours {
    session: Session,
    identity: Arc<Identity>,
    woken: Arc<Notify>,
    /// Who waits for the answer to which wish.
    asking: Arc<Mutex<BTreeMap<i64, oneshot::Sender<String>>>>,
    listen: bool,
}

/// Says who drives a payment and its refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This process.
    Me,
    /// Another one, by its number.
    Other(i64),
}

/// Is where an operation belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The payment and its refunds, which one process drives.
    pub family: String,
    /// The process that drives it, by its number; `None`: none that lives.
    pub owner: Option<i64>,
    /// Whether something of the family still needs driving.
    pub open: bool,
    /// Whether the operation itself does.
    pub pending: bool,
    /// How many events it has.
    pub events: i64,
}

/// Is something that another process asks this one for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Its number, for the answer.
    pub id: i64,
    /// What is asked.
    pub request: String,
}

impl Neighbours {
    pub(super) fn new(session: Session, identity: Arc<Identity>, listen: bool) -> Self {
        Self { session, identity, woken: Arc::default(), asking: Arc::default(), listen }
    }

    /// Gives the number of this process.
    pub fn me(&self) -> i64 {
        self.identity.id()
    }

    /// Tells whether the lease surely holds, by this process's own clock.
    pub async fn is_fresh(&self) -> bool {
        let now_ms = self.session.line().lock().await.now_ms();
        self.identity.is_fresh(now_ms)
    }

    /// Tells whether the database notifies.
    pub fn listens(&self) -> bool {
        self.listen
    }

    /// Finds an operation.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn place_of(&self, id: &OperationId) -> Result<Option<Place>, JournalError> {
        self.place("o.id = $1", &[&escape(id.as_str())]).await
    }

    /// Finds the operation with this name at the bank.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn place_at_bank(&self, id: &ExternalId) -> Result<Option<Place>, JournalError> {
        self.place("o.external_id = $1", &[&escape(id.as_str())]).await
    }

    /// Finds the newest operation of a request.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn place_of_request(
        &self,
        caller: &Caller,
        action: Action,
        id: &RequestId,
    ) -> Result<Option<Place>, JournalError> {
        let keys = (escape(id.as_str()), action.as_str(), escape(caller.as_str()));
        let fits = "o.request_id = $1 AND o.action = $2 AND o.caller = $3";
        self.place(fits, &[&keys.0, &keys.1, &keys.2]).await
    }

    async fn place(
        &self,
        fits: &str,
        keys: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Place>, JournalError> {
        let sql = format!(
            "SELECT o.family, p.id, o.events, o.open = 1, EXISTS \
             (SELECT 1 FROM till_operation x WHERE x.family = o.family AND x.open = 1) \
             FROM till_operation o JOIN till_family f ON f.name = o.family \
             LEFT JOIN till_process p ON p.id = f.owner \
             WHERE {fits} ORDER BY o.number DESC LIMIT 1"
        );
        let rows = self.session.rows(&sql, keys).await?;
        let place = |row: &Row| {
            let (family, owner) = (row.try_get(0)?, row.try_get(1)?);
            let (events, pending, open) = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
            Ok(Place { family, owner, open, pending, events })
        };
        self.session.named(rows.first().map(place).transpose())
    }

    /// Gives the family of a payment that is not there yet.
    pub fn family_of_new(id: &OperationId) -> String {
        escape(id.as_str())
    }

    /// Gives the family of a payment that no process here took.
    pub fn family_of_foreign(id: &ExternalId) -> String {
        format!("foreign:{}", escape(id.as_str()))
    }

    /// Makes a family this process's, unless a living one has it.
    ///
    /// # Errors
    /// The database cannot be reached, or this process was taken for dead.
    pub async fn claim(&self, family: &str) -> Result<Owner, JournalError> {
        let me = self.me();
        let owner = self.session.named(lease::claim(&self.session, me, family).await)?;
        Ok(if owner == me { Owner::Me } else { Owner::Other(owner) })
    }

    /// Asks the process `owner` for something; `None` if it died before it answered: then it did
    /// not do it, or what it did is in the journal.
    ///
    /// # Errors
    /// The database cannot be reached, or the owner lives and does not answer in time.
    pub async fn ask(
        &self,
        owner: i64,
        request: &str,
        patience: Duration,
    ) -> Result<Option<String>, JournalError> {
        let until = tokio::time::Instant::now() + patience;
        let id = self.post(owner, request).await?;
        let (told, mut answer) = oneshot::channel();
        self.asking().insert(id, told);
        let _forgotten = Forgets { neighbours: self, id };
        loop {
            tokio::select! {
                Ok(answer) = &mut answer => return Ok(Some(answer)),
                () = self.rest() => {}
            }
            let sql = "SELECT w.answer, EXISTS (SELECT 1 FROM till_process p WHERE p.id = w.owner) \
                       FROM till_wish w WHERE w.id = $1";
            let rows = self.session.rows(sql, &[&id]).await?;
            let Some(row) = rows.first() else {
                // Gone with its owner, unless it was just gathered.
                return Ok(answer.try_recv().ok());
            };
            let stored: Option<String> = self.session.named(row.try_get(0).map_err(Fail::from))?;
            let lives: bool = self.session.named(row.try_get(1).map_err(Fail::from))?;
            if stored.is_some() || !lives {
                self.done(id).await?;
                return Ok(stored.map(|text| plain(&text)));
            }
            if tokio::time::Instant::now() >= until {
                // Whoever reads it from now on finds nothing to do.
                self.done(id).await?;
                let text = format!("process {owner} of the gateway does not answer; ask again");
                return Err(JournalError::Unavailable(text));
            }
        }
    }

    /// Asks the process `owner` for something, and waits for no answer: it forgets the wish
    /// ([`Neighbours::done`]) once it has done it. Gives the wish's number.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn post(&self, owner: i64, request: &str) -> Result<i64, JournalError> {
        let sql = self.telling(
            "WITH made AS (INSERT INTO till_wish (asker, owner, request) \
             VALUES ($1, $2, $3) RETURNING id, owner) SELECT id, {owner} FROM made",
        );
        let rows = self.session.rows(&sql, &[&self.me(), &owner, &escape(request)]).await?;
        self.session.named(first(&rows))
    }

    /// Gives what others ask this process for, oldest first, but for these, which it does already.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn wishes(&self, but: &[i64]) -> Result<Vec<Wish>, JournalError> {
        let sql = "SELECT id, request FROM till_wish WHERE owner = $1 AND answer IS NULL \
                   AND id <> ALL($2) ORDER BY id LIMIT 256";
        let rows = self.session.rows(sql, &[&self.me(), &but]).await?;
        let wish = |row: &Row| {
            let (id, request): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
            Ok(Wish { id, request: plain(&request) })
        };
        self.session.named(rows.iter().map(wish).collect())
    }

    /// Answers what another process asked for.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn answer(&self, id: i64, answer: &str) -> Result<(), JournalError> {
        let sql = self.telling(
            "WITH done AS (UPDATE till_wish SET answer = $2 WHERE id = $1 \
             RETURNING id, asker AS owner) SELECT id, {owner} FROM done",
        );
        self.session.rows(&sql, &[&id, &escape(answer)]).await.map(|_| ())
    }

    /// Forgets a wish that nobody waits for.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn done(&self, id: i64) -> Result<(), JournalError> {
        self.session.rows("DELETE FROM till_wish WHERE id = $1", &[&id]).await.map(|_| ())
    }

    /// Gathers the answers to what this process asked for, and gives each to who waits for it:
    /// [`super::News::Wish`] was heard.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn gather(&self) -> Result<(), JournalError> {
        let ids: Vec<i64> = self.asking().keys().copied().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let sql = "DELETE FROM till_wish WHERE id = ANY($1) AND answer IS NOT NULL \
                   RETURNING id, answer";
        for row in self.session.rows(sql, &[&ids]).await? {
            let told = || Ok((row.try_get(0)?, row.try_get(1)?));
            let (id, answer): (i64, String) = self.session.named(told())?;
            if let Some(waits) = self.asking().remove(&id) {
                let _gone = waits.send(plain(&answer));
            }
        }
        Ok(())
    }

    /// Gives how many events these operations have now, in no order.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn events_of(
        &self,
        ids: &[OperationId],
    ) -> Result<Vec<(OperationId, i64)>, JournalError> {
        let ids: Vec<String> = ids.iter().map(|id| escape(id.as_str())).collect();
        let sql = "SELECT id, events FROM till_operation WHERE id = ANY($1::text[])";
        let rows = self.session.rows(sql, &[&ids]).await?;
        let counted = |row: &Row| {
            let (id, events): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            Ok((OperationId::new(plain(&id)), events))
        };
        self.session.named(rows.iter().map(counted).collect())
    }

    /// Counts the processes that live; tells whether this one is the oldest of them.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn processes(&self) -> Result<(i64, bool), JournalError> {
        let sql = "SELECT count(*), coalesce(min(id) = $1, false) FROM till_process";
        let rows = self.session.rows(sql, &[&self.me()]).await?;
        let counted = |row: &Row| Ok((row.try_get(0)?, row.try_get(1)?));
        let counted = self.session.named(rows.first().map(counted).transpose())?;
        Ok(counted.unwrap_or((0, false)))
    }

    /// Forgets what was asked by processes that are gone, and of those.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn sweep(&self) -> Result<(), JournalError> {
        let sql = "DELETE FROM till_wish w WHERE \
                   NOT EXISTS (SELECT 1 FROM till_process p WHERE p.id = w.asker) \
                   OR (made_at < now() - interval '1 minute' AND (answer IS NOT NULL \
                   OR NOT EXISTS (SELECT 1 FROM till_process p WHERE p.id = w.owner)))";
        self.session.rows(sql, &[]).await.map(|_| ())
    }

    /// Lets each look by itself who waits for an answer.
    pub fn wake(&self) {
        self.woken.notify_waiters();
    }

    async fn rest(&self) {
        let pause = if self.listen { LOOK_ANYWAY } else { LOOK };
        let _woken_or_not = tokio::time::timeout(pause, self.woken.notified()).await;
    }

    /// Puts into a statement that `owner` is told to look; lost notifications only cost time.
    fn telling(&self, sql: &str) -> String {
        let tell = if self.listen { "pg_notify('till_wish', owner::text)" } else { "owner" };
        sql.replace("{owner}", tell)
    }

    fn asking(&self) -> MutexGuard<'_, BTreeMap<i64, oneshot::Sender<String>>> {
        // Nothing that is done under this lock can leave a half-changed value behind.
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets nobody wait for an answer whose caller is gone.
struct Forgets<'a> {
    neighbours: &'a Neighbours,
    id: i64,
}

impl Drop for Forgets<'_> {
    fn drop(&mut self) {
        self.neighbours.asking().remove(&self.id);
    }
}

impl fmt::Debug for Neighbours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Neighbours").field("identity", &self.identity).finish_non_exhaustive()
    }
}

fn first(rows: &[Row]) -> Result<i64, Fail> {
    match rows.first() {
        Some(row) => Ok(row.try_get(0)?),
        None => Err(Fail::Told("gave a wish no number".to_owned())),
    }
}

/// Reads a text that this Till wrote; one that it did not write stays as it is.
fn plain(text: &str) -> String {
    super::text::unescape(text).map_or_else(|| text.to_owned(), std::borrow::Cow::into_owned)
}
