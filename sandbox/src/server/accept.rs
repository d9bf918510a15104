//! Accepts connections until the server stops; then every one of them ends at once.

use core::future::Future;
use core::time::Duration;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::shared::Shared;

/// After a failed accept, mostly for want of file descriptors, some may come free meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) async fn run<F>(
    listener: TcpListener,
    shared: &Shared,
    mut serve: impl FnMut(TcpStream, SocketAddr) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shared.stopped() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "TCP_NODELAY");
                    }
                    connections.spawn(serve(stream, peer));
                }
                Err(error) => {
                    tracing::warn!(%error, "accept failed");
                    sleep(PAUSE).await;
                }
            },
        }
    }
    connections.shutdown().await;
}
