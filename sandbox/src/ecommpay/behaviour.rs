//! What the documents leave open, as settings of the model.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::money::Currency;

/// How this platform behaves where its documents are silent or allow more than one reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The project's number.
    pub project_id: u64,
    /// The project's secret key.
    pub secret: String,
    /// Whose calls to Gate are accepted; empty: everyone's. Others get 403 from its front end.
    pub allowed_peers: Vec<IpAddr>,
    /// The merchant's name, as the wallet shows it.
    pub merchant: String,
    /// The currencies that are opened for the project.
    pub currencies: Vec<Currency>,
    /// Whether the sums of a test project decline: sales of 40000 and 40400, refunds of 50000 and
    /// 50500.
    pub test_amounts: bool,
    /// How long a payment lives at the platform, ms; then it is declined by itself.
    pub life_ms: i64,
    /// How long after a sale Alipay says where the customer goes, ms.
    pub shows_after_ms: i64,
    /// What Alipay says then.
    pub shows: Shows,
    /// What `QR Code Timeout` says, s; `None`: nothing.
    pub qr_timeout_s: Option<u64>,
    /// How long after a request is accepted its payment is unknown to the status call, ms.
    pub appears_after_ms: i64,
    /// So many of the next sales are accepted and then lost.
    pub lose_sales: u32,
    /// When a Payment Page begins its payment.
    pub page_begins: PageBegins,
    /// Whether a declined Payment Page can be paid after all while it lives.
    pub page_retries: bool,
    /// What becomes of a payment that the customer cancels.
    pub cancelled: Cancelled,
    /// What becomes of a payment that nobody paid in its life.
    pub expired: Expired,
    /// The members of `customer` that a sale needs beside those that are always needed.
    pub clarify: Vec<String>,
    /// How they are asked for.
    pub clarify_by: ClarifyBy,
    /// Whether refunds are offered at all.
    pub refunds: bool,
    /// How long a refund takes, ms; `None`: until [`super::Platform::finish_refund`].
    pub refund_after_ms: Option<i64>,
    /// Whether a full refund on the payment's own day is a reversal.
    pub reversals: bool,
    /// How long after a refund the next one is refused with 3285, ms.
    pub refund_pause_ms: i64,
    /// Where a refund's operation has the merchant's name for it.
    pub refund_name: RefundName,
    /// Whether a status answer carries what a callback says of the hand-over.
    pub status_shows: bool,
    /// Whether the code of an error is a number, not a text.
    pub numeric_codes: bool,
    /// Where callbacks go that name no address of their own; `None`: nowhere.
    pub callback_url: Option<String>,
    /// The pauses between attempts at a callback are divided by this.
    pub callback_hurry: u32,
    /// What codes begin with that Alipay shows.
    pub code_prefix: String,
    /// The host that pictures and redirections lead to, without a slash at its end.
    pub front_url: String,
}

/// What Alipay gives a sale for the customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shows {
    /// `display_data` with `qr_data`: the text of a QR code.
    #[default]
    QrData,
    /// `display_data` with `qr_img`: a picture, PNG in Base64.
    QrImg,
    /// `display_data` with `qr_url`: the address of a picture.
    QrUrl,
    /// `redirect_data` with an address.
    RedirectGet,
    /// `redirect_data` with a form that is to be sent to an address.
    RedirectPost,
    /// Nothing, ever.
    Nothing,
}

/// When a Payment Page begins its payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageBegins {
    /// With the customer's choice: until then the status call knows nothing.
    #[default]
    Chosen,
    /// When the page is opened.
    Opened,
}

/// What becomes of a payment that the customer cancels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cancelled {
    /// `decline`, with code 20301.
    #[default]
    Decline,
    /// `canceled`, with code 301.
    Canceled,
}

/// What becomes of a payment that nobody paid in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expired {
    /// `decline`, with code 20602, as the method's description says.
    #[default]
    Decline,
    /// `expired`.
    Expired,
}

/// How missing parameters are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClarifyBy {
    /// By a callback, after the request was accepted.
    #[default]
    Callback,
    /// By the answer to the request, with code 3191, and a callback.
    Answer,
}

/// Where a refund's operation has `merchant_refund_id`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefundName {
    /// In the operation itself.
    #[default]
    Operation,
    /// In the operation's own `payment`.
    Payment,
    /// Nowhere: the request's id has to do.
    Nowhere,
}

impl Default for Behaviour {
    fn default() -> Self {
        let currencies = ["AUD", "CAD", "CNY", "EUR", "GBP", "HKD", "JPY", "SGD", "USD"];
        Self {
            project_id: 201,
            secret: "ecommpay-sandbox-key".to_owned(),
            allowed_peers: Vec::new(),
            merchant: "Samarkand Coffee".to_owned(),
            currencies: currencies.into_iter().filter_map(Currency::new).collect(),
            test_amounts: true,
            life_ms: 1_800_000,
            shows_after_ms: 200,
            shows: Shows::default(),
            qr_timeout_s: Some(600),
            appears_after_ms: 0,
            lose_sales: 0,
            page_begins: PageBegins::default(),
            page_retries: true,
            cancelled: Cancelled::default(),
            expired: Expired::default(),
            clarify: Vec::new(),
            clarify_by: ClarifyBy::default(),
            refunds: true,
            refund_after_ms: Some(500),
            reversals: true,
            refund_pause_ms: 0,
            refund_name: RefundName::default(),
            status_shows: false,
            numeric_codes: false,
            callback_url: None,
            callback_hurry: 1,
            code_prefix: "https://qr.till-sandbox.invalid/".to_owned(),
            front_url: "https://front.till-sandbox.invalid".to_owned(),
        }
    }
}
