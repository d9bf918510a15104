//! What happens by itself: Alipay answers, payments end, refunds are done.

use serde::{Deserialize, Serialize};

use super::Platform;
use super::payment::{OperationStatus, Stage};
use super::{Expired, Shows};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Timer {
    /// Alipay says where the customer goes.
    Show(String),
    /// A payment's life ends.
    Expire(String),
    /// A refund is done: the payment's name, the operation's number.
    Refund(String, u64),
}

impl Platform {
    /// Lets everything happen that is due at `now_ms`.
    pub fn advance(&mut self, now_ms: i64) {
        while let Some((at_ms, timer)) = self.timers.first().cloned() {
            if at_ms > now_ms {
                break;
            }
            self.timers.pop_first();
            match timer {
                Timer::Show(id) => self.show(at_ms, &id),
                Timer::Expire(id) => self.expire(at_ms, &id),
                Timer::Refund(id, operation) => self.end_refund(at_ms, &id, operation, None),
            }
            self.touch();
        }
    }

    fn show(&mut self, at_ms: i64, id: &str) {
        let processing = |stage| stage == Stage::Processing;
        if !self.payments.get(id).is_some_and(|payment| processing(payment.stage)) {
            return;
        }
        if self.behaviour.shows == Shows::Nothing {
            return;
        }
        self.set_stage(at_ms, id, Stage::Waiting, OperationStatus::Redirect);
        if let Some(payment) = self.payments.get_mut(id) {
            payment.payable_ms = Some(at_ms);
        }
        self.open.insert(id.to_owned());
        self.tell(at_ms, id, None);
    }

    fn expire(&mut self, at_ms: i64, id: &str) {
        self.open.remove(id);
        let Some(payment) = self.payments.get(id) else { return };
        match payment.stage {
            Stage::Processing | Stage::Clarification | Stage::Waiting => {}
            // An opened page without a payment leaves nothing behind; with one, it ends like it.
            Stage::Page if payment.operations.is_empty() => return,
            Stage::Page => {}
            Stage::Paid | Stage::Declined | Stage::Expired => return,
        }
        let status = match self.behaviour.expired {
            Expired::Decline => OperationStatus::Decline,
            Expired::Expired => OperationStatus::Expired,
        };
        self.end(at_ms, id, Stage::Expired, status, 20_602);
    }

    /// Ends a sale.
    pub(super) fn end(
        &mut self,
        at_ms: i64,
        id: &str,
        stage: Stage,
        status: OperationStatus,
        code: u32,
    ) {
        if let Some(payment) = self.payments.get_mut(id) {
            payment.ended_ms = Some(at_ms);
            if let Some(sale) = payment.sale() {
                sale.code = Some(code);
            }
        }
        self.set_stage(at_ms, id, stage, status);
        self.tell(at_ms, id, None);
    }
}
