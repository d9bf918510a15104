//! The platform's signature, as its PHP SDK makes it: the one that its documents describe.

use core::cmp::Ordering;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha512;

/// These keys are never signed, wherever they stand.
const IGNORED: [&str; 2] = ["signature", "frame_mode"];

/// Signs all that is in a JSON value: Base64 of 64 bytes.
#[must_use]
pub fn sign(value: &Value, secret: &str) -> String {
    data_encoding::BASE64.encode(&mac(value, secret).finalize().into_bytes())
}

/// Puts the signature of an object into it, at its top level.
#[must_use]
pub fn signed(mut value: Value, secret: &str) -> Value {
    let signature = sign(&value, secret);
    if let Value::Object(members) = &mut value {
        members.insert("signature".to_owned(), Value::String(signature));
    }
    value
}

/// Tells whether a signature is that of a JSON value, in a time that does not depend on it.
pub(super) fn is_right(value: &Value, secret: &str, signature: &str) -> bool {
    let given = data_encoding::BASE64.decode(signature.as_bytes()).unwrap_or_default();
    mac(value, secret).verify_slice(&given).is_ok()
}

/// Gives the text that is signed.
#[must_use]
pub fn line(value: &Value) -> String {
    let mut leaves = Vec::new();
    flatten("", value, &mut leaves);
    leaves.sort_by(|(one, _), (other, _)| natural(one.as_bytes(), other.as_bytes()));
    let leaves: Vec<String> =
        leaves.into_iter().map(|(path, text)| format!("{path}:{text}")).collect();
    leaves.join(";")
}

fn mac(value: &Value, secret: &str) -> Hmac<Sha512> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac: Hmac<Sha512> = Hmac::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(line(value).as_bytes());
    mac
}

fn flatten(path: &str, value: &Value, leaves: &mut Vec<(String, String)>) {
    let below = |key: &str| match path {
        "" => key.replace(':', "::"),
        path => format!("{path}:{}", key.replace(':', "::")),
    };
    let text = match value {
        Value::Object(members) => {
            for (key, value) in members {
                if !IGNORED.contains(&key.as_str()) {
                    flatten(&below(key), value, leaves);
                }
            }
            return;
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                flatten(&below(&index.to_string()), value, leaves);
            }
            return;
        }
        Value::Null => String::new(),
        Value::Bool(flag) => u8::from(*flag).to_string(),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(number) => float(number),
            None => number.to_string(),
        },
        Value::String(text) => text.clone(),
    };
    leaves.push((path.to_owned(), text));
}

/// Writes a float as PHP does.
fn float(number: f64) -> String {
    let written = format!("{number:e}");
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    match exponent.parse() {
        Ok(exponent @ -4..=14) => {
            let _: i32 = exponent;
            number.to_string()
        }
        Ok(exponent) => {
            let digits =
                if digits.contains('.') { digits.to_owned() } else { format!("{digits}.0") };
            format!("{digits}E{exponent:+}")
        }
        Err(_) => number.to_string(),
    }
}

/// Compares as PHP's `strnatcmp` does: runs of digits as numbers, all else byte by byte.
fn natural(one: &[u8], other: &[u8]) -> Ordering {
    if one.is_empty() || other.is_empty() {
        return one.len().cmp(&other.len());
    }
    let (mut a, mut b) = (after_zeros(one), after_zeros(other));
    loop {
        (a, b) = (after_blanks(a), after_blanks(b));
        let digit = |rest: &[u8]| rest.first().copied().filter(u8::is_ascii_digit);
        if let (Some(left), Some(right)) = (digit(a), digit(b)) {
            let (run_a, rest_a) = a.split_at(digits(a));
            let (run_b, rest_b) = b.split_at(digits(b));
            // A run that begins with a zero is read like the places after a decimal point.
            let fraction = left == b'0' || right == b'0';
            let by_length = if fraction { Ordering::Equal } else { run_a.len().cmp(&run_b.len()) };
            let order = by_length.then_with(|| run_a.cmp(run_b));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (rest_a, rest_b);
            if a.is_empty() || b.is_empty() {
                return a.len().cmp(&b.len());
            }
        }
        let (left, right) = (a.first().copied(), b.first().copied());
        if left != right || left.is_none() {
            return left.unwrap_or(0).cmp(&right.unwrap_or(0));
        }
        (a, b) = (a.get(1..).unwrap_or_default(), b.get(1..).unwrap_or_default());
        if a.is_empty() || b.is_empty() {
            return a.len().cmp(&b.len());
        }
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Skips zeros at the very beginning, as long as a digit follows.
fn after_zeros(text: &[u8]) -> &[u8] {
    let run = digits(text);
    let zeros = text.iter().take_while(|byte| **byte == b'0').count();
    text.get(zeros.min(run.saturating_sub(1))..).unwrap_or_default()
}

fn after_blanks(text: &[u8]) -> &[u8] {
    let blank = |byte: &&u8| byte.is_ascii_whitespace() || **byte == 0x0b;
    text.get(text.iter().take_while(blank).count()..).unwrap_or_default()
}
