//! One journal, several processes: whoever has it serves the others.
//!
//! **Invariant: no process that dies makes a payment be asked for twice.** Every request has its id
//! before anything else. When the holder is gone, a client repeats its wish marked as repeated, and
//! the next holder, which may be the client itself, looks in the journal first: a payment that this
//! very command began is joined or answered, never begun again.

mod client;
mod counter;
mod holder;
pub(crate) mod hub;
mod place;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use till_core::intent::{Answer, Verb};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::note::Note;
use crate::row::Row;
use crate::setup::{Bank, Setup};
use crate::trouble::Trouble;
use crate::wish::Wish;
use client::{Client, Gone};
use holder::Holder;

/// Is what came of a wish.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// An answer to a request.
    Answer(Box<Answer>),
    /// Operations.
    Rows(Vec<Row>),
}

/// Is the way to the journal: it is here, or another process has it.
#[derive(Debug)]
pub(crate) struct Desk {
    setup: Arc<Setup>,
    seat: Seat,
}

#[derive(Debug)]
enum Seat {
    Holder(Box<Holder>),
    Client(Client),
}

/// How long the lock may be held by nobody who lets others in: a process that just starts or ends.
const LOCKED_MAX: Duration = Duration::from_secs(15);
/// The pause between two tries meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

impl Desk {
    /// Takes the journal, or goes to the process that has it.
    pub(crate) async fn open(setup: Arc<Setup>) -> Result<Self, Trouble> {
        let seat = open(&setup).await?;
        Ok(Self { setup, seat })
    }

    /// Does what a command wants. Whatever process dies meanwhile, the wish goes on with another
    /// one or with this one. `cancel` becoming true gives its payment up.
    pub(crate) async fn perform(
        &mut self,
        mut wish: Wish,
        notes: &UnboundedSender<Note>,
        cancel: &watch::Receiver<bool>,
    ) -> Result<Reply, Trouble> {
        loop {
            if let Some(url) = self.wallet_url() {
                let _nobody_looks = notes.send(Note::Wallet { url });
            }
            let cancel = cancel.clone();
            let client = match &mut self.seat {
                Seat::Holder(holder) => {
                    return holder.counter.perform(&wish, notes, cancel).await;
                }
                Seat::Client(client) => client,
            };
            match client.perform(&wish, notes, cancel).await {
                Ok(reply) => return reply,
                Err(Gone) => {
                    let _nobody_looks = notes.send(Note::HolderGone);
                    if let Wish::Ask(ask) = &mut wish {
                        ask.again = true;
                    }
                    self.seat = open(&self.setup).await?;
                }
            }
        }
    }

    /// Notes that whoever asked has this answer: printed, flushed.
    ///
    /// Only the answers to requests that move money: a STATUS may be asked by somebody else.
    pub(crate) async fn handed_over(&mut self, answer: &Answer) {
        let moves = matches!(answer.verb(), Some(Verb::Pay | Verb::Refund));
        if !moves || answer.operation.is_none() {
            return;
        }
        let Err(Gone) = self.note(answer).await else { return };
        // At worst a repeated request gets the same success again.
        if let Ok(seat) = open(&self.setup).await {
            self.seat = seat;
            if self.note_anew(answer).await.is_err() {
                tracing::warn!("the hand-over is not recorded");
            }
        }
    }

    /// Serves the others to their end, if this process has the journal.
    pub(crate) async fn close(self, waiting: impl Fn(usize)) {
        match self.seat {
            Seat::Holder(holder) => holder.close(waiting).await,
            Seat::Client(client) => drop(client),
        }
    }

    /// Gives the address of the sandbox's wallet page.
    fn wallet_url(&self) -> Option<String> {
        match &self.seat {
            Seat::Holder(holder) => {
                holder.counter.bank.as_ref().map(|bank| bank.wallet_url().to_owned())
            }
            Seat::Client(client) => client.wallet_url.clone(),
        }
    }

    async fn note(&mut self, answer: &Answer) -> Result<(), Gone> {
        match &mut self.seat {
            Seat::Holder(holder) => {
                holder.counter.handed_over(answer).await;
                Ok(())
            }
            Seat::Client(client) => client.handed_over(answer).await,
        }
    }

    /// Notes a hand-over at a holder that did not give the answer itself.
    async fn note_anew(&mut self, answer: &Answer) -> Result<(), Gone> {
        if let Seat::Client(client) = &mut self.seat {
            let (notes, _) = tokio::sync::mpsc::unbounded_channel();
            let (_, cancel) = watch::channel(false);
            let _empty = client.perform(&Wish::History { limit: 0 }, &notes, cancel).await?;
        }
        self.note(answer).await
    }
}

/// Waits until a flag is set; false if nobody can set it any more.
async fn is_set(flag: &mut watch::Receiver<bool>) -> bool {
    flag.wait_for(|set| *set).await.is_ok()
}

async fn open(setup: &Setup) -> Result<Seat, Trouble> {
    let auto = match &setup.bank {
        Bank::Sandbox { auto, .. } => *auto,
        Bank::Configured(_) => None,
    };
    let mut waited = Duration::ZERO;
    loop {
        if let Some(journal) = setup.open_journal()? {
            let place = place::socket(&setup.journal)?;
            return Ok(Seat::Holder(Box::new(Holder::start(setup, journal, &place).await?)));
        }
        let place = place::socket(&setup.journal)?;
        if let Some(client) = Client::connect(&place, setup.fingerprint(), auto).await? {
            return Ok(Seat::Client(client));
        }
        if waited >= LOCKED_MAX {
            return Err(Trouble::Journal(format!(
                "{} is locked by a process that lets nobody in; end it, or wait for its end",
                setup.journal.display()
            )));
        }
        tokio::time::sleep(PAUSE).await;
        waited += PAUSE;
    }
}
