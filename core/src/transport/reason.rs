//! Why there was no answer, in words of our own: nothing that was sent or received gets into them.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};

use super::tls;
use crate::http::NoAnswerReason;

/// Says why no answer began.
pub(super) fn before_the_answer(error: &reqwest::Error, proxied: bool) -> NoAnswerReason {
    let (tls, io) = causes(error);
    if !error.is_connect() {
        return if error.is_timeout() {
            NoAnswerReason::TimedOut
        } else {
            broken(tls, io, "it ended, or was not HTTP, before an answer began")
        };
    }
    if let Some(tls) = tls {
        return NoAnswerReason::Tls(tls::in_words(tls).to_owned());
    }
    // A connection that only begins cannot end early below TLS.
    if io.is_some_and(|io| io.kind() == ErrorKind::UnexpectedEof) {
        return NoAnswerReason::Tls("the server ended the TLS handshake".to_owned());
    }
    let text = if error.is_dns() {
        "the host's name was not found: check the network"
    } else if let Some(words) = io.and_then(io_in_words) {
        words
    } else if error.is_timeout() {
        "it took too long"
    } else if proxied {
        "the proxy opened no way to it"
    } else {
        "it failed"
    };
    NoAnswerReason::Connect(text.to_owned())
}

/// Says why an answer that had begun did not come to its end.
pub(super) fn within_the_answer(error: &reqwest::Error) -> NoAnswerReason {
    let (tls, io) = causes(error);
    if error.is_timeout() {
        return NoAnswerReason::TimedOut;
    }
    broken(tls, io, "the answer was cut off, or is not HTTP")
}

fn broken(tls: Option<&rustls::Error>, io: Option<&io::Error>, else_text: &str) -> NoAnswerReason {
    // An end that came too early says less than where it came, which `else_text` tells.
    let io = io.filter(|io| io.kind() != ErrorKind::UnexpectedEof);
    let text = match tls {
        Some(_) => "its encryption failed",
        None => io.and_then(io_in_words).unwrap_or(else_text),
    };
    NoAnswerReason::Broken(text.to_owned())
}

/// Finds the TLS error and the I/O error among an error's causes, the innermost of each: libraries
/// wrap both in I/O errors that say nothing.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> (Option<&'a rustls::Error>, Option<&'a io::Error>) {
    let (mut tls, mut io) = (None, None);
    let mut next = Some(error);
    while let Some(cause) = next {
        tls = cause.downcast_ref().or(tls);
        let this: Option<&io::Error> = cause.downcast_ref();
        io = this.or(io);
        // `source()` of an I/O error passes over the error that it wraps.
        next = match this.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    (tls, io)
}

/// Puts what the system says into words; `None` if it is nothing that an operator could use.
fn io_in_words(error: &io::Error) -> Option<&'static str> {
    const WORDS: [(ErrorKind, &str); 9] = [
        (ErrorKind::ConnectionRefused, "it was refused"),
        (ErrorKind::ConnectionReset, "it was reset"),
        (ErrorKind::ConnectionAborted, "it was aborted"),
        (ErrorKind::BrokenPipe, "it was closed"),
        (ErrorKind::TimedOut, "it took too long"),
        (ErrorKind::NetworkUnreachable, "the network is unreachable"),
        (ErrorKind::NetworkDown, "the network is down"),
        (ErrorKind::HostUnreachable, "the host is unreachable"),
        (ErrorKind::PermissionDenied, "this app may not use the network"),
    ];
    WORDS.iter().find(|(kind, _)| *kind == error.kind()).map(|(_, words)| *words)
}
