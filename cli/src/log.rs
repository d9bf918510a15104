//! The log: only Till's own lines, on standard error, and none unless asked for.

use tracing_subscriber::EnvFilter;

/// Starts logging at this level; other crates' lines could carry what must not be logged.
pub(crate) fn start(level: tracing::Level) {
    let filter = format!("off,till={level},till_core={level},till_sandbox={level}");
    let started = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .try_init();
    if let Err(error) = started {
        crate::out::complain(&format!("till: no log: {error}"));
    }
}
