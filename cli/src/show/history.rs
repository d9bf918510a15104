//! Operations as a table, each with its story.

use till_core::money::Amount;

use crate::out::{Dress, Out, plain};
use crate::row::Row;

/// Writes operations for people.
pub(crate) fn table(rows: &[Row], out: Out) -> String {
    if rows.is_empty() {
        return "Nothing.\n".to_owned();
    }
    let amounts: Vec<String> = rows.iter().map(amount).collect();
    let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or(0);
    let amount_width = widest(&mut amounts.iter().map(|text| text.chars().count()));
    let outcome_width = widest(&mut rows.iter().map(|row| outcome(row).len()));
    let mut text = String::new();
    for (row, amount) in rows.iter().zip(&amounts) {
        let head = format!(
            "{}  {:6}  {amount:>amount_width$}  {:outcome_width$}  {}",
            time(&row.created_at),
            row.action,
            outcome(row),
            plain(&row.request_id),
        );
        text.push_str(&out.dress(Dress::Bold, &head));
        text.push_str(&about(row));
        text.push('\n');
        for line in &row.story {
            let line = format!("  {}  {}", time(&line.at), plain(&line.event));
            text.push_str(&out.dress(Dress::Dim, &line));
            text.push('\n');
        }
    }
    text
}

fn amount(row: &Row) -> String {
    match row.currency.parse() {
        Ok(currency) => Amount::new(row.amount, currency).to_string(),
        Err(_) => row.amount.to_string(),
    }
}

/// Gives the outcome; what is refused because it runs is running.
fn outcome(row: &Row) -> &str {
    if row.code == 8 { "running" } else { &row.outcome }
}

fn about(row: &Row) -> String {
    let mut about = String::new();
    if let Some(purpose) = row.purpose.as_deref().filter(|purpose| !purpose.is_empty()) {
        about.push_str(&format!("  \"{}\"", plain(purpose)));
    }
    if let Some(payment) = &row.payment_id {
        about.push_str(&format!("  of {}", plain(payment)));
    }
    if let Some(late) = &row.late_payment {
        about.push_str(&format!("  late payment: {late}"));
    }
    if row.sandbox {
        about.push_str("  sandbox");
    }
    about
}

/// Writes a time without its milliseconds: `2026-05-16 10:09:47Z`.
fn time(iso: &str) -> String {
    let whole = iso.split_once('.').map_or(iso, |(whole, _)| whole);
    format!("{}Z", whole.trim_end_matches('Z').replacen('T', " ", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_to_the_second() {
        assert_eq!(time("2026-05-16T10:09:47.565Z"), "2026-05-16 10:09:47Z");
        assert_eq!(time("2026-05-16T10:09:47Z"), "2026-05-16 10:09:47Z");
    }

    #[test]
    fn an_empty_journal_is_told() {
        assert_eq!(table(&[], Out::new()), "Nothing.\n");
    }
}
