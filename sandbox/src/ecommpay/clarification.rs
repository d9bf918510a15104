//! Parameters that a payment lacks: asked for by a callback, and taken.

use serde_json::Value;

use super::gate::{Signed, request_id};
use super::payment::{OperationStatus, Stage};
use super::timer::Timer;
use super::{Platform, Refused};
use crate::http::Response;

impl Platform {
    /// `/v2/payment/clarification`: takes what was missing, and goes on or asks again.
    pub(super) fn clarification(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        signed: &Signed,
    ) -> Result<Response, Refused> {
        let id = signed.payment_id.clone().ok_or_else(|| Refused::field("general.payment_id"))?;
        let data = signed.body.get("additional_data").and_then(Value::as_object);
        let data = data.ok_or_else(|| Refused::field("additional_data"))?;
        let payment = self.payments.get_mut(&id).ok_or_else(|| Refused::new(3061))?;
        if payment.stage == Stage::Page {
            return Err(Refused::new(3061));
        }
        if payment.stage != Stage::Clarification {
            return Err(Refused::new(3060));
        }
        let customer = data.get("customer").and_then(Value::as_object);
        let customer = customer.ok_or_else(|| Refused::field("additional_data.customer"))?;
        for (name, value) in customer {
            match value.as_str().filter(|value| !value.trim().is_empty()) {
                Some(value) => payment.customer.insert(name.clone(), value.to_owned()),
                None => return Err(Refused::field(&format!("additional_data.customer.{name}"))),
            };
        }
        let request = request_id(entropy);
        self.requests.insert(request.clone(), (id.clone(), now_ms));
        if self.missing(&id).is_empty() {
            self.set_stage(now_ms, &id, Stage::Processing, OperationStatus::Processing);
            let shows_ms = now_ms.saturating_add(self.behaviour.shows_after_ms);
            self.timers.insert((shows_ms, Timer::Show(id.clone())));
            self.advance(now_ms);
        } else {
            self.ask_for_more(now_ms, &id);
        }
        self.touch();
        Ok(self.accepted(&id, &request))
    }

    /// Stops a payment until its missing parameters come, and asks for them.
    pub(super) fn ask_for_more(&mut self, now_ms: i64, id: &str) {
        self.set_stage(now_ms, id, Stage::Clarification, OperationStatus::Clarification);
        self.tell(now_ms, id, None);
    }

    /// Moves a payment and its sale on together.
    pub(super) fn set_stage(
        &mut self,
        now_ms: i64,
        id: &str,
        stage: Stage,
        status: OperationStatus,
    ) {
        if let Some(payment) = self.payments.get_mut(id) {
            payment.stage = stage;
            if let Some(sale) = payment.sale() {
                sale.status = status;
                sale.at_ms = now_ms;
            }
        }
        self.touch();
    }
}
