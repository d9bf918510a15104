//! The wallet page: one document, one style, one script, three languages.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Uri};
use axum::response::{Html, IntoResponse};
use hyper::StatusCode;
use hyper::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};

use crate::server::shared::Shared;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("wallet.css");
const SCRIPT: &str = include_str!("wallet.js");

/// A language of the page and its texts, a JSON object.
struct Language {
    tag: &'static str,
    texts: &'static str,
}

/// The first is the one for everybody else.
const LANGUAGES: [Language; 3] = [
    Language { tag: "en", texts: include_str!("en.json") },
    Language { tag: "ru", texts: include_str!("ru.json") },
    Language { tag: "zh", texts: include_str!("zh.json") },
];

/// The page; which payments it shows, its script reads from its address.
pub(super) async fn index(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Html<String> {
    let wished = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let Language { tag, texts } = language(wished.unwrap_or_default());
    let merchant = shared.lock().behaviour().merchant.name.clone();
    let texts = texts.replace('<', "\\u003c");
    Html(
        PAGE.replace("{{lang}}", tag)
            .replace("{{merchant}}", &escape(&merchant))
            .replace("{{texts}}", &texts),
    )
}

pub(super) async fn style() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

pub(super) async fn script() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT)
}

pub(super) async fn not_found(uri: Uri) -> impl IntoResponse {
    (StatusCode::NOT_FOUND, format!("There is no {}; the wallet page is /", uri.path()))
}

/// Chooses by Accept-Language (RFC 9110, 12.5.4): the highest weight, then the first named.
fn language(wished: &str) -> &'static Language {
    let mut best: Option<(u32, &Language)> = None;
    for range in wished.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let primary = tag.split('-').next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
        let known = LANGUAGES.iter().find(|language| language.tag == primary);
        if let Some(language) = known.filter(|_| weight > 0)
            && best.is_none_or(|(most, _)| weight > most)
        {
            best = Some((weight, language));
        }
    }
    let [first, ..] = &LANGUAGES;
    best.map_or(first, |(_, language)| language)
}

/// Reads a weight like `0.8`; what is none weighs nothing.
fn thousandths(weight: &str) -> u32 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = format!("{whole}{fraction:0<3}");
    digits.parse().ok().filter(|_| fraction.len() <= 3).map_or(0, |all: u32| all.min(1000))
}

pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_language_follows_the_browser() {
        for (wished, tag) in [
            ("", "en"),
            ("ru", "ru"),
            ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
            ("en;q=0.5, zh-Hans-CN;q=0.9", "zh"),
            ("de,fr;q=0.9", "en"),
            ("de,ru;q=0.1", "ru"),
            ("ru;q=0, en;q=0.1", "en"),
            ("ZH-cn", "zh"),
            ("ru;q=x,zh;q=0.001", "zh"),
            ("*", "en"),
        ] {
            assert_eq!(language(wished).tag, tag, "{wished}");
        }
    }

    #[test]
    fn every_language_says_the_same_things() {
        let texts = |language: &Language| -> BTreeMap<String, String> {
            serde_json::from_str(language.texts).unwrap()
        };
        let [english, others @ ..] = &LANGUAGES;
        let english = texts(english);
        for language in others {
            let other = texts(language);
            assert!(english.keys().eq(other.keys()), "{}", language.tag);
            for (key, text) in &english {
                let holes = |text: &str| text.matches('{').count();
                assert_eq!(holes(text), holes(&other[key]), "{} {key}", language.tag);
                assert_ne!(other[key], "", "{} {key}", language.tag);
            }
        }
        for key in english.keys() {
            let used = SCRIPT.contains(&format!("\"{key}\""))
                || SCRIPT.contains(&format!("texts.{key}"))
                || PAGE.contains(&format!("data-text=\"{key}\""))
                || ["state_", "error_", "auto_"].iter().any(|start| key.starts_with(start));
            assert!(used, "{key} is used nowhere");
        }
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escape("<b a=\"1\" b='2'>&"), "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;");
    }
}
