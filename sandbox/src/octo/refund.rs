//! refund (section 4.6): money back, whole or in part, at once or later.

use serde::{Deserialize, Serialize};

use super::answer::{Refused, Response, iso};
use super::customer::Refusal;
use super::payment::{Paid, Payment, Stage, Verdict};
use super::wire::{Figures, Order, RefundAnswer, ResultAnswer};
use super::{Bank, RefundAnswer as Answer, RefundMode, RefundSum, Repeated, parse};
use crate::ledger::Movement;
use crate::money::{Money, Rate};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Refund {
    /// The payment's external id.
    payment: String,
    reference_order_id: String,
    order: Money,
    /// The whole payment, in its currency.
    paid: Money,
    /// What goes back, in the payment's currency.
    sum: Money,
    /// What the customer gets, in the customer's currency, and the rate, if it is another.
    quote: Option<(Money, Rate)>,
    created_at_ms: i64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Running { answer: Answer, fails: bool },
    Done,
    Failed,
}

/// What one refund call asks for.
struct Wish<'a> {
    reference: &'a str,
    order: Option<Money>,
    payment: Option<Money>,
    /// `None`: all that is left.
    sum: Option<Money>,
}

impl Refund {
    pub(super) fn verdict(&self) -> Verdict {
        match self.state {
            State::Running { .. } => Verdict::new("PENDING", "U", "Refund is being processed"),
            State::Done => Verdict::new("SUCCESS", "S", "Operation completed"),
            State::Failed => Verdict::new("FAILED", "F", "Refund failed"),
        }
    }

    /// Returns the figures that process has for a refund: those of its request.
    pub(super) fn figures(&self) -> Figures<'_> {
        Figures {
            payment_amount: Some(self.paid.amount),
            payment_currency: Some(self.paid.currency),
            withdrawal_amount: Some(self.sum.amount),
            withdrawal_currency: Some(self.sum.currency),
            reference_order_id: Some(&self.reference_order_id),
            order_description: None,
            order_amount: Some(self.order.amount),
            order_currency: Some(self.order.currency),
        }
    }

    fn answer(&self, external_id: &str) -> Response {
        let result = match self.state {
            State::Done | State::Running { answer: Answer::Success, .. } => ResultAnswer {
                result_code: "SUCCESS",
                result_status: "S",
                result_message: "Refund initiated",
            },
            State::Running { answer: Answer::Pending, .. } => ResultAnswer {
                result_code: "PENDING",
                result_status: "U",
                result_message: "Refund is being processed",
            },
            State::Failed => ResultAnswer {
                result_code: "REFUND_FAILED",
                result_status: "F",
                result_message: "Refund failed",
            },
        };
        // Across currencies the customer's money leads and both sums are of this refund, as in
        // the document's example; else refundFrom* is the payment that it is taken from.
        let (back, from) = match self.quote {
            Some((customer, _)) => (customer, self.sum),
            None => (self.sum, self.paid),
        };
        let pair = |(money, _): (Money, Rate)| format!("{}/{}", self.sum.currency, money.currency);
        let answer = RefundAnswer {
            external_id,
            created_at: Some(iso(self.created_at_ms)),
            refund_amount: Some(back.amount),
            refund_currency: Some(back.currency),
            refund_from_amount: Some(from.amount),
            refund_from_currency: Some(from.currency),
            refund_quote_currency_pair: self.quote.map(pair),
            refund_quote_price: self.quote.map(|(_, rate)| rate.to_string()),
            result,
        };
        Response::json(200, &answer)
    }
}

impl Bank {
    pub(super) fn refund(&mut self, now_ms: i64, body: &[u8]) -> Response {
        let request: Order<'_> = match parse(body) {
            Ok(request) => request,
            Err(refused) => return Response::refund_refused(&refused, ""),
        };
        let external_id = match request.external_id.required("externalId") {
            Ok(external_id) => external_id,
            Err(refused) => return Response::refund_refused(&refused, ""),
        };
        self.try_refund(now_ms, external_id, &request)
            .unwrap_or_else(|refused| Response::refund_refused(&refused, external_id))
    }

    /// Ends an asynchronous refund, for good or for bad.
    ///
    /// # Errors
    /// There is no such refund, or it has ended already.
    pub fn finish_refund(
        &mut self,
        now_ms: i64,
        external_id: &str,
        success: bool,
    ) -> Result<(), Refusal> {
        let refund = self.refunds.get_mut(external_id).ok_or(Refusal::Unknown)?;
        if !matches!(refund.state, State::Running { .. }) {
            return Err(Refusal::Ended);
        }
        refund.state = if success { State::Done } else { State::Failed };
        let (payment_id, sum) = (refund.payment.clone(), refund.sum);
        self.due.retain(|(_, id)| id != external_id);
        if let Some(payment) = self.payments.get_mut(&payment_id) {
            if success {
                payment.refunded += sum.amount;
            } else {
                payment.reserved -= sum.amount;
            }
        }
        if success {
            self.ledger.record(Movement::Refunded {
                external_id: external_id.to_owned(),
                payment_external_id: payment_id,
                sum,
                at_ms: now_ms,
            });
        }
        self.touch();
        Ok(())
    }

    /// Ends the refunds whose time has come, at their own time.
    pub(super) fn settle_due(&mut self, now_ms: i64) {
        while let Some((at_ms, _)) = self.due.first() {
            if *at_ms > now_ms {
                return;
            }
            let Some((at_ms, external_id)) = self.due.pop_first() else { return };
            let ends_well = self
                .refunds
                .get(&external_id)
                .is_some_and(|refund| matches!(refund.state, State::Running { fails: false, .. }));
            let ended = self.finish_refund(at_ms, &external_id, ends_well);
            debug_assert!(ended.is_ok(), "a refund that is due is running");
        }
    }

    fn try_refund(
        &mut self,
        now_ms: i64,
        external_id: &str,
        request: &Order<'_>,
    ) -> Result<Response, Refused> {
        let wish = self.read_wish(request)?;
        if self.payments.contains_key(external_id) {
            return Err(Refused::other_parameters(external_id));
        }
        if let Some(refund) = self.refunds.get(external_id) {
            if self.behaviour.repeated == Repeated::Exists {
                return Err(Refused::exists(external_id));
            }
            let same = refund.reference_order_id == wish.reference
                && wish.sum.is_none_or(|sum| sum == refund.sum);
            return if same {
                Ok(refund.answer(external_id))
            } else {
                Err(Refused::other_parameters(external_id))
            };
        }
        let refund = self.accept(now_ms, &wish)?;
        if let Some(payment) = self.payments.get_mut(&refund.payment) {
            payment.reserved += refund.sum.amount;
        }
        self.refunds.insert(external_id.to_owned(), refund);
        self.touch();
        match self.behaviour.refund {
            RefundMode::AtOnce => self.end_at_once(now_ms, external_id, true),
            RefundMode::Fails => self.end_at_once(now_ms, external_id, false),
            RefundMode::Later(later) => {
                if let Some(after_ms) = later.after_ms {
                    self.due.insert((now_ms.saturating_add(after_ms), external_id.to_owned()));
                }
            }
        }
        self.refunds
            .get(external_id)
            .map(|refund| refund.answer(external_id))
            .ok_or_else(|| Refused::new(500, "SERVER_ERROR", "The refund was not kept"))
    }

    fn end_at_once(&mut self, now_ms: i64, external_id: &str, success: bool) {
        let ended = self.finish_refund(now_ms, external_id, success);
        debug_assert!(ended.is_ok(), "a refund just made is running");
    }

    fn read_wish<'a>(&self, request: &'a Order<'_>) -> Result<Wish<'a>, Refused> {
        let reference = request.reference_order_id.required("referenceOrderId")?;
        let (order, payment) = (request.order()?, request.payment()?);
        if order.is_none() && payment.is_none() {
            return Err(Refused::missing("orderAmount"));
        }
        request.order_currency.required("orderCurrency")?;
        let withdrawal = request.withdrawal()?;
        Ok(match self.behaviour.refund_sum {
            RefundSum::Withdrawal => Wish { reference, order, payment, sum: withdrawal },
            RefundSum::Payment => Wish { reference, order, payment: None, sum: payment },
        })
    }

    /// Finds the payment, checks the figures and the sum, and makes the running refund.
    fn accept(&self, now_ms: i64, wish: &Wish<'_>) -> Result<Refund, Refused> {
        let ids = self.orders.get(wish.reference).map(Vec::as_slice).unwrap_or_default();
        let mut candidates = ids.iter().filter_map(|id| {
            let payment = self.payments.get(id)?;
            paid(payment).map(|paid| (id, payment, paid))
        });
        let matches = |payment: &Payment, paid: &Paid| {
            wish.order.is_none_or(|order| order == payment.order.unwrap_or(paid.payment))
                && wish.payment.is_none_or(|sum| sum == paid.payment)
        };
        let not_found = || match ids {
            [] => format!("Payment not found: {}", wish.reference),
            _ => format!("Payment is not paid: {}", wish.reference),
        };
        let Some(first) = candidates.next() else {
            return Err(Refused::invalid(not_found()));
        };
        let fitting = core::iter::once(first)
            .chain(candidates)
            .find(|(_, payment, paid)| matches(payment, paid));
        let Some((id, payment, paid)) = fitting else {
            return Err(Refused::invalid("The amounts differ from those of the payment"));
        };
        let left = paid.payment.amount.saturating_sub(payment.reserved);
        let sum = wish.sum.unwrap_or(Money { amount: left, ..paid.payment });
        if sum.currency != paid.payment.currency {
            return Err(Refused::invalid(format!(
                "The refund must be in the payment's currency, {}",
                paid.payment.currency
            )));
        }
        if sum.amount == 0 || sum.amount > left {
            let message = format!("Refund amount {sum} exceeds the refundable amount {left}");
            let status = self.behaviour.refusal_status;
            return Err(Refused::new(status, "REFUND_AMOUNT_EXCEEDED", message));
        }
        let quote = paid
            .rate
            .map(|rate| (Money::new(rate.convert(sum.amount), paid.withdrawal.currency), rate));
        let state = match self.behaviour.refund {
            RefundMode::AtOnce => State::Running { answer: Answer::Success, fails: false },
            RefundMode::Fails => State::Running { answer: Answer::Success, fails: true },
            RefundMode::Later(later) => State::Running { answer: later.answer, fails: later.fails },
        };
        Ok(Refund {
            payment: id.clone(),
            reference_order_id: wish.reference.to_owned(),
            order: payment.order.unwrap_or(paid.payment),
            paid: paid.payment,
            sum,
            quote,
            created_at_ms: now_ms,
            state,
        })
    }
}

fn paid(payment: &Payment) -> Option<&Paid> {
    match &payment.stage {
        Stage::Paid(paid) => Some(paid),
        Stage::Issued | Stage::Payable | Stage::Declined { .. } | Stage::Cancelled { .. } => None,
    }
}
