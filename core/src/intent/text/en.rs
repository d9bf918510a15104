//! English.

use super::{Say, TYPE_MAX, WORDS_MAX, tidy};
use crate::intent::extra::Field;
use crate::intent::refusal::{NotRefundable, Wrong};
use crate::operation::{Action, Story};

pub(super) fn say(say: &Say<'_>) -> String {
    let fixed = match say {
        Say::Success(Action::Pay) => "Paid.",
        Say::Success(Action::Refund) => "Money given back.",
        Say::ConfirmedLate => "The bank confirmed it only later.",
        Say::Declined(Action::Pay) => "Payment declined.",
        Say::Declined(Action::Refund) => "Refund declined.",
        Say::BankSays => "The bank says:",
        Say::GivenBack => "Paid, and already given back to the customer.",
        Say::OtherSum(asked) => return format!("Not paid with {asked}, but with another sum."),
        Say::Settled(Action::Pay) => "Not paid, by the operator's word.",
        Say::Settled(Action::Refund) => "Not given back, by the operator's word.",
        Say::Cancelled(Action::Pay) => "Payment cancelled.",
        Say::Cancelled(Action::Refund) => "Refund cancelled.",
        Say::Expired(Action::Pay) => "Nobody paid in time.",
        Say::Expired(Action::Refund) => "The time for this refund is over.",
        Say::Unknown(Action::Pay) => "Payment not confirmed yet. Ask again: do not charge twice.",
        Say::Unknown(Action::Refund) => "Refund not confirmed yet. Repeat the same refund.",
        Say::Extra(field, wrong) => {
            return format!("{}: {}. Needed: {}.", field.name(), what(wrong), needed(*field));
        }
        Say::Unreadable => "The request's extras cannot be read.",
        Say::BadRequest => "This request is not possible.",
        Say::NotConfigured => "The terminal is not set up, or the bank does not accept it.",
        Say::CallerNotAllowed => "This app may not use the terminal: it is not on the list.",
        Say::NoConnection(Action::Pay) => "No connection. Nothing was charged: try again.",
        Say::NoConnection(Action::Refund) => "No connection. No refund was sent: try again.",
        Say::OtherParameters => "request_id is in use for another request. Send a new request_id.",
        Say::Running(Action::Pay) => "This payment is still running.",
        Say::Running(Action::Refund) => "This refund is still running.",
        Say::RefundNotPossible => "Refund not possible.",
        Say::NotRefundable(why) => return not_refundable(*why),
        Say::Journal => "The journal cannot be used: no money is moved. Call support.",
        Say::NoSuchRequest => "There is no such request. A new one is safe.",
        Say::Late { story, asked, paid } if paid == asked => {
            return format!("Received {paid}: {}.", late(*story));
        }
        Say::Late { story, asked, paid } => {
            return format!("Received {paid} instead of {asked}: {}.", late(*story));
        }
    };
    fixed.to_owned()
}

fn late(story: Story) -> &'static str {
    match story {
        Story::Refunding => "being given back",
        Story::Refunded => "given back",
        Story::RefundFailed => "could not be given back, call support",
        Story::Reported => "kept, settle it with the customer",
    }
}

fn not_refundable(why: NotRefundable) -> String {
    match why {
        NotRefundable::AboveRest(rest) => format!("Only {rest} is left to give back."),
        NotRefundable::AlreadyRefunded => "Everything was given back already.".to_owned(),
        NotRefundable::AnotherInDoubt => {
            "Another refund of this payment is not confirmed yet.".to_owned()
        }
        NotRefundable::NotOurs => "This is not a payment of this merchant.".to_owned(),
        NotRefundable::OtherTerminal => "Another terminal took this payment.".to_owned(),
        NotRefundable::NotPaid => "This payment was not paid.".to_owned(),
    }
}

fn what(wrong: &Wrong) -> String {
    let fixed = match wrong {
        Wrong::Missing => "missing",
        Wrong::Type(found) => return format!("wrong type ({})", tidy(found, TYPE_MAX)),
        Wrong::Empty => "empty",
        Wrong::TooLong => "too long",
        Wrong::NotPositive => "not greater than 0",
        Wrong::NotText(found) => {
            return format!("a key or value is not text ({})", tidy(found, TYPE_MAX));
        }
        Wrong::Repeated => "a key is there twice",
        Wrong::Unknown => "unknown value",
        Wrong::NotOneOf(known) => return format!("none of {}", known.join(", ")),
        Wrong::Broken(how) => return format!("cannot be read ({})", tidy(how, WORDS_MAX)),
        Wrong::OfRefund => "this is a refund, not a payment",
        Wrong::Version => "unknown schemaVersion",
        Wrong::NotSuccess => "not a successful payment",
        Wrong::Nameless => "without id, externalId and requestId",
        Wrong::Sandbox => "a sandbox payment, but the bank is real",
    };
    fixed.to_owned()
}

fn needed(field: Field) -> &'static str {
    match field {
        Field::IntentAction => "pay, refund or STATUS, with the full name",
        Field::RequestId => "a String up to 1 KiB",
        Field::Metadata => "a HashMap<String, String> up to 256 KiB",
        Field::Amount => "a Long greater than 0, in minor units",
        Field::Purpose => "a String up to 255 characters",
        Field::PrimaryTransaction => "the payment's transaction as it came",
        Field::Currency => "three capital letters, such as UZS",
        Field::Rail => "the name of a rail that is set up",
        Field::CodeValue => "the scanned code, a String up to 4 KiB",
        Field::Idempotent => "a Boolean",
        Field::Action => "pay or refund",
    }
}
