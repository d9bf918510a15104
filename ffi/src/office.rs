//! The one terminal of the process, and how each call reaches it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use till_core::engine::{Again, Engine, Input, Output, Told};
use till_core::id::{OperationId, RequestId};
use till_core::intent::{self, Language, Refusal, Request, StatusRequest};
use till_core::journal::{JournalError, SqliteJournal};
use till_core::operation;
use till_core::terminal::{self, Observer, Stopped, Terminal};
use till_core::time::Clock;

use crate::call::{Call, Refused};
use crate::config::{self, Config};
use crate::convert::{self, Asked};
use crate::error::TillError;
use crate::event::{Answer, Event, Operation, Stage};
use crate::refusing::{Refusing, refusal_of};
use crate::{Bridge, Listener, desk, qr};

/// Is what becomes of a call when it begins.
pub(crate) enum Work {
    /// It ended already.
    Ended(Event),
    /// It goes on and gives its last event; the fallback is told should it panic.
    Goes { fallback: Event, future: Pin<Box<dyn Future<Output = Event> + Send>> },
}

static BRIDGE: Mutex<Option<Arc<dyn Bridge>>> = Mutex::new(None);

/// Sets who takes customers to the SDK or a browser.
pub(crate) fn set_bridge(bridge: Option<Arc<dyn Bridge>>) {
    *BRIDGE.lock().unwrap_or_else(PoisonError::into_inner) = bridge;
}

fn bridge() -> Option<Arc<dyn Bridge>> {
    BRIDGE.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Holds the terminal, or why there is none.
#[derive(Default)]
pub(crate) struct Office {
    state: State,
    language: Language,
}

#[derive(Default)]
enum State {
    /// Nobody has configured it.
    #[default]
    Empty,
    /// It runs with this configuration, and with a bridge or without.
    Runs(Terminal, Box<Config>, bool),
    /// It did not start.
    Failed(TillError, Box<Config>),
}

impl Office {
    /// Begins a call. `busy`: another one is under way.
    pub(crate) fn begin(&mut self, call: Call, listener: &Arc<dyn Listener>, busy: bool) -> Work {
        self.revive();
        match call {
            Call::Configure { config } => done(self.configure(config, busy)),
            Call::Run { intent, attended } => self.run(intent.into(), attended, listener),
            Call::Refuse { intent, why } => self.refuse(&intent.into(), why),
            Call::Again { operation, intent, attended } => {
                self.again(OperationId::new(operation), intent.into(), attended, listener)
            }
            Call::Draw { text } => Work::Ended(qr::draw(&text)),
            Call::Cancel { target } => {
                let request: StatusRequest = target.into();
                let cancelled = request.clone();
                self.look(request, |terminal| async move { terminal.cancel(cancelled).await })
            }
            Call::Settle { target, paid, note } => {
                let request: StatusRequest = target.into();
                let settled = request.clone();
                self.look(request, move |terminal| async move {
                    terminal.settle(settled, paid, note).await
                })
            }
            Call::Choose { operation, choice } => {
                self.tell(|terminal| terminal.choose(OperationId::new(operation), choice.into()))
            }
            Call::HandedOver { operation, code } => self.tell(|terminal| {
                if let Some(answer) = convert::handed(operation, code) {
                    terminal.handed_over(&answer);
                }
            }),
            Call::Returned { operation } => {
                self.tell(|terminal| terminal.returned(OperationId::new(operation)))
            }
            Call::Warm => self.tell(Terminal::warm),
            Call::NetworkChanged => self.tell(Terminal::network_changed),
            Call::Resume => self.list(|terminal| async move { terminal.resume().await }),
            Call::History { limit } => self.history(usize::try_from(limit).unwrap_or(0)),
            Call::Stop => {
                self.stop();
                Work::Ended(Event::Done)
            }
        }
    }

    /// Starts the terminal again if it ended by itself, which only a panic makes it do.
    fn revive(&mut self) {
        if let State::Runs(terminal, config, _) = &self.state
            && terminal.is_stopped()
        {
            tracing::error!("the terminal ended by itself and is started again");
            let config = (**config).clone();
            terminal.stop();
            self.state = State::Empty;
            let _stays_failed = self.configure(config, false);
        }
    }

    fn configure(&mut self, config: Config, busy: bool) -> Result<(), TillError> {
        let with_bridge = bridge().is_some();
        if let State::Runs(_, present, bridged) = &self.state {
            if **present == config && *bridged == with_bridge {
                return Ok(());
            }
            if busy {
                return Err(TillError::WaitForOperations);
            }
        }
        self.language = config::language(&config).unwrap_or(self.language);
        self.stop();
        match catch_unwind(AssertUnwindSafe(|| open(&config, with_bridge))) {
            Ok(Ok(terminal)) => {
                self.state = State::Runs(terminal, Box::new(config), with_bridge);
                Ok(())
            }
            Ok(Err(error)) => {
                self.state = State::Failed(error.clone(), Box::new(config));
                Err(error)
            }
            Err(_panic) => {
                let what = "the terminal failed at its start".to_owned();
                let error = TillError::CallSupport { what };
                self.state = State::Failed(error.clone(), Box::new(config));
                Err(error)
            }
        }
    }

    fn stop(&mut self) {
        if let State::Runs(terminal, ..) = std::mem::take(&mut self.state) {
            terminal.stop();
        }
    }

    fn terminal(&self) -> Result<&Terminal, TillError> {
        match &self.state {
            State::Runs(terminal, ..) => Ok(terminal),
            State::Failed(error, _) => Err(error.clone()),
            State::Empty => Err(TillError::Configure),
        }
    }

    fn tell(&self, tell: impl FnOnce(&Terminal)) -> Work {
        done(self.terminal().map(tell))
    }

    fn run(&self, asked: Asked, attended: bool, listener: &Arc<dyn Listener>) -> Work {
        let Asked { caller, action, extras } = asked;
        let read = intent::read(caller, &action, &extras, self.language, random());
        let request = match read {
            Ok(request) => request,
            Err(answer) => return Work::Ended(answered(*answer)),
        };
        let refused = Refusing::of(&request, self.language);
        let terminal = match self.terminal() {
            Ok(terminal) => terminal.clone(),
            Err(error) => return Work::Ended(refused.say(&refusal_of(error))),
        };
        let observer: Arc<dyn Observer> = Arc::new(Stages(Arc::clone(listener)));
        let fallback = refused.say(&Refusal::Failed);
        let failed = fallback.clone();
        let future = async move {
            match terminal.run(request, attended, Some(observer)).await {
                Ok(answer) => answered(answer),
                Err(Stopped) => failed,
            }
        };
        Work::Goes { fallback, future: Box::pin(future) }
    }

    fn again(
        &self,
        operation: OperationId,
        asked: Asked,
        attended: bool,
        listener: &Arc<dyn Listener>,
    ) -> Work {
        let refusing = Refusing::echo(&asked, self.language);
        let terminal = match self.terminal() {
            Ok(terminal) => terminal.clone(),
            Err(error) => return Work::Ended(refusing.say(&refusal_of(error))),
        };
        let again = Again {
            operation,
            caller: asked.caller,
            request_id: refusing.request_id.clone(),
            metadata: refusing.metadata.clone(),
            attended,
        };
        let observer: Arc<dyn Observer> = Arc::new(Stages(Arc::clone(listener)));
        let fallback = refusing.say(&Refusal::Failed);
        let failed = fallback.clone();
        let future = async move {
            match terminal.again(again, Some(observer)).await {
                Ok(answer) => answered(answer),
                Err(Stopped) => failed,
            }
        };
        Work::Goes { fallback, future: Box::pin(future) }
    }

    fn refuse(&self, asked: &Asked, why: Refused) -> Work {
        let refusal = match why {
            Refused::Unreadable => Refusal::Unreadable,
            Refused::CallerNotAllowed => Refusal::CallerNotAllowed,
            Refused::Cancelled => Refusal::Cancelled,
        };
        Work::Ended(Refusing::echo(asked, self.language).say(&refusal))
    }

    fn look<F>(&self, request: StatusRequest, ask: impl FnOnce(Terminal) -> F) -> Work
    where
        F: Future<Output = Result<intent::Answer, Stopped>> + Send + 'static,
    {
        let refused = Refusing::of(&Request::Status(request), self.language);
        let terminal = match self.terminal() {
            Ok(terminal) => terminal.clone(),
            Err(error) => return Work::Ended(refused.say(&refusal_of(error))),
        };
        let fallback = refused.say(&Refusal::Failed);
        let failed = fallback.clone();
        let asked = ask(terminal);
        let future = async move {
            match asked.await {
                Ok(answer) => answered(answer),
                Err(Stopped) => failed,
            }
        };
        Work::Goes { fallback, future: Box::pin(future) }
    }

    fn list<F>(&self, ask: impl FnOnce(Terminal) -> F) -> Work
    where
        F: Future<Output = Result<Result<Vec<Told>, JournalError>, Stopped>> + Send + 'static,
    {
        let terminal = match self.terminal() {
            Ok(terminal) => terminal.clone(),
            Err(error) => return done(Err(error)),
        };
        let asked = ask(terminal);
        let future = async move {
            match asked.await {
                Ok(Ok(told)) => operations(told),
                Ok(Err(error)) => Event::Failed { error: error.into() },
                Err(stopped) => Event::Failed { error: stopped.into() },
            }
        };
        let fallback = Event::Failed { error: Stopped.into() };
        Work::Goes { fallback, future: Box::pin(future) }
    }

    /// Tells the newest operations, of a journal too that nothing can be written to any more.
    fn history(&self, limit: usize) -> Work {
        if let State::Failed(error, config) = &self.state {
            let kept = || read_only(config, limit).ok();
            return match error {
                TillError::CallSupport { .. } | TillError::CloseOther { .. } => {
                    let failed = || Event::Failed { error: error.clone() };
                    Work::Ended(kept().map_or_else(failed, operations))
                }
                TillError::Configure
                | TillError::CorrectConfiguration { .. }
                | TillError::WaitForOperations
                | TillError::Retry { .. } => done(Err(error.clone())),
            };
        }
        self.list(move |terminal| async move { terminal.history(limit).await })
    }
}

/// Shows stages to a listener, on the terminal's thread.
struct Stages(Arc<dyn Listener>);

impl Observer for Stages {
    fn stage(
        &self,
        operation: &OperationId,
        request_id: &RequestId,
        stage: &till_core::engine::Stage,
    ) {
        let stage = Stage::from(stage);
        let (operation, request_id) = (operation.to_string(), request_id.to_string());
        desk::tell(&*self.0, Event::Stage { operation, request_id, stage });
    }
}

/// Hands over to whoever is the bridge at the moment.
struct PresentBridge;

impl terminal::Bridge for PresentBridge {
    fn hand_over(&self, id: &OperationId, what: &operation::HandOver) -> Result<(), String> {
        let bridge = bridge().ok_or_else(|| "there is no bridge any more".to_owned())?;
        let hand_over = convert::hand_over(id, what);
        let handed = catch_unwind(AssertUnwindSafe(|| bridge.hand_over(hand_over)));
        if let Ok(true) = handed {
            Ok(())
        } else {
            Err("the bridge handed nothing over".to_owned())
        }
    }
}

fn open(config: &Config, with_bridge: bool) -> Result<Terminal, TillError> {
    let path = journal_of(config);
    let (settings, lines) = config::read(config.clone())?;
    std::fs::create_dir_all(&config.journal_folder).map_err(|error| TillError::CallSupport {
        what: format!("{}: it cannot be made: {error}", config.journal_folder),
    })?;
    let installation = random_or()?;
    let journal = SqliteJournal::open(&path, installation)?;
    let bridge: Option<Arc<dyn terminal::Bridge>> =
        if with_bridge { Some(Arc::new(PresentBridge)) } else { None };
    Ok(Terminal::start(settings, Box::new(journal), lines, bridge)?)
}

fn journal_of(config: &Config) -> PathBuf {
    PathBuf::from(&config.journal_folder).join(config::JOURNAL)
}

/// Reads the newest operations of a journal that no terminal runs on; nobody is asked anything.
fn read_only(config: &Config, limit: usize) -> Result<Vec<Told>, TillError> {
    let journal = SqliteJournal::open_read_only(&journal_of(config))?;
    let (settings, lines) = config::read(config.clone())?;
    let rails = lines.into_iter().map(|line| line.rail).collect();
    let mut engine = Engine::new(settings, Box::new(journal), rails, Box::new(|| 0));
    let outputs = engine.handle(Clock::new().now(), Input::History { waiter: 1, limit });
    let mut found = Ok(Vec::new());
    for output in outputs {
        if let Output::Operations { result, .. } = output {
            found = result;
        }
    }
    Ok(found?)
}

fn done(result: Result<(), TillError>) -> Work {
    Work::Ended(match result {
        Ok(()) => Event::Done,
        Err(error) => Event::Failed { error },
    })
}

pub(crate) fn answered(answer: intent::Answer) -> Event {
    Event::Answer { answer: Answer::from(answer) }
}

fn operations(told: Vec<Told>) -> Event {
    Event::Operations { operations: told.into_iter().map(Operation::from).collect() }
}

/// Gives random bytes for an id that is only echoed.
pub(crate) fn random() -> [u8; 16] {
    random_or().unwrap_or_default()
}

fn random_or() -> Result<[u8; 16], TillError> {
    let mut bytes = [0; 16];
    let lacking = |_| TillError::Retry { what: "the system gives no random numbers".to_owned() };
    getrandom::fill(&mut bytes).map_err(lacking)?;
    Ok(bytes)
}
