//! Where calls are taken: one thread, on which none of them blocks another's caller.
//!
//! Calls begin in the order in which they came. Configuring, which opens files and may wait for the
//! old terminal's end, happens on this thread; everything after it finds its result.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::mpsc;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use zeroize::Zeroizing;

use crate::call::Call;
use crate::error::TillError;
use crate::event::Event;
use crate::office::{Office, Work};
use crate::{Listener, wire};

/// Is what was asked, as it came.
pub(crate) enum Asked {
    /// By uniffi.
    Call(Box<Call>),
    /// By JNI: bytes that may hold secrets, and so are wiped.
    Bytes(Zeroizing<Vec<u8>>),
}

enum Message {
    Start(i64, Asked, Arc<dyn Listener>),
    Cancel(i64),
}

static NEXT: AtomicI64 = AtomicI64::new(1);
static INBOX: OnceLock<Option<mpsc::UnboundedSender<Message>>> = OnceLock::new();

/// Begins a call and gives its handle.
pub(crate) fn start(asked: Asked, listener: Arc<dyn Listener>) -> i64 {
    let handle = NEXT.fetch_add(1, Ordering::Relaxed);
    let listener_too = Arc::clone(&listener);
    let sent =
        inbox().is_some_and(|inbox| inbox.send(Message::Start(handle, asked, listener)).is_ok());
    if !sent {
        tell(&*listener_too, Event::Failed { error: no_thread() });
    }
    handle
}

/// Lets go of a call.
pub(crate) fn cancel(handle: i64) {
    if let Some(inbox) = inbox() {
        let _ended = inbox.send(Message::Cancel(handle));
    }
}

/// Gives a listener an event; what it throws or panics about is its own.
pub(crate) fn tell(listener: &dyn Listener, event: Event) {
    if catch_unwind(AssertUnwindSafe(|| listener.event(event))).is_err() {
        tracing::error!("a listener failed");
    }
}

fn inbox() -> Option<&'static mpsc::UnboundedSender<Message>> {
    let begin = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let desk = move || runtime.block_on(Desk::default().run(receiver));
        std::thread::Builder::new().name("till-calls".to_owned()).spawn(desk).ok()?;
        Some(sender)
    };
    INBOX.get_or_init(begin).as_ref()
}

fn no_thread() -> TillError {
    TillError::Retry { what: "the system gives no thread; start the app again".to_owned() }
}

#[derive(Default)]
struct Desk {
    office: Office,
    tasks: JoinSet<Event>,
    running: BTreeMap<i64, Running>,
}

/// Is a call under way.
struct Running {
    task: AbortHandle,
    listener: Arc<dyn Listener>,
    /// What is answered if it panics.
    fallback: Event,
}

impl Desk {
    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        loop {
            tokio::select! {
                biased;
                Some(done) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    self.finish(done);
                }
                message = inbox.recv() => match message {
                    Some(Message::Start(handle, asked, listener)) => {
                        self.begin(handle, asked, &listener);
                    }
                    Some(Message::Cancel(handle)) => {
                        if let Some(running) = self.running.remove(&handle) {
                            running.task.abort();
                        }
                    }
                    None => return,
                },
            }
        }
    }

    fn begin(&mut self, handle: i64, asked: Asked, listener: &Arc<dyn Listener>) {
        let busy = !self.running.is_empty();
        let office = &mut self.office;
        let begun = catch_unwind(AssertUnwindSafe(|| {
            let call = match asked {
                Asked::Call(call) => *call,
                Asked::Bytes(bytes) => match wire::get(&bytes) {
                    Ok(call) => call,
                    Err(why) => {
                        let what = why.to_string();
                        return Work::Ended(Event::Failed {
                            error: TillError::CallSupport { what },
                        });
                    }
                },
            };
            office.begin(call, listener, busy)
        }));
        let work = begun.unwrap_or_else(|panic| {
            Work::Ended(Event::Failed { error: TillError::Retry { what: words(panic) } })
        });
        match work {
            Work::Ended(event) => tell(&**listener, event),
            Work::Goes { fallback, future } => {
                let task = self.tasks.spawn(future);
                let listener = Arc::clone(listener);
                self.running.insert(handle, Running { task, listener, fallback });
            }
        }
    }

    fn finish(&mut self, done: Result<(Id, Event), JoinError>) {
        let (id, event) = match done {
            Ok((id, event)) => (id, Some(event)),
            Err(error) => (error.id(), None),
        };
        let found = self.running.iter().find(|(_, running)| running.task.id() == id);
        let handle = found.map(|(handle, _)| *handle);
        // A cancelled call is not among them any more.
        if let Some(running) = handle.and_then(|handle| self.running.remove(&handle)) {
            tell(&*running.listener, event.unwrap_or(running.fallback));
        }
    }
}

/// Tells that something of ours panicked; what it said may hold anything, and stays out of it.
fn words(_panic: Box<dyn Any + Send>) -> String {
    tracing::error!("a call panicked");
    "the terminal failed on the way; ask again".to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Heard(Mutex<Vec<Event>>);

    impl Listener for Heard {
        fn event(&self, event: Event) {
            self.0.lock().unwrap().push(event);
        }
    }

    #[tokio::test]
    async fn a_call_that_panics_is_answered_with_its_fallback() {
        let heard = Arc::new(Heard(Mutex::new(Vec::new())));
        let mut desk = Desk::default();
        let task = desk.tasks.spawn(async { panic!("a defect") });
        let listener: Arc<dyn Listener> = heard.clone();
        desk.running.insert(7, Running { task, listener, fallback: Event::Done });
        let done = desk.tasks.join_next_with_id().await.unwrap();
        desk.finish(done);
        assert_eq!(*heard.0.lock().unwrap(), [Event::Done]);
        assert!(desk.running.is_empty());
    }

    #[tokio::test]
    async fn bytes_that_no_till_wrote_end_their_call() {
        let heard = Arc::new(Heard(Mutex::new(Vec::new())));
        let listener: Arc<dyn Listener> = heard.clone();
        Desk::default().begin(7, Asked::Bytes(Zeroizing::new(vec![0, 0, 1, 0])), &listener);
        let heard = heard.0.lock().unwrap();
        assert!(matches!(heard[..], [Event::Failed { error: TillError::CallSupport { .. } }]));
    }
}
