//! What callers see: pay, refund, status, cancel, settle, history, resume.
//!
//! One thread drives the engine, makes its calls and keeps its deadlines. Dropping a caller's
//! future cancels nothing: the operation goes on, and its answer comes from the journal.

mod actor;
mod named;
mod random;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use actor::Actor;
use random::Random;

use crate::engine::{Again, Engine, Input, Seen, Stage, Tally, Told, WaiterId};
use crate::id::{ExternalId, OperationId, RequestId};
use crate::intent::{Answer, PayRequest, RefundRequest, Request, StatusRequest, Verb};
use crate::journal::{Journal, JournalError};
use crate::operation::{Choice, HandOver, Verdict};
use crate::rail::Rail;
use crate::settings::Settings;
use crate::time::Clock;
use crate::transport::Transport;

/// Shows what goes on; called on the terminal's thread, so it must not block.
pub trait Observer: Send + Sync {
    /// Shows one step of an operation.
    fn stage(&self, operation: &OperationId, request_id: &RequestId, stage: &Stage);
}

/// Takes customers to the SDK or a browser; called on the terminal's thread.
pub trait Bridge: Send + Sync {
    /// Hands over; the user's coming back is told by [`Terminal::returned`].
    ///
    /// # Errors
    /// Why nobody could be handed over: the bank is asked at once what became of the operation.
    fn hand_over(&self, operation: &OperationId, what: &HandOver) -> Result<(), String>;
}

/// Hears of changes where callers come back for their answers; called on the terminal's thread, so
/// it must not block.
pub trait Watcher: Send + Sync {
    /// What callers see of this operation is not what it was.
    fn changed(&self, operation: &OperationId);
}

/// Is one acquirer with the way to it.
#[derive(Debug)]
pub struct Line {
    /// The codec.
    pub rail: Box<dyn Rail>,
    /// The way.
    pub transport: Transport,
}

/// Is a running terminal; clones are the same one.
///
/// Each method may be called from any thread and runtime.
#[derive(Clone)]
pub struct Terminal {
    commands: mpsc::UnboundedSender<Command>,
    thread: Arc<std::sync::Mutex<Option<JoinHandle<()>>>>,
}

/// Says why a terminal did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The system gave no thread or no random numbers.
    #[error("the system gives no {0}")]
    System(String),
}

/// Says that the terminal was stopped before it answered; the journal has what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the terminal was stopped; ask again later: the journal has what is known")]
pub struct Stopped;

enum Command {
    Run(Box<dyn FnOnce(WaiterId) -> Input + Send>, Reply, Option<Arc<dyn Observer>>),
    Tell(Input),
    Knows(ExternalId, oneshot::Sender<Result<Option<bool>, JournalError>>),
    PaymentOf(Box<RefundRequest>, oneshot::Sender<Result<Option<OperationId>, JournalError>>),
    Tally(oneshot::Sender<Tally>),
    NetworkChanged,
    Stop,
}

enum Reply {
    Answer(oneshot::Sender<Answer>),
    Operations(oneshot::Sender<Result<Vec<Told>, JournalError>>),
    Seen(oneshot::Sender<Seen>),
}

impl Terminal {
    /// Starts the terminal on what the journal holds: open operations go on at once.
    ///
    /// # Errors
    /// The journal cannot be read, or the system refuses a thread.
    pub fn start(
        settings: Settings,
        journal: Box<dyn Journal>,
        lines: Vec<Line>,
        bridge: Option<Arc<dyn Bridge>>,
    ) -> Result<Self, StartError> {
        Self::start_watched(settings, journal, lines, bridge, None)
    }

    /// Starts the terminal, and lets a watcher hear of every change.
    ///
    /// # Errors
    /// The journal cannot be read, or the system refuses a thread.
    pub fn start_watched(
        settings: Settings,
        journal: Box<dyn Journal>,
        lines: Vec<Line>,
        bridge: Option<Arc<dyn Bridge>>,
        watcher: Option<Arc<dyn Watcher>>,
    ) -> Result<Self, StartError> {
        let settings = Settings { bridge: bridge.is_some(), ..settings };
        let mut rails = Vec::new();
        let mut transports = BTreeMap::new();
        for line in lines {
            transports.insert(line.rail.id(), Arc::new(line.transport));
            rails.push(line.rail);
        }
        let mut random = Random::new()
            .map_err(|error| StartError::System(format!("random numbers: {error}")))?;
        let random = Box::new(move || random.next());
        let mut engine = Engine::new(settings, journal, rails, random);
        let clock = Clock::new();
        let first = engine.start(clock.now())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StartError::System(error.to_string()))?;
        let (commands, inbox) = mpsc::unbounded_channel();
        let actor = Actor {
            engine,
            clock,
            transports,
            bridge,
            watcher,
            calls: JoinSet::new(),
            waiting: BTreeMap::new(),
            next: 0,
            swept_ms: 0,
        };
        let thread = std::thread::Builder::new()
            .name("till".to_owned())
            // A task of its own: to wake the future that is blocked on takes a system call.
            .spawn(move || {
                let _panicked = runtime.block_on(runtime.spawn(actor.run(inbox, first)));
            })
            .map_err(|error| StartError::System(error.to_string()))?;
        Ok(Self { commands, thread: Arc::new(std::sync::Mutex::new(Some(thread))) })
    }

    /// Takes a payment. `attended`: an operator stands before a screen and decides about the goods
    /// while the payment is in doubt; without one, doubt is answered with code 4.
    ///
    /// # Errors
    /// The terminal was stopped.
    pub async fn pay(
        &self,
        request: PayRequest,
        attended: bool,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Answer, Stopped> {
        self.ask(move |waiter| Input::Pay { waiter, request, attended }, observer).await
    }

    /// Gives money back.
    ///
    /// # Errors
    /// The terminal was stopped.
    pub async fn refund(
        &self,
        request: RefundRequest,
        attended: bool,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Answer, Stopped> {
        self.ask(move |waiter| Input::Refund { waiter, request, attended }, observer).await
    }

    /// Tells the stored outcome of an earlier request; asks the bank first if it is in doubt.
    ///
    /// # Errors
    /// The terminal was stopped.
    pub async fn status(&self, request: StatusRequest) -> Result<Answer, Stopped> {
        self.ask(move |waiter| Input::Status { waiter, request }, None).await
    }

    /// Gives the stages and the answer of an operation that was begun before: a screen was made
    /// anew, maybe by another process. Begins nothing.
    ///
    /// # Errors
    /// The terminal was stopped.
    pub async fn again(
        &self,
        again: Again,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Answer, Stopped> {
        self.ask(move |waiter| Input::Again { waiter, again }, observer).await
    }

    /// Runs any request that was read from an intent.
    ///
    /// # Errors
    /// The terminal was stopped.
    pub async fn run(
        &self,
        request: Request,
        attended: bool,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Answer, Stopped> {
        match request {
            Request::Pay(request) => self.pay(request, attended, observer).await,
            Request::Refund(request) => self.refund(request, attended, observer).await,
            Request::Status(request) => self.status(request).await,
        }
    }

    /// Gives a payment up: its code goes off the screen, and the bank has the last word.
    ///
    /// # Errors
    /// The terminal was stopped.
    pub async fn cancel(&self, request: StatusRequest) -> Result<Answer, Stopped> {
        self.ask(move |waiter| Input::Cancel { waiter, request }, None).await
    }

    /// Records the operator's word for an operation in doubt, after the bank was asked once more.
    /// The answer tells what holds now: the bank's word, if it had one.
    ///
    /// # Errors
    /// The terminal was stopped.
    pub async fn settle(
        &self,
        request: StatusRequest,
        paid: bool,
        note: String,
    ) -> Result<Answer, Stopped> {
        self.ask(move |waiter| Input::Settle { waiter, request, paid, note }, None).await
    }

    /// Says what becomes of the goods while a payment is in doubt.
    pub fn choose(&self, operation: OperationId, choice: Choice) {
        self.tell(Input::Choose { operation, choice });
    }

    /// Looks once at everything open or watched, with the refunds that this begins.
    ///
    /// # Errors
    /// The terminal was stopped, or the journal cannot be read.
    pub async fn resume(&self) -> Result<Result<Vec<Told>, JournalError>, Stopped> {
        self.list(|waiter| Input::Resume { waiter }).await
    }

    /// Gives the newest operations, newest first.
    ///
    /// # Errors
    /// The terminal was stopped, or the journal cannot be read.
    pub async fn history(&self, limit: usize) -> Result<Result<Vec<Told>, JournalError>, Stopped> {
        self.list(move |waiter| Input::History { waiter, limit }).await
    }

    /// Notes that the caller has this answer to its pay or refund: a repeated pay is a new one
    /// then.
    ///
    /// An answer to STATUS does not count; it only told what the pay would have told.
    pub fn handed_over(&self, answer: &Answer) {
        if let (Some(operation), Some(Verb::Pay | Verb::Refund)) =
            (answer.operation.clone(), answer.verb())
        {
            self.tell(Input::HandedOver { operation, code: answer.code });
        }
    }

    /// Tells that whoever was handed over came back.
    pub fn returned(&self, operation: OperationId) {
        self.tell(Input::Returned { operation });
    }

    /// Takes the bank's signed word about how a payment goes on that nobody has seen a code of:
    /// what to show, where to go, what it wants to know. It never ends or pays anything; whoever
    /// gives it has checked the signature, and tells of the callback itself with
    /// [`Terminal::push`].
    pub fn prescribe(&self, external_id: ExternalId, verdict: Verdict) {
        self.tell(Input::Prescribed { external_id, verdict });
    }

    /// Makes tokens and connections ready for a payment that is near.
    pub fn warm(&self) {
        self.tell(Input::Warm);
    }

    /// Gives up idle connections: the device's network is another one. Calls under way go on.
    pub fn network_changed(&self) {
        let _stopped_already = self.commands.send(Command::NetworkChanged);
    }

    /// Looks for open operations whose process is gone, and goes on with them; for a journal that
    /// several processes share.
    pub fn take_over(&self) {
        self.tell(Input::TakeOver);
    }

    /// Tells whether the terminal was stopped, or ended by itself: nothing answers any more.
    pub fn is_stopped(&self) -> bool {
        self.commands.is_closed()
    }

    /// Stops the terminal and waits until its journal is closed. Open operations stay in the
    /// journal.
    pub fn stop(&self) {
        let _stopped_already = self.commands.send(Command::Stop);
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread {
            let _panicked = thread.join();
        }
    }

    fn tell(&self, input: Input) {
        let _stopped_already = self.commands.send(Command::Tell(input));
    }

    async fn ask(
        &self,
        input: impl FnOnce(WaiterId) -> Input + Send + 'static,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Answer, Stopped> {
        let (reply, answer) = oneshot::channel();
        let run = Command::Run(Box::new(input), Reply::Answer(reply), observer);
        self.commands.send(run).map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    async fn list(
        &self,
        input: impl FnOnce(WaiterId) -> Input + Send + 'static,
    ) -> Result<Result<Vec<Told>, JournalError>, Stopped> {
        let (reply, found) = oneshot::channel();
        let run = Command::Run(Box::new(input), Reply::Operations(reply), None);
        self.commands.send(run).map_err(|_| Stopped)?;
        found.await.map_err(|_| Stopped)
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal").finish_non_exhaustive()
    }
}
