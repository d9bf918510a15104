//! Progress for people who watch: the code, and one line under it that changes in place.

use till_core::operation::Action;
use till_core::time::Now;

use super::lines::{code, handed_over};
use super::qr;
use super::status::{Patience, Status};
use crate::note::{Form, Note};
use crate::out::{self, Dress, Out, plain};

/// No line of the block is longer, or it would take two and the block could not be taken away.
const WIDTH: usize = 78;

/// Draws on a terminal.
#[derive(Debug)]
pub(super) struct Live {
    out: Out,
    action: Action,
    purpose: String,
    status: Status,
    wallet_url: Option<String>,
    /// How many lines are above the one that changes.
    lines: usize,
    drawn: bool,
}

impl Live {
    pub(super) fn new(out: Out, action: Action, purpose: &str, now: Now) -> Self {
        Self {
            out,
            action,
            purpose: plain(purpose),
            status: Status::new(action, now),
            wallet_url: None,
            lines: 0,
            drawn: false,
        }
    }

    pub(super) fn note(&mut self, note: &Note, now: Now) {
        self.status.take(note, self.action, now);
        match note {
            Note::Wallet { url } => self.wallet_url = Some(url.clone()),
            Note::CodeShown { code_value, form, amount, expires_at_ms: _ } => {
                let mut block = vec![self.title(&amount.to_string()), String::new()];
                let drawn = qr::draw(code_value, self.out.colour());
                match drawn.filter(|_| *form == Form::Text) {
                    Some(drawn) => block.extend(drawn.iter().map(|line| format!("  {line}"))),
                    None => block.push(format!("  {}", cut(&code(code_value, *form)))),
                }
                block.push(String::new());
                if let Some(wallet) = &self.wallet_url {
                    let say = "Open this page to pay as the customer:";
                    block.push(format!("  {}", self.out.dress(Dress::Dim, say)));
                    // The page of an older run's code is at this run's address.
                    let page = code_value.split_once("/w/").map_or("", |(_, page)| page);
                    block.push(format!("  {}", cut(&plain(&format!("{wallet}/w/{page}")))));
                }
                self.take_away();
                self.put(&block);
            }
            Note::HandedOver(handed) => {
                self.put(&[format!("  {}", cut(&handed_over(handed)))]);
            }
            // The code must be off the screen before the bank is asked for the last time.
            Note::Closing | Note::NotConfirmed => self.take_away(),
            Note::HolderGone => {
                self.put(
                    &["  The till that had the journal is gone; this one goes on.".to_owned()],
                );
            }
            Note::Started { .. }
            | Note::InWallet
            | Note::BankSilent { .. }
            | Note::BankRefuses { .. } => {}
        }
        self.tick(now);
    }

    pub(super) fn tick(&mut self, now: Now) {
        let text = self.status.text(&now);
        let left = self.status.left_s(&now).map(|s| format!("{}:{:02}  ", s / 60, s % 60));
        let left = left.unwrap_or_default();
        let dress = match self.status.patience(&now) {
            Patience::Usual => None,
            Patience::Longer => Some(Dress::Bold),
            Patience::Urge => Some(Dress::Care),
        };
        // A dressed text has a blank at each end.
        let room = WIDTH.saturating_sub(left.len() + 2);
        let text = cut_to(&text, room);
        let text = dress.map_or_else(|| text.clone(), |dress| self.out.dress(dress, &text));
        let left = self.out.dress(Dress::Bold, &left);
        draw(&format!("\r\x1b[2K  {left}{text}"));
        self.drawn = true;
    }

    pub(super) fn interrupted(&mut self, cancels: bool, now: Now) {
        if cancels {
            self.status.cancel();
        } else {
            self.put(&[format!("  {}", super::CANNOT_CANCEL)]);
        }
        self.tick(now);
    }

    /// Takes everything off the screen.
    pub(super) fn take_away(&mut self) {
        if self.lines > 0 {
            draw(&format!("\r\x1b[{}A\x1b[J", self.lines));
            self.lines = 0;
        } else if self.drawn {
            draw("\r\x1b[2K");
        }
        self.drawn = false;
    }

    fn title(&self, amount: &str) -> String {
        let sandbox = match self.wallet_url {
            Some(_) => self.out.dress(Dress::Care, "SANDBOX") + "  ",
            None => String::new(),
        };
        let amount = self.out.dress(Dress::Bold, amount);
        let purpose: String = self.purpose.chars().take(WIDTH / 2).collect();
        format!("  {sandbox}{amount}  {purpose}")
    }

    /// Puts lines above the one that changes.
    fn put(&mut self, block: &[String]) {
        draw(&format!("\r\x1b[2K{}\n", block.join("\n")));
        self.lines += block.len();
    }
}

/// Cuts a text that is too long for the block.
fn cut(text: &str) -> String {
    cut_to(text, WIDTH)
}

fn cut_to(text: &str, mut room: usize) -> String {
    let fits = |letter: &char| {
        let left = room.checked_sub(columns(*letter));
        room = left.unwrap_or(0);
        left.is_some()
    };
    let mut short: String = text.chars().take_while(fits).collect();
    if short.len() < text.len() {
        short.pop();
        short.push('…');
    }
    short
}

/// Gives the columns that a letter takes at most: Chinese ones take two.
fn columns(letter: char) -> usize {
    if letter < '\u{1100}' { 1 } else { 2 }
}

fn draw(text: &str) {
    // If nobody can see it the payment goes on all the same.
    let _nobody_sees = out::print(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_block() {
        assert_eq!(cut(&"x".repeat(78)), "x".repeat(78));
        assert_eq!(cut(&"x".repeat(79)), format!("{}…", "x".repeat(77)));
        assert_eq!(cut(&"茶".repeat(40)).chars().count(), 39);
    }
}
