//! All that the gateway does with operations. Where several processes share a journal, this is the
//! place that knows it; the rest of the gateway does not.

use std::sync::Arc;
use std::time::Duration;

use till_core::engine::{Act, Named, Seen, Tally, Told, View, Whose};
use till_core::id::{Caller, ExternalId, OperationId};
use till_core::intent::Request;
use till_core::journal::{Journal, JournalError};
use till_core::operation::{HandOver, State, Verdict};
use till_core::rail::gateway::wire::is_news;
use till_core::settings::Settings;
use till_core::terminal::{Bridge, Line, StartError, Stopped, Terminal, Watcher};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::hub::Hub;

/// Drives the operations of all terminals.
#[derive(Clone)]
pub struct Till {
    terminal: Terminal,
    hub: Arc<Hub>,
    leaving: watch::Sender<bool>,
}

/// Says what a caller waits for.
#[derive(Clone, Debug)]
pub enum Until {
    /// Something else than what it saw.
    News(String),
    /// The code, or the end.
    Shown,
    /// The end, or a doubt.
    Settled,
    /// Anything but a doubt.
    Decided,
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
        let settings = Settings { callers_are_terminals: true, ..settings };
        let hub = Arc::new(Hub::default());
        let bridge: Arc<dyn Bridge> = hub.clone();
        let watcher: Arc<dyn Watcher> = hub.clone();
        let terminal =
            Terminal::start_watched(settings, journal, lines, Some(bridge), Some(watcher))?;
        Ok(Self { terminal, hub, leaving: watch::Sender::new(false) })
    }

    /// Does what a caller wants of an operation; `order` makes it if it is not there.
    ///
    /// # Errors
    /// The gateway is stopping.
    pub async fn put(
        &self,
        caller: &Caller,
        id: &OperationId,
        order: Request,
        begin: bool,
        act: Act,
    ) -> Result<Seen, Stopped> {
        let caller = Some(caller.clone());
        let order = Some(order);
        self.terminal.known(Named { caller, id: id.clone(), order, begin, act }).await
    }

    /// Does what a caller wants of an operation that is there; `caller` is `None` for an operator.
    ///
    /// # Errors
    /// The gateway is stopping.
    pub async fn act(
        &self,
        caller: Option<&Caller>,
        id: &OperationId,
        act: Act,
    ) -> Result<Seen, Stopped> {
        let (caller, id) = (caller.cloned(), id.clone());
        self.terminal.known(Named { caller, id, order: None, begin: false, act }).await
    }

    /// Tells how an operation stands as soon as there is what the caller waits for, or when the
    /// time is over, or the gateway stops.
    ///
    /// # Errors
    /// The gateway is stopping.
    pub async fn wait(
        &self,
        caller: Option<&Caller>,
        id: &OperationId,
        until: &Until,
        time: Duration,
    ) -> Result<Seen, Stopped> {
        let deadline = Instant::now() + time;
        let mut waiting = self.hub.subscribe(id);
        let mut leaving = self.leaving.subscribe();
        loop {
            waiting.news.mark_unchanged();
            let seen = self.act(caller, id, Act::Look).await;
            let done = match &seen {
                Ok(Seen::There(view)) => until.is_met(view),
                Ok(Seen::NoSuch | Seen::Refused(_)) | Err(_) => true,
            };
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
    pub fn hand_over(&self, view: &View) -> Option<HandOver> {
        let id = &view.operation.id;
        if matches!(view.operation.state, State::Waiting(_)) {
            return self.hub.hand_over(id);
        }
        self.hub.handed(id);
        None
    }

    /// Gives the newest operations, newest first.
    ///
    /// # Errors
    /// The gateway is stopping, or the journal cannot be read.
    pub async fn history(&self, whose: Whose) -> Result<Result<Vec<Told>, JournalError>, Stopped> {
        self.terminal.recall(whose).await
    }

    /// Tells whether an operation has this name at the bank, and if so whether it is still asked
    /// for by itself.
    ///
    /// # Errors
    /// The gateway is stopping.
    pub async fn knows(&self, external_id: &ExternalId) -> Result<Option<bool>, Stopped> {
        self.terminal.knows(external_id.clone()).await
    }

    /// Lets the bank be asked what became of the operation of this name.
    ///
    /// # Errors
    /// The gateway is stopping.
    pub async fn push(&self, external_id: &ExternalId) -> Result<bool, Stopped> {
        self.terminal.push(external_id.clone()).await
    }

    /// Takes the bank's signed word about what to show.
    pub fn prescribe(&self, external_id: &ExternalId, verdict: Verdict) {
        self.terminal.prescribe(external_id.clone(), verdict);
    }

    /// Counts what is going on.
    ///
    /// # Errors
    /// The gateway is stopping.
    pub async fn tally(&self) -> Result<Tally, Stopped> {
        self.terminal.tally().await
    }

    /// Tells for how many operations somebody waits in this process.
    pub fn waiting(&self) -> usize {
        self.hub.waiting()
    }

    /// Tells whether the core ended.
    pub fn is_stopped(&self) -> bool {
        self.terminal.is_stopped()
    }

    /// Lets all who wait go with what is known: the gateway is about to stop.
    pub fn leave(&self) {
        self.leaving.send_replace(true);
    }

    /// Stops, and waits until the journal is closed.
    pub fn stop(&self) {
        self.leave();
        self.terminal.stop();
    }
}

impl std::fmt::Debug for Till {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Till").finish_non_exhaustive()
    }
}

impl Until {
    fn is_met(&self, view: &View) -> bool {
        let operation = &view.operation;
        let doubt = matches!(operation.state, State::InDoubt(_));
        match self {
            Self::News(seen) => is_news(seen, &crate::body::version(operation)),
            Self::Shown => !matches!(operation.state, State::Creating(_)),
            Self::Settled => !operation.is_running(),
            Self::Decided => !doubt,
        }
    }
}
