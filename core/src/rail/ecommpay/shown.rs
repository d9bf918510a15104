//! How a payment goes on that Gate took: where the customer is sent, what is shown, what the
//! platform wants to know. It stands in callbacks, and in a status answer if at all.

use data_encoding::BASE64;
use reqwest::Url;

use super::Ecommpay;
use super::json::Json;
use super::settings::QR_MAX;
use crate::operation::{Code, CodeForm, HandOver, Verdict};
use crate::rail::words::clean;

/// The longest life of a QR code that is believed, in seconds: a day.
const LIFE_S_MAX: u64 = 86_400;

/// The longest picture that is shown, in characters of Base64.
const PICTURE_MAX: usize = 131_072;

/// The most fields that a form has, and names that the platform can want.
const MANY: usize = 64;

/// Reads how a payment goes on; `None` if the body does not say.
pub(super) fn prescription(rail: &Ecommpay, body: &Json, bridge: bool) -> Option<Verdict> {
    wanted(rail, body).or_else(|| displayed(rail, body)).or_else(|| redirected(rail, body, bridge))
}

/// Reads `display_data`: one object is the QR code, in one of three forms.
fn displayed(rail: &Ecommpay, body: &Json) -> Option<Verdict> {
    let all = body.get("display_data")?.elements();
    let data = |kind: &str| {
        let one = all.iter().find(|one| word(one, "type") == Some(kind))?;
        one.get("data").and_then(Json::as_text)
    };
    let text =
        data("qr_data").filter(|text| text.len() <= QR_MAX && !text.contains(char::is_control));
    let (value, form) = if let Some(text) = text {
        (text.to_owned(), CodeForm::Text)
    } else if let Some(address) = data("qr_url").and_then(https) {
        (address, CodeForm::PictureUrl)
    } else {
        (picture(data("qr_img")?)?, CodeForm::Picture)
    };
    let timeout = all.iter().find(|one| {
        word(one, "type") == Some("add_info")
            && word(one, "title").is_some_and(|title| title.eq_ignore_ascii_case("QR Code Timeout"))
    });
    let seconds = timeout.and_then(|one| one.get("data")).and_then(Json::as_word);
    let seconds: Option<u64> = seconds.and_then(|seconds| seconds.trim().parse().ok());
    let seconds = seconds.filter(|seconds| (1..=LIFE_S_MAX).contains(seconds));
    let life_ms = seconds.unwrap_or(rail.settings.lifetime_s).saturating_mul(1_000);
    Some(Verdict::CodeIssued(Code { value, life_ms, form }))
}

/// Reads `redirect_data`: an address to open, or a form to be sent there.
fn redirected(rail: &Ecommpay, body: &Json, bridge: bool) -> Option<Verdict> {
    let data = body.get("redirect_data").or_else(|| body.get("redirectData"))?;
    let url = data.get("url").and_then(Json::as_text).and_then(https)?;
    let fields = fields(data.get("body"))?;
    let post = word(data, "method").is_some_and(|method| method.eq_ignore_ascii_case("POST"));
    if post && bridge {
        return Some(Verdict::Open(Some(HandOver::Form { url, fields })));
    }
    if post {
        let message = "ecommpay wants to be sent a form, which this terminal cannot open";
        return Some(Verdict::Lacking(message.to_owned()));
    }
    let url = with_query(url, &fields)?;
    if bridge {
        let (user_agent, ac_decode_config) = (None, None);
        return Some(Verdict::Open(Some(HandOver::Url { url, user_agent, ac_decode_config })));
    }
    // Nobody here can open it; the customer's own phone can.
    let life_ms = rail.settings.lifetime_s.saturating_mul(1_000);
    (url.len() <= QR_MAX).then(|| Verdict::CodeIssued(Code::text(url, life_ms)))
}

/// Reads which parameters the platform lacks.
fn wanted(rail: &Ecommpay, body: &Json) -> Option<Verdict> {
    let status = body.get("payment").and_then(|payment| payment.get("status"));
    let waits = status.and_then(Json::as_text) == Some("awaiting clarification");
    let mut names = Vec::new();
    if let Some(fields) = body.get("clarification_fields") {
        collect("", fields, &mut names);
    }
    if names.is_empty() && waits {
        for error in body.get("errors").map(Json::elements).unwrap_or_default() {
            if let Some(field) = word(error, "field") {
                names.push(field.to_owned());
            }
        }
    }
    names.retain(|name| is_name(name));
    names.truncate(MANY);
    if names.is_empty() {
        return None;
    }
    if names.iter().all(|name| rail.known(name).is_some()) {
        return Some(Verdict::Wanted(names));
    }
    names.retain(|name| rail.known(name).is_none());
    let names = clean(&names.join(", "));
    Some(Verdict::Lacking(format!("ecommpay wants to know {names} (ecommpay.customer)")))
}

/// Collects the names of fields from any nesting: objects by group, lists of names or of objects
/// that have one.
fn collect(group: &str, fields: &Json, names: &mut Vec<String>) {
    let within = |name: &str| {
        if group.is_empty() { name.to_owned() } else { format!("{group}.{name}") }
    };
    match fields {
        Json::Text(name) => names.push(within(name)),
        Json::List(elements) => {
            for element in elements {
                match word(element, "name").or_else(|| word(element, "field")) {
                    Some(name) => names.push(within(name)),
                    None => collect(group, element, names),
                }
            }
        }
        Json::Object(members) => {
            for (name, value) in members {
                match value {
                    // A description of the field, or nothing at all: the name itself is the field.
                    Json::Object(inner) if group.is_empty() && !inner.is_empty() => {
                        collect(&within(name), value, names);
                    }
                    Json::List(_) => collect(&within(name), value, names),
                    Json::Object(_)
                    | Json::Null
                    | Json::Flag(_)
                    | Json::Number(_)
                    | Json::Text(_) => names.push(within(name)),
                }
            }
        }
        Json::Null | Json::Flag(_) | Json::Number(_) => {}
    }
}

/// Reads the body of a redirection: an object of words, or an empty list for none.
fn fields(body: Option<&Json>) -> Option<Vec<(String, String)>> {
    let members = match body {
        None | Some(Json::Null) => return Some(Vec::new()),
        Some(Json::List(elements)) if elements.is_empty() => return Some(Vec::new()),
        Some(Json::Object(members)) if members.len() <= MANY => members,
        Some(Json::List(_) | Json::Object(_) | Json::Flag(_) | Json::Number(_) | Json::Text(_)) => {
            return None;
        }
    };
    let field = |(name, value): &(String, Json)| {
        let value = match value {
            Json::Text(text) => text.clone(),
            Json::Number(written) => written.clone(),
            Json::Flag(flag) => u8::from(*flag).to_string(),
            Json::Null => String::new(),
            Json::List(_) | Json::Object(_) => return None,
        };
        Some((name.clone(), value))
    };
    members.iter().map(field).collect()
}

fn with_query(url: String, fields: &[(String, String)]) -> Option<String> {
    if fields.is_empty() {
        return Some(url);
    }
    let mut url = Url::parse(&url).ok()?;
    url.query_pairs_mut().extend_pairs(fields);
    Some(url.into())
}

/// Gives a picture's Base64 without the head of a data address.
fn picture(data: &str) -> Option<String> {
    let base64 = match data.strip_prefix("data:image/") {
        Some(rest) => rest.split_once(";base64,")?.1,
        None => data,
    };
    let base64: String = base64.chars().filter(|char| !char.is_ascii_whitespace()).collect();
    let fits = !base64.is_empty() && base64.len() <= PICTURE_MAX;
    (fits && BASE64.decode(base64.as_bytes()).is_ok()).then_some(base64)
}

/// Gives an https address as it came; all else is refused.
fn https(address: &str) -> Option<String> {
    // URL parsers drop or turn these, so that two of them may read two addresses.
    if address.contains(|char: char| char.is_whitespace() || char.is_control() || char == '\\') {
        return None;
    }
    let (scheme, _) = address.split_once("://")?;
    let url = Url::parse(address).ok()?;
    let fits = scheme.eq_ignore_ascii_case("https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none();
    fits.then(|| address.to_owned())
}

fn word<'a>(object: &'a Json, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Json::as_text)
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}
