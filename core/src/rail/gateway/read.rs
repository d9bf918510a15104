//! What a gateway's answers prove.

use serde::Deserialize;

use super::wire::{EndBody, Standing, ViewBody};
use crate::http::{HttpResponse, NoAnswer};
use crate::intent::QpTransaction;
use crate::money::Amount;
use crate::operation::{Action, Blame, Receipt, Relayed, Verdict, Word};
use crate::rail::Call;

/// Is the body of a refusal.
#[derive(Debug, Deserialize)]
struct ErrorBody {
    error: String,
    #[serde(default)]
    message: String,
}

pub(super) fn read(call: &Call<'_>, answer: &Result<HttpResponse, NoAnswer>) -> Verdict {
    let answer = match answer {
        Ok(answer) => answer,
        Err(NoAnswer { sent, why }) => {
            return Verdict::Unanswered { sent: *sent, why: why.to_string() };
        }
    };
    let silent = |sent, why: &str| Verdict::Unanswered { sent, why: why.to_owned() };
    if matches!(answer.status, 200..=202) {
        return match serde_json::from_slice(&answer.body) {
            Ok(view) => seen(call, view),
            Err(_) => silent(true, "what answered is not a gateway"),
        };
    }
    let error: Option<ErrorBody> = serde_json::from_slice(&answer.body).ok();
    let words = |usual: &str| match &error {
        Some(error) if !error.message.is_empty() => error.message.clone(),
        _ => usual.to_owned(),
    };
    let named = |name: &str| error.as_ref().is_some_and(|error| error.error == name);
    match answer.status {
        404 if named("no_such_operation") => Verdict::Relayed(Box::new(Word::Unheard)),
        409 if named("other_parameters") => {
            Verdict::Mismatch("the gateway knows this operation with other parameters".to_owned())
        }
        400 | 422 if named("bad_request") => Verdict::Rejected(Blame::Request, words("")),
        401 | 403 => Verdict::Rejected(
            Blame::Configuration,
            words("the gateway does not accept this terminal's token"),
        ),
        429 => silent(false, "the gateway has too much to do"),
        400..=499 if error.is_some() => Verdict::Rejected(Blame::Configuration, words("")),
        500..=599 => silent(true, "the gateway cannot answer at present"),
        _ => silent(true, "what answered is not a gateway"),
    }
}

fn seen(call: &Call<'_>, view: ViewBody) -> Verdict {
    let order = call.order;
    if view.operation_id != *call.id || view.action != order.action() {
        return Verdict::Mismatch("the gateway speaks of another operation".to_owned());
    }
    if view.sum() != order.amount {
        return Verdict::Mismatch("the gateway has another sum".to_owned());
    }
    if view.sandbox != order.sandbox {
        return Verdict::Mismatch("the gateway's bank is another one".to_owned());
    }
    let hand_over = view.hand_over.map(Into::into);
    let word = match (view.state, view.code, view.ended) {
        (Standing::Creating, ..) => Word::Begun,
        (Standing::Waiting, Some(code), _) => Word::Code { code: code.into(), hand_over },
        (Standing::Waiting, None, _) => Word::HandOver(hand_over),
        (Standing::Closing, ..) => Word::Closing,
        (Standing::InDoubt, ..) => Word::InDoubt,
        (Standing::Ended, _, Some(end)) => return ended(call, end, &view.answer),
        (Standing::Ended, _, None) => {
            return Verdict::Unanswered {
                sent: true,
                why: "the gateway does not say how it ended".to_owned(),
            };
        }
    };
    Verdict::Relayed(Box::new(word))
}

fn ended(call: &Call<'_>, mut end: EndBody, answer: &serde_json::Value) -> Verdict {
    let order = call.order;
    let transaction = answer.pointer("/extras/transaction").and_then(serde_json::Value::as_str);
    if let EndBody::Approved { receipt, external_id, .. } = &mut end {
        let Some(transaction) = transaction else {
            return Verdict::Mismatch("the gateway's success has no receipt".to_owned());
        };
        if !is_ours(order.amount, order.action(), receipt) || !names(call, transaction) {
            return Verdict::Mismatch("the gateway's receipt is of another sum".to_owned());
        }
        receipt.relayed = Some(Box::new(Relayed {
            transaction: transaction.to_owned(),
            external_id: external_id.clone(),
        }));
    }
    let moved = end.receipt().map(|receipt| receipt.paid.minor);
    if moved == Some(0) {
        return Verdict::Mismatch("the gateway says that nothing moved".to_owned());
    }
    Verdict::Relayed(Box::new(Word::Ended(end.state())))
}

/// A promotion makes a payment cheaper, never dearer; a refund is of the sum that was asked for.
fn is_ours(asked: Amount, action: Action, receipt: &Receipt) -> bool {
    let Receipt { paid, .. } = receipt;
    paid.currency == asked.currency
        && match action {
            Action::Pay => paid.minor <= asked.minor,
            Action::Refund => paid.minor == asked.minor,
        }
}

fn names(call: &Call<'_>, transaction: &str) -> bool {
    if call.order.action() == Action::Refund {
        return serde_json::from_str::<QpTransaction>(transaction).is_ok();
    }
    QpTransaction::parse(transaction).is_ok_and(|receipt| {
        receipt.id.as_ref() == Some(call.id)
            && receipt.amount == Some(call.order.amount.minor)
            && receipt.currency == Some(call.order.amount.currency)
    })
}
