//! The banks' words, made fit for a screen and a log.

/// The longest text of a bank's that is kept, in characters.
const WORDS_MAX: usize = 200;

/// Makes a text of a bank's fit for a screen and a log: one line, and not a long one.
pub(super) fn clean(text: &str) -> String {
    let line = text.trim().chars().take(WORDS_MAX);
    line.map(|char| if char.is_control() { ' ' } else { char }).collect()
}
