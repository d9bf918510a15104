//! Calls that carry secrets, and the check that none of them shows.

use till_core::http::{HttpRequest, HttpResponse, NoAnswer};
use till_core::transport::{Transport, TransportSettings};

use crate::pki::Pki;
use crate::server::Server;

/// Is part of every secret that a call or an answer of these tests carries.
pub(crate) const SECRET: &str = "hunter2";

pub(crate) fn settings(base_url: &str, roots: &Pki) -> TransportSettings {
    TransportSettings {
        base_url: base_url.to_owned(),
        extra_roots_pem: Some(roots.root_pem()),
        proxy: None,
        user_agent: "till/test".to_owned(),
    }
}

pub(crate) fn transport(server: &Server, roots: &Pki) -> Transport {
    Transport::new(&settings(&server.base(), roots)).unwrap()
}

/// Makes a POST whose token, query and body hold [`SECRET`]; the body begins with `mark`.
pub(crate) fn call(mark: &str) -> HttpRequest {
    let body = format!("{mark} {{\"payload\":\"{SECRET}\"}}");
    let mut request =
        HttpRequest::post_json(&format!("/api/v1/perform?key={SECRET}"), body.into_bytes());
    request.authorization = Some(format!("Bearer {SECRET}"));
    request
}

pub(crate) async fn answered(transport: &Transport, request: &HttpRequest) -> HttpResponse {
    transport.send(request).await.unwrap()
}

/// Sends what must fail, and checks that the failure can be logged.
pub(crate) async fn failed(transport: &Transport, request: &HttpRequest) -> NoAnswer {
    let failure = transport.send(request).await.unwrap_err();
    for text in [format!("{failure}"), format!("{failure:?}"), format!("{:?}", failure.why)] {
        assert_quiet(&text);
    }
    let both = format!("{request:?} {transport:?}");
    for forbidden in [SECRET, "Bearer", "payload"] {
        assert!(!both.contains(forbidden), "{forbidden:?} shows in {both:?}");
    }
    failure
}

/// Checks that neither a secret nor a URL, header or body shows.
pub(crate) fn assert_quiet(text: &str) {
    for forbidden in [SECRET, "http", "perform", "Bearer", "payload", "127.0.0.1"] {
        assert!(!text.contains(forbidden), "{forbidden:?} shows in {text:?}");
    }
    assert!(!text.contains('\n'), "{text:?} has more than one line");
}
