//! Refunds by Gate: whole or in part, once under each name.

use serde_json::Value;

use super::gate::{Signed, object, request_id, text};
use super::payment::{Operation, OperationKind, OperationStatus, Payment, Stage};
use super::sale::words;
use super::timer::Timer;
use super::{Platform, Refused, random_word};
use crate::http::Response;
use crate::ledger::Movement;
use crate::money::Money;
use crate::view::Refusal;

/// Refunds of these sums are declined in a test project.
const DECLINED: [u64; 2] = [50_000, 50_500];
/// The same unnamed refund again in this time is taken for a duplicate, ms.
const DUPLICATE_MS: i64 = 10_000;
const DAY_MS: i64 = 86_400_000;

impl Platform {
    pub(super) fn refund(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        signed: &Signed,
    ) -> Result<Response, Refused> {
        let Value::Object(body) = &signed.body else { return Err(Refused::new(2003)) };
        let id = signed.payment_id.clone().ok_or_else(|| Refused::field("general.payment_id"))?;
        let wish = object(body, "payment")?;
        text(wish, "payment", "description")?;
        text(object(body, "customer")?, "customer", "ip_address")?;
        let refund_id = match wish.get("merchant_refund_id") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) if !name.is_empty() && name.len() <= 255 => {
                Some(name.clone())
            }
            Some(_) => return Err(Refused::field("payment.merchant_refund_id")),
        };
        let payment = self.payments.get(&id).ok_or_else(|| Refused::new(3061))?;
        if !payment.known(now_ms, &self.behaviour) {
            return Err(Refused::new(3061));
        }
        if refund_id.as_ref().is_some_and(|name| self.refunds.contains_key(name)) {
            return Err(Refused::new(3230));
        }
        if !self.behaviour.refunds {
            return Err(Refused::new(3610));
        }
        let currency = words(wish, "currency");
        if !currency.is_empty() && currency != payment.sum.currency.as_str() {
            return Err(Refused::new(3284));
        }
        let amount = match wish.get("amount") {
            None | Some(Value::Null) => None,
            Some(amount) => {
                let amount = amount.as_u64().filter(|amount| *amount > 0);
                Some(amount.ok_or_else(|| Refused::field("payment.amount"))?)
            }
        };
        let amount = self.refundable(now_ms, payment, amount, refund_id.is_none())?;
        let sum = Money::new(amount, payment.sum.currency);
        let whole = payment.reserved == 0 && amount == payment.sum.amount;
        let same_day = payment.ended_ms.is_some_and(|at_ms| at_ms / DAY_MS == now_ms / DAY_MS);
        let request = request_id(entropy);
        let operation = Operation {
            id: self.operation_id(),
            kind: if whole && same_day && self.behaviour.reversals {
                OperationKind::Reversal
            } else {
                OperationKind::Refund
            },
            status: OperationStatus::Processing,
            code: None,
            request_id: request.clone(),
            sum,
            created_ms: now_ms,
            at_ms: now_ms,
            refund_id: refund_id.clone(),
            provider_word: random_word(entropy, 2),
        };
        let number = operation.id;
        if let Some(payment) = self.payments.get_mut(&id) {
            payment.reserved += amount;
            payment.operations.push(operation);
        }
        if let Some(name) = refund_id {
            self.refunds.insert(name, id.clone());
        }
        self.requests.insert(request.clone(), (id.clone(), now_ms));
        if let Some(after_ms) = self.behaviour.refund_after_ms {
            let done_ms = now_ms.saturating_add(after_ms);
            self.timers.insert((done_ms, Timer::Refund(id.clone(), number)));
            self.advance(now_ms);
        }
        self.touch();
        Ok(self.accepted(&id, &request))
    }

    /// Says how much goes back, or why nothing does.
    fn refundable(
        &self,
        now_ms: i64,
        payment: &Payment,
        amount: Option<u64>,
        unnamed: bool,
    ) -> Result<u64, Refused> {
        if payment.stage != Stage::Paid {
            return Err(Refused::new(3060));
        }
        let left = payment.sum.amount.saturating_sub(payment.reserved);
        let refunds = || payment.operations.iter().filter(|one| one.kind != OperationKind::Sale);
        let duplicate = |one: &Operation| {
            unnamed
                && one.refund_id.is_none()
                && one.status != OperationStatus::Decline
                && one.sum.amount == amount.unwrap_or(payment.sum.amount)
                && now_ms < one.created_ms.saturating_add(DUPLICATE_MS)
        };
        if refunds().any(duplicate) {
            return Err(Refused::new(3613));
        }
        if left == 0 {
            // What is all back has a status that allows no refund; what is on its way back has not.
            return Err(Refused::new(if payment.refunded > 0 { 3060 } else { 3283 }));
        }
        let pause_ms = self.behaviour.refund_pause_ms;
        if refunds().any(|one| now_ms < one.created_ms.saturating_add(pause_ms)) {
            return Err(Refused::new(3285));
        }
        match amount {
            None => Ok(left),
            Some(amount) if amount > left => Err(Refused::new(3283)),
            Some(amount) => Ok(amount),
        }
    }

    /// Ends a refund that waits for it, for good or for bad, by either of its names.
    ///
    /// # Errors
    /// There is no such refund, or it has ended already.
    pub fn finish_refund(&mut self, now_ms: i64, name: &str, good: bool) -> Result<(), Refusal> {
        let requested = || self.requests.get(name).map(|(id, _)| id);
        let id = self.refunds.get(name).or_else(requested).ok_or(Refusal::Unknown)?.clone();
        let payment = self.payments.get(&id).ok_or(Refusal::Unknown)?;
        let named = |one: &&Operation| {
            one.kind != OperationKind::Sale
                && (one.refund_id.as_deref() == Some(name) || one.request_id == name)
        };
        let operation = payment.operations.iter().find(named).ok_or(Refusal::Unknown)?;
        if operation.status != OperationStatus::Processing {
            return Err(Refusal::Ended);
        }
        let number = operation.id;
        self.end_refund(now_ms, &id, number, Some(good));
        Ok(())
    }

    pub(super) fn end_refund(&mut self, at_ms: i64, id: &str, number: u64, good: Option<bool>) {
        let test = self.behaviour.test_amounts;
        let Some(payment) = self.payments.get_mut(id) else { return };
        let Some(one) = payment.operations.iter_mut().find(|one| one.id == number) else { return };
        if one.status != OperationStatus::Processing {
            return;
        }
        let good = good.unwrap_or_else(|| !(test && DECLINED.contains(&one.sum.amount)));
        one.at_ms = at_ms;
        one.code = Some(if good { 0 } else { 20_000 });
        one.status = if good { OperationStatus::Success } else { OperationStatus::Decline };
        let (sum, name) = (one.sum, one.refund_id.clone().unwrap_or(one.request_id.clone()));
        if good {
            payment.refunded += sum.amount;
            self.ledger.record(Movement::Refunded {
                external_id: name,
                payment_external_id: id.to_owned(),
                sum,
                at_ms,
            });
        } else {
            payment.reserved -= sum.amount;
        }
        self.touch();
        self.tell(at_ms, id, Some(number));
    }
}
