//! QPTransaction: the receipt that a POS app keeps and hands back for a refund.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Number, Value};
use sha2::Sha256;

use super::read::TRANSACTION_MAX;
use super::refusal::Wrong;
use crate::id::{ExternalId, OperationId, RailId, RequestId};
use crate::money::{Amount, Currency};
use crate::operation::{Action, Operation, Receipt};
use crate::secret::Secret;
use crate::time::to_iso8601;

/// Is the JSON of `transaction` and `primary_transaction`.
///
/// [`QpTransaction::of`] fills all that applies. A parsed one may lack anything but a name, since
/// POS apps pass it through model classes of their own; nothing of it is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QpTransaction {
    /// The version of this shape: 1.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<u32>,
    /// Our operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<OperationId>,
    /// Pay or refund.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<TransactionType>,
    /// `SUCCESS`: there is no receipt for anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The sum asked for, in minor units.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// The currency of `amount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// What the payment was for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The acquirer's API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rail: Option<RailId>,
    /// The POS app's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// The name at the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// The merchant's reference at the bank: the operation's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_order_id: Option<String>,
    /// The sum that moved, in minor units; lower than `amount` under a promotion.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub payment_amount: Option<u64>,
    /// The currency of `payment_amount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_currency: Option<Currency>,
    /// What the wallet was debited, in minor units, if the bank said it.
    #[serde(default, deserialize_with = "whole", skip_serializing_if = "Option::is_none")]
    pub withdrawal_amount: Option<u64>,
    /// The currency of `withdrawal_amount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal_currency: Option<Currency>,
    /// When the request was recorded: ISO 8601, UTC, `Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When the bank's word came: ISO 8601, UTC, `Z`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// The payment of a refund.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_transaction_id: Option<OperationId>,
    /// Whether the bank was the sandbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<bool>,
    /// HMAC-SHA256 in 64 lower-case hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// Fields that this version does not know.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// Tells the receipt of a pay from that of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TransactionType {
    /// Of a payment.
    Pay,
    /// Of a refund.
    Refund,
}

impl QpTransaction {
    /// The version that is written and read.
    pub const SCHEMA_VERSION: u32 = 1;

    /// Makes the receipt of an operation whose money moved, sealed with the rail's key.
    pub fn of(operation: &Operation, receipt: &Receipt, mac_key: &Secret<Vec<u8>>) -> Self {
        let order = &operation.order;
        let (kind, purpose) = match order.action() {
            Action::Pay => (TransactionType::Pay, Some(order.purpose().to_owned())),
            Action::Refund => (TransactionType::Refund, None),
        };
        let payment = receipt.payment.unwrap_or(receipt.paid);
        let mut made = Self {
            schema_version: Some(Self::SCHEMA_VERSION),
            id: Some(operation.id.clone()),
            kind: Some(kind),
            status: Some(SUCCESS.to_owned()),
            amount: Some(order.amount.minor),
            currency: Some(order.amount.currency),
            purpose,
            rail: Some(order.rail.clone()),
            request_id: Some(order.request_id.clone()),
            external_id: Some(order.external_id.clone()),
            reference_order_id: Some(operation.id.to_string()),
            payment_amount: Some(payment.minor),
            payment_currency: Some(payment.currency),
            withdrawal_amount: receipt.withdrawal.map(|sum| sum.minor),
            withdrawal_currency: receipt.withdrawal.map(|sum| sum.currency),
            created_at: Some(to_iso8601(order.created.wall_ms)),
            completed_at: Some(to_iso8601(receipt.at_ms)),
            primary_transaction_id: order.payment().map(|payment| payment.id.clone()),
            sandbox: Some(order.sandbox),
            mac: None,
            unknown: Map::new(),
        };
        made.mac = Some(HEXLOWER.encode(&made.seal(mac_key).finalize().into_bytes()));
        made
    }

    /// Reads the JSON of a payment's receipt, whoever sent it.
    ///
    /// # Errors
    /// What is wrong with it: too long, no such JSON, of a refund, of another version, not a
    /// success, or without any name by which the payment could be found.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.len() > TRANSACTION_MAX {
            return Err(Wrong::TooLong);
        }
        let read: Self =
            serde_json::from_str(text).map_err(|why| Wrong::Broken(why.to_string()))?;
        if read.schema_version.is_some_and(|version| version != Self::SCHEMA_VERSION) {
            return Err(Wrong::Version);
        }
        if read.kind == Some(TransactionType::Refund) {
            return Err(Wrong::OfRefund);
        }
        if read.status.as_deref().is_some_and(|status| status != SUCCESS) {
            return Err(Wrong::NotSuccess);
        }
        let sums = [read.amount, read.payment_amount, read.withdrawal_amount];
        if sums.into_iter().flatten().any(|minor| minor > Amount::MAX_MINOR) {
            return Err(Wrong::Broken("amount".to_owned()));
        }
        let names = [
            read.id.as_ref().map(OperationId::as_str),
            read.external_id.as_ref().map(ExternalId::as_str),
            read.request_id.as_ref().map(RequestId::as_str),
        ];
        if names.into_iter().flatten().all(str::is_empty) {
            return Err(Wrong::Nameless);
        }
        Ok(read)
    }

    /// Writes the JSON, the unknown fields after the known ones.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Tells whether the mac is there and was made with this key over these figures, in a time that
    /// does not depend on how much of it is right.
    pub fn verify_mac(&self, mac_key: &Secret<Vec<u8>>) -> bool {
        let mac = self.mac.as_deref().and_then(|mac| HEXLOWER.decode(mac.as_bytes()).ok());
        mac.is_some_and(|mac| self.seal(mac_key).verify_slice(&mac).is_ok())
    }

    /// Feeds the HMAC, each part so that no other parts give the same bytes: one byte (0: absent,
    /// 1: present), and if present its length as 8 bytes, big endian, and its UTF-8.
    ///
    /// The parts: `till/qptransaction/1`, `type` (absent is `PAY`), `sandbox` (absent is `false`),
    /// `id`, `externalId`, `rail`, `amount`, `currency`, `paymentAmount`, `paymentCurrency`,
    /// `withdrawalAmount`, `withdrawalCurrency`; numbers are decimal.
    fn seal(&self, mac_key: &Secret<Vec<u8>>) -> Hmac<Sha256> {
        let kind = match self.kind {
            None | Some(TransactionType::Pay) => "PAY",
            Some(TransactionType::Refund) => "REFUND",
        };
        let number = |minor: Option<u64>| minor.map(|minor| minor.to_string());
        let code = |currency: &Option<Currency>| currency.map(|one| one.code().to_owned());
        let parts = [
            Some("till/qptransaction/1".to_owned()),
            Some(kind.to_owned()),
            Some(self.sandbox.unwrap_or(false).to_string()),
            self.id.as_ref().map(ToString::to_string),
            self.external_id.as_ref().map(ToString::to_string),
            self.rail.as_ref().map(ToString::to_string),
            number(self.amount),
            code(&self.currency),
            number(self.payment_amount),
            code(&self.payment_currency),
            number(self.withdrawal_amount),
            code(&self.withdrawal_currency),
        ];
        // EXPOSE: keys the HMAC, which does not give it back.
        let mut hmac = keyed(mac_key.expose());
        for part in parts {
            hmac.update(&[u8::from(part.is_some())]);
            if let Some(part) = part {
                hmac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                hmac.update(part.as_bytes());
            }
        }
        hmac
    }
}

const SUCCESS: &str = "SUCCESS";

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length; the trait cannot say so")]
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("any length")
}

/// Reads a whole number, also as JSON libraries write it that know only floating-point ones.
fn whole<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr,
{
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    let text = number.to_string();
    let digits = text.strip_suffix(".0").unwrap_or(&text);
    let read = digits.parse().ok();
    read.map(Some).ok_or_else(|| de::Error::custom(format!("{text} is no whole number")))
}
