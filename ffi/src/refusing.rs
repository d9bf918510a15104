//! Answers to requests that never reach the terminal's rules.

use till_core::id::RequestId;
use till_core::intent::{self, Language, Refusal, Request};
use till_core::operation;

use crate::convert::Asked;
use crate::error::TillError;
use crate::event::Event;
use crate::office::{answered, random};

/// Holds what the answer to a refused request echoes.
pub(crate) struct Refusing {
    action: String,
    about: operation::Action,
    pub(crate) request_id: RequestId,
    pub(crate) metadata: Option<intent::Metadata>,
    language: Language,
}

impl Refusing {
    pub(crate) fn of(request: &Request, language: Language) -> Self {
        let given = request.request_id().cloned();
        Self {
            action: request.verb().action().to_owned(),
            about: request.about(),
            request_id: given.unwrap_or_else(|| RequestId::from_random(random())),
            metadata: request.metadata().cloned(),
            language,
        }
    }

    /// Takes what can be read of a request; why it cannot be read further does not matter here.
    pub(crate) fn echo(asked: &Asked, language: Language) -> Self {
        let Asked { caller, action, extras } = asked;
        let (about, request_id, metadata) =
            match intent::read(caller.clone(), action, extras, language, random()) {
                Ok(request) => {
                    let read = Self::of(&request, language);
                    (read.about, read.request_id, read.metadata)
                }
                Err(answer) => (operation::Action::Pay, answer.request_id, answer.metadata),
            };
        Self { action: action.clone(), about, request_id, metadata, language }
    }

    pub(crate) fn say(&self, why: &Refusal) -> Event {
        let Self { action, about, request_id, metadata, language } = self;
        let (request_id, metadata) = (request_id.clone(), metadata.clone());
        answered(intent::refusal(action, *about, request_id, metadata, *language, why))
    }
}

/// Gives the answer's reason for a request that no terminal takes.
pub(crate) fn refusal_of(error: TillError) -> Refusal {
    match error {
        TillError::Configure => Refusal::NotConfigured(String::new()),
        TillError::CorrectConfiguration { wrong } => Refusal::NotConfigured(wrong.join("; ")),
        TillError::CloseOther { what } | TillError::CallSupport { what } => Refusal::Journal(what),
        // The terminal did not start, so nothing can have been sent.
        TillError::Retry { what } => Refusal::NotConfigured(what),
        TillError::WaitForOperations => Refusal::Running,
    }
}
