//! What the bank's codes mean: what section 6 of its document lists, and what a setting adds.

use super::settings::OctoSettings;

/// `resultCode`s of a failed process that are the final word: nothing was paid.
const FINAL: [&str; 6] =
    ["FAILED", "DECLINED", "CANCELLED", "CANCELED", "EXPIRED", "ORDER_IS_CLOSED"];

/// Those of them that say that the customer cancelled.
const CANCELLED: [&str; 2] = ["CANCELLED", "CANCELED"];

/// Those of them that say that nobody paid in time.
const EXPIRED: [&str; 2] = ["EXPIRED", "ORDER_IS_CLOSED"];

/// `resultCode`s that speak of the request and say nothing about the money.
const REQUEST: [&str; 30] = [
    "ACCESS_DENIED",
    "BAD_REQUEST",
    "EXTERNAL_ID_NOT_FOUND",
    "FORBIDDEN",
    "INVALID_API",
    "INVALID_CLIENT",
    "INVALID_PARAMETER",
    "INVALID_REQUEST",
    "INVALID_SIGNATURE",
    "INVALID_TOKEN",
    "MEDIA_TYPE_NOT_ACCEPTABLE",
    "METHOD_NOT_SUPPORTED",
    "MISSING_PARAMETER",
    "NOT_FOUND",
    "OPERATION_NOT_FOUND",
    "ORDER_NOT_EXIST",
    "ORDER_NOT_FOUND",
    "PARAM_ILLEGAL",
    "PARAM_MISSING",
    "PAYMENT_NOT_EXIST",
    "PAYMENT_NOT_FOUND",
    "REFUND_NOT_EXIST",
    "REFUND_NOT_FOUND",
    "TOKEN_EXPIRED",
    "TRANSACTION_NOT_EXIST",
    "TRANSACTION_NOT_FOUND",
    "UNAUTHORIZED",
    "UNKNOWN_EXTERNAL_ID",
    "UNSUPPORTED_GRANT_TYPE",
    "VALIDATION_ERROR",
];

/// Those that speak of the bank's own trouble: like an HTTP status 5xx.
const TROUBLE: [&str; 10] = [
    "INTERNAL_ERROR",
    "INTERNAL_SERVER_ERROR",
    "REQUEST_TRAFFIC_EXCEED_LIMIT",
    "SERVER_ERROR",
    "SERVICE_UNAVAILABLE",
    "SYSTEM_BUSY",
    "SYSTEM_ERROR",
    "TIMEOUT",
    "TOO_MANY_REQUESTS",
    "UNKNOWN_EXCEPTION",
];

/// Those of `REQUEST` that speak of our access: with them the bank did not even look.
const ACCESS: [&str; 6] = [
    "ACCESS_DENIED",
    "FORBIDDEN",
    "INVALID_CLIENT",
    "INVALID_TOKEN",
    "TOKEN_EXPIRED",
    "UNAUTHORIZED",
];

/// `resultCode`s that say that it is not over, whatever the status beside them.
const OPEN: [&str; 5] = ["CREATED", "IN_PROCESS", "PAYMENT_IN_PROCESS", "PENDING", "PROCESSING"];

/// What in a `resultCode` says that an external id was used before.
const EXISTS_CODE: [&str; 3] = ["EXIST", "DUPLICATE", "REPEAT"];

/// What in a `resultMessage` says so.
const EXISTS_MESSAGE: [&str; 4] = ["already exist", "duplicate", "already been used", "repeated"];

/// What in a `resultCode` says that there is none: these are no repetitions.
const NOT: [&str; 2] = ["NOT_EXIST", "INCONSISTENT"];

/// What in a `resultCode` is the bank's no to a refund's sum, time or kind.
const REFUSED_REFUND: [&str; 7] =
    ["ALREADY_REFUNDED", "AMOUNT", "BALANCE", "EXCEED", "LIMIT", "NOT_ALLOWED", "NOT_SUPPORT"];

/// What in a message names something that the POS sent.
const OF_THE_POS: [&str; 4] = ["amount", "currency", "description", "purpose"];

/// What a `resultCode` beside the status `F` speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is over, and nothing was paid.
    Final(Final),
    /// Of the request: nothing about the money.
    Request,
    /// Of the bank's own trouble: nothing about the money.
    Trouble,
    /// It is not over.
    Open,
    /// No table has it.
    Unknown,
}

/// Why a final failure failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Final {
    /// The wallet or the bank declined.
    Declined,
    /// The customer cancelled.
    Cancelled,
    /// Nobody paid in time.
    Expired,
}

/// Judges the `resultCode` of a failure; the settings' tables count before ours.
pub(super) fn meaning(settings: &OctoSettings, code: &str) -> Meaning {
    let any = |table: &[String]| table.iter().any(|one| one.eq_ignore_ascii_case(code));
    if any(&settings.open_codes) {
        Meaning::Open
    } else if any(&settings.expired_codes) || is_one(&EXPIRED, code) {
        Meaning::Final(Final::Expired)
    } else if is_one(&CANCELLED, code) {
        Meaning::Final(Final::Cancelled)
    } else if any(&settings.final_codes) || is_one(&FINAL, code) {
        Meaning::Final(Final::Declined)
    } else if any(&settings.request_codes) || is_one(&REQUEST, code) {
        Meaning::Request
    } else if is_one(&TROUBLE, code) {
        Meaning::Trouble
    } else if is_one(&OPEN, code) {
        Meaning::Open
    } else {
        Meaning::Unknown
    }
}

/// Tells whether a code of the request says that the bank did not look for the operation at all.
pub(super) fn is_about_access(code: &str) -> bool {
    is_one(&ACCESS, code)
}

/// Tells whether a failure says that the external id was used before.
///
/// Recognised: a code with EXIST, DUPLICATE or REPEAT in it, but not NOT_EXIST; a message with
/// "already exist", "duplicate", "already been used" or "repeated"; the codes of a setting.
pub(super) fn exists(settings: &OctoSettings, code: &str, message: &str) -> bool {
    let upper = code.to_ascii_uppercase();
    let lower = message.to_ascii_lowercase();
    let negative = has(&NOT, &upper);
    settings.exists_codes.iter().any(|one| one.eq_ignore_ascii_case(code))
        || (has(&EXISTS_CODE, &upper) && !negative)
        || (has(&EXISTS_MESSAGE, &lower) && !negative)
}

/// Tells whether an unknown code is the bank's no to a refund.
pub(super) fn refuses_refund(code: &str) -> bool {
    has(&REFUSED_REFUND, &code.to_ascii_uppercase())
}

/// Tells whether a message names something that the POS sent; a scanned code is such a thing.
pub(super) fn names_the_pos(message: &str, scanned: bool) -> bool {
    let lower = message.to_ascii_lowercase();
    has(&OF_THE_POS, &lower) || (scanned && lower.contains("codevalue"))
}

/// Tells whether a setting must not give this code another meaning than the document does.
pub(super) fn is_fixed(code: &str) -> bool {
    let named = ["SUCCESS", "REFUND"];
    is_one(&named, code) || is_one(&REQUEST, code) || is_one(&TROUBLE, code) || is_one(&OPEN, code)
}

fn is_one(table: &[&str], code: &str) -> bool {
    table.iter().any(|one| one.eq_ignore_ascii_case(code))
}

fn has(words: &[&str], text: &str) -> bool {
    words.iter().any(|word| text.contains(word))
}
