//! How what is known of an operation becomes an answer: from the journalled state alone.

use super::answer::{Advice, Answer, AnswerCode};
use super::extra::Metadata;
use super::request::Verb;
use super::text::{self, Language, Say};
use super::transaction::QpTransaction;
use crate::operation::state::{Approved, Late, NotPaid, Refused};
use crate::operation::{Action, NoReason, Operation, Receipt, State, Story, Told};
use crate::secret::Secret;

/// Is what of an answer comes from the present request and the terminal, not from the operation.
#[derive(Clone, Debug)]
pub struct Shape<'a> {
    /// What was asked for: the operation's own kind, or STATUS.
    pub verb: Verb,
    /// The present request's metadata.
    pub metadata: Option<Metadata>,
    /// The terminal's language.
    pub language: Language,
    /// The rail's key for the `mac` of the transaction.
    pub mac_key: &'a Secret<Vec<u8>>,
}

/// Makes the answer that an operation gives in its present state.
pub fn answer(operation: &Operation, shape: &Shape<'_>) -> Answer {
    let about = operation.order.action();
    let found = find(operation);
    let message = text::join(
        found
            .says
            .iter()
            .map(|(say, words)| text::with_words(text::say(shape.language, say), words)),
    );
    let finished = found.late == Some(Story::Refunded) && found.code == AnswerCode::Unknown;
    Answer {
        action: shape.verb.action().to_owned(),
        code: found.code,
        request_id: operation.order.request_id.clone(),
        metadata: shape.metadata.clone(),
        transaction: found.receipt.map(|receipt| match &receipt.relayed {
            Some(relayed) => relayed.transaction.clone(),
            None => QpTransaction::of(operation, receipt, shape.mac_key).to_json(),
        }),
        message,
        advice: if finished && about == Action::Pay {
            // The money came, after the goods were kept, and went back: nothing is left to ask.
            Advice::None
        } else {
            found.code.advice(about, found.ask_status)
        },
        late_payment: found.late,
        paid_amount: found.paid,
        sandbox: operation.order.sandbox,
        operation: Some(operation.id.clone()),
    }
}

/// Gives the code of that answer, without making the rest.
pub fn code(operation: &Operation) -> AnswerCode {
    find(operation).code
}

struct Found<'a> {
    code: AnswerCode,
    ask_status: bool,
    /// Sentences, each with somebody else's words to follow it.
    says: Vec<(Say<'a>, &'a str)>,
    receipt: Option<&'a Receipt>,
    late: Option<Story>,
    paid: Option<u64>,
}

fn found<'a>(code: AnswerCode, say: Say<'a>, words: &'a str) -> Found<'a> {
    Found {
        code,
        ask_status: false,
        says: vec![(say, words)],
        receipt: None,
        late: None,
        paid: None,
    }
}

fn find(operation: &Operation) -> Found<'_> {
    let about = operation.order.action();
    match &operation.state {
        State::Creating(_) | State::Waiting(_) | State::Closing(_) => {
            Found { ask_status: true, ..found(AnswerCode::InUse, Say::Running(about), "") }
        }
        State::InDoubt(_) => found(AnswerCode::Unknown, Say::Unknown(about), ""),
        State::Approved(approved) => find_approved(about, approved),
        State::NotPaid(not_paid) => find_not_paid(operation, not_paid),
        State::Refused(refused) => find_refused(about, refused),
        State::Closed(closed) => find_told(operation, closed.told),
        State::Late(late) => find_late(operation, late),
    }
}

fn find_approved(about: Action, approved: &Approved) -> Found<'_> {
    let mut found = found(AnswerCode::Success, Say::Success(about), "");
    found.receipt = Some(&approved.receipt);
    if approved.late {
        found.late = Some(Story::Reported);
        found.says.push((Say::ConfirmedLate, ""));
    }
    found
}

/// A told 4 is never final: the bank's later no is told as such.
fn find_not_paid<'a>(operation: &'a Operation, not_paid: &'a NotPaid) -> Found<'a> {
    let about = operation.order.action();
    match (not_paid.told, &not_paid.reason) {
        (Some(told), _) if told != Told::Unknown => find_told(operation, told),
        (_, NoReason::Declined(words)) => {
            let mut found = found(AnswerCode::Declined, Say::Declined(about), "");
            if !words.trim().is_empty() {
                found.says.push((Say::BankSays, words));
            }
            found
        }
        (_, NoReason::Cancelled) => found(AnswerCode::Cancelled, Say::Cancelled(about), ""),
        (_, NoReason::Expired) => found(AnswerCode::Expired, Say::Expired(about), ""),
        (_, NoReason::GivenBack) => found(AnswerCode::Declined, Say::GivenBack, ""),
        (_, NoReason::Settled(note)) => found(AnswerCode::Declined, Say::Settled(about), note),
    }
}

/// A code that no terminal writes is a damaged row, never a success.
fn find_refused(about: Action, refused: &Refused) -> Found<'_> {
    let (code, say) = match AnswerCode::of(refused.code) {
        Some(AnswerCode::Declined) => (AnswerCode::Declined, Say::Declined(about)),
        Some(AnswerCode::BadRequest) => (AnswerCode::BadRequest, Say::BadRequest),
        Some(AnswerCode::NotConfigured) => (AnswerCode::NotConfigured, Say::NotConfigured),
        Some(AnswerCode::NoConnection) => (AnswerCode::NoConnection, Say::NoConnection(about)),
        Some(AnswerCode::NotRefundable) => (AnswerCode::NotRefundable, Say::RefundNotPossible),
        Some(
            AnswerCode::Success
            | AnswerCode::Cancelled
            | AnswerCode::Expired
            | AnswerCode::Unknown
            | AnswerCode::InUse
            | AnswerCode::Journal
            | AnswerCode::NoSuchRequest,
        )
        | None => (AnswerCode::Journal, Say::Journal),
    };
    Found { ask_status: refused.ask_status, ..found(code, say, &refused.message) }
}

fn find_told(operation: &Operation, told: Told) -> Found<'_> {
    let about = operation.order.action();
    match told {
        Told::OtherSum => found(AnswerCode::Declined, Say::OtherSum(operation.order.amount), ""),
        Told::Cancelled => found(AnswerCode::Cancelled, Say::Cancelled(about), ""),
        Told::Expired => found(AnswerCode::Expired, Say::Expired(about), ""),
        Told::Unknown => found(AnswerCode::Unknown, Say::Unknown(about), ""),
        Told::NoConnection => found(AnswerCode::NoConnection, Say::NoConnection(about), ""),
    }
}

fn find_late<'a>(operation: &'a Operation, late: &Late) -> Found<'a> {
    let (asked, paid) = (operation.order.amount, late.receipt.paid);
    let mut found = find_told(operation, late.told);
    match late.told {
        // What these say of the money is no longer true, or is said by the next sentence.
        Told::OtherSum | Told::Unknown | Told::NoConnection => found.says.clear(),
        Told::Cancelled | Told::Expired => {}
    }
    found.says.push((Say::Late { story: late.story, asked, paid }, ""));
    found.late = Some(late.story);
    found.paid = (paid != asked).then_some(paid.minor);
    found
}
