//! Settings: what is refused, and how it is told.

use till_core::http::{NoAnswer, NoAnswerReason};
use till_core::transport::{Transport, TransportError, TransportSettings};

use crate::calls::{SECRET, answered, call, failed, settings, transport};
use crate::pki::Pki;
use crate::server::Server;

fn refusal(change: impl FnOnce(&mut TransportSettings)) -> TransportError {
    let mut settings = settings("https://bank.example/api", &Pki::new());
    change(&mut settings);
    let refusal = Transport::new(&settings).unwrap_err();
    for text in [format!("{refusal} {refusal:?}"), format!("{settings:?}")] {
        for forbidden in [SECRET, "bank.example", "BEGIN CERTIFICATE-----", "\n"] {
            assert!(!text.contains(forbidden), "{forbidden:?} shows in {text:?}");
        }
    }
    refusal
}

#[test]
fn base_urls_are_refused_for_a_named_reason() {
    for (url, expected) in [
        ("", TransportError::BaseUrlUnreadable),
        ("bank.example", TransportError::BaseUrlUnreadable),
        ("https://", TransportError::BaseUrlUnreadable),
        ("https://bank.example:99999", TransportError::BaseUrlUnreadable),
        ("https://[::1", TransportError::BaseUrlUnreadable),
        ("http://bank.example", TransportError::BaseUrlPlainHttp),
        ("HTTP://127.0.0.1:8080/", TransportError::BaseUrlPlainHttp),
        ("ftp://bank.example", TransportError::BaseUrlScheme),
        ("file:///etc/passwd", TransportError::BaseUrlScheme),
        ("bank.example:443/api", TransportError::BaseUrlScheme),
        ("https://hunter2@bank.example", TransportError::BaseUrlUserInfo),
        ("https://user:hunter2@bank.example", TransportError::BaseUrlUserInfo),
        ("https://:hunter2@bank.example", TransportError::BaseUrlUserInfo),
        ("https://bank.example/?key=hunter2", TransportError::BaseUrlTail),
        ("https://bank.example/?", TransportError::BaseUrlTail),
        ("https://bank.example/#x", TransportError::BaseUrlTail),
    ] {
        let refused = refusal(|settings| settings.base_url = url.to_owned());
        assert_eq!(refused, expected, "{url:?}");
    }
}

#[test]
fn extra_roots_are_refused_for_a_named_reason() {
    let good = String::from_utf8(Pki::new().root_pem()).unwrap();
    let cut: String = good.lines().take(3).collect::<Vec<_>>().join("\n");
    let not_a_certificate =
        "-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n";
    let key = "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n";
    for (pem, expected) in [
        (String::new(), TransportError::RootsEmpty),
        ("hunter2".to_owned(), TransportError::RootsEmpty),
        (key.to_owned(), TransportError::RootsEmpty),
        (cut.clone(), TransportError::RootsDamaged),
        (format!("{good}{cut}"), TransportError::RootsDamaged),
        (good.replacen("MII", "%%%", 1), TransportError::RootsDamaged),
        (not_a_certificate.to_owned(), TransportError::RootUnreadable(1)),
        (format!("{good}{not_a_certificate}"), TransportError::RootUnreadable(2)),
    ] {
        let refused = refusal(|settings| settings.extra_roots_pem = Some(pem.clone().into()));
        assert_eq!(refused, expected, "{pem}");
    }
}

#[test]
fn proxies_and_user_agents_are_refused_for_a_named_reason() {
    for proxy in [
        "",
        "proxy:3128",
        "socks5://user:hunter2@proxy:1080",
        "http://user:hunter2@proxy:3128/path",
        "http://proxy:3128/?key=hunter2",
        "http://",
    ] {
        let refused = refusal(|settings| settings.proxy = Some(proxy.to_owned()));
        assert_eq!(refused, TransportError::Proxy, "{proxy:?}");
    }
    let refused = refusal(|settings| settings.user_agent = "till\r\nx: y".to_owned());
    assert_eq!(refused, TransportError::UserAgent);
}

#[test]
fn each_refusal_is_one_line_that_names_what_would_be_right() {
    let plain = TransportError::BaseUrlPlainHttp.to_string();
    assert_eq!(plain, "a plain http:// base URL is refused: it must begin with https://");
    let root = TransportError::RootUnreadable(2).to_string();
    assert_eq!(root, "certificate 2 of the extra roots is not an X.509 certificate");
}

#[tokio::test]
async fn a_request_that_cannot_be_written_is_not_sent() {
    let pki = Pki::new();
    let server = Server::good(pki.server()).await;
    let transport = transport(&server, &pki);
    for path in [
        "",
        "api",
        "@elsewhere.example/",
        ".elsewhere.example/",
        "/a/../b",
        "/./a",
        "/%2e%2e/a",
        "/a b",
        "/a\nb",
        "/a#b",
        "/a\\b",
        "/a?b#c",
        "/a?b c",
        "/\u{e4}",
    ] {
        let mut request = call("a");
        request.path = path.to_owned();
        let failure = failed(&transport, &request).await;
        let why = NoAnswerReason::NotSendable("its path is not one, or not percent-encoded");
        assert_eq!(failure, NoAnswer { sent: false, why }, "{path:?}");
    }
    let mut request = call("a");
    request.authorization = Some("Bearer hunter2\r\nx: y".to_owned());
    assert!(!failed(&transport, &request).await.sent);
    assert_eq!(server.accepted(), 0);
}

#[tokio::test]
async fn the_host_and_the_local_address_are_told() {
    let pki = Pki::new();
    let elsewhere = Transport::new(&settings("https://Bank.Example:8443/api", &pki)).unwrap();
    assert_eq!(elsewhere.host(), "bank.example");

    let server = Server::good(pki.server()).await;
    let transport = transport(&server, &pki);
    answered(&transport, &call("a")).await;
    assert_eq!(transport.local_ip(), Some("127.0.0.1".parse().unwrap()));
}
