//! perform, confirm and process (sections 4.2 to 4.4).

use super::answer::{Refused, Response};
use super::payment::{Kind, Payment, Stage};
use super::wire::{Figures, Order, ProcessAnswer, ResultAnswer};
use super::{Action, Bank, Expired, Repeated, parse, random_word};
use crate::money::Money;

/// Three random words make a payload of a length that nobody mistakes for an id.
const PAYLOAD_WORDS: usize = 6;

/// What one perform call asks for.
struct Terms<'a> {
    external_id: &'a str,
    code: &'a str,
    user_id: &'a str,
    reference_order_id: Option<&'a str>,
    description: Option<&'a str>,
    order: Option<Money>,
    payment: Option<Money>,
}

impl<'a> Terms<'a> {
    fn read(request: &'a Order<'_>) -> Result<Self, Refused> {
        let external_id = request.external_id.required("externalId")?;
        let code = request.code_value.required("codeValue")?;
        let user_id = request.user_id.required("userId")?;
        let (order, payment) = (request.order()?, request.payment()?);
        request.withdrawal()?;
        Ok(Self {
            external_id,
            code,
            user_id,
            reference_order_id: request.reference_order_id.optional("referenceOrderId")?,
            description: request.order_description.optional("orderDescription")?,
            order: order.or(payment),
            payment: payment.or(order),
        })
    }

    /// Tells whether a payment was made by these terms, so that this call is a repetition.
    fn made(&self, payment: &Payment) -> bool {
        payment.codes.iter().any(|code| code == self.code)
            && payment.user_id == self.user_id
            && payment.reference_order_id.as_deref() == self.reference_order_id
            && payment.description.as_deref() == self.description
            && payment.order == self.order
            && payment.asked == self.payment
    }
}

impl Bank {
    pub(super) fn perform(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        body: &[u8],
    ) -> Result<Response, Refused> {
        let request: Order<'_> = parse(body)?;
        let terms = Terms::read(&request)?;
        if self.refunds.contains_key(terms.external_id) {
            return Err(Refused::other_parameters(terms.external_id));
        }
        match self.payments.get(terms.external_id) {
            Some(payment) if payment.stage != Stage::Issued => {
                if self.behaviour.repeated == Repeated::Exists {
                    return Err(Refused::exists(terms.external_id));
                }
                if !terms.made(payment) {
                    return Err(Refused::other_parameters(terms.external_id));
                }
            }
            Some(payment) => {
                if !payment.codes.iter().any(|code| code == terms.code) {
                    return Err(Refused::invalid("codeValue belongs to another operation"));
                }
                if !payment.alive(now_ms) {
                    return Err(Refused::invalid("codeValue has expired"));
                }
                self.bind_order(now_ms, entropy, &terms);
            }
            None => self.open_entry(now_ms, entropy, &terms)?,
        }
        let Some(payment) = self.payments.get(terms.external_id) else {
            return Err(Refused::new(500, "SERVER_ERROR", "The payment was not kept"));
        };
        let status = payment.status(now_ms, &self.behaviour, "CREATED");
        Ok(Response::json(200, &payment.answer(terms.external_id, status, &self.behaviour)))
    }

    /// Binds the amount to an issued code: from here on the customer can pay it.
    fn bind_order(&mut self, now_ms: i64, entropy: &mut dyn FnMut() -> u64, terms: &Terms<'_>) {
        let payload = payload(self.behaviour.order_action, entropy);
        let Some(payment) = self.payments.get_mut(terms.external_id) else { return };
        payment.payload = payload;
        payment.reference_order_id = terms.reference_order_id.map(str::to_owned);
        payment.description = terms.description.map(str::to_owned);
        payment.order = terms.order;
        payment.asked = terms.payment;
        payment.payable_since_ms = Some(now_ms);
        payment.stage = Stage::Payable;
        let end_ms = payment.expires_at_ms;
        self.make_payable(end_ms, terms);
    }

    /// Starts a payment by a code on the wall: any web address that is not one of our codes.
    fn open_entry(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        terms: &Terms<'_>,
    ) -> Result<(), Refused> {
        if self.codes.contains_key(terms.code) {
            return Err(Refused::invalid("codeValue belongs to another operation"));
        }
        if !terms.code.starts_with("https://") && !terms.code.starts_with("http://") {
            return Err(Refused::invalid("Unknown codeValue"));
        }
        let expires_at_ms = now_ms.saturating_add(self.behaviour.entry_life_ms);
        let payment = Payment {
            kind: Kind::Entry,
            codes: vec![terms.code.to_owned()],
            user_id: terms.user_id.to_owned(),
            reference_order_id: terms.reference_order_id.map(str::to_owned),
            description: terms.description.map(str::to_owned),
            order: terms.order,
            asked: terms.payment,
            payload: payload(self.behaviour.entry_action, entropy),
            created_at_ms: now_ms,
            payable_since_ms: Some(now_ms),
            expires_at_ms,
            scanned: false,
            stage: Stage::Payable,
            refunded: 0,
            reserved: 0,
        };
        self.payments.insert(terms.external_id.to_owned(), payment);
        self.make_payable(expires_at_ms, terms);
        Ok(())
    }

    fn make_payable(&mut self, end_ms: i64, terms: &Terms<'_>) {
        self.open.insert((end_ms, terms.external_id.to_owned()));
        if let Some(reference) = terms.reference_order_id {
            let external_id = terms.external_id.to_owned();
            match self.orders.get_mut(reference) {
                Some(ids) => ids.push(external_id),
                None => {
                    self.orders.insert(reference.to_owned(), vec![external_id]);
                }
            }
        }
        self.touch();
    }

    pub(super) fn confirm(&self, now_ms: i64, body: &[u8]) -> Result<Response, Refused> {
        let request: Order<'_> = parse(body)?;
        let external_id = request.external_id.required("externalId")?;
        let code = request.code_value.required("codeValue")?;
        request.user_id.required("userId")?;
        let payment = self
            .payments
            .get(external_id)
            .filter(|payment| payment.stage != Stage::Issued)
            .ok_or_else(|| self.unknown())?;
        if !payment.codes.iter().any(|own| own == code) {
            return Err(Refused::invalid("codeValue belongs to another operation"));
        }
        let ended = payment.stage == Stage::Payable && !payment.alive(now_ms);
        if ended && self.behaviour.expired == Expired::InvalidRequest {
            return Err(self.unknown());
        }
        let status = payment.status(now_ms, &self.behaviour, "PENDING");
        Ok(Response::json(200, &payment.answer(external_id, status, &self.behaviour)))
    }

    pub(super) fn process(&self, now_ms: i64, body: &[u8]) -> Result<Response, Refused> {
        let request: Order<'_> = parse(body)?;
        let external_id = request.external_id.required("externalId")?;
        let known = if let Some(payment) = self.payments.get(external_id) {
            Some((payment.verdict(now_ms, &self.behaviour), payment.figures()))
        } else {
            let refund = self.refunds.get(external_id).filter(|_| self.behaviour.refund_inquiry);
            refund.map(|refund| (refund.verdict(), refund.figures()))
        };
        let (verdict, figures) = known.ok_or_else(|| self.unknown())?;
        // Whoever is told that there is nothing is not told its sum either.
        let silent = verdict.code == "INVALID_REQUEST";
        let answer = ProcessAnswer {
            result: ResultAnswer {
                result_code: verdict.code,
                result_status: verdict.status,
                result_message: verdict.message,
            },
            figures: if silent { Figures::default() } else { figures },
            external_id,
        };
        Ok(Response::json(if silent { self.behaviour.unknown_status } else { 200 }, &answer))
    }

    fn unknown(&self) -> Refused {
        let status = self.behaviour.unknown_status;
        Refused::new(status, "INVALID_REQUEST", "Unknown externalId")
    }
}

/// Makes what the SDK would get, if the action is the SDK's.
fn payload(action: Action, entropy: &mut dyn FnMut() -> u64) -> Option<String> {
    (action == Action::Sdk).then(|| random_word(entropy, PAYLOAD_WORDS))
}
