//! The journal in PostgreSQL, which several processes share.
//!
//! Each payment with all its refunds is one family, and each family is driven by one process at a
//! time: the one that owns it and renews its lease. A process that was taken for dead cannot write
//! any more. A database that is away is waited for; whether a write whose answer was lost was done
//! is found out, never assumed.

mod address;
mod commit;
mod draft;
mod held;
mod keeper;
mod lease;
mod link;
mod neighbours;
mod read;
mod row;
mod schema;
mod session;
mod text;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

pub use keeper::News;
pub use neighbours::{Neighbours, Owner, Place, Wish};
pub use session::Session;

use self::address::Address;
use self::draft::{Batch, Draft, Group};
use self::held::Held;
use self::keeper::Keeper;
use self::lease::Identity;
use self::link::{Fail, Line, Link};
use self::text::escape;
use super::{Durability, Entry, Findings, Journal, JournalError, Record, Sought, installation_id};
use crate::id::{Caller, ExternalId, OperationId, RequestId};
use crate::operation::{Action, Operation};
use crate::secret::Secret;
use crate::time::{Clock, Now};

/// Says which database holds the journal, and how this process shares it.
#[derive(Debug)]
pub struct Postgres {
    /// `postgres://user:password@host/database`, or the words of libpq.
    pub url: Secret<String>,
    /// Names this process for people.
    pub name: String,
    /// How long this process may be silent before others go on with its operations, in
    /// milliseconds.
    pub lease_ms: u64,
    /// How long a database that is away is waited for, in milliseconds.
    pub patience_ms: u64,
    /// Whether the database has LISTEN and NOTIFY.
    pub listen: bool,
}

impl Postgres {
    /// A lease that is neither lost to a slow disk nor missed for long, in milliseconds.
    pub const LEASE_MS: u64 = 10_000;
    /// The time that a restart of a database takes, and more, in milliseconds.
    pub const PATIENCE_MS: u64 = 60_000;
}

/// How long a start waits at most for a database that is about to come up, in milliseconds.
const START_MS: u64 = 15_000;

/// Keeps operations in PostgreSQL.
pub struct PostgresJournal {
    // Dropped first: nobody renews what was given up.
    _keeper: Keeper,
    link: Link,
    identity: Arc<Identity>,
    address: Address,
    installation: Box<str>,
    listen: bool,
    patience_ms: u64,
    clock: Clock,
    state: RefCell<Held>,
    news: Option<mpsc::UnboundedReceiver<News>>,
}

impl PostgresJournal {
    /// Opens the journal and makes its tables if there are none; of the 16 random bytes a new one
    /// takes its installation id.
    ///
    /// # Errors
    /// The database cannot be reached or used; each text says what to do.
    pub fn open(options: Postgres, installation_random: [u8; 16]) -> Result<Self, JournalError> {
        let Postgres { url, name, lease_ms, patience_ms, listen } = options;
        let system = |error: std::io::Error| JournalError::Unavailable(error.to_string());
        let address = Address::new(&url, &name)?;
        let identity = Identity::new(name, lease_ms);
        let link = Link::new(address.clone(), patience_ms.min(START_MS)).map_err(system)?;
        let fresh = installation_id(installation_random);
        let who = Arc::clone(&identity);
        let installation = link
            .run(async move |line: &mut Line| {
                // Waits here for a database that is about to come up.
                line.read("SELECT 1", &[]).await?;
                let installation = schema::settle(line, &fresh).await?;
                lease::register(line, &who).await?;
                line.patience_ms = patience_ms;
                Ok(installation)
            })
            .map_err(|fail| fail.name(&address.database))?;
        let (told_news, news) = mpsc::unbounded_channel();
        let keeper = Keeper::start(address.clone(), Arc::clone(&identity), told_news, listen)
            .map_err(system)?;
        Ok(Self {
            _keeper: keeper,
            link,
            identity,
            address,
            installation: installation.into(),
            listen,
            patience_ms,
            clock: Clock::new(),
            state: RefCell::default(),
            news: Some(news),
        })
    }

    /// Gives what happens in the database, once: [`News::Orphans`] must reach
    /// [`crate::terminal::Terminal::take_over`].
    pub fn news(&mut self) -> Option<mpsc::UnboundedReceiver<News>> {
        self.news.take()
    }

    /// Gives the way to the other processes; it has a connection of its own, and waits for a
    /// database that is away as long as the journal does.
    pub fn neighbours(&self) -> Neighbours {
        self.neighbours_within(self.patience_ms)
    }

    /// Gives the way to the other processes for callers that rather ask again: it waits for a
    /// database that is away no longer than `patience_ms`, in milliseconds.
    pub fn neighbours_within(&self, patience_ms: u64) -> Neighbours {
        let mut line = Line::new(self.address.clone(), patience_ms);
        // What is asked has to survive nothing: who dies is asked no more.
        line.greeting = Some("SET synchronous_commit = off");
        Neighbours::new(Session::of(line), Arc::clone(&self.identity), self.listen)
    }

    /// Gives a number for a new operation: greater than all that this process has seen, so that
    /// within a request or a family it grows even where the processes' clocks differ.
    fn next_number(&self) -> i64 {
        const STEP: i64 = 1_024;
        let mut state = self.state.borrow_mut();
        let now = self.clock.now().wall_ms.saturating_mul(1_000).saturating_mul(STEP);
        let next = now.max(state.last.saturating_add(STEP));
        state.last = (next & !(STEP - 1)) | (self.identity.id() & (STEP - 1));
        state.last
    }

    fn write_all(&mut self, entries: &[Entry<'_>], durability: Durability) -> Result<(), Fail> {
        let alone = self.state.borrow().group.is_none();
        if alone {
            self.state.borrow_mut().group = Some(Group::default());
        }
        let staged = self.stage(entries, durability);
        if !alone {
            return staged;
        }
        let group = self.state.borrow_mut().group.take().unwrap_or_default();
        staged.and_then(|()| self.commit(group))
    }

    /// Puts a write into the group, all of it or nothing.
    fn stage(&self, entries: &[Entry<'_>], durability: Durability) -> Result<(), Fail> {
        let mut staged: BTreeMap<OperationId, Draft> = BTreeMap::new();
        for entry in entries {
            let id = &entry.operation.id;
            let order = &entry.operation.order;
            let earlier = staged.remove(id).or_else(|| self.state.borrow().drafted(id).cloned());
            let draft = match earlier {
                Some(mut draft) => {
                    same_order(&draft.operation.order, entry.operation)?;
                    draft.operation = entry.operation.clone();
                    draft.told.push((entry.at_ms, entry.event.to_owned()));
                    draft
                }
                None => {
                    let place = self.state.borrow().places.get(id).cloned();
                    match place {
                        Some(place) => {
                            same_order(&place.order, entry.operation)?;
                            Draft::new(place.number, Some(place.events), entry)
                        }
                        None => {
                            let named =
                                |one: &Operation| one.order.external_id == order.external_id;
                            let mut drafted = staged.values().map(|draft| &draft.operation);
                            if drafted.any(named) || self.state.borrow().is_drafted(named) {
                                let name = &order.external_id;
                                let text = format!("another operation has external id {name}");
                                return Err(Fail::Refused(text));
                            }
                            Draft::new(self.next_number(), None, entry)
                        }
                    }
                }
            };
            staged.insert(id.clone(), draft);
        }
        let mut state = self.state.borrow_mut();
        if let Some(group) = &mut state.group {
            if !staged.is_empty() {
                group.durability = group.durability.max(durability);
            }
            group.drafts.extend(staged);
        }
        Ok(())
    }

    /// Ends a group; whoever is told that it was taken over may begin anew.
    fn commit(&mut self, group: Group) -> Result<(), Fail> {
        let outcome = self.commit_as_owner(group);
        if matches!(outcome, Err(Fail::TakenOver)) {
            self.state.borrow_mut().told_taken_over = true;
        }
        outcome
    }

    /// Sends a group to the database.
    fn commit_as_owner(&mut self, mut group: Group) -> Result<(), Fail> {
        if group.drafts.is_empty() {
            return self.check_lease();
        }
        if self.identity.is_taken_over() {
            return Err(Fail::TakenOver);
        }
        if self.state.borrow().damage.is_some() {
            self.place(&mut group)?;
            if group.drafts.values().any(|draft| draft.before.is_none()) {
                let text = "it takes no new operations any more";
                return Err(Fail::Damaged(text.to_owned()));
            }
        }
        let outcome = match self.send(&group) {
            // What looked new may be there already, where nobody had read it.
            Err(Fail::Refused(why)) => match self.place(&mut group)? {
                true => self.send(&group),
                false => Err(Fail::Refused(why)),
            },
            other => other,
        };
        let mut state = self.state.borrow_mut();
        match &outcome {
            Ok(()) => {
                for draft in group.drafts.values() {
                    state.remember(&draft.stored());
                }
            }
            Err(fail) => {
                state.places.clear();
                if matches!(fail, Fail::TakenOver) {
                    self.identity.note_taken_over(self.identity.id());
                }
            }
        }
        outcome
    }

    fn send(&self, group: &Group) -> Result<(), Fail> {
        let batch = Batch::of(group)?;
        let (me, notify) = (self.identity.id(), self.listen);
        self.link.run(async move |line: &mut Line| commit::write(line, me, &batch, notify).await)
    }

    /// Finds those drafts in the database that were taken for new; true if there were any.
    fn place(&self, group: &mut Group) -> Result<bool, Fail> {
        let new = group.drafts.values().filter(|draft| draft.before.is_none());
        let ids: Vec<String> = new.map(|draft| escape(draft.operation.id.as_str())).collect();
        if ids.is_empty() {
            return Ok(false);
        }
        let found = self.link.run(async move |line: &mut Line| read::places(line, &ids).await)?;
        let any = !found.is_empty();
        for (id, place) in found {
            if let Some(draft) = group.drafts.get_mut(&id) {
                same_order(&place.order, &draft.operation)?;
                (draft.number, draft.before) = (place.number, Some(place.events));
            }
        }
        Ok(any)
    }

    /// Makes sure that this process was not taken for dead, if its own clock cannot say so.
    fn check_lease(&self) -> Result<(), Fail> {
        if self.identity.is_fresh(self.clock.now().boot_ms) {
            return Ok(());
        }
        let me = self.identity.id();
        if !self.identity.is_taken_over()
            && self.link.run(async move |line: &mut Line| commit::lives(line, me).await)?
        {
            return Ok(());
        }
        self.identity.note_taken_over(me);
        Err(Fail::TakenOver)
    }

    /// Takes over what has no process, and reads what this one owns; under a new number, if the old
    /// one was taken for dead.
    fn take_and_read(&self) -> Result<Vec<Operation>, Fail> {
        let who = Arc::clone(&self.identity);
        if who.is_taken_over() {
            let mut state = self.state.borrow_mut();
            // Otherwise it would go on under a new number with what another process drives.
            if !std::mem::take(&mut state.told_taken_over) {
                return Err(Fail::TakenOver);
            }
            state.places.clear();
        }
        self.link.run(async move |line: &mut Line| {
            if who.is_taken_over() {
                lease::register(line, &who).await?;
            }
            lease::reap(line, &who).await?;
            lease::take(line, who.id()).await
        })?;
        self.read_open(self.identity.id())
    }

    /// Puts the database's name on trouble, and remembers damage.
    fn noted<T>(&self, outcome: Result<T, Fail>) -> Result<T, JournalError> {
        outcome.map_err(|fail| {
            let error = fail.name(&self.address.database);
            if matches!(error, JournalError::Damaged(_)) {
                self.note(&error.to_string());
            }
            error
        })
    }

    fn note(&self, text: &str) {
        tracing::error!(error = text, "the journal is damaged");
        self.state.borrow_mut().damage.get_or_insert_with(|| text.to_owned());
    }
}

impl Journal for PostgresJournal {
    fn write(&mut self, entries: &[Entry<'_>], durability: Durability) -> Result<(), JournalError> {
        let outcome = self.write_all(entries, durability);
        self.noted(outcome)
    }

    fn begin_group(&mut self, sought: &[Sought]) {
        let mut state = self.state.borrow_mut();
        state.group = Some(Group::default());
        state.wanted = sought.to_vec();
        state.wanted.sort_unstable();
        state.wanted.dedup();
        state.foreseen.clear();
    }

    fn end_group(&mut self) -> Result<(), JournalError> {
        let group = {
            let mut state = self.state.borrow_mut();
            state.wanted.clear();
            state.foreseen.clear();
            state.group.take().unwrap_or_default()
        };
        let outcome = self.commit(group);
        self.noted(outcome)
    }

    fn is_shared(&self) -> bool {
        true
    }

    /// The database is another machine, which may have lost what it was not told to flush.
    fn is_whole_since(&self, _since: &Now, _now: &Now) -> bool {
        false
    }

    fn get(&self, id: &OperationId) -> Result<Option<Operation>, JournalError> {
        self.noted(self.find_id(id))
    }

    fn by_request(
        &self,
        caller: &Caller,
        action: Action,
        request_id: &RequestId,
    ) -> Result<Vec<Operation>, JournalError> {
        let (caller, request_id) = (caller.clone(), request_id.clone());
        self.noted(self.find_request(&Sought { caller, action, request_id }))
    }

    fn by_external_id(&self, id: &ExternalId) -> Result<Option<Operation>, JournalError> {
        self.noted(self.find_external_id(id))
    }

    fn pays_by_request_id(&self, id: &RequestId) -> Result<Vec<Operation>, JournalError> {
        self.noted(self.find_pays(id))
    }

    fn refunds_of(&self, payment: &ExternalId) -> Result<Vec<Operation>, JournalError> {
        self.noted(self.find_refunds(payment))
    }

    fn open_operations(&self) -> Result<Vec<Operation>, JournalError> {
        self.noted(self.take_and_read())
    }

    fn history(&self, limit: usize) -> Result<Vec<Operation>, JournalError> {
        self.noted(self.read_newest(limit))
    }

    fn search(
        &self,
        caller: Option<&Caller>,
        request_id: Option<&RequestId>,
        limit: usize,
    ) -> Result<Vec<Operation>, JournalError> {
        self.noted(self.find_all(caller, request_id, limit))
    }

    fn events(&self, id: &OperationId) -> Result<Vec<Record>, JournalError> {
        self.noted(self.read_events(id))
    }

    fn installation(&self) -> &str {
        &self.installation
    }

    fn verify(&self) -> Result<Findings, JournalError> {
        self.noted(self.check_all())
    }

    fn damage(&self) -> Option<String> {
        self.state.borrow().damage.clone()
    }
}

impl Drop for PostgresJournal {
    fn drop(&mut self) {
        let me = self.identity.id();
        self.identity.note_taken_over(me);
        // At worst the others wait until the lease runs out.
        let _gone = self.link.run(async move |line: &mut Line| {
            let left = tokio::time::timeout(Duration::from_secs(5), lease::leave(line, me)).await;
            left.unwrap_or(Ok(()))
        });
    }
}

impl fmt::Debug for PostgresJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresJournal")
            .field("database", &self.address.database)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

fn same_order(known: &crate::operation::Order, operation: &Operation) -> Result<(), Fail> {
    if *known == operation.order {
        return Ok(());
    }
    Err(Fail::Refused(format!("operation {} was ordered differently", operation.id)))
}
