//! The customer: scans, opens pages, pays, declines or walks away.

use super::payment::{Begun, OperationStatus, Payment, Stage};
use super::{Cancelled, Platform};
use crate::ledger::Movement;
use crate::money::Money;
use crate::view::{BankName, Kind, PaymentView, Refusal, ViewState};

/// So many ended payments are kept in view.
const RECENT_MAX: usize = 20;
/// Sales of these sums are declined in a test project.
const DECLINED: [u64; 2] = [40_000, 40_400];

/// What a customer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Pay,
    Decline,
    Cancel,
}

impl Platform {
    /// Returns what can be paid at `now_ms`, the oldest first.
    #[must_use]
    pub fn open_payments(&self, now_ms: i64) -> Vec<PaymentView> {
        let mut open: Vec<PaymentView> =
            self.open.iter().filter_map(|id| self.payment(now_ms, id)).collect();
        open.retain(|payment| payment.payable);
        open.sort_by_key(|payment| payment.created_at_ms);
        open
    }

    /// Returns what ended last, newest first.
    #[must_use]
    pub fn recent_payments(&self, now_ms: i64) -> Vec<PaymentView> {
        self.recent.iter().filter_map(|id| self.payment(now_ms, id)).collect()
    }

    /// Returns one payment by its payment_id or what stands at the end of its code's address.
    #[must_use]
    pub fn payment(&self, now_ms: i64, key: &str) -> Option<PaymentView> {
        let id = self.find(key)?;
        self.payments.get(&id).map(|payment| self.view(&id, payment, now_ms))
    }

    /// Finds a payment by its name, its code, the end of its code, or Alipay's order number.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<String> {
        if self.payments.contains_key(key) {
            return Some(key.to_owned());
        }
        let word = key.rsplit('/').next().unwrap_or(key);
        let by_order = || self.orders.get(&word.parse().ok()?);
        self.words.get(word).or_else(by_order).cloned()
    }

    /// The customer pays; returns whether the money went over: a test project declines some sums.
    ///
    /// # Errors
    /// It cannot be paid; no money was moved then.
    pub fn approve(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        key: &str,
    ) -> Result<bool, Refusal> {
        let id = self.find(key).ok_or(Refusal::Unknown)?;
        let sum = self.payments.get(&id).map(|payment| payment.sum.amount);
        let fails = self.behaviour.test_amounts && sum.is_some_and(|sum| DECLINED.contains(&sum));
        self.choose(now_ms, entropy, &id, if fails { Choice::Decline } else { Choice::Pay })?;
        Ok(!fails)
    }

    /// The wallet declines, for want of money.
    ///
    /// # Errors
    /// It cannot be paid any more, so it cannot be declined either.
    pub fn decline(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        key: &str,
    ) -> Result<(), Refusal> {
        self.choose(now_ms, entropy, key, Choice::Decline)
    }

    /// The customer cancels.
    ///
    /// # Errors
    /// It cannot be paid any more, so it cannot be cancelled either.
    pub fn cancel(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        key: &str,
    ) -> Result<(), Refusal> {
        self.choose(now_ms, entropy, key, Choice::Cancel)
    }

    fn choose(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        key: &str,
        choice: Choice,
    ) -> Result<(), Refusal> {
        self.advance(now_ms);
        let id = self.find(key).ok_or(Refusal::Unknown)?;
        let payment = self.payments.get(&id).ok_or(Refusal::Unknown)?;
        self.payable(payment, now_ms)?;
        let sum = payment.sum;
        self.choose_on_page(now_ms, entropy, &id)?;
        let (stage, status, code) = match choice {
            Choice::Pay => (Stage::Paid, OperationStatus::Success, 0),
            Choice::Decline if self.behaviour.test_amounts && DECLINED.contains(&sum.amount) => {
                (Stage::Declined, OperationStatus::Decline, 20_000)
            }
            Choice::Decline => (Stage::Declined, OperationStatus::Decline, 20_105),
            Choice::Cancel if self.behaviour.cancelled == Cancelled::Canceled => {
                (Stage::Declined, OperationStatus::Canceled, 301)
            }
            Choice::Cancel => (Stage::Declined, OperationStatus::Decline, 20_301),
        };
        if choice == Choice::Pay {
            self.ledger.record(Movement::Paid { external_id: id.clone(), sum, at_ms: now_ms });
        }
        if let Some(payment) = self.payments.get_mut(&id) {
            payment.cancelled = choice == Choice::Cancel;
        }
        self.end(now_ms, &id, stage, status, code);
        self.recent.retain(|other| *other != id);
        self.recent.truncate(RECENT_MAX - 1);
        self.recent.push_front(id.clone());
        let again = self.payments.get(&id).is_some_and(|payment| self.retries(payment));
        if !again {
            self.open.remove(&id);
        }
        Ok(())
    }

    /// Tells whether a declined payment may be tried again.
    fn retries(&self, payment: &Payment) -> bool {
        payment.begun == Begun::Page
            && payment.stage == Stage::Declined
            && self.behaviour.page_retries
    }

    fn payable(&self, payment: &Payment, now_ms: i64) -> Result<(), Refusal> {
        match payment.stage {
            Stage::Processing | Stage::Clarification => Err(Refusal::NotPayable),
            Stage::Paid => Err(Refusal::AlreadyPaid),
            Stage::Expired => Err(Refusal::Expired),
            Stage::Declined if !self.retries(payment) => Err(Refusal::Ended),
            Stage::Page | Stage::Waiting | Stage::Declined if payment.alive(now_ms) => Ok(()),
            Stage::Page | Stage::Waiting | Stage::Declined => Err(Refusal::Expired),
        }
    }

    fn view(&self, id: &str, payment: &Payment, now_ms: i64) -> PaymentView {
        let payable = self.payable(payment, now_ms).is_ok();
        let state = match payment.stage {
            Stage::Processing | Stage::Clarification => ViewState::Issued,
            Stage::Page | Stage::Waiting if payable => ViewState::Open,
            Stage::Page | Stage::Waiting | Stage::Expired => ViewState::Expired,
            Stage::Paid if payment.refunded >= payment.sum.amount => ViewState::Refunded,
            Stage::Paid => ViewState::Paid,
            Stage::Declined if payment.cancelled => ViewState::Cancelled,
            Stage::Declined => ViewState::Declined,
        };
        let Money { currency, .. } = payment.sum;
        let description = Some(payment.description.clone()).filter(|text| !text.is_empty());
        PaymentView {
            bank: BankName::Ecommpay,
            payable,
            external_id: id.to_owned(),
            code: format!("{}{}", self.behaviour.code_prefix, payment.word),
            kind: Kind::Order,
            state,
            merchant: self.behaviour.merchant.clone(),
            description,
            reference_order_id: None,
            asked: Some(payment.sum),
            amount: Some(payment.sum),
            withdrawal: Some(payment.sum),
            currency,
            refunded: payment.refunded,
            created_at_ms: payment.created_ms,
            payable_since_ms: payment.payable_ms,
            expires_at_ms: payment.ends_ms,
            ended_at_ms: payment.ended_ms,
        }
    }
}
