//! The way to a gateway: network, TLS and the terminal's token, by one question that moves nothing.

use till_core::http::HttpResponse;

use super::Check;

/// Judges what the gateway says of an operation that it cannot know.
pub(super) fn judge(host: &str, response: &HttpResponse) -> Check {
    let name = "gateway token";
    let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let word = |key: &str| match body.get(key) {
        Some(serde_json::Value::String(text)) => text.chars().take(80).collect::<String>(),
        _ => String::new(),
    };
    let (error, message) = (word("error"), word("message"));
    let status = response.status;
    let said = format!("{host}: HTTP {status}, {error}: {message}");
    match (status, error.as_str()) {
        (404, "no_such_operation") => Check::well(name, format!("{host} accepts it")),
        (401 | 403, _) => {
            let advice = "ask for a token of this terminal (till-gateway token add), and put it \
                          alone into gateway.token_file";
            Check::bad(name, said, advice)
        }
        (429 | 500..=599, _) => Check::bad(name, said, "try again later"),
        (_, "") => {
            let message = format!("{host}: HTTP {status} from what is no gateway");
            Check::bad(name, message, "check gateway.url")
        }
        _ => Check::bad(name, said, "ask whoever runs the gateway what this means"),
    }
}
