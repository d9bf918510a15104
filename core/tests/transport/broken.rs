//! Broken connections: what was sent, and that nothing is sent twice.

use std::sync::Arc;

use till_core::http::{HttpRequest, NoAnswer, NoAnswerReason};
use till_core::transport::Transport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::calls::{answered, call, failed, settings, transport};
use crate::pki::Pki;
use crate::server::{Server, Talk};

/// Makes a call whose body does not fit into any socket's buffer.
fn long_call(mark: &str) -> HttpRequest {
    let mut request = call(mark);
    request.body.resize(32 << 20, b'x');
    request
}

fn assert_broken(failure: &NoAnswer) {
    assert!(failure.sent, "{failure:?}");
    assert!(matches!(failure.why, NoAnswerReason::Broken(_)), "{failure:?}");
}

#[tokio::test]
async fn a_refused_connection_sends_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    drop(listener);
    let transport = Transport::new(&settings(&base, &Pki::new())).unwrap();
    let why = NoAnswerReason::Connect("it was refused".to_owned());
    assert_eq!(failed(&transport, &call("a")).await, NoAnswer { sent: false, why });
}

#[tokio::test]
async fn a_refused_connection_after_a_good_one_sends_nothing() {
    let pki = Pki::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let acceptor = TlsAcceptor::from(pki.server());
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        drop(listener);
        let mut stream = acceptor.accept(stream).await.unwrap();
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        stream.shutdown().await.unwrap();
    });
    let transport = Transport::new(&settings(&base, &pki)).unwrap();
    answered(&transport, &call("a")).await;
    let why = NoAnswerReason::Connect("it was refused".to_owned());
    assert_eq!(failed(&transport, &call("b")).await, NoAnswer { sent: false, why });
}

#[tokio::test]
async fn an_unknown_host_name_sends_nothing() {
    let transport = Transport::new(&settings("https://bank.invalid", &Pki::new())).unwrap();
    let failure = failed(&transport, &call("a")).await;
    // Some networks never answer for such a name.
    let expected = ["the host's name was not found: check the network", "it took too long"]
        .map(|text| NoAnswer { sent: false, why: NoAnswerReason::Connect(text.to_owned()) });
    assert!(expected.contains(&failure), "{failure:?}");
}

#[tokio::test]
async fn a_connection_reset_within_the_request_may_have_sent_it() {
    let pki = Pki::new();
    let server = Server::tls(pki.server(), |mut talk| async move {
        talk.part(1000).await;
        talk.reset();
    })
    .await;
    let failure = failed(&transport(&server, &pki), &long_call("<mark>")).await;
    assert_broken(&failure);
    assert_eq!((server.times("<mark>"), server.accepted()), (1, 1));
}

#[tokio::test]
async fn a_connection_reset_after_the_request_has_sent_it() {
    let pki = Pki::new();
    let server = Server::tls(pki.server(), |mut talk| async move {
        talk.request().await.unwrap();
        talk.reset();
    })
    .await;
    let failure = failed(&transport(&server, &pki), &call("<mark>")).await;
    let why = NoAnswerReason::Broken("it was reset".to_owned());
    assert_eq!(failure, NoAnswer { sent: true, why });
    assert_eq!((server.times("<mark>"), server.accepted()), (1, 1));
}

#[tokio::test]
async fn a_connection_reset_within_the_answer_has_sent_it() {
    let pki = Pki::new();
    let server = Server::tls(pki.server(), |mut talk| async move {
        talk.request().await.unwrap();
        talk.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await.unwrap();
        talk.reset();
    })
    .await;
    assert_broken(&failed(&transport(&server, &pki), &call("<mark>")).await);
    assert_eq!((server.times("<mark>"), server.accepted()), (1, 1));
}

/// Answers the first request of the first connection and leaves it to `end`; later connections are
/// served well.
async fn stale<F>(pki: &Pki, end: impl Fn(Talk) -> F + Send + Sync + 'static) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    let end = Arc::new(end);
    Server::tls(pki.server(), move |mut talk| {
        let end = Arc::clone(&end);
        async move {
            talk.request().await.unwrap();
            talk.answer("{}").await;
            if talk.number == 1 {
                return end(talk).await;
            }
            while talk.request().await.is_some() {
                talk.answer("{}").await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_kept_connection_that_ends_with_the_next_request_is_not_made_up_for() {
    let pki = Pki::new();
    let server = stale(&pki, |mut talk| async move {
        talk.request().await.unwrap();
        talk.close().await;
    })
    .await;
    let transport = transport(&server, &pki);
    answered(&transport, &call("<first>")).await;
    assert_broken(&failed(&transport, &call("<second>")).await);
    assert_eq!((server.times("<second>"), server.accepted()), (1, 1));

    // What comes next is not sent on what is left of that connection.
    answered(&transport, &call("<third>")).await;
    assert_eq!((server.times("<third>"), server.accepted()), (1, 2));
}

#[tokio::test]
async fn a_kept_connection_that_ends_within_the_next_request_is_not_made_up_for() {
    let pki = Pki::new();
    let server = stale(&pki, |mut talk| async move {
        talk.part(1000).await;
        talk.reset();
    })
    .await;
    let transport = transport(&server, &pki);
    answered(&transport, &call("<first>")).await;
    assert_broken(&failed(&transport, &long_call("<second>")).await);
    assert_eq!((server.times("<second>"), server.accepted()), (1, 1));
}

#[tokio::test]
async fn a_kept_connection_that_ends_at_any_moment_sends_a_request_once_at_most() {
    let pki = Pki::new();
    // The end and the next request race; whoever wins, no request may arrive twice.
    for reset in [false, true] {
        for round in 0..20 {
            let server = stale(&pki, move |talk| async move {
                for _ in 0..round {
                    tokio::task::yield_now().await;
                }
                if reset { talk.reset() } else { talk.close().await }
            })
            .await;
            let transport = transport(&server, &pki);
            answered(&transport, &call("<first>")).await;
            let outcome = transport.send(&call("<second>")).await;
            let arrived = server.times("<second>");
            assert!(arrived <= 1 && server.times("<first>") == 1, "{arrived} arrived");
            match outcome {
                Ok(_) => assert_eq!(arrived, 1),
                Err(failure) => assert!(failure.sent || arrived == 0, "{failure:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_kept_connection_that_ended_unnoticed_does_not_fail_the_next_call() {
    let pki = Pki::new();
    let server = stale(&pki, |talk| async move {
        let log = Arc::clone(&talk.log);
        talk.close().await;
        log.announce();
    })
    .await;
    let transport = transport(&server, &pki);
    answered(&transport, &call("<first>")).await;
    server.announced().await;
    // The client's side of the connection gets its turn to see the end.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    answered(&transport, &call("<second>")).await;
    assert_eq!((server.times("<second>"), server.accepted()), (1, 2));
}

#[tokio::test]
async fn a_changed_network_gives_the_connection_up() {
    let pki = Pki::new();
    let server = Server::good(pki.server()).await;
    let transport = transport(&server, &pki);
    answered(&transport, &call("a")).await;
    transport.network_changed();
    answered(&transport, &call("b")).await;
    answered(&transport, &call("c")).await;
    assert_eq!(server.accepted(), 2);
}
