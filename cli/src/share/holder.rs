//! Holding the journal: the socket, the other processes, and the end.

use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use till_core::intent::Answer;
use till_core::journal::SqliteJournal;
use till_core::terminal::{Bridge, StartError, Terminal};
use tokio::io::BufReader;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::counter::{Counter, PATIENCE};
use super::hub::Hub;
use super::wire::{self, FromClient, FromHolder, Hello};
use crate::setup::{Setup, beside};
use crate::trouble::Trouble;

/// Is this process while it has the journal.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) counter: Arc<Counter>,
    accepting: JoinHandle<()>,
    stop: watch::Sender<bool>,
    socket: Socket,
}

/// Is the socket's file; it goes when nobody listens any more.
#[derive(Debug)]
struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        let _gone_already = fs::remove_file(&self.0);
    }
}

impl Holder {
    /// Starts the terminal on a journal that was just opened, and lets other processes come.
    pub(super) async fn start(
        setup: &Setup,
        journal: SqliteJournal,
        place: &Path,
    ) -> Result<Self, Trouble> {
        let bank = setup.start_bank().await?.map(Arc::new);
        let lines = setup.lines(bank.as_deref())?;
        let hub = Arc::new(Hub::new(bank.clone()));
        let bridge: Arc<dyn Bridge> = hub.clone();
        let settings = setup.settings.clone();
        let terminal =
            Terminal::start(settings, Box::new(journal), lines, Some(bridge)).map_err(|error| {
                match error {
                    StartError::Journal(error) => Trouble::from(error),
                    StartError::System(_) => Trouble::Failed(error.to_string()),
                }
            })?;
        let counter = Arc::new(Counter {
            terminal,
            hub,
            bank,
            language: setup.settings.language,
            fingerprint: setup.fingerprint(),
            clients: watch::Sender::new(0),
        });
        let listener = match listen(place) {
            Ok(listener) => listener,
            Err(error) => {
                counter.terminal.stop();
                let text = format!("{}: others cannot be let in: {error}", place.display());
                return Err(Trouble::Journal(text));
            }
        };
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, Arc::clone(&counter), stopped));
        Ok(Self { counter, accepting, stop, socket: Socket(place.to_owned()) })
    }

    /// Serves until the last other process has its answer, then gives the journal up. `waiting` is
    /// told how many processes are waited for, if there are any.
    pub(super) async fn close(self, waiting: impl Fn(usize)) {
        let Self { counter, accepting, stop, socket } = self;
        let mut clients = counter.clients.subscribe();
        let count = *clients.borrow();
        if count > 0 {
            waiting(count);
        }
        nobody(&mut clients).await;
        // From here on others find no socket, and wait for the lock.
        drop(socket);
        let _gone = stop.send(true);
        let _ended = accepting.await;
        nobody(&mut clients).await;
        let terminal = counter.terminal.clone();
        let _ended = tokio::task::spawn_blocking(move || terminal.stop()).await;
    }
}

/// Waits until no other process is being served.
async fn nobody(clients: &mut watch::Receiver<usize>) {
    let _nobody_counts_any_more = clients.wait_for(|count| *count == 0).await;
}

/// Makes the socket under another name and moves it, so that nobody ever sees it open to others.
fn listen(place: &Path) -> std::io::Result<UnixListener> {
    // Only whoever has the lock comes here, so what is left is of a process that is gone.
    let new = beside(place, "~");
    for path in [place, &new] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    let listener = UnixListener::bind(&new)?;
    fs::set_permissions(&new, Permissions::from_mode(0o600))?;
    fs::rename(&new, place)?;
    Ok(listener)
}

async fn accept(listener: UnixListener, counter: Arc<Counter>, mut stop: watch::Receiver<bool>) {
    loop {
        let stream = tokio::select! {
            biased;
            _ = super::is_set(&mut stop) => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "another till cannot be let in");
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    continue;
                }
            },
        };
        counter.clients.send_modify(|clients| *clients += 1);
        let counter = Arc::clone(&counter);
        tokio::spawn(async move {
            let leaving = Leaving(Arc::clone(&counter));
            serve(&counter, stream).await;
            drop(leaving);
        });
    }
}

/// Counts a client out, however its task ends.
struct Leaving(Arc<Counter>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.clients.send_modify(|clients| *clients = clients.saturating_sub(1));
    }
}

/// Serves one other process; returns when it has its answer or is gone.
async fn serve(counter: &Counter, stream: UnixStream) {
    let user = rustix::process::geteuid().as_raw();
    if stream.peer_cred().ok().is_none_or(|peer| peer.uid() != user) {
        return tracing::warn!("a process of another user was sent away");
    }
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let Ok(Some(hello)) = timeout(PATIENCE, wire::read(&mut reader)).await else { return };
    let welcome = greet(counter, hello);
    let welcomed = matches!(welcome, FromHolder::Welcome { .. });
    if wire::write(&mut writer, &welcome).await.is_err() || !welcomed {
        return;
    }
    let Ok(Some(FromClient::Wish { wish })) = timeout(PATIENCE, wire::read(&mut reader)).await
    else {
        return;
    };
    // A task of its own reads on, since a line that is given up half-read would be lost.
    let (words, mut said) = mpsc::channel(4);
    let reading = tokio::spawn(async move {
        while let Some(word) = wire::read(&mut reader).await {
            if words.send(word).await.is_err() {
                return;
            }
        }
    });
    let (cancel, cancelled) = watch::channel(false);
    let (notes, mut noted) = mpsc::unbounded_channel();
    let performing = counter.perform(&wish, &notes, cancelled);
    tokio::pin!(performing);
    let reply = loop {
        tokio::select! {
            biased;
            Some(note) = noted.recv() => {
                if wire::write(&mut writer, &FromHolder::Note { note }).await.is_err() {
                    return reading.abort();
                }
            }
            reply = &mut performing => break reply,
            word = said.recv() => match word {
                Some(FromClient::Cancel) => {
                    let _ended = cancel.send(true);
                }
                // It is gone, and so is whoever waited: the operation goes on without.
                Some(FromClient::Wish { .. } | FromClient::HandedOver { .. }) | None => {
                    return reading.abort();
                }
            },
        }
    };
    while let Ok(note) = noted.try_recv() {
        if wire::write(&mut writer, &FromHolder::Note { note }).await.is_err() {
            return reading.abort();
        }
    }
    if wire::write(&mut writer, &wire::pack(reply)).await.is_ok() {
        let last = timeout(PATIENCE, async {
            // A give-up may still be on its way when the answer is there.
            while let Some(word) = said.recv().await {
                if let FromClient::HandedOver { line, operation } = word {
                    return Some(Answer { operation, ..Answer::from_json(&line).ok()? });
                }
            }
            None
        });
        if let Ok(Some(answer)) = last.await {
            counter.handed_over(&answer).await;
            let _gone = wire::write(&mut writer, &FromHolder::Done).await;
        }
    }
    reading.abort();
}

/// Lets a client in that speaks this version and has this configuration.
fn greet(counter: &Counter, hello: Hello) -> FromHolder {
    if hello.till != wire::VERSION {
        return FromHolder::OtherVersion;
    }
    let ours = &counter.fingerprint;
    let differs = |key: &&String| ours.get(*key) != hello.fingerprint.get(*key);
    let mut keys: Vec<String> =
        ours.keys().chain(hello.fingerprint.keys()).filter(differs).cloned().collect();
    keys.sort_unstable();
    keys.dedup();
    if !keys.is_empty() {
        return FromHolder::OtherConfiguration { keys };
    }
    if let (Some(bank), Some(auto)) = (&counter.bank, hello.auto) {
        bank.set_auto(auto);
    }
    FromHolder::Welcome {
        wallet_url: counter.bank.as_ref().map(|bank| bank.wallet_url().to_owned()),
    }
}
