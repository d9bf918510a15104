//! Answers on one line of JSON, as the command line prints them and its sockets carry them.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::answer::{Advice, Answer, AnswerCode, RESULT_OK, late};
use super::extra::{Extra, Metadata};
use crate::id::RequestId;
use crate::operation::Story;

impl Answer {
    /// Writes the answer as one line: result code, action, and the extras in the contract's order.
    pub fn to_json(&self) -> String {
        let line =
            LineOut { result_code: RESULT_OK, action: &self.action, extras: Pairs(self.extras()) };
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// Reads what [`Answer::to_json`] wrote, or a newer Till: unknown extras are ignored.
    ///
    /// What the line does not carry is not there: the operation, and a success's message.
    ///
    /// # Errors
    /// What is missing or not of the contract.
    pub fn from_json(line: &str) -> Result<Self, NotAnAnswer> {
        let line: LineIn = serde_json::from_str(line).map_err(|e| NotAnAnswer(e.to_string()))?;
        let extras = line.extras;
        if line.result_code != RESULT_OK {
            return Err(NotAnAnswer(format!("result_code {}", line.result_code)));
        }
        let code = AnswerCode::of(extras.code).ok_or_else(|| not("code"))?;
        if (code == AnswerCode::Success) != extras.transaction.is_some() {
            return Err(not("transaction"));
        }
        let late_payment = extras.late_payment.as_deref().map(|word| {
            STORIES
                .into_iter()
                .find(|story| late(*story) == word)
                .ok_or_else(|| not("LATE_PAYMENT"))
        });
        Ok(Self {
            action: line.action,
            code,
            request_id: RequestId::new(extras.request_id),
            metadata: extras.metadata,
            transaction: extras.transaction,
            message: extras.message,
            advice: Advice::ALL
                .into_iter()
                .find(|advice| advice.as_str() == extras.advice)
                .ok_or_else(|| not("ADVICE"))?,
            late_payment: late_payment.transpose()?,
            paid_amount: extras.paid_amount,
            sandbox: extras.sandbox,
            operation: None,
        })
    }
}

/// Says that a text is not an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an answer of a terminal: {0}")]
pub struct NotAnAnswer(String);

const STORIES: [Story; 4] =
    [Story::Refunding, Story::Refunded, Story::RefundFailed, Story::Reported];

fn not(name: &str) -> NotAnAnswer {
    NotAnAnswer(name.to_owned())
}

#[derive(Serialize)]
struct LineOut<'a> {
    result_code: i32,
    action: &'a str,
    extras: Pairs,
}

/// Keeps the order, which a JSON object made by a map would lose.
struct Pairs(Vec<(&'static str, Extra)>);

impl Serialize for Pairs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, extra)| (name, Plain(extra))))
    }
}

struct Plain<'a>(&'a Extra);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Extra::Text(text) => serializer.serialize_str(text),
            Extra::Long(number) => serializer.serialize_i64(*number),
            Extra::Int(number) => serializer.serialize_i32(*number),
            Extra::Bool(flag) => serializer.serialize_bool(*flag),
            Extra::Map(pairs) => {
                let mut map = serializer.serialize_map(None)?;
                for (key, value) in pairs {
                    if let Extra::Text(key) = key {
                        map.serialize_entry(key, &Plain(value))?;
                    }
                }
                map.end()
            }
            Extra::Foreign(_) | Extra::Null => serializer.serialize_none(),
        }
    }
}

#[derive(Deserialize)]
struct LineIn {
    result_code: i32,
    action: String,
    extras: ExtrasIn,
}

#[derive(Deserialize)]
struct ExtrasIn {
    code: u8,
    transaction: Option<String>,
    request_id: String,
    metadata: Option<Metadata>,
    #[serde(default)]
    message: String,
    #[serde(rename = "dev.till.extra.ADVICE")]
    advice: String,
    #[serde(rename = "dev.till.extra.LATE_PAYMENT")]
    late_payment: Option<String>,
    #[serde(rename = "dev.till.extra.PAID_AMOUNT")]
    paid_amount: Option<u64>,
    #[serde(rename = "dev.till.extra.SANDBOX", default)]
    sandbox: bool,
}
