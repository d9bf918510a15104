//! The JSON of the bank's answers, read generously: what a call does not need cannot spoil it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::money::Amount;

/// Is any answer but a token's; each call reads its own fields of it.
///
/// The result stands nested in most answers and flat in refund's (section 4.6); both are read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer<'a> {
    #[serde(default, borrow)]
    pub(super) result: Option<ResultBlock<'a>>,
    #[serde(default, borrow)]
    pub(super) result_code: Text<'a>,
    #[serde(default, borrow)]
    pub(super) result_status: Text<'a>,
    #[serde(default, borrow)]
    pub(super) result_message: Text<'a>,
    #[serde(default, borrow)]
    pub(super) external_id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) status: Text<'a>,
    #[serde(default, borrow)]
    pub(super) operation_status: Text<'a>,
    #[serde(default, borrow)]
    pub(super) action_type: Text<'a>,
    #[serde(default, borrow)]
    pub(super) sdk_action_payload: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(super) redirect_url: Text<'a>,
    #[serde(default, borrow)]
    pub(super) user_agent: Text<'a>,
    #[serde(default, borrow)]
    pub(super) ac_decode_config: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) order_amount: Number,
    #[serde(default, borrow)]
    pub(super) order_currency: Text<'a>,
    #[serde(default)]
    pub(super) payment_amount: Number,
    #[serde(default, borrow)]
    pub(super) payment_currency: Text<'a>,
    #[serde(default)]
    pub(super) withdrawal_amount: Number,
    #[serde(default, borrow)]
    pub(super) withdrawal_currency: Text<'a>,
    #[serde(default)]
    pub(super) refund_amount: Number,
    #[serde(default, borrow)]
    pub(super) refund_currency: Text<'a>,
    #[serde(default)]
    pub(super) refund_from_amount: Number,
    #[serde(default, borrow)]
    pub(super) refund_from_currency: Text<'a>,
    #[serde(default, borrow)]
    pub(super) payment_code_info_list: Option<Vec<CodeInfo<'a>>>,
    /// What the bank's front end or framework may say instead of a result.
    #[serde(default, borrow)]
    pub(super) message: Text<'a>,
    #[serde(default, borrow)]
    pub(super) error: Text<'a>,
    #[serde(default, borrow, rename = "error_description")]
    pub(super) error_description: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultBlock<'a> {
    #[serde(default, borrow)]
    pub(super) result_code: Text<'a>,
    #[serde(default, borrow)]
    pub(super) result_status: Text<'a>,
    #[serde(default, borrow)]
    pub(super) result_message: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeInfo<'a> {
    #[serde(default, borrow)]
    pub(super) payment_code: Text<'a>,
    #[serde(default, borrow)]
    pub(super) code_validity_start_time: Text<'a>,
    #[serde(default, borrow)]
    pub(super) code_expiry_time: Text<'a>,
}

/// Is the answer to a token call, in the document's spelling or OAuth2's (RFC 6749, 5.1).
#[derive(Deserialize)]
pub(super) struct TokenAnswer<'a> {
    #[serde(default, borrow, rename = "accessToken")]
    pub(super) access_token: Text<'a>,
    #[serde(default, borrow, rename = "access_token")]
    pub(super) access_token_oauth: Text<'a>,
    #[serde(default, borrow, rename = "tokenType")]
    pub(super) token_type: Text<'a>,
    #[serde(default, borrow, rename = "token_type")]
    pub(super) token_type_oauth: Text<'a>,
    #[serde(default, rename = "expiresIn")]
    pub(super) expires_in: Number,
    #[serde(default, rename = "expires_in")]
    pub(super) expires_in_oauth: Number,
}

/// Is the part of `acDecodeConfig` that we act on (section 5, launch).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AcDecodeConfig {
    #[serde(default)]
    pub(super) force_https: bool,
}

/// Is the bank's push: the body of its own process call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Push<'a> {
    #[serde(default, borrow)]
    pub(super) external_id: Text<'a>,
}

/// Is a text field; null counts as absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Text<'a> {
    #[default]
    Absent,
    /// Not a text.
    Odd,
    Is(Cow<'a, str>),
}

impl Text<'_> {
    /// Gives the text; absent, odd and empty are all `None`.
    pub(super) fn get(&self) -> Option<&str> {
        match self {
            Self::Is(text) if !text.is_empty() => Some(text),
            Self::Is(_) | Self::Absent | Self::Odd => None,
        }
    }
}

/// Is a number field: an integer, or a text of digits; null counts as absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Number {
    #[default]
    Absent,
    /// A fraction, below zero, above [`Amount::MAX_MINOR`], or no number.
    Odd,
    Is(u64),
}

impl Number {
    fn of(number: u64) -> Self {
        if number <= Amount::MAX_MINOR { Self::Is(number) } else { Self::Odd }
    }

    fn of_text(text: &str) -> Self {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        number.map_or(Self::Odd, Self::of)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct TextVisitor;
struct NumberVisitor;

/// Answers for every JSON type that the field should not have.
macro_rules! odd_types {
    ($value:ty: $($visit:ident($argument:ty)),*) => {
        $(fn $visit<E: de::Error>(self, _: $argument) -> Result<$value, E> {
            Ok(<$value>::Odd)
        })*

        fn visit_unit<E: de::Error>(self) -> Result<$value, E> {
            Ok(<$value>::Absent)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<$value, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok(<$value>::Odd)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<$value, A::Error> {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(<$value>::Odd)
        }
    };
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text::Is(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text::Is(Cow::Owned(text.to_owned())))
    }

    odd_types!(Text<'de>: visit_bool(bool), visit_u64(u64), visit_i64(i64), visit_f64(f64));
}

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Number, E> {
        Ok(Number::of(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        Ok(Number::of_text(text))
    }

    odd_types!(Number: visit_bool(bool), visit_i64(i64), visit_f64(f64));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(json: &str) -> Number {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_amount_is_an_integer_or_a_text_of_digits() {
        assert_eq!(number("1000"), Number::Is(1000));
        assert_eq!(number("\"1000\""), Number::Is(1000));
        assert_eq!(number("0"), Number::Is(0));
        assert_eq!(number("9223372036854775807"), Number::Is(Amount::MAX_MINOR));
        assert_eq!(number("null"), Number::Absent);
    }

    #[test]
    fn nothing_else_is_an_amount() {
        for odd in [
            "10.5",
            "1000.0",
            "1e3",
            "-1",
            "-0.0",
            "9223372036854775808",
            "18446744073709551616",
            "\"9223372036854775808\"",
            "\"\"",
            "\"+1\"",
            "\" 1\"",
            "\"1 000\"",
            "\"1.0\"",
            "\"0x1\"",
            "\"\u{661}\"",
            "true",
            "[1000]",
            "{\"amount\":1000}",
        ] {
            assert_eq!(number(odd), Number::Odd, "{odd}");
        }
    }

    #[test]
    fn texts_without_escapes_are_borrowed() {
        let text: Text<'_> = serde_json::from_str("\"UZS\"").unwrap();
        assert!(matches!(text, Text::Is(Cow::Borrowed("UZS"))));
        let text: Text<'_> = serde_json::from_str("\"U\\u005aS\"").unwrap();
        assert_eq!(text.get(), Some("UZS"));
        for odd in ["1", "1.5", "-1", "true", "[]", "{\"a\":[1]}"] {
            assert_eq!(serde_json::from_str::<Text<'_>>(odd).unwrap(), Text::Odd, "{odd}");
        }
    }

    #[test]
    fn keys_are_case_sensitive_and_stand_once() {
        let wrong: Answer<'_> =
            serde_json::from_str(r#"{"ExternalId":"A","PAYMENTAMOUNT":1}"#).unwrap();
        assert_eq!((wrong.external_id, wrong.payment_amount), (Text::Absent, Number::Absent));
        let twice = r#"{"paymentAmount":1,"paymentAmount":2}"#;
        assert!(serde_json::from_str::<Answer<'_>>(twice).is_err());
    }
}
