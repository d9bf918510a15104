//! The exact next command, for people to copy.

use std::fmt::Write as _;

use till_core::operation::Action;

use crate::args::{ActionName, Command, Common, Pay, Refund};

/// Writes commands that act on the same journal and bank as the present one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again<'a> {
    /// What applies to every command.
    pub(crate) common: &'a Common,
    /// The present command.
    pub(crate) command: &'a Command,
}

impl Again<'_> {
    /// Writes a command with these flags.
    pub(crate) fn till(&self, command: &str, flags: &[(&str, &str)]) -> String {
        let Common { config, sandbox, journal, json: _, log: _ } = self.common;
        let mut line = format!("till {command}");
        if *sandbox {
            line.push_str(" --sandbox");
        }
        for (flag, path) in [("--config", config), ("--journal", journal)] {
            if let Some(path) = path {
                let _infallible = write!(line, " {flag} {}", quoted(&path.to_string_lossy()));
            }
        }
        for (flag, value) in flags {
            let _infallible = write!(line, " {flag} {}", quoted(value));
        }
        line
    }

    /// Writes the question for a stored outcome.
    pub(crate) fn status(&self, request_id: &str, action: Action) -> String {
        let mut flags = vec![("--request-id", request_id)];
        if action == Action::Refund {
            flags.push(("--action", action.as_str()));
        }
        self.till("status", &flags)
    }

    /// Writes the refund of a payment that was just made.
    pub(crate) fn refund_of(&self, payment: &str, amount: u64) -> String {
        let amount = amount.to_string();
        let refund = self.till("refund", &[("--amount", &amount), ("--transaction", "-")]);
        format!("echo '{{\"id\":\"{payment}\"}}' | {refund}")
    }

    /// Writes the present command once more: with its request id, or as a new request.
    pub(crate) fn once_more(&self, request_id: Option<&str>) -> String {
        let id = request_id.map(|id| ("--request-id", id));
        let id = |flags: Vec<(&'static str, String)>| -> Vec<(&str, String)> {
            id.iter().map(|(flag, id)| (*flag, (*id).to_owned())).chain(flags).collect()
        };
        let (command, flags) = match self.command {
            Command::Pay(pay) => ("pay", id(pay_flags(pay))),
            Command::Refund(refund) => ("refund", id(refund_flags(refund))),
            Command::Status(earlier) | Command::Cancel(earlier)
                if earlier.action == ActionName::Refund =>
            {
                ("refund", id(vec![]))
            }
            Command::Demo { .. }
            | Command::Status(_)
            | Command::Cancel(_)
            | Command::Resume
            | Command::Settle(_)
            | Command::History { .. }
            | Command::Doctor(_)
            | Command::Sandbox(_) => ("pay", id(vec![])),
        };
        let flags: Vec<(&str, &str)> =
            flags.iter().map(|(flag, value)| (*flag, value.as_str())).collect();
        let line = self.till(command, &flags);
        if flags.iter().any(|(flag, _)| *flag == "--amount") { line } else { format!("{line} ...") }
    }
}

fn pay_flags(pay: &Pay) -> Vec<(&'static str, String)> {
    let flags = [
        ("--amount", &pay.amount),
        ("--purpose", &pay.purpose),
        ("--currency", &pay.currency),
        ("--rail", &pay.rail),
        ("--code-value", &pay.code_value),
    ];
    flags.into_iter().filter_map(|(flag, value)| Some((flag, value.clone()?))).collect()
}

fn refund_flags(refund: &Refund) -> Vec<(&'static str, String)> {
    let file = refund.transaction.as_ref().map(|path| path.to_string_lossy().into_owned());
    let flags = [("--amount", refund.amount.clone()), ("--transaction", file)];
    flags.into_iter().filter_map(|(flag, value)| Some((flag, value?))).collect()
}

/// Quotes a word for a shell, where it needs that.
fn quoted(word: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(safe) {
        return word.to_owned();
    }
    format!("'{}'", crate::out::plain(word).replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::args::Args;

    fn args(words: &[&str]) -> Args {
        Args::read(words.iter().map(OsString::from)).unwrap()
    }

    #[test]
    fn the_next_command_acts_on_the_same_journal() {
        let words = ["till", "pay", "--sandbox", "--journal", "/a b/j", "--amount", "5"];
        let args = args(&[&words[..], &["--purpose", "it's"]].concat());
        let again = Again { common: &args.common, command: &args.command };
        assert_eq!(
            again.status("r 1", Action::Refund),
            "till status --sandbox --journal '/a b/j' --request-id 'r 1' --action refund"
        );
        assert_eq!(
            again.once_more(None),
            r"till pay --sandbox --journal '/a b/j' --amount 5 --purpose 'it'\''s'"
        );
        assert_eq!(
            again.refund_of("o-1", 5),
            "echo '{\"id\":\"o-1\"}' | till refund --sandbox --journal '/a b/j' --amount 5 \
             --transaction -"
        );
    }

    #[test]
    fn a_repetition_has_its_request_id_first() {
        let args = args(&["till", "refund", "--amount", "5", "--transaction", "t.json"]);
        let again = Again { common: &args.common, command: &args.command };
        assert_eq!(
            again.once_more(Some("r-1")),
            "till refund --request-id r-1 --amount 5 --transaction t.json"
        );
    }
}
