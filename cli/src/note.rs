//! Progress: what is told while somebody waits.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use till_core::engine::Stage;
use till_core::money::Amount;
use till_core::operation::{CodeForm, HandOver};

/// Is one step that people or scripts are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub(crate) enum Note {
    /// The sandbox's customer pays here.
    Wallet {
        /// The wallet page's address.
        url: String,
    },
    /// The operation is on disk, and the bank is being asked.
    Started {
        /// The request's id.
        request_id: String,
        /// The sum.
        amount: Amount,
    },
    /// The customer can pay with this code.
    CodeShown {
        /// What the QR code holds, or a picture of it.
        code_value: String,
        /// What `code_value` is.
        form: Form,
        /// When its showing ends, wall clock, in milliseconds.
        expires_at_ms: i64,
        /// The sum.
        amount: Amount,
    },
    /// The customer would be handed over: the command line is its own bridge.
    HandedOver(Handed),
    /// The customer is in the wallet; there is nothing to show.
    InWallet,
    /// The code is off the screen, and the bank is asked once more.
    Closing,
    /// Not confirmed yet: the bank is asked on.
    NotConfirmed,
    /// The bank did not answer the last call.
    BankSilent {
        /// What happened.
        why: String,
    },
    /// The bank does not accept this terminal at present.
    BankRefuses {
        /// The bank's words.
        message: String,
    },
    /// The process that had the journal is gone; this one goes on.
    HolderGone,
}

/// Says what the value of a code is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// The text of the QR code.
    #[default]
    Text,
    /// The address of a picture of it.
    PictureUrl,
    /// A picture of it in Base64.
    Picture,
}

impl From<CodeForm> for Form {
    fn from(form: CodeForm) -> Self {
        match form {
            CodeForm::Text => Self::Text,
            CodeForm::PictureUrl => Self::PictureUrl,
            CodeForm::Picture => Self::Picture,
        }
    }
}

/// Is what would be handed over; a payload is told by its length and its hash alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Handed {
    /// An address to be opened.
    Url {
        /// The address.
        url: String,
    },
    /// A form to be sent from a browser, by POST.
    Form {
        /// The address that it is sent to.
        url: String,
        /// The length of its fields in bytes, as `name=value` on lines of their own.
        length: usize,
        /// Their SHA-256 in hexadecimal digits.
        sha256: String,
    },
    /// A payload for the SDK.
    Sdk {
        /// Its length in bytes.
        length: usize,
        /// Its SHA-256 in hexadecimal digits.
        sha256: String,
    },
}

impl Note {
    /// Makes a note of a stage of the terminal.
    pub(crate) fn of(request_id: &str, stage: &Stage) -> Self {
        match stage {
            Stage::Started { amount } => {
                Self::Started { request_id: request_id.to_owned(), amount: *amount }
            }
            Stage::CodeShown { code_value, form, expires_at_ms, left_ms: _, amount } => {
                Self::CodeShown {
                    code_value: code_value.clone(),
                    form: Form::from(*form),
                    expires_at_ms: *expires_at_ms,
                    amount: *amount,
                }
            }
            Stage::HandedToWallet => Self::InWallet,
            Stage::Closing => Self::Closing,
            Stage::NotConfirmed => Self::NotConfirmed,
            Stage::BankSilent { why } => Self::BankSilent { why: why.clone() },
            Stage::BankRefuses { message } => Self::BankRefuses { message: message.clone() },
        }
    }
}

impl From<&HandOver> for Handed {
    fn from(what: &HandOver) -> Self {
        match what {
            HandOver::Url { url, user_agent: _, ac_decode_config: _ } => {
                Self::Url { url: url.clone() }
            }
            HandOver::Sdk(payload) => {
                // EXPOSE: only its length and its hash are told.
                let (length, sha256) = measure(payload.expose().as_bytes());
                Self::Sdk { length, sha256 }
            }
            HandOver::Form { url, fields } => {
                let lines: String =
                    fields.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
                let (length, sha256) = measure(lines.as_bytes());
                Self::Form { url: url.clone(), length, sha256 }
            }
        }
    }
}

fn measure(payload: &[u8]) -> (usize, String) {
    (payload.len(), HEXLOWER.encode(&Sha256::digest(payload)))
}

#[cfg(test)]
mod tests {
    use till_core::secret::Secret;

    use super::*;

    #[test]
    fn a_payload_is_told_by_length_and_hash() {
        let what = HandOver::Sdk(Secret::new("abc".to_owned()));
        let Handed::Sdk { length, sha256 } = Handed::from(&what) else { panic!("a payload") };
        assert_eq!(length, 3);
        assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
