//! Proxies: only the one that the settings name.

use std::process::Command;

use till_core::http::{NoAnswer, NoAnswerReason};
use till_core::transport::Transport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::calls::{SECRET, answered, call, failed, settings, transport};
use crate::pki::Pki;
use crate::server::Server;

/// Tells the child process of the test below that it is one.
const CHILD: &str = "TILL_TEST_PROXIES_CHILD";

#[tokio::test]
async fn the_environment_names_no_proxy() {
    if std::env::var_os(CHILD).is_some() {
        let pki = Pki::new();
        let server = Server::good(pki.server()).await;
        assert_eq!(answered(&transport(&server, &pki), &call("a")).await.status, 200);
        return;
    }
    let trap = Server::raw(|_, _| async {}).await;
    let proxy = format!("http://{}", trap.address);
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "proxies::the_environment_names_no_proxy"]).env(CHILD, "1");
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"] {
        child.env(name, &proxy).env(name.to_lowercase(), &proxy);
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(trap.accepted(), 0);
}

/// Reads the head of a CONNECT request.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(stream.read_u8().await.unwrap()));
    }
    head
}

#[tokio::test]
async fn the_proxy_of_the_settings_sees_the_host_alone() {
    let pki = Pki::new();
    let server = Server::good(pki.server()).await;
    let bank = server.address;
    let proxy = Server::raw(move |mut near, log| async move {
        let head = head(&mut near).await;
        assert!(head.starts_with(&format!("CONNECT {bank} HTTP/1.1\r\n")), "{head}");
        assert!(!head.contains(SECRET), "{head}");
        assert!(head.contains("authorization: Basic dXNlcjpwYXNz\r\n"), "{head}");
        let mut far = TcpStream::connect(bank).await.unwrap();
        near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        log.announce();
        drop(tokio::io::copy_bidirectional(&mut near, &mut far).await);
    })
    .await;
    let mut settings = settings(&server.base(), &pki);
    settings.proxy = Some(format!("http://user:pass@{}", proxy.address));
    let transport = Transport::new(&settings).unwrap();
    assert_eq!(answered(&transport, &call("<mark>")).await.status, 200);
    proxy.announced().await;
    assert_eq!((server.times("<mark>"), proxy.accepted()), (1, 1));
}

#[tokio::test]
async fn a_proxy_that_refuses_sends_nothing() {
    let pki = Pki::new();
    let server = Server::good(pki.server()).await;
    for answer in ["HTTP/1.1 403 Forbidden", "HTTP/1.1 407 Proxy Authentication Required"] {
        let proxy = Server::raw(move |mut near, _| async move {
            head(&mut near).await;
            near.write_all(format!("{answer}\r\n\r\n").as_bytes()).await.unwrap();
        })
        .await;
        let mut settings = settings(&server.base(), &pki);
        settings.proxy = Some(format!("http://{}", proxy.address));
        let failure = failed(&Transport::new(&settings).unwrap(), &call("a")).await;
        let why = NoAnswerReason::Connect("the proxy opened no way to it".to_owned());
        assert_eq!(failure, NoAnswer { sent: false, why });
    }
    assert_eq!(server.accepted(), 0);
}
