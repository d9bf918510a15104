//! Time: every call ends, and says rightly whether it was sent.
//!
//! The clock is stopped as soon as the server has seen what it waits for; from then on tokio moves
//! it to the next deadline whenever nothing else is to be done.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustls::HandshakeKind;
use till_core::http::{HttpRequest, NoAnswer, NoAnswerReason};
use till_core::transport::{CONNECT_LIMIT_MS, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::Instant;

use crate::calls::{answered, call, failed, transport};
use crate::pki::Pki;
use crate::server::{Server, Talk};

async fn silent(talk: Talk) {
    talk.log.announce();
    std::future::pending::<()>().await;
    drop(talk);
}

/// Sends a call, stops the clock at the server's word, and checks that the call takes its limit: no
/// less, and less than what the HTTP client's own limit would let it.
async fn timed(
    transport: &Arc<Transport>,
    server: &Server,
    request: HttpRequest,
    limit_ms: u64,
) -> NoAnswer {
    let transport = Arc::clone(transport);
    let began = Instant::now();
    let running = tokio::spawn(async move { failed(&transport, &request).await });
    server.announced().await;
    tokio::time::pause();
    let failure = running.await.unwrap();
    let (took, limit) = (began.elapsed(), Duration::from_millis(limit_ms));
    tokio::time::resume();
    assert!(took >= limit && took < limit + Duration::from_secs(2), "it took {took:?}");
    failure
}

fn timed_out(sent: bool) -> NoAnswer {
    NoAnswer { sent, why: NoAnswerReason::TimedOut }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_after_the_limit() {
    let pki = Pki::new();
    let server = Server::tls(pki.server(), |mut talk| async move {
        talk.request().await.unwrap();
        silent(talk).await;
    })
    .await;
    let transport = Arc::new(transport(&server, &pki));
    assert_eq!(timed(&transport, &server, call("<first>"), 8_000).await, timed_out(true));
    let mut longer = call("<second>");
    longer.time_limit_ms = 20_000;
    assert_eq!(timed(&transport, &server, longer, 20_000).await, timed_out(true));
    assert_eq!((server.times("<first>"), server.times("<second>")), (1, 1));
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up_after_the_limit() {
    let pki = Pki::new();
    let server = Server::tls(pki.server(), |mut talk| async move {
        talk.request().await.unwrap();
        talk.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await.unwrap();
        talk.log.announce();
        while talk.write(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
    .await;
    let transport = Arc::new(transport(&server, &pki));
    assert_eq!(timed(&transport, &server, call("a"), 8_000).await, timed_out(true));
}

#[tokio::test]
async fn a_head_that_drips_is_given_up_after_the_limit() {
    let pki = Pki::new();
    let server = Server::tls(pki.server(), |mut talk| async move {
        talk.request().await.unwrap();
        talk.write(b"HTTP/1.1 200 OK\r\nx: ").await.unwrap();
        talk.log.announce();
        while talk.write(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
    .await;
    let transport = Arc::new(transport(&server, &pki));
    assert_eq!(timed(&transport, &server, call("a"), 8_000).await, timed_out(true));
}

#[tokio::test]
async fn a_handshake_without_end_sends_nothing() {
    let server = Server::raw(|mut stream, log| async move {
        let mut hello = [0; 8192];
        assert!(stream.read(&mut hello).await.unwrap() > 100);
        log.announce();
        while stream.read(&mut hello).await.is_ok_and(|length| length > 0) {}
    })
    .await;
    let transport = Arc::new(transport(&server, &Pki::new()));
    let why = NoAnswerReason::Connect("it took too long".to_owned());
    let expected = NoAnswer { sent: false, why };
    assert_eq!(timed(&transport, &server, call("a"), CONNECT_LIMIT_MS).await, expected);

    // The call's own limit comes first here, and it is still known that nothing left.
    let mut short = call("a");
    short.time_limit_ms = 3_000;
    assert_eq!(timed(&transport, &server, short, 3_000).await, timed_out(false));
}

#[tokio::test]
async fn a_call_after_an_answer_is_known_to_be_unsent_again_once_the_connection_is_given_up() {
    let pki = Pki::new();
    let config = pki.server();
    let server = Server::raw(move |mut stream, log| {
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(&config));
        let first = log.counter.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            if !first {
                log.announce();
                std::future::pending::<()>().await;
            }
            let mut buffer = [0; 4096];
            let mut secure = acceptor.accept(&mut stream).await.unwrap();
            assert!(secure.read(&mut buffer).await.unwrap() > 0);
            secure.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            secure.flush().await.unwrap();
            while secure.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
        }
    })
    .await;
    let transport = Arc::new(transport(&server, &pki));
    answered(&transport, &call("a")).await;
    transport.network_changed();
    let mut short = call("b");
    short.time_limit_ms = 3_000;
    assert_eq!(timed(&transport, &server, short, 3_000).await, timed_out(false));
}

#[tokio::test]
async fn a_resumed_session_does_not_hide_that_a_call_was_sent() {
    let pki = Pki::new();
    // Tickets are given out, and every connection serves one answer; the last one is silent.
    let server = Server::tls(pki.server(), |mut talk| async move {
        if talk.stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed) {
            talk.log.counter.fetch_add(1, Ordering::SeqCst);
        }
        talk.request().await.unwrap();
        if talk.number < 3 {
            let body = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            talk.write(body.as_bytes()).await.unwrap();
            talk.close().await;
        } else {
            silent(talk).await;
        }
    })
    .await;
    let transport = Arc::new(transport(&server, &pki));
    answered(&transport, &call("a")).await;
    transport.network_changed();
    answered(&transport, &call("b")).await;
    assert_eq!(timed(&transport, &server, call("<c>"), 8_000).await, timed_out(true));
    let resumed = server.log.counter.load(Ordering::SeqCst);
    assert_eq!((server.times("<c>"), resumed), (1, 1));
    // The next connection is a new pool's and may not resume, or nothing would show that it sent.
    assert_eq!(timed(&transport, &server, call("<d>"), 8_000).await, timed_out(true));
    let resumed = server.log.counter.load(Ordering::SeqCst);
    assert_eq!((server.times("<d>"), resumed), (1, 1));
}

#[tokio::test]
async fn a_dropped_call_ends_its_connection() {
    let pki = Pki::new();
    let server = Server::tls(pki.server(), |mut talk| async move {
        talk.request().await.unwrap();
        talk.log.announce();
        // Ends when the client hangs up.
        assert_eq!(talk.request().await, None);
        talk.log.announce();
    })
    .await;
    let transport = Arc::new(transport(&server, &pki));
    let running = {
        let transport = Arc::clone(&transport);
        tokio::spawn(async move { transport.send(&call("<mark>")).await })
    };
    server.announced().await;
    running.abort();
    server.announced().await;
    assert_eq!((server.times("<mark>"), server.secured()), (1, 1));
}
