//! Who waits for news of which operation in this process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use till_core::id::OperationId;
use till_core::operation::HandOver;
use till_core::terminal::{Bridge, Watcher};
use tokio::sync::watch;

/// Wakes those who wait, and keeps what customers are to be handed over with until they are.
#[derive(Default)]
pub(crate) struct Hub {
    waiting: Mutex<BTreeMap<OperationId, watch::Sender<()>>>,
    hand_overs: Mutex<BTreeMap<OperationId, HandOver>>,
}

impl Hub {
    /// Lets a caller hear of the changes of an operation from now on.
    pub(crate) fn subscribe<'a>(&'a self, operation: &'a OperationId) -> Subscription<'a> {
        let mut waiting = locked(&self.waiting);
        let sender = waiting.entry(operation.clone()).or_insert_with(|| watch::Sender::new(()));
        Subscription { hub: self, operation, news: sender.subscribe() }
    }

    /// Gives what the customer of a payment is to be handed over with.
    pub(crate) fn hand_over(&self, operation: &OperationId) -> Option<HandOver> {
        locked(&self.hand_overs).get(operation).cloned()
    }

    /// Drops what no customer needs any more.
    pub(crate) fn handed(&self, operation: &OperationId) {
        locked(&self.hand_overs).remove(operation);
    }

    /// Lets those look who wait for this operation.
    pub(crate) fn wake(&self, operation: &OperationId) {
        if let Some(sender) = locked(&self.waiting).get(operation) {
            sender.send_replace(());
        }
    }

    /// Lets everybody look who waits.
    pub(crate) fn wake_all(&self) {
        locked(&self.waiting).values().for_each(|sender| sender.send_replace(()));
    }

    /// Gives the operations that somebody waits for.
    pub(crate) fn ids(&self) -> Vec<OperationId> {
        locked(&self.waiting).keys().cloned().collect()
    }

    /// Tells for how many operations somebody waits.
    pub(crate) fn waiting(&self) -> usize {
        locked(&self.waiting).len()
    }
}

/// Is a caller that waits; callers may go at any time.
pub(crate) struct Subscription<'a> {
    hub: &'a Hub,
    operation: &'a OperationId,
    /// Changes with the operation.
    pub(crate) news: watch::Receiver<()>,
}

impl Drop for Subscription<'_> {
    fn drop(&mut self) {
        let mut waiting = locked(&self.hub.waiting);
        self.news = watch::Sender::new(()).subscribe();
        if waiting.get(self.operation).is_some_and(|sender| sender.receiver_count() == 0) {
            waiting.remove(self.operation);
        }
    }
}

impl Watcher for Hub {
    fn changed(&self, operation: &OperationId) {
        self.wake(operation);
    }
}

impl Bridge for Hub {
    fn hand_over(&self, operation: &OperationId, what: &HandOver) -> Result<(), String> {
        locked(&self.hand_overs).insert(operation.clone(), what.clone());
        self.wake(operation);
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that is done under these locks can leave a half-changed value behind.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
