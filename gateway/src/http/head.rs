//! What stands before a request's body, and how a body is read.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use till_core::secret::Secret;

use super::{FORWARDED, Peer, bad};
use crate::body::Refused;

/// How long a caller may take to send its body.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Is a request without its body.
///
/// It holds copies: what came keeps the whole buffer of its connection, and callers wait for long.
#[derive(Debug)]
pub(super) struct Head {
    token: Option<Secret<String>>,
    forwarded: Option<IpAddr>,
    /// Whether a proxy passed it on, whatever it said of whom.
    pub(super) proxied: bool,
    query: String,
    pub(super) peer: SocketAddr,
}

impl Head {
    /// Takes the body off a request.
    pub(super) fn split(request: Request) -> (Self, Body) {
        let (parts, body) = request.into_parts();
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let head = Self {
            token: bearer(&parts.headers).map(|token| Secret::new(token.to_owned())),
            forwarded: last_forwarded(&parts.headers),
            proxied: parts.headers.contains_key(FORWARDED),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            peer: parts.extensions.get::<Peer>().map_or(unknown, |peer| peer.0),
        };
        (head, body)
    }

    /// Gives the caller's token.
    pub(super) fn token(&self) -> Option<&str> {
        // EXPOSE: it is compared with a hash, and no further than its name is kept.
        self.token.as_ref().map(|token| token.expose().as_str())
    }

    /// Gives the address that the nearest proxy says it was called from.
    pub(super) fn forwarded(&self) -> Option<IpAddr> {
        self.forwarded
    }

    /// Gives a parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Result<Option<String>, Refused> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        let Some((_, raw)) = pairs.find(|(key, _)| *key == name) else { return Ok(None) };
        let wrong = || bad(format!("{name}: percent-encoded UTF-8"));
        decoded(raw).map(Some).ok_or_else(wrong)
    }

    /// Reads `wait` in seconds, at most a minute.
    pub(super) fn wait(&self) -> Result<Duration, Refused> {
        const MAX_S: u64 = 60;
        match self.parameter("wait")?.map(|wait| wait.parse()) {
            None => Ok(Duration::ZERO),
            Some(Ok(seconds)) if seconds <= MAX_S => Ok(Duration::from_secs(seconds)),
            Some(_) => Err(bad("wait: seconds from 0 to 60")),
        }
    }
}

/// Reads a body that is not too long, from a caller that is not too slow; `who` it is, for the log.
pub(super) async fn read(body: Body, max: usize, who: impl fmt::Display) -> Result<Bytes, Refused> {
    match tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, max)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            tracing::warn!(%who, max, "a body that is too long, or that broke off");
            let message = format!("the body has at most {max} bytes");
            Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too_long", message))
        }
        Err(_) => {
            tracing::warn!(%who, "a body that came too slowly");
            let message = "the body has to be sent within 10 seconds";
            Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message))
        }
    }
}

/// Gives the token of `Authorization: Bearer <token>`; the scheme has no case.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Gives what the proxy that is nearest added: the last of the last line. All before it is whatever
/// the caller wrote.
fn last_forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let line = headers.get_all(FORWARDED).iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next()?.trim().parse().ok()
}

/// Reads what a query has percent-encoded.
fn decoded(raw: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(query: &str, headers: &[(&str, &str)]) -> Head {
        let mut request = Request::builder().uri(format!("/v1/operations?{query}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Head::split(request.body(Body::empty()).unwrap()).0
    }

    #[test]
    fn the_scheme_of_a_token_has_no_case() {
        for scheme in ["Bearer ", "bearer ", "BEARER  "] {
            let head = head("", &[("authorization", &format!("{scheme}till_a_b"))]);
            assert_eq!(head.token(), Some("till_a_b"), "{scheme}");
            assert!(!format!("{head:?}").contains("till_a_b"));
        }
        for none in ["Basic till_a_b", "Bearertill_a_b", "till_a_b", ""] {
            assert_eq!(head("", &[("authorization", none)]).token(), None, "{none}");
        }
    }

    #[test]
    fn only_what_the_nearest_proxy_added_says_who_calls() {
        let forged = ("x-forwarded-for", "10.0.0.1");
        for (lines, told) in [
            (vec![("x-forwarded-for", "10.0.0.1, 192.0.2.7")], Some("192.0.2.7")),
            (vec![forged, ("x-forwarded-for", "192.0.2.7")], Some("192.0.2.7")),
            (vec![forged, ("x-forwarded-for", "unknown")], None),
            (vec![], None),
        ] {
            let head = head("", &lines);
            assert_eq!(head.forwarded(), told.map(|told| told.parse().unwrap()), "{lines:?}");
            assert_eq!(head.proxied, !lines.is_empty());
        }
    }

    #[test]
    fn every_parameter_is_decoded() {
        let head = head("wait=%32%35&version=waiting%2A&request_id=a%20b+c&bad=%zz", &[]);
        assert_eq!(head.wait().unwrap(), Duration::from_secs(25));
        let read = |name| head.parameter(name).unwrap();
        assert_eq!(read("version").as_deref(), Some("waiting*"));
        assert_eq!(read("request_id").as_deref(), Some("a b c"));
        assert_eq!(read("none"), None);
        assert!(head.parameter("bad").is_err());
    }
}
