//! What a command wants of the terminal, in a shape that another process can be asked for.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};
use till_core::id::{Caller, RequestId};
use till_core::intent::{
    self, Answer, Extra, Extras, Field, Language, Refusal, Request, TRANSACTION_MAX, Verb,
};
use till_core::operation::Action;
use till_core::time::{Clock, Now};

use crate::args::{ActionName, Earlier, Named, Pay, Refund};
use crate::random;
use crate::trouble::Trouble;

/// Names every command line as one caller: several processes share a journal, and a request that
/// one of them began is continued by another.
pub(crate) fn caller() -> Caller {
    Caller::new("cli")
}

/// Is a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Wish {
    /// Run a request.
    Ask(Ask),
    /// Look once at everything open.
    Resume,
    /// Tell the newest operations.
    History {
        /// How many.
        limit: usize,
    },
}

/// Is a request as an intent carries it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ask {
    /// The intent's action.
    pub(crate) action: String,
    /// The intent's extras.
    pub(crate) extras: BTreeMap<String, Value>,
    /// What is done with the request.
    pub(crate) way: Way,
    /// When the command began: what is older was not made by it.
    pub(crate) since: Now,
    /// Whether it may have been recorded already, by a process that is gone.
    pub(crate) again: bool,
}

/// Says what is done with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Way {
    /// It is run as it is.
    Run,
    /// The payment that a STATUS speaks of is given up.
    Cancel,
    /// The operation that a STATUS speaks of is decided by the operator.
    Settle {
        /// Whether the money moved.
        paid: bool,
        /// Why the operator says so.
        note: String,
    },
}

/// Is one extra on its way to another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Value {
    /// A Boolean.
    Flag(bool),
    /// A Long.
    Number(i64),
    /// A String.
    Text(String),
    /// A map, in the order of the command line, with repeated keys.
    Pairs(Vec<(String, String)>),
}

impl Ask {
    /// Makes the request of `till pay`.
    pub(crate) fn pay(pay: &Pay) -> Result<Self, Trouble> {
        let mut ask = Self::new(Verb::Pay)?;
        ask.name(&pay.named)?;
        ask.put(Field::Amount, pay.amount.as_deref().map(number));
        ask.put(Field::Purpose, pay.purpose.as_deref().map(text));
        ask.put(Field::Currency, pay.currency.as_deref().map(text));
        ask.put(Field::Rail, pay.rail.as_deref().map(text));
        ask.put(Field::CodeValue, pay.code_value.as_deref().map(text));
        ask.put(Field::Idempotent, pay.idempotent.then_some(Value::Flag(true)));
        Ok(ask)
    }

    /// Makes the request of `till refund`; reads the transaction's file.
    pub(crate) fn refund(refund: &Refund) -> Result<Self, Trouble> {
        let mut ask = Self::new(Verb::Refund)?;
        ask.name(&refund.named)?;
        ask.put(Field::Amount, refund.amount.as_deref().map(number));
        let transaction = refund.transaction.as_deref().map(read_transaction).transpose()?;
        ask.put(Field::PrimaryTransaction, transaction.map(Value::Text));
        Ok(ask)
    }

    /// Makes the request of `till status`, `cancel` or `settle`.
    pub(crate) fn status(earlier: &Earlier, way: Way) -> Result<Self, Trouble> {
        let mut ask = Self { way, ..Self::new(Verb::Status)? };
        let action = match earlier.action {
            ActionName::Pay => Action::Pay,
            ActionName::Refund => Action::Refund,
        };
        ask.put(Field::RequestId, Some(text(&earlier.request_id)));
        ask.put(Field::Action, Some(text(action.as_str())));
        Ok(ask)
    }

    /// Puts the payment of a refund into it.
    pub(crate) fn with_transaction(mut self, transaction: String) -> Self {
        self.put(Field::PrimaryTransaction, Some(Value::Text(transaction)));
        self
    }

    /// Checks the request as every intent is checked.
    ///
    /// # Errors
    /// The answer with code 5.
    pub(crate) fn read(&self, language: Language) -> Result<Request, Box<Answer>> {
        let extras: Extras =
            self.extras.iter().map(|(name, value)| (name.clone(), value.into())).collect();
        intent::read(caller(), &self.action, &extras, language, [0; 16])
    }

    /// Makes the answer to this request that no operation gives.
    pub(crate) fn refused(&self, language: Language, why: &Refusal) -> Answer {
        let metadata = match self.extras.get(Field::Metadata.name()) {
            Some(Value::Pairs(pairs)) => Some(pairs.iter().cloned().collect()),
            Some(Value::Flag(_) | Value::Number(_) | Value::Text(_)) | None => None,
        };
        let id = RequestId::new(self.request_id());
        intent::refusal(&self.action, self.about(), id, metadata, language, why)
    }

    /// Gives the request's id; every request of the command line has one before anything else.
    pub(crate) fn request_id(&self) -> &str {
        match self.extras.get(Field::RequestId.name()) {
            Some(Value::Text(id)) => id,
            Some(Value::Flag(_) | Value::Number(_) | Value::Pairs(_)) | None => "",
        }
    }

    /// Gives the rail that it names.
    pub(crate) fn rail(&self) -> Option<&str> {
        match self.extras.get(Field::Rail.name()) {
            Some(Value::Text(rail)) => Some(rail),
            Some(Value::Flag(_) | Value::Number(_) | Value::Pairs(_)) | None => None,
        }
    }

    /// Tells what kind of operation it is about.
    pub(crate) fn about(&self) -> Action {
        let of_status = || match self.extras.get(Field::Action.name()) {
            Some(Value::Text(word)) if word == Action::Refund.as_str() => Action::Refund,
            Some(Value::Text(_) | Value::Flag(_) | Value::Number(_) | Value::Pairs(_)) | None => {
                Action::Pay
            }
        };
        match self.verb() {
            Some(Verb::Refund) => Action::Refund,
            Some(Verb::Status) => of_status(),
            Some(Verb::Pay) | None => Action::Pay,
        }
    }

    /// Tells what is asked for.
    pub(crate) fn verb(&self) -> Option<Verb> {
        Verb::of(&self.action)
    }

    fn new(verb: Verb) -> Result<Self, Trouble> {
        let mut ask = Self {
            action: verb.action().to_owned(),
            extras: BTreeMap::new(),
            way: Way::Run,
            since: Clock::new().now(),
            again: false,
        };
        let id = RequestId::from_random(random::bytes()?);
        ask.put(Field::RequestId, Some(text(id.as_str())));
        Ok(ask)
    }

    fn name(&mut self, named: &Named) -> Result<(), Trouble> {
        let id = named.request_id.as_deref().filter(|id| !id.is_empty());
        self.put(Field::RequestId, id.map(text));
        let pair = |pair: &String| {
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                Trouble::Usage("--metadata needs K=V, such as --metadata order=17".to_owned())
            })?;
            Ok((key.to_owned(), value.to_owned()))
        };
        let pairs: Vec<(String, String)> =
            named.metadata.iter().map(pair).collect::<Result<_, Trouble>>()?;
        self.put(Field::Metadata, (!pairs.is_empty()).then_some(Value::Pairs(pairs)));
        Ok(())
    }

    fn put(&mut self, field: Field, value: Option<Value>) {
        if let Some(value) = value {
            self.extras.insert(field.name().to_owned(), value);
        }
    }
}

impl From<&Value> for Extra {
    fn from(value: &Value) -> Self {
        match value {
            Value::Flag(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Long(*number),
            Value::Text(text) => Self::Text(text.clone()),
            Value::Pairs(pairs) => {
                let pair = |(key, value): &(String, String)| {
                    (Self::Text(key.clone()), Self::Text(value.clone()))
                };
                Self::Map(pairs.iter().map(pair).collect())
            }
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Gives a number as a Long; anything else stays a String, which the reading refuses by name.
fn number(word: &str) -> Value {
    word.parse().map_or_else(|_| text(word), Value::Number)
}

/// Reads a QPTransaction from a file or from standard input; an answer of `till pay --json` is
/// taken as well, for the transaction in it.
fn read_transaction(path: &Path) -> Result<String, Trouble> {
    let most = u64::try_from(TRANSACTION_MAX).unwrap_or(u64::MAX).saturating_mul(4);
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    let wrong = |what: &dyn std::fmt::Display| {
        Trouble::Usage(format!("--transaction {}: {what}", path.display()))
    };
    read.map_err(|error| wrong(&error))?;
    let text = String::from_utf8(bytes).map_err(|_| wrong(&"not text"))?;
    let answer: Option<WholeAnswer> = serde_json::from_str(&text).ok();
    Ok(answer.map_or_else(|| text.trim().to_owned(), |answer| answer.extras.transaction))
}

#[derive(Deserialize)]
struct WholeAnswer {
    extras: TransactionExtra,
}

#[derive(Deserialize)]
struct TransactionExtra {
    transaction: String,
}
