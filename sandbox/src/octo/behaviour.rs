//! What the document leaves open, as settings of the model.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::money::{Currency, Rate};

/// How this bank behaves where its document is silent or allows more than one reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The name in the Basic credentials of `/oauth2/token`.
    pub client_id: String,
    /// The password in the Basic credentials of `/oauth2/token`.
    pub client_secret: String,
    /// Whose calls are accepted; empty: everyone's. Others get 403 from the bank's front end.
    pub allowed_peers: Vec<IpAddr>,
    /// How long a token lives, s.
    pub token_life_s: u64,
    /// How long a code of get-qr-code lives, ms.
    pub code_life_ms: i64,
    /// How long the customer's wallet keeps an entry code's attempt open, ms.
    pub entry_life_ms: i64,
    /// What issued codes begin with.
    pub code_prefix: String,
    /// What the redirectUrl of `HANDLE_BY_PSP` begins with.
    pub redirect_prefix: String,
    /// The merchant's currency, for amounts that only the customer names.
    pub currency: Currency,
    /// The merchant that the codes belong to.
    pub merchant: Merchant,
    /// What a call with an externalId that was used before answers.
    pub repeated: Repeated,
    /// What process answers while the customer has not opened the code.
    pub unscanned: Unscanned,
    /// What process answers once the code has ended unpaid.
    pub expired: Expired,
    /// Which code process gives a payment that the wallet declined.
    pub declined: Declined,
    /// Whether a declined code can be paid after all while it lives.
    pub declined_can_pay: bool,
    /// What process answers of a payment that was given back in full.
    pub refunded: Refunded,
    /// The actionType for an order code.
    pub order_action: Action,
    /// The actionType for an entry code.
    pub entry_action: Action,
    /// What the bank takes off the customer's sum.
    pub discount: Discount,
    /// The customer's currency, if it differs from the payment's.
    pub cross: Option<Cross>,
    /// How refunds go.
    pub refund: RefundMode,
    /// Whether process knows the externalId of a refund.
    pub refund_inquiry: bool,
    /// Which request field carries the sum of a partial refund.
    pub refund_sum: RefundSum,
    /// The HTTP status for an externalId that process or confirm does not know.
    pub unknown_status: u16,
    /// The HTTP status for a refund that the bank refuses for its sum.
    pub refusal_status: u16,
}

/// The merchant and store that the answer to perform names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Merchant {
    /// The merchant's id.
    pub id: String,
    /// The name that the wallet shows.
    pub name: String,
    /// The merchant category code.
    pub mcc: String,
    /// The store's id.
    pub store_id: String,
    /// The store's name.
    pub store_name: String,
}

/// What a repeated externalId answers (the document allows both, section 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeated {
    /// The answer of the first call.
    #[default]
    SameAnswer,
    /// An error that the operation exists.
    Exists,
}

/// What process answers before the customer has opened the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unscanned {
    /// `U`, PENDING.
    #[default]
    Pending,
    /// `F`, `INVALID_REQUEST`, as if it had never heard of the operation.
    InvalidRequest,
}

/// What process answers after the end of a code that nobody paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expired {
    /// `F`, EXPIRED; confirm says CANCELLED.
    #[default]
    Expired,
    /// `U`, PENDING, for ever.
    Pending,
    /// `F`, `INVALID_REQUEST`.
    InvalidRequest,
}

/// The resultCode of a declined payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Declined {
    /// FAILED.
    #[default]
    Failed,
    /// DECLINED.
    Declined,
}

/// What process answers of a payment that was given back in full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refunded {
    /// resultCode REFUND, status `S`.
    #[default]
    Refund,
    /// resultCode SUCCESS, status `S`, as before.
    Success,
}

/// The actionType of perform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// None: the wallet acts.
    #[default]
    None,
    /// `HANDLE_BY_SDK` with a random sdkActionPayload.
    Sdk,
    /// `HANDLE_BY_PSP` without a redirectUrl.
    Psp,
    /// `HANDLE_BY_PSP` with a redirectUrl.
    PspRedirect,
}

/// A promotion of the bank: the customer pays less than was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Discount {
    /// None.
    #[default]
    None,
    /// So many minor units.
    Minor(u64),
    /// So many percent, rounded down.
    Percent(u64),
}

impl Discount {
    /// Returns what is left to pay, at least one minor unit.
    #[must_use]
    pub fn apply(self, amount: u64) -> u64 {
        let off = match self {
            Self::None => 0,
            Self::Minor(minor) => minor,
            Self::Percent(percent) => amount / 100 * percent + amount % 100 * percent / 100,
        };
        amount.saturating_sub(off).max(1)
    }
}

/// The currency that customers pay in, and its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cross {
    /// The customer's currency.
    pub currency: Currency,
    /// Its minor units for one minor unit of the payment's currency.
    pub rate: Rate,
}

/// How a refund goes once it is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefundMode {
    /// The money is back when the answer is given.
    #[default]
    AtOnce,
    /// The answer comes first, the money later.
    Later(RefundLater),
    /// `F` with `REFUND_FAILED`, and the refund stays failed.
    Fails,
}

/// An asynchronous refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundLater {
    /// What the call itself answers.
    pub answer: RefundAnswer,
    /// When it ends, ms after the call; `None`: by [`super::Bank::finish_refund`] alone.
    #[serde(default)]
    pub after_ms: Option<i64>,
    /// Whether it fails in the end.
    #[serde(default)]
    pub fails: bool,
}

/// What an asynchronous refund answers at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefundAnswer {
    /// `S`, as the document's example ("Refund initiated").
    Success,
    /// `U`, PENDING.
    Pending,
}

/// The request field that carries the wished sum of a refund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefundSum {
    /// withdrawalAmount; paymentAmount is that of the payment.
    #[default]
    Withdrawal,
    /// paymentAmount; withdrawalAmount is not looked at.
    Payment,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            client_id: "till-sandbox".to_owned(),
            client_secret: "sandbox-secret".to_owned(),
            allowed_peers: Vec::new(),
            token_life_s: 25_200,
            code_life_ms: 600_000,
            entry_life_ms: 300_000,
            code_prefix: "qr://till-sandbox/".to_owned(),
            redirect_prefix: "https://wallet.till-sandbox.invalid/w/".to_owned(),
            currency: Currency::UZS,
            merchant: Merchant::default(),
            repeated: Repeated::default(),
            unscanned: Unscanned::default(),
            expired: Expired::default(),
            declined: Declined::default(),
            declined_can_pay: false,
            refunded: Refunded::default(),
            order_action: Action::None,
            entry_action: Action::Sdk,
            discount: Discount::default(),
            cross: None,
            refund: RefundMode::default(),
            refund_inquiry: true,
            refund_sum: RefundSum::default(),
            unknown_status: 200,
            refusal_status: 200,
        }
    }
}

impl Default for Merchant {
    fn default() -> Self {
        Self {
            id: "M-000001".to_owned(),
            name: "Samarkand Coffee".to_owned(),
            mcc: "5814".to_owned(),
            store_id: "S-01".to_owned(),
            store_name: "Registan".to_owned(),
        }
    }
}
