//! What a person reads, in the terminal's language. One sentence each; nothing is said twice.

mod en;
mod ru;
mod zh;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::extra::Field;
use super::refusal::{NotRefundable, Wrong};
use crate::money::Amount;
use crate::operation::{Action, Story};

/// Names a language of the terminal.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
    /// Chinese, simplified.
    Zh,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::En, Self::Ru, Self::Zh];

    /// Gives the code of ISO 639-1.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
            Self::Zh => "zh",
        }
    }
}

impl FromStr for Language {
    type Err = NotALanguage;

    fn from_str(text: &str) -> Result<Self, NotALanguage> {
        Self::ALL.into_iter().find(|language| language.as_str() == text).ok_or(NotALanguage)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Says that a text names none of the terminal's languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a language is en, ru or zh")]
pub struct NotALanguage;

/// Is a sentence to say.
#[derive(Clone, Copy, Debug)]
pub(super) enum Say<'a> {
    Success(Action),
    ConfirmedLate,
    Declined(Action),
    /// Introduces the bank's own words.
    BankSays,
    GivenBack,
    /// Paid with another sum than this; the figure is not known.
    OtherSum(Amount),
    Settled(Action),
    Cancelled(Action),
    Expired(Action),
    Unknown(Action),
    Extra(Field, &'a Wrong),
    Unreadable,
    BadRequest,
    NotConfigured,
    CallerNotAllowed,
    NoConnection(Action),
    OtherParameters,
    Running(Action),
    RefundNotPossible,
    NotRefundable(NotRefundable),
    Journal,
    NoSuchRequest,
    Late {
        story: Story,
        asked: Amount,
        paid: Amount,
    },
}

pub(super) fn say(language: Language, say: &Say<'_>) -> String {
    match language {
        Language::En => en::say(say),
        Language::Ru => ru::say(say),
        Language::Zh => zh::say(say),
    }
}

/// Puts somebody else's words after a sentence.
pub(super) fn with_words(sentence: String, words: &str) -> String {
    join([sentence, tidy(words, WORDS_MAX)])
}

/// Joins sentences; Chinese has no space between them.
pub(super) fn join(sentences: impl IntoIterator<Item = String>) -> String {
    let mut joined = String::new();
    for sentence in sentences.into_iter().filter(|sentence| !sentence.is_empty()) {
        if !joined.is_empty() && !joined.ends_with(FULL_WIDTH_ENDS) {
            joined.push(' ');
        }
        joined.push_str(&sentence);
    }
    joined
}

/// Makes foreign words fit for a screen: one line without control characters, not endless.
fn tidy(words: &str, max: usize) -> String {
    let is_gap = |letter: char| letter.is_whitespace() || letter.is_control();
    let mut line = words.split(is_gap).filter(|word| !word.is_empty()).fold(
        String::new(),
        |mut line, word| {
            if line.len() <= max.saturating_mul(4) {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            line
        },
    );
    if let Some((end, _)) = line.char_indices().nth(max) {
        line.truncate(end);
        line.push('…');
    }
    line
}

const FULL_WIDTH_ENDS: [char; 2] = ['。', '：'];
const WORDS_MAX: usize = 300;
const TYPE_MAX: usize = 60;
