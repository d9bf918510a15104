//! Progress for scripts: one JSON object a line, on standard error.

use serde::Serialize;
use till_core::operation::Action;
use till_core::time::{Now, to_iso8601};

use super::status::{Patience, Status};
use crate::note::{Form, Handed, Note};
use crate::out;

/// Tells scripts what goes on.
#[derive(Debug)]
pub(super) struct Events {
    action: Action,
    status: Status,
    told: Patience,
}

/// Is one line; `event` comes first, as the contract writes it.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event<'a> {
    CodeShown {
        code_value: &'a str,
        expires_at: String,
        /// Absent where the value is the text of the code.
        #[serde(skip_serializing_if = "Option::is_none")]
        form: Option<Form>,
    },
    HandedOver(&'a Handed),
    Stage(Stage<'a>),
}

#[derive(Serialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
enum Stage<'a> {
    Wallet { wallet_url: &'a str },
    Started { request_id: &'a str },
    InWallet,
    TakesLonger,
    UrgeCancel,
    Cancelling,
    CannotCancel,
    Closing,
    NotConfirmed,
    BankSilent { message: &'a str },
    BankRefuses { message: &'a str },
    HolderGone,
}

impl Events {
    pub(super) fn new(action: Action, now: Now) -> Self {
        Self { action, status: Status::new(action, now), told: Patience::Usual }
    }

    pub(super) fn note(&mut self, note: &Note, now: Now) {
        self.status.take(note, self.action, now);
        self.told = self.told.min(self.status.patience(&now));
        tell(&match note {
            Note::Wallet { url } => Event::Stage(Stage::Wallet { wallet_url: url }),
            Note::Started { request_id, amount: _ } => Event::Stage(Stage::Started { request_id }),
            Note::CodeShown { code_value, form, expires_at_ms, amount: _ } => Event::CodeShown {
                code_value,
                expires_at: to_iso8601(*expires_at_ms),
                form: (*form != Form::Text).then_some(*form),
            },
            Note::HandedOver(handed) => Event::HandedOver(handed),
            Note::InWallet => Event::Stage(Stage::InWallet),
            Note::Closing => Event::Stage(Stage::Closing),
            Note::NotConfirmed => Event::Stage(Stage::NotConfirmed),
            Note::BankSilent { why } => Event::Stage(Stage::BankSilent { message: why }),
            Note::BankRefuses { message } => Event::Stage(Stage::BankRefuses { message }),
            Note::HolderGone => Event::Stage(Stage::HolderGone),
        });
    }

    pub(super) fn tick(&mut self, now: Now) {
        let patience = self.status.patience(&now);
        if patience > self.told {
            self.told = patience;
            match patience {
                Patience::Usual => {}
                Patience::Longer => tell(&Event::Stage(Stage::TakesLonger)),
                Patience::Urge => tell(&Event::Stage(Stage::UrgeCancel)),
            }
        }
    }

    pub(super) fn interrupted(&mut self, cancels: bool) {
        if cancels {
            self.status.cancel();
            tell(&Event::Stage(Stage::Cancelling));
        } else {
            tell(&Event::Stage(Stage::CannotCancel));
        }
    }
}

fn tell(event: &Event<'_>) {
    out::complain(&line(event));
}

fn line(event: &Event<'_>) -> String {
    serde_json::to_string(event).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_those_of_the_contract() {
        let shown = Event::CodeShown { code_value: "a", expires_at: to_iso8601(0), form: None };
        assert_eq!(
            line(&shown),
            r#"{"event":"code_shown","code_value":"a","expires_at":"1970-01-01T00:00:00.000Z"}"#
        );
        let url = Handed::Url { url: "https://b".to_owned() };
        assert_eq!(
            line(&Event::HandedOver(&url)),
            r#"{"event":"handed_over","kind":"url","url":"https://b"}"#
        );
        let sdk = Handed::Sdk { length: 3, sha256: "ab".to_owned() };
        assert_eq!(
            line(&Event::HandedOver(&sdk)),
            r#"{"event":"handed_over","kind":"sdk","length":3,"sha256":"ab"}"#
        );
        assert_eq!(
            line(&Event::Stage(Stage::Started { request_id: "r" })),
            r#"{"event":"stage","stage":"started","request_id":"r"}"#
        );
        assert_eq!(
            line(&Event::Stage(Stage::TakesLonger)),
            r#"{"event":"stage","stage":"takes_longer"}"#
        );
    }
}
