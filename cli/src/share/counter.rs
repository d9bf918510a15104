//! The one process that has the journal: it runs the terminal for itself and for the others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use till_core::intent::{Answer, Language, PayRequest, Refusal, Request, StatusRequest};
use till_core::operation::Action;
use till_core::terminal::{Observer, Stopped, Terminal};
use till_core::time::Now;
use till_sandbox::Server;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::Reply;
use super::hub::Hub;
use crate::note::Note;
use crate::row::Row;
use crate::trouble::Trouble;
use crate::wish::{Ask, Way, Wish, caller};

/// Is the terminal with what its callers need beside it.
#[derive(Debug)]
pub(super) struct Counter {
    pub(super) terminal: Terminal,
    pub(super) hub: Arc<Hub>,
    /// The embedded bank, while it is one.
    pub(super) bank: Option<Arc<Server>>,
    pub(super) language: Language,
    pub(super) fingerprint: BTreeMap<String, String>,
    /// How many other processes are being served.
    pub(super) clients: watch::Sender<usize>,
}

impl Counter {
    /// Does what a command wants; `cancel` becoming true gives its payment up.
    pub(super) async fn perform(
        &self,
        wish: &Wish,
        notes: &UnboundedSender<Note>,
        cancel: watch::Receiver<bool>,
    ) -> Result<Reply, Trouble> {
        match wish {
            Wish::Ask(ask) => self.ask(ask, notes, cancel).await,
            Wish::Resume => {
                let found = self.terminal.resume().await.map_err(stopped)?;
                Ok(Reply::Rows(found?.iter().map(Row::from).collect()))
            }
            Wish::History { limit } => {
                let found = self.terminal.history(*limit).await.map_err(stopped)?;
                Ok(Reply::Rows(found?.iter().map(Row::from).collect()))
            }
        }
    }

    /// Notes that whoever asked has this answer, and waits until it is noted.
    pub(super) async fn handed_over(&self, answer: &Answer) {
        self.terminal.handed_over(answer);
        // Commands are taken in turn: an answer to this one says that the other one is done.
        let _noted = self.terminal.history(0).await;
    }

    async fn ask(
        &self,
        ask: &Ask,
        notes: &UnboundedSender<Note>,
        cancel: watch::Receiver<bool>,
    ) -> Result<Reply, Trouble> {
        let request = match ask.read(self.language) {
            Ok(request) => request,
            Err(answer) => return Ok(Reply::Answer(answer)),
        };
        let tap = self.hub.tap(notes.clone());
        let answer = match (&ask.way, request) {
            (Way::Run, Request::Pay(pay)) => {
                let recorded = ask.again && self.recorded(&pay, &ask.since).await?;
                // Recorded already: whatever became of it, it is the answer, never a second code.
                let pay = PayRequest { idempotent: pay.idempotent || recorded, ..pay };
                self.pay(pay, tap, cancel).await
            }
            (Way::Run, request) => self.terminal.run(request, false, Some(tap)).await,
            (Way::Cancel, Request::Status(request)) => self.terminal.cancel(request).await,
            (Way::Settle { paid, note }, Request::Status(request)) => {
                self.terminal.settle(request, *paid, note.clone()).await
            }
            (Way::Cancel | Way::Settle { .. }, Request::Pay(_) | Request::Refund(_)) => {
                return Ok(Reply::Answer(Box::new(
                    ask.refused(self.language, &Refusal::Unreadable),
                )));
            }
        };
        // A terminal that stopped under a request leaves its outcome to the journal.
        let failed = |_: Stopped| ask.refused(self.language, &Refusal::Failed);
        Ok(Reply::Answer(Box::new(answer.unwrap_or_else(failed))))
    }

    async fn pay(
        &self,
        pay: PayRequest,
        tap: Arc<dyn Observer>,
        mut cancel: watch::Receiver<bool>,
    ) -> Result<Answer, Stopped> {
        let earlier = pay.request_id.clone().map(|request_id| StatusRequest {
            caller: pay.caller.clone(),
            request_id,
            metadata: None,
            action: Action::Pay,
        });
        let paying = self.terminal.pay(pay, false, Some(tap));
        tokio::pin!(paying);
        // The payment is asked for first, so that there is something to be given up.
        let given_up = tokio::select! {
            biased;
            answer = &mut paying => return answer,
            given_up = super::is_set(&mut cancel) => given_up,
        };
        if let (true, Some(earlier)) = (given_up, earlier) {
            let terminal = self.terminal.clone();
            tokio::spawn(async move { terminal.cancel(earlier).await });
        }
        paying.await
    }

    /// Tells whether this very command's payment is in the journal: a process that is gone may have
    /// recorded it. An older one under the same request id is another payment.
    async fn recorded(&self, pay: &PayRequest, since: &Now) -> Result<bool, Trouble> {
        let mut limit = 64;
        loop {
            let found = self.terminal.history(limit).await.map_err(stopped)??;
            let (count, mut newer) = (found.len(), 0);
            for told in &found {
                let order = &told.operation.order;
                if !not_before(&order.created, since) {
                    continue;
                }
                newer += 1;
                let same = order.caller == caller()
                    && order.action() == Action::Pay
                    && Some(&order.request_id) == pay.request_id.as_ref();
                if same {
                    return Ok(true);
                }
            }
            // Only if all of them are newer can there be more.
            if newer < count || count < limit {
                return Ok(false);
            }
            limit = limit.saturating_mul(8);
        }
    }
}

/// Tells whether a time is not before another one: on the boot clock within one start of the
/// device.
fn not_before(time: &Now, since: &Now) -> bool {
    if time.boot == since.boot {
        time.boot_ms >= since.boot_ms
    } else {
        time.wall_ms >= since.wall_ms
    }
}

fn stopped(error: Stopped) -> Trouble {
    Trouble::Failed(error.to_string())
}

/// How long a client may take between two words that depend on it alone.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use till_core::time::BootId;

    use super::*;

    #[test]
    fn what_is_older_than_the_command_was_not_made_by_it() {
        let since = Now { wall_ms: 1_000, boot_ms: 50, boot: BootId(1) };
        let later = Now { wall_ms: 0, boot_ms: 50, boot: BootId(1) };
        let before = Now { wall_ms: 9_000, boot_ms: 49, boot: BootId(1) };
        assert!(not_before(&later, &since) && !not_before(&before, &since));
        let elsewhere = |wall_ms| Now { wall_ms, boot_ms: 0, boot: BootId(2) };
        assert!(not_before(&elsewhere(1_000), &since) && !not_before(&elsewhere(999), &since));
    }
}
