//! What happened, line by line, for people; and whether a replay is the same.

use std::fmt::Write as _;

use till_core::id::ExternalId;

/// Keeps lines only if somebody wants to read them.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    lines: Option<Vec<Line>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    at_ms: u64,
    /// Whose line it is; `None`: everybody's.
    about: Option<ExternalId>,
    text: String,
}

impl Trace {
    pub(crate) fn kept() -> Self {
        Self { lines: Some(Vec::new()) }
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.lines.is_some()
    }

    pub(crate) fn add(&mut self, at_ms: u64, about: Option<&ExternalId>, text: String) {
        if let Some(lines) = &mut self.lines {
            lines.push(Line { at_ms, about: about.cloned(), text });
        }
    }

    pub(crate) fn into_lines(self) -> Vec<Line> {
        self.lines.unwrap_or_default()
    }
}

/// Tells the story of some operations, or of all.
pub(crate) fn story(lines: &[Line], about: &[ExternalId]) -> String {
    let mine =
        |line: &&Line| about.is_empty() || line.about.as_ref().is_none_or(|id| about.contains(id));
    let first = lines.iter().find(|line| line.about.as_ref().is_some_and(|id| about.contains(id)));
    let from_ms = first.map_or(0, |line| line.at_ms);
    let mut told = String::new();
    for line in lines.iter().filter(mine).filter(|line| line.at_ms >= from_ms) {
        let Line { at_ms, about, text } = line;
        let (s, ms) = (at_ms / 1_000, at_ms % 1_000);
        let (days, h, m, s) = (s / 86_400, s / 3_600 % 24, s / 60 % 60, s % 60);
        let id = about.as_ref().map_or("", |id| id.as_str());
        let short = format!("{}{}", &id[..id.len().min(4)], &id[id.len().min(26)..]);
        writeln!(told, "{days}d {h:02}:{m:02}:{s:02}.{ms:03} {short:9} {text}").unwrap();
    }
    told
}

/// Adds a line about an operation, or about everything, if lines are kept.
macro_rules! trace {
    ($world:expr, $about:expr, $($text:tt)*) => {
        if $world.trace.is_kept() {
            let text = format!($($text)*);
            $world.trace.add($world.ms, $about, text);
        }
    };
}
pub(crate) use trace;
