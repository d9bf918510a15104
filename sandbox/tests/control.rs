//! The control API, and who is kept out of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use reqwest::Client;
use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HOST, ORIGIN};
use serde_json::{Value, json};
use support::{Caller, plain_client, refund_request};
use till_sandbox::octo::{Behaviour, RefundAnswer, RefundLater, RefundMode};
use till_sandbox::{Fault, ServerConfig};

/// A caller of the control API of one sandbox.
struct Control {
    caller: Caller,
    client: Client,
}

impl Control {
    async fn start(config: ServerConfig) -> Self {
        Self { caller: Caller::start(config).await, client: plain_client() }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.caller.server.wallet_url())
    }

    async fn get(&self, path: &str) -> Value {
        read(200, self.client.get(self.url(path))).await
    }

    async fn text(&self, path: &str) -> String {
        let response = self.client.get(self.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    }

    async fn post(&self, status: u16, path: &str, body: &Value) -> Value {
        let request = self.client.post(self.url(path)).header("X-Till-Sandbox", "1");
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        read(status, request).await
    }
}

async fn read(status: u16, request: reqwest::RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let (got, body) = (response.status(), response.bytes().await.unwrap());
    assert_eq!(got, status, "{}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn a_script_plays_the_customer() {
    let control = Control::start(ServerConfig::default()).await;
    let code = control.caller.payable("p-1").await;
    control.caller.payable("p-2").await;
    control.caller.payable("p-3").await;
    let payments = control.get("/control/payments").await;
    assert_eq!(payments["open"].as_array().unwrap().len(), 3);
    assert_eq!(payments["exponents"], json!({"UZS": 2}));
    let first = &payments["open"][0];
    assert_eq!((&first["external_id"], &first["state"]), (&json!("p-1"), &json!("open")));
    assert_eq!(first["amount"], json!({"amount": 12_500, "currency": "UZS"}));

    let paid = control.post(200, "/control/approve", &json!({"code": code})).await;
    assert_eq!(paid["payment"]["state"], "paid");
    let twice = control.post(409, "/control/approve", &json!({"external_id": "p-1"})).await;
    assert_eq!(twice["error"], "already_paid");
    control.post(200, "/control/decline", &json!({"external_id": "p-2"})).await;
    control.post(200, "/control/cancel", &json!({"external_id": "p-3"})).await;
    let payments = control.get("/control/payments").await;
    assert_eq!(payments["open"], json!([]));
    let states: Vec<_> = payments["recent"]
        .as_array()
        .unwrap()
        .iter()
        .map(|payment| payment["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["cancelled", "declined", "paid"]);
    let ledger = control.get("/control/ledger").await;
    let movement = &ledger["movements"][0];
    assert_eq!(ledger["movements"].as_array().unwrap().len(), 1);
    assert_eq!((&movement["kind"], &movement["amount"]), (&json!("paid"), &json!(12_500)));
    let tail = code.rsplit('/').next().unwrap();
    let one = control.get(&format!("/control/payment?key={tail}")).await;
    assert_eq!(one["payment"]["external_id"], "p-1");
    assert_eq!(control.get("/control/calls").await["calls"]["perform"], 3);
}

#[tokio::test]
async fn a_wrong_call_says_what_is_wrong() {
    let control = Control::start(ServerConfig::default()).await;
    control.caller.payable("p-1").await;
    for (status, body, error) in [
        (404, json!({"external_id": "never"}), "unknown"),
        (400, json!({}), "payment"),
        (400, json!({"external_id": "p-1", "amount": 1}), "amount_fixed"),
        (422, json!({"external_id": "p-1", "amount": -1}), "body"),
        (422, json!({"external_id": "p-1", "amuont": 1}), "body"),
    ] {
        let answer = control.post(status, "/control/approve", &body).await;
        assert_eq!(answer["error"], error, "{body}");
        assert!(!answer["message"].as_str().unwrap().is_empty());
    }
    let ledger = control.get("/control/ledger").await;
    assert_eq!(ledger["movements"], json!([]), "nothing moved");
    let missing = control.client.get(control.url("/control/nothing")).send().await.unwrap();
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn faults_are_set_and_cleared() {
    let control = Control::start(ServerConfig::default()).await;
    let list = json!({"faults": ["drop-answer:refund:1", "delay:process:500"]});
    assert_eq!(control.post(200, "/control/faults", &list).await, list);
    assert_eq!(control.get("/control/faults").await, list);
    let expected: Vec<Fault> =
        ["drop-answer:refund:1", "delay:process:500"].map(|spec| spec.parse().unwrap()).into();
    assert_eq!(control.caller.server.faults().list(), expected);
    let wrong = json!({"faults": ["duplicate:perform", "drop-answer:refund"]});
    let answer = control.post(422, "/control/faults", &wrong).await;
    assert!(answer["message"].as_str().unwrap().contains("the number of times is missing"));
    assert_eq!(control.get("/control/faults").await, list, "all or nothing");
    let clear = control.client.delete(control.url("/control/faults"));
    let none = read(200, clear.header("X-Till-Sandbox", "1")).await;
    assert_eq!(none, json!({"faults": []}));
}

#[tokio::test]
async fn the_banks_behaviour_changes_in_part() {
    let control = Control::start(ServerConfig::default()).await;
    let before = control.get("/control/behaviour").await;
    let changes = json!({
        "expired": "pending", "discount": {"percent": 10},
        "cross": {"currency": "CNY", "rate": "0.00057"},
        "refund": {"later": {"answer": "pending", "after_ms": 1000}}
    });
    let after = control.post(200, "/control/behaviour", &changes).await;
    for (key, value) in before.as_object().unwrap() {
        if changes.get(key).is_none() {
            assert_eq!(&after[key], value, "{key}");
        }
    }
    assert_eq!(after["discount"], changes["discount"]);
    for wrong in [
        json!({"expierd": "pending"}),
        json!({"expired": "sometimes"}),
        json!({"cross": {"currency": "CNY", "rate": 0.5}}),
        json!({"token_life_s": -1}),
    ] {
        let answer = control.post(400, "/control/behaviour", &wrong).await;
        assert_eq!(answer["error"], "behaviour", "{wrong}");
    }
    assert_eq!(control.get("/control/behaviour").await, after, "a wrong change changes nothing");
}

#[tokio::test]
async fn time_and_the_automatic_customer_are_controlled() {
    let control = Control::start(ServerConfig::default()).await;
    control.caller.payable("p-1").await;
    assert_eq!(
        control.get("/control/auto").await,
        json!({"auto": "ignore", "delay_ms": 1000}),
        "nobody acts"
    );
    let auto = json!({"auto": "decline", "delay_ms": 60_000});
    assert_eq!(control.post(200, "/control/auto", &auto).await, auto);
    let before = control.get("/control/time").await["now_ms"].as_i64().unwrap();
    let after = control.post(200, "/control/time", &json!({"advance_ms": 60_000})).await;
    assert!(after["now_ms"].as_i64().unwrap() >= before + 60_000);
    while control.caller.process("p-1").await.0 == "U" {
        tokio::task::yield_now().await;
    }
    assert_eq!(control.caller.process("p-1").await.1, "FAILED");
}

#[tokio::test]
async fn an_asynchronous_refund_ends_on_command() {
    let later = RefundLater { answer: RefundAnswer::Pending, after_ms: None, fails: false };
    let behaviour = Behaviour { refund: RefundMode::Later(later), ..Behaviour::default() };
    let control = Control::start(ServerConfig { behaviour, ..ServerConfig::default() }).await;
    control.caller.payable("p-1").await;
    control.post(200, "/control/approve", &json!({"external_id": "p-1"})).await;
    control.caller.json(200, "refund", &refund_request("r-1", "p-1", 500)).await;
    assert_eq!(control.caller.process("r-1").await.0, "U");
    let end = json!({"external_id": "r-1", "success": true});
    control.post(200, "/control/refund", &end).await;
    assert_eq!(control.post(409, "/control/refund", &end).await["error"], "ended");
    assert_eq!(control.caller.process("r-1").await.0, "S");
    let ledger = control.get("/control/ledger").await;
    assert_eq!(ledger["movements"][1]["payment_external_id"], "p-1");
}

#[tokio::test]
async fn the_configuration_points_here() {
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca \"1\".pem");
    let config = ServerConfig { ca_file: Some(ca_file.clone()), ..ServerConfig::default() };
    let control = Control::start(config).await;
    let server = &control.caller.server;
    let text = control.text("/control/config").await;
    assert_eq!(text, server.till_config());
    let quoted = ca_file.to_str().unwrap().replace('"', "\\\"");
    let expected = format!(
        "[terminal]\nid = \"T-1\"\ncurrency = \"UZS\"\nrail = \"octo\"\n\n[octo]\n\
         base_url = \"{}\"\nclient_id = \"till-sandbox\"\nclient_secret = \"sandbox-secret\"\n\
         user_id = \"208800000000000001\"\nregion = \"UZ\"\nextra_roots = \"{quoted}\"\n\n\
         [ecommpay]\nproject_id = 201\nsecret = \"ecommpay-sandbox-key\"\ntest_project = true\n\
         gate_url = \"{url}\"\npayment_page_url = \"{url}/payment\"\n\
         extra_roots = \"{quoted}\"\n",
        server.base_url(),
        url = server.base_url()
    );
    assert_eq!(text, expected);
    assert_eq!(std::fs::read_to_string(&ca_file).unwrap(), server.ca_pem());
    assert_eq!(control.text("/control/ca.pem").await, server.ca_pem());
    let other = Control::start(ServerConfig::default()).await;
    let text = other.text("/control/config").await;
    assert!(text.contains("/control/ca.pem"), "it says where to get the authority: {text}");
}

#[tokio::test]
async fn other_sites_are_kept_out() {
    let control = Control::start(ServerConfig::default()).await;
    control.caller.payable("p-1").await;
    let body = json!({"external_id": "p-1"}).to_string();
    let post = || {
        let request = control.client.post(control.url("/control/approve")).body(body.clone());
        request.header(CONTENT_TYPE, "application/json")
    };
    let good = || post().header("X-Till-Sandbox", "1");
    assert_eq!(read(403, post()).await["error"], "header");
    for origin in ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"] {
        assert_eq!(read(403, good().header(ORIGIN, origin)).await["error"], "origin");
    }
    for host in ["evil.example", "127.0.0.1.evil.example:80"] {
        assert_eq!(read(403, good().header(HOST, host)).await["error"], "host");
        let page = control.client.get(control.url("/")).header(HOST, host);
        assert_eq!(read(403, page).await["error"], "host");
    }
    let form = post().header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(read(403, form).await["error"], "header");
    assert_eq!(control.get("/control/ledger").await["movements"], json!([]), "nothing moved");
    let own = good().header(ORIGIN, control.caller.server.wallet_url());
    read(200, own).await;
}

#[tokio::test]
async fn a_configured_host_is_answered() {
    let config =
        ServerConfig { wallet_host: Some("Till.Lan".to_owned()), ..ServerConfig::default() };
    let control = Control::start(config).await;
    let port = control.caller.server.wallet_url().rsplit(':').next().unwrap().to_owned();
    let page = |host: String| {
        control.client.get(format!("http://127.0.0.1:{port}/")).header(HOST, host).send()
    };
    assert_eq!(control.caller.server.wallet_url(), format!("http://Till.Lan:{port}"));
    assert_eq!(page(format!("till.lan:{port}")).await.unwrap().status(), 200);
    assert_eq!(page(format!("other.lan:{port}")).await.unwrap().status(), 403);
}

#[tokio::test]
async fn the_page_is_whole_and_strict() {
    let control = Control::start(ServerConfig::default()).await;
    for (path, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/w/anything/at%20all", "text/html; charset=utf-8"),
        ("/wallet.css", "text/css; charset=utf-8"),
        ("/wallet.js", "text/javascript; charset=utf-8"),
    ] {
        let response = control.client.get(control.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers();
        assert_eq!(headers[CONTENT_TYPE], content_type);
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
        let text = response.text().await.unwrap();
        assert!(!text.contains("{{"), "{path}: every hole is filled");
        let external = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!external.contains("http"), "{path}: nothing is loaded from elsewhere");
    }
    for (language, tag, title) in [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru", "Тестовый кошелёк"),
        ("zh-CN", "zh", "测试钱包"),
        ("de", "en", "Test wallet"),
    ] {
        let page = control.client.get(control.url("/")).header(ACCEPT_LANGUAGE, language);
        let text = page.send().await.unwrap().text().await.unwrap();
        assert!(text.contains(&format!("<html lang=\"{tag}\">")), "{language}");
        assert!(text.contains(title), "{language}");
    }
}
