//! Gate: who may call, and which call it is.

use serde_json::{Map, Value, json};

use super::{Platform, Refused, signature};
use crate::call::Call;
use crate::http::{Request, Response};

/// The only method that this platform has.
const METHOD: &str = "alipay";

/// A request whose signature is right.
pub(super) struct Signed {
    pub(super) body: Value,
    /// `general.payment_id`, if there is one.
    pub(super) payment_id: Option<String>,
}

impl Platform {
    /// Answers one call of Gate at `now_ms` (Unix ms); `entropy` makes the names of requests.
    pub fn handle(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        request: &Request<'_>,
    ) -> Response {
        self.advance(now_ms);
        let list = &self.behaviour.allowed_peers;
        let listed = |peer: std::net::IpAddr| list.contains(&peer.to_canonical());
        if !list.is_empty() && !request.peer.is_some_and(listed) {
            return Response::forbidden();
        }
        let call = Call::of_ecommpay_path(request.path);
        let Some(call) = call.filter(|call| *call != Call::Page) else {
            return Response::not_found();
        };
        if request.method != "POST" {
            return Response::method_not_allowed();
        }
        let mut named = None;
        let answered = self.admit(request.body, &mut named).and_then(|signed| {
            let method = request.path.split('/').nth(4).unwrap_or_default();
            if matches!(call, Call::Sale | Call::Refund) && method != METHOD {
                return Err(Refused::about(2541, method));
            }
            match call {
                Call::Sale => self.sale(now_ms, entropy, &signed),
                Call::Refund => self.refund(now_ms, entropy, &signed),
                Call::Clarification => self.clarification(now_ms, entropy, &signed),
                Call::Status
                | Call::Token
                | Call::GetQrCode
                | Call::Perform
                | Call::Confirm
                | Call::Process
                | Call::Page
                | Call::Callback => self.status(now_ms, &signed),
            }
        });
        match answered {
            Ok(answer) => answer,
            Err(refused) => self.refused(&refused, named.as_deref(), entropy),
        }
    }

    /// Reads a request as far as its signature; keeps the payment's name for a refusal.
    fn admit(&self, body: &[u8], named: &mut Option<String>) -> Result<Signed, Refused> {
        let body: Value = serde_json::from_slice(body).map_err(|_| Refused::new(2003))?;
        let Value::Object(members) = &body else {
            return Err(Refused::about(2003, "an object is needed"));
        };
        let general = object(members, "general")?;
        let payment_id = match general.get("payment_id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) if is_payment_id(id) => Some(id.clone()),
            Some(_) => return Err(Refused::new(3024)),
        };
        payment_id.clone_into(named);
        let project = general.get("project_id").ok_or_else(|| field("general.project_id"))?;
        if project.as_u64() != Some(self.behaviour.project_id) {
            return Err(Refused::new(2442));
        }
        let given = match general.get("signature") {
            Some(Value::String(given)) if !given.is_empty() => given,
            None | Some(Value::Null | Value::String(_)) => return Err(Refused::new(3262)),
            Some(_) => return Err(Refused::new(3261)),
        };
        if !signature::is_right(&body, &self.behaviour.secret, given) {
            return Err(Refused::new(3261));
        }
        Ok(Signed { payment_id, body })
    }

    /// Says that a request was taken: no more than that.
    pub(super) fn accepted(&self, payment_id: &str, request_id: &str) -> Response {
        let answer = json!({
            "status": "success", "request_id": request_id,
            "project_id": self.behaviour.project_id, "payment_id": payment_id,
        });
        json_answer(200, &answer)
    }

    fn refused(
        &self,
        refused: &Refused,
        payment_id: Option<&str>,
        entropy: &mut dyn FnMut() -> u64,
    ) -> Response {
        let Refused { code, message } = refused;
        let code = if self.behaviour.numeric_codes { json!(code) } else { json!(code.to_string()) };
        let mut answer = json!({
            "status": "error", "code": code, "message": message,
            "project_id": self.behaviour.project_id, "request_id": request_id(entropy),
        });
        if let (Value::Object(members), Some(id)) = (&mut answer, payment_id) {
            members.insert("payment_id".to_owned(), json!(id));
        }
        json_answer(400, &answer)
    }

    /// `/v2/payment/status`: by the payment's name, or 10 s after it by the request's.
    fn status(&self, now_ms: i64, signed: &Signed) -> Result<Response, Refused> {
        let unknown = || Refused::new(3061);
        let asked = |holder: Option<&Value>| Some(holder?.get("request_id")?.as_str()?.to_owned());
        let request = asked(signed.body.get("general")).or_else(|| asked(Some(&signed.body)));
        let id = match (&signed.payment_id, request) {
            (Some(id), _) => id.clone(),
            (None, Some(request)) => {
                let (id, at_ms) = self.requests.get(&request).ok_or_else(unknown)?;
                if now_ms < at_ms.saturating_add(10_000) {
                    return Err(unknown());
                }
                id.clone()
            }
            (None, None) => return Err(field("general.payment_id")),
        };
        let payment = self.payments.get(&id).ok_or_else(unknown)?;
        if !payment.known(now_ms, &self.behaviour) {
            return Err(unknown());
        }
        let mut answer = payment.head(&id, &self.behaviour);
        let operations = payment.operations.iter().map(|one| one.json(&self.behaviour));
        answer.insert("operations".to_owned(), operations.collect());
        if self.behaviour.status_shows {
            answer.extend(self.prescription(&id, payment));
        }
        Ok(json_answer(200, &Value::Object(answer)))
    }
}

/// Makes the platform's name for a request.
pub(super) fn request_id(entropy: &mut dyn FnMut() -> u64) -> String {
    let word = super::random_word(entropy, 3);
    format!("{}-{:08}", word.get(..40).unwrap_or(&word), 1)
}

pub(super) fn json_answer(status: u16, answer: &Value) -> Response {
    let body = serde_json::to_vec(answer).unwrap_or_default();
    Response { status, content_type: "application/json", body }
}

fn field(name: &str) -> Refused {
    Refused::field(name)
}

/// Finds an object among the members of another.
pub(super) fn object<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<&'a Map<String, Value>, Refused> {
    members.get(name).and_then(Value::as_object).ok_or_else(|| field(name))
}

/// Finds a text that is not empty; an id may be a number as well.
pub(super) fn text(
    members: &Map<String, Value>,
    group: &str,
    name: &str,
) -> Result<String, Refused> {
    match members.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() && text.len() <= 1_024 => {
            Ok(text.clone())
        }
        Some(Value::Number(number)) if name == "id" && number.is_u64() => Ok(number.to_string()),
        _ => Err(field(&format!("{group}.{name}"))),
    }
}

/// A payment's name: printable, without spaces at its ends, at most 255 characters.
pub(super) fn is_payment_id(id: &str) -> bool {
    let fits = |letter: char| !letter.is_control();
    !id.is_empty() && id.chars().count() <= 255 && id.trim() == id && id.chars().all(fits)
}
