//! All that the gateway does with operations. Where several processes share a journal, this is the
//! place that knows it; the rest of the gateway does not.

use std::sync::Arc;
use std::time::Duration;

use till_core::engine::{Act, Named, Tally, Told, View, Whose};
use till_core::id::{Caller, ExternalId, OperationId};
use till_core::intent::Request;
use till_core::journal::{Journal, JournalError, PostgresJournal};
use till_core::operation::{HandOver, State, Verdict};
use till_core::rail::gateway::wire::{OrderBody, Standing, ViewBody, is_news};
use till_core::settings::Settings;
use till_core::terminal::{Bridge, Line, StartError, Stopped, Terminal, Watcher};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::body::{self, Refused};
use crate::cluster::{Cluster, PATIENCE, Where};
use crate::hub::Hub;

/// How long to wait before something that did not find its process is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// How long the core may take to say how it is.
const QUICK: Duration = Duration::from_secs(2);

/// Drives the operations of all terminals.
#[derive(Clone)]
pub struct Till {
    terminal: Terminal,
    hub: Arc<Hub>,
    leaving: watch::Sender<bool>,
    cluster: Option<Arc<Cluster>>,
}

/// Says what a caller waits for.
#[derive(Clone, Debug)]
pub(crate) enum Until {
    /// Something else than what it saw.
    News(String),
    /// Something else than what it finds, unless that is the end.
    Change,
    /// The code, or the end.
    Shown,
    /// The end, or a doubt.
    Settled,
    /// Anything but a doubt.
    Decided,
}

/// Is an order, as it came and as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Ordered {
    pub(crate) body: OrderBody,
    pub(crate) request: Request,
}

impl Till {
    /// Starts on what the journal holds: open operations go on at once.
    ///
    /// # Errors
    /// The journal cannot be read, or the system refuses a thread.
    pub fn start(
        settings: Settings,
        journal: Box<dyn Journal>,
        lines: Vec<Line>,
    ) -> Result<Self, StartError> {
        Self::start_with(settings, journal, lines, None)
    }

    /// Starts as one of several processes on one database.
    ///
    /// # Errors
    /// The journal cannot be read, or the system refuses a thread.
    pub fn share(
        settings: Settings,
        mut journal: PostgresJournal,
        lines: Vec<Line>,
    ) -> Result<Self, StartError> {
        let cluster = Arc::new(Cluster::new(&mut journal));
        Self::start_with(settings, Box::new(journal), lines, Some(cluster))
    }

    fn start_with(
        settings: Settings,
        journal: Box<dyn Journal>,
        lines: Vec<Line>,
        cluster: Option<Arc<Cluster>>,
    ) -> Result<Self, StartError> {
        let settings = Settings { callers_are_terminals: true, ..settings };
        let hub = Arc::new(Hub::default());
        let bridge: Arc<dyn Bridge> = hub.clone();
        let watcher: Arc<dyn Watcher> = hub.clone();
        let terminal =
            Terminal::start_watched(settings, journal, lines, Some(bridge), Some(watcher))?;
        Ok(Self { terminal, hub, leaving: watch::Sender::new(false), cluster })
    }

    /// Does what a caller wants of an operation; `order` makes it if it is not there.
    pub(crate) async fn put(
        &self,
        caller: &Caller,
        id: &OperationId,
        order: Ordered,
        act: Act,
    ) -> Result<ViewBody, Refused> {
        let Ordered { body, request } = order;
        let (caller, id, begin) = (Some(caller.clone()), id.clone(), body.begin);
        let named = Named { caller, id, order: Some(request), begin, act };
        self.anywhere(named, Some(&body)).await
    }

    /// Does what a caller wants of an operation that is there; `caller` is `None` for an operator.
    pub(crate) async fn act(
        &self,
        caller: Option<&Caller>,
        id: &OperationId,
        act: Act,
    ) -> Result<ViewBody, Refused> {
        let (caller, id) = (caller.cloned(), id.clone());
        self.anywhere(Named { caller, id, order: None, begin: false, act }, None).await
    }

    /// Does it where the operation is driven.
    async fn anywhere(&self, named: Named, order: Option<&OrderBody>) -> Result<ViewBody, Refused> {
        let Some(cluster) = &self.cluster else { return self.here(named).await };
        let deadline = Instant::now() + PATIENCE;
        loop {
            let outcome = self.once(cluster, &named, order, deadline).await;
            // Its process died, or another one was quicker: where it is now is looked for again.
            match outcome {
                Err(refused) if refused.is_journal() && Instant::now() + AGAIN < deadline => {
                    sleep(AGAIN).await;
                }
                done => return done,
            }
        }
    }

    async fn once(
        &self,
        cluster: &Cluster,
        named: &Named,
        order: Option<&OrderBody>,
        deadline: Instant,
    ) -> Result<ViewBody, Refused> {
        match cluster.place(&self.terminal, named).await? {
            Where::Nowhere => Err(Refused::no_such()),
            Where::Here { known } => {
                let seen = self.here(named.clone()).await;
                match (&seen, known) {
                    (Ok(_), Some(process)) => cluster.took(&named.id, process),
                    (Err(refused), _) if refused.is_journal() => cluster.doubts(&named.id),
                    (Ok(_) | Err(_), _) => {}
                }
                seen
            }
            Where::There(owner) if named.act == Act::Look && order.is_none() => {
                let view = self.here(named.clone()).await?;
                // Where the customer is to be handed over to is in no journal.
                let handed = view.state == Standing::Waiting && view.version != "waiting";
                if view.state == Standing::InDoubt {
                    cluster.nudge(owner, named).await;
                }
                let there = if handed { cluster.glance(owner, named).await } else { None };
                Ok(there.unwrap_or(view))
            }
            Where::There(owner) => {
                let left = deadline.saturating_duration_since(Instant::now());
                let there = cluster.ask(owner, named, order, left).await?;
                there.ok_or_else(Refused::journal)
            }
        }
    }

    /// Does it in this process.
    pub(crate) async fn here(&self, named: Named) -> Result<ViewBody, Refused> {
        let seen = self.answered(self.terminal.known(named)).await?;
        body::seen(seen, |view| self.hand_over(view))
    }

    /// Waits for the core, which waits for its journal: a file is there, a database may be away.
    async fn answered<T>(
        &self,
        asked: impl Future<Output = Result<T, Stopped>>,
    ) -> Result<T, Refused> {
        let answer = match &self.cluster {
            None => asked.await,
            Some(_) => timeout(PATIENCE, asked).await.map_err(|_| Refused::journal())?,
        };
        answer.map_err(|_| Refused::stopping())
    }

    /// Tells how an operation stands as soon as there is what the caller waits for, or when the
    /// time is over, or the gateway stops.
    pub(crate) async fn wait(
        &self,
        caller: Option<&Caller>,
        id: &OperationId,
        until: &Until,
        time: Duration,
    ) -> Result<ViewBody, Refused> {
        let deadline = Instant::now() + time;
        let mut until = until.clone();
        let mut waiting = self.hub.subscribe(id);
        let mut leaving = self.leaving.subscribe();
        loop {
            waiting.news.mark_unchanged();
            let seen = self.act(caller, id, Act::Look).await;
            let done = seen.as_ref().map_or(true, |view| until.is_met(view));
            if let (Until::Change, Ok(found)) = (&until, &seen) {
                until = Until::News(found.version.clone());
            }
            let over = done || *leaving.borrow_and_update() || Instant::now() >= deadline;
            if over {
                return seen;
            }
            let changed = async {
                tokio::select! {
                    _ = waiting.news.changed() => {}
                    _ = leaving.changed() => {}
                }
            };
            let _time_is_over = timeout_at(deadline, changed).await;
        }
    }

    /// Gives what the customer of this payment is to be handed over with, if it is not paid yet.
    fn hand_over(&self, view: &View) -> Option<HandOver> {
        let id = &view.operation.id;
        if matches!(view.operation.state, State::Waiting(_)) {
            return self.hub.hand_over(id);
        }
        self.hub.handed(id);
        None
    }

    /// Gives the newest operations, newest first.
    pub(crate) async fn history(
        &self,
        whose: Whose,
    ) -> Result<Result<Vec<Told>, JournalError>, Refused> {
        self.answered(self.terminal.recall(whose)).await
    }

    /// Tells whether an operation has this name at the bank, and if so whether it is still asked
    /// for by itself.
    pub(crate) async fn knows(&self, external_id: &ExternalId) -> Result<Option<bool>, Refused> {
        match &self.cluster {
            Some(cluster) => cluster.knows(external_id).await,
            None => readable(self.answered(self.terminal.knows(external_id.clone())).await?),
        }
    }

    /// Lets the bank be asked what became of the operation of this name; false if there is none.
    pub(crate) async fn push(&self, external_id: &ExternalId) -> Result<bool, Refused> {
        match self.hand_on(external_id, None).await? {
            Some(true) => Ok(true),
            Some(false) => self.push_now(external_id).await,
            None => Ok(false),
        }
    }

    /// Lets it be asked by this process.
    pub(crate) async fn push_here(&self, external_id: &ExternalId) {
        if let Err(refused) = self.push_now(external_id).await {
            tracing::warn!(refused.message, "a push was not passed on");
        }
    }

    async fn push_now(&self, external_id: &ExternalId) -> Result<bool, Refused> {
        readable(self.answered(self.terminal.push(external_id.clone())).await?)
    }

    /// Passes on what a bank said of the operation of this name, with the body of a callback whose
    /// signature was checked; false if this process drives it, `None` if there is none.
    pub(crate) async fn hand_on(
        &self,
        external_id: &ExternalId,
        callback: Option<&[u8]>,
    ) -> Result<Option<bool>, Refused> {
        let Some(cluster) = &self.cluster else { return Ok(Some(false)) };
        Ok(match cluster.place_at_bank(&self.terminal, external_id).await? {
            Where::Nowhere => None,
            Where::Here { .. } => Some(false),
            Where::There(owner) => {
                cluster.post(owner, Cluster::about(external_id, callback)).await?;
                Some(true)
            }
        })
    }

    /// Takes the bank's signed word about what to show.
    pub(crate) fn prescribe(&self, external_id: &ExternalId, verdict: Verdict) {
        self.terminal.prescribe(external_id.clone(), verdict);
    }

    /// Goes on with what has no living process, and waits until that has begun.
    pub(crate) async fn take_over(&self) {
        self.terminal.take_over();
        let _stopping = self.terminal.tally().await;
    }

    /// Gives those who wait.
    pub(crate) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Gives the other processes, if there may be any.
    pub(crate) fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_deref()
    }

    /// Counts what is going on.
    pub(crate) async fn tally(&self) -> Result<Tally, Refused> {
        let tally = self.terminal.tally();
        let tally = match &self.cluster {
            None => tally.await,
            Some(_) => timeout(QUICK, tally).await.map_err(|_| Refused::journal())?,
        };
        tally.map_err(|_| Refused::stopping())
    }

    /// Tells for how many operations somebody waits in this process.
    pub(crate) fn waiting(&self) -> usize {
        self.hub.waiting()
    }

    /// Tells whether the core ended.
    pub(crate) fn is_stopped(&self) -> bool {
        self.terminal.is_stopped()
    }

    /// Lets all who wait go with what is known: the gateway is about to stop.
    pub(crate) fn leave(&self) {
        self.leaving.send_replace(true);
    }

    /// Stops, and waits until the journal is closed.
    pub(crate) fn stop(&self) {
        self.leave();
        self.terminal.stop();
    }
}

/// Keeps apart what no journal has and what cannot be read: of that nobody may conclude anything.
fn readable<T>(read: Result<T, JournalError>) -> Result<T, Refused> {
    read.map_err(|error| {
        tracing::error!(%error, "the journal cannot be read");
        Refused::journal()
    })
}

impl std::fmt::Debug for Till {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Till").finish_non_exhaustive()
    }
}

impl Until {
    fn is_met(&self, view: &ViewBody) -> bool {
        match self {
            Self::News(seen) => is_news(seen, &view.version),
            Self::Change => view.state == Standing::Ended,
            Self::Shown => view.state != Standing::Creating,
            Self::Settled => matches!(view.state, Standing::InDoubt | Standing::Ended),
            Self::Decided => view.state != Standing::InDoubt,
        }
    }
}
