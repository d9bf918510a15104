//! The signature: every vector of the platform's own SDKs, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use till_core::rail::ecommpay::Json;
use till_core::rail::ecommpay::signature::{NotSignable, Numbers, Order, line, sign, verify};
use till_core::secret::Secret;

use super::support::hmac;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/ecommpay").join(name)
}

fn cases(name: &str) -> Vec<(String, Json, Json)> {
    let read = |path: PathBuf| Json::parse(&fs::read(&path).unwrap()).expect("JSON");
    let mut cases: Vec<(String, Json, Json)> = fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, read(path.join("input.json")), read(path.join("expected.json")))
        })
        .collect();
    cases.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    assert!(!cases.is_empty());
    cases
}

fn text<'a>(object: &'a Json, name: &str) -> &'a str {
    object.get(name).and_then(Json::as_text).unwrap_or_else(|| panic!("no {name}"))
}

fn key(input: &Json) -> Secret<String> {
    Secret::new(text(input, "secret").to_owned())
}

fn parse(json: &str) -> Json {
    Json::parse(json.as_bytes()).expect("JSON")
}

/// The signature of any parameters, signable by us or not, in one of the orders.
fn signed(params: &Json, order: Order, secret: &Secret<String>) -> Json {
    Json::Text(hmac(&line(params, order, Numbers::Written), secret))
}

#[test]
fn every_vector_of_the_sdks_is_signed_and_verified() {
    let mut kinds = vec![];
    for (name, input, expected) in cases("signature") {
        let params = input.get("params").unwrap();
        let kind = text(&input, "kind");
        kinds.push(kind.to_owned());
        if kind == "string_to_sign" {
            let made = line(params, Order::Natural, Numbers::Written);
            assert_eq!(made, text(&expected, "line"), "{name}");
            continue;
        }
        let expected = text(&expected, "signature");
        assert_eq!(sign(params, &key(&input)).as_deref(), Ok(expected), "{name}");
        if kind == "callback" {
            assert!(verify(params, &key(&input)), "{name}");
            let other = Secret::new(format!("{}.", text(&input, "secret")));
            assert!(!verify(params, &other), "{name}: another key");
        }
    }
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["callback", "payment_page", "sign", "string_to_sign"]);
    assert_eq!(cases("signature").len(), 29);
}

#[test]
fn every_order_of_the_sdks_is_verified() {
    let mut compared = 0;
    for (name, input, expected) in cases("signature-order") {
        let params = input.get("params").unwrap();
        for (sdk, said) in expected.members() {
            let order = match text(said, "order") {
                "natural" => Order::Natural,
                "path" => Order::Path,
                "pair" => Order::Pair,
                "level" => Order::Level,
                order => panic!("no such order: {order}"),
            };
            let numbers = if sdk == "php" { Numbers::Php } else { Numbers::Written };
            let same = line(params, order, numbers) == text(said, "line");
            let mut callback = params.members().to_vec();
            callback.push(("signature".to_owned(), Json::text(text(said, "signature"))));
            let verified = verify(&Json::Object(callback), &key(&input));
            // More than the order differs: such a signature is not taken.
            let only_order = said.get("differs").is_none();
            assert_eq!((same, verified), (only_order, only_order), "{name}: {sdk}");
            compared += usize::from(only_order);
        }
    }
    assert_eq!((cases("signature-order").len(), compared), (12, 12 * 4 - 6));
}

#[test]
fn we_sign_in_the_natural_order() {
    let key = Secret::new("derived-secret".to_owned());
    for (name, input, expected) in cases("signature-order") {
        let params = input.get("params").unwrap();
        match sign(params, &key) {
            Ok(made) => {
                let php = expected.get("php").unwrap();
                assert_eq!(made, text(php, "signature"), "{name}");
            }
            Err(why) => {
                let number = matches!(why, NotSignable::Number(_));
                let semicolon = matches!(why, NotSignable::Semicolon(_));
                assert!(
                    (number && (name.starts_with("d10_") || name.starts_with("d11_")))
                        || (semicolon && name.starts_with("d5_")),
                    "{name}: {why}"
                );
            }
        }
    }
}

#[test]
fn a_semicolon_a_float_and_a_great_number_are_refused() {
    let key = Secret::new("k".to_owned());
    let semicolon = |path: &str| NotSignable::Semicolon(path.to_owned());
    let number = |path: &str| NotSignable::Number(path.to_owned());
    for (json, why) in [
        (r#"{"a":{"b":["x;b:y"]}}"#, semicolon("a:b:0")),
        (r#"{"a":{"b;c":1}}"#, semicolon("a:b;c")),
        (r#"{"a":10.5}"#, number("a")),
        (r#"{"a":10.0}"#, number("a")),
        (r#"{"a":1e3}"#, number("a")),
        (r#"{"a":-0}"#, number("a")),
        (r#"{"a":9007199254740993}"#, number("a")),
        (r#"{"a":-9007199254740993}"#, number("a")),
        (r#"{"a":99999999999999999999}"#, number("a")),
        (r#"[1]"#, NotSignable::Unnamed),
        (r#"{"0":1}"#, NotSignable::Unnamed),
        (r#""a""#, NotSignable::Unnamed),
    ] {
        assert_eq!(sign(&parse(json), &key), Err(why), "{json}");
    }
    for json in [r#"{"a":9007199254740992}"#, r#"{"a":-9007199254740992}"#, r#"{"a":[0,-5,1]}"#] {
        assert!(sign(&parse(json), &key).is_ok(), "{json}");
    }
}

#[test]
fn a_refusal_names_the_parameter_and_not_its_value() {
    let key = Secret::new("k".to_owned());
    let why = sign(&parse(r#"{"customer":{"email":"a;b@c.example"}}"#), &key).unwrap_err();
    assert_eq!(why.to_string(), "customer:email holds a semicolon, which cannot be signed");
}

#[test]
fn the_signature_is_found_at_the_top_and_in_general() {
    let key = Secret::new("k".to_owned());
    let made = sign(&parse(r#"{"payment":{"id":"1"}}"#), &key).unwrap();
    for json in [
        format!(r#"{{"payment":{{"id":"1"}},"signature":"{made}"}}"#),
        format!(r#"{{"general":{{"signature":"{made}"}},"payment":{{"id":"1"}}}}"#),
        format!(r#"{{"payment":{{"id":"1","signature":"x"}},"signature":"{made}"}}"#),
    ] {
        assert!(verify(&parse(&json), &key), "{json}");
    }
    for json in [
        format!(r#"{{"payment":{{"id":"1","signature":"{made}"}}}}"#),
        format!(r#"{{"payment":{{"id":"2"}},"signature":"{made}"}}"#),
        format!(r#"{{"payment":{{"id":1}},"extra":null,"signature":"{made}"}}"#),
        format!(r#"{{"payment":{{"id":"1"}},"signature":"{}"}}"#, &made[..84]),
        format!(r#"{{"payment":{{"id":"1"}},"signature":"{made}AAAA"}}"#),
        format!(r#"{{"payment":{{"id":"1"}},"signature":" {made}"}}"#),
        format!(r#"{{"payment":{{"id":"1"}},"signature":["{made}"]}}"#),
        r#"{"payment":{"id":"1"},"signature":""}"#.to_owned(),
        r#"{"payment":{"id":"1"}}"#.to_owned(),
    ] {
        assert!(!verify(&parse(&json), &key), "{json}");
    }
}

#[test]
fn numbers_are_verified_as_they_stand_and_as_php_writes_them() {
    let key = Secret::new("k".to_owned());
    for as_php in [r#"{"rate":"10"}"#, r#"{"rate":"10.0"}"#] {
        let Json::Text(made) = signed(&parse(as_php), Order::Natural, &key) else { panic!() };
        let callback = format!(r#"{{"rate":10.0,"signature":"{made}"}}"#);
        assert!(verify(&parse(&callback), &key), "{as_php}");
    }
}

#[test]
fn a_callback_signed_in_each_order_is_taken() {
    let key = Secret::new("k".to_owned());
    let list: Vec<String> = (0..12).map(|n| format!("{n}")).collect();
    let params = format!(r#"{{"a":[{}],"b":{{"c":1}},"b-d":2}}"#, list.join(","));
    let params = parse(&params);
    let mut lines = vec![];
    for order in [Order::Natural, Order::Path, Order::Pair, Order::Level] {
        lines.push(line(&params, order, Numbers::Written));
        let mut callback = params.members().to_vec();
        callback.push(("signature".to_owned(), signed(&params, order, &key)));
        assert!(verify(&Json::Object(callback), &key), "{order:?}");
    }
    lines.sort();
    lines.dedup();
    assert!(lines.len() >= 3, "{lines:?}");
}
