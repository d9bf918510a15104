//! Several processes on one database: who drives what, and how the others reach it.
//!
//! Each payment with its refunds is driven by one process. Another one that is asked for it asks
//! that process through the database, or reads what the journal says; it goes on itself with what
//! has no living process.

mod attend;
mod wish;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use till_core::engine::{Act, Named};
use till_core::id::{ExternalId, OperationId};
use till_core::intent::Request;
use till_core::journal::{JournalError, Neighbours, News, Owner, Place, PostgresJournal};
use till_core::rail::gateway::wire::{OrderBody, ViewBody};
use till_core::terminal::Terminal;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use crate::body::Refused;
use wish::{Envelope, Reply, Wish};

pub(crate) use attend::attend;

/// How long a caller waits for another process, or for a database that is away, before it is told
/// to ask again: less than terminals wait for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(6);

/// How long a database that is away is waited for within one question, in milliseconds.
const AWAY_MS: u64 = 3_000;

/// How long a look waits for the process that knows where to hand the customer over to.
const GLANCE: Duration = Duration::from_secs(2);

/// The most operations that are remembered as this process's.
const MINE_MAX: usize = 50_000;

/// Is the other processes of this gateway, for this one.
pub(crate) struct Cluster {
    neighbours: Neighbours,
    news: Mutex<Option<mpsc::UnboundedReceiver<News>>>,
    mine: Mutex<Mine>,
    /// How many events others' operations had when somebody here looked at them.
    counted: Mutex<BTreeMap<OperationId, i64>>,
    /// Open operations may have lost their process.
    orphans: Notify,
    /// Somebody asks for something, or answered.
    wishes: Notify,
}

/// Is the operations that are known to be this process's, while it keeps its number.
#[derive(Default)]
struct Mine {
    process: i64,
    ids: BTreeSet<OperationId>,
    oldest: VecDeque<OperationId>,
}

/// Says where something is to be done.
pub(crate) enum Where {
    /// Here.
    Here {
        /// The number under which this process drives it, if it does.
        known: Option<i64>,
    },
    /// By the process of this number.
    There(i64),
    /// Nowhere: there is no such operation.
    Nowhere,
}

impl Cluster {
    pub(crate) fn new(journal: &mut PostgresJournal) -> Self {
        Self {
            neighbours: journal.neighbours_within(AWAY_MS),
            news: Mutex::new(journal.news()),
            mine: Mutex::default(),
            counted: Mutex::default(),
            orphans: Notify::new(),
            wishes: Notify::new(),
        }
    }

    /// Finds out where something is to be done with a named operation, and makes it this process's
    /// if it has to be and no living one has it.
    pub(crate) async fn place(&self, terminal: &Terminal, named: &Named) -> Result<Where, Refused> {
        if self.is_mine(&named.id) {
            return Ok(Where::Here { known: None });
        }
        let found = self.neighbours.place_of(&named.id).await.map_err(away)?;
        match (found, &named.order) {
            (Some(place), _) => {
                self.counted().insert(named.id.clone(), place.events);
                // Whoever only looks at what has its end needs nobody.
                let looks = named.act == Act::Look && !place.open;
                self.settle(terminal, &place, looks).await
            }
            (None, None) => Ok(Where::Nowhere),
            (None, Some(Request::Status(_))) => Ok(Where::Here { known: None }),
            // Its record would make it this process's, but a record that comes second takes with it
            // whatever was written beside it.
            (None, Some(Request::Pay(_))) => {
                self.claim(terminal, &Neighbours::family_of_new(&named.id), false).await
            }
            (None, Some(Request::Refund(refund))) => {
                let found = timeout(PATIENCE, terminal.payment_of(refund.clone())).await;
                let found = found.map_err(|_| Refused::journal())?;
                let found = found.map_err(|_| Refused::stopping())?.map_err(away)?;
                let found = match found {
                    Some(payment) => self.neighbours.place_of(&payment).await.map_err(away)?,
                    None => None,
                };
                match (found, &refund.primary.external_id) {
                    (Some(place), _) => self.settle(terminal, &place, false).await,
                    (None, external_id) => {
                        let none = ExternalId::new("");
                        let foreign = external_id.as_ref().unwrap_or(&none);
                        let family = Neighbours::family_of_foreign(foreign);
                        self.claim(terminal, &family, false).await
                    }
                }
            }
        }
    }

    /// Finds out the same for the operation of this name at the bank.
    pub(crate) async fn place_at_bank(
        &self,
        terminal: &Terminal,
        id: &ExternalId,
    ) -> Result<Where, Refused> {
        match self.neighbours.place_at_bank(id).await.map_err(away)? {
            Some(place) => self.settle(terminal, &place, false).await,
            None => Ok(Where::Nowhere),
        }
    }

    /// Tells whether an operation has this name at the bank, and if so whether it is open.
    pub(crate) async fn knows(&self, id: &ExternalId) -> Result<Option<bool>, Refused> {
        let found = self.neighbours.place_at_bank(id).await.map_err(away)?;
        Ok(found.map(|place| place.pending))
    }

    async fn settle(
        &self,
        terminal: &Terminal,
        place: &Place,
        looks: bool,
    ) -> Result<Where, Refused> {
        match place.owner {
            Some(owner) if owner == self.neighbours.me() => Ok(Where::Here { known: Some(owner) }),
            Some(owner) => Ok(Where::There(owner)),
            None if looks => Ok(Where::Here { known: None }),
            None => self.claim(terminal, &place.family, place.open).await,
        }
    }

    /// Makes a family this process's, and goes on with what is open of it: whether or not the
    /// caller is still there, since nobody else does.
    async fn claim(&self, terminal: &Terminal, family: &str, open: bool) -> Result<Where, Refused> {
        let (neighbours, terminal) = (self.neighbours.clone(), terminal.clone());
        let me = neighbours.me();
        let family = family.to_owned();
        let claiming = tokio::spawn(async move {
            let owner = neighbours.claim(&family).await;
            // Of a claim whose answer was lost nobody knows; a look costs little.
            if open && !matches!(owner, Ok(Owner::Other(_))) {
                terminal.take_over();
            }
            owner
        });
        match claiming.await.map_err(|_| Refused::stopping())? {
            Ok(Owner::Me) => Ok(Where::Here { known: Some(me) }),
            Ok(Owner::Other(owner)) => Ok(Where::There(owner)),
            Err(error) => Err(away(error)),
        }
    }

    /// Asks it for what only it knows; `None`: it is not to be had.
    pub(crate) async fn glance(&self, owner: i64, named: &Named) -> Option<ViewBody> {
        self.ask(owner, named, None, GLANCE).await.ok().flatten()
    }

    /// Asks the process that drives an operation; `None`: it died before it answered.
    pub(crate) async fn ask(
        &self,
        owner: i64,
        named: &Named,
        order: Option<&OrderBody>,
        patience: Duration,
    ) -> Result<Option<ViewBody>, Refused> {
        let wish = Envelope { reply: true, wish: Wish::of(named, order) }.to_text()?;
        let answer = self.neighbours.ask(owner, &wish, patience).await.map_err(away)?;
        let Some(answer) = answer else { return Ok(None) };
        match serde_json::from_str(&answer) {
            Ok(Reply::View(view)) => Ok(Some(*view)),
            Ok(Reply::Refused { status, error, message }) => {
                Err(Refused::relayed(status, error, message))
            }
            Err(error) => {
                tracing::error!(%error, owner, "another process of the gateway is another version");
                Err(Refused::journal())
            }
        }
    }

    /// Lets the process that drives an operation look at it, if it can.
    pub(crate) async fn nudge(&self, owner: i64, named: &Named) {
        let wish = Wish::of(named, None);
        if let Err(refused) = self.post(owner, wish).await {
            tracing::debug!(%refused.message, "another process was not told to look");
        }
    }

    /// Gives the process that drives an operation something to do.
    pub(crate) async fn post(&self, owner: i64, wish: Wish) -> Result<(), Refused> {
        let wish = Envelope { reply: false, wish }.to_text()?;
        self.neighbours.post(owner, &wish).await.map(|_| ()).map_err(away)
    }

    /// Gives it a push, or the body of a callback whose signature was checked.
    pub(crate) fn about(external_id: &ExternalId, callback: Option<&[u8]>) -> Wish {
        match callback.map(|body| String::from_utf8_lossy(body).into_owned()) {
            Some(body) => Wish::Callback { body },
            None => Wish::Push { external_id: external_id.clone() },
        }
    }

    /// Notes that an operation is this process's, under this number.
    pub(crate) fn took(&self, id: &OperationId, process: i64) {
        // It may have lost it, with its number, while it did something with it.
        if process != self.neighbours.me() {
            return;
        }
        let mut mine = self.mine();
        if mine.process != process {
            *mine = Mine { process, ..Mine::default() };
        }
        if mine.ids.insert(id.clone()) {
            mine.oldest.push_back(id.clone());
            if mine.oldest.len() > MINE_MAX
                && let Some(oldest) = mine.oldest.pop_front()
            {
                mine.ids.remove(&oldest);
            }
        }
    }

    /// Notes that who drives an operation has to be found out again.
    pub(crate) fn doubts(&self, id: &OperationId) {
        self.mine().ids.remove(id);
    }

    fn is_mine(&self, id: &OperationId) -> bool {
        let process = self.neighbours.me();
        let mine = self.mine();
        mine.process == process && mine.ids.contains(id)
    }

    /// Tells whether the database answers and this process holds its lease; and how many processes
    /// there are, of which this may be the oldest.
    pub(crate) async fn health(&self) -> Result<(i64, bool), Refused> {
        let counted = timeout(GLANCE, self.neighbours.processes()).await;
        let counted = counted.map_err(|_| Refused::journal())?.map_err(away)?;
        if !self.neighbours.is_fresh().await {
            return Err(Refused::journal());
        }
        Ok(counted)
    }

    fn counted(&self) -> MutexGuard<'_, BTreeMap<OperationId, i64>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mine(&self) -> MutexGuard<'_, Mine> {
        // Nothing that is done under this lock can leave a half-changed value behind.
        self.mine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells a caller to ask again: the database, or another process, does not answer at present.
fn away(error: JournalError) -> Refused {
    tracing::warn!(%error, "the shared journal");
    Refused::journal()
}
