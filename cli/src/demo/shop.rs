//! The demo's terminal and bank, with both at hand.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use till_core::id::OperationId;
use till_core::intent::{Answer, Request, StatusRequest};
use till_core::operation::Action;
use till_core::terminal::{Bridge, Terminal};
use till_sandbox::octo::Account;
use till_sandbox::{Auto, Server};
use tokio::sync::mpsc;

use super::Voice;
use crate::args::{Common, Customer};
use crate::bank;
use crate::lines;
use crate::note::Note;
use crate::out::Out;
use crate::row::Row;
use crate::setup::Setup;
use crate::share::hub::Hub;
use crate::show::Show;
use crate::trouble::Trouble;
use crate::wish::{Ask, caller};

/// How long the demo's terminal waits, in milliseconds: long enough for a slow machine, short
/// enough to see how a wait ends.
const WAIT_MS: u64 = 8_000;

/// Is a terminal with its bank.
pub(super) struct Shop {
    pub(super) server: Arc<Server>,
    terminal: Terminal,
    hub: Arc<Hub>,
    setup: Setup,
}

/// Is a request as it is run: what the operator does meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// Waits.
    Waits,
    /// Gives up as soon as the code is on the screen.
    Cancels,
}

impl Shop {
    /// Opens the shop on a journal.
    pub(super) async fn open(common: &Common, journal: PathBuf) -> Result<Self, Trouble> {
        let common = Common { sandbox: true, journal: Some(journal), ..common.clone() };
        let mut setup = Setup::new(&common, Customer::default())?;
        setup.settings.rules.wait_ms = WAIT_MS;
        let Some(journal) = setup.open_journal()? else {
            let name = setup.journal.display();
            return Err(Trouble::Journal(format!("{name} is in use; the demo needs its own")));
        };
        let server = Arc::new(bank::start(None, Auto::Ignore, None).await?);
        let lines = lines::sandbox(&server)?;
        let hub = Arc::new(Hub::new(Some(Arc::clone(&server))));
        let bridge: Arc<dyn Bridge> = hub.clone();
        let settings = setup.settings.clone();
        let terminal = Terminal::start(settings, Box::new(journal), lines, Some(bridge))
            .map_err(|error| Trouble::Journal(error.to_string()))?;
        Ok(Self { server, terminal, hub, setup })
    }

    /// Runs a request to its answer and shows what goes on.
    pub(super) async fn run(
        &self,
        voice: Voice,
        ask: &Ask,
        operator: Operator,
    ) -> Result<Answer, Trouble> {
        let request = match ask.read(self.setup.settings.language) {
            Ok(request) => request,
            Err(answer) => return Ok(*answer),
        };
        let purpose = match &request {
            Request::Pay(pay) => pay.purpose.clone(),
            Request::Refund(_) | Request::Status(_) => String::new(),
        };
        let earlier = StatusRequest {
            caller: caller(),
            request_id: till_core::id::RequestId::new(ask.request_id()),
            metadata: None,
            action: Action::Pay,
        };
        let mut screen = Screen::new(voice, ask.about(), &purpose);
        if voice.out.live {
            screen.note(&Note::Wallet { url: self.server.wallet_url().to_owned() });
        }
        let (notes, mut noted) = mpsc::unbounded_channel();
        let tap = self.hub.tap(notes);
        let running = self.terminal.run(request, false, Some(tap));
        tokio::pin!(running);
        let mut ticks = tokio::time::interval(std::time::Duration::from_secs(1));
        let answer = loop {
            tokio::select! {
                biased;
                Some(note) = noted.recv() => {
                    screen.note(&note);
                    if operator == Operator::Cancels && matches!(note, Note::CodeShown { .. }) {
                        voice.breathe().await;
                        screen.interrupted();
                        let (terminal, earlier) = (self.terminal.clone(), earlier.clone());
                        tokio::spawn(async move { terminal.cancel(earlier).await });
                    }
                }
                answer = &mut running => break answer,
                _ = ticks.tick() => screen.tick(),
            }
        };
        while let Ok(note) = noted.try_recv() {
            screen.note(&note);
        }
        screen.end();
        let answer = answer.map_err(|error| Trouble::Failed(error.to_string()))?;
        self.terminal.handed_over(&answer);
        Ok(answer)
    }

    /// The customer walks away from what can still be paid.
    pub(super) fn walk_away(&self) {
        let bank = self.server.bank();
        let mut bank = bank.lock().unwrap_or_else(PoisonError::into_inner);
        let now_ms = self.server.now_ms();
        let open: Vec<String> = bank.open_ids(now_ms).map(str::to_owned).collect();
        for id in open {
            if let Err(refusal) = bank.cancel(now_ms, &id) {
                tracing::warn!(%refusal, "the customer could not walk away");
            }
        }
    }

    /// Gives what the bank's books say of an operation.
    pub(super) async fn account(&self, operation: &OperationId) -> Result<Account, Trouble> {
        let rows = self.history(usize::MAX).await?;
        let name = rows.iter().find(|row| row.id == operation.as_str());
        let name = name.map_or("", |row| row.external_id.as_str());
        let bank = self.server.bank();
        let bank = bank.lock().unwrap_or_else(PoisonError::into_inner);
        let account = bank.ledger().account(name);
        if account.times > 0 {
            return Ok(account);
        }
        let platform = self.server.platform();
        let platform = platform.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(platform.ledger().account(name))
    }

    /// Gives the newest operations.
    pub(super) async fn history(&self, limit: usize) -> Result<Vec<Row>, Trouble> {
        let limit = limit.min(1_000);
        let told = self.terminal.history(limit).await;
        let told = told.map_err(|error| Trouble::Failed(error.to_string()))??;
        Ok(told.iter().map(Row::from).collect())
    }

    /// Closes the shop.
    pub(super) async fn close(self) {
        let terminal = self.terminal;
        let _ended = tokio::task::spawn_blocking(move || terminal.stop()).await;
        drop(self.hub);
        // Once nobody else has it, the bank ends well; else it ends with the process.
        if let Some(server) = Arc::into_inner(self.server)
            && let Err(error) = server.stop().await
        {
            tracing::warn!(%error, "the sandbox did not end well");
        }
    }
}

/// Shows progress to people; scripts get one line at the end.
struct Screen(Option<Show>);

impl Screen {
    fn new(voice: Voice, action: Action, purpose: &str) -> Self {
        Self((!voice.json).then(|| Show::new(false, Out::new(), action, purpose)))
    }

    fn note(&mut self, note: &Note) {
        if let Some(show) = &mut self.0 {
            show.note(note);
        }
    }

    fn tick(&mut self) {
        if let Some(show) = &mut self.0 {
            show.tick();
        }
    }

    fn interrupted(&mut self) {
        if let Some(show) = &mut self.0 {
            show.interrupted(true);
        }
    }

    fn end(&mut self) {
        if let Some(show) = &mut self.0 {
            show.end();
        }
    }
}
