//! What the platform's numbers mean: the statuses and response codes of its documents.

/// Neither success nor failure is confirmed: wait, whatever the status says.
const WAIT: [&str; 4] = ["9999", "19999", "29999", "20802"];

/// The customer or the wallet's owner cancelled.
const CANCELLED: [&str; 2] = ["301", "20301"];

/// The platform's own trouble, or its wallet's: the request may have had an effect.
const TROUBLE: [&str; 10] =
    ["314", "501", "502", "601", "602", "3613", "20202", "20601", "20602", "20899"];

/// Nothing was done, since something else is being done: a lock, a pause between refunds.
const NOT_NOW: [&str; 2] = ["2147", "3285"];

/// What the POS asked for does not fit: currency, sum, currency of a refund.
const OF_THE_POS: [&str; 3] = ["3023", "3121", "3284"];

/// What in a message names something that the POS sent.
const WORDS_OF_THE_POS: [&str; 3] = ["amount", "currency", "description"];

/// What the number beside a refused request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// 3061: no such payment.
    Unknown,
    /// 3041: the payment's id was used before.
    PaymentExists,
    /// 3230: the refund's id was used before.
    RefundExists,
    /// 3191: the payment waits for more parameters.
    Clarify,
    /// The platform's own trouble.
    Trouble,
    /// Nothing was done now; later it may be.
    NotNow,
    /// 3060: the payment's status does not allow it.
    NotInThisStatus,
    /// 3283: the refund is more than what is left of the payment.
    AboveTheRest,
    /// 3610: no refunds are offered.
    NoRefunds,
    /// The request is wrong, and the POS can change it.
    OfThePos,
    /// The request is wrong.
    Wrong,
}

/// Judges the number of a refused request, with the message beside it.
pub(super) fn meaning(code: &str, message: &str) -> Meaning {
    let lower = message.to_ascii_lowercase();
    match code {
        "3061" => Meaning::Unknown,
        "3041" => Meaning::PaymentExists,
        "3230" => Meaning::RefundExists,
        "3191" => Meaning::Clarify,
        "3060" => Meaning::NotInThisStatus,
        "3283" => Meaning::AboveTheRest,
        "3610" => Meaning::NoRefunds,
        // A refusal that confirms nothing refuses nothing.
        _ if WAIT.contains(&code) => Meaning::Trouble,
        _ if TROUBLE.contains(&code) => Meaning::Trouble,
        _ if NOT_NOW.contains(&code) => Meaning::NotNow,
        _ if OF_THE_POS.contains(&code) => Meaning::OfThePos,
        _ if WORDS_OF_THE_POS.iter().any(|word| lower.contains(word)) => Meaning::OfThePos,
        _ => Meaning::Wrong,
    }
}

/// Tells whether a number says that nothing is confirmed yet.
pub(super) fn waits(code: &str) -> bool {
    WAIT.contains(&code)
}

/// Tells whether an operation's number says that the customer cancelled.
pub(super) fn is_cancelled(code: &str) -> bool {
    CANCELLED.contains(&code)
}
