//! ecommpay over real HTTPS, with a receiver for its callbacks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use serde_json::{Value, json};
use support::ecommpay::{Merchant, page, sale};
use till_sandbox::ecommpay::{Behaviour, Shows};
use till_sandbox::{Auto, Call, ServerConfig};

/// Whoever receives callbacks: keeps them, and answers with what was told, else 200.
#[derive(Clone, Default)]
struct Receiver {
    heard: Arc<Mutex<Vec<Value>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callback", listener.local_addr().unwrap());
        let receiver = self.clone();
        let hear = move |body: Bytes| {
            let receiver = receiver.clone();
            async move {
                let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
                receiver.heard.lock().unwrap().push(body);
                let answer = receiver.answers.lock().unwrap().pop().unwrap_or(200);
                StatusCode::from_u16(answer).unwrap()
            }
        };
        let router = Router::new().route("/callback", post(hear));
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    fn statuses(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        let status = |body: &Value| body["payment"]["status"].as_str().unwrap_or("-").to_owned();
        heard.iter().map(status).collect()
    }

    /// Waits until so many came.
    async fn wait(&self, count: usize) -> Vec<String> {
        for _ in 0..2_000 {
            if self.statuses().len() >= count {
                return self.statuses();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("only {:?}", self.statuses());
    }
}

async fn merchant(behaviour: Behaviour) -> (Merchant, Receiver) {
    let receiver = Receiver::default();
    let callback_url = Some(receiver.start().await);
    let ecommpay = Behaviour { callback_url, shows_after_ms: 0, ..behaviour };
    let config = ServerConfig { ecommpay, ..ServerConfig::default() };
    (Merchant::start(config).await, receiver)
}

const WAITING: &str = "awaiting redirect result";

#[tokio::test]
async fn a_sale_is_told_step_by_step() {
    let (merchant, receiver) = merchant(Behaviour::default()).await;
    let answer = merchant.call(200, "wallet/alipay/sale", &sale("p-1", 1_000)).await;
    assert_eq!(answer["status"], "success");
    receiver.wait(1).await;
    merchant.approve("p-1");
    assert_eq!(receiver.wait(2).await, [WAITING, "success"]);
    let heard = receiver.heard.lock().unwrap().clone();
    let platform = merchant.server.platform();
    for body in heard {
        let mut bare = body.clone();
        bare.as_object_mut().unwrap().remove("signature");
        assert_eq!(platform.lock().unwrap().sign(bare), body, "it is signed");
    }
    let status = merchant.status("p-1").await;
    assert_eq!(status["payment"]["status"], "success");
    assert_eq!(merchant.server.calls(Call::Callback), 2);
}

#[tokio::test]
async fn an_unheard_callback_comes_again_in_10_s() {
    let (merchant, receiver) = merchant(Behaviour::default()).await;
    receiver.answers.lock().unwrap().extend([200, 404, 500]);
    merchant.call(200, "wallet/alipay/sale", &sale("p-1", 1_000)).await;
    receiver.wait(1).await;
    for count in 2..=3 {
        // The answer to the last attempt has to be booked before the clock moves.
        merchant.until(|platform| platform.next_ms().is_some_and(|at| at > 0)).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(receiver.statuses().len(), count - 1, "not before its time");
        merchant.server.advance_ms(10_000);
        receiver.wait(count).await;
    }
    merchant.until(|platform| platform.callbacks().all(|one| one.delivered)).await;
    let platform = merchant.server.platform();
    assert_eq!(platform.lock().unwrap().callbacks().next().unwrap().attempts, 3);
}

#[tokio::test]
async fn callbacks_are_doubled_lost_and_turned_round_on_order() {
    let (merchant, receiver) =
        merchant(Behaviour { callback_hurry: 1_000, ..Behaviour::default() }).await;
    for fault in ["duplicate:callback:1", "drop-answer:callback:1", "drop-request:callback:1"] {
        merchant.server.faults().add(fault.parse().unwrap());
    }
    merchant.call(200, "wallet/alipay/sale", &sale("p-1", 1_000)).await;
    // The first attempt is doubled and unheard; the next is not sent; the third is heard.
    assert_eq!(receiver.wait(3).await, [WAITING; 3]);
    merchant.until(|platform| platform.callbacks().all(|one| one.delivered)).await;
    merchant.server.change_platform(|platform, now| platform.hold_callbacks(now, true, false));
    merchant.call(200, "wallet/alipay/sale", &sale("p-2", 1_000)).await;
    merchant.until(|platform| platform.payment(0, "p-2").is_some_and(|one| one.payable)).await;
    merchant.approve("p-2");
    merchant.server.change_platform(|platform, now| platform.hold_callbacks(now, false, true));
    assert_eq!(receiver.wait(5).await[3..], ["success", WAITING]);
    merchant.server.faults().add("garbage:callback:1".parse().unwrap());
    merchant.call(200, "wallet/alipay/sale", &sale("p-3", 1_000)).await;
    assert_eq!(receiver.wait(6).await[5], "-");
}

#[tokio::test]
async fn faults_reach_the_calls_of_ecommpay() {
    let (merchant, _receiver) = merchant(Behaviour::default()).await;
    merchant.server.faults().add("drop-answer:sale:1".parse().unwrap());
    assert!(merchant.post("wallet/alipay/sale", &sale("p-1", 1_000)).await.is_err());
    let answer = merchant.call(400, "wallet/alipay/sale", &sale("p-1", 1_000)).await;
    assert_eq!(answer["code"], "3041", "the first one was taken");
    merchant.server.faults().add("duplicate:sale:1".parse().unwrap());
    let answer = merchant.call(400, "wallet/alipay/sale", &sale("p-2", 1_000)).await;
    assert_eq!(answer["code"], "3041", "the second answer is given");
    merchant.server.faults().add("status:status:503:1".parse().unwrap());
    let general = json!({ "general": { "project_id": 201, "payment_id": "p-1" } });
    assert_eq!(merchant.post("status", &general).await.unwrap().status(), 503);
    assert_eq!(merchant.server.calls(Call::Sale), 3);
    assert_eq!(merchant.server.calls(Call::Status), 1);
    let huge = vec![b' '; 2 << 20];
    let url = format!("{}/v2/payment/status", merchant.server.base_url());
    let answer = merchant.client.post(url).body(huge).send().await.unwrap();
    assert_eq!(answer.status(), 413);
}

#[tokio::test]
async fn the_phone_is_led_to_the_wallet_page() {
    let (merchant, _receiver) =
        merchant(Behaviour { shows: Shows::RedirectPost, ..Behaviour::default() }).await;
    let base = merchant.server.base_url();
    let wallet = format!("{}/w/", merchant.server.wallet_url());
    let leads = |response: &reqwest::Response| {
        assert!(matches!(response.status().as_u16(), 302 | 303), "{response:?}");
        let location = response.headers()[LOCATION].to_str().unwrap().to_owned();
        assert!(location.starts_with(&wallet), "{location}");
    };
    let url = page(&merchant.server, "page-1", 1_000);
    leads(&merchant.client.get(&url).send().await.unwrap());
    let forged = url.replace("=1000&", "=9000&");
    let response = merchant.client.get(&forged).send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(response.text().await.unwrap().contains("Invalid signature (3261)"));
    assert_eq!(merchant.server.calls(Call::Page), 2);

    merchant.call(200, "wallet/alipay/sale", &sale("p-1", 1_000)).await;
    merchant.until(|platform| platform.callbacks().next().is_some()).await;
    let platform = merchant.server.platform();
    let told = platform.lock().unwrap().callbacks().next().unwrap().body.clone();
    let order = told["redirect_data"]["body"]["order_no"].as_str().unwrap().to_owned();
    let form = merchant.client.post(told["redirect_data"]["url"].as_str().unwrap());
    let form = form.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    leads(&form.body(format!("amount=10.00&order_no={order}&sign=x")).send().await.unwrap());

    let code = platform.lock().unwrap().payment(0, "p-1").unwrap().code;
    let word = code.rsplit('/').next().unwrap();
    leads(&merchant.client.get(format!("{base}/alipay/{word}")).send().await.unwrap());
    let picture = merchant.client.get(format!("{base}/qr/{word}.png")).send().await.unwrap();
    assert_eq!(picture.headers()[CONTENT_TYPE], "image/png");
    assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG"));
    let none = merchant.client.get(format!("{base}/qr/nothing.png")).send().await.unwrap();
    assert_eq!(none.status(), 404);
}

#[tokio::test]
async fn the_automatic_customer_pays_what_it_sees() {
    for (auto, status) in
        [(Auto::Approve, "success"), (Auto::Decline, "decline"), (Auto::Cancel, "decline")]
    {
        let config = ServerConfig { auto, auto_delay_ms: 0, ..ServerConfig::default() };
        let merchant = Merchant::start(config).await;
        merchant.call(200, "wallet/alipay/sale", &sale("p-1", 1_000)).await;
        merchant.server.scan(&page(&merchant.server, "page-1", 1_000)).unwrap();
        for id in ["p-1", "page-1"] {
            merchant
                .until(|platform| {
                    let view = platform.payment(0, id);
                    view.is_some_and(|view| view.ended_at_ms.is_some())
                })
                .await;
            assert_eq!(merchant.status(id).await["payment"]["status"], status, "{id}");
        }
    }
}

#[tokio::test]
async fn the_books_of_both_banks_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let state_file = Some(folder.path().join("bank.json"));
    let config = ServerConfig { state_file, ..ServerConfig::default() };
    let first = Merchant::start(config.clone()).await;
    first.call(200, "wallet/alipay/sale", &sale("p-1", 1_000)).await;
    first.server.stop().await.unwrap();
    let second = Merchant::start(config.clone()).await;
    let answer = second.call(400, "wallet/alipay/sale", &sale("p-1", 1_000)).await;
    assert_eq!(answer["code"], "3041");
    second.server.stop().await.unwrap();
    // A file of one bank alone, as it was before there were two.
    let path = config.state_file.clone().unwrap();
    let books: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    std::fs::write(&path, books["octo"].to_string()).unwrap();
    let third = Merchant::start(config).await;
    third.call(200, "wallet/alipay/sale", &sale("p-1", 1_000)).await;
}

#[tokio::test]
async fn the_control_api_knows_both_banks() {
    let merchant = Merchant::start(ServerConfig::default()).await;
    let client = support::plain_client();
    let wallet = merchant.server.wallet_url().to_owned();
    let post = |path: &str, body: Value| {
        let request = client.post(format!("{wallet}/control/{path}")).header("X-Till-Sandbox", "1");
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        async move {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
            (status, body)
        }
    };
    let code = page(&merchant.server, "page-1", 1_000);
    let (status, scanned) = post("scan", json!({ "code": code })).await;
    assert_eq!((status, &scanned["payment"]["state"]), (200, &json!("open")));
    assert_eq!(scanned["payment"]["bank"], "ecommpay");
    let (status, other) = post("scan", json!({ "code": code.replace("=1000&", "=1&") })).await;
    assert_eq!((status, &other["error"]), (400, &json!("page")));
    let more = json!({ "external_id": "page-1", "amount": 999 });
    assert_eq!(post("approve", more).await.1["error"], "amount_fixed");
    let (status, paid) = post("approve", json!({ "external_id": "page-1" })).await;
    assert_eq!((status, &paid["payment"]["state"]), (200, &json!("paid")));
    let (status, again) = post("approve", json!({ "external_id": "page-1" })).await;
    assert_eq!((status, &again["error"]), (409, &json!("already_paid")));
    let (status, changed) = post("ecommpay/behaviour", json!({ "shows": "qr-img" })).await;
    assert_eq!((status, &changed["shows"]), (200, &json!("qr-img")));
    let (status, wrong) = post("ecommpay/behaviour", json!({ "shown": 1 })).await;
    assert_eq!((status, &wrong["error"]), (400, &json!("behaviour")));
    let (_, signed) = post("ecommpay/sign", json!({ "payment": { "id": "x" } })).await;
    assert_eq!(signed["signature"].as_str().unwrap().len(), 88);
    let (_, held) = post("ecommpay/callbacks", json!({ "hold": true })).await;
    assert_eq!(held["callbacks"][0]["status"], "success");
    let ledger = client.get(format!("{wallet}/control/ledger")).send().await.unwrap();
    let ledger: Value = serde_json::from_slice(&ledger.bytes().await.unwrap()).unwrap();
    assert_eq!(ledger["movements"][0]["external_id"], "page-1");
}
