//! The embedded bank: on loopback, over real HTTPS, with its books in a file.

use std::path::PathBuf;
use std::sync::PoisonError;

use till_sandbox::{Auto, Server, ServerConfig};

use crate::trouble::Trouble;

/// The currency of the sandbox's merchant.
pub(crate) const CURRENCY: &str = "UZS";

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
