//! Keeps other web sites out: they can make a customer's browser call loopback.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, StatusCode};

use super::control::Problem;
use crate::server::shared::Shared;

/// The header that every call which changes something must carry. A form of another site cannot
/// send it, and a script of another site may not: nothing here allows it to (CORS).
pub(super) const HEADER: &str = "x-till-sandbox";

/// Nothing is loaded but this server's own style and script; nothing may frame the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// Checks Host, Origin and the custom header, and adds the headers that every answer has.
pub(super) async fn check(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let headers = request.headers();
    let host = text(headers, HOST).unwrap_or_default();
    if !is_ours(host, &shared.wallet_hosts) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "host",
            "this Host is neither loopback nor the configured wallet host",
        ));
    }
    let own = format!("http://{host}");
    if text(headers, ORIGIN).is_some_and(|origin| !origin.eq_ignore_ascii_case(&own)) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "origin", "another site sent this"));
    }
    if request.method() != Method::GET && !headers.contains_key(HEADER) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "header",
            "send the header X-Till-Sandbox: 1 with every call that changes something",
        ));
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Tells whether a Host header names this machine: a rebound DNS name does not.
fn is_ours(host: &str, configured: &[String]) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if port.is_empty() || port.starts_with(':') => {
                let loopback: Option<Ipv6Addr> = address.parse().ok();
                if loopback.is_some_and(|address| address.is_loopback()) {
                    return true;
                }
                format!("[{address}]")
            }
            Some(_) | None => return false,
        },
        None => host.split_once(':').map_or(host, |(name, _)| name).to_owned(),
    };
    let name = name.to_ascii_lowercase();
    let loopback: Option<Ipv4Addr> = name.parse().ok();
    name == "localhost"
        || loopback.is_some_and(|address| address.is_loopback())
        || configured.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_answered() {
        let configured = ["till.lan".to_owned(), "192.0.2.7".to_owned(), "[fd00::7]".to_owned()];
        for ours in [
            "127.0.0.1",
            "127.0.0.1:8444",
            "127.8.8.8:1",
            "localhost:8444",
            "LOCALHOST",
            "[::1]",
            "[::1]:8444",
            "till.lan:80",
            "Till.LAN",
            "192.0.2.7:8444",
            "[fd00::7]:80",
        ] {
            assert!(is_ours(ours, &configured), "{ours}");
        }
        for other in [
            "",
            "evil.example",
            "localhost.evil.example:8444",
            "127.0.0.1.evil.example",
            "192.0.2.8",
            "[fd00::8]",
            "[::1]evil",
            "[::1",
            "0.0.0.0:8444",
        ] {
            assert!(!is_ours(other, &configured), "{other}");
        }
    }
}
