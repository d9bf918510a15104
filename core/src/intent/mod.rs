//! Terminal intents: how a request is read, and how an operation's state becomes an answer.
//!
//! Pure. Which operation answers a request is decided elsewhere.

mod answer;
mod extra;
mod json;
mod read;
mod refusal;
mod request;
mod text;
mod told;
mod transaction;

pub use answer::{Advice, Answer, AnswerCode, ErrorType, Outcome, RESULT_OK};
pub use extra::{Extra, Extras, Field, Metadata};
pub use json::NotAnAnswer;
pub use read::{
    CODE_VALUE_MAX, METADATA_MAX, PURPOSE_MAX, RAIL_MAX, REQUEST_ID_MAX, TRANSACTION_MAX, read,
};
pub use refusal::{NotRefundable, Refusal, Wrong, refusal};
pub use request::{PayRequest, RefundRequest, Request, StatusRequest, Verb};
pub use text::{Language, NotALanguage};
pub use told::{Shape, answer, code};
pub use transaction::{QpTransaction, TransactionType};
