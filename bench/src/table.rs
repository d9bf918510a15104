//! The table: what was measured, against what, the bound, and whether it holds.

use std::fmt;
use std::io::Write as _;

use crate::Outcome;

/// Is one line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// The figure, with its unit.
    pub(crate) measured: String,
    /// What it is compared with, with its unit; may be empty.
    pub(crate) against: String,
    /// The figure that the bound is about.
    pub(crate) figure: Option<Figure>,
    /// The bound.
    pub(crate) bound: Option<Bound>,
}

/// Is a number with three decimal places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Figure(u64);

/// Is what a figure must keep.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    /// No more than this.
    Most(Figure),
    /// No less than this.
    Least(Figure),
}

impl Figure {
    /// Gives a number in thousandths.
    pub(crate) const fn thousandths(value: u64) -> Self {
        Self(value)
    }

    /// Gives a whole number.
    pub(crate) const fn whole(value: u64) -> Self {
        Self(value.saturating_mul(1_000))
    }

    /// Gives how many times `part` holds `whole`.
    pub(crate) fn ratio(part: u64, whole: u64) -> Self {
        let thousandths = u128::from(part) * 1_000 / u128::from(whole.max(1));
        Self(u64::try_from(thousandths).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 1_000 {
            0 => write!(f, "{}", self.0 / 1_000),
            _ => write!(f, "{}.{:02}", self.0 / 1_000, self.0 % 1_000 / 10),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Most(figure) => write!(f, "at most {figure}"),
            Self::Least(figure) => write!(f, "at least {figure}"),
        }
    }
}

impl Row {
    /// Tells whether the bound holds; `None` if there is none.
    pub(crate) fn holds(&self) -> Option<bool> {
        let figure = self.figure?;
        Some(match self.bound? {
            Bound::Most(most) => figure <= most,
            Bound::Least(least) => figure >= least,
        })
    }

    fn cells(&self) -> [String; 6] {
        [
            self.what.clone(),
            self.measured.clone(),
            self.against.clone(),
            self.figure.map(|figure| figure.to_string()).unwrap_or_default(),
            self.bound.map(|bound| bound.to_string()).unwrap_or_default(),
            match self.holds() {
                Some(true) => "pass".to_owned(),
                Some(false) => "MISS".to_owned(),
                None => String::new(),
            },
        ]
    }
}

/// Prints the rows as Markdown.
pub(crate) fn print(rows: &[Row]) -> Outcome<()> {
    let head = ["what", "measured", "against", "figure", "bound", ""].map(str::to_owned);
    let lines: Vec<[String; 6]> =
        std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..6).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = std::io::stdout().lock();
    for (number, line) in lines.iter().enumerate() {
        for (cell, width) in line.iter().zip(&widths) {
            write!(out, "| {cell:width$} ")?;
        }
        writeln!(out, "|")?;
        if number == 0 {
            for width in &widths {
                write!(out, "|{}", "-".repeat(width.saturating_add(2)))?;
            }
            writeln!(out, "|")?;
        }
    }
    Ok(())
}

/// Says on standard error what goes on.
pub(crate) fn say(line: fmt::Arguments<'_>) {
    // Nobody can be told that nobody listens.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes microseconds so that people can read them.
pub(crate) fn micros(us: u64) -> String {
    if us < 10_000 {
        format!("{us} µs")
    } else {
        format!("{}.{} ms", us / 1_000, us % 1_000 / 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_holds_up_to_itself() {
        let row = |part, bound| Row {
            what: String::new(),
            measured: String::new(),
            against: String::new(),
            figure: Some(Figure::ratio(part, 100)),
            bound: Some(bound),
        };
        let most = Bound::Most(Figure::thousandths(1_300));
        assert_eq!(row(130, most).holds(), Some(true));
        assert_eq!(row(131, most).holds(), Some(false));
        let least = Bound::Least(Figure::whole(2));
        assert_eq!(row(200, least).holds(), Some(true));
        assert_eq!(row(199, least).holds(), Some(false));
    }

    #[test]
    fn figures_are_written_with_two_places_or_none() {
        assert_eq!(Figure::ratio(131, 100).to_string(), "1.31");
        assert_eq!(Figure::ratio(1, 0).to_string(), "1");
        assert_eq!(Figure::thousandths(1_006).to_string(), "1.00");
        assert_eq!(Figure::whole(20_000).to_string(), "20000");
    }
}
