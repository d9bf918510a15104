//! The command line, word for word.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use till_sandbox::Auto;

/// Lets tills take payments without holding a secret: it runs their operations and talks to the
/// banks.
#[derive(Clone, Debug, Parser)]
#[command(name = "till-gateway", version, disable_help_subcommand = true, max_term_width = 100)]
#[command(after_help = "New here? till-gateway serve --sandbox")]
pub(crate) struct Args {
    /// The configuration [default: $TILL_CONFIG, else till/till.toml in $XDG_CONFIG_HOME or
    /// ~/.config]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Use the embedded banks: no money moves
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,
    /// Where the journal is: a file, or postgres://USER@HOST/DATABASE, its password in $PGPASSWORD
    /// [default: gateway.database, else terminal.journal]
    #[arg(long, global = true, value_name = "FILE|ADDRESS")]
    pub(crate) database: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Is a command.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Run, until SIGTERM or Ctrl-C; SIGHUP reads the certificate again
    Serve(Serve),
    /// Check the configuration, the journal and the certificate, and exit
    Check,
    /// Make, list and revoke the terminals' tokens
    #[command(subcommand)]
    Token(Token),
}

/// Runs.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Serve {
    /// Where to listen [default: gateway.listen]; port 0 is any free one
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// How much to log: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(crate) log: tracing::Level,
    /// With --sandbox: what the customer does: approve, decline, cancel or ignore
    #[arg(long, value_name = "WHAT", requires = "sandbox")]
    pub(crate) auto: Option<Auto>,
}

/// Is what becomes of a token.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token and print it: it cannot be shown again
    Add {
        /// The terminal's name.
        name: String,
        /// For a person, who looks at and settles the operations of all terminals
        #[arg(long)]
        operator: bool,
    },
    /// List whose tokens there are
    List,
    /// Make a token useless at once
    Revoke {
        /// The terminal's name.
        name: String,
    },
}

impl Args {
    /// Reads the command line.
    pub(crate) fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        Self::try_parse_from(words)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_parser_is_sound() {
        Args::command().debug_assert();
    }
}
