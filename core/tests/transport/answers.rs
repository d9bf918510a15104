//! Answers: whole ones, and those that are none.

use std::sync::atomic::Ordering;

use till_core::http::{HttpRequest, HttpResponse, Method, NoAnswer, NoAnswerReason};
use till_core::transport::Transport;

use crate::calls::{SECRET, answered, call, failed, settings, transport};
use crate::pki::Pki;
use crate::server::Server;

/// Serves each connection by answering every request with these bytes, then closing.
async fn answering(pki: &Pki, bytes: impl Into<Vec<u8>>) -> Server {
    let bytes = bytes.into();
    Server::tls(pki.server(), move |mut talk| {
        let bytes = bytes.clone();
        async move {
            talk.request().await.unwrap();
            talk.write(&bytes).await.unwrap();
            talk.close().await;
        }
    })
    .await
}

fn broken(text: &str) -> NoAnswer {
    NoAnswer { sent: true, why: NoAnswerReason::Broken(text.to_owned()) }
}

#[tokio::test]
async fn two_calls_share_one_connection() {
    let pki = Pki::new();
    let server = Server::good(pki.server()).await;
    let transport = transport(&server, &pki);
    for number in 1..=2 {
        let body = format!("{{\"n\":{number}}}").into_bytes();
        assert_eq!(answered(&transport, &call("a")).await, HttpResponse { status: 200, body });
    }
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_call_is_sent_as_it_was_asked_for_and_with_nothing_else() {
    let pki = Pki::new();
    let server = answering(&pki, "HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n");
    let server = server.await;
    let transport = transport(&server, &pki);
    answered(&transport, &call("mark")).await;
    answered(&transport, &call("mark")).await;
    let mut put = HttpRequest::post_form("/p", b"x=1".to_vec());
    put.method = Method::Put;
    answered(&transport, &put).await;
    let mut get = HttpRequest::post_json("/g?a=%20b", Vec::new());
    get.method = Method::Get;
    answered(&transport, &get).await;

    let host = format!("host: {}\r\n", server.address);
    let common = format!("accept: */*\r\nuser-agent: till/test\r\n{host}");
    let post = format!(
        "POST /api/v1/perform?key={SECRET} HTTP/1.1\r\nauthorization: Bearer {SECRET}\r\n\
         content-type: application/json\r\n{common}content-length: 26\r\n\r\n\
         mark {{\"payload\":\"{SECRET}\"}}"
    );
    let put = format!(
        "PUT /p HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         {common}content-length: 3\r\n\r\nx=1"
    );
    let get = format!("GET /g?a=%20b HTTP/1.1\r\n{common}\r\n");
    assert_eq!(server.received(), format!("{post}{post}{put}{get}"));
}

#[tokio::test]
async fn every_status_is_an_answer() {
    let pki = Pki::new();
    for status in [201, 204, 304, 400, 401, 403, 404, 429, 500, 503] {
        let server =
            answering(&pki, format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n")).await;
        let response = answered(&transport(&server, &pki), &call("a")).await;
        assert_eq!(response, HttpResponse { status, body: Vec::new() });
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let pki = Pki::new();
    let elsewhere = Server::good(pki.server()).await;
    let plain = Server::raw(|_, _| async {}).await;
    for target in [elsewhere.base(), format!("http://{}", plain.address)] {
        for status in [301, 302, 303, 307, 308] {
            let head = format!("HTTP/1.1 {status} X\r\nlocation: {target}/\r\n");
            let server = answering(&pki, format!("{head}content-length: 2\r\n\r\nno")).await;
            let response = answered(&transport(&server, &pki), &call("a")).await;
            assert_eq!(response, HttpResponse { status, body: b"no".to_vec() });
        }
    }
    assert_eq!((elsewhere.accepted(), plain.accepted()), (0, 0));
}

#[tokio::test]
async fn a_prefix_of_the_base_url_comes_first() {
    let pki = Pki::new();
    let server = Server::good(pki.server()).await;
    for (prefix, line) in [
        ("/octo/v2", "POST /octo/v2/api?a=b "),
        ("/slash/", "POST /slash/api?a=b "),
        ("", "POST /api?a=b "),
        ("/", "POST /api?a=b "),
    ] {
        let url = format!("{}{prefix}", server.base());
        let transport = Transport::new(&settings(&url, &pki)).unwrap();
        let before = server.times(line);
        answered(&transport, &HttpRequest::post_json("/api?a=b", Vec::new())).await;
        assert_eq!(server.times(line), before + 1, "{prefix:?}");
    }
}

#[tokio::test]
async fn the_longest_body_is_read_and_one_byte_more_is_not() {
    let pki = Pki::new();
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for length in [HttpResponse::MAX_BODY, HttpResponse::MAX_BODY + 1] {
        let body = "x".repeat(length);
        let sized = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        let chunked = format!("{chunked}{length:x}\r\n{body}\r\n0\r\n\r\n");
        let to_the_end = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
        for bytes in [sized, chunked, to_the_end] {
            let server = Server::tls(pki.server(), move |mut talk| {
                let bytes = bytes.clone();
                async move {
                    talk.request().await.unwrap();
                    // The client hangs up on too long a body.
                    if talk.write(bytes.as_bytes()).await.is_ok() {
                        talk.close().await;
                    }
                }
            })
            .await;
            let transport = transport(&server, &pki);
            if length == HttpResponse::MAX_BODY {
                assert_eq!(answered(&transport, &call("a")).await.body, body.as_bytes());
            } else {
                let why = NoAnswerReason::TooLong;
                assert_eq!(failed(&transport, &call("a")).await, NoAnswer { sent: true, why });
            }
        }
    }
}

#[tokio::test]
async fn a_body_announced_as_too_long_is_not_waited_for() {
    let pki = Pki::new();
    let server = Server::tls(pki.server(), |mut talk| async move {
        talk.request().await.unwrap();
        let head = format!("content-length: {}\r\n\r\n", HttpResponse::MAX_BODY + 1);
        talk.write(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes()).await.unwrap();
        assert_eq!(talk.request().await, None);
    })
    .await;
    let failure = failed(&transport(&server, &pki), &call("a")).await;
    assert_eq!(failure, NoAnswer { sent: true, why: NoAnswerReason::TooLong });
}

#[tokio::test]
async fn a_body_of_100_mb_is_not_read() {
    const CHUNK: usize = 64 << 10;
    let pki = Pki::new();
    let sized = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 100 << 20);
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
    for (head, frame) in [(sized, ("", "")), (chunked, ("10000\r\n", "\r\n"))] {
        let server = Server::tls(pki.server(), move |mut talk| {
            let head = head.clone();
            async move {
                talk.request().await.unwrap();
                talk.write(head.as_bytes()).await.unwrap();
                let chunk = [frame.0.as_bytes(), &[b'x'; CHUNK], frame.1.as_bytes()].concat();
                for _ in 0..(100 << 20) / CHUNK {
                    if talk.write(&chunk).await.is_err() {
                        break;
                    }
                    talk.log.counter.fetch_add(CHUNK, Ordering::SeqCst);
                }
                talk.log.announce();
            }
        })
        .await;
        let failure = failed(&transport(&server, &pki), &call("a")).await;
        assert_eq!(failure, NoAnswer { sent: true, why: NoAnswerReason::TooLong });
        server.announced().await;
        let written = server.log.counter.load(Ordering::SeqCst);
        // What the two sockets' buffers took is gone with them.
        assert!(written < 20 << 20, "the client let {written} bytes come");
    }
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_no_answer() {
    let pki = Pki::new();
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    for bytes in [
        format!("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{SECRET}"),
        format!("{chunked}7\r\n{SECRET}\r\n"),
        format!("{chunked}40\r\n{SECRET}"),
        format!("{chunked}7\r\n{SECRET}\r\n0\r\n"),
        format!("{chunked}{SECRET}\r\n"),
    ] {
        let server = answering(&pki, bytes.clone()).await;
        let failure = failed(&transport(&server, &pki), &call("a")).await;
        assert_eq!(failure, broken("the answer was cut off, or is not HTTP"), "{bytes:?}");
    }
}

#[tokio::test]
async fn a_body_whose_end_tls_does_not_vouch_for_is_no_answer() {
    let pki = Pki::new();
    let server = Server::tls(pki.server(), |mut talk| async move {
        talk.request().await.unwrap();
        talk.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"a\":1").await.unwrap();
        // Dropped without close_notify: whoever cuts the TCP connection can do that.
    })
    .await;
    let failure = failed(&transport(&server, &pki), &call("a")).await;
    assert_eq!(failure, broken("the answer was cut off, or is not HTTP"));
}

#[tokio::test]
async fn what_is_not_http_is_no_answer() {
    let pki = Pki::new();
    for bytes in [
        format!("{SECRET} {SECRET}\r\n\r\n"),
        format!("HTTP/1.1 abc {SECRET}\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n{SECRET} : x\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\ncontent-length: {SECRET}\r\n\r\n"),
        "HTTP/1.1 200 OK\r\ncontent-le".to_owned(),
        "HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n".to_owned(),
        "\u{0}\u{1}\u{2}\u{3}".repeat(50),
        "{}".to_owned(),
    ] {
        let server = answering(&pki, bytes.clone()).await;
        let failure = failed(&transport(&server, &pki), &call("a")).await;
        let expected = broken("it ended, or was not HTTP, before an answer began");
        assert_eq!(failure, expected, "{bytes:?}");
    }
}
