//! The calls of the banks by the names that faults and counters use.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// A call of a bank's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    /// `POST /oauth2/token` of OCTO.
    Token,
    /// `POST /api/v1/get-qr-code` of OCTO.
    GetQrCode,
    /// `POST /api/v1/perform` of OCTO.
    Perform,
    /// `POST /api/v1/confirm` of OCTO.
    Confirm,
    /// `POST /api/v1/process` of OCTO.
    Process,
    /// A refund, of any bank.
    Refund,
    /// A sale of a bank that is not OCTO.
    Sale,
    /// A status request of a bank that is not OCTO.
    Status,
    /// `POST /v2/payment/clarification` of ecommpay.
    Clarification,
    /// `GET /payment` of ecommpay: the customer opens the Payment Page.
    Page,
    /// A callback of ecommpay: here the bank calls.
    Callback,
}

impl Call {
    /// Every call.
    pub const ALL: [Self; 11] = [
        Self::Token,
        Self::GetQrCode,
        Self::Perform,
        Self::Confirm,
        Self::Process,
        Self::Refund,
        Self::Sale,
        Self::Status,
        Self::Clarification,
        Self::Page,
        Self::Callback,
    ];

    /// Returns the name, as in `drop-answer:perform:1`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::GetQrCode => "get-qr-code",
            Self::Perform => "perform",
            Self::Confirm => "confirm",
            Self::Process => "process",
            Self::Refund => "refund",
            Self::Sale => "sale",
            Self::Status => "status",
            Self::Clarification => "clarification",
            Self::Page => "page",
            Self::Callback => "callback",
        }
    }

    /// Tells which call of OCTO a path is; `None` for any other path.
    #[must_use]
    pub fn of_octo_path(path: &str) -> Option<Self> {
        match path {
            "/oauth2/token" => Some(Self::Token),
            "/api/v1/get-qr-code" => Some(Self::GetQrCode),
            "/api/v1/perform" => Some(Self::Perform),
            "/api/v1/confirm" => Some(Self::Confirm),
            "/api/v1/process" => Some(Self::Process),
            "/api/v1/refund" => Some(Self::Refund),
            _ => None,
        }
    }
}

impl Call {
    /// Tells which call of ecommpay a path is; `None` for any other path.
    #[must_use]
    pub fn of_ecommpay_path(path: &str) -> Option<Self> {
        match path {
            "/payment" => Some(Self::Page),
            "/v2/payment/status" => Some(Self::Status),
            "/v2/payment/clarification" => Some(Self::Clarification),
            _ => {
                let (_method, action) =
                    path.strip_prefix("/v2/payment/wallet/")?.split_once('/')?;
                match action {
                    "sale" => Some(Self::Sale),
                    "refund" => Some(Self::Refund),
                    _ => None,
                }
            }
        }
    }

    /// Tells which call of any bank a path is.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        Self::of_octo_path(path).or_else(|| Self::of_ecommpay_path(path))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Call {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|call| call.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{name}` is not a call: write one of {names}")
        })
    }
}
