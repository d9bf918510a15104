//! A journal in memory: for the simulator, which crashes it at will, and for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    Durability, Entry, Findings, Journal, JournalError, MOST_OF_A_REQUEST, Record, Sought,
    installation_id,
};
use crate::id::{Caller, ExternalId, OperationId, RequestId};
use crate::operation::{Action, Operation};

/// Keeps operations in memory. Clones are handles of the same journal, so that a simulation can
/// reach the one that it gave away.
#[derive(Clone)]
pub struct MemoryJournal {
    store: Arc<Mutex<Store>>,
    installation: Box<str>,
}

/// Is a write that is about to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its number, from 1; goes on over crashes.
    pub write: u64,
    /// What it must survive.
    pub durability: Durability,
    /// How many operations it writes.
    pub entries: usize,
}

/// Says what goes wrong with a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The disk is full: nothing is written, and the next write may go well.
    Full,
    /// The process dies before the write.
    CrashBefore,
    /// The process dies after the commit, before it hears of it.
    CrashAfter,
}

/// Says what kind of end a journal has to survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The process is killed: everything committed is there.
    Kill,
    /// The power goes: of the writes since the last [`Durability::PowerCut`] one, only the oldest
    /// `kept` are there.
    PowerCut {
        /// How many of [`MemoryJournal::unsynced`] survive; a greater number means all.
        kept: usize,
    },
}

type FaultPlan = Box<dyn FnMut(Attempt) -> Fault + Send>;

#[derive(Default)]
struct Store {
    rows: Vec<Row>,
    ids: BTreeMap<OperationId, usize>,
    external_ids: BTreeMap<ExternalId, usize>,
    requests: BTreeMap<RequestId, Vec<usize>>,
    refunds: BTreeMap<ExternalId, Vec<usize>>,
    open: BTreeSet<usize>,
    /// How to undo each write since the last one that survives a power cut.
    unsynced: Vec<Vec<Undo>>,
    writes: u64,
    used_ms: Option<i64>,
    plan: Option<FaultPlan>,
    unreadable: Option<JournalError>,
    crashed: bool,
    group: Option<Group>,
}

/// Is what a group wrote so far: it is read, but no crash leaves it.
struct Group {
    done: Vec<Undo>,
    durability: Durability,
    entries: usize,
}

struct Row {
    operation: Operation,
    events: Vec<Record>,
}

enum Undo {
    Insert,
    Change { index: usize, before: Box<Operation> },
}

impl MemoryJournal {
    /// Makes an empty journal; 16 random bytes become the installation's id.
    pub fn new(installation_random: [u8; 16]) -> Self {
        let installation = installation_id(installation_random);
        Self { store: Arc::default(), installation }
    }

    /// Asks `plan` before each write what goes wrong with it; stays over crashes.
    pub fn set_faults(&self, plan: impl FnMut(Attempt) -> Fault + Send + 'static) {
        self.lock().plan = Some(Box::new(plan));
    }

    /// Makes every read fail in this way, or none.
    pub fn set_unreadable(&self, error: Option<JournalError>) {
        self.lock().unreadable = error;
    }

    /// Tells whether a [`Fault`] killed the process: every call fails from then on, and what the
    /// caller still does must not count.
    pub fn crashed(&self) -> bool {
        self.lock().crashed
    }

    /// Gives the number of writes begun so far.
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// Gives the number of writes that a power cut would lose.
    pub fn unsynced(&self) -> usize {
        self.lock().unsynced.len()
    }

    /// Ends this journal and gives what is found after the crash; all old handles are dead.
    #[must_use]
    pub fn survivors(&self, crash: Crash) -> Self {
        let dead = Store { crashed: true, ..Store::default() };
        let mut store = std::mem::replace(&mut *self.lock(), dead);
        if let Some(group) = store.group.take() {
            store.undo(group.done);
        }
        if let Crash::PowerCut { kept } = crash {
            while store.unsynced.len() > kept {
                let undo = store.unsynced.pop().unwrap_or_default();
                store.undo(undo);
            }
        }
        store.unsynced.clear();
        store.crashed = false;
        Self { store: Arc::new(Mutex::new(store)), installation: self.installation.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn readable(&self) -> Result<MutexGuard<'_, Store>, JournalError> {
        let store = self.lock();
        match &store.unreadable {
            _ if store.crashed => Err(dead()),
            Some(error) => Err(error.clone()),
            None => Ok(store),
        }
    }
}

impl Journal for MemoryJournal {
    fn write(&mut self, entries: &[Entry<'_>], durability: Durability) -> Result<(), JournalError> {
        let mut store = self.lock();
        match store.attempt(durability, entries.len())? {
            Fault::None => store.write(entries, durability),
            Fault::Full => Err(full()),
            Fault::CrashBefore => Err(store.crash()),
            Fault::CrashAfter => {
                store.write(entries, durability)?;
                Err(store.crash())
            }
        }
    }

    fn begin_group(&mut self, _sought: &[Sought]) {
        let group = Group { done: Vec::new(), durability: Durability::Kill, entries: 0 };
        let mut store = self.lock();
        // A dead process begins nothing, and what it had begun is undone by whoever looks next.
        if !store.crashed {
            store.group = Some(group);
        }
    }

    /// The commit counts as one more write, if there is anything to commit: it has its own faults.
    fn end_group(&mut self) -> Result<(), JournalError> {
        let mut store = self.lock();
        if store.crashed {
            return Err(dead());
        }
        let Some(group) = store.group.take_if(|group| group.entries > 0) else {
            store.group = None;
            return Ok(());
        };
        match store.attempt(group.durability, group.entries)? {
            Fault::None => {
                store.commit(group.done, group.durability);
                Ok(())
            }
            Fault::Full => {
                store.undo(group.done);
                Err(full())
            }
            Fault::CrashBefore => {
                store.undo(group.done);
                Err(store.crash())
            }
            Fault::CrashAfter => {
                store.commit(group.done, group.durability);
                Err(store.crash())
            }
        }
    }

    fn get(&self, id: &OperationId) -> Result<Option<Operation>, JournalError> {
        let store = self.readable()?;
        Ok(store.ids.get(id).and_then(|index| store.operation(*index)))
    }

    fn by_request(
        &self,
        caller: &Caller,
        action: Action,
        request_id: &RequestId,
    ) -> Result<Vec<Operation>, JournalError> {
        let store = self.readable()?;
        Ok(store.of_request(request_id, |one| {
            one.order.caller == *caller && one.order.action() == action
        }))
    }

    fn by_external_id(&self, id: &ExternalId) -> Result<Option<Operation>, JournalError> {
        let store = self.readable()?;
        Ok(store.external_ids.get(id).and_then(|index| store.operation(*index)))
    }

    fn pays_by_request_id(&self, id: &RequestId) -> Result<Vec<Operation>, JournalError> {
        Ok(self.readable()?.of_request(id, |one| one.order.action() == Action::Pay))
    }

    fn refunds_of(&self, payment: &ExternalId) -> Result<Vec<Operation>, JournalError> {
        let store = self.readable()?;
        let indices = store.refunds.get(payment).into_iter().flatten();
        Ok(indices.filter_map(|index| store.operation(*index)).collect())
    }

    fn open_operations(&self) -> Result<Vec<Operation>, JournalError> {
        let store = self.readable()?;
        Ok(store.open.iter().filter_map(|index| store.operation(*index)).collect())
    }

    fn history(&self, limit: usize) -> Result<Vec<Operation>, JournalError> {
        let store = self.readable()?;
        Ok(store.rows.iter().rev().take(limit).map(|row| row.operation.clone()).collect())
    }

    fn events(&self, id: &OperationId) -> Result<Vec<Record>, JournalError> {
        let store = self.readable()?;
        let row = store.ids.get(id).and_then(|index| store.rows.get(*index));
        Ok(row.map(|row| row.events.clone()).unwrap_or_default())
    }

    fn installation(&self) -> &str {
        &self.installation
    }

    fn used_ms(&self) -> Option<i64> {
        Some(self.lock().used_ms.unwrap_or(i64::MIN))
    }

    fn mark(&mut self, at_ms: i64) {
        self.lock().used_ms = Some(at_ms);
    }

    fn verify(&self) -> Result<Findings, JournalError> {
        let store = self.readable()?;
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        Ok(Findings { operations: count(store.rows.len()), open: count(store.open.len()) })
    }
}

impl fmt::Debug for MemoryJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = self.lock();
        f.debug_struct("MemoryJournal")
            .field("operations", &store.rows.len())
            .field("open", &store.open.len())
            .field("unsynced", &store.unsynced.len())
            .field("crashed", &store.crashed)
            .finish_non_exhaustive()
    }
}

impl Store {
    fn operation(&self, index: usize) -> Option<Operation> {
        self.rows.get(index).map(|row| row.operation.clone())
    }

    fn of_request(&self, id: &RequestId, fits: impl Fn(&Operation) -> bool) -> Vec<Operation> {
        let mut closed = 0;
        let indices = self.requests.get(id).into_iter().flatten().rev();
        let rows = indices.filter_map(|index| Some((index, self.rows.get(*index)?)));
        rows.filter(|(_, row)| fits(&row.operation))
            .filter(|(index, _)| {
                closed += 1;
                closed <= MOST_OF_A_REQUEST || self.open.contains(index)
            })
            .map(|(_, row)| row.operation.clone())
            .collect()
    }

    fn write(&mut self, entries: &[Entry<'_>], durability: Durability) -> Result<(), JournalError> {
        let mut done = Vec::with_capacity(entries.len());
        for entry in entries {
            match self.put(entry) {
                Ok(undo) => {
                    done.push(undo);
                    self.used_ms = Some(entry.at_ms);
                }
                Err(error) => {
                    self.undo(done);
                    return Err(error);
                }
            }
        }
        match &mut self.group {
            Some(group) => {
                group.done.extend(done);
                group.durability = group.durability.max(durability);
                group.entries += entries.len();
            }
            None => self.commit(done, durability),
        }
        Ok(())
    }

    fn commit(&mut self, done: Vec<Undo>, durability: Durability) {
        match durability {
            Durability::Kill => self.unsynced.push(done),
            Durability::PowerCut => self.unsynced.clear(),
        }
    }

    /// Counts a write and asks what goes wrong with it.
    fn attempt(&mut self, durability: Durability, entries: usize) -> Result<Fault, JournalError> {
        if self.crashed {
            return Err(dead());
        }
        self.writes += 1;
        let attempt = Attempt { write: self.writes, durability, entries };
        Ok(self.plan.as_mut().map_or(Fault::None, |plan| plan(attempt)))
    }

    fn crash(&mut self) -> JournalError {
        self.crashed = true;
        dead()
    }

    fn put(&mut self, entry: &Entry<'_>) -> Result<Undo, JournalError> {
        let operation = entry.operation;
        let known = self.ids.get(&operation.id).copied();
        let Some((index, row)) = known.and_then(|index| Some((index, self.rows.get_mut(index)?)))
        else {
            return self.insert(entry);
        };
        if row.operation.order != operation.order {
            let id = &operation.id;
            return Err(JournalError::Conflict(format!("operation {id} has another order")));
        }
        let number = u32::try_from(row.events.len()).unwrap_or(u32::MAX).saturating_add(1);
        row.events.push(Record { number, event: entry.event.to_owned(), at_ms: entry.at_ms });
        let before = Box::new(std::mem::replace(&mut row.operation, operation.clone()));
        self.mark(index, operation.is_open());
        Ok(Undo::Change { index, before })
    }

    fn insert(&mut self, entry: &Entry<'_>) -> Result<Undo, JournalError> {
        let operation = entry.operation.clone();
        let index = self.rows.len();
        let order = &operation.order;
        if self.external_ids.contains_key(&order.external_id) {
            let id = &order.external_id;
            return Err(JournalError::Conflict(format!("another operation has external id {id}")));
        }
        self.ids.insert(operation.id.clone(), index);
        self.external_ids.insert(order.external_id.clone(), index);
        self.requests.entry(order.request_id.clone()).or_default().push(index);
        if let Some(payment) = order.payment() {
            self.refunds.entry(payment.external_id.clone()).or_default().push(index);
        }
        self.mark(index, operation.is_open());
        let first = Record { number: 1, event: entry.event.to_owned(), at_ms: entry.at_ms };
        self.rows.push(Row { operation, events: vec![first] });
        Ok(Undo::Insert)
    }

    fn mark(&mut self, index: usize, open: bool) {
        if open {
            self.open.insert(index);
        } else {
            self.open.remove(&index);
        }
    }

    /// Takes one write back; the newest write must be undone first.
    fn undo(&mut self, done: Vec<Undo>) {
        for undo in done.into_iter().rev() {
            match undo {
                Undo::Insert => self.remove_newest(),
                Undo::Change { index, before } => {
                    self.mark(index, before.is_open());
                    if let Some(row) = self.rows.get_mut(index) {
                        row.operation = *before;
                        row.events.pop();
                    }
                }
            }
        }
    }

    fn remove_newest(&mut self) {
        let Some(Row { operation, .. }) = self.rows.pop() else { return };
        let order = &operation.order;
        self.ids.remove(&operation.id);
        self.external_ids.remove(&order.external_id);
        if let Some(indices) = self.requests.get_mut(&order.request_id) {
            indices.pop();
        }
        if let Some(indices) =
            order.payment().and_then(|payment| self.refunds.get_mut(&payment.external_id))
        {
            indices.pop();
        }
        self.open.remove(&self.rows.len());
    }
}

fn full() -> JournalError {
    let text = "the memory journal is full; free some space and try again";
    JournalError::Unavailable(text.to_owned())
}

fn dead() -> JournalError {
    JournalError::Unavailable("the process of this memory journal is dead".to_owned())
}
