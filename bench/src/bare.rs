//! The same calls without a terminal: reqwest in a loop, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, redirect, retry};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Outcome;
use crate::job::Address;
use crate::meter::{Stopwatch, Taken};
use crate::work::{AMOUNT, APART, CLIENT_ID, CLIENT_SECRET, CURRENCY, PURPOSE, REGION, USER_ID};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Codes {
    payment_code_info_list: Vec<Code>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Code {
    payment_code: String,
}

#[derive(Deserialize)]
struct Inquired {
    result: InquiryResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InquiryResult {
    result_status: String,
}

struct Caller {
    client: Client,
    base_url: String,
    authorization: String,
}

/// Makes the calls of so many payments: get-qr-code, perform, process.
pub(crate) async fn calls(bank: &Address, warm_up: u32, count: u32) -> Outcome<Taken> {
    let caller = Caller::new(bank).await?;
    for number in 0..warm_up {
        caller.pay(number).await?;
    }
    let stopwatch = Stopwatch::start();
    for number in warm_up..warm_up.saturating_add(count) {
        caller.pay(number).await?;
    }
    Ok(stopwatch.taken())
}

/// Makes the calls of so many payments whose customers take their time, as often as a terminal.
pub(crate) async fn patient_calls(bank: &Address, count: u32) -> Outcome<Taken> {
    let caller = Arc::new(Caller::new(bank).await?);
    let stopwatch = Stopwatch::start();
    let mut paying = JoinSet::new();
    for number in 0..count {
        let caller = Arc::clone(&caller);
        paying.spawn(async move { caller.pay_patiently(number).await });
        tokio::time::sleep(APART).await;
    }
    while let Some(paid) = paying.join_next().await {
        paid??;
    }
    Ok(stopwatch.taken())
}

/// Makes the calls until one code is known, each at least the pace after the start of the one
/// before, with nothing made ready: how long that took, in microseconds.
pub(crate) async fn code(bank: &Address, pace_ms: u64) -> Outcome<(Taken, u64)> {
    let stopwatch = Stopwatch::start();
    let pace = Duration::from_millis(pace_ms);
    let token = Instant::now();
    let caller = Caller::new(bank).await?;
    tokio::time::sleep_until(token + pace).await;
    let codes = Instant::now();
    let order = caller.get_code(0).await?;
    tokio::time::sleep_until(codes + pace).await;
    caller.perform(order).await?;
    let taken = stopwatch.taken();
    Ok((taken, taken.wall_us))
}

/// Is a code that nothing is bound to yet.
struct Order {
    external_id: String,
    order_id: String,
    code: String,
}

impl Caller {
    async fn new(bank: &Address) -> Outcome<Self> {
        let client = client(&bank.ca_pem)?;
        let token = client
            .post(format!("{}/oauth2/token", bank.base_url))
            .basic_auth(CLIENT_ID, Some(CLIENT_SECRET))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials")
            .send()
            .await?
            .bytes()
            .await?;
        let token: Token = serde_json::from_slice(&token)?;
        let authorization = format!("Bearer {}", token.access_token);
        Ok(Self { client, base_url: bank.base_url.clone(), authorization })
    }

    async fn pay(&self, number: u32) -> Outcome<()> {
        let external_id = self.make_payable(number).await?;
        self.is_paid(&external_id).await?;
        Ok(())
    }

    /// Polls every second for 10 s and every two seconds from then on, as widely spread as a
    /// terminal: calls that meet take a connection each.
    async fn pay_patiently(&self, number: u32) -> Outcome<()> {
        let external_id = self.make_payable(number).await?;
        let shown = Instant::now();
        for turn in 0.. {
            let early = shown.elapsed() < Duration::from_secs(10);
            let pause_ms = if early { 1_000 } else { 2_000 };
            tokio::time::sleep(spread(pause_ms, number, turn)).await;
            if self.is_paid(&external_id).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn make_payable(&self, number: u32) -> Outcome<String> {
        let order = self.get_code(number).await?;
        self.perform(order).await
    }

    async fn get_code(&self, number: u32) -> Outcome<Order> {
        let external_id = format!("BARE{number:022}");
        let order_id = format!("00000000-0000-4000-8000-{number:012}");
        let body = json!({
            "region": REGION, "codeQuantity": 1, "userId": USER_ID, "externalId": external_id,
            "env": {
                "deviceTokenId": "07070707-0707-4707-8707-070707070707", "terminalType": "POS",
                "osType": "ANDROID", "cookieId": order_id, "clientIp": "127.0.0.1",
                "userAgent": "till/0.1.0",
            },
        });
        let codes = self.post("/api/v1/get-qr-code", body.to_string()).await?;
        let codes: Codes = serde_json::from_slice(&codes)?;
        let code = codes.payment_code_info_list.into_iter().next().ok_or("no code")?;
        Ok(Order { external_id, order_id, code: code.payment_code })
    }

    async fn perform(&self, order: Order) -> Outcome<String> {
        let Order { external_id, order_id, code } = order;
        let body = json!({
            "externalId": external_id, "codeValue": code, "userId": USER_ID,
            "referenceOrderId": order_id, "orderDescription": PURPOSE, "orderAmount": AMOUNT,
            "orderCurrency": CURRENCY, "paymentAmount": AMOUNT, "paymentCurrency": CURRENCY,
        });
        self.post("/api/v1/perform", body.to_string()).await?;
        Ok(external_id)
    }

    async fn is_paid(&self, external_id: &str) -> Outcome<bool> {
        let body = json!({ "externalId": external_id });
        let answer = self.post("/api/v1/process", body.to_string()).await?;
        let answer: Inquired = serde_json::from_slice(&answer)?;
        Ok(answer.result.result_status == "S")
    }

    async fn post(&self, path: &str, body: String) -> Outcome<Vec<u8>> {
        let answer = self
            .client
            .post(format!("{}{path}", self.base_url))
            .header(AUTHORIZATION, &self.authorization)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await?
            .error_for_status()?;
        Ok(answer.bytes().await?.into())
    }
}

/// Makes a pause up to 20 % shorter or longer, each time by another part of it.
fn spread(pause_ms: u64, number: u32, turn: u32) -> Duration {
    let step = u64::from(number) * 7_919 + u64::from(turn) * 104_729;
    Duration::from_millis(pause_ms * (800 + step % 401) / 1_000)
}

/// Makes a client as the terminal's transport does, but for the watch over its handshakes.
fn client(ca_pem: &str) -> Outcome<Client> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes())?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(true)
        .http1_only()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .user_agent("till/0.1.0")
        .pool_max_idle_per_host(1)
        .tcp_nodelay(true)
        .timeout(Duration::from_secs(8))
        .build()?;
    Ok(client)
}
