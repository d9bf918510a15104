//! The customer with the wallet: sees what can be paid, pays it, declines it or walks away.

use super::Bank;
use super::payment::{Kind, Paid, Payment, Stage};
use crate::ledger::Movement;
use crate::money::Money;
use crate::view::BankName;
pub use crate::view::{Entered, PaymentView, Refusal, ViewState};

/// So many decided payments are kept in view.
const RECENT_MAX: usize = 20;

impl Bank {
    /// Returns what can be paid at `now_ms`, the oldest end of life first.
    #[must_use]
    pub fn open_payments(&self, now_ms: i64) -> Vec<PaymentView> {
        self.open_ids(now_ms)
            .filter_map(|id| self.payments.get(id).map(|payment| self.view(id, payment, now_ms)))
            .collect()
    }

    /// Returns the external ids of what can be paid at `now_ms`, the oldest end of life first.
    pub fn open_ids(&self, now_ms: i64) -> impl Iterator<Item = &str> {
        let first = (now_ms.saturating_add(1), String::new());
        self.open.range(first..).map(|(_, id)| id.as_str())
    }

    /// Returns what customers decided on last, newest first.
    #[must_use]
    pub fn recent_payments(&self, now_ms: i64) -> Vec<PaymentView> {
        self.recent
            .iter()
            .filter_map(|id| self.payments.get(id).map(|payment| self.view(id, payment, now_ms)))
            .collect()
    }

    /// Returns one payment by its external id or code.
    #[must_use]
    pub fn payment(&self, now_ms: i64, external_id_or_code: &str) -> Option<PaymentView> {
        let id = self.find(now_ms, external_id_or_code).ok()?;
        self.payments.get(&id).map(|payment| self.view(&id, payment, now_ms))
    }

    /// Finds an issued code by its last part, which is what a wallet page's address carries.
    #[must_use]
    pub fn code_ending_in(&self, tail: &str) -> Option<&str> {
        if tail.is_empty() {
            return None;
        }
        let whole = format!("{}{tail}", self.behaviour.code_prefix);
        if let Some((code, _)) = self.codes.get_key_value(&whole) {
            return Some(code);
        }
        let ends = |code: &&String| code.strip_suffix(tail).is_some_and(|rest| rest.ends_with('/'));
        self.codes.keys().find(ends).map(String::as_str)
    }

    /// The customer opens the code in the wallet.
    ///
    /// # Errors
    /// There is no such payment.
    pub fn scan(&mut self, now_ms: i64, external_id_or_code: &str) -> Result<(), Refusal> {
        let id = self.find(now_ms, external_id_or_code)?;
        if let Some(payment) = self.payments.get_mut(&id)
            && !payment.scanned
        {
            payment.scanned = true;
            self.touch();
        }
        Ok(())
    }

    /// The customer pays; returns what was paid, in the payment's currency.
    ///
    /// # Errors
    /// It cannot be paid, or not so; no money was moved then.
    pub fn approve(
        &mut self,
        now_ms: i64,
        external_id_or_code: &str,
        entered: Option<Entered>,
    ) -> Result<Money, Refusal> {
        let id = self.find(now_ms, external_id_or_code)?;
        let payment = self.payments.get(&id).ok_or(Refusal::Unknown)?;
        self.payable(payment, now_ms)?;
        let gross = self.gross(payment, entered)?;
        let (sum, withdrawal) = self.price(gross);
        let rate = self.behaviour.cross.filter(|_| withdrawal.currency != sum.currency);
        let payment = self.payments.get_mut(&id).ok_or(Refusal::Unknown)?;
        payment.scanned = true;
        payment.stage = Stage::Paid(Paid {
            at_ms: now_ms,
            gross,
            payment: sum,
            withdrawal,
            rate: rate.map(|cross| cross.rate),
        });
        let end_ms = payment.expires_at_ms;
        self.ledger.record(Movement::Paid { external_id: id.clone(), sum, at_ms: now_ms });
        self.close(end_ms, id);
        Ok(sum)
    }

    /// The wallet declines, for want of money.
    ///
    /// # Errors
    /// It cannot be paid any more, so it cannot be declined either.
    pub fn decline(&mut self, now_ms: i64, external_id_or_code: &str) -> Result<(), Refusal> {
        self.end(now_ms, external_id_or_code, Stage::Declined { at_ms: now_ms })
    }

    /// The customer cancels in the wallet.
    ///
    /// # Errors
    /// It cannot be paid any more, so it cannot be cancelled either.
    pub fn cancel(&mut self, now_ms: i64, external_id_or_code: &str) -> Result<(), Refusal> {
        self.end(now_ms, external_id_or_code, Stage::Cancelled { at_ms: now_ms })
    }

    fn end(&mut self, now_ms: i64, key: &str, stage: Stage) -> Result<(), Refusal> {
        let id = self.find(now_ms, key)?;
        let payment = self.payments.get(&id).ok_or(Refusal::Unknown)?;
        self.payable(payment, now_ms)?;
        let end_ms = payment.expires_at_ms;
        if let Some(payment) = self.payments.get_mut(&id) {
            payment.scanned = true;
            payment.stage = stage;
        }
        self.close(end_ms, id);
        Ok(())
    }

    /// Takes a decided payment from what is open, unless a decline may still be paid.
    fn close(&mut self, end_ms: i64, id: String) {
        self.recent.retain(|other| *other != id);
        self.recent.truncate(RECENT_MAX - 1);
        self.recent.push_front(id.clone());
        let payable = self.payments.get(&id).is_some_and(|payment| {
            matches!(payment.stage, Stage::Declined { .. }) && self.behaviour.declined_can_pay
        });
        if !payable {
            self.open.remove(&(end_ms, id));
        }
        self.touch();
    }

    fn payable(&self, payment: &Payment, now_ms: i64) -> Result<(), Refusal> {
        match &payment.stage {
            Stage::Issued => Err(Refusal::NotPayable),
            Stage::Paid(_) => Err(Refusal::AlreadyPaid),
            Stage::Cancelled { .. } => Err(Refusal::Ended),
            Stage::Declined { .. } if !self.behaviour.declined_can_pay => Err(Refusal::Ended),
            Stage::Payable | Stage::Declined { .. } if payment.alive(now_ms) => Ok(()),
            Stage::Payable | Stage::Declined { .. } => Err(Refusal::Expired),
        }
    }

    fn gross(&self, payment: &Payment, entered: Option<Entered>) -> Result<Money, Refusal> {
        let Some(entered) = entered else {
            return payment.asked.ok_or(Refusal::AmountNeeded);
        };
        let asked = payment.asked.map_or(self.behaviour.currency, |asked| asked.currency);
        let sum = Money::new(entered.amount, entered.currency.unwrap_or(asked));
        if payment.kind == Kind::Order && payment.asked.is_some_and(|asked| asked != sum) {
            return Err(Refusal::AmountFixed);
        }
        if sum.amount == 0 || sum.currency != asked {
            return Err(Refusal::BadAmount);
        }
        Ok(sum)
    }

    /// Takes the discount off and converts: what the merchant is paid, what the customer pays.
    fn price(&self, gross: Money) -> (Money, Money) {
        let sum = Money::new(self.behaviour.discount.apply(gross.amount), gross.currency);
        let cross = self.behaviour.cross.filter(|cross| cross.currency != sum.currency);
        let withdrawal =
            cross.map(|cross| Money::new(cross.rate.convert(sum.amount), cross.currency));
        (sum, withdrawal.unwrap_or(sum))
    }

    fn find(&self, now_ms: i64, key: &str) -> Result<String, Refusal> {
        if self.payments.contains_key(key) {
            return Ok(key.to_owned());
        }
        if let Some(id) = self.codes.get(key) {
            return Ok(id.clone());
        }
        let hangs = |id: &&str| {
            let payment = self.payments.get(*id);
            payment.is_some_and(|payment| payment.codes.iter().any(|code| code == key))
        };
        let mut found = self.open_ids(now_ms).filter(hangs);
        match (found.next(), found.next()) {
            (Some(id), None) => Ok(id.to_owned()),
            (Some(_), Some(_)) => Err(Refusal::Ambiguous),
            (None, _) => Err(Refusal::Unknown),
        }
    }

    fn view(&self, id: &str, payment: &Payment, now_ms: i64) -> PaymentView {
        let (state, ended_at_ms) = match &payment.stage {
            Stage::Paid(paid) if payment.given_back() => (ViewState::Refunded, Some(paid.at_ms)),
            Stage::Paid(paid) => (ViewState::Paid, Some(paid.at_ms)),
            Stage::Declined { at_ms } => (ViewState::Declined, Some(*at_ms)),
            Stage::Cancelled { at_ms } => (ViewState::Cancelled, Some(*at_ms)),
            Stage::Issued | Stage::Payable if !payment.alive(now_ms) => (ViewState::Expired, None),
            Stage::Issued => (ViewState::Issued, None),
            Stage::Payable => (ViewState::Open, None),
        };
        let priced = match &payment.stage {
            Stage::Paid(paid) => Some((paid.payment, paid.withdrawal)),
            Stage::Issued | Stage::Payable | Stage::Declined { .. } | Stage::Cancelled { .. } => {
                payment.asked.map(|asked| self.price(asked))
            }
        };
        let open = self.open.contains(&(payment.expires_at_ms, id.to_owned()));
        PaymentView {
            bank: BankName::Octo,
            payable: open && payment.alive(now_ms),
            external_id: id.to_owned(),
            code: payment.codes.first().cloned().unwrap_or_default(),
            kind: payment.kind,
            state,
            merchant: self.behaviour.merchant.name.clone(),
            description: payment.description.clone(),
            reference_order_id: payment.reference_order_id.clone(),
            asked: payment.asked,
            amount: priced.map(|(sum, _)| sum),
            withdrawal: priced.map(|(_, withdrawal)| withdrawal),
            currency: payment.asked.map_or(self.behaviour.currency, |asked| asked.currency),
            refunded: payment.refunded,
            created_at_ms: payment.created_at_ms,
            payable_since_ms: payment.payable_since_ms,
            expires_at_ms: payment.expires_at_ms,
            ended_at_ms,
        }
    }
}
