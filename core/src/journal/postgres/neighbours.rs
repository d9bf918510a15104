//! What processes on one database ask of each other: who drives a payment, and to do something with
//! what they drive.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};

use super::lease::{self, Identity};
use super::link::{Fail, Line};
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
    line: Arc<Mutex<Line>>,
    identity: Arc<Identity>,
    database: Arc<str>,
    woken: Arc<Notify>,
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

/// Is something that another process asks this one for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Its number, for the answer.
    pub id: i64,
    /// What is asked.
    pub request: String,
}

impl Neighbours {
    pub(super) fn new(line: Line, identity: Arc<Identity>, database: &str, listen: bool) -> Self {
        let (line, woken) = (Arc::new(Mutex::new(line)), Arc::new(Notify::new()));
        Self { line, identity, database: database.into(), woken, listen }
    }

    /// Gives the number of this process.
    pub fn me(&self) -> i64 {
        self.identity.id()
    }

    /// Gives the family of a known operation.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn family_of(&self, id: &OperationId) -> Result<Option<String>, JournalError> {
        let sql = "SELECT family FROM till_operation WHERE id = $1";
        self.family(sql, escape(id.as_str())).await
    }

    /// Gives the family of the operation with this name at the bank.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn family_at_bank(&self, id: &ExternalId) -> Result<Option<String>, JournalError> {
        let sql = "SELECT family FROM till_operation WHERE external_id = $1";
        self.family(sql, escape(id.as_str())).await
    }

    /// Gives the family of the newest operation of a request.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn family_of_request(
        &self,
        caller: &Caller,
        action: Action,
        id: &RequestId,
    ) -> Result<Option<String>, JournalError> {
        let sql = "SELECT family FROM till_operation WHERE request_id = $1 AND action = $2 \
                   AND caller = $3 ORDER BY number DESC LIMIT 1";
        let keys = (escape(id.as_str()), action.as_str(), escape(caller.as_str()));
        let rows = self.read(sql, &[&keys.0, &keys.1, &keys.2]).await?;
        match rows.first() {
            Some(row) => self.named(row.try_get(0).map_err(Fail::from)).map(Some),
            None => Ok(None),
        }
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
        let mut line = self.line.lock().await;
        let owner = self.named(lease::claim(&mut line, me, family).await)?;
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
        let sql = "WITH made AS (INSERT INTO till_wish (asker, owner, request) \
                   VALUES ($1, $2, $3) RETURNING id) SELECT id FROM made";
        let rows = self.read(sql, &[&self.me(), &owner, &escape(request)]).await?;
        let id: i64 = self.named(first(&rows))?;
        self.notify(owner).await;
        let until = tokio::time::Instant::now() + patience;
        loop {
            self.rest().await;
            let sql = "SELECT w.answer, EXISTS (SELECT 1 FROM till_process p WHERE p.id = w.owner) \
                       FROM till_wish w WHERE w.id = $1";
            let rows = self.read(sql, &[&id]).await?;
            let Some(row) = rows.first() else { return Ok(None) };
            let answer: Option<String> = self.named(row.try_get(0).map_err(Fail::from))?;
            let lives: bool = self.named(row.try_get(1).map_err(Fail::from))?;
            if answer.is_some() || !lives {
                self.read("DELETE FROM till_wish WHERE id = $1", &[&id]).await?;
                return Ok(answer.map(|text| plain(&text)));
            }
            if tokio::time::Instant::now() >= until {
                // Whoever reads it from now on finds nothing to do.
                self.read("DELETE FROM till_wish WHERE id = $1", &[&id]).await?;
                let text = format!("process {owner} of the gateway does not answer; ask again");
                return Err(JournalError::Unavailable(text));
            }
        }
    }

    /// Gives what others ask this process for, oldest first.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn wishes(&self) -> Result<Vec<Wish>, JournalError> {
        let sql = "SELECT id, request FROM till_wish WHERE owner = $1 AND answer IS NULL \
                   ORDER BY id LIMIT 256";
        let rows = self.read(sql, &[&self.me()]).await?;
        let wish = |row: &tokio_postgres::Row| {
            let (id, request): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
            Ok(Wish { id, request: plain(&request) })
        };
        self.named(rows.iter().map(wish).collect())
    }

    /// Answers what another process asked for.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn answer(&self, id: i64, answer: &str) -> Result<(), JournalError> {
        let sql = "UPDATE till_wish SET answer = $2 WHERE id = $1 RETURNING asker";
        let rows = self.read(sql, &[&id, &escape(answer)]).await?;
        if let Some(row) = rows.first() {
            let asker: i64 = self.named(row.try_get(0).map_err(Fail::from))?;
            self.notify(asker).await;
        }
        Ok(())
    }

    /// Gives those of these operations that are not as they were, with how many events they have
    /// now: for a database that notifies nobody.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn events_of(
        &self,
        ids: &[OperationId],
    ) -> Result<Vec<(OperationId, i64)>, JournalError> {
        let ids: Vec<String> = ids.iter().map(|id| escape(id.as_str())).collect();
        let sql = "SELECT id, events FROM till_operation WHERE id = ANY($1::text[])";
        let rows = self.read(sql, &[&ids]).await?;
        let counted = |row: &tokio_postgres::Row| {
            let (id, events): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            Ok((OperationId::new(plain(&id)), events))
        };
        self.named(rows.iter().map(counted).collect())
    }

    /// Forgets what was asked by processes that are gone.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn sweep(&self) -> Result<(), JournalError> {
        let sql = "DELETE FROM till_wish w WHERE \
                   NOT EXISTS (SELECT 1 FROM till_process p WHERE p.id = w.asker)";
        self.read(sql, &[]).await.map(|_| ())
    }

    /// Lets those look who wait for an answer: [`super::News::Wish`] was heard.
    pub fn wake(&self) {
        self.woken.notify_waiters();
    }

    async fn rest(&self) {
        let pause = if self.listen { LOOK_ANYWAY } else { LOOK };
        let _woken_or_not = tokio::time::timeout(pause, self.woken.notified()).await;
    }

    /// Tells a process to look; lost notifications only cost time.
    async fn notify(&self, process: i64) {
        if self.listen {
            let sql = "SELECT pg_notify('till_wish', $1::text)";
            let _later = self.read(sql, &[&process.to_string()]).await;
        }
    }

    async fn family(&self, sql: &str, key: String) -> Result<Option<String>, JournalError> {
        let rows = self.read(sql, &[&key]).await?;
        match rows.first() {
            Some(row) => self.named(row.try_get(0).map_err(Fail::from)).map(Some),
            None => Ok(None),
        }
    }

    async fn read(
        &self,
        sql: &str,
        params: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<Vec<tokio_postgres::Row>, JournalError> {
        let mut line = self.line.lock().await;
        self.named(line.read(sql, params).await)
    }

    fn named<T>(&self, outcome: Result<T, Fail>) -> Result<T, JournalError> {
        outcome.map_err(|fail| fail.name(&self.database))
    }
}

impl fmt::Debug for Neighbours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Neighbours").field("identity", &self.identity).finish_non_exhaustive()
    }
}

fn first(rows: &[tokio_postgres::Row]) -> Result<i64, Fail> {
    match rows.first() {
        Some(row) => Ok(row.try_get(0)?),
        None => Err(Fail::Told("gave a wish no number".to_owned())),
    }
}

/// Reads a text that this Till wrote; one that it did not write stays as it is.
fn plain(text: &str) -> String {
    super::text::unescape(text).map_or_else(|| text.to_owned(), std::borrow::Cow::into_owned)
}
