//! An answer in plain words: what happened, and what to do next.

use serde::Deserialize;
use till_core::id::OperationId;
use till_core::intent::{Advice, Answer, AnswerCode};
use till_core::money::{Amount, Currency};
use till_core::operation::{Action, Story};

use crate::again::Again;
use crate::out::{Dress, Out, plain};

/// Is what of a receipt people are told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    id: OperationId,
    amount: u64,
    currency: Currency,
    payment_amount: Option<u64>,
    payment_currency: Option<Currency>,
}

/// Writes an answer for people.
pub(crate) fn text(answer: &Answer, about: Action, out: Out, again: &Again<'_>) -> String {
    let receipt: Option<Receipt> =
        answer.transaction.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let mut lines = vec![String::new(), title(answer, about, receipt.as_ref(), out)];
    lines.push(format!("  {}", plain(&answer.message)));
    lines.push(format!(
        "  {}",
        out.dress(Dress::Dim, &format!("Request {}", plain(answer.request_id.as_str())))
    ));
    if let Some(sum) = answer.paid_amount {
        lines.push(format!("  Paid: {sum} in minor units."));
    }
    if answer.late_payment == Some(Story::RefundFailed)
        || answer.late_payment == Some(Story::Reported)
    {
        lines.push(format!("  {}", out.dress(Dress::Care, "Settle this with the customer.")));
    }
    if let Some((say, command)) = next(answer, about, receipt.as_ref(), again) {
        lines.push(String::new());
        lines.push(format!("  {say}"));
        if let Some(command) = command {
            lines.push(format!("    {}", out.dress(Dress::Bold, &command)));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn title(answer: &Answer, about: Action, receipt: Option<&Receipt>, out: Out) -> String {
    let (dress, word) = match (answer.code, about) {
        (AnswerCode::Success, Action::Pay) => (Dress::Good, "PAID"),
        (AnswerCode::Success, Action::Refund) => (Dress::Good, "GIVEN BACK"),
        (AnswerCode::Declined, _) => (Dress::Bad, "DECLINED"),
        (AnswerCode::Cancelled, _) => (Dress::Bad, "CANCELLED"),
        (AnswerCode::Expired, _) => (Dress::Bad, "NOT PAID IN TIME"),
        (AnswerCode::Unknown, _) => (Dress::Care, "NOT CONFIRMED"),
        (AnswerCode::InUse, _) if answer.advice == Advice::AskStatus => (Dress::Care, "RUNNING"),
        (
            AnswerCode::BadRequest
            | AnswerCode::NotConfigured
            | AnswerCode::NoConnection
            | AnswerCode::InUse
            | AnswerCode::NotRefundable
            | AnswerCode::Journal
            | AnswerCode::NoSuchRequest,
            _,
        ) => (Dress::Bad, "REFUSED"),
    };
    let mut title = format!("  {}", out.dress(dress, word));
    if let Some(receipt) = receipt {
        let asked = Amount::new(receipt.amount, receipt.currency).to_string();
        title.push_str(&format!("  {}", out.dress(Dress::Bold, &asked)));
        let paid = receipt.payment_amount.zip(receipt.payment_currency);
        let other = paid.filter(|paid| *paid != (receipt.amount, receipt.currency));
        if let Some((minor, currency)) = other {
            title.push_str(&format!(", of which {} moved", Amount::new(minor, currency)));
        }
    }
    if answer.sandbox {
        title.push_str(&format!("  {}", out.dress(Dress::Dim, "SANDBOX: no money moved")));
    }
    title
}

/// Gives what to do next, and the command for it.
fn next(
    answer: &Answer,
    about: Action,
    receipt: Option<&Receipt>,
    again: &Again<'_>,
) -> Option<(&'static str, Option<String>)> {
    let id = answer.request_id.as_str();
    Some(match answer.advice {
        Advice::None => {
            let receipt = receipt.filter(|_| about == Action::Pay)?;
            let most = receipt.payment_amount.unwrap_or(receipt.amount);
            ("Give it back, whole or in part:", Some(again.refund_of(receipt.id.as_str(), most)))
        }
        Advice::NewRequest => ("Another try is a new request:", Some(again.once_more(None))),
        Advice::RepeatSameRequest => {
            ("Send the same refund again; it is never made twice:", Some(again.once_more(Some(id))))
        }
        Advice::AskStatus => ("Ask again:", Some(again.status(id, about))),
        Advice::FixRequest => return None,
        Advice::Configure => ("See what is missing:", Some(again.till("doctor", &[]))),
        Advice::CallSupport => {
            ("See what is wrong, and keep the file:", Some(again.till("doctor", &[])))
        }
    })
}
