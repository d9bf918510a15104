//! The Payment Page: an address that the merchant signs and the customer opens.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::gate::{is_payment_id, request_id};
use super::payment::{Begun, Callbacks, Payment, Stage};
use super::sale::is_address;
use super::{PageBegins, Platform, Refused, random_word, signature};
use crate::view::Refusal;

impl Platform {
    /// The customer opens a page by the query of its address; gives the end of the wallet page's
    /// own address, where the customer decides. A page that was opened before is the same page.
    ///
    /// # Errors
    /// The signature or a parameter is wrong, the page's time is over, or its payment's name was
    /// used by another.
    pub fn open_page(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        query: &str,
    ) -> Result<String, Refused> {
        self.advance(now_ms);
        let mut parameters = parameters(query).ok_or_else(|| Refused::new(2003))?;
        let given = match parameters.remove("signature") {
            Some(Value::String(given)) if !given.is_empty() => given,
            _ => return Err(Refused::new(3262)),
        };
        let signed = Value::Object(parameters.clone());
        let word = |name: &str| {
            let value = parameters.get(name).and_then(Value::as_str);
            value.filter(|value| !value.is_empty()).ok_or_else(|| Refused::field(name))
        };
        if word("project_id")? != self.behaviour.project_id.to_string() {
            return Err(Refused::new(2442));
        }
        if !signature::is_right(&signed, &self.behaviour.secret, &given) {
            return Err(Refused::new(3261));
        }
        let id = word("payment_id")?;
        if !is_payment_id(id) {
            return Err(Refused::new(3024));
        }
        let amount = word("payment_amount")?;
        let digits = amount.bytes().all(|byte| byte.is_ascii_digit());
        let amount: Option<u64> = amount.parse().ok().filter(|amount| digits && *amount > 0);
        let amount = amount.ok_or_else(|| Refused::field("payment_amount"))?;
        let sum = self.judged(amount, word("payment_currency")?)?;
        let customer_id = word("customer_id")?.to_owned();
        if word("force_payment_method").is_ok_and(|method| method != "alipay") {
            return Err(Refused::new(2541));
        }
        let url = match word("merchant_callback_url") {
            Ok(url) if is_address(url) => Some(url.to_owned()),
            Ok(_) => return Err(Refused::field("merchant_callback_url")),
            Err(_) => self.behaviour.callback_url.clone(),
        };
        let ends_ms = match word("best_before") {
            Ok(time) => moment(time).ok_or_else(|| Refused::field("best_before"))?,
            Err(_) => now_ms.saturating_add(self.behaviour.life_ms),
        };
        if let Some(payment) = self.payments.get(id) {
            let same = payment.begun == Begun::Page && payment.sum == sum;
            return if same { Ok(payment.word.clone()) } else { Err(Refused::new(3041)) };
        }
        if now_ms >= ends_ms {
            return Err(Refused::about(3060, "the time of this page is over (best_before)"));
        }
        let id = id.to_owned();
        let description = word("payment_description").unwrap_or_default().to_owned();
        let return_url = word("merchant_success_url").ok().map(str::to_owned);
        let payment = Payment {
            begun: Begun::Page,
            sum,
            description,
            customer_id,
            customer: BTreeMap::new(),
            return_url,
            callbacks: Callbacks { url, delay_ms: 0, off: false },
            word: random_word(entropy, 1),
            created_ms: now_ms,
            appears_ms: now_ms.saturating_add(self.behaviour.appears_after_ms),
            ends_ms,
            payable_ms: Some(now_ms),
            stage: Stage::Page,
            cancelled: false,
            ended_ms: None,
            operations: Vec::new(),
            refunded: 0,
            reserved: 0,
        };
        let word = payment.word.clone();
        self.enter_page(now_ms, entropy, &id, payment);
        Ok(word)
    }

    fn enter_page(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        id: &str,
        mut payment: Payment,
    ) {
        self.open.insert(id.to_owned());
        if self.behaviour.page_begins == PageBegins::Opened {
            payment.ends_ms = now_ms.saturating_add(self.behaviour.life_ms);
            let request = request_id(entropy);
            self.begin(now_ms, entropy, id, payment, &request);
        } else {
            let timer = super::timer::Timer::Expire(id.to_owned());
            self.timers.insert((payment.ends_ms, timer));
            self.words.insert(payment.word.clone(), id.to_owned());
            self.payments.insert(id.to_owned(), payment);
            self.touch();
        }
    }

    /// Puts a sale into a page's payment for the customer's choice, unless one is running.
    pub(super) fn choose_on_page(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        id: &str,
    ) -> Result<(), Refusal> {
        let payment = self.payments.get(id).ok_or(Refusal::Unknown)?;
        let first = payment.operations.is_empty();
        if payment.begun != Begun::Page || (!first && payment.stage == Stage::Page) {
            return Ok(());
        }
        let sum = payment.sum;
        let request = request_id(entropy);
        let operation = self.sale_operation(now_ms, entropy, sum, &request);
        self.requests.insert(request, (id.to_owned(), now_ms));
        let life_ms = self.behaviour.appears_after_ms;
        let payment = self.payments.get_mut(id).ok_or(Refusal::Unknown)?;
        if first {
            payment.appears_ms = now_ms.saturating_add(life_ms);
        }
        payment.operations.push(operation);
        Ok(())
    }
}

/// Reads a query, `application/x-www-form-urlencoded`; of a name that comes twice, the last.
fn parameters(query: &str) -> Option<Map<String, Value>> {
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        parameters.insert(decoded(name)?, Value::String(decoded(value)?));
    }
    Some(parameters)
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = core::str::from_utf8(rest.get(..2)?).ok()?;
                if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = rest.get(2..)?;
            }
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Reads a time of ISO 8601 as Unix ms.
fn moment(text: &str) -> Option<i64> {
    let time: jiff::Timestamp = text.parse().ok()?;
    Some(time.as_millisecond())
}
