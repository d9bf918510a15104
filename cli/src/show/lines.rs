//! Progress for people who read it later: the code once, then a line for each step.

use till_core::operation::Action;
use till_core::time::{Now, to_iso8601};

use super::status::Status;
use crate::note::{Form, Handed, Note};
use crate::out::{self, plain};

/// Tells people what goes on where nothing can be drawn over.
#[derive(Debug)]
pub(super) struct Lines {
    action: Action,
    status: Status,
    last: String,
}

impl Lines {
    pub(super) fn new(action: Action, now: Now) -> Self {
        Self { action, status: Status::new(action, now), last: String::new() }
    }

    pub(super) fn note(&mut self, note: &Note, now: Now) {
        self.status.take(note, self.action, now);
        match note {
            Note::Wallet { url } => say(&format!("The sandbox's customer is at {url}")),
            Note::Started { request_id, amount } => {
                say(&format!("{amount}, request {}", plain(request_id)));
            }
            Note::CodeShown { code_value, form, expires_at_ms, amount: _ } => {
                say(&code(code_value, *form));
                say(&format!("Payable until {}", to_iso8601(*expires_at_ms)));
            }
            Note::HandedOver(handed) => say(&handed_over(handed)),
            Note::HolderGone => say("The till that had the journal is gone; this one goes on."),
            Note::InWallet
            | Note::Closing
            | Note::NotConfirmed
            | Note::BankSilent { .. }
            | Note::BankRefuses { .. } => {}
        }
        self.tick(now);
    }

    pub(super) fn tick(&mut self, now: Now) {
        let text = self.status.text(&now);
        if text != self.last {
            say(&text);
            self.last = text;
        }
    }

    pub(super) fn interrupted(&mut self, cancels: bool, now: Now) {
        if cancels {
            self.status.cancel();
            self.tick(now);
        } else {
            say(super::CANNOT_CANCEL);
        }
    }
}

/// Tells what would be handed over.
pub(super) fn handed_over(handed: &Handed) -> String {
    match handed {
        Handed::Url { url } => format!("The customer would be sent to {}", plain(url)),
        Handed::Form { url, length, sha256 } => {
            let url = plain(url);
            format!("A form of {length} bytes, SHA-256 {sha256}, would be sent to {url}")
        }
        Handed::Sdk { length, sha256 } => {
            format!("The Alipay+ SDK would get a payload of {length} bytes, SHA-256 {sha256}")
        }
    }
}

/// Tells a code, or where its picture is.
pub(super) fn code(value: &str, form: Form) -> String {
    match form {
        Form::Text => format!("Code: {}", plain(value)),
        Form::PictureUrl => format!("The code is a picture at {}", plain(value)),
        Form::Picture => format!("The code is a picture of {} bytes in Base64", value.len()),
    }
}

fn say(line: &str) {
    // If nobody can read it the payment goes on all the same.
    let _nobody_reads = out::print(&format!("{line}\n"));
}
