//! What the customer sees of a payment, at whichever bank it is.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::money::{Currency, Money};

/// The bank of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BankName {
    /// OCTO's Alipay+ acquiring.
    Octo,
    /// ecommpay's Alipay.
    Ecommpay,
}

/// Whether the code was issued for one order or hangs on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A code of get-qr-code.
    Order,
    /// A static code.
    Entry,
}

/// An amount that the customer types in for an entry code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Entered {
    /// Minor units.
    pub amount: u64,
    /// `None`: the currency that was asked, else the merchant's.
    #[serde(default)]
    pub currency: Option<Currency>,
}

/// Why the bank does not do what the customer or the operator of the sandbox wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Neither an external id nor a code.
    #[error("no payment has this external id or code")]
    Unknown,
    /// A code on the wall that several payments hang on.
    #[error("several payments are open for this code: name the external id")]
    Ambiguous,
    /// get-qr-code came, perform did not: there is no amount to pay.
    #[error("the code has no payment yet: perform was not called")]
    NotPayable,
    /// The code's life is over.
    #[error("the code has expired")]
    Expired,
    /// The money was moved; it is not moved again.
    #[error("it is paid already")]
    AlreadyPaid,
    /// It was declined, cancelled or, for a refund, has ended.
    #[error("it has ended already")]
    Ended,
    /// An entry code for which nobody named an amount.
    #[error("the customer must enter an amount")]
    AmountNeeded,
    /// An order code has its amount; another was entered.
    #[error("the amount is fixed by the order")]
    AmountFixed,
    /// 0 or another currency than was asked.
    #[error("the amount must be positive and in the payment's currency")]
    BadAmount,
}

/// Where a payment stands for its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewState {
    /// The code is issued, nothing can be paid yet.
    Issued,
    /// It can be paid.
    Open,
    /// Paid, nothing given back in full.
    Paid,
    /// Paid and given back in full.
    Refunded,
    /// The wallet declined it.
    Declined,
    /// The customer cancelled it.
    Cancelled,
    /// Its time is over.
    Expired,
}

/// One payment as the wallet shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentView {
    /// Whose payment it is.
    pub bank: BankName,
    /// Whether the customer can still pay it, after a decline too.
    pub payable: bool,
    /// The terminal's id of the payment.
    pub external_id: String,
    /// The code, the first if there are several.
    pub code: String,
    /// Order code or entry code.
    pub kind: Kind,
    /// Where it stands.
    pub state: ViewState,
    /// The merchant's name.
    pub merchant: String,
    /// What it is for, as the merchant wrote it: hostile text.
    pub description: Option<String>,
    /// The merchant's order.
    pub reference_order_id: Option<String>,
    /// What was asked; `None`: the customer names it.
    pub asked: Option<Money>,
    /// What the customer pays (paid) after the discount, in the payment's currency.
    pub amount: Option<Money>,
    /// What leaves (left) the wallet, in the customer's currency.
    pub withdrawal: Option<Money>,
    /// The currency for an amount that the customer names.
    pub currency: Currency,
    /// Given back so far, minor units.
    pub refunded: u64,
    /// Unix ms.
    pub created_at_ms: i64,
    /// Since when it can be paid, Unix ms.
    pub payable_since_ms: Option<i64>,
    /// The end of its life, Unix ms.
    pub expires_at_ms: i64,
    /// When it was paid, declined or cancelled, Unix ms.
    pub ended_at_ms: Option<i64>,
}
