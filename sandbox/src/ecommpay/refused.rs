//! Why a request is refused: the platform's number with its words. Such a request makes nothing.

use core::fmt;

use thiserror::Error;

/// A number of the platform's list, and the words beside it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Refused {
    /// The number.
    pub code: u32,
    /// The platform's words for it, with what it is about.
    pub message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl Refused {
    /// There is no page to go to.
    pub(crate) const NO_PAGE: Self = Self { code: 3061, message: String::new() };

    pub(super) fn new(code: u32) -> Self {
        Self { code, message: words(code).to_owned() }
    }

    pub(super) fn about(code: u32, what: &str) -> Self {
        Self { code, message: format!("{}: {what}", words(code)) }
    }

    /// A parameter that is missing or of a wrong type.
    pub(super) fn field(name: &str) -> Self {
        Self::about(2004, name)
    }
}

/// The platform's words for a number, from its list of unified codes.
pub(super) fn words(code: u32) -> &'static str {
    match code {
        0 => "Success",
        2003 => "Invalid JSON string",
        2004 => "Required field not provided",
        2442 => "Project ID not found",
        2541 => "Unknown Payment Method",
        2642 => "Operation amount is greater than limit",
        2701 => "Rules Failed Code",
        3023 => "Provided currency disabled for Project ID",
        3024 => "Invalid Payment ID",
        3041 => "Payment ID already exists",
        3060 => "Current payment or operation status does not allow this action",
        3061 => "Transaction not found",
        3062 => "Payment details not received",
        3121 => "Invalid currency",
        3191 => "Need clarification",
        3230 => "The operation with such merchant_refund_id already exists",
        3261 => "Invalid signature",
        3262 => "Empty signature",
        3283 => "Refund amount more than init amount",
        3284 => "Refund currency mismatched or empty",
        3285 => "Cannot make refund because of timeout block for repeat refund",
        3610 => "Refund is not available",
        3613 => "Duplicate operation",
        20000 => "General decline",
        20105 => "Insufficient funds on customer account",
        20301 => "Cancelled by the owner of the wallet",
        301 => "Cancelled",
        20602 => "Time-out",
        _ => "General decline",
    }
}
