//! JSON whose numbers keep the characters that they were written with: what is signed is text.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// How deep a value may be nested: deeper than anything that the platform sends.
const DEPTH_MAX: usize = 32;

/// Is a JSON value; the members of an object keep their order.
#[derive(Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A number, as it was written.
    Number(String),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object: no name stands in it twice.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole document; `None` if it is no JSON, nested too deep, or has a name twice.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        Self::parse_within(bytes, usize::MAX)
    }

    /// Reads a document of anybody: `None` also if it has more values than `most`.
    pub(super) fn parse_within(bytes: &[u8], most: usize) -> Option<Self> {
        // Each level is read once more for the one above it: depth costs time.
        let size = Size::of(bytes);
        if size.depth > DEPTH_MAX || size.values > most {
            return None;
        }
        Self::of(serde_json::from_slice(bytes).ok()?)
    }

    /// Writes it without blanks.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = String::new();
        self.write(&mut text);
        text.into_bytes()
    }

    /// Makes a text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Makes a number.
    pub fn number(number: u64) -> Self {
        Self::Number(number.to_string())
    }

    /// Makes an object.
    pub fn object(members: Vec<(&str, Self)>) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Gives a member of an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Gives a text that is not empty.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            Self::Text(_)
            | Self::Null
            | Self::Flag(_)
            | Self::Number(_)
            | Self::List(_)
            | Self::Object(_) => None,
        }
    }

    /// Gives a text that is not empty, or the characters of a number: a code, an id.
    pub fn as_word(&self) -> Option<&str> {
        match self {
            Self::Number(number) => Some(number),
            Self::Null | Self::Flag(_) | Self::Text(_) | Self::List(_) | Self::Object(_) => {
                self.as_text()
            }
        }
    }

    /// Gives the elements of an array; of anything else none.
    pub fn elements(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            Self::Null | Self::Flag(_) | Self::Number(_) | Self::Text(_) | Self::Object(_) => &[],
        }
    }

    /// Gives the members of an object; of anything else none.
    pub fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            Self::Null | Self::Flag(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => &[],
        }
    }

    fn of(raw: &RawValue) -> Option<Self> {
        let text = raw.get();
        Some(match text.as_bytes().first()? {
            b'n' => Self::Null,
            b't' => Self::Flag(true),
            b'f' => Self::Flag(false),
            b'"' => Self::Text(serde_json::from_str(text).ok()?),
            b'[' => {
                let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                let read = elements.into_iter().map(Self::of);
                Self::List(read.collect::<Option<_>>()?)
            }
            b'{' => {
                let Members(members) = serde_json::from_str(text).ok()?;
                let mut names = BTreeSet::new();
                if !members.iter().all(|(name, _)| names.insert(name.as_str())) {
                    return None;
                }
                let read = members.into_iter().map(|(name, value)| Some((name, Self::of(value)?)));
                Self::Object(read.collect::<Option<_>>()?)
            }
            _ => Self::Number(text.to_owned()),
        })
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Null => text.push_str("null"),
            Self::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => text.push_str(number),
            Self::Text(own) => text.push_str(&quoted(own)),
            Self::List(elements) => {
                text.push('[');
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    element.write(text);
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    text.push_str(&quoted(name));
                    text.push(':');
                    value.write(text);
                }
                text.push('}');
            }
        }
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What customers typed and what is paid with stands in it.
        f.write_str("Json(..)")
    }
}

/// Is what a text that may be JSON would cost to read.
struct Size {
    /// How deep brackets are nested.
    depth: usize,
    /// How many values it has at most.
    values: usize,
}

impl Size {
    fn of(bytes: &[u8]) -> Self {
        let (mut depth, mut size) = (0_usize, Self { depth: 0, values: 1 });
        let (mut in_text, mut escaped) = (false, false);
        for byte in bytes {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'[' | b'{' if !in_text => {
                    depth += 1;
                    size.values += 1;
                }
                b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
                b',' if !in_text => size.values += 1,
                _ => {}
            }
            size.depth = size.depth.max(depth);
        }
        size
    }
}

fn quoted(text: &str) -> String {
    // A text always serializes.
    serde_json::to_string(text).unwrap_or_default()
}

/// Is the members of an object, their values unread.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    // An object of this many members is made to cost time.
                    if members.len() >= 4_096 {
                        return Err(de::Error::custom("too many members"));
                    }
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Json> {
        Json::parse(text.as_bytes())
    }

    #[test]
    fn numbers_keep_their_characters() {
        let read = parse("[10.0, 1e+21, 9007199254740993, -0]").unwrap();
        let words: Vec<_> = read.elements().iter().filter_map(Json::as_word).collect();
        assert_eq!(words, ["10.0", "1e+21", "9007199254740993", "-0"]);
        assert_eq!(read.to_bytes(), b"[10.0,1e+21,9007199254740993,-0]");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = r#"{"a":[null,true,false,"\"\\ü\n"],"b":{},"c":[]}"#;
        let read = parse(text).unwrap();
        assert_eq!(String::from_utf8(read.to_bytes()).unwrap(), text);
        assert_eq!(Json::parse(&read.to_bytes()), Some(read));
    }

    #[test]
    fn escapes_are_read() {
        let read = parse(r#"{"\u0061":"\/\u4e2d"}"#).unwrap();
        assert_eq!(read.get("a").and_then(Json::as_text), Some("/中"));
    }

    #[test]
    fn a_name_that_stands_twice_is_no_object() {
        assert_eq!(parse(r#"{"a":1,"a":1}"#), None);
        assert_eq!(parse(r#"{"b":{"a":1,"\u0061":2}}"#), None);
    }

    #[test]
    fn too_deep_too_wide_and_broken_is_nothing() {
        let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&deep(32)).is_some());
        assert_eq!(parse(&deep(33)), None);
        assert_eq!(parse(&deep(100_000)), None);
        let brackets = format!(r#"["{}\\\"[",1]"#, "[".repeat(100));
        assert!(parse(&brackets).is_some(), "brackets in a text nest nothing");
        let wide: Vec<String> = (0..4_097).map(|n| format!("\"{n}\":0")).collect();
        assert_eq!(parse(&format!("{{{}}}", wide.join(","))), None);
        for broken in ["", " ", "{", "01", "+1", "nul", "\"\u{1}\"", "[1,]", "{} {}", "\"\\ud800\""]
        {
            assert_eq!(parse(broken), None, "{broken}");
        }
        assert_eq!(Json::parse(b"\"\xff\""), None);
    }

    #[test]
    fn values_are_counted_before_they_are_read() {
        for (json, values) in [("1", 1), ("[]", 2), ("[1,2]", 3), (r#"{"a":[1,",,["],"b":{}}"#, 6)]
        {
            assert!(Json::parse_within(json.as_bytes(), values).is_some(), "{json}");
            assert_eq!(Json::parse_within(json.as_bytes(), values - 1), None, "{json}");
        }
    }

    #[test]
    fn nothing_of_it_is_printed() {
        assert_eq!(format!("{:?}", parse(r#"{"a":"secret"}"#)), "Some(Json(..))");
    }
}
