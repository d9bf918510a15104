//! TLS: who is believed, and what an operator reads when nobody is.

use rcgen::date_time_ymd;
use rustls::ProtocolVersion;
use rustls::version::{TLS12, TLS13};
use till_core::http::{NoAnswer, NoAnswerReason};
use till_core::transport::Transport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::calls::{answered, call, failed, settings, transport};
use crate::pki::{HOST, Pki};
use crate::server::Server;

/// Checks that TLS failed with this text, and that no byte of HTTP was sent.
async fn refused(transport: &Transport, server: &Server, text: &str) {
    let why = NoAnswerReason::Tls(text.to_owned());
    assert_eq!(failed(transport, &call("a")).await, NoAnswer { sent: false, why });
    assert_eq!(server.received(), "");
}

#[tokio::test]
async fn tls_1_2_and_tls_1_3_are_spoken() {
    for version in [&TLS12, &TLS13] {
        let pki = Pki::new();
        let server =
            Server::tls(pki.server_with(&[version], HOST, |_| {}), |mut talk| async move {
                talk.request().await.unwrap();
                let (_, session) = talk.stream.get_ref();
                let alpn = session.alpn_protocol().is_some();
                let spoken = format!("{:?} {alpn}", session.protocol_version().unwrap());
                talk.answer(&spoken).await;
            })
            .await;
        let response = answered(&transport(&server, &pki), &call("a")).await;
        let spoken: ProtocolVersion = version.version;
        assert_eq!(response.body, format!("{spoken:?} false").into_bytes());
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_not_trusted() {
    let (theirs, ours) = (Pki::named("A"), Pki::named("B"));
    let server = Server::good(theirs.server()).await;
    let text = "the server's certificate is not trusted";
    refused(&transport(&server, &ours), &server, text).await;
    // The same name, but another key: the authority was made anew.
    refused(&transport(&server, &Pki::named("A")), &server, text).await;

    let mut public_only = settings(&server.base(), &ours);
    public_only.extra_roots_pem = None;
    refused(&Transport::new(&public_only).unwrap(), &server, text).await;
}

#[tokio::test]
async fn each_of_several_extra_roots_is_trusted() {
    let (first, second) = (Pki::named("A"), Pki::named("B"));
    let server = Server::good(second.server()).await;
    let mut both = settings(&server.base(), &first);
    both.extra_roots_pem = Some([first.root_pem(), second.root_pem()].concat());
    assert_eq!(answered(&Transport::new(&both).unwrap(), &call("a")).await.status, 200);
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let pki = Pki::new();
    let server = Server::good(pki.server_with(&[&TLS13], "bank.example", |_| {})).await;
    let text = "the server's certificate is for another host";
    refused(&transport(&server, &pki), &server, text).await;
}

#[tokio::test]
async fn a_certificate_out_of_its_time_points_to_the_clock() {
    let pki = Pki::new();
    let expired = pki.server_with(&[&TLS12, &TLS13], HOST, |params| {
        params.not_before = date_time_ymd(2019, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    });
    let server = Server::good(expired).await;
    let text = "the server's certificate has expired: check this device's clock";
    refused(&transport(&server, &pki), &server, text).await;

    let early = pki.server_with(&[&TLS12, &TLS13], HOST, |params| {
        params.not_before = date_time_ymd(3019, 1, 1);
        params.not_after = date_time_ymd(3020, 1, 1);
    });
    let server = Server::good(early).await;
    let text = "the server's certificate is not valid yet: check this device's clock";
    refused(&transport(&server, &pki), &server, text).await;
}

/// Serves each connection by reading the ClientHello and answering these bytes.
async fn answering_hello(bytes: Vec<u8>) -> Server {
    Server::raw(move |mut stream, _| {
        let bytes = bytes.clone();
        async move {
            let mut hello = [0; 8192];
            assert!(stream.read(&mut hello).await.unwrap() > 100);
            stream.write_all(&bytes).await.unwrap();
            // Until the client is done with it: closing early could overtake the answer.
            while stream.read(&mut hello).await.is_ok_and(|length| length > 0) {}
        }
    })
    .await
}

#[tokio::test]
async fn a_server_of_tls_1_1_is_too_old() {
    let mut hello = vec![0x03, 0x02];
    hello.extend([7; 32]);
    hello.extend([0x00, 0xc0, 0x13, 0x00]);
    let mut record = vec![22, 0x03, 0x02, 0x00, 42, 2, 0x00, 0x00, 38];
    assert_eq!(hello.len(), 38);
    record.extend(hello);
    let server = answering_hello(record).await;
    let text = "the server offers only an old TLS version";
    refused(&transport(&server, &Pki::new()), &server, text).await;
}

#[tokio::test]
async fn a_server_that_refuses_our_tls_versions_is_too_old() {
    let fatal_protocol_version = vec![21, 0x03, 0x01, 0x00, 0x02, 2, 70];
    let server = answering_hello(fatal_protocol_version).await;
    let text = "the server offers only an old TLS version";
    refused(&transport(&server, &Pki::new()), &server, text).await;
}

#[tokio::test]
async fn a_server_of_plain_http_does_not_speak_tls() {
    let bad_request = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".to_vec();
    let server = answering_hello(bad_request).await;
    let text = "what answered does not speak TLS";
    refused(&transport(&server, &Pki::new()), &server, text).await;
}

#[tokio::test]
async fn a_handshake_that_ends_early_sends_nothing() {
    let server = Server::raw(|mut stream, _| async move {
        let mut hello = [0; 8192];
        assert!(stream.read(&mut hello).await.unwrap() > 100);
        stream.shutdown().await.unwrap();
        while stream.read(&mut hello).await.is_ok_and(|length| length > 0) {}
    })
    .await;
    let text = "the server ended the TLS handshake";
    refused(&transport(&server, &Pki::new()), &server, text).await;
}

#[tokio::test]
async fn a_handshake_that_is_reset_sends_nothing() {
    let server = Server::raw(|mut stream, _| async move {
        let mut hello = [0; 8192];
        assert!(stream.read(&mut hello).await.unwrap() > 100);
        stream.set_zero_linger().unwrap();
    })
    .await;
    let why = NoAnswerReason::Connect("it was reset".to_owned());
    let failure = failed(&transport(&server, &Pki::new()), &call("a")).await;
    assert_eq!(failure, NoAnswer { sent: false, why });
}
