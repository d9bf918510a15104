//! Waiting for an operation with somebody before the screen: progress, and Ctrl-C.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::note::Note;
use crate::setup::Setup;
use crate::share::{Desk, Reply};
use crate::show::Show;
use crate::trouble::Trouble;
use crate::wish::Wish;

/// Is how a wait ended.
#[derive(Debug)]
pub(super) enum Waited {
    /// With a reply or without one, at this desk if it could be opened.
    Done(Option<Box<Desk>>, Result<Reply, Trouble>),
    /// The operator left; what goes on is in the journal.
    Left,
}

/// Lets a wish be done and shows what goes on.
///
/// The first Ctrl-C gives a payment up (`cancels`), or says that this cannot be; the second leaves.
pub(super) async fn wait(setup: Arc<Setup>, wish: Wish, mut show: Show, cancels: bool) -> Waited {
    let (notes, mut noted) = mpsc::unbounded_channel();
    let (cancel, cancelled) = watch::channel(false);
    let mut doing = tokio::spawn(async move { perform(setup, wish, notes, cancelled).await });
    let Ok(mut interrupts) = signal(SignalKind::interrupt()) else {
        let trouble = Trouble::Failed("the system tells of no Ctrl-C".to_owned());
        return Waited::Done(None, Err(trouble));
    };
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut interrupted = false;
    let done = loop {
        tokio::select! {
            biased;
            Some(()) = interrupts.recv() => {
                if interrupted {
                    show.end();
                    return Waited::Left;
                }
                interrupted = true;
                show.interrupted(cancels);
                if cancels {
                    let _ended = cancel.send(true);
                }
            }
            Some(note) = noted.recv() => show.note(&note),
            done = &mut doing => break done,
            _ = ticks.tick() => show.tick(),
        }
    };
    while let Ok(note) = noted.try_recv() {
        show.note(&note);
    }
    show.end();
    match done {
        Ok((desk, reply)) => Waited::Done(desk, reply),
        Err(panicked) => Waited::Done(None, Err(Trouble::Failed(panicked.to_string()))),
    }
}

/// Opens the way to the journal and lets a wish be done, without a screen.
pub(super) async fn perform(
    setup: Arc<Setup>,
    wish: Wish,
    notes: mpsc::UnboundedSender<Note>,
    cancel: watch::Receiver<bool>,
) -> (Option<Box<Desk>>, Result<Reply, Trouble>) {
    match Desk::open(setup).await {
        Ok(mut desk) => {
            let reply = desk.perform(wish, &notes, &cancel).await;
            (Some(Box::new(desk)), reply)
        }
        Err(trouble) => (None, Err(trouble)),
    }
}

/// Hears Ctrl-C from its making on.
#[derive(Debug)]
pub(super) struct Interrupts(Option<Signal>);

impl Interrupts {
    /// Begins to hear.
    pub(super) fn new() -> Self {
        Self(signal(SignalKind::interrupt()).ok())
    }

    /// Serves the others to their end, if there is a desk and this process has the journal; Ctrl-C
    /// leaves them to themselves.
    pub(super) async fn leave(mut self, desk: Option<Box<Desk>>, waiting: impl Fn(usize)) {
        let Some(desk) = desk else { return };
        let interrupted = async {
            match &mut self.0 {
                Some(interrupts) => interrupts.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = desk.close(waiting) => {}
            _ = interrupted => {}
        }
    }
}
