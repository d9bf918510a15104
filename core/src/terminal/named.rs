//! What a gateway asks: operations by the names that their terminals gave them, and by those that
//! banks know.

use tokio::sync::oneshot;

use super::{Command, Reply, Stopped, Terminal};
use crate::engine::{Input, Named, Seen, Tally, Told, Whose};
use crate::id::{ExternalId, OperationId};
use crate::intent::RefundRequest;
use crate::journal::JournalError;

impl Terminal {
    /// Does what a caller wants of an operation that it names itself.
    ///
    /// # Errors
    /// The terminal was stopped.
    pub async fn known(&self, named: Named) -> Result<Seen, Stopped> {
        let (reply, seen) = oneshot::channel();
        let input = Box::new(move |waiter| Input::Known { waiter, named });
        let run = Command::Run(input, Reply::Seen(reply), None);
        self.commands.send(run).map_err(|_| Stopped)?;
        seen.await.map_err(|_| Stopped)
    }

    /// Gives the newest operations of a caller or a request, newest first.
    ///
    /// # Errors
    /// The terminal was stopped, or the journal cannot be read.
    pub async fn recall(&self, whose: Whose) -> Result<Result<Vec<Told>, JournalError>, Stopped> {
        self.list(move |waiter| Input::Recall { waiter, whose }).await
    }

    /// Tells whether an operation has this name at the bank, and if so whether it is open, and so
    /// asked for by itself.
    ///
    /// # Errors
    /// The terminal was stopped, or the journal cannot be read.
    pub async fn knows(
        &self,
        external_id: ExternalId,
    ) -> Result<Result<Option<bool>, JournalError>, Stopped> {
        let (reply, known) = oneshot::channel();
        self.commands.send(Command::Knows(external_id, reply)).map_err(|_| Stopped)?;
        known.await.map_err(|_| Stopped)
    }

    /// Wakes the operation that the bank pushed about; false if it is not ours.
    ///
    /// # Errors
    /// The terminal was stopped, or the journal cannot be read.
    pub async fn push(
        &self,
        external_id: ExternalId,
    ) -> Result<Result<bool, JournalError>, Stopped> {
        let known = self.knows(external_id.clone()).await?.map(|known| known.is_some());
        if let Ok(true) = known {
            self.tell(Input::Push { external_id });
        }
        Ok(known)
    }

    /// Finds the payment that a refund speaks of; `None`: it is in no journal here.
    ///
    /// # Errors
    /// The terminal was stopped, or the journal cannot be read.
    pub async fn payment_of(
        &self,
        refund: RefundRequest,
    ) -> Result<Result<Option<OperationId>, JournalError>, Stopped> {
        let (reply, found) = oneshot::channel();
        let command = Command::PaymentOf(Box::new(refund), reply);
        self.commands.send(command).map_err(|_| Stopped)?;
        found.await.map_err(|_| Stopped)
    }

    /// Counts what is going on.
    ///
    /// # Errors
    /// The terminal was stopped.
    pub async fn tally(&self) -> Result<Tally, Stopped> {
        let (reply, tally) = oneshot::channel();
        self.commands.send(Command::Tally(reply)).map_err(|_| Stopped)?;
        tally.await.map_err(|_| Stopped)
    }
}
