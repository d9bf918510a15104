//! The gateway on a port: TLS or plain, slow callers, and an end that loses nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::cluster::attend;
use crate::hearing::Hearing;
use crate::http::{App, Peer, routes};
use crate::tls::Identity;

/// A caller that has not finished the TLS handshake by then never will.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a caller may take for the head of a request; the next one on the same connection too.
const HEAD: Duration = Duration::from_secs(30);
/// How long open requests have to end after a stop was asked for.
const GOODBYE: Duration = Duration::from_secs(10);
/// How often the gateway asks again about what callbacks spoke of, and for how long.
const WAKES_EVERY: Duration = Duration::from_secs(60);
const WAKES_MS: i64 = 600_000;
/// More connections than this wait until one ends.
const CONNECTIONS_MAX: usize = 50_000;

/// Is a running gateway.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Says why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
}

impl Server {
    /// Listens; `identity` is `None` behind a proxy that does TLS.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub async fn start(
        app: App,
        listen: SocketAddr,
        identity: Option<Arc<Identity>>,
    ) -> Result<Self, StartError> {
        let failed = |error| StartError::Listen(listen, error);
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let app = Arc::new(app);
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&app), identity, stopped.clone()));
        tasks.spawn(follow_up(Arc::clone(&app), stopped.clone()));
        tasks.spawn(attend(Arc::clone(&app), stopped));
        Ok(Self { app, address, stop, tasks })
    }

    /// Gives the address with the port that was found.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more connections, lets those who wait go with what is known, and closes the
    /// journal. What was asked for is in it.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        self.app.till.leave();
        while self.tasks.join_next().await.is_some() {}
        let till = self.app.till.clone();
        let _panicked = tokio::task::spawn_blocking(move || till.stop()).await;
    }
}

async fn accept(
    listener: TcpListener,
    app: Arc<App>,
    identity: Option<Arc<Identity>>,
    mut stopped: watch::Receiver<bool>,
) {
    let router = routes(app);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let place = tokio::select! {
            _ = stopped.changed() => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        tokio::select! {
            _ = stopped.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let _slower_without = stream.set_nodelay(true);
                    let (router, identity) = (router.clone(), identity.clone());
                    let stopped = stopped.clone();
                    connections.spawn(async move {
                        connection(stream, peer, router, identity, stopped).await;
                        drop(place);
                    });
                }
                // Mostly for want of file descriptors: some may come free meanwhile.
                Err(error) => {
                    tracing::warn!(%error, "accept failed");
                    sleep(Duration::from_millis(20)).await;
                }
            },
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(GOODBYE, all).await.is_err() {
        tracing::warn!("some callers did not end in time");
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    identity: Option<Arc<Identity>>,
    stopped: watch::Receiver<bool>,
) {
    match identity {
        None => serve(stream, peer, router, stopped).await,
        Some(identity) => match timeout(HANDSHAKE, identity.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => serve(stream, peer, router, stopped).await,
            Ok(Err(error)) => tracing::debug!(%error, "TLS handshake"),
            Err(_) => tracing::debug!("TLS handshake took too long"),
        },
    }
}

async fn serve<S>(stream: S, peer: SocketAddr, router: Router, mut stopped: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (stream, heard) = Hearing::new(stream);
    let hears = heard.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let (mut router, heard) = (router.clone(), hears.clone());
        async move {
            let answer = tower_service::Service::call(&mut router, request).await;
            heard.answered();
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(32 << 10)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let stop = async move {
        while !*stopped.borrow_and_update() {
            if stopped.changed().await.is_err() {
                return;
            }
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    match ended {
        Ok(()) => {}
        Err(error) if error.is_parse_too_large() => {
            tracing::warn!(address = %peer.ip(), "a head that is too long");
        }
        // Who keeps a connection for later and then does not need it is not slow.
        Err(error) if error.is_timeout() && heard.is_amid_a_request() => {
            tracing::warn!(address = %peer.ip(), "a head that came too slowly");
        }
        Err(error) => tracing::debug!(%error, "connection"),
    }
}

/// Asks again about operations that only a callback made interesting, a while long, also after a
/// restart.
async fn follow_up(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    loop {
        // One process of several is enough.
        let mine = match app.till.cluster() {
            Some(cluster) => cluster.health().await.is_ok_and(|(_, oldest)| oldest),
            None => true,
        };
        match app.store.wakes(app.now_ms().saturating_sub(WAKES_MS)).await {
            Ok(_) if !mine => {}
            Ok(wakes) => {
                for id in wakes {
                    let _stopping = app.till.push(&id).await;
                }
            }
            Err(error) => tracing::error!(%error, "the gateway's own tables"),
        }
        tokio::select! {
            _ = stopped.changed() => return,
            () = sleep(WAKES_EVERY) => {}
        }
    }
}
