//! The model, by the platform's documents.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod callbacks;
mod gate;
mod pages;
mod refunds;
mod sales;
mod signatures;

use serde_json::{Value, json};

use super::{Behaviour, Platform, signature};
use crate::http::{Request, Response};
use crate::view::ViewState;

/// 2026-03-14 09:26:53 UTC.
const BEGIN: i64 = 1_773_480_413_000;
const SALE: &str = "/v2/payment/wallet/alipay/sale";
const REFUND: &str = "/v2/payment/wallet/alipay/refund";
const STATUS: &str = "/v2/payment/status";
const CLARIFICATION: &str = "/v2/payment/clarification";

/// A platform with its clock, and a merchant who calls it.
struct Desk {
    platform: Platform,
    now_ms: i64,
    entropy: u64,
}

impl Desk {
    fn new(behaviour: Behaviour) -> Self {
        Self { platform: Platform::new(behaviour), now_ms: BEGIN, entropy: 0 }
    }

    fn usual() -> Self {
        Self::new(Behaviour::default())
    }

    fn later(&mut self, ms: i64) {
        self.now_ms += ms;
        self.platform.advance(self.now_ms);
    }

    fn post(&mut self, path: &str, body: &[u8]) -> Response {
        let request = Request {
            method: "POST",
            path,
            authorization: None,
            content_type: Some("application/json"),
            body,
            peer: None,
        };
        let entropy = &mut self.entropy;
        let mut next = || {
            *entropy = entropy.wrapping_add(0x9e37_79b9_7f4a_7c15);
            *entropy ^ (*entropy >> 31)
        };
        self.platform.handle(self.now_ms, &mut next, &request)
    }

    /// Signs a request in `general`, sends it, and returns the answer.
    fn call(&mut self, path: &str, request: &Value) -> Value {
        let mut request = request.clone();
        let signature = signature::sign(&request, "ecommpay-sandbox-key");
        request["general"]["signature"] = json!(signature);
        let answer = self.post(path, request.to_string().as_bytes());
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Sends a request that is refused, and returns the number.
    fn refused(&mut self, path: &str, request: &Value) -> String {
        let answer = self.call(path, request);
        assert_eq!(answer["status"], "error", "{answer}");
        answer["code"].as_str().unwrap().to_owned()
    }

    fn accepted(&mut self, path: &str, request: &Value) -> String {
        let answer = self.call(path, request);
        assert_eq!(answer["status"], "success", "{answer}");
        answer["request_id"].as_str().unwrap().to_owned()
    }

    fn status(&mut self, id: &str) -> Value {
        self.call(STATUS, &json!({ "general": { "project_id": 201, "payment_id": id } }))
    }

    /// Sells and waits until the customer can pay.
    fn sold(&mut self, id: &str, amount: u64) {
        self.accepted(SALE, &sale(id, amount));
        self.later(200);
    }

    fn paid(&mut self, id: &str, amount: u64) {
        self.sold(id, amount);
        assert!(self.choose(Platform::approve, id).unwrap());
    }

    fn choose<T>(
        &mut self,
        choice: impl FnOnce(&mut Platform, i64, &mut dyn FnMut() -> u64, &str) -> T,
        id: &str,
    ) -> T {
        let entropy = &mut self.entropy;
        let mut next = || {
            *entropy += 1;
            *entropy
        };
        choice(&mut self.platform, self.now_ms, &mut next, id)
    }

    fn state(&self, id: &str) -> ViewState {
        self.platform.payment(self.now_ms, id).unwrap().state
    }

    /// Returns the signed body of the last callback.
    fn told(&self) -> Value {
        self.platform.callbacks().next_back().unwrap().body.clone()
    }
}

fn sale(id: &str, amount: u64) -> Value {
    json!({
        "general": { "project_id": 201, "payment_id": id },
        "customer": { "id": "c-1", "ip_address": "192.0.2.1" },
        "payment": { "amount": amount, "currency": "CNY", "description": "Tea" },
        "return_url": { "return": "https://shop.example/back" },
    })
}

fn refund(id: &str, name: &str, amount: Option<u64>) -> Value {
    json!({
        "general": { "project_id": 201, "payment_id": id },
        "customer": { "ip_address": "192.0.2.1" },
        "payment": { "amount": amount, "description": "back", "merchant_refund_id": name },
    })
}
