//! What a customer is shown, or handed over with.

use serde::{Deserialize, Serialize};

use crate::operation::{Code, CodeForm, HandOver};
use crate::secret::Secret;

/// Is a payment code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeBody {
    /// What the QR code holds, or a picture of it.
    pub value: String,
    /// What `value` is.
    pub form: FormWord,
    /// How long it is shown at most, in milliseconds from now.
    pub left_ms: u64,
}

/// Says what the value of a code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormWord {
    /// The text that the QR code holds.
    Text,
    /// The https address of a picture of it.
    PictureUrl,
    /// A picture of it in Base64.
    Picture,
}

/// Is a hand-over; never logged.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandOverBody {
    /// For the SDK's `handleAction`.
    Sdk(String),
    /// For the SDK's `launch` or a browser.
    Url {
        /// The address.
        url: String,
        /// For the SDK.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_agent: Option<String>,
        /// For the SDK.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ac_decode_config: Option<String>,
    },
    /// For a browser, by POST.
    Form {
        /// The address.
        url: String,
        /// Names and values.
        fields: Vec<(String, String)>,
    },
}

impl std::fmt::Debug for HandOverBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<CodeForm> for FormWord {
    fn from(form: CodeForm) -> Self {
        match form {
            CodeForm::Text => Self::Text,
            CodeForm::PictureUrl => Self::PictureUrl,
            CodeForm::Picture => Self::Picture,
        }
    }
}

impl From<CodeBody> for Code {
    fn from(code: CodeBody) -> Self {
        let form = match code.form {
            FormWord::Text => CodeForm::Text,
            FormWord::PictureUrl => CodeForm::PictureUrl,
            FormWord::Picture => CodeForm::Picture,
        };
        Self { value: code.value, life_ms: code.left_ms, form }
    }
}

impl From<HandOverBody> for HandOver {
    fn from(body: HandOverBody) -> Self {
        match body {
            HandOverBody::Sdk(payload) => Self::Sdk(Secret::new(payload)),
            HandOverBody::Url { url, user_agent, ac_decode_config } => {
                Self::Url { url, user_agent, ac_decode_config }
            }
            HandOverBody::Form { url, fields } => Self::Form { url, fields },
        }
    }
}

impl From<&HandOver> for HandOverBody {
    fn from(what: &HandOver) -> Self {
        match what {
            // EXPOSE: it is for the customer's device, and goes there by TLS.
            HandOver::Sdk(payload) => Self::Sdk(payload.expose().clone()),
            HandOver::Url { url, user_agent, ac_decode_config } => Self::Url {
                url: url.clone(),
                user_agent: user_agent.clone(),
                ac_decode_config: ac_decode_config.clone(),
            },
            HandOver::Form { url, fields } => {
                Self::Form { url: url.clone(), fields: fields.clone() }
            }
        }
    }
}
