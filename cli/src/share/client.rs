//! Being served by the process that has the journal.

use std::collections::BTreeMap;
use std::path::Path;

use till_core::intent::Answer;
use till_sandbox::Auto;
use tokio::io::BufReader;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Reply;
use super::counter::PATIENCE;
use super::wire::{self, FromClient, FromHolder, Hello};
use crate::note::Note;
use crate::trouble::Trouble;
use crate::wish::Wish;

/// Is a connection to the holder of the journal.
#[derive(Debug)]
pub(super) struct Client {
    writer: OwnedWriteHalf,
    said: mpsc::Receiver<FromHolder>,
    reading: JoinHandle<()>,
    pub(super) wallet_url: Option<String>,
}

/// Says that the holder is gone; whoever asked has to find out what became of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gone;

impl Drop for Client {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

impl Client {
    /// Goes to the holder; `Ok(None)`: nobody is there, or it is just leaving.
    pub(super) async fn connect(
        place: &Path,
        fingerprint: BTreeMap<String, String>,
        auto: Option<Auto>,
    ) -> Result<Option<Self>, Trouble> {
        let Ok(stream) = UnixStream::connect(place).await else { return Ok(None) };
        let user = rustix::process::geteuid().as_raw();
        if stream.peer_cred().ok().is_none_or(|peer| peer.uid() != user) {
            let text = format!("{}: a process of another user is behind it", place.display());
            return Err(Trouble::Journal(text));
        }
        let (reader, mut writer) = stream.into_split();
        let hello = Hello { till: wire::VERSION, fingerprint, auto };
        if wire::write(&mut writer, &hello).await.is_err() {
            return Ok(None);
        }
        let mut reader = BufReader::new(reader);
        let Ok(welcome) = timeout(PATIENCE, wire::read(&mut reader)).await else {
            let text = "the process that has the journal does not answer; stop it or wait";
            return Err(Trouble::Journal(text.to_owned()));
        };
        let wallet_url = match welcome {
            None => return Ok(None),
            Some(FromHolder::Welcome { wallet_url }) => wallet_url,
            Some(FromHolder::OtherConfiguration { keys }) => {
                return Err(Trouble::NotConfigured(format!(
                    "another till has this journal with another configuration: {} differ",
                    keys.join(", ")
                )));
            }
            Some(
                FromHolder::OtherVersion
                | FromHolder::Note { .. }
                | FromHolder::Reply { .. }
                | FromHolder::Done,
            ) => {
                let text = "another version of till has this journal; wait until it ends";
                return Err(Trouble::NotConfigured(text.to_owned()));
            }
        };
        // A task of its own reads on, since a line that is given up half-read would be lost.
        let (words, said) = mpsc::channel(64);
        let reading = tokio::spawn(async move {
            while let Some(word) = wire::read(&mut reader).await {
                if words.send(word).await.is_err() {
                    return;
                }
            }
        });
        Ok(Some(Self { writer, said, reading, wallet_url }))
    }

    /// Lets the holder do it; `cancel` becoming true gives its payment up.
    pub(super) async fn perform(
        &mut self,
        wish: &Wish,
        notes: &UnboundedSender<Note>,
        mut cancel: watch::Receiver<bool>,
    ) -> Result<Result<Reply, Trouble>, Gone> {
        let wish = FromClient::Wish { wish: wish.clone() };
        wire::write(&mut self.writer, &wish).await.map_err(|_| Gone)?;
        let mut cancelled = false;
        loop {
            let word = tokio::select! {
                word = self.said.recv() => word,
                given_up = super::is_set(&mut cancel), if !cancelled => {
                    cancelled = true;
                    if given_up {
                        let cancel = &FromClient::Cancel;
                        wire::write(&mut self.writer, cancel).await.map_err(|_| Gone)?;
                    }
                    continue;
                }
            };
            match word {
                Some(FromHolder::Note { note }) => {
                    let _nobody_looks = notes.send(note);
                }
                Some(FromHolder::Reply { reply }) => return wire::unpack(reply).ok_or(Gone),
                Some(
                    FromHolder::Welcome { .. }
                    | FromHolder::OtherVersion
                    | FromHolder::OtherConfiguration { .. }
                    | FromHolder::Done,
                )
                | None => return Err(Gone),
            }
        }
    }

    /// Tells the holder that the answer is where it belongs, and waits until that is noted.
    pub(super) async fn handed_over(&mut self, answer: &Answer) -> Result<(), Gone> {
        let (line, operation) = (answer.to_json(), answer.operation.clone());
        let word = FromClient::HandedOver { line, operation };
        wire::write(&mut self.writer, &word).await.map_err(|_| Gone)?;
        match timeout(PATIENCE, self.said.recv()).await {
            Ok(Some(FromHolder::Done)) => Ok(()),
            Ok(_) | Err(_) => Err(Gone),
        }
    }
}
