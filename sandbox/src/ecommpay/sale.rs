//! Sales by Gate: accepted first, worked on later.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::gate::{Signed, object, request_id, text};
use super::payment::{Begun, Callbacks, Operation, OperationKind, OperationStatus, Payment, Stage};
use super::timer::Timer;
use super::{ClarifyBy, Platform, Refused, random_word};
use crate::http::Response;
use crate::money::{Currency, Money};

/// The least and greatest sums, in minor units (the method's description).
const LIMITS: [(&str, u64, Option<u64>); 2] = [("CNY", 1_000, Some(500_000)), ("USD", 100, None)];
/// A callback may be put off for so long at most, s.
const DELAY_MAX_S: u64 = 600;

impl Platform {
    pub(super) fn sale(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        signed: &Signed,
    ) -> Result<Response, Refused> {
        let Value::Object(body) = &signed.body else { return Err(Refused::new(2003)) };
        let id = signed.payment_id.clone().ok_or_else(|| Refused::field("general.payment_id"))?;
        let sum = self.sum(object(body, "payment")?)?;
        let customer = object(body, "customer")?;
        let customer_id = text(customer, "customer", "id")?;
        let ip_address = text(customer, "customer", "ip_address")?;
        if ip_address.parse::<std::net::IpAddr>().is_err() {
            return Err(Refused::field("customer.ip_address"));
        }
        let back = text(object(body, "return_url")?, "return_url", "return")?;
        let callbacks = self.callbacks_of(body)?;
        if self.payments.get(&id).is_some_and(|payment| payment.stage != Stage::Page) {
            return Err(Refused::new(3041));
        }
        let request = request_id(entropy);
        if self.behaviour.lose_sales > 0 {
            self.behaviour.lose_sales -= 1;
            self.touch();
            return Ok(self.accepted(&id, &request));
        }
        let known = customer.iter().filter_map(|(name, value)| {
            let value = value.as_str().filter(|value| !value.is_empty())?;
            Some((name.clone(), value.to_owned()))
        });
        let payment = Payment {
            begun: Begun::Gate,
            sum,
            description: words(object(body, "payment")?, "description"),
            customer_id,
            customer: known.collect(),
            return_url: Some(back),
            callbacks,
            word: random_word(entropy, 1),
            created_ms: now_ms,
            appears_ms: now_ms.saturating_add(self.behaviour.appears_after_ms),
            ends_ms: now_ms.saturating_add(self.behaviour.life_ms),
            payable_ms: None,
            stage: Stage::Processing,
            cancelled: false,
            ended_ms: None,
            operations: Vec::new(),
            refunded: 0,
            reserved: 0,
        };
        self.begin(now_ms, entropy, &id, payment, &request);
        if !self.missing(&id).is_empty() {
            self.ask_for_more(now_ms, &id);
            if self.behaviour.clarify_by == ClarifyBy::Answer {
                return Err(Refused::about(3191, &self.missing(&id).join(", ")));
            }
        } else {
            let shows_ms = now_ms.saturating_add(self.behaviour.shows_after_ms);
            self.timers.insert((shows_ms, Timer::Show(id.clone())));
            self.advance(now_ms);
        }
        Ok(self.accepted(&id, &request))
    }

    /// Enters a payment into the books, with its first operation.
    pub(super) fn begin(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        id: &str,
        mut payment: Payment,
        request: &str,
    ) {
        let operation = self.sale_operation(now_ms, entropy, payment.sum, request);
        self.orders.insert(operation.id, id.to_owned());
        payment.operations.push(operation);
        self.timers.insert((payment.ends_ms, Timer::Expire(id.to_owned())));
        self.words.insert(payment.word.clone(), id.to_owned());
        self.requests.insert(request.to_owned(), (id.to_owned(), now_ms));
        self.payments.insert(id.to_owned(), payment);
        self.touch();
    }

    pub(super) fn sale_operation(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        sum: Money,
        request: &str,
    ) -> Operation {
        Operation {
            id: self.operation_id(),
            kind: OperationKind::Sale,
            status: OperationStatus::Processing,
            code: None,
            request_id: request.to_owned(),
            sum,
            created_ms: now_ms,
            at_ms: now_ms,
            refund_id: None,
            provider_word: random_word(entropy, 2),
        }
    }

    /// Reads and judges a sum: `amount` and `currency`.
    fn sum(&self, payment: &Map<String, Value>) -> Result<Money, Refused> {
        let amount = payment.get("amount").and_then(Value::as_u64).filter(|amount| *amount > 0);
        let amount = amount.ok_or_else(|| Refused::field("payment.amount"))?;
        let code = text(payment, "payment", "currency")?;
        self.judged(amount, &code)
    }

    /// Judges a sum by the project's currencies and the method's limits.
    pub(super) fn judged(&self, amount: u64, code: &str) -> Result<Money, Refused> {
        let currency = Currency::new(code).ok_or_else(|| Refused::new(3121))?;
        if !self.behaviour.currencies.contains(&currency) {
            return Err(Refused::new(3023));
        }
        if let Some((_, least, most)) = LIMITS.iter().find(|(limited, ..)| *limited == code) {
            if amount < *least {
                return Err(Refused::about(2701, "the amount is less than the method's minimum"));
            }
            if most.is_some_and(|most| amount > most) {
                return Err(Refused::new(2642));
            }
        }
        Ok(Money::new(amount, currency))
    }

    /// Reads where callbacks are wanted: `general.merchant_callback_url` and `callback`.
    fn callbacks_of(&self, body: &Map<String, Value>) -> Result<Callbacks, Refused> {
        let general = object(body, "general")?;
        let url = match general.get("merchant_callback_url") {
            None | Some(Value::Null) => self.behaviour.callback_url.clone(),
            Some(Value::String(url)) if is_address(url) => Some(url.clone()),
            Some(_) => return Err(Refused::field("general.merchant_callback_url")),
        };
        let mut callbacks = Callbacks { url, delay_ms: 0, off: false };
        if let Some(wishes) = body.get("callback").and_then(Value::as_object) {
            let delay_s = wishes.get("delay").and_then(Value::as_u64).unwrap_or(0);
            let delay_s = i64::try_from(delay_s.min(DELAY_MAX_S)).unwrap_or(0);
            callbacks.delay_ms = delay_s * 1_000;
            callbacks.off = wishes.get("force_disable").and_then(Value::as_u64) == Some(1);
        }
        Ok(callbacks)
    }

    /// Names the parameters that this platform needs and was not told.
    pub(super) fn missing(&self, id: &str) -> Vec<String> {
        let none = BTreeMap::new();
        let known = self.payments.get(id).map_or(&none, |payment| &payment.customer);
        let needed = self.behaviour.clarify.iter();
        needed.filter(|name| !known.contains_key(*name)).cloned().collect()
    }
}

/// Reads a text that may be missing.
pub(super) fn words(members: &Map<String, Value>, name: &str) -> String {
    members.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

pub(super) fn is_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty()) && !url.contains(char::is_whitespace)
}
