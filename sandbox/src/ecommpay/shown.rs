//! What a callback says: how the payment goes on for its customer, or how it ended.

use serde_json::{Map, Value, json};

use super::payment::{Begun, Payment, Stage};
use super::picture::qr_png;
use super::{Platform, Shows, signature};

impl Platform {
    /// Puts a callback about a payment into the outbox: about this operation, or about its sale.
    pub(super) fn tell(&mut self, now_ms: i64, id: &str, operation: Option<u64>) {
        let Some(payment) = self.payments.get(id) else { return };
        let told = match operation {
            Some(number) => payment.operations.iter().find(|one| one.id == number),
            None => payment
                .operations
                .iter()
                .rev()
                .find(|one| one.kind == super::payment::OperationKind::Sale),
        };
        let mut body = payment.head(id, &self.behaviour);
        if let Some(told) = told {
            body.insert("operation".to_owned(), told.json(&self.behaviour));
        }
        let more = if operation.is_none() { self.prescription(id, payment) } else { Map::new() };
        // What asks for something to be done cannot be refused.
        let wanted = !more.is_empty() || !payment.callbacks.off;
        body.extend(more);
        let body = signature::signed(Value::Object(body), &self.behaviour.secret);
        let status = payment.status(&self.behaviour);
        let url = payment.callbacks.url.clone().filter(|_| wanted);
        let due_ms = now_ms.saturating_add(payment.callbacks.delay_ms);
        self.outbox.put(id, status, url.as_deref(), due_ms, body);
        self.touch();
    }

    /// Gives what the merchant has to do: show something, send the customer somewhere, tell more.
    pub(super) fn prescription(&self, id: &str, payment: &Payment) -> Map<String, Value> {
        let mut more = Map::new();
        let mut put = |name: &str, value: Value| {
            more.insert(name.to_owned(), value);
        };
        match payment.stage {
            Stage::Clarification => {
                put("clarification_fields", json!({ "customer": self.missing(id) }));
            }
            Stage::Waiting if payment.begun == Begun::Gate => match self.behaviour.shows {
                Shows::RedirectGet | Shows::RedirectPost => {
                    put("redirect_data", self.redirection(payment));
                }
                Shows::QrData | Shows::QrImg | Shows::QrUrl => {
                    put("display_data", self.display(payment));
                }
                Shows::Nothing => {}
            },
            Stage::Page
            | Stage::Processing
            | Stage::Waiting
            | Stage::Paid
            | Stage::Declined
            | Stage::Expired => {}
        }
        more
    }

    fn redirection(&self, payment: &Payment) -> Value {
        let front = &self.behaviour.front_url;
        if self.behaviour.shows == Shows::RedirectGet {
            let url = format!("{front}/alipay/{}", payment.word);
            return json!({ "method": "GET", "body": [], "encrypted": [], "url": url });
        }
        let order = payment.operations.first().map_or(0, |one| one.id);
        let body = json!({
            "order_no": order.to_string(), "amount": decimal(payment), "payment_channel": "ALIPAY",
            "sign": payment.word, "signType": "RSA", "currency": payment.sum.currency,
            "body": payment.description, "app_id": "4391",
            "return_url": payment.return_url.clone().unwrap_or_default(),
        });
        json!({
            "method": "POST", "body": body, "encrypted": [], "url": format!("{front}/alipay/h5"),
        })
    }

    fn display(&self, payment: &Payment) -> Value {
        let code = format!("{}{}", self.behaviour.code_prefix, payment.word);
        let (kind, data) = match self.behaviour.shows {
            Shows::QrUrl => {
                let front = &self.behaviour.front_url;
                ("qr_url", format!("{front}/qr/{}.png", payment.word))
            }
            Shows::QrImg => ("qr_img", data_encoding::BASE64.encode(&qr_png(&code))),
            Shows::QrData | Shows::RedirectGet | Shows::RedirectPost | Shows::Nothing => {
                ("qr_data", code)
            }
        };
        let mut shown = vec![json!({ "type": kind, "title": "QR code", "data": data })];
        if let Some(seconds) = self.behaviour.qr_timeout_s {
            let (title, data) = ("QR Code Timeout", seconds.to_string());
            shown.push(json!({ "type": "add_info", "title": title, "data": data }));
        }
        Value::Array(shown)
    }

    /// Draws the picture that `qr_url` leads to; `None` for an unknown code.
    #[must_use]
    pub fn picture(&self, word: &str) -> Option<Vec<u8>> {
        let known = self.words.contains_key(word);
        known.then(|| qr_png(&format!("{}{word}", self.behaviour.code_prefix)))
    }
}

/// Writes a sum in major units, as Alipay wants it.
fn decimal(payment: &Payment) -> String {
    let places = usize::try_from(payment.sum.currency.exponent()).unwrap_or(2);
    let digits = format!("{:0width$}", payment.sum.amount, width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}
