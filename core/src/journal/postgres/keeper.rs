//! What goes on beside the journal's own writes: the lease is renewed, the dead are found, and what
//! other processes wrote is heard of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, Client};

use super::address::Address;
use super::lease::{self, Identity};
use super::link::{Fail, Line};
use super::text::unescape;
use crate::id::OperationId;

/// How often the dead are looked for.
const LOOK: Duration = Duration::from_secs(1);

/// Is something that happened in the shared database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A process, perhaps this one, wrote this operation.
    Changed(OperationId),
    /// Open operations have no process any more, or this one lost its own:
    /// [`crate::terminal::Terminal::take_over`].
    Orphans,
    /// What was heard before may be incomplete: the connection was made anew.
    Missed,
    /// Another process asks this one for something, or answered it.
    Wish,
}

/// Is the thread that keeps the lease.
#[derive(Debug)]
pub(super) struct Keeper {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(super) fn start(
        address: Address,
        identity: Arc<Identity>,
        news: mpsc::UnboundedSender<News>,
        listen: bool,
    ) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let work = move || {
            runtime.block_on(async {
                if listen {
                    tokio::spawn(hear(address.clone(), Arc::clone(&identity), news.clone()));
                }
                let mut line = Line::new(address, 0);
                let keeping = async {
                    loop {
                        if let Err(fail) = look(&mut line, &identity, &news).await {
                            tracing::warn!(?fail, "the lease could not be renewed");
                        }
                        let pause = Duration::from_millis(identity.lease_ms / 4);
                        tokio::time::sleep(LOOK.min(pause)).await;
                    }
                };
                tokio::select! {
                    () = keeping => {}
                    () = ended(&stopped) => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("till-lease".to_owned()).spawn(work)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

/// Waits for the end, whatever the database does meanwhile.
async fn ended(stopped: &AtomicBool) {
    while !stopped.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn look(
    line: &mut Line,
    identity: &Identity,
    news: &mpsc::UnboundedSender<News>,
) -> Result<(), Fail> {
    let lives = !identity.is_taken_over() && lease::renew(line, identity).await?;
    lease::reap(line, identity).await?;
    if !lives || lease::are_orphans(line).await? {
        let _nobody = news.send(News::Orphans);
    }
    Ok(())
}

/// Hears what is notified, over breaks of the connection.
async fn hear(address: Address, identity: Arc<Identity>, news: mpsc::UnboundedSender<News>) {
    let pause = Duration::from_millis(200);
    while !news.is_closed() {
        let Ok((client, mut connection)) = address.connect().await else {
            tokio::time::sleep(pause).await;
            continue;
        };
        let (told, mut heard) = mpsc::unbounded_channel();
        let carried = tokio::spawn(async move {
            let next = |context: &mut std::task::Context<'_>| connection.poll_message(context);
            let mut next = next;
            while let Some(Ok(message)) = std::future::poll_fn(&mut next).await {
                if let AsyncMessage::Notification(note) = message
                    && told.send((note.channel().to_owned(), note.payload().to_owned())).is_err()
                {
                    return;
                }
            }
        });
        if listen(&client).await {
            let _nobody = news.send(News::Missed);
            while let Some((channel, payload)) = heard.recv().await {
                let what = match channel.as_str() {
                    "till_changed" => {
                        unescape(&payload).map(|id| News::Changed(OperationId::new(id)))
                    }
                    "till_wish" if payload == identity.id().to_string() => Some(News::Wish),
                    _ => None,
                };
                if what.is_some_and(|what| news.send(what).is_err()) {
                    break;
                }
            }
        }
        carried.abort();
        tokio::time::sleep(pause).await;
    }
}

async fn listen(client: &Client) -> bool {
    client.batch_execute("LISTEN till_changed; LISTEN till_wish").await.is_ok()
}
