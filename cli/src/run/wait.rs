//! Waiting for an operation with somebody before the screen: progress, and Ctrl-C.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
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
    /// With a reply, from this desk.
    Replied(Box<Desk>, Reply),
    /// Without one.
    Failed(Trouble),
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
        return Waited::Failed(Trouble::Failed("the system tells of no Ctrl-C".to_owned()));
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
        Ok(Ok((desk, reply))) => Waited::Replied(Box::new(desk), reply),
        Ok(Err(trouble)) => Waited::Failed(trouble),
        Err(panicked) => Waited::Failed(Trouble::Failed(panicked.to_string())),
    }
}

/// Opens the way to the journal and lets a wish be done, without a screen.
pub(super) async fn perform(
    setup: Arc<Setup>,
    wish: Wish,
    notes: mpsc::UnboundedSender<Note>,
    cancel: watch::Receiver<bool>,
) -> Result<(Desk, Reply), Trouble> {
    let mut desk = Desk::open(setup).await?;
    match desk.perform(wish, &notes, &cancel).await {
        Ok(reply) => Ok((desk, reply)),
        Err(trouble) => {
            desk.close(|_| {}).await;
            Err(trouble)
        }
    }
}
