//! The command line, word for word.
//!
//! What a POS would send stays text here: it becomes extras and is judged where every intent is.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};
use till_sandbox::{Auto, Fault};

/// Takes payments by QR code, and says for each whether the money moved.
#[derive(Clone, Debug, Parser)]
#[command(name = "till", version, disable_help_subcommand = true, max_term_width = 100)]
#[command(after_help = "New here? till demo")]
pub(crate) struct Args {
    /// What applies to every command.
    #[command(flatten)]
    pub(crate) common: Common,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Applies to every command.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Common {
    /// The configuration [default: $TILL_CONFIG, else till/till.toml in $XDG_CONFIG_HOME or
    /// ~/.config]
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Use the embedded bank, with a journal of its own: no money moves
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) sandbox: bool,
    /// The journal [default: the configured one]
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Print one line of JSON; progress goes to standard error, one JSON object a line
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) json: bool,
    /// Log to standard error: error, warn, info, debug or trace
    #[arg(long, global = true, help_heading = "Everywhere")]
    #[arg(value_name = "LEVEL", value_parser = level)]
    pub(crate) log: Option<tracing::Level>,
}

/// Is a command.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell the whole story in one run: payments, a lost answer, a refund, the journal
    Demo {
        /// Tell that of a gateway which is killed in the middle, with a terminal that has no secret
        #[arg(long)]
        gateway: bool,
    },
    /// Take a payment: show a QR code, wait, tell the outcome
    #[command(override_usage = "till pay --amount <MINOR> --purpose <TEXT> [OPTIONS]")]
    Pay(Pay),
    /// Give money back, whole or part
    #[command(override_usage = "till refund --amount <MINOR> --transaction <FILE> [OPTIONS]")]
    Refund(Refund),
    /// Tell the stored outcome; ask the bank if it is in doubt
    Status(Earlier),
    /// Give a payment up, from another shell
    Cancel(Earlier),
    /// Look once at everything open or watched
    Resume,
    /// Decide what the bank cannot: only in doubt, and only after the bank was asked
    Settle(Settle),
    /// Tell what happened, newest first
    History {
        /// How many operations
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u32,
    },
    /// Check the configuration, the journal, the clock and the way to the bank
    Doctor(Doctor),
    /// Run the sandbox bank with its customer's wallet page, until stopped
    Sandbox(Sandbox),
}

/// Takes a payment.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Pay {
    /// The sum in minor units: 12500 is 125.00
    #[arg(long, value_name = "MINOR", allow_hyphen_values = true)]
    pub(crate) amount: Option<String>,
    /// What it is for, up to 255 characters
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) purpose: Option<String>,
    /// The currency [default: the terminal's]
    #[arg(long, value_name = "ISO")]
    pub(crate) currency: Option<String>,
    #[command(flatten)]
    pub(crate) named: Named,
    /// The bank's interface [default: the terminal's]
    #[arg(long, value_name = "NAME")]
    pub(crate) rail: Option<String>,
    /// A code that was scanned, instead of a new QR code
    #[arg(long, value_name = "CODE")]
    pub(crate) code_value: Option<String>,
    /// Always answer a repeated request id with its first result
    #[arg(long)]
    pub(crate) idempotent: bool,
    #[command(flatten)]
    pub(crate) customer: Customer,
}

/// Gives money back.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Refund {
    /// The sum in minor units: 12500 is 125.00
    #[arg(long, value_name = "MINOR", allow_hyphen_values = true)]
    pub(crate) amount: Option<String>,
    /// The payment's transaction as JSON; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) transaction: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) named: Named,
}

/// Names a request and carries what its sender wants back.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Named {
    /// The name of this request [default: a new one]
    #[arg(long, value_name = "ID")]
    pub(crate) request_id: Option<String>,
    /// Echoed in the answer; may be given many times
    #[arg(long, value_name = "K=V")]
    pub(crate) metadata: Vec<String>,
}

/// Decides what the sandbox's customer does.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Customer {
    /// What the sandbox's customer does: approve, decline, cancel or ignore
    #[arg(long, value_name = "WHAT")]
    pub(crate) auto: Option<Auto>,
    /// After how many milliseconds the customer does it
    #[arg(long, value_name = "MS", hide = true)]
    pub(crate) auto_after: Option<u64>,
}

/// Names an earlier request.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Earlier {
    /// The name of the request
    #[arg(long, value_name = "ID")]
    pub(crate) request_id: String,
    /// What it was
    #[arg(long, value_name = "ACTION", default_value = "pay")]
    pub(crate) action: ActionName,
}

/// Records the operator's word.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Settle {
    #[command(flatten)]
    pub(crate) earlier: Earlier,
    /// What became of the money
    #[arg(long = "as", value_name = "WORD")]
    pub(crate) word: Word,
    /// Why you say so; it is kept in the journal
    #[arg(long, value_name = "TEXT", value_parser = note)]
    pub(crate) note: String,
}

/// Checks the terminal.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Doctor {
    /// Also try what the bank's document leaves open; nobody pays, no money moves
    #[arg(long)]
    pub(crate) acceptance: bool,
    /// With --acceptance: also wait for the code's end, about 10 minutes
    #[arg(long, requires = "acceptance")]
    pub(crate) until_end: bool,
    /// With --acceptance: do it on a live bank too, where codes could be paid for real
    #[arg(long, requires = "acceptance")]
    pub(crate) yes_on_a_live_bank: bool,
}

/// Runs the bank.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Sandbox {
    /// Where the bank is; the wallet page is at the next port. Port 0: any two free ones
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    pub(crate) listen: SocketAddr,
    /// A fault from the start, such as drop-answer:refund:1; may be given many times
    #[arg(long, value_name = "SPEC")]
    pub(crate) fault: Vec<Fault>,
    #[command(flatten)]
    pub(crate) customer: Customer,
}

/// Names what a request was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ActionName {
    /// A payment.
    #[default]
    Pay,
    /// A refund.
    Refund,
}

/// Is the operator's word about the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Word {
    /// It moved.
    Paid,
    /// It did not.
    NotPaid,
}

/// Says why there is nothing to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Help or version, for standard output.
    Text(String),
    /// One line about what is wrong.
    Wrong(String),
}

impl Args {
    /// Reads the command line.
    pub(crate) fn read(words: impl IntoIterator<Item = OsString>) -> Result<Self, Stop> {
        let args = Self::try_parse_from(words).map_err(|error| stop(&error))?;
        args.check().map_err(Stop::Wrong)?;
        Ok(args)
    }

    fn check(&self) -> Result<(), String> {
        if matches!(self.command, Command::Sandbox(_))
            && (self.common.config.is_some() || self.common.journal.is_some())
        {
            return Err("till sandbox takes neither --config nor --journal".to_owned());
        }
        if let Command::Pay(pay) = &self.command
            && pay.customer.auto.is_some()
            && !self.common.sandbox
        {
            return Err("--auto needs --sandbox: a real customer decides alone".to_owned());
        }
        Ok(())
    }
}

/// Makes one line of what clap says on many.
fn stop(error: &clap::Error) -> Stop {
    let text = error.render().to_string();
    let kind = error.kind();
    if matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Stop::Text(text);
    }
    if kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Stop::Wrong("a command is missing, such as till demo; see till --help".to_owned());
    }
    let said: Vec<&str> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .filter(|line| !line.is_empty())
        .collect();
    let line = said.join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    Stop::Wrong(format!("{line}; see till --help"))
}

fn level(text: &str) -> Result<tracing::Level, String> {
    text.parse().map_err(|_| "write error, warn, info, debug or trace".to_owned())
}

fn note(text: &str) -> Result<String, String> {
    const MAX: usize = 500;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX || text.contains(char::is_control) {
        return Err(format!("write one line of 1 to {MAX} characters"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn wrong(line: &str) -> String {
        match Args::read(line.split_whitespace().map(OsString::from)) {
            Err(Stop::Wrong(line)) => line,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_parser_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_wrong_command_line_is_told_on_one_line() {
        for line in [
            "till",
            "till pey",
            "till pay --amuont 5",
            "till pay --auto decline",
            "till status",
            "till settle --request-id a --as maybe --note x",
            "till history --limit -1",
            "till doctor --until-end",
            "till sandbox --fault drop:x",
            "till sandbox --listen nowhere",
            "till --log loud demo",
        ] {
            let said = wrong(line);
            assert!(!said.contains('\n') && !said.is_empty(), "{line}: {said}");
        }
        assert!(wrong("till pay --amuont 5").contains("--amount"), "the nearest flag is named");
        assert!(wrong("till sandbox --fault drop:x").contains("drop-request"));
    }

    #[test]
    fn what_a_pos_would_send_stays_text() {
        let line = "till pay --amount -5 --purpose - --json --metadata a=b --metadata c=d";
        let args = Args::read(line.split_whitespace().map(OsString::from)).unwrap();
        let Command::Pay(pay) = args.command else { panic!("{args:?}") };
        assert_eq!(pay.amount.as_deref(), Some("-5"));
        assert_eq!(pay.purpose.as_deref(), Some("-"));
        assert_eq!(pay.named.metadata, ["a=b", "c=d"]);
        assert!(args.common.json);
    }

    #[test]
    fn help_is_no_error() {
        let read = Args::read(["till", "--help"].map(OsString::from));
        assert!(matches!(read, Err(Stop::Text(text)) if text.contains("till demo")));
    }
}
