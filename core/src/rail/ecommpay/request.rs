//! What we send to Gate: the bodies of the calls, signed.

use super::json::Json;
use super::settings::Sale;
use super::signature::{NotSignable, sign};
use super::{Ecommpay, Name};
use crate::http::HttpRequest;
use crate::id::ExternalId;
use crate::operation::{Ask, Order};
use crate::rail::Call;

impl Ecommpay {
    /// Names the call.
    pub(super) fn name(&self, call: &Call<'_>) -> Name {
        let pay = call.order.payment().is_none();
        match call.ask {
            Ask::Create if !pay => Name::Refund,
            Ask::Create if !call.wanted.is_empty() => Name::Clarification,
            Ask::Create if call.reference.is_none() && self.settings.sale == Sale::Gate => {
                Name::Sale
            }
            // A page is no call, and what the platform took once is only asked for.
            Ask::Create | Ask::Poll | Ask::Inquire | Ask::Watch | Ask::Close | Ask::Payment => {
                Name::Status
            }
        }
    }

    /// Makes a call.
    pub(super) fn make(&self, call: &Call<'_>) -> HttpRequest {
        let name = self.name(call);
        // What cannot be signed was refused before; unsigned, the platform would refuse it too.
        let body = self.body(name, call.order, call.wanted);
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        HttpRequest::post_json(name.path(), body)
    }

    /// Makes the signed body of a call.
    pub(super) fn body(
        &self,
        name: Name,
        order: &Order,
        wanted: &[String],
    ) -> Result<Json, NotSignable> {
        let (creates, rest) = match name {
            Name::Sale => (true, self.sale(order)),
            Name::Refund => (true, self.refund(order)),
            Name::Clarification => (false, vec![("additional_data", self.additional_data(wanted))]),
            Name::Status => (false, Vec::new()),
        };
        self.signed(asked_id(order), creates, rest)
    }

    /// Gives the value that is known for a parameter that the platform lacks.
    pub(super) fn known(&self, name: &str) -> Option<String> {
        let member = name.strip_prefix("customer.").unwrap_or(name);
        match member {
            "id" => self.settings.customer.id.clone(),
            "ip_address" => Some(self.settings.customer.ip_address.to_string()),
            member => self.settings.customer.more.get(member).cloned(),
        }
    }

    fn sale(&self, order: &Order) -> Vec<(&'static str, Json)> {
        let settings = &self.settings;
        let id = settings.customer.id.as_deref().unwrap_or(order.external_id.as_str());
        let mut customer = vec![
            ("id", Json::text(id)),
            ("ip_address", Json::text(&settings.customer.ip_address.to_string())),
        ];
        let more = settings.customer.more.iter();
        customer.extend(more.map(|(name, value)| (name.as_str(), Json::text(value))));
        let mut payment = vec![
            ("amount", Json::number(order.amount.minor)),
            ("currency", Json::text(order.amount.currency.code())),
        ];
        // It may be left out, and with a semicolon in it it could not be signed.
        let purpose = order.purpose();
        if !purpose.is_empty() && !purpose.contains(';') {
            payment.push(("description", Json::text(purpose)));
        }
        let back = settings.return_url.as_deref().unwrap_or_default();
        let mut return_url = vec![("return", Json::text(back))];
        if let Some(success) = &settings.return_url_success {
            return_url.push(("success", Json::text(success)));
        }
        vec![
            ("customer", Json::object(customer)),
            ("payment", Json::object(payment)),
            ("return_url", Json::object(return_url)),
        ]
    }

    fn refund(&self, order: &Order) -> Vec<(&'static str, Json)> {
        let ip_address = self.settings.customer.ip_address.to_string();
        let name = order.external_id.as_str();
        let payment = vec![
            ("amount", Json::number(order.amount.minor)),
            ("currency", Json::text(order.amount.currency.code())),
            ("description", Json::text(&format!("Refund {name}"))),
            ("merchant_refund_id", Json::text(name)),
        ];
        let customer = Json::object(vec![("ip_address", Json::text(&ip_address))]);
        vec![("customer", customer), ("payment", Json::object(payment))]
    }

    /// Puts what the platform asked for where it asked for it: `customer.email` into `customer`.
    fn additional_data(&self, wanted: &[String]) -> Json {
        let mut data: Vec<(String, Json)> = Vec::new();
        for name in wanted {
            let Some(value) = self.known(name) else { continue };
            let value = Json::text(&value);
            match name.split_once('.') {
                None => data.push((name.clone(), value)),
                Some((group, member)) => {
                    let member = (member.to_owned(), value);
                    let found = data.iter_mut().find(|(own, _)| own == group);
                    match found {
                        Some((_, Json::Object(members))) => members.push(member),
                        Some(_) => {}
                        None => data.push((group.to_owned(), Json::Object(vec![member]))),
                    }
                }
            }
        }
        Json::Object(data)
    }

    /// Puts `general` before the rest of a body, and the signature into it.
    fn signed(
        &self,
        payment_id: &ExternalId,
        creates: bool,
        rest: Vec<(&str, Json)>,
    ) -> Result<Json, NotSignable> {
        let mut general = vec![
            ("project_id", Json::number(self.settings.project_id)),
            ("payment_id", Json::text(payment_id.as_str())),
        ];
        if let (true, Some(address)) = (creates, &self.settings.callback_url) {
            general.push(("merchant_callback_url", Json::text(address)));
        }
        let mut body = vec![("general", Json::object(general.clone()))];
        body.extend(rest.iter().cloned());
        let signature = sign(&Json::object(body), &self.settings.secret)?;
        general.push(("signature", Json::Text(signature)));
        let mut body = vec![("general", Json::object(general))];
        body.extend(rest);
        Ok(Json::object(body))
    }
}

/// Gives the payment that is asked for: the operation itself, or the payment of a refund.
pub(super) fn asked_id(order: &Order) -> &ExternalId {
    match order.payment() {
        Some(payment) => &payment.external_id,
        None => &order.external_id,
    }
}
