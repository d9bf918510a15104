//! The journal under watch: what was written, and what would be there after a power cut right now.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use till_core::id::{Caller, ExternalId, OperationId, RequestId};
use till_core::journal::{
    Attempt, Crash, Durability, Entry, Fault, Findings, Journal, JournalError, MemoryJournal,
    Record, Sought,
};
use till_core::operation::{Action, Operation, Order, State};

use crate::reference::{self, Violation};
use crate::rng::Rng;

/// A memory journal, with a notebook beside it that is not the engine's.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    inner: MemoryJournal,
    watch: Arc<Mutex<Watch>>,
    luck: Arc<Mutex<Luck>>,
}

/// What was written, by every name that an operation has.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) notes: Vec<Note>,
    operations: BTreeMap<OperationId, usize>,
    externals: BTreeMap<ExternalId, usize>,
    requests: BTreeMap<RequestId, Vec<usize>>,
    refunds: BTreeMap<ExternalId, Vec<usize>>,
    dirty: Vec<usize>,
    group: Option<Group>,
    /// Which process of the terminal writes, counted from 0.
    pub(crate) life: u32,
    /// What a write broke.
    pub(crate) wrong: Option<Box<Violation>>,
}

/// One operation, as far as it was written.
#[derive(Debug)]
pub(crate) struct Note {
    pub(crate) id: OperationId,
    pub(crate) order: Order,
    /// Which process recorded it.
    pub(crate) life: u32,
    pub(crate) word: Word,
    /// What a power cut would leave of it; `None`: nothing at all.
    pub(crate) synced: Option<Word>,
    pub(crate) handed_over: bool,
    /// Whether it ever was in doubt.
    pub(crate) doubted: bool,
    pub(crate) writes: u32,
    pub(crate) synced_writes: u32,
    /// Lost to a power cut, as one may be that nothing was done about.
    pub(crate) gone: bool,
}

/// What a group wrote so far: how each note was before, and what the group must survive.
#[derive(Debug)]
struct Group {
    before: Vec<(usize, Mark)>,
    durability: Durability,
}

/// What a write changes of a note.
#[derive(Clone, Copy, Debug)]
struct Mark {
    word: Word,
    handed_over: bool,
    doubted: bool,
    writes: u32,
    synced_writes: u32,
    gone: bool,
}

/// What the journal says of an operation's money, in the reference model's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Running,
    Doubt,
    /// The POS may be told a final no; the money is watched.
    Closed,
    Yes,
    /// A yes that the bank took back.
    Reversed,
    Late,
    No,
}

impl Word {
    fn of(state: &State) -> Self {
        match state {
            State::Creating(_) | State::Waiting(_) | State::Closing(_) => Self::Running,
            State::InDoubt(_) => Self::Doubt,
            State::Closed(_) => Self::Closed,
            State::Approved(approved) if approved.reversed => Self::Reversed,
            State::Approved(_) => Self::Yes,
            State::Late(_) => Self::Late,
            State::NotPaid(_) | State::Refused(_) => Self::No,
        }
    }

    pub(crate) fn is_over(self) -> bool {
        !matches!(self, Self::Running | Self::Doubt)
    }
}

#[derive(Debug)]
struct Luck {
    rng: Rng,
    /// Crashes of a million writes.
    crash: u64,
    full: bool,
}

impl Disk {
    pub(crate) fn new(rng: &mut Rng, crash: u64) -> Self {
        let mut installation = [0; 16];
        installation[..8].copy_from_slice(&rng.next().to_le_bytes());
        let luck = Arc::new(Mutex::new(Luck { rng: rng.fork(), crash, full: false }));
        let inner = MemoryJournal::new(installation);
        let plan = Arc::clone(&luck);
        inner.set_faults(move |_: Attempt| plan.lock().unwrap().fault());
        Self { inner, watch: Arc::default(), luck }
    }

    pub(crate) fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap()
    }

    pub(crate) fn crashed(&self) -> bool {
        self.inner.crashed()
    }

    /// Lets writes fail, reads fail, or both go well.
    pub(crate) fn set_trouble(&self, full: bool, unreadable: bool) {
        self.luck.lock().unwrap().full = full;
        let error = || JournalError::Unavailable("the disk does not answer".to_owned());
        self.inner.set_unreadable(unreadable.then(error));
    }

    pub(crate) fn end_faults(&self) {
        self.luck.lock().unwrap().crash = 0;
        self.set_trouble(false, false);
    }

    /// Ends the process, and the power too if `power`; gives what the next process finds.
    pub(crate) fn survive(&mut self, power: bool) {
        let unsynced = self.inner.unsynced();
        let kept = self.luck.lock().unwrap().rng.index(unsynced + 1);
        let crash = if power { Crash::PowerCut { kept } } else { Crash::Kill };
        self.inner = self.inner.survivors(crash);
        self.set_trouble(false, false);
        self.watch.lock().unwrap().read_again(&self.inner);
    }
}

impl Luck {
    fn fault(&mut self) -> Fault {
        if self.full {
            Fault::Full
        } else if self.rng.odds(self.crash) {
            if self.rng.percent(50) { Fault::CrashBefore } else { Fault::CrashAfter }
        } else {
            Fault::None
        }
    }
}

impl Watch {
    pub(crate) fn operation(&self, id: &OperationId) -> Option<&Note> {
        self.operations.get(id).map(|index| &self.notes[*index]).filter(|note| !note.gone)
    }

    /// Gives how many operations were recorded before this one.
    pub(crate) fn index(&self, id: &OperationId) -> usize {
        self.operations[id]
    }

    pub(crate) fn external(&self, id: &ExternalId) -> Option<&Note> {
        self.externals.get(id).map(|index| &self.notes[*index]).filter(|note| !note.gone)
    }

    /// Gives the operations of a request, oldest first.
    pub(crate) fn request<'a>(
        &'a self,
        caller: &'a Caller,
        action: Action,
        id: &RequestId,
    ) -> impl DoubleEndedIterator<Item = &'a Note> {
        let indices = self.requests.get(id).into_iter().flatten();
        indices.map(|index| &self.notes[*index]).filter(move |note| {
            !note.gone && note.order.caller == *caller && note.order.action() == action
        })
    }

    pub(crate) fn refunds_of(&self, payment: &ExternalId) -> impl Iterator<Item = &Note> {
        let indices = self.refunds.get(payment).into_iter().flatten();
        indices.map(|index| &self.notes[*index]).filter(|note| !note.gone)
    }

    /// Notes what is about to be written; it may be there after a crash, whatever the write says.
    fn begin(&mut self, operation: &Operation) -> usize {
        let known = self.operations.get(&operation.id).copied();
        let index = known.unwrap_or_else(|| self.insert(operation));
        self.dirty.push(index);
        index
    }

    fn insert(&mut self, operation: &Operation) -> usize {
        let order = &operation.order;
        if let Err(wrong) = reference::may_begin(self, order) {
            self.wrong.get_or_insert(wrong);
        }
        let index = self.notes.len();
        self.operations.insert(operation.id.clone(), index);
        self.externals.insert(order.external_id.clone(), index);
        self.requests.entry(order.request_id.clone()).or_default().push(index);
        if let Some(payment) = order.payment() {
            self.refunds.entry(payment.external_id.clone()).or_default().push(index);
        }
        self.notes.push(Note {
            id: operation.id.clone(),
            order: order.clone(),
            life: self.life,
            word: Word::of(&operation.state),
            synced: None,
            handed_over: false,
            doubted: false,
            writes: 0,
            synced_writes: 0,
            gone: true,
        });
        index
    }

    fn written(&mut self, index: usize, operation: &Operation, durability: Durability) {
        let note = &mut self.notes[index];
        if let Some(group) = &mut self.group {
            group.before.push((index, note.mark()));
            group.durability = group.durability.max(durability);
        }
        note.gone = false;
        note.word = Word::of(&operation.state);
        note.doubted |= note.word == Word::Doubt;
        note.handed_over = operation.handed_over;
        note.writes += 1;
        if durability == Durability::PowerCut {
            note.synced_writes += 1;
        }
    }

    /// Notes what the end of a group came to; nothing of one that was refused is there.
    fn ended(&mut self, taken: bool) {
        let Some(group) = self.group.take() else { return };
        if taken && group.durability == Durability::PowerCut && !group.before.is_empty() {
            self.synced();
        }
        if !taken {
            for (index, mark) in group.before.into_iter().rev() {
                self.notes[index].restore(mark);
            }
        }
    }

    fn synced(&mut self) {
        for index in std::mem::take(&mut self.dirty) {
            let note = &mut self.notes[index];
            note.synced = (!note.gone).then_some(note.word);
        }
    }

    /// Takes what a crash left.
    fn read_again(&mut self, found: &MemoryJournal) {
        self.group = None;
        for index in std::mem::take(&mut self.dirty) {
            let note = &mut self.notes[index];
            let stored = found.get(&note.id).unwrap();
            note.gone = stored.is_none();
            note.synced = stored.as_ref().map(|operation| Word::of(&operation.state));
            if let Some(operation) = stored {
                note.word = Word::of(&operation.state);
                note.handed_over = operation.handed_over;
            }
        }
        self.life += 1;
    }
}

impl Note {
    fn mark(&self) -> Mark {
        let Self { word, handed_over, doubted, writes, synced_writes, gone, .. } = *self;
        Mark { word, handed_over, doubted, writes, synced_writes, gone }
    }

    fn restore(&mut self, mark: Mark) {
        let Mark { word, handed_over, doubted, writes, synced_writes, gone } = mark;
        (self.word, self.handed_over, self.doubted) = (word, handed_over, doubted);
        (self.writes, self.synced_writes, self.gone) = (writes, synced_writes, gone);
    }
}

impl Journal for Disk {
    fn write(&mut self, entries: &[Entry<'_>], durability: Durability) -> Result<(), JournalError> {
        let indices: Vec<usize> = {
            let mut watch = self.watch();
            entries.iter().map(|entry| watch.begin(entry.operation)).collect()
        };
        self.inner.write(entries, durability)?;
        let mut watch = self.watch();
        for (index, entry) in indices.into_iter().zip(entries) {
            watch.written(index, entry.operation, durability);
        }
        if durability == Durability::PowerCut && watch.group.is_none() {
            watch.synced();
        }
        Ok(())
    }

    fn begin_group(&mut self, sought: &[Sought]) {
        self.inner.begin_group(sought);
        self.watch().group = Some(Group { before: Vec::new(), durability: Durability::Kill });
    }

    fn end_group(&mut self) -> Result<(), JournalError> {
        let ended = self.inner.end_group();
        // After a crash the survivors say what was taken.
        if !self.inner.crashed() {
            self.watch().ended(ended.is_ok());
        }
        ended
    }

    fn get(&self, id: &OperationId) -> Result<Option<Operation>, JournalError> {
        self.inner.get(id)
    }

    fn by_request(
        &self,
        caller: &Caller,
        action: Action,
        request_id: &RequestId,
    ) -> Result<Vec<Operation>, JournalError> {
        self.inner.by_request(caller, action, request_id)
    }

    fn by_external_id(&self, id: &ExternalId) -> Result<Option<Operation>, JournalError> {
        self.inner.by_external_id(id)
    }

    fn pays_by_request_id(&self, id: &RequestId) -> Result<Vec<Operation>, JournalError> {
        self.inner.pays_by_request_id(id)
    }

    fn refunds_of(&self, payment: &ExternalId) -> Result<Vec<Operation>, JournalError> {
        self.inner.refunds_of(payment)
    }

    fn open_operations(&self) -> Result<Vec<Operation>, JournalError> {
        self.inner.open_operations()
    }

    fn history(&self, limit: usize) -> Result<Vec<Operation>, JournalError> {
        self.inner.history(limit)
    }

    fn events(&self, id: &OperationId) -> Result<Vec<Record>, JournalError> {
        self.inner.events(id)
    }

    fn installation(&self) -> &str {
        self.inner.installation()
    }

    fn used_ms(&self) -> Option<i64> {
        self.inner.used_ms()
    }

    fn mark(&mut self, at_ms: i64) {
        self.inner.mark(at_ms);
    }

    fn verify(&self) -> Result<Findings, JournalError> {
        self.inner.verify()
    }
}
