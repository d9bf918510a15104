//! The signature of requests, pages and callbacks: HMAC-SHA512 over the sorted parameters.
//!
//! Every leaf becomes `path:value`; these are sorted and joined by `;`. The platform's own SDKs
//! sort in four different ways. We sign in PHP's, which its documents name; a callback may have
//! been signed in any of them.

use std::borrow::Cow;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;

use super::json::Json;
use super::{natural, number};
use crate::secret::Secret;

/// Never signed, at any depth.
const IGNORED: &str = "frame_mode";

/// Where a signature stands, and so is never signed, at any depth.
const SIGNATURE: &str = "signature";

/// The greatest number that all sides write alike: 2^53.
pub const NUMBER_MAX: u64 = 1 << 53;

/// Names a way to sort the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// PHP's natural order of the whole path.
    Natural,
    /// Byte order of the whole path.
    Path,
    /// Byte order of `path:value`.
    Pair,
    /// At each level by name, array elements by index.
    Level,
}

/// Names a way to write numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// As they stand in the JSON.
    Written,
    /// As PHP writes what it read.
    Php,
}

/// Says why something cannot be signed so that all sides understand it alike; names no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSignable {
    /// The parts of the signed text are joined by semicolons.
    #[error("{0} holds a semicolon, which cannot be signed")]
    Semicolon(String),
    /// Floats and great numbers are written in many ways.
    #[error("{0} is no whole number up to 2^53, which alone can be signed")]
    Number(String),
    /// The top level is no object, or PHP would number its members anew.
    #[error("only named parameters can be signed")]
    Unnamed,
}

/// Signs parameters: Base64.
///
/// # Errors
/// What in them cannot be signed.
pub fn sign(params: &Json, secret: &Secret<String>) -> Result<String, NotSignable> {
    check(params)?;
    let line = line(params, Order::Natural, Numbers::Written);
    Ok(BASE64.encode(&mac(&line, secret).finalize().into_bytes()))
}

/// Tells whether parameters carry a signature of theirs, in any of the orders; compares in constant
/// time.
pub fn verify(params: &Json, secret: &Secret<String>) -> bool {
    let nested = || params.get("general").and_then(|general| general.get(SIGNATURE));
    let given = params.get(SIGNATURE).or_else(nested).and_then(Json::as_text);
    let Some(given) = given.and_then(|text| BASE64.decode(text.as_bytes()).ok()) else {
        return false;
    };
    let mut seen: Vec<String> = Vec::new();
    for numbers in [Numbers::Written, Numbers::Php] {
        for order in [Order::Natural, Order::Path, Order::Pair, Order::Level] {
            let line = line(params, order, numbers);
            if seen.contains(&line) {
                continue;
            }
            if mac(&line, secret).verify_slice(&given).is_ok() {
                return true;
            }
            seen.push(line);
        }
    }
    false
}

/// Gives the text that is signed.
pub fn line(params: &Json, order: Order, numbers: Numbers) -> String {
    let mut leaves = Vec::new();
    flatten(params, "", order, numbers, &mut leaves);
    // All sorts are stable: what they hold for equal keeps the order of the JSON.
    match order {
        Order::Natural => leaves.sort_by(|(a, _), (b, _)| natural::compare(a, b)),
        Order::Path => leaves.sort_by(|(a, _), (b, _)| a.cmp(b)),
        Order::Pair => leaves.sort_by(|(_, a), (_, b)| a.cmp(b)),
        Order::Level => {}
    }
    let pairs: Vec<String> = leaves.into_iter().map(|(_, pair)| pair).collect();
    pairs.join(";")
}

fn mac(line: &str, secret: &Secret<String>) -> Hmac<Sha512> {
    // EXPOSE: the key makes the signature, which does not give it back.
    let key = secret.expose().as_bytes();
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac: Hmac<Sha512> = Hmac::new_from_slice(key).expect("any length");
    mac.update(line.as_bytes());
    mac
}

/// Collects every leaf as its path and `path:value`.
fn flatten(
    value: &Json,
    path: &str,
    order: Order,
    numbers: Numbers,
    leaves: &mut Vec<(String, String)>,
) {
    let mut leaf = |text: &str| leaves.push((path.to_owned(), format!("{path}:{text}")));
    match value {
        Json::Null => leaf(""),
        Json::Flag(flag) => leaf(if *flag { "1" } else { "0" }),
        Json::Text(text) => leaf(text),
        Json::Number(written) => leaf(&match numbers {
            Numbers::Written => Cow::Borrowed(&**written),
            Numbers::Php => number::php(written).map_or(Cow::Borrowed(&**written), Cow::Owned),
        }),
        Json::List(elements) => {
            for (index, element) in elements.iter().enumerate() {
                flatten(element, &below(path, &index.to_string()), order, numbers, leaves);
            }
        }
        Json::Object(members) => {
            let mut members: Vec<&(String, Json)> = members.iter().collect();
            if order == Order::Level {
                members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            }
            for (name, member) in members {
                if name != IGNORED && name != SIGNATURE {
                    let path = below(path, &name.replace(':', "::"));
                    flatten(member, &path, order, numbers, leaves);
                }
            }
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}:{name}") }
}

/// Checks that all sides sign these parameters alike.
fn check(params: &Json) -> Result<(), NotSignable> {
    let Json::Object(members) = params else { return Err(NotSignable::Unnamed) };
    let is_number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    if members.iter().any(|(name, _)| is_number(name)) {
        return Err(NotSignable::Unnamed);
    }
    members.iter().try_for_each(|(name, value)| check_value(value, name))
}

fn check_value(value: &Json, path: &str) -> Result<(), NotSignable> {
    match value {
        Json::Null | Json::Flag(_) => Ok(()),
        Json::Text(text) if text.contains(';') => Err(NotSignable::Semicolon(path.to_owned())),
        Json::Text(_) => Ok(()),
        Json::Number(written) => {
            let digits = written.strip_prefix('-').unwrap_or(written);
            let number = digits.parse().ok().filter(|number: &u64| *number <= NUMBER_MAX);
            // Zero has no sign, and no number begins with a plus.
            let canonical = number.is_some_and(|number| {
                number.to_string() == digits && (number > 0 || digits == written)
            });
            if canonical { Ok(()) } else { Err(NotSignable::Number(path.to_owned())) }
        }
        Json::List(elements) => elements
            .iter()
            .enumerate()
            .try_for_each(|(index, one)| check_value(one, &below(path, &index.to_string()))),
        Json::Object(members) => members.iter().try_for_each(|(name, one)| {
            let path = below(path, name);
            if name.contains(';') {
                Err(NotSignable::Semicolon(path))
            } else {
                check_value(one, &path)
            }
        }),
    }
}
