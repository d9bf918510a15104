//! A merchant of ecommpay, who signs.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use till_sandbox::ecommpay::{Platform, signature};
use till_sandbox::{Server, ServerConfig};

const SECRET: &str = "ecommpay-sandbox-key";

/// A sandbox and a merchant.
pub(crate) struct Merchant {
    pub(crate) server: Server,
    pub(crate) client: Client,
}

impl Merchant {
    pub(crate) async fn start(config: ServerConfig) -> Self {
        let server = Server::start(config).await.unwrap();
        let client = super::client(server.ca_pem());
        Self { server, client }
    }

    /// Signs a request and posts it to `/v2/payment/{call}`.
    pub(crate) async fn post(&self, call: &str, request: &Value) -> reqwest::Result<Response> {
        let mut request = request.clone();
        request["general"]["signature"] = json!(signature::sign(&request, SECRET));
        self.client
            .post(format!("{}/v2/payment/{call}", self.server.base_url()))
            .header(CONTENT_TYPE, "application/json")
            .body(request.to_string())
            .send()
            .await
    }

    /// Posts and reads the JSON of an answer with this status.
    pub(crate) async fn call(&self, status: u16, call: &str, request: &Value) -> Value {
        let response = self.post(call, request).await.unwrap();
        let (got, body) = (response.status(), response.bytes().await.unwrap());
        assert_eq!(got, status, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    pub(crate) async fn status(&self, id: &str) -> Value {
        let request = json!({ "general": { "project_id": 201, "payment_id": id } });
        self.call(200, "status", &request).await
    }

    pub(crate) fn approve(&self, id: &str) {
        self.server.change_platform(|platform, now_ms| {
            platform.approve(now_ms, &mut || 7, id).unwrap();
        });
    }

    /// Waits until something is so at the platform.
    pub(crate) async fn until(&self, so: impl Fn(&Platform) -> bool) {
        for _ in 0..2_000 {
            if so(&self.server.platform().lock().unwrap()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never");
    }
}

pub(crate) fn sale(id: &str, amount: u64) -> Value {
    json!({
        "general": { "project_id": 201, "payment_id": id },
        "customer": { "id": "c-1", "ip_address": "192.0.2.1" },
        "payment": { "amount": amount, "currency": "CNY", "description": "Tea" },
        "return_url": { "return": "https://shop.example/back" },
    })
}

/// Makes the address of a Payment Page as a terminal does: no letter in it needs escaping but the
/// signature's.
pub(crate) fn page(server: &Server, id: &str, amount: u64) -> String {
    let ends = jiff::Timestamp::from_millisecond(server.now_ms() + 180_000).unwrap();
    let ends = ends.to_string();
    let parameters = json!({
        "project_id": "201", "payment_id": id, "payment_amount": amount.to_string(),
        "payment_currency": "CNY", "customer_id": "c-1", "language_code": "zh",
        "force_payment_method": "alipay", "best_before": ends,
        "payment_description": "Зелёный чай",
    });
    let signature = signature::sign(&parameters, SECRET);
    let escape = |text: &str| -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let one = |byte: u8| {
            if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        };
        text.bytes().map(one).collect()
    };
    let pairs: Vec<String> = parameters
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| format!("{name}={}", escape(value.as_str().unwrap())))
        .collect();
    let query = pairs.join("&");
    format!("{}?{query}&signature={}", server.payment_page_url(), escape(&signature))
}
