//! What people and scripts are shown while an operation goes on, and after it.

pub(crate) mod answer;
mod events;
pub(crate) mod history;
mod lines;
mod live;
mod qr;
mod status;

use till_core::operation::Action;
use till_core::time::Clock;

use crate::note::{Handed, Note};
use crate::out::Out;
use events::Events;
use lines::Lines;
use live::Live;

/// What an operator is told who wants to cancel a refund.
const CANNOT_CANCEL: &str = "A refund cannot be taken back. Ctrl-C again leaves; it goes on later.";

/// Shows progress.
#[derive(Debug)]
pub(crate) struct Show {
    clock: Clock,
    to: To,
    handed: Option<Handed>,
}

#[derive(Debug)]
enum To {
    Script(Events),
    Reader(Lines),
    Watcher(Box<Live>),
}

impl Show {
    /// Begins.
    pub(crate) fn new(json: bool, out: Out, action: Action, purpose: &str) -> Self {
        let clock = Clock::new();
        let now = clock.now();
        let to = if json {
            To::Script(Events::new(action, now))
        } else if out.live {
            To::Watcher(Box::new(Live::new(out, action, purpose, now)))
        } else {
            To::Reader(Lines::new(action, now))
        };
        Self { clock, to, handed: None }
    }

    /// Shows a step.
    pub(crate) fn note(&mut self, note: &Note) {
        if let Note::HandedOver(handed) = note {
            // The bank wants the same thing again with every answer until the customer acts.
            if self.handed.as_ref() == Some(handed) {
                return;
            }
            self.handed = Some(handed.clone());
        }
        let now = self.clock.now();
        match &mut self.to {
            To::Script(events) => events.note(note, now),
            To::Reader(lines) => lines.note(note, now),
            To::Watcher(live) => live.note(note, now),
        }
    }

    /// Shows that time passed; called about once a second.
    pub(crate) fn tick(&mut self) {
        let now = self.clock.now();
        match &mut self.to {
            To::Script(events) => events.tick(now),
            To::Reader(lines) => lines.tick(now),
            To::Watcher(live) => live.tick(now),
        }
    }

    /// Shows that Ctrl-C was pressed; `cancels`: the payment is given up.
    pub(crate) fn interrupted(&mut self, cancels: bool) {
        let now = self.clock.now();
        match &mut self.to {
            To::Script(events) => events.interrupted(cancels),
            To::Reader(lines) => lines.interrupted(cancels, now),
            To::Watcher(live) => live.interrupted(cancels, now),
        }
    }

    /// Takes a code off the screen.
    pub(crate) fn end(&mut self) {
        match &mut self.to {
            To::Watcher(live) => live.take_away(),
            To::Script(_) | To::Reader(_) => {}
        }
    }
}
