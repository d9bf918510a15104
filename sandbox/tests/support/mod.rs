//! A caller of the sandbox that trusts nothing but its certificate authority.
#![allow(dead_code, reason = "each test file uses its own part of this")]

pub(crate) mod browser;
pub(crate) mod ecommpay;

use std::sync::Arc;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Response};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use till_sandbox::{Server, ServerConfig};

/// A sandbox and a caller with a token.
pub(crate) struct Caller {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) token: String,
}

impl Caller {
    pub(crate) async fn start(config: ServerConfig) -> Self {
        let server = Server::start(config).await.unwrap();
        let client = client(server.ca_pem());
        let token = token(&server, &client).await;
        Self { server, client, token }
    }

    /// Posts to `/api/v1/{call}` and returns what came of it.
    pub(crate) async fn post(&self, call: &str, body: &Value) -> reqwest::Result<Response> {
        self.client
            .post(format!("{}/api/v1/{call}", self.server.base_url()))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string())
            .send()
            .await
    }

    /// Posts and reads the JSON of an answer with this status.
    pub(crate) async fn json(&self, status: u16, call: &str, body: &Value) -> Value {
        let response = self.post(call, body).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    }

    /// Gets a code and binds 125.00 UZS to it; returns the code.
    pub(crate) async fn payable(&self, id: &str) -> String {
        let answer = self.json(200, "get-qr-code", &qr_request(id)).await;
        let code = answer["paymentCodeInfoList"][0]["paymentCode"].as_str().unwrap().to_owned();
        self.json(200, "perform", &perform_request(id, &code)).await;
        code
    }

    /// Asks process and returns resultStatus and resultCode.
    pub(crate) async fn process(&self, id: &str) -> (String, String) {
        let answer = self.json(200, "process", &json!({ "externalId": id })).await;
        let text = |key: &str| answer["result"][key].as_str().unwrap().to_owned();
        (text("resultStatus"), text("resultCode"))
    }
}

pub(crate) fn qr_request(id: &str) -> Value {
    json!({
        "region": "UZ", "codeQuantity": 1, "userId": "208800000000000001", "externalId": id,
        "env": {
            "deviceTokenId": "d-1", "terminalType": "POS", "osType": "ANDROID",
            "cookieId": "c-1", "clientIp": "192.0.2.1", "userAgent": "till/0"
        }
    })
}

pub(crate) fn perform_request(id: &str, code: &str) -> Value {
    json!({
        "externalId": id, "codeValue": code, "userId": "208800000000000001",
        "referenceOrderId": format!("order-{id}"), "orderDescription": "Coffee",
        "orderAmount": 12_500, "orderCurrency": "UZS",
        "paymentAmount": 12_500, "paymentCurrency": "UZS"
    })
}

pub(crate) fn refund_request(refund: &str, payment: &str, amount: u64) -> Value {
    json!({
        "externalId": refund, "referenceOrderId": format!("order-{payment}"),
        "orderAmount": 12_500, "orderCurrency": "UZS",
        "paymentAmount": 12_500, "paymentCurrency": "UZS",
        "withdrawalAmount": amount, "withdrawalCurrency": "UZS"
    })
}

/// Makes a client that trusts this authority alone.
pub(crate) fn client(ca_pem: &str) -> Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// Makes a client for the plain HTTP of the wallet and of a WebDriver.
pub(crate) fn plain_client() -> Client {
    client(&Authority::unused())
}

struct Authority;

impl Authority {
    /// Any valid certificate: plain HTTP never looks at it.
    fn unused() -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        rcgen::CertificateParams::default().self_signed(&key).unwrap().pem()
    }
}

pub(crate) async fn token(server: &Server, client: &Client) -> String {
    let response = client
        .post(format!("{}/oauth2/token", server.base_url()))
        .header(AUTHORIZATION, "Basic dGlsbC1zYW5kYm94OnNhbmRib3gtc2VjcmV0")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let answer: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(answer["tokenType"], "Bearer");
    answer["accessToken"].as_str().unwrap().to_owned()
}
