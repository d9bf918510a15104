//! Callers that send too slowly or too much, byte by byte, on a connection of their own.

use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::desk::{Desk, ID};

/// No limit of the gateway is longer; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(90);

async fn connect(desk: &Desk) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_file(desk.folder.path().join("ca.pem")).unwrap();
    roots.add(ca).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let address = desk.server.as_ref().unwrap().address();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::from(address.ip());
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

/// Sends this, then one byte a second until the gateway has had enough; gives what it said.
async fn dribble(desk: &Desk, begin: &str) -> String {
    let (mut read, mut write) = tokio::io::split(connect(desk).await);
    let drip = async {
        let mut next = begin.as_bytes();
        while write.write_all(next).await.and(write.flush().await).is_ok() {
            next = b"x";
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut said = vec![];
    let hear = async {
        // Without a TLS goodbye the end is an error, and what came before it stays.
        let _end = read.read_to_end(&mut said).await;
    };
    tokio::select! {
        () = drip => {}
        ended = tokio::time::timeout(PATIENCE, hear) => ended.expect("the connection is given up"),
    }
    String::from_utf8(said).unwrap()
}

fn head(desk: &Desk, path: &str, more: &str) -> String {
    let token = &desk.token;
    format!("PUT {path} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {token}\r\n{more}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_byte_by_byte_is_answered_with_408() {
    let desk = Desk::open().await;
    let path = format!("/v1/operations/{ID}");
    let order = head(&desk, &path, "content-length: 4000\r\n\r\n{");
    let callback = "POST /ecommpay/callback HTTP/1.1\r\nhost: g\r\ncontent-length: 4000\r\n\r\n{";
    let push = callback.replace("ecommpay/callback", "octo/process");
    let said =
        tokio::join!(dribble(&desk, &order), dribble(&desk, callback), dribble(&desk, &push));
    for said in [said.0, said.1, said.2] {
        assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
        assert!(said.contains("\"too_slow\""), "{said}");
    }
    assert_eq!(desk.recorded().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_byte_by_byte_is_given_up() {
    let desk = Desk::open().await;
    let begin = head(&desk, &format!("/v1/operations/{ID}"), "x-slow: ");
    let said = dribble(&desk, &begin).await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 408 "), "{said}");
    assert_eq!(desk.recorded().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_or_a_body_without_an_end_is_refused_before_it_is_read() {
    let desk = Desk::open().await;
    let path = format!("/v1/operations/{ID}");
    let endless = head(&desk, &path, &format!("x-long: {}", "x".repeat(100_000)));
    let said = dribble(&desk, &endless).await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 431 "), "{said}");
    // A body that says that it is short enough and goes on: chunks have no length beforehand.
    let chunk = format!("2000\r\n{}\r\n", "x".repeat(0x2000));
    let chunked = head(&desk, &path, "transfer-encoding: chunked\r\n\r\n");
    let said = dribble(&desk, &format!("{chunked}{}", chunk.repeat(20))).await;
    assert!(said.starts_with("HTTP/1.1 413 "), "{said}");
    assert_eq!(desk.recorded().await, 0);
}
