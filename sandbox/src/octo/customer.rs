//! The customer with the wallet: sees what can be paid, pays it, declines it or walks away.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Bank;
use super::ledger::Movement;
use super::payment::{Kind, Paid, Payment, Stage};
use crate::money::{Currency, Money};

/// So many decided payments are kept in view.
const RECENT_MAX: usize = 20;

/// An amount that the customer types in for an entry code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Entered {
    /// Minor units.
    pub amount: u64,
    /// `None`: the currency that was asked, else the merchant's.
    #[serde(default)]
    pub currency: Option<Currency>,
}

/// Why the bank does not do what the customer or the operator of the sandbox wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Neither an external id nor a code.
    #[error("no payment has this external id or code")]
    Unknown,
    /// A code on the wall that several payments hang on.
    #[error("several payments are open for this code: name the external id")]
    Ambiguous,
    /// get-qr-code came, perform did not: there is no amount to pay.
    #[error("the code has no payment yet: perform was not called")]
    NotPayable,
    /// The code's life is over.
    #[error("the code has expired")]
    Expired,
    /// The money was moved; it is not moved again.
    #[error("it is paid already")]
    AlreadyPaid,
    /// It was declined, cancelled or, for a refund, has ended.
    #[error("it has ended already")]
    Ended,
    /// An entry code for which nobody named an amount.
    #[error("the customer must enter an amount")]
    AmountNeeded,
    /// An order code has its amount; another was entered.
    #[error("the amount is fixed by the order")]
    AmountFixed,
    /// 0 or another currency than was asked.
    #[error("the amount must be positive and in the payment's currency")]
    BadAmount,
}

/// Where a payment stands for its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewState {
    /// The code is issued, nothing can be paid yet.
    Issued,
    /// It can be paid.
    Open,
    /// Paid, nothing given back in full.
    Paid,
    /// Paid and given back in full.
    Refunded,
    /// The wallet declined it.
    Declined,
    /// The customer cancelled it.
    Cancelled,
    /// Its time is over.
    Expired,
}

/// One payment as the wallet shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaymentView {
    /// The terminal's id of the payment.
    pub external_id: String,
    /// The code, the first if there are several.
    pub code: String,
    /// Order code or entry code.
    pub kind: Kind,
    /// Where it stands.
    pub state: ViewState,
    /// The merchant's name.
    pub merchant: String,
    /// What it is for, as the merchant wrote it: hostile text.
    pub description: Option<String>,
    /// The merchant's order.
    pub reference_order_id: Option<String>,
    /// What was asked; `None`: the customer names it.
    pub asked: Option<Money>,
    /// What the customer pays (paid) after the discount, in the payment's currency.
    pub amount: Option<Money>,
    /// What leaves (left) the wallet, in the customer's currency.
    pub withdrawal: Option<Money>,
    /// The currency for an amount that the customer names.
    pub currency: Currency,
    /// Given back so far, minor units.
    pub refunded: u64,
    /// Unix ms.
    pub created_at_ms: i64,
    /// Since when it can be paid, Unix ms.
    pub payable_since_ms: Option<i64>,
    /// The end of its life, Unix ms.
    pub expires_at_ms: i64,
    /// When it was paid, declined or cancelled, Unix ms.
    pub ended_at_ms: Option<i64>,
}

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
        PaymentView {
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
