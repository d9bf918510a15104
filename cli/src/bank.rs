//! The embedded bank: on loopback, over real HTTPS, with its books in a file.

use std::path::PathBuf;
use std::sync::PoisonError;

use till_sandbox::{Auto, Server, ServerConfig};

use crate::note::{Form, Note};
use crate::trouble::Trouble;

/// The currency of the sandbox's merchant.
pub(crate) const CURRENCY: &str = "UZS";

/// The currency of payments through the embedded ecommpay, which does not take that one.
pub(crate) const ECOMMPAY_CURRENCY: &str = "CNY";

/// Starts the bank on two free ports; `books`: where it goes on from, and keeps what happens.
pub(crate) async fn start(
    books: Option<PathBuf>,
    auto: Auto,
    auto_after: Option<u64>,
) -> Result<Server, Trouble> {
    let usual = ServerConfig::default();
    let auto_delay_ms = auto_after.unwrap_or(usual.auto_delay_ms);
    let config = ServerConfig { state_file: books, auto, auto_delay_ms, ..usual };
    Server::start(config)
        .await
        .map_err(|error| Trouble::NotConfigured(format!("the sandbox does not start: {error}")))
}

/// Gives the client id and the secret that the bank accepts.
pub(crate) fn credentials(server: &Server) -> (String, String) {
    let bank = server.bank();
    let bank = bank.lock().unwrap_or_else(PoisonError::into_inner);
    let behaviour = bank.behaviour();
    (behaviour.client_id.clone(), behaviour.client_secret.clone())
}

/// Gives the number and the secret of the embedded ecommpay's project.
pub(crate) fn project(server: &Server) -> (u64, String) {
    let platform = server.platform();
    let platform = platform.lock().unwrap_or_else(PoisonError::into_inner);
    let behaviour = platform.behaviour();
    (behaviour.project_id, behaviour.secret.clone())
}

/// The embedded bank's customer looks at what the till shows, as a phone does that scans it.
pub(crate) fn scan(server: &Server, note: &Note) {
    if let Note::CodeShown { code_value, form: Form::Text, .. } = note
        && let Err(why) = server.scan(code_value)
    {
        tracing::warn!(%why, "the sandbox's customer could not scan the code");
    }
}
