//! From an HTTP answer to a verdict: the HTTP status is judged first.

use serde::Deserialize;

use super::Name;
use super::codes;
use super::judge::Reading;
use super::settings::OctoSettings;
use super::wire::{Answer, Text};
use crate::http::{HttpResponse, NoAnswer};
use crate::operation::{Ask, Blame, Verdict};
use crate::rail::Call;
use crate::rail::words::clean;

pub(super) fn read(
    settings: &OctoSettings,
    name: Name,
    call: &Call<'_>,
    answer: &Result<HttpResponse, NoAnswer>,
    wall_ms: i64,
) -> Verdict {
    let answer = match answer {
        Ok(answer) => answer,
        Err(none) => {
            return Verdict::Unanswered { sent: none.sent, why: none.why.to_string() };
        }
    };
    let create = call.ask == Ask::Create && name != Name::Process;
    let parsed = json::<Answer<'_>>(&answer.body);
    match answer.status {
        200..=299 => match parsed {
            Some(parsed) => Reading { settings, name, call, wall_ms, create }.verdict(&parsed),
            None => not_ours(name),
        },
        400 | 401 | 403 | 404 | 405 | 413 | 414 | 415 | 422 => {
            refused(settings, call, create, answer.status, parsed.as_ref())
        }
        409 if create && parsed.as_ref().is_some_and(|parsed| exists(settings, parsed)) => {
            Verdict::Exists
        }
        // An explicit refusal to do anything just now.
        429 => Verdict::Unanswered { sent: false, why: no_answer(429) },
        status => Verdict::Unanswered { sent: true, why: no_answer(status) },
    }
}

/// Reads JSON, which is UTF-8 all through, whatever is ignored of it.
pub(super) fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    serde_json::from_str(str::from_utf8(body).ok()?).ok()
}

/// Gives the status and the codes of an answer, for logs.
pub(super) fn said(body: &[u8]) -> Option<String> {
    let answer: Answer<'_> = json(body)?;
    let nested = answer.result.as_ref();
    let words = [
        nested.map(|block| &block.result_status),
        nested.map(|block| &block.result_code),
        Some(&answer.result_status),
        Some(&answer.result_code),
        Some(&answer.status),
    ];
    let words = words.into_iter().flatten().filter_map(|word| word.get()).map(clean);
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Says that a body is not the bank's: as no answer.
pub(super) fn not_ours(name: Name) -> Verdict {
    let why = format!("the bank's answer to {} cannot be read", name.as_str());
    Verdict::Unanswered { sent: true, why }
}

/// Says that a status is as good as no answer.
pub(super) fn no_answer(status: u16) -> String {
    format!("the bank has trouble (HTTP {status})")
}

/// Judges a refused call; whether an earlier one had an effect is the machine's to know.
fn refused(
    settings: &OctoSettings,
    call: &Call<'_>,
    create: bool,
    status: u16,
    parsed: Option<&Answer<'_>>,
) -> Verdict {
    let said = parsed.and_then(message);
    match status {
        401 | 403 => return Verdict::Rejected(Blame::Configuration, not_allowed(status, said)),
        _ if create && parsed.is_some_and(|parsed| exists(settings, parsed)) => {
            return Verdict::Exists;
        }
        _ => {}
    }
    let said = said.unwrap_or_else(|| format!("the bank refuses the call (HTTP {status})"));
    // Whatever the bank dislikes about a repetition, it may be what the first call did.
    if create && call.repeated && call.order.payment().is_some() {
        return Verdict::NoWord(said);
    }
    let code = parsed.map(code).unwrap_or_default();
    Verdict::Rejected(blame(code, &said, call), said)
}

/// Says whose the mistake is that a code and its message speak of.
pub(super) fn blame(code: &str, message: &str, call: &Call<'_>) -> Blame {
    if call.order.payment().is_some() && codes::refuses_refund(code) {
        Blame::Payment
    } else if codes::names_the_pos(message, call.order.code_value().is_some()) {
        Blame::Request
    } else {
        Blame::Configuration
    }
}

fn not_allowed(status: u16, said: Option<String>) -> String {
    let what = if status == 403 {
        "the bank refuses this address; it must be on the bank's address list"
    } else {
        "the bank does not accept our token"
    };
    let said = said.map(|said| format!(": {said}")).unwrap_or_default();
    format!("{what} (HTTP {status}){said}")
}

fn exists(settings: &OctoSettings, answer: &Answer<'_>) -> bool {
    let message = message(answer).unwrap_or_default();
    codes::exists(settings, code(answer), &message)
}

fn code<'a>(answer: &'a Answer<'_>) -> &'a str {
    let nested = answer.result.as_ref();
    let code = nested.and_then(|block| block.result_code.get()).or(answer.result_code.get());
    code.unwrap_or_default()
}

/// Gives what a body that need not be an answer says, for an operator.
pub(super) fn words(body: &[u8]) -> Option<String> {
    json::<Answer<'_>>(body).as_ref().and_then(message)
}

/// Gives the bank's message, wherever it stands.
fn message(answer: &Answer<'_>) -> Option<String> {
    let nested = answer.result.as_ref().and_then(|block| block.result_message.get());
    let flat = [&answer.result_message, &answer.message, &answer.error_description, &answer.error];
    let said = nested.or_else(|| flat.into_iter().find_map(Text::get))?;
    Some(clean(said)).filter(|said| !said.is_empty())
}
