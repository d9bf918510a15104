//! Callbacks: the platform's signed word that something happened.

use super::json::Json;
use super::{Ecommpay, shown, signature};
use crate::id::ExternalId;
use crate::operation::Verdict;

/// Is a callback whose signature is right. It proves nothing: it wakes its payment, whose status is
/// asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// The payment that it speaks of.
    pub payment_id: ExternalId,
    /// Our name for the refund that it speaks of, if it has one.
    pub refund_id: Option<ExternalId>,
    /// What to show, where to go, or what the platform wants to know, before anybody can pay: for
    /// [`Input::Prescribed`](crate::engine::Input::Prescribed). Never a word about money.
    pub prescription: Option<Verdict>,
}

/// Says why a callback is not taken, for the answer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// It is longer than [`Ecommpay::CALLBACK_MAX`]; nothing of it was read.
    #[error("the callback is too long")]
    TooLong,
    /// It carries no signature of the project's key, or is nothing that could.
    #[error("the callback is not signed with the project's key")]
    BadSignature,
    /// It is signed, and speaks of no payment of this project.
    #[error("the callback names no payment of this project")]
    NoPayment,
}

impl CallbackError {
    /// Gives the HTTP status that the platform is answered with.
    pub fn http_status(self) -> u16 {
        match self {
            Self::TooLong | Self::BadSignature => 400,
            Self::NoPayment => 404,
        }
    }
}

impl Ecommpay {
    /// The longest callback that is read, in bytes: one with a picture of a QR code.
    pub const CALLBACK_MAX: usize = 262_144;

    /// The most values in a callback: anybody may send one, and each costs time until its signature
    /// is known to be right.
    const CALLBACK_VALUES_MAX: usize = 4_096;

    /// Reads a callback: its length is judged first, then its signature, before anything else.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn read_callback(&self, body: &[u8]) -> Result<Callback, CallbackError> {
        if body.len() > Self::CALLBACK_MAX {
            return Err(CallbackError::TooLong);
        }
        let body = Json::parse_within(body, Self::CALLBACK_VALUES_MAX);
        let body = body.ok_or(CallbackError::BadSignature)?;
        if !signature::verify(&body, &self.settings.secret) {
            return Err(CallbackError::BadSignature);
        }
        let project = self.settings.project_id.to_string();
        let other = |said: &Json| said.as_word() != Some(project.as_str());
        if body.get("project_id").is_some_and(other) {
            return Err(CallbackError::NoPayment);
        }
        let payment = body.get("payment").and_then(|payment| payment.get("id"));
        let payment_id = payment.and_then(Json::as_word).ok_or(CallbackError::NoPayment)?;
        let refund = body.get("operation").and_then(|one| one.get("merchant_refund_id"));
        // Where a semicolon stands, other parameters have the same signature: the status decides.
        let clear = !has_semicolon(&body);
        Ok(Callback {
            payment_id: ExternalId::new(payment_id),
            refund_id: refund.and_then(Json::as_word).map(ExternalId::new),
            prescription: if clear { shown::prescription(self, &body, true) } else { None },
        })
    }
}

fn has_semicolon(value: &Json) -> bool {
    match value {
        Json::Text(text) => text.contains(';'),
        Json::List(elements) => elements.iter().any(has_semicolon),
        Json::Object(members) => {
            members.iter().any(|(name, value)| name.contains(';') || has_semicolon(value))
        }
        Json::Null | Json::Flag(_) | Json::Number(_) => false,
    }
}
