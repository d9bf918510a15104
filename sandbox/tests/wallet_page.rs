//! The wallet page in a real browser, with real clicks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use serde_json::json;
use support::browser::{Browser, DESKTOP, Look, PHONE};
use support::{Caller, perform_request, refund_request};
use till_sandbox::octo::{Account, Behaviour, Cross, Discount, Merchant, ViewState};
use till_sandbox::{Currency, ServerConfig};

/// An external id as terminals make them.
const ID: &str = "5ZK3QF7WCN2M8RXT4VHY6BJD9P";
const STATIC: &str = "https://pay.example/wall/1";
const WIDER: &str =
    "return document.documentElement.scrollWidth > document.documentElement.clientWidth";

fn account(caller: &Caller, id: &str) -> Account {
    caller.server.bank().lock().unwrap().ledger().account(id)
}

fn state(caller: &Caller, id: &str) -> ViewState {
    let now_ms = caller.server.now_ms();
    caller.server.bank().lock().unwrap().payment(now_ms, id).unwrap().state
}

/// Puts a picture of the window into the folder `$TILL_SCREENS`, if there is one.
async fn keep(browser: &Browser, name: &str) {
    let picture = browser.picture().await;
    assert!(picture.starts_with(b"\x89PNG"), "{name}");
    if let Some(folder) = std::env::var_os("TILL_SCREENS") {
        std::fs::create_dir_all(&folder).unwrap();
        let file = std::path::Path::new(&folder).join(format!("wallet-{name}.png"));
        std::fs::write(file, picture).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_scans_the_code_pays_it() {
    let caller = Caller::start(ServerConfig::default()).await;
    let browser = Browser::open("en").await;
    browser.look(PHONE).await;
    let code = caller.payable(ID).await;
    browser.go(&code).await;
    assert_eq!(browser.text("button.primary").await, "Pay 125.00 UZS");
    assert_eq!(browser.text(".who .purpose").await, "Coffee");
    assert_eq!(browser.run(WIDER).await, json!(false));
    keep(&browser, "phone-light").await;
    assert_eq!(account(&caller, ID), Account::default());

    browser.click("button.primary").await;
    assert_eq!(browser.text(".card[data-state=paid] .result-title").await, "Paid");
    assert_eq!(account(&caller, ID).times, 1);
    assert_eq!(account(&caller, ID).moved.unwrap().to_string(), "12500 UZS");
    assert_eq!(caller.process(ID).await.0, "S");
    keep(&browser, "phone-paid").await;

    // A second look at the code shows the result and nothing to press.
    browser.go(&code).await;
    assert_eq!(browser.text(".card[data-state=paid] .result-sum").await, "125.00 UZS");
    let buttons = "return document.querySelector('.card .actions').offsetParent === null";
    assert_eq!(browser.run(buttons).await, json!(true));
    browser.go(&format!("{}/w/nothing", caller.server.wallet_url())).await;
    assert_eq!(browser.text("#empty h2").await, "No such code");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_follows_the_bank_without_a_reload() {
    let caller = Caller::start(ServerConfig::default()).await;
    let browser = Browser::open("en").await;
    browser.look(DESKTOP).await;
    browser.go(caller.server.wallet_url()).await;
    assert_eq!(browser.text("#empty h2").await, "Nothing to pay");
    for id in ["p-1", "p-2", "p-3", "p-4"] {
        caller.payable(id).await;
    }
    browser.click("[data-id=p-1] [data-action=approve]").await;
    browser.click("[data-id=p-2] [data-action=decline]").await;
    browser.click("[data-id=p-3] [data-action=cancel]").await;
    browser.element("[data-id=p-1][data-state=paid]").await;
    browser.element("[data-id=p-2][data-state=declined]").await;
    browser.element("[data-id=p-3][data-state=cancelled]").await;
    assert_eq!(account(&caller, "p-1").times, 1);
    assert_eq!(state(&caller, "p-2"), ViewState::Declined);
    assert_eq!(state(&caller, "p-3"), ViewState::Cancelled);
    assert_eq!(state(&caller, "p-4"), ViewState::Open);

    // What is decided or ends elsewhere is seen here too.
    caller.server.advance_ms(600_000);
    browser.element("article[data-id=p-4][data-state=expired]").await;
    browser.element("li[data-id=p-1][data-state=paid]").await;
    caller.json(200, "refund", &refund_request("r-1", "p-1", 12_500)).await;
    browser.element("li[data-id=p-1][data-state=refunded]").await;
    assert_eq!(account(&caller, "p-1").times, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_enters_the_amount_of_an_entry_code() {
    let caller = Caller::start(ServerConfig::default()).await;
    let browser = Browser::open("ru").await;
    browser.look(PHONE).await;
    let nothing_asked =
        json!({ "externalId": "p-1", "codeValue": STATIC, "userId": "208800000000000001" });
    caller.json(200, "perform", &nothing_asked).await;
    caller.json(200, "perform", &perform_request("p-2", STATIC)).await;
    browser.go(caller.server.wallet_url()).await;
    assert_eq!(browser.text("#open-title").await, "К оплате");
    let disabled = "return document.querySelector('[data-id=p-1] .primary').disabled";
    assert_eq!(browser.run(disabled).await, json!(true));
    for wrong in ["0", "-5", "1.005", "abc", "1,2,3"] {
        browser.enter("[data-id=p-1] input", wrong).await;
        assert_eq!(browser.run(disabled).await, json!(true), "{wrong}");
    }
    browser.enter("[data-id=p-1] input", "1 099,5").await;
    let button = browser.text("[data-id=p-1] .primary").await;
    assert_eq!(button, "Оплатить 1 099,50 UZS");
    assert_eq!(browser.run(WIDER).await, json!(false));
    keep(&browser, "entry-ru").await;
    browser.click("[data-id=p-1] .primary").await;
    browser.element("[data-id=p-1][data-state=paid]").await;
    assert_eq!(account(&caller, "p-1").moved.unwrap().to_string(), "109950 UZS");
    // The asked amount is proposed.
    browser.click("[data-id=p-2] .primary").await;
    browser.element("[data-id=p-2][data-state=paid]").await;
    assert_eq!(account(&caller, "p-2").moved.unwrap().to_string(), "12500 UZS");
    assert_eq!(browser.run(WIDER).await, json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_stays_text() {
    let hostile = "</script><img src=x onerror=\"document.title='taken'\"><b>Coffee</b>";
    let merchant = Merchant { name: hostile.to_owned(), ..Merchant::default() };
    let behaviour = Behaviour { merchant, ..Behaviour::default() };
    let caller = Caller::start(ServerConfig { behaviour, ..ServerConfig::default() }).await;
    let browser = Browser::open("en").await;
    browser.look(PHONE).await;
    let mut request = perform_request("p-1", STATIC);
    request["orderDescription"] = json!(format!("{hostile}{}", "W".repeat(300)));
    caller.json(200, "perform", &request).await;
    browser.go(caller.server.wallet_url()).await;
    assert_eq!(browser.text(".card .merchant").await, hostile);
    assert!(browser.text(".who .purpose").await.starts_with(hostile));
    browser.click(".card .primary").await;
    browser.element(".card[data-state=paid]").await;
    assert_eq!(browser.run("return document.images.length").await, json!(0));
    let title = browser.run("return document.title").await;
    assert_eq!(title, json!(format!("Till sandbox · {hostile}")));
    assert_eq!(browser.run(WIDER).await, json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_cannot_pay() {
    let caller = Caller::start(ServerConfig::default()).await;
    caller.payable("p-1").await;
    let wallet = caller.server.wallet_url();
    let browser = Browser::open("en").await;
    // A page without an origin of its own, and without a policy that would stop it itself.
    browser.go("data:text/html,<body data-ready=1>").await;
    let attack = format!(
        "return fetch('{wallet}/control/approve', {{method: 'POST', mode: MODE, \
         headers: HEADERS, body: JSON.stringify({{external_id: 'p-1'}})}})\
         .then((answer) => answer.type, () => 'refused')"
    );
    let with_header = attack
        .replace("MODE", "'cors'")
        .replace("HEADERS", "{'Content-Type': 'application/json', 'X-Till-Sandbox': '1'}");
    assert_eq!(browser.run(&with_header).await, json!("refused"));
    let simple = attack.replace("MODE", "'no-cors'").replace("HEADERS", "{}");
    let blind = browser.run(&simple).await;
    assert!(blind == json!("opaque") || blind == json!("refused"), "{blind}");
    assert_eq!(account(&caller, "p-1"), Account::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_fits_every_screen() {
    let rate = "0.00057".parse().unwrap();
    let behaviour = Behaviour {
        discount: Discount::Percent(10),
        cross: Some(Cross { currency: Currency::CNY, rate }),
        ..Behaviour::default()
    };
    for (language, name) in [("en", "en"), ("ru-RU,ru;q=0.9", "ru"), ("zh-CN", "zh")] {
        let behaviour = behaviour.clone();
        let caller = Caller::start(ServerConfig { behaviour, ..ServerConfig::default() }).await;
        let browser = Browser::open(language).await;
        let page = caller.server.wallet_url();
        browser.look(PHONE).await;
        browser.go(page).await;
        keep(&browser, &format!("phone-empty-{name}")).await;
        for (id, amount, purpose) in [
            ("p-1", 4_500_000_u64, "Плов, лепёшка, зелёный чай"),
            ("p-2", 12_500, "Coffee"),
            ("p-3", 890_000, "Тюбетейка"),
            ("p-4", 123_456_789_012_345, "Samarkand carpet, hand-knotted, 3 × 4 m"),
        ] {
            let mut request = perform_request(id, &format!("{STATIC}/{id}"));
            let answer = caller.json(200, "get-qr-code", &support::qr_request(id)).await;
            request["codeValue"] = answer["paymentCodeInfoList"][0]["paymentCode"].clone();
            request["orderDescription"] = json!(purpose);
            request["orderAmount"] = json!(amount);
            request["paymentAmount"] = json!(amount);
            caller.json(200, "perform", &request).await;
        }
        let bank = caller.server.bank();
        let now_ms = caller.server.now_ms();
        bank.lock().unwrap().approve(now_ms, "p-2", None).unwrap();
        bank.lock().unwrap().decline(now_ms, "p-3").unwrap();
        for (look, scheme) in [(PHONE, "phone"), (DESKTOP, "desktop")] {
            for dark in [false, true] {
                browser.look(Look { dark, ..look }).await;
                browser.go(page).await;
                browser.element("li[data-id=p-3]").await;
                assert_eq!(browser.run(WIDER).await, json!(false), "{scheme} {name}");
                let shade = if dark { "dark" } else { "light" };
                keep(&browser, &format!("{scheme}-list-{shade}-{name}")).await;
            }
        }
        browser.look(Look { dark: true, ..PHONE }).await;
        browser.go(&format!("{page}/w/p-1")).await;
        browser.element(".card").await;
        keep(&browser, &format!("phone-dark-{name}")).await;
        browser.look(Look { dark: true, ..DESKTOP }).await;
        browser.go(&format!("{page}/w/p-3")).await;
        browser.element(".card[data-state=declined]").await;
        keep(&browser, &format!("desktop-declined-{name}")).await;
    }
}
