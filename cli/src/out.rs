//! Standard output and standard error: who reads them, and how text is dressed for people.

use std::io::{self, IsTerminal, Write};

/// Is what is known of the two outputs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Out {
    /// Whether a person watches standard output change.
    pub(crate) live: bool,
    /// Whether standard output may be coloured.
    colour: bool,
}

/// Names a dress of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dress {
    /// Strong.
    Bold,
    /// Less important.
    Dim,
    /// Good news, as a banner.
    Good,
    /// Bad news, as a banner.
    Bad,
    /// Something to be done, as a banner.
    Care,
}

impl Out {
    /// Looks at the outputs and the environment (no-color.org).
    pub(crate) fn new() -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let terminal = io::stdout().is_terminal();
        Self { live: terminal && !dumb, colour: terminal && !dumb && !set("NO_COLOR") }
    }

    /// Tells whether colours may be used.
    pub(crate) fn colour(self) -> bool {
        self.colour
    }

    /// Dresses a text where that can be seen.
    pub(crate) fn dress(self, dress: Dress, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let (code, pad) = match dress {
            Dress::Bold => ("1", ""),
            Dress::Dim => ("2", ""),
            Dress::Good => ("1;97;42", " "),
            Dress::Bad => ("1;97;41", " "),
            Dress::Care => ("1;30;43", " "),
        };
        format!("\x1b[{code}m{pad}{text}{pad}\x1b[0m")
    }
}

/// Writes to standard output and waits until it is out.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes one line to standard error; if nobody can read it there is nothing to be done.
pub(crate) fn complain(line: &str) {
    let _nobody_reads = writeln!(io::stderr().lock(), "{line}");
}

/// Tells what went wrong on one line of standard error: JSON where a script reads it.
pub(crate) fn error(json: bool, message: &str) {
    complain(&if json {
        let message = serde_json::Value::from(message);
        format!(r#"{{"event":"error","message":{message}}}"#)
    } else {
        format!("till: {}", plain(message))
    });
}

/// Makes the one line of standard output of a command that has no answer.
pub(crate) fn error_line(message: &str) -> String {
    format!("{}\n", serde_json::json!({ "error": message }))
}

/// Makes a text safe for a terminal: control characters could move the cursor or hide other text.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|letter| if hides(letter) { '\u{fffd}' } else { letter }).collect()
}

fn hides(letter: char) -> bool {
    // The bidirectional overrides let a text look like another one.
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_move_the_cursor() {
        assert_eq!(plain("a\x1b[2Jb\n\u{202e}c"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c");
    }

    #[test]
    fn nothing_is_dressed_where_it_cannot_be_seen() {
        let out = Out { live: false, colour: false };
        assert_eq!(out.dress(Dress::Good, "PAID"), "PAID");
        let out = Out { live: true, colour: true };
        assert_eq!(out.dress(Dress::Bold, "PAID"), "\x1b[1mPAID\x1b[0m");
    }
}
