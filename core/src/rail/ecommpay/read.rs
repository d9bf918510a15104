//! From an HTTP answer to a verdict: the HTTP status is judged first.

use super::codes::{self, Meaning};
use super::json::Json;
use super::request::asked_id;
use super::status;
use super::{Ecommpay, Name};
use crate::http::{HttpResponse, NoAnswer};
use crate::operation::{Blame, NoReason, Verdict};
use crate::rail::Call;
use crate::rail::words::clean;

/// The longest name that the platform gives a request and that is kept, in bytes.
const REFERENCE_MAX: usize = 255;

pub(super) fn read(
    rail: &Ecommpay,
    call: &Call<'_>,
    answer: &Result<HttpResponse, NoAnswer>,
    wall_ms: i64,
) -> Verdict {
    let name = rail.name(call);
    let answer = match answer {
        Ok(answer) => answer,
        Err(none) => return Verdict::Unanswered { sent: none.sent, why: none.why.to_string() },
    };
    let parsed = Json::parse(&answer.body).filter(|body| !body.members().is_empty());
    let error = parsed.as_ref().and_then(|body| Error::of(body, answer.status));
    match (answer.status, parsed.as_ref(), error) {
        // An explicit refusal to do anything just now.
        (429, _, _) => Verdict::Unanswered { sent: false, why: trouble(429) },
        (200..=299 | 400..=499, Some(body), Some(error)) => match other(body, rail, call) {
            Some(difference) => Verdict::Mismatch(difference),
            None => refused(name, call, &error),
        },
        (200..=299, Some(body), None) => match (other(body, rail, call), name) {
            (Some(difference), _) => Verdict::Mismatch(difference),
            (None, Name::Status) => status::read(rail, call, body, wall_ms),
            (None, Name::Sale | Name::Refund | Name::Clarification) => accepted(name, body),
        },
        (200..=299, None, _) => not_ours(name),
        (status @ (400 | 401 | 403 | 404 | 405 | 413 | 414 | 415 | 422), _, _) => {
            Verdict::Rejected(Blame::Configuration, not_allowed(status))
        }
        (status, _, _) => Verdict::Unanswered { sent: true, why: trouble(status) },
    }
}

/// Says that a body is not the platform's: as no answer.
pub(super) fn not_ours(name: Name) -> Verdict {
    let why = format!("the bank's answer to {} cannot be read", name.as_str());
    Verdict::Unanswered { sent: true, why }
}

/// Judges the answer to a call that the platform takes first and works on later.
fn accepted(name: Name, body: &Json) -> Verdict {
    if body.get("status").and_then(Json::as_text) != Some("success") {
        return not_ours(name);
    }
    let reference = body.get("request_id").and_then(Json::as_word);
    let reference =
        reference.filter(|id| id.len() <= REFERENCE_MAX && !id.contains(char::is_control));
    Verdict::Accepted(reference.unwrap_or_default().to_owned())
}

/// Judges a refused request: one that was refused made no operation.
fn refused(name: Name, call: &Call<'_>, error: &Error<'_>) -> Verdict {
    let said = error.said();
    let rejected = |blame, said| Verdict::Rejected(blame, said);
    match (codes::meaning(error.code, error.message), name) {
        (Meaning::Unknown, Name::Status | Name::Clarification) => Verdict::NoWord(said),
        (Meaning::PaymentExists, Name::Sale) => Verdict::Exists,
        // The refund is there: its operation decides, which the status has.
        (Meaning::RefundExists, Name::Refund) => Verdict::Open(None),
        (Meaning::Clarify, Name::Sale) => Verdict::Accepted(String::new()),
        (Meaning::NoRefunds, Name::Refund) if !call.repeated => {
            Verdict::NotPaid(NoReason::Declined(said))
        }
        // What is asked cannot be had of this payment; to a repetition it proves nothing.
        (Meaning::Unknown | Meaning::NotInThisStatus | Meaning::AboveTheRest, Name::Refund) => {
            rejected(Blame::Payment, said)
        }
        // It waits for nothing any more: an earlier call said what was missing, or it ended.
        (Meaning::NotInThisStatus, Name::Clarification) => Verdict::Accepted(String::new()),
        (Meaning::Trouble, _) => Verdict::Unanswered { sent: true, why: said },
        (Meaning::NotNow, _) => Verdict::Unanswered { sent: false, why: said },
        (Meaning::OfThePos, Name::Sale | Name::Refund) => rejected(Blame::Request, said),
        (
            Meaning::Unknown
            | Meaning::PaymentExists
            | Meaning::RefundExists
            | Meaning::Clarify
            | Meaning::NotInThisStatus
            | Meaning::AboveTheRest
            | Meaning::NoRefunds
            | Meaning::OfThePos
            | Meaning::Wrong,
            _,
        ) => rejected(Blame::Configuration, said),
    }
}

/// Tells whether an answer names another project or payment than the call; text safe to log.
fn other(body: &Json, rail: &Ecommpay, call: &Call<'_>) -> Option<String> {
    let project = rail.settings.project_id.to_string();
    let payment = asked_id(call.order).as_str();
    let nested = body.get("payment").and_then(|payment| payment.get("id"));
    let named = [
        ("project_id", body.get("project_id"), project.as_str()),
        ("payment_id", body.get("payment_id"), payment),
        ("payment.id", nested, payment),
    ];
    named.into_iter().find_map(|(name, said, ours)| match said {
        None | Some(Json::Null) => None,
        Some(said) if said.as_word() == Some(ours) => None,
        Some(said) => {
            let said = said.as_word().map_or_else(|| "something else".to_owned(), clean);
            Some(format!("{name} is {said}, not {ours}"))
        }
    })
}

fn trouble(status: u16) -> String {
    format!("the bank has trouble (HTTP {status})")
}

fn not_allowed(status: u16) -> String {
    match status {
        403 => "the bank refuses this address; it must be on the bank's address list (HTTP 403)"
            .to_owned(),
        404 | 405 => format!("there is no Gate API at ecommpay.gate_url (HTTP {status})"),
        _ => format!("the bank refuses the call (HTTP {status})"),
    }
}

/// Is `{"status":"error","code":...,"message":...}`.
struct Error<'a> {
    code: &'a str,
    message: &'a str,
}

impl<'a> Error<'a> {
    fn of(body: &'a Json, http: u16) -> Option<Self> {
        // A status answer has errors of its own, beside its payment.
        if body.get("payment").is_some_and(|payment| *payment != Json::Null) {
            return None;
        }
        let first = || body.get("errors").and_then(|errors| errors.elements().first());
        let word = |name: &str| {
            let own = body.get(name).and_then(Json::as_word);
            own.or_else(|| first()?.get(name)?.as_word()).unwrap_or_default()
        };
        let (code, message) = (word("code"), word("message"));
        let is_error = match body.get("status").and_then(Json::as_text) {
            Some(status) => status == "error",
            // Nothing but what proves nothing is read from a 2xx that does not call itself one.
            None => code == "3061" || (http >= 400 && !code.is_empty()),
        };
        is_error.then_some(Self { code, message })
    }

    /// Gives the platform's words with its number, for people.
    fn said(&self) -> String {
        match (clean(self.message), clean(self.code)) {
            (message, code) if message.is_empty() && code.is_empty() => {
                "the bank gives no reason".to_owned()
            }
            (message, code) if message.is_empty() => code,
            (message, code) if code.is_empty() => message,
            (message, code) => format!("{message} ({code})"),
        }
    }
}
