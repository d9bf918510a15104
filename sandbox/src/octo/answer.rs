//! HTTP answers: how a result, a refusal and a front end's own page look on the wire.

use core::fmt::Write as _;
use std::borrow::Cow;

use serde::Serialize;

use super::wire::{RefundAnswer, ResultAnswer};
pub use crate::http::{Request, Response};

/// The JSON content type of the bank.
const JSON: &str = "application/json";

/// Why a call is refused: an HTTP status and a result with status `F`.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) http: u16,
    pub(super) code: &'static str,
    pub(super) message: Cow<'static, str>,
}

impl Refused {
    pub(super) fn new(
        http: u16,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { http, code, message: message.into() }
    }

    /// A request that is wrong in itself (section 6, "400 Bad Request").
    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, "INVALID_REQUEST", message)
    }

    pub(super) fn missing(field: &'static str) -> Self {
        Self::invalid(format!("Missing required field: {field}"))
    }

    pub(super) fn invalid_field(field: &'static str) -> Self {
        Self::invalid(format!("Invalid value of field: {field}"))
    }

    /// The second of the two answers that section 9 allows to a repeated externalId.
    pub(super) fn exists(external_id: &str) -> Self {
        Self::new(400, "ALREADY_EXISTS", format!("externalId already exists: {external_id}"))
    }

    pub(super) fn other_parameters(external_id: &str) -> Self {
        Self::invalid(format!("externalId was used with other parameters: {external_id}"))
    }

    pub(super) fn result(&self) -> ResultAnswer<'_> {
        ResultAnswer { result_code: self.code, result_status: "F", result_message: &self.message }
    }
}

impl Response {
    pub(super) fn json(status: u16, value: &impl Serialize) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_default();
        Self { status, content_type: JSON, body }
    }

    /// A refusal with its result nested, as all calls but refund have it.
    pub(super) fn refused(refused: &Refused) -> Self {
        #[derive(Serialize)]
        struct Body<'a> {
            result: ResultAnswer<'a>,
        }
        Self::json(refused.http, &Body { result: refused.result() })
    }

    /// A refusal with its result flat, as refund has it.
    pub(super) fn refund_refused(refused: &Refused, external_id: &str) -> Self {
        let answer = RefundAnswer {
            external_id,
            created_at: None,
            refund_amount: None,
            refund_currency: None,
            refund_from_amount: None,
            refund_from_currency: None,
            refund_quote_currency_pair: None,
            refund_quote_price: None,
            result: refused.result(),
        };
        Self::json(refused.http, &answer)
    }

    pub(super) fn oauth_error(status: u16, error: &str, description: &str) -> Self {
        #[derive(Serialize)]
        struct Body<'a> {
            error: &'a str,
            error_description: &'a str,
        }
        Self::json(status, &Body { error, error_description: description })
    }
}

/// Writes a Unix time in ms as the document does: `2025-05-16T10:09:47.565Z`.
pub(super) fn iso(at_ms: i64) -> String {
    let Ok(timestamp) = jiff::Timestamp::from_millisecond(at_ms) else {
        return "1970-01-01T00:00:00.000Z".to_owned();
    };
    let at = jiff::tz::Offset::UTC.to_datetime(timestamp);
    let mut text = String::with_capacity(24);
    let (year, month, day) = (at.year(), at.month(), at.day());
    let (hour, minute, second, ms) = (at.hour(), at.minute(), at.second(), at.millisecond());
    let written =
        write!(text, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z");
    debug_assert!(written.is_ok(), "writing to a String cannot fail");
    text
}
