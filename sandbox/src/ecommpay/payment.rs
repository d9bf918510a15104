//! A payment as the platform keeps it, and what it says of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::behaviour::{Cancelled, Expired};
use super::{Behaviour, PageBegins, RefundName};
use crate::money::Money;

/// One payment, or a Payment Page that was opened and may become one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Payment {
    pub(super) begun: Begun,
    pub(super) sum: Money,
    pub(super) description: String,
    pub(super) customer_id: String,
    /// The further members of `customer` that the platform was told.
    pub(super) customer: BTreeMap<String, String>,
    pub(super) return_url: Option<String>,
    pub(super) callbacks: Callbacks,
    /// What stands at the end of its code's address.
    pub(super) word: String,
    pub(super) created_ms: i64,
    /// Until then the status call knows nothing.
    pub(super) appears_ms: i64,
    /// The end of its life.
    pub(super) ends_ms: i64,
    /// Since when the customer can pay.
    pub(super) payable_ms: Option<i64>,
    pub(super) stage: Stage,
    /// Whether the customer was told that it was cancelled, not declined.
    pub(super) cancelled: bool,
    pub(super) ended_ms: Option<i64>,
    /// The sale, its repetitions on the page, and the refunds, in their order.
    pub(super) operations: Vec<Operation>,
    /// What is back, minor units.
    pub(super) refunded: u64,
    /// What is back or may still go back, minor units.
    pub(super) reserved: u64,
}

/// How a payment was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Begun {
    Page,
    Gate,
}

/// Where a payment's callbacks go, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Callbacks {
    pub(super) url: Option<String>,
    pub(super) delay_ms: i64,
    /// Whether informational callbacks are unwanted.
    pub(super) off: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// The Payment Page is open.
    Page,
    /// A sale was accepted; Alipay has not said where the customer goes.
    Processing,
    /// Parameters are missing.
    Clarification,
    /// The customer can pay.
    Waiting,
    Paid,
    Declined,
    Expired,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Operation {
    pub(super) id: u64,
    pub(super) kind: OperationKind,
    pub(super) status: OperationStatus,
    pub(super) code: Option<u32>,
    pub(super) request_id: String,
    pub(super) sum: Money,
    pub(super) created_ms: i64,
    pub(super) at_ms: i64,
    /// The merchant's name for a refund.
    pub(super) refund_id: Option<String>,
    pub(super) provider_word: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum OperationKind {
    Sale,
    Refund,
    Reversal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum OperationStatus {
    Processing,
    Clarification,
    Redirect,
    Success,
    Decline,
    Canceled,
    Expired,
}

impl OperationKind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Refund => "refund",
            Self::Reversal => "reversal",
        }
    }
}

impl OperationStatus {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Clarification => "awaiting clarification",
            Self::Redirect => "awaiting redirect result",
            Self::Success => "success",
            Self::Decline => "decline",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }
}

impl Payment {
    /// Tells whether the platform has it for others than the customer at the page.
    pub(super) fn known(&self, now_ms: i64, behaviour: &Behaviour) -> bool {
        let begun = self.stage != Stage::Page || behaviour.page_begins == PageBegins::Opened;
        begun && now_ms >= self.appears_ms
    }

    pub(super) fn alive(&self, now_ms: i64) -> bool {
        now_ms < self.ends_ms
    }

    pub(super) fn sale(&mut self) -> Option<&mut Operation> {
        self.operations.iter_mut().rev().find(|one| one.kind == OperationKind::Sale)
    }

    /// Gives `payment.status`.
    pub(super) fn status(&self, behaviour: &Behaviour) -> &'static str {
        match self.stage {
            Stage::Page => "awaiting customer action",
            Stage::Processing => "processing",
            Stage::Clarification => "awaiting clarification",
            Stage::Waiting => "awaiting redirect result",
            Stage::Paid => self.paid_status(),
            Stage::Declined if self.cancelled && behaviour.cancelled == Cancelled::Canceled => {
                "canceled"
            }
            Stage::Declined => "decline",
            Stage::Expired if behaviour.expired == Expired::Expired => "expired",
            Stage::Expired => "decline",
        }
    }

    fn paid_status(&self) -> &'static str {
        let back = |one: &&Operation| {
            one.kind != OperationKind::Sale && one.status == OperationStatus::Success
        };
        let reversed =
            self.operations.iter().filter(back).all(|one| one.kind == OperationKind::Reversal);
        match (self.refunded, reversed) {
            (0, _) => "success",
            (back, true) if back >= self.sum.amount => "reversed",
            (back, false) if back >= self.sum.amount => "refunded",
            (_, true) => "partially reversed",
            (_, false) => "partially refunded",
        }
    }

    /// Gives the `payment` and the `customer` of an answer or a callback.
    pub(super) fn head(&self, id: &str, behaviour: &Behaviour) -> Map<String, Value> {
        let mut head = Map::new();
        head.insert("project_id".to_owned(), json!(behaviour.project_id));
        let at_ms = self.operations.last().map_or(self.created_ms, |one| one.at_ms);
        let payment = json!({
            "id": id, "type": "purchase", "status": self.status(behaviour), "date": date(at_ms),
            "method": "alipay", "sum": sum(self.sum), "description": self.description,
        });
        head.insert("payment".to_owned(), payment);
        head.insert("customer".to_owned(), json!({ "id": self.customer_id }));
        head
    }
}

impl Operation {
    /// Gives the object of an answer or a callback.
    pub(super) fn json(&self, behaviour: &Behaviour) -> Value {
        let mut object = json!({
            "id": self.id, "type": self.kind.word(), "status": self.status.word(),
            "date": date(self.at_ms), "created_date": date(self.created_ms),
            "request_id": self.request_id,
            "sum_initial": sum(self.sum), "sum_converted": sum(self.sum),
            "provider": {
                "id": 1189, "payment_id": self.provider_word, "date": date(self.at_ms),
                "auth_code": "",
            },
        });
        let mut put = |name: &str, value: Value| {
            if let Value::Object(members) = &mut object {
                members.insert(name.to_owned(), value);
            }
        };
        if let Some(code) = self.code {
            put("code", json!(code.to_string()));
            put("message", json!(super::refused::words(code)));
        }
        match (&self.refund_id, behaviour.refund_name) {
            (Some(id), RefundName::Operation) => put("merchant_refund_id", json!(id)),
            (Some(id), RefundName::Payment) => put("payment", json!({ "merchant_refund_id": id })),
            (Some(_), RefundName::Nowhere) | (None, _) => {}
        }
        object
    }
}

fn sum(money: Money) -> Value {
    json!({ "amount": money.amount, "currency": money.currency })
}

/// Writes a Unix time in ms as the documents do: `2019-02-27T16:01:25+0000`.
fn date(at_ms: i64) -> String {
    let second = jiff::Timestamp::from_second(at_ms.div_euclid(1000)).unwrap_or_default();
    format!("{}+0000", second.to_string().trim_end_matches('Z'))
}
