//! The Payment Page: a signed address, made without a call.
//!
//! Its end, `best_before`, is a time of this device's clock, which the platform compares with its
//! own. That the platform knows no such payment counts as final 10 minutes after it, so a clock
//! that is wrong by less than that does no harm.

use reqwest::Url;

use super::json::Json;
use super::settings::{EcommpaySettings, Parameter};
use super::signature::{NotSignable, sign};
use crate::id::ExternalId;
use crate::money::Amount;
use crate::operation::{Order, Rules};

/// How long after the wait's end a page can still be opened, in milliseconds.
pub(super) const SLACK_MS: u64 = 60_000;

/// The parameters that each payment sets: no setting may.
pub(super) const OURS: [&str; 11] = [
    "project_id",
    "payment_id",
    "payment_amount",
    "payment_currency",
    "customer_id",
    "language_code",
    "force_payment_method",
    "best_before",
    "merchant_callback_url",
    "signature",
    "frame_mode",
];

/// Gives how long a page can be paid that is made now, in milliseconds.
pub(super) fn life_ms(rules: &Rules) -> u64 {
    rules.wait_ms.saturating_add(SLACK_MS)
}

/// Makes the address of a payment's page; `best_before_ms` is a wall-clock time.
pub(super) fn address(
    settings: &EcommpaySettings,
    order: &Order,
    best_before_ms: i64,
) -> Result<String, NotSignable> {
    made(settings, &order.external_id, order.amount, best_before_ms)
}

/// Gives the greatest length that an address can have with these settings, in bytes.
pub(super) fn longest(settings: &EcommpaySettings) -> usize {
    let Some(currency) = settings.currencies.first() else { return 0 };
    let amount = Amount::new(Amount::MAX_MINOR >> 10, *currency);
    let id = ExternalId::from_random([0xff; 16]);
    // What cannot be signed is named by its own line.
    made(settings, &id, amount, 0).map_or(0, |address| address.len())
}

fn made(
    settings: &EcommpaySettings,
    payment_id: &ExternalId,
    amount: Amount,
    best_before_ms: i64,
) -> Result<String, NotSignable> {
    let customer_id = settings.customer.id.as_deref().unwrap_or(payment_id.as_str());
    let best_before = iso8601(best_before_ms);
    let mut members = vec![
        ("project_id", Json::number(settings.project_id)),
        ("payment_id", Json::text(payment_id.as_str())),
        ("payment_amount", Json::number(amount.minor)),
        ("payment_currency", Json::text(amount.currency.code())),
        ("customer_id", Json::text(customer_id)),
        ("language_code", Json::text("zh")),
        ("force_payment_method", Json::text("alipay")),
        ("best_before", Json::text(&best_before)),
    ];
    if let Some(address) = &settings.callback_url {
        members.push(("merchant_callback_url", Json::text(address)));
    }
    for (name, value) in &settings.parameters {
        members.push((name, parameter(value)));
    }
    let params = Json::object(members);
    let signature = sign(&params, &settings.secret)?;
    let query = query(&params, &signature);
    Ok(format!("{}?{query}", settings.payment_page_url))
}

/// Writes signed parameters as the query of an address: what is signed is what is sent.
fn query(params: &Json, signature: &str) -> String {
    // Only its writer of queries is used.
    let Ok(mut url) = Url::parse("https://query.invalid/") else { return String::new() };
    {
        let mut pairs = url.query_pairs_mut();
        for (name, value) in params.members() {
            pairs.append_pair(name, value.as_word().unwrap_or_default());
        }
        pairs.append_pair("signature", signature);
    }
    url.query().unwrap_or_default().to_owned()
}

fn parameter(value: &Parameter) -> Json {
    match value {
        Parameter::Text(text) => Json::text(text),
        Parameter::Number(number) => Json::number(*number),
        Parameter::Flag(flag) => Json::number(u64::from(*flag)),
    }
}

/// Writes a wall-clock time as the platform's SDKs do: seconds, and the offset in digits.
fn iso8601(wall_ms: i64) -> String {
    let seconds = jiff::Timestamp::from_second(wall_ms.div_euclid(1_000));
    seconds.map_or_else(
        |_| "1970-01-01T00:00:00+00:00".to_owned(),
        |time| format!("{}+00:00", time.to_string().trim_end_matches('Z')),
    )
}
