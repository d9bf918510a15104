//! An operation as `till history` and `till resume` tell it.

use serde::{Deserialize, Serialize};
use till_core::engine::Told;
use till_core::intent::{self, Language, Shape, Verb};
use till_core::journal::{Journal, JournalError};
use till_core::operation::{Operation, Story};
use till_core::secret::Secret;
use till_core::time::to_iso8601;

/// Is one operation with its story; its fields stand in the order of `--json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The operation.
    pub(crate) id: String,
    /// `pay` or `refund`.
    pub(crate) action: String,
    /// The request's id.
    pub(crate) request_id: String,
    /// Who asked; `till` for the refund of late money.
    pub(crate) caller: String,
    /// The sum in minor units.
    pub(crate) amount: u64,
    /// The currency.
    pub(crate) currency: String,
    /// What a payment is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) purpose: Option<String>,
    /// The payment of a refund.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payment_id: Option<String>,
    /// The bank's interface.
    pub(crate) rail: String,
    /// The name at the bank.
    pub(crate) external_id: String,
    /// When it was recorded.
    pub(crate) created_at: String,
    /// The code of a STATUS answer.
    pub(crate) code: u8,
    /// Its outcome.
    pub(crate) outcome: String,
    /// Its advice.
    pub(crate) advice: String,
    /// Its message.
    pub(crate) message: String,
    /// What becomes of late money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) late_payment: Option<String>,
    /// What was paid, where that is not what was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) paid_amount: Option<u64>,
    /// Whether the bank is the sandbox.
    pub(crate) sandbox: bool,
    /// Whether whoever asked has the answer.
    pub(crate) handed_over: bool,
    /// What happened, oldest first.
    pub(crate) story: Vec<Line>,
}

/// Is one line of a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// Its number, from 1.
    pub(crate) number: u32,
    /// When.
    pub(crate) at: String,
    /// What.
    pub(crate) event: String,
}

impl From<&Told> for Row {
    fn from(told: &Told) -> Self {
        let Told { operation, story, answer } = told;
        let Operation { id, order, state: _, handed_over } = operation;
        let line = |record: &till_core::journal::Record| Line {
            number: record.number,
            at: to_iso8601(record.at_ms),
            event: record.event.clone(),
        };
        Self {
            id: id.to_string(),
            action: order.action().as_str().to_owned(),
            request_id: order.request_id.to_string(),
            caller: order.caller.to_string(),
            amount: order.amount.minor,
            currency: order.amount.currency.to_string(),
            purpose: order.payment().is_none().then(|| order.purpose().to_owned()),
            payment_id: order.payment().map(|payment| payment.id.to_string()),
            rail: order.rail.to_string(),
            external_id: order.external_id.to_string(),
            created_at: to_iso8601(order.created.wall_ms),
            code: answer.code.number(),
            outcome: answer.outcome().as_str().to_owned(),
            advice: answer.advice.as_str().to_owned(),
            message: answer.message.clone(),
            late_payment: answer.late_payment.map(|story| late(story).to_owned()),
            paid_amount: answer.paid_amount,
            sandbox: answer.sandbox,
            handed_over: *handed_over,
            story: story.iter().map(line).collect(),
        }
    }
}

/// Reads rows from a journal that no terminal drives: a damaged one, or one that cannot be written.
pub(crate) fn read(
    journal: &dyn Journal,
    limit: usize,
    language: Language,
) -> Result<Vec<Row>, JournalError> {
    let mac_key = Secret::new(Vec::new());
    let told = |operation: Operation| {
        let story = journal.events(&operation.id)?;
        let shape = Shape { verb: Verb::Status, metadata: None, language, mac_key: &mac_key };
        let answer = intent::answer(&operation, &shape);
        Ok(Row::from(&Told { operation, story, answer }))
    };
    journal.history(limit)?.into_iter().map(told).collect()
}

fn late(story: Story) -> &'static str {
    match story {
        Story::Refunding => "refunding",
        Story::Refunded => "refunded",
        Story::RefundFailed => "refund_failed",
        Story::Reported => "reported",
    }
}
