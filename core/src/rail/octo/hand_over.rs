//! What the customer's device is given so that an open payment goes on (sections 4.2 and 5).

use reqwest::Url;
use serde_json::value::RawValue;

use super::wire::{AcDecodeConfig, Answer};
use crate::operation::HandOver;
use crate::secret::Opaque;

/// Gives the hand-over of an order code: only the SDK's, since the customer's own wallet acts.
pub(super) fn of_order_code(answer: &Answer<'_>, bridge: bool) -> Option<HandOver> {
    if bridge { sdk(answer) } else { None }
}

/// Gives the hand-over of an entry code: the SDK's, else the address to open.
pub(super) fn of_entry_code(answer: &Answer<'_>, bridge: bool) -> Option<HandOver> {
    if bridge { sdk(answer).or_else(|| url(answer)) } else { None }
}

fn sdk(answer: &Answer<'_>) -> Option<HandOver> {
    if answer.action_type.get() != Some("HANDLE_BY_SDK") {
        return None;
    }
    let payload = opaque(answer.sdk_action_payload?)?;
    Some(HandOver::Sdk(Opaque::new(payload)))
}

fn url(answer: &Answer<'_>) -> Option<HandOver> {
    let config = answer.ac_decode_config.and_then(opaque);
    let read = |text: &String| serde_json::from_str::<AcDecodeConfig>(text).ok();
    let force_https = config.as_ref().and_then(read).unwrap_or_default().force_https;
    Some(HandOver::Url {
        url: secure(answer.redirect_url.get()?, force_https)?,
        user_agent: answer.user_agent.get().map(str::to_owned),
        ac_decode_config: config,
    })
}

/// Gives the bytes of an object as they came, or what a text says; all else is nothing.
fn opaque(value: &RawValue) -> Option<String> {
    let raw = value.get();
    let text = match raw.as_bytes().first() {
        Some(b'{') => raw.to_owned(),
        Some(b'"') => serde_json::from_str(raw).ok()?,
        Some(_) | None => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Gives an https address; http is raised to it under forceHttps, all else is refused.
fn secure(address: &str, force_https: bool) -> Option<String> {
    // URL parsers drop or turn these, so that two of them may read two addresses.
    if address.contains(|char: char| char.is_whitespace() || char.is_control() || char == '\\') {
        return None;
    }
    let (scheme, rest) = address.split_once("://")?;
    let mut url = Url::parse(address).ok()?;
    if url.host_str().is_none_or(str::is_empty)
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return None;
    }
    if scheme.eq_ignore_ascii_case("https") {
        return Some(address.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("http") || !force_https {
        return None;
    }
    // The parser drops http's own port, which no https server listens on.
    let own_port = url.port().is_none();
    url.set_scheme("https").ok()?;
    if own_port && rest.split(['/', '?', '#']).next().is_some_and(|host| host.ends_with(":80")) {
        return Some(url.into());
    }
    Some(format!("https://{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_handed_over_as_it_came() {
        let address = "https://wallet.example/w/a%2Fb?x=1&y=%D0%B0#z";
        assert_eq!(secure(address, false).as_deref(), Some(address));
        assert_eq!(
            secure("HTTPS://wallet.example", true).as_deref(),
            Some("HTTPS://wallet.example")
        );
    }

    #[test]
    fn http_is_raised_under_force_https_only() {
        let raised = |address| secure(address, true);
        assert_eq!(secure("http://wallet.example/a", false), None);
        assert_eq!(raised("http://wallet.example/a?b#c").unwrap(), "https://wallet.example/a?b#c");
        assert_eq!(raised("HTTP://wallet.example").unwrap(), "https://wallet.example");
        assert_eq!(raised("http://wallet.example:80/a").unwrap(), "https://wallet.example/a");
        assert_eq!(
            raised("http://wallet.example:8080/a").unwrap(),
            "https://wallet.example:8080/a"
        );
        assert_eq!(raised("http://wallet.example/:80").unwrap(), "https://wallet.example/:80");
    }

    #[test]
    fn no_other_address_is_handed_over() {
        for address in [
            "",
            "wallet.example/a",
            "//wallet.example/a",
            "javascript:alert(1)",
            "javascript://wallet.example/%0Aalert(1)",
            "intent://scan/#Intent;scheme=zxing;end",
            "file:///etc/passwd",
            "data:text/html,x",
            "alipays://platformapi/startapp",
            "https:wallet.example",
            "https://",
            "https://user@wallet.example/",
            "https://good.example:x@evil.example/",
            "https://good.example\\@evil.example/",
            " https://wallet.example/",
            "https://wallet.example/pay me",
            "https://wallet.example/\u{7}",
            "https://wallet.example/\n",
            "ht\ttps://wallet.example/",
            "https://wallet.example:99999/",
        ] {
            assert_eq!(secure(address, true), None, "{address:?}");
        }
    }

    #[test]
    fn an_object_keeps_its_bytes_and_a_text_its_meaning() {
        let object = "{ \"b\" : 1.0, \"a\":\"\\u0041\\/\" , \"b\":2 }";
        let raw: &RawValue = serde_json::from_str(object).unwrap();
        assert_eq!(opaque(raw).unwrap(), object);
        let raw: &RawValue = serde_json::from_str("\"a\\/b\\u0041==\"").unwrap();
        assert_eq!(opaque(raw).unwrap(), "a/bA==");
        for nothing in ["\"\"", "null", "1", "true", "[1]"] {
            let raw: &RawValue = serde_json::from_str(nothing).unwrap();
            assert_eq!(opaque(raw), None, "{nothing}");
        }
    }
}
