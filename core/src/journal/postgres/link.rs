//! The connection: on a thread of its own, since the journal's callers block, and patient, since a
//! database may be started anew.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::address::Address;
use crate::journal::JournalError;
use crate::time::Clock;

/// How long to wait before a connection is tried again, in milliseconds.
const RETRY_MS: u64 = 100;

/// How long one try for a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// Says why the database did not do what it was asked.
#[derive(Debug)]
pub(super) enum Fail {
    /// There is no connection, and nothing was sent.
    NoConnection(String),
    /// The connection broke; what was sent may have been done.
    Broken(String),
    /// Two transactions were in each other's way; this one was not done.
    Again(String),
    /// It contradicts what is there; it was not done.
    Refused(String),
    /// It was refused for a reason that says what to do.
    Told(String),
    /// This is damaged.
    Damaged(String),
    /// A newer Till wrote it.
    Newer(String),
    /// This process was taken for dead.
    TakenOver,
    /// The connection broke, and nobody knows whether the write was done.
    Unsure(String),
}

/// Is one connection, made again when it breaks.
pub(super) struct Line {
    address: Address,
    client: Option<Arc<Client>>,
    statements: BTreeMap<String, Statement>,
    clock: Clock,
    /// How long a database that is away is waited for.
    pub(super) patience_ms: u64,
    /// What each new connection is told first.
    pub(super) greeting: Option<&'static str>,
}

type Job = Box<dyn FnOnce(&Runtime, &mut Line) + Send>;

/// Is the thread with the connection.
pub(super) struct Link {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Link {
    pub(super) fn new(address: Address, patience_ms: u64) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (jobs, inbox) = mpsc::channel::<Job>();
        let mut line = Line::new(address, patience_ms);
        let work = move || {
            while let Ok(job) = inbox.recv() {
                job(&runtime, &mut line);
            }
        };
        let thread = std::thread::Builder::new().name("till-postgres".to_owned()).spawn(work)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Does something with the connection, and waits for it.
    pub(super) fn run<R: Send + 'static>(
        &self,
        job: impl AsyncFnOnce(&mut Line) -> Result<R, Fail> + Send + 'static,
    ) -> Result<R, Fail> {
        let gone = || Fail::NoConnection("its thread has ended".to_owned());
        let (reply, answer) = mpsc::channel();
        let job: Job = Box::new(move |runtime, line| {
            let _gone = reply.send(runtime.block_on(job(line)));
        });
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(job).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

impl Line {
    pub(super) fn new(address: Address, patience_ms: u64) -> Self {
        let (client, statements) = (None, BTreeMap::new());
        let clock = Clock::new();
        Self { address, client, statements, clock, patience_ms, greeting: None }
    }

    pub(super) fn now_ms(&self) -> u64 {
        self.clock.now().boot_ms
    }

    /// Asks once.
    pub(super) async fn ask(
        &mut self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Fail> {
        let (client, statement) = self.prepared(sql).await?;
        let answer = client.query(&statement, params).await;
        self.noted(answer)
    }

    /// Runs statements without parameters and answers.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<(), Fail> {
        self.connect().await?;
        let Some(client) = &self.client else {
            return Err(Fail::NoConnection("it is away".to_owned()));
        };
        let answer = client.batch_execute(sql).await;
        self.noted(answer)
    }

    /// Asks a question that changes nothing, over breaks of the connection.
    pub(super) async fn read(
        &mut self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Fail> {
        let until = self.now_ms().saturating_add(self.patience_ms);
        loop {
            match self.ask(sql, params).await {
                Err(Fail::NoConnection(_) | Fail::Broken(_) | Fail::Again(_))
                    if self.now_ms() < until =>
                {
                    pause().await;
                }
                other => return other,
            }
        }
    }

    pub(super) fn database(&self) -> &Arc<str> {
        &self.address.database
    }

    /// Makes a statement ready, on a connection that several may use at once.
    pub(super) async fn prepared(&mut self, sql: &str) -> Result<(Arc<Client>, Statement), Fail> {
        self.connect().await?;
        let Some(client) = self.client.clone() else {
            return Err(Fail::NoConnection("it is away".to_owned()));
        };
        if let Some(known) = self.statements.get(sql) {
            return Ok((client, known.clone()));
        }
        let made = client.prepare(sql).await;
        // Nothing of the statement itself was sent yet.
        let made = self.noted(made).map_err(|fail| {
            if matches!(fail, Fail::Broken(_)) { Fail::NoConnection(fail.words()) } else { fail }
        })?;
        self.statements.insert(sql.to_owned(), made.clone());
        Ok((client, made))
    }

    async fn connect(&mut self) -> Result<(), Fail> {
        if self.client.as_ref().is_some_and(|client| !client.is_closed()) {
            return Ok(());
        }
        self.client = None;
        self.statements.clear();
        let connected = tokio::time::timeout(CONNECT, self.address.connect()).await;
        let (client, connection) = match connected {
            Ok(Ok(connected)) => connected,
            Ok(Err(error)) => {
                let fail = sort(&error);
                let told = matches!(fail, Fail::Told(_));
                return Err(if told { fail } else { Fail::NoConnection(fail.words()) });
            }
            Err(_) => return Err(Fail::NoConnection("it does not answer".to_owned())),
        };
        // Its error reaches whoever asks next.
        tokio::spawn(async move {
            let _broken = connection.await;
        });
        if let Some(greeting) = self.greeting {
            let greeted = client.batch_execute(greeting).await;
            greeted.map_err(|error| Fail::NoConnection(sort(&error).words()))?;
        }
        self.client = Some(Arc::new(client));
        Ok(())
    }

    fn noted<T>(&mut self, answer: Result<T, tokio_postgres::Error>) -> Result<T, Fail> {
        answer.map_err(|error| {
            let fail = sort(&error);
            if matches!(fail, Fail::Broken(_)) {
                self.client = None;
            }
            fail
        })
    }
}

impl Fail {
    /// Puts the database's name and what to do on it.
    pub(super) fn name(self, database: &str) -> JournalError {
        match self {
            Self::NoConnection(why) | Self::Broken(why) => JournalError::Unavailable(format!(
                "the database {database} cannot be reached; check that it runs ({why})"
            )),
            Self::Again(why) => JournalError::Unavailable(format!(
                "the database {database} is too busy; try again ({why})"
            )),
            Self::Told(why) => JournalError::Unavailable(format!("the database {database} {why}")),
            Self::Refused(why) => JournalError::Conflict(format!("database {database}: {why}")),
            Self::Damaged(why) => JournalError::Damaged(format!(
                "the journal in the database {database} is damaged: {why}; it is kept as it is: \
                 make a copy of it, and have it looked at"
            )),
            Self::Newer(why) => JournalError::Newer(format!(
                "the journal in the database {database} was written by a newer Till ({why}); \
                 update this one"
            )),
            Self::TakenOver => JournalError::TakenOver(format!(
                "this process did not renew its lease in the database {database} in time; another \
                 one goes on with its operations"
            )),
            Self::Unsure(why) => JournalError::Unsure(format!(
                "the database {database} went away before it said whether it wrote; look at the \
                 operation again later ({why})"
            )),
        }
    }

    fn words(self) -> String {
        match self {
            Self::NoConnection(why)
            | Self::Broken(why)
            | Self::Again(why)
            | Self::Refused(why)
            | Self::Told(why)
            | Self::Damaged(why)
            | Self::Newer(why)
            | Self::Unsure(why) => why,
            Self::TakenOver => "taken over".to_owned(),
        }
    }
}

/// Waits before the next try.
pub(super) async fn pause() {
    tokio::time::sleep(Duration::from_millis(RETRY_MS)).await;
}

/// A value that is not of the kind that its column has.
impl From<tokio_postgres::Error> for Fail {
    fn from(error: tokio_postgres::Error) -> Self {
        sort(&error)
    }
}

pub(super) fn sort(error: &tokio_postgres::Error) -> Fail {
    let Some(told) = error.as_db_error() else {
        let inner = std::error::Error::source(error).map(|inner| format!(": {inner}"));
        let text = format!("{error}{}", inner.unwrap_or_default());
        if text.contains("invalid peer certificate") {
            let why = "shows a certificate that is not trusted; name its root with sslrootcert";
            return Fail::Told(format!("{why} ({text})"));
        }
        if text.contains("password missing") {
            return Fail::Told("wants a password, and none is configured".to_owned());
        }
        if text.contains("server does not support TLS") {
            return Fail::Told("does not speak TLS; sslmode asks for it".to_owned());
        }
        // What could not be read is no break of the connection.
        let kind = error.to_string();
        return if kind.starts_with("error retrieving column") || kind.starts_with("invalid column")
        {
            Fail::Damaged(text)
        } else {
            Fail::Broken(text)
        };
    };
    let text = told.message().to_owned();
    let code = told.code();
    match code.code().get(..2) {
        _ if *code == SqlState::UNIQUE_VIOLATION || *code == SqlState::DIVISION_BY_ZERO => {
            Fail::Refused(text)
        }
        Some("08" | "57") => Fail::Broken(text),
        Some("40" | "55") => Fail::Again(text),
        Some("53") => {
            Fail::Told(format!("lacks room or connections; give it more and try again ({text})"))
        }
        _ if *code == SqlState::INVALID_CATALOG_NAME => {
            Fail::Told(format!("is not there; make it with ENCODING 'UTF8' ({text})"))
        }
        Some("28") => {
            Fail::Told(format!("does not let this user in; correct the configuration ({text})"))
        }
        Some("25") => Fail::Told(format!("cannot be written here; name its primary ({text})")),
        _ => Fail::Told(format!("refuses ({}: {text})", code.code())),
    }
}
