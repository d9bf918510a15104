//! Servers made by hand, on ports of their own.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Is what a server has seen.
#[derive(Default)]
pub(crate) struct Log {
    accepted: AtomicUsize,
    secured: AtomicUsize,
    /// All bytes that came, with TLS taken off.
    received: Mutex<Vec<u8>>,
    /// A number that a test's handler counts.
    pub(crate) counter: AtomicUsize,
    announced: Notify,
}

impl Log {
    /// Tells the test that the awaited point is reached.
    pub(crate) fn announce(&self) {
        self.announced.notify_one();
    }
}

/// Is a running server; it ends when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) log: Arc<Log>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Serves each TCP connection.
    pub(crate) async fn raw<F>(serve: impl Fn(TcpStream, Arc<Log>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        let shared = Arc::clone(&log);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                shared.accepted.fetch_add(1, Ordering::SeqCst);
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, log, task }
    }

    /// Serves each connection whose TLS handshake succeeded.
    pub(crate) async fn tls<F>(
        config: Arc<ServerConfig>,
        serve: impl Fn(Talk) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let serve = Arc::new(serve);
        Self::raw(move |stream, log| {
            let (acceptor, serve) = (TlsAcceptor::from(Arc::clone(&config)), Arc::clone(&serve));
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    let number = log.secured.fetch_add(1, Ordering::SeqCst) + 1;
                    serve(Talk { stream, number, log, unread: Vec::new() }).await;
                }
            }
        })
        .await
    }

    /// Answers every request with `200` and its number on the connection.
    pub(crate) async fn good(config: Arc<ServerConfig>) -> Self {
        Self::tls(config, |mut talk| async move {
            let mut number = 0;
            while talk.request().await.is_some() {
                number += 1;
                talk.answer(&format!("{{\"n\":{number}}}")).await;
            }
        })
        .await
    }

    pub(crate) fn base(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Counts the TCP connections.
    pub(crate) fn accepted(&self) -> usize {
        self.log.accepted.load(Ordering::SeqCst)
    }

    /// Counts the TLS handshakes that the server saw succeed.
    pub(crate) fn secured(&self) -> usize {
        self.log.secured.load(Ordering::SeqCst)
    }

    pub(crate) fn received(&self) -> String {
        String::from_utf8_lossy(&self.log.received.lock().unwrap()).into_owned()
    }

    /// Counts how often a text came in.
    pub(crate) fn times(&self, text: &str) -> usize {
        self.received().matches(text).count()
    }

    pub(crate) async fn announced(&self) {
        self.log.announced.notified().await;
    }
}

/// Is one connection, after its TLS handshake.
pub(crate) struct Talk {
    pub(crate) stream: TlsStream<TcpStream>,
    /// Which secured connection of the server it is, from 1.
    pub(crate) number: usize,
    pub(crate) log: Arc<Log>,
    unread: Vec<u8>,
}

impl Talk {
    /// Reads a whole request; gives its head, or `None` if the connection ended.
    pub(crate) async fn request(&mut self) -> Option<String> {
        let head = loop {
            if let Some(at) = self.unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break self.unread.drain(..at + 4).collect::<Vec<u8>>();
            }
            self.more().await?;
        };
        let head = String::from_utf8(head).unwrap();
        let length = head
            .to_ascii_lowercase()
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
            .unwrap_or(0);
        while self.unread.len() < length {
            self.more().await?;
        }
        self.unread.drain(..length);
        Some(head)
    }

    /// Reads at least so many bytes of what comes next.
    pub(crate) async fn part(&mut self, bytes: usize) {
        while self.unread.len() < bytes {
            self.more().await.unwrap();
        }
    }

    pub(crate) async fn answer(&mut self, body: &str) {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        self.write(format!("{head}{body}").as_bytes()).await.unwrap();
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Ends the connection in the proper way.
    pub(crate) async fn close(mut self) {
        drop(self.stream.shutdown().await);
    }

    /// Ends the connection with a TCP reset.
    pub(crate) fn reset(self) {
        self.stream.get_ref().0.set_zero_linger().unwrap();
    }

    async fn more(&mut self) -> Option<()> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer).await {
            Ok(0) | Err(_) => None,
            Ok(length) => {
                self.unread.extend_from_slice(&buffer[..length]);
                self.log.received.lock().unwrap().extend_from_slice(&buffer[..length]);
                Some(())
            }
        }
    }
}
