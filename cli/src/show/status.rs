//! What a waiting operation says of itself in one line.

use till_core::operation::Action;
use till_core::time::Now;

use crate::note::Note;
use crate::out::plain;

/// After so long the screen says that it takes longer, in milliseconds: 5 to 8 s in OCTO's
/// document, section 9.
const LONGER_MS: u64 = 8_000;
/// After so long it urges to cancel, in milliseconds.
const URGE_MS: u64 = 30_000;

/// Is where a waiting operation stands.
#[derive(Clone, Debug)]
pub(super) struct Status {
    phase: Phase,
    since: Now,
    /// What the bank's last word, or silence, was about.
    trouble: Option<String>,
    cancelling: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Starting(Action),
    Shown { expires_at_ms: i64 },
    InWallet,
    Closing,
    NotConfirmed(Action),
}

/// Names how urgent it became while a code was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Patience {
    /// Nothing unusual.
    Usual,
    /// It takes longer: cancelling is offered.
    Longer,
    /// It is urged to cancel.
    Urge,
}

impl Status {
    /// Begins.
    pub(super) fn new(action: Action, now: Now) -> Self {
        Self { phase: Phase::Starting(action), since: now, trouble: None, cancelling: false }
    }

    /// Takes a note.
    pub(super) fn take(&mut self, note: &Note, action: Action, now: Now) {
        let phase = match note {
            Note::Wallet { .. } | Note::HolderGone => return,
            Note::BankSilent { why } => {
                self.trouble =
                    Some(format!("The bank does not answer ({}); asking on.", plain(why)));
                return;
            }
            Note::BankRefuses { message } => {
                let message = plain(message);
                self.trouble = Some(format!("The bank does not accept this terminal: {message}"));
                return;
            }
            Note::Started { .. } => Phase::Starting(action),
            Note::CodeShown { expires_at_ms, .. } => Phase::Shown { expires_at_ms: *expires_at_ms },
            Note::HandedOver(_) | Note::InWallet => Phase::InWallet,
            Note::Closing => Phase::Closing,
            Note::NotConfirmed => Phase::NotConfirmed(action),
        };
        self.trouble = None;
        if self.phase != phase {
            (self.phase, self.since) = (phase, now);
        }
    }

    /// Notes that the operator gave up.
    pub(super) fn cancel(&mut self) {
        self.cancelling = true;
    }

    /// Tells how urgent it is.
    pub(super) fn patience(&self, now: &Now) -> Patience {
        let waits = matches!(self.phase, Phase::Shown { .. } | Phase::InWallet);
        match now.since(&self.since) {
            _ if !waits || self.cancelling => Patience::Usual,
            ms if ms >= URGE_MS => Patience::Urge,
            ms if ms >= LONGER_MS => Patience::Longer,
            _ => Patience::Usual,
        }
    }

    /// Gives the seconds that the code is still shown; `None` if none is.
    pub(super) fn left_s(&self, now: &Now) -> Option<u64> {
        let Phase::Shown { expires_at_ms } = self.phase else { return None };
        u64::try_from(expires_at_ms.saturating_sub(now.wall_ms)).ok().map(|ms| ms / 1_000)
    }

    /// Gives the line.
    pub(super) fn text(&self, now: &Now) -> String {
        if self.cancelling && !matches!(self.phase, Phase::Closing) {
            return "Cancelling: the bank has the last word.".to_owned();
        }
        if let Some(trouble) = &self.trouble {
            return trouble.clone();
        }
        let text = match (self.phase, self.patience(now)) {
            (Phase::Starting(Action::Pay), _) => "Asking the bank.",
            (Phase::Starting(Action::Refund), _) => "Asking the bank to give the money back.",
            (Phase::Shown { .. }, Patience::Usual) => "Waiting for the customer. Ctrl-C cancels.",
            (Phase::InWallet, Patience::Usual) => "The customer is in the wallet. Ctrl-C cancels.",
            (Phase::Shown { .. } | Phase::InWallet, Patience::Longer) => {
                "It takes longer than usual. Ctrl-C cancels."
            }
            (Phase::Shown { .. } | Phase::InWallet, Patience::Urge) => {
                "Still not paid. Ctrl-C cancels, unless the customer is just paying."
            }
            (Phase::Closing, _) => "The code is closed. Asking the bank once more.",
            (Phase::NotConfirmed(Action::Pay), _) => {
                "Not confirmed yet. Asking the bank on: do not charge twice."
            }
            (Phase::NotConfirmed(Action::Refund), _) => "Not confirmed yet. Asking the bank on.",
        };
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use till_core::money::Amount;
    use till_core::time::BootId;

    use super::*;
    use crate::note::Form;

    fn at(ms: u64) -> Now {
        Now { wall_ms: i64::try_from(ms).unwrap(), boot_ms: ms, boot: BootId(1) }
    }

    fn shown() -> Status {
        let mut status = Status::new(Action::Pay, at(0));
        let amount = Amount::new(1, "UZS".parse().unwrap());
        let note = Note::CodeShown {
            code_value: "x".to_owned(),
            form: Form::Text,
            expires_at_ms: 121_000,
            amount,
        };
        status.take(&note, Action::Pay, at(1_000));
        status
    }

    #[test]
    fn patience_ends_8_and_30_seconds_after_the_code_was_shown() {
        let status = shown();
        let patience = |ms| status.patience(&at(ms));
        assert_eq!(patience(8_999), Patience::Usual);
        assert_eq!(patience(9_000), Patience::Longer);
        assert_eq!(patience(30_999), Patience::Longer);
        assert_eq!(patience(31_000), Patience::Urge);
        assert!(status.text(&at(9_000)).contains("longer"));
    }

    #[test]
    fn the_countdown_ends_at_zero() {
        let status = shown();
        assert_eq!(status.left_s(&at(1_000)), Some(120));
        assert_eq!(status.left_s(&at(120_999)), Some(0));
        assert_eq!(status.left_s(&at(121_001)), None);
    }

    #[test]
    fn trouble_is_told_until_something_else_happens() {
        let mut status = shown();
        let silent = Note::BankSilent { why: "no\x1b[2Janswer".to_owned() };
        status.take(&silent, Action::Pay, at(5_000));
        assert!(status.text(&at(5_000)).contains("no\u{fffd}[2Janswer"), "{status:?}");
        status.take(&Note::Closing, Action::Pay, at(6_000));
        assert!(status.text(&at(6_000)).contains("once more"), "{status:?}");
    }

    #[test]
    fn nobody_is_urged_who_cancels_already() {
        let mut status = shown();
        status.cancel();
        assert_eq!(status.patience(&at(60_000)), Patience::Usual);
        assert!(status.text(&at(60_000)).starts_with("Cancelling"));
    }
}
