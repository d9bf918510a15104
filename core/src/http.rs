//! What a rail asks to be sent and what came back: the border between codecs and transport.

use std::fmt;

/// Is one HTTPS call, without its host: the transport knows that.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The HTTP method.
    pub method: Method,
    /// Path and query, beginning with `/`.
    pub path: String,
    /// The value of the Authorization header, if any: a secret.
    pub authorization: Option<String>,
    /// The value of the Content-Type header.
    pub content_type: &'static str,
    /// The body: may hold secrets.
    pub body: Vec<u8>,
    /// Milliseconds after which the call is aborted and counts as unanswered.
    pub time_limit_ms: u64,
}

/// Names an HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Acts.
    Post,
    /// Acts, repeatable.
    Put,
}

impl HttpRequest {
    /// The time for one call, in milliseconds (OCTO's document, section 9).
    pub const TIME_LIMIT_MS: u64 = 8_000;

    /// Makes a POST of a JSON body.
    pub fn post_json(path: &str, body: Vec<u8>) -> Self {
        Self {
            method: Method::Post,
            path: path.to_owned(),
            authorization: None,
            content_type: "application/json",
            body,
            time_limit_ms: Self::TIME_LIMIT_MS,
        }
    }

    /// Makes a POST of a form.
    pub fn post_form(path: &str, body: Vec<u8>) -> Self {
        Self { content_type: "application/x-www-form-urlencoded", ..Self::post_json(path, body) }
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("path", &self.path.split('?').next().unwrap_or_default())
            .finish_non_exhaustive()
    }
}

/// Is an answer, whole: its body came to its end and is at most [`HttpResponse::MAX_BODY`] long.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body: may hold tokens and payloads.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The longest body that is read, in bytes; a longer one is no answer.
    pub const MAX_BODY: usize = 1 << 20;
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Says that a call got no whole answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoAnswer {
    /// Whether any byte of the request may have reached the other side: if not, it had no effect.
    pub sent: bool,
    /// What happened, safe to log: no URL, header or body in it.
    pub why: NoAnswerReason,
}

/// Tells why there was no answer; each text is safe to log and to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswerReason {
    /// The request itself cannot be written as HTTP.
    #[error("the request cannot be sent: {0}")]
    NotSendable(&'static str),
    /// Name look-up or TCP failed.
    #[error("no connection to the bank: {0}")]
    Connect(String),
    /// TLS failed: certificate, host name, version.
    #[error("no secure connection to the bank: {0}")]
    Tls(String),
    /// The time for the call passed.
    #[error("the bank did not answer in time")]
    TimedOut,
    /// The connection ended, or what came was not HTTP.
    #[error("the connection to the bank broke: {0}")]
    Broken(String),
    /// The body is longer than [`HttpResponse::MAX_BODY`].
    #[error("the bank's answer is too long")]
    TooLong,
}
