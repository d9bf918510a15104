//! The bank's rules, one by one.

mod acceptance;
mod codes;
mod customer;
mod entry;
mod order;
mod refunds;
mod words;

use serde_json::{Value, json};

use super::{Account, Bank, Behaviour, Request};

/// 2025-05-16T10:09:47.565Z, the time in the document's example.
const NOW_MS: i64 = 1_747_390_187_565;
const USER: &str = "208800000000000001";
const STATIC: &str = "http://xxxxx/281xxxxxxxxxxxxxxxx4441";
const BASIC: &str = "Basic dGlsbC1zYW5kYm94OnNhbmRib3gtc2VjcmV0";

/// A caller with a token, and a clock and entropy that repeat.
struct Desk {
    bank: Bank,
    now_ms: i64,
    seed: u64,
    token: String,
}

impl Desk {
    fn new(behaviour: Behaviour) -> Self {
        let mut desk =
            Self { bank: Bank::new(behaviour), now_ms: NOW_MS, seed: 0, token: String::new() };
        desk.renew_token();
        desk
    }

    fn usual() -> Self {
        Self::new(Behaviour::default())
    }

    fn renew_token(&mut self) {
        let (status, answer) = self.ask_token(Some(BASIC), "grant_type=client_credentials");
        assert_eq!(status, 200, "{answer}");
        answer["accessToken"].as_str().unwrap().clone_into(&mut self.token);
    }

    fn ask_token(&mut self, authorization: Option<&str>, body: &str) -> (u16, Value) {
        let request = Request {
            method: "POST",
            path: "/oauth2/token",
            authorization,
            content_type: Some("application/x-www-form-urlencoded"),
            body: body.as_bytes(),
            peer: None,
        };
        self.send(&request)
    }

    /// Sends any request; a body that is not JSON becomes a JSON string.
    fn send(&mut self, request: &Request<'_>) -> (u16, Value) {
        let seed = &mut self.seed;
        let mut entropy = || {
            *seed += 1;
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        };
        let response = self.bank.handle(self.now_ms, &mut entropy, request);
        let text = String::from_utf8(response.body).unwrap();
        let value = if response.content_type == "application/json" {
            serde_json::from_str(&text).unwrap()
        } else {
            Value::String(text)
        };
        (response.status, value)
    }

    fn call(&mut self, call: &str, body: &Value) -> (u16, Value) {
        self.call_text(call, &body.to_string())
    }

    fn call_text(&mut self, call: &str, body: &str) -> (u16, Value) {
        let path = format!("/api/v1/{call}");
        let bearer = format!("Bearer {}", self.token);
        let request = Request {
            method: "POST",
            path: &path,
            authorization: Some(&bearer),
            content_type: Some("application/json"),
            body: body.as_bytes(),
            peer: None,
        };
        self.send(&request)
    }

    fn ok(&mut self, call: &str, body: &Value) -> Value {
        let (status, answer) = self.call(call, body);
        assert_eq!(status, 200, "{call} {body}: {answer}");
        answer
    }

    /// Calls what must be refused; returns "HTTP status, resultCode: resultMessage".
    fn refused(&mut self, call: &str, body: &Value) -> String {
        let (status, answer) = self.call(call, body);
        let result = if call == "refund" { &answer } else { &answer["result"] };
        assert_eq!(result["resultStatus"], "F", "{call} {body}: {answer}");
        let text = |key: &str| result[key].as_str().unwrap().to_owned();
        format!("{status} {}: {}", text("resultCode"), text("resultMessage"))
    }

    /// Gets one code for an order.
    fn code(&mut self, id: &str) -> String {
        let answer = self.ok("get-qr-code", &qr(id));
        answer["paymentCodeInfoList"][0]["paymentCode"].as_str().unwrap().to_owned()
    }

    /// Gets a code and binds 125.00 UZS to it.
    fn payable(&mut self, id: &str) -> String {
        let code = self.code(id);
        self.ok("perform", &perform(id, &code));
        code
    }

    fn paid(&mut self, id: &str) {
        self.payable(id);
        self.bank.approve(self.now_ms, id, None).unwrap();
    }

    /// Asks process; returns "resultStatus resultCode".
    fn process(&mut self, id: &str) -> String {
        let (_, answer) = self.call("process", &json!({ "externalId": id }));
        let text = |key: &str| answer["result"][key].as_str().unwrap().to_owned();
        format!("{} {}", text("resultStatus"), text("resultCode"))
    }

    fn account(&self, id: &str) -> Account {
        self.bank.ledger().account(id)
    }
}

fn qr(id: &str) -> Value {
    json!({
        "region": "UZ", "codeQuantity": 1, "userId": USER, "externalId": id,
        "env": {
            "deviceTokenId": "device-001", "terminalType": "POS", "osType": "ANDROID",
            "cookieId": "cookie-xyz", "clientIp": "192.168.0.1", "userAgent": "till/0"
        }
    })
}

fn perform(id: &str, code: &str) -> Value {
    json!({
        "externalId": id, "codeValue": code, "userId": USER,
        "referenceOrderId": format!("order-{id}"), "orderDescription": "SHOES",
        "orderAmount": 12_500, "orderCurrency": "UZS",
        "paymentAmount": 12_500, "paymentCurrency": "UZS"
    })
}

fn confirm(id: &str, code: &str) -> Value {
    json!({ "externalId": id, "codeValue": code, "userId": USER })
}

fn refund(id: &str, payment: &str, amount: u64) -> Value {
    json!({
        "externalId": id, "referenceOrderId": format!("order-{payment}"),
        "orderAmount": 12_500, "orderCurrency": "UZS",
        "paymentAmount": 12_500, "paymentCurrency": "UZS",
        "withdrawalAmount": amount, "withdrawalCurrency": "UZS"
    })
}

/// Returns the value without some of its keys.
fn without(mut value: Value, keys: &[&str]) -> Value {
    for key in keys {
        value.as_object_mut().unwrap().remove(*key).unwrap();
    }
    value
}

/// Returns the value with one key set; `env.x` sets a key of env.
fn with(mut value: Value, key: &str, new: Value) -> Value {
    match key.split_once('.') {
        Some((outer, inner)) => value[outer][inner] = new,
        None => value[key] = new,
    }
    value
}
