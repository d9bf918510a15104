//! The way to ecommpay: network, TLS, address list, project and signature, by one question that
//! moves nothing.

use till_core::http::HttpResponse;

use super::Check;
use super::bank::ADDRESS_ADVICE;

/// Judges what the platform says of a payment that it cannot know.
pub(super) fn judge(host: &str, response: &HttpResponse) -> Check {
    let name = "ecommpay project";
    let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let word = |key: &str| match body.get(key) {
        Some(serde_json::Value::String(text)) => text.chars().take(80).collect::<String>(),
        Some(serde_json::Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (code, message) = (word("code"), word("message"));
    let said = format!("a payment that never was: HTTP {}, {message} ({code})", response.status);
    match (response.status, code.as_str()) {
        (_, "3061") => Check::well(name, format!("project and secret are accepted; {said}")),
        (_, "2442") => Check::bad(name, said, "compare ecommpay.project_id with ecommpay's letter"),
        (_, "3261" | "3262") => Check::bad(
            name,
            said,
            "compare the project's secret with the one in ecommpay's cabinet",
        ),
        (403, "") => {
            let message = format!("{host} refuses this machine (HTTP 403)");
            Check::bad(name, message, ADDRESS_ADVICE)
        }
        (404 | 405, "") => {
            Check::bad(name, format!("{host}: HTTP {}", response.status), "check ecommpay.gate_url")
        }
        (500..=599, _) => Check::bad(name, said, "try again later"),
        _ => Check::bad(name, said, "ask ecommpay's support what this means"),
    }
}
