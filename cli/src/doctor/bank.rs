//! The way to the bank: network, TLS, credentials, address list, and a first harmless question.

use till_core::http::{HttpResponse, NoAnswer, NoAnswerReason};
use till_core::id::{ExternalId, OperationId, RequestId};
use till_core::money::Amount;
use till_core::operation::{Ask, Code, Kind, Operation, Order, Verdict};
use till_core::rail::{Call, TokenVerdict};
use till_core::secret::Secret;
use till_core::terminal::Line;
use till_core::time::Clock;

use super::{Check, wall_ms};
use crate::random;
use crate::setup::Setup;
use crate::trouble::Trouble;
use crate::wish::caller;

pub(super) const ADDRESS_ADVICE: &str = "tell the bank the public address of this machine's \
                                         network; only addresses on its list are let in";

/// Goes the way to a token, and tells each step; the token is the last of them.
pub(super) async fn way(line: &Line) -> (Vec<Check>, Option<Secret<String>>) {
    let Some(request) = line.rail.token_request() else { return (vec![], None) };
    let host = line.transport.host();
    let answer = line.transport.send(&request).await;
    let mut checks = Vec::new();
    let response = match &answer {
        Err(none) => {
            checks.push(no_answer(host, none));
            return (checks, None);
        }
        Ok(response) => response,
    };
    checks.push(Check::well("connection", format!("{host} answers")));
    checks.push(Check::well("tls", format!("the certificate of {host} is trusted")));
    if response.status == 403 {
        let message = format!("{host} refuses this machine (HTTP 403)");
        checks.push(Check::bad("address list", message, ADDRESS_ADVICE));
        return (checks, None);
    }
    match line.rail.read_token(&answer) {
        TokenVerdict::Granted(token, life_ms) => {
            checks.push(Check::well("address list", format!("{host} lets this machine in")));
            let message = format!("accepted; a token lives {} s", life_ms / 1_000);
            checks.push(Check::well("credentials", message));
            (checks, Some(token))
        }
        TokenVerdict::Refused(message) => {
            let advice =
                "compare octo.client_id, the secret and octo.base_url with the bank's letter";
            checks.push(Check::bad("credentials", message, advice));
            (checks, None)
        }
        TokenVerdict::Unanswered(why) => {
            let advice = "try again later; if it stays, ask the bank";
            checks.push(Check::bad("credentials", why, advice));
            (checks, None)
        }
    }
}

/// Says what is wrong where nothing answers.
fn no_answer(host: &str, none: &NoAnswer) -> Check {
    let message = format!("{host}: {none}");
    match &none.why {
        NoAnswerReason::Tls(_) => Check::bad(
            "tls",
            message,
            "check the clock; a certificate of the bank's own needs octo.extra_roots; else it \
             may be somebody in between",
        ),
        NoAnswerReason::Connect(_) | NoAnswerReason::TimedOut | NoAnswerReason::Broken(_) => {
            Check::bad(
                "connection",
                message,
                "check network, name service, firewall and octo.base_url",
            )
        }
        NoAnswerReason::NotSendable(_) | NoAnswerReason::TooLong => Check::bad(
            "connection",
            message,
            "check octo.base_url: something else may answer there",
        ),
    }
}

/// Asks the bank single questions about a payment that nobody makes.
pub(super) struct Probe<'a> {
    line: &'a Line,
    token: Secret<String>,
    setup: &'a Setup,
}

/// Is what one question brought.
pub(super) struct Seen {
    /// What the rail makes of it with the present settings.
    pub(super) verdict: Verdict,
    /// What was seen, on one line.
    pub(super) text: String,
    /// The body, if it is JSON.
    pub(super) body: serde_json::Value,
}

impl<'a> Probe<'a> {
    pub(super) fn new(line: &'a Line, token: Secret<String>, setup: &'a Setup) -> Self {
        Self { line, token, setup }
    }

    /// Makes an order of the least sum, with new names.
    pub(super) fn order(&self) -> Result<Operation, Trouble> {
        order(self.line, self.setup)
    }

    /// Asks one question.
    pub(super) async fn ask(
        &self,
        operation: &Operation,
        code: Option<&Code>,
        ask: Ask,
        repeated: bool,
    ) -> Seen {
        let call = Call {
            id: &operation.id,
            order: &operation.order,
            code,
            ask,
            installation: "till-doctor",
            token: Some(&self.token),
            bridge: true,
            repeated,
            reference: None,
            wanted: &[],
            state: None,
        };
        let answer = self.line.transport.send(&self.line.rail.request(&call)).await;
        let verdict = self.line.rail.read(&call, &answer, wall_ms());
        let body = body(&answer);
        Seen { text: seen(&answer, &body), verdict, body }
    }

    /// Asks for a payment that never was: it moves nothing, and shows that questions get through.
    pub(super) async fn unknown_payment(&self, name: &str) -> Check {
        let operation = match self.order() {
            Ok(operation) => operation,
            Err(trouble) => return Check::bad(name, trouble.to_string(), "try again"),
        };
        let Seen { verdict, text, .. } = self.ask(&operation, None, Ask::Inquire, false).await;
        let text = format!("a payment that never was: {text}");
        match verdict {
            Verdict::NoWord(_) => Check::well(name, text),
            // The bank refuses the question, not the caller.
            Verdict::Rejected(_, message) if text.contains("HTTP 403") => {
                Check::bad(name, format!("{text}; {message}"), ADDRESS_ADVICE)
            }
            Verdict::Rejected(_, message) if text.contains("HTTP 401") => {
                Check::bad(name, format!("{text}; {message}"), "ask the bank about this token")
            }
            Verdict::Rejected(..) | Verdict::Open(_) => Check::well(name, text),
            Verdict::Undecided(code) => Check::bad(
                name,
                format!("{text}; {code} is in no table"),
                format!("octo.request_codes = [\"{code}\"], or an unknown id would end a payment"),
            ),
            Verdict::NotPaid(_) | Verdict::Paid(_) | Verdict::OtherSum(_) | Verdict::Confirmed => {
                Check::bad(
                    name,
                    format!("{text}; that is a final word about nothing"),
                    "do not use this bank before it is clear what it answers to an unknown id",
                )
            }
            Verdict::CodeIssued(_)
            | Verdict::Accepted(_)
            | Verdict::Wanted(_)
            | Verdict::Lacking(_)
            | Verdict::Relayed(_)
            | Verdict::Exists
            | Verdict::Mismatch(_)
            | Verdict::Unanswered { .. } => Check::bad(name, text, "try again later"),
        }
    }
}

/// Asks for a payment that never was, and tells each step of the way there: the section of the
/// configuration and its address are given, and what judges the answer of a host.
pub(super) async fn look(
    line: &Line,
    setup: &Setup,
    [section, address]: [&str; 2],
    judge: fn(&str, &HttpResponse) -> Check,
) -> Vec<Check> {
    let host = line.transport.host();
    match question(line, setup, [section, address]).await {
        Ok(response) => {
            let message = format!("{host} answers; it is trusted");
            vec![Check::well(&format!("{section} connection"), message), judge(host, &response)]
        }
        Err(check) => vec![check],
    }
}

/// Asks once; where nothing answers, says what to look at.
async fn question(
    line: &Line,
    setup: &Setup,
    [section, address]: [&str; 2],
) -> Result<HttpResponse, Check> {
    let operation = order(line, setup)
        .map_err(|trouble| Check::bad(section, trouble.to_string(), "try again"))?;
    let call = Call {
        id: &operation.id,
        order: &operation.order,
        code: None,
        ask: Ask::Inquire,
        installation: "till-doctor",
        token: None,
        bridge: false,
        repeated: false,
        reference: None,
        wanted: &[],
        state: None,
    };
    let host = line.transport.host();
    line.transport.send(&line.rail.request(&call)).await.map_err(|none| {
        let advice = match none.why {
            NoAnswerReason::Tls(_) => {
                format!("check the clock; a certificate of its own needs {section}.extra_roots")
            }
            NoAnswerReason::NotSendable(_)
            | NoAnswerReason::Connect(_)
            | NoAnswerReason::TimedOut
            | NoAnswerReason::Broken(_)
            | NoAnswerReason::TooLong => {
                format!("check network, name service, firewall and {section}.{address}")
            }
        };
        Check::bad(&format!("{section} connection"), format!("{host}: {none}"), advice)
    })
}

/// Makes an order of the least sum, with new names.
fn order(line: &Line, setup: &Setup) -> Result<Operation, Trouble> {
    let order = Order {
        kind: Kind::Pay { purpose: "till doctor".to_owned(), code_value: None },
        caller: caller(),
        request_id: RequestId::from_random(random::bytes()?),
        amount: Amount::new(1, setup.settings.currency),
        rail: line.rail.id(),
        external_id: ExternalId::from_random(random::bytes()?),
        created: Clock::new().now(),
        sandbox: setup.settings.sandbox,
    };
    Ok(Operation::new(OperationId::from_random(random::bytes()?), order))
}

fn body(answer: &Result<HttpResponse, NoAnswer>) -> serde_json::Value {
    let body = answer.as_ref().ok().map(|answer| answer.body.as_slice());
    body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or(serde_json::Value::Null)
}

/// Writes what was seen: the HTTP status and the bank's own words, no token and no payload.
fn seen(answer: &Result<HttpResponse, NoAnswer>, body: &serde_json::Value) -> String {
    let response = match answer {
        Ok(response) => response,
        Err(none) => return none.to_string(),
    };
    let result = body.get("result").unwrap_or(body);
    let words = ["resultStatus", "resultCode", "resultMessage"].map(|key| (result, key));
    let words = words.into_iter().chain([(body, "status"), (body, "actionType")]);
    let words: Vec<String> = words
        .filter_map(|(at, key)| Some((key, at.get(key)?.as_str()?)))
        .map(|(key, word)| format!("{key} {}", word.chars().take(80).collect::<String>()))
        .collect();
    let words = if words.is_empty() { "no result".to_owned() } else { words.join(", ") };
    format!("HTTP {}, {words}", response.status)
}
