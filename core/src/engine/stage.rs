//! What a screen may show while an operation goes on.

use super::{Engine, Output};
use crate::money::Amount;
use crate::operation::{CodeForm, Operation, State, Verdict};
use crate::time::Now;

/// Is a step of an operation that people can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is on disk, and the bank is being asked for a code, or for the refund.
    Started {
        /// The sum.
        amount: Amount,
    },
    /// The customer can pay: show this code.
    CodeShown {
        /// What the QR code holds, or a picture of it.
        code_value: String,
        /// What `code_value` is.
        form: CodeForm,
        /// When its showing ends, wall clock, in milliseconds.
        expires_at_ms: i64,
        /// How long it is shown at most, in milliseconds from now.
        left_ms: u64,
        /// The sum.
        amount: Amount,
    },
    /// The customer was handed over to the wallet; there is nothing to show.
    HandedToWallet,
    /// The code is off the screen, and the bank is asked once more.
    Closing,
    /// Not confirmed yet: the bank is asked on.
    NotConfirmed,
    /// The bank did not answer the last call.
    BankSilent {
        /// What happened.
        why: String,
    },
    /// The bank does not accept this terminal at present.
    BankRefuses {
        /// The bank's words.
        message: String,
    },
}

impl Engine {
    /// Tells all callers of an operation what its new state means for a screen.
    pub(super) fn tell_stage(&mut self, now: Now, key: u64, before: &State) {
        let Some(live) = self.live.get(&key) else { return };
        if std::mem::discriminant(before) == std::mem::discriminant(&live.operation.state) {
            return;
        }
        if let Some(stage) = stage_of(&live.operation, &now, self.wait_ms(&live.operation)) {
            self.show(key, &stage);
        }
    }

    /// Tells all callers of an operation that a call brought nothing.
    pub(super) fn tell_trouble(&mut self, key: u64, verdict: &Verdict) {
        let stage = match verdict {
            Verdict::Rejected(_, message) => Stage::BankRefuses { message: message.clone() },
            Verdict::Unanswered { why, .. } => Stage::BankSilent { why: why.clone() },
            Verdict::CodeIssued(_)
            | Verdict::Open(_)
            | Verdict::Confirmed
            | Verdict::Paid(_)
            | Verdict::OtherSum(_)
            | Verdict::NotPaid(_)
            | Verdict::Undecided(_)
            | Verdict::NoWord(_)
            | Verdict::Exists
            | Verdict::Accepted(_)
            | Verdict::Wanted(_)
            | Verdict::Lacking(_)
            | Verdict::Relayed(_)
            | Verdict::Mismatch(_) => return,
        };
        self.show(key, &stage);
    }

    pub(super) fn show(&mut self, key: u64, stage: &Stage) {
        let Some(live) = self.live.get(&key) else { return };
        let operation = &live.operation;
        self.out.extend(live.waiters.iter().map(|waiter| Output::Stage {
            waiter: waiter.id,
            operation: operation.id.clone(),
            request_id: operation.order.request_id.clone(),
            stage: stage.clone(),
        }));
    }
}

/// Gives what a screen shows of an operation in this state; `None` if it has its answer.
pub(super) fn stage_of(operation: &Operation, now: &Now, wait_ms: u64) -> Option<Stage> {
    let amount = operation.order.amount;
    match &operation.state {
        State::Creating(_) => Some(Stage::Started { amount }),
        State::Waiting(waiting) => match &waiting.code {
            Some(code) => {
                let left_ms = waiting.life.left(now).min(now.left_of(&waiting.since, wait_ms));
                let left = i64::try_from(left_ms).unwrap_or(i64::MAX);
                Some(Stage::CodeShown {
                    code_value: code.value.clone(),
                    form: code.form,
                    expires_at_ms: now.wall_ms.saturating_add(left),
                    left_ms,
                    amount,
                })
            }
            None => Some(Stage::HandedToWallet),
        },
        State::Closing(_) => Some(Stage::Closing),
        State::InDoubt(_) => Some(Stage::NotConfirmed),
        State::Approved(_)
        | State::NotPaid(_)
        | State::Refused(_)
        | State::Closed(_)
        | State::Late(_) => None,
    }
}
