//! What a terminal is told about its gateway.

use crate::secret::Secret;

/// Is where the gateway is, and who this terminal is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySettings {
    /// `https://host[:port][/prefix]`.
    pub url: String,
    /// This terminal's token.
    pub token: Secret<String>,
    /// The gateway's acquirer; `None`: its first.
    pub rail: Option<String>,
    /// Whether the gateway's bank is the sandbox. A gateway that sees it otherwise refuses, so that
    /// no test is taken for money.
    pub sandbox: bool,
}

impl GatewaySettings {
    /// Makes the settings that have no default.
    pub fn new(url: impl Into<String>, token: Secret<String>) -> Self {
        Self { url: url.into(), token, rail: None, sandbox: false }
    }

    /// Finds what is wrong, each with the key and what would be right; no value is repeated.
    pub fn check(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        if !self.url.starts_with("https://") {
            wrong.push("gateway.url: it must begin with https://".to_owned());
        }
        // EXPOSE: only its shape is looked at.
        let token = self.token.expose();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            wrong.push(
                "gateway.token_file: the token as `till-gateway token add` printed it".to_owned(),
            );
        }
        wrong
    }
}
