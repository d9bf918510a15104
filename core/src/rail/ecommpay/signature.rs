//! The signature of requests, pages and callbacks: HMAC-SHA512 over the sorted parameters.
//!
//! Every leaf becomes `path:value`; these are sorted and joined by `;`. The platform's own SDKs
//! sort in four different ways. We sign in PHP's, which its documents name; a callback may have
//! been signed in any of them.

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

/// The most bytes that all paths in a callback have together: each value has its whole path.
const PATHS_MAX: usize = 131_072;

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
/// time. What is made to cost time carries none.
pub fn verify(params: &Json, secret: &Secret<String>) -> bool {
    let nested = || params.get("general").and_then(|general| general.get(SIGNATURE));
    let given = params.get(SIGNATURE).or_else(nested).and_then(Json::as_text);
    let Some(given) = given.and_then(|text| BASE64.decode(text.as_bytes()).ok()) else {
        return false;
    };
    let mut seen: Vec<String> = Vec::new();
    let mut fits = |line: String| {
        let fits = !seen.contains(&line) && mac(&line, secret).verify_slice(&given).is_ok();
        seen.push(line);
        fits
    };
    [Numbers::Written, Numbers::Php].into_iter().any(|numbers| {
        let leaves = |by_level| Leaves::of(params, by_level, numbers, PATHS_MAX);
        let orders = [Order::Natural, Order::Path, Order::Pair];
        leaves(false).is_some_and(|leaves| orders.iter().any(|order| fits(leaves.line(*order))))
            || leaves(true).is_some_and(|leaves| fits(leaves.line(Order::Level)))
    })
}

/// Gives the text that is signed.
pub fn line(params: &Json, order: Order, numbers: Numbers) -> String {
    let by_level = order == Order::Level;
    let leaves = Leaves::of(params, by_level, numbers, usize::MAX);
    leaves.map(|leaves| leaves.line(order)).unwrap_or_default()
}

fn mac(line: &str, secret: &Secret<String>) -> Hmac<Sha512> {
    // EXPOSE: the key makes the signature, which does not give it back.
    let key = secret.expose().as_bytes();
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac: Hmac<Sha512> = Hmac::new_from_slice(key).expect("any length");
    mac.update(line.as_bytes());
    mac
}

/// Is every leaf of some parameters.
struct Leaves {
    by_level: bool,
    numbers: Numbers,
    /// How many bytes of paths may still be made.
    left: usize,
    found: Vec<Leaf>,
}

/// Is `path:value`.
struct Leaf {
    pair: String,
    path_bytes: usize,
}

impl Leaf {
    fn path(&self) -> &str {
        self.pair.get(..self.path_bytes).unwrap_or_default()
    }
}

impl Leaves {
    /// Collects them, by level or as they stand; `None` if their paths are longer than `most`.
    fn of(params: &Json, by_level: bool, numbers: Numbers, most: usize) -> Option<Self> {
        let mut leaves = Self { by_level, numbers, left: most, found: Vec::new() };
        leaves.collect(params, "")?;
        Some(leaves)
    }

    /// Gives the text that is signed: they were collected by level if that is the order.
    fn line(&self, order: Order) -> String {
        let mut leaves: Vec<&Leaf> = self.found.iter().collect();
        // All sorts are stable: what they hold for equal keeps the order of the JSON.
        match order {
            Order::Natural => leaves.sort_by(|a, b| natural::compare(a.path(), b.path())),
            Order::Path => leaves.sort_by(|a, b| a.path().cmp(b.path())),
            Order::Pair => leaves.sort_by(|a, b| a.pair.cmp(&b.pair)),
            Order::Level => {}
        }
        let pairs: Vec<&str> = leaves.into_iter().map(|leaf| leaf.pair.as_str()).collect();
        pairs.join(";")
    }

    fn collect(&mut self, value: &Json, path: &str) -> Option<()> {
        match value {
            Json::Null => self.leaf(path, ""),
            Json::Flag(flag) => self.leaf(path, if *flag { "1" } else { "0" }),
            Json::Text(text) => self.leaf(path, text),
            Json::Number(written) => match self.numbers {
                Numbers::Written => self.leaf(path, written),
                Numbers::Php => self.leaf(path, number::php(written).as_ref().unwrap_or(written)),
            },
            Json::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.member(element, path, &index.to_string())?;
                }
            }
            Json::Object(members) => {
                let mut members: Vec<&(String, Json)> = members.iter().collect();
                if self.by_level {
                    members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
                }
                for (name, member) in members {
                    if name != IGNORED && name != SIGNATURE {
                        self.member(member, path, &name.replace(':', "::"))?;
                    }
                }
            }
        }
        Some(())
    }

    fn member(&mut self, value: &Json, path: &str, name: &str) -> Option<()> {
        let path = below(path, name);
        self.left = self.left.checked_sub(path.len())?;
        self.collect(value, &path)
    }

    fn leaf(&mut self, path: &str, text: &str) {
        self.found.push(Leaf { pair: format!("{path}:{text}"), path_bytes: path.len() });
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
