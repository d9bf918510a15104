//! Brings what happens to an operation to whoever waits for it: stages, and what would be handed
//! over, since the command line is its own bridge.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use till_core::engine::Stage;
use till_core::id::{OperationId, RequestId};
use till_core::operation::HandOver;
use till_core::terminal::{Bridge, Observer};
use till_sandbox::Server;
use tokio::sync::mpsc::UnboundedSender;

use crate::bank;
use crate::note::{Handed, Note};

/// Knows who waits for which operation.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    taps: Mutex<BTreeMap<OperationId, Vec<UnboundedSender<Note>>>>,
    /// The embedded bank, whose customer sees what is shown.
    bank: Option<Arc<Server>>,
}

/// Listens for one caller.
#[derive(Debug)]
pub(crate) struct Tap {
    hub: Arc<Hub>,
    notes: UnboundedSender<Note>,
}

impl Hub {
    /// Makes a hub; with the embedded bank, its customer scans what is shown.
    pub(crate) fn new(bank: Option<Arc<Server>>) -> Self {
        Self { taps: Mutex::default(), bank }
    }

    /// Makes a listener that passes everything on.
    pub(crate) fn tap(self: &Arc<Self>, notes: UnboundedSender<Note>) -> Arc<Tap> {
        Arc::new(Tap { hub: Arc::clone(self), notes })
    }

    fn taps(&self) -> MutexGuard<'_, BTreeMap<OperationId, Vec<UnboundedSender<Note>>>> {
        // A map of senders is whole at any time.
        self.taps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Tap {
    fn stage(&self, operation: &OperationId, request_id: &RequestId, stage: &Stage) {
        let mut taps = self.hub.taps();
        taps.retain(|_, waiting| {
            waiting.retain(|notes| !notes.is_closed());
            !waiting.is_empty()
        });
        let waiting = taps.entry(operation.clone()).or_default();
        if !waiting.iter().any(|notes| notes.same_channel(&self.notes)) {
            waiting.push(self.notes.clone());
        }
        let note = Note::of(request_id.as_str(), stage);
        if let Some(bank) = &self.hub.bank {
            bank::scan(bank, &note);
        }
        let _gone = self.notes.send(note);
    }
}

impl Bridge for Hub {
    fn hand_over(&self, operation: &OperationId, what: &HandOver) -> Result<(), String> {
        let note = Note::HandedOver(Handed::from(what));
        let taps = self.taps();
        for notes in taps.get(operation).into_iter().flatten() {
            let _gone = notes.send(note.clone());
        }
        // Nobody comes back from nowhere, so the bank is simply asked on.
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use till_core::money::Amount;
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[test]
    fn a_hand_over_reaches_only_those_who_wait_for_the_operation() {
        let hub = Arc::new(Hub::default());
        let (one, mut of_one) = unbounded_channel();
        let (other, mut of_other) = unbounded_channel();
        let amount = Amount::new(1, "UZS".parse().unwrap());
        let stage = Stage::Started { amount };
        hub.tap(one).stage(&OperationId::new("1"), &RequestId::new("a"), &stage);
        hub.tap(other).stage(&OperationId::new("2"), &RequestId::new("b"), &stage);
        let url = "https://wallet.example/w/1".to_owned();
        let what = HandOver::Url { url: url.clone(), user_agent: None, ac_decode_config: None };
        hub.hand_over(&OperationId::new("1"), &what).unwrap();
        let started = |id: &str| Note::Started { request_id: id.to_owned(), amount };
        assert_eq!(of_one.try_recv(), Ok(started("a")));
        assert_eq!(of_one.try_recv(), Ok(Note::HandedOver(Handed::Url { url })));
        assert_eq!(of_other.try_recv(), Ok(started("b")));
        assert!(of_other.try_recv().is_err());
    }

    #[test]
    fn whoever_is_gone_is_forgotten() {
        let hub = Arc::new(Hub::default());
        let amount = Amount::new(1, "UZS".parse().unwrap());
        for id in ["1", "2"] {
            let (notes, _) = unbounded_channel();
            let stage = Stage::Started { amount };
            hub.tap(notes).stage(&OperationId::new(id), &RequestId::new(id), &stage);
        }
        assert_eq!(hub.taps().len(), 1, "only the last one, who went after it was noted");
    }
}
