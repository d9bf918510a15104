//! ecommpay's Payment Page in a real browser, with real clicks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use serde_json::json;
use support::browser::{Browser, Look, PHONE};
use support::ecommpay::{Merchant, page, sale};
use till_sandbox::{Account, ServerConfig, ViewState};

const WIDER: &str =
    "return document.documentElement.scrollWidth > document.documentElement.clientWidth";

fn account(merchant: &Merchant, id: &str) -> Account {
    merchant.server.platform().lock().unwrap().ledger().account(id)
}

fn state(merchant: &Merchant, id: &str) -> ViewState {
    let now_ms = merchant.server.now_ms();
    merchant.server.platform().lock().unwrap().payment(now_ms, id).unwrap().state
}

/// Puts a picture of the window into the folder `$TILL_SCREENS`, if there is one.
async fn keep(browser: &Browser, name: &str) {
    let picture = browser.picture().await;
    assert!(picture.starts_with(b"\x89PNG"), "{name}");
    if let Some(folder) = std::env::var_os("TILL_SCREENS") {
        std::fs::create_dir_all(&folder).unwrap();
        let file = std::path::Path::new(&folder).join(format!("payment-page-{name}.png"));
        std::fs::write(file, picture).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_opens_the_page_declines_and_pays_after_all() {
    let merchant = Merchant::start(ServerConfig::default()).await;
    let browser = Browser::open("en").await;
    browser.look(PHONE).await;
    let url = page(&merchant.server, "page-1", 12_500);
    browser.go(&url).await;
    assert_eq!(browser.text("button.primary").await, "Success: pay 125.00 CNY");
    assert_eq!(browser.text("[data-action=decline]").await, "Decline");
    assert_eq!(browser.text("[data-action=cancel]").await, "Cancel");
    assert_eq!(browser.text(".who .purpose").await, "Зелёный чай");
    browser.click("[data-action=decline]").await;
    browser.element(".card[data-state=declined]").await;
    assert_eq!(state(&merchant, "page-1"), ViewState::Declined);
    browser.click(".again").await;
    browser.click("button.primary").await;
    assert_eq!(browser.text(".card[data-state=paid] .result-sum").await, "125.00 CNY");
    assert_eq!(account(&merchant, "page-1").times, 1);
    // Opened again it shows the result and nothing to press.
    browser.go(&url).await;
    browser.element(".card[data-state=paid]").await;
    let hidden = "return document.querySelector('.card .actions').offsetParent === null \
                  && document.querySelector('.again').offsetParent === null";
    assert_eq!(browser.run(hidden).await, json!(true));
    assert_eq!(account(&merchant, "page-1").times, 1);

    let other = page(&merchant.server, "page-2", 12_500);
    browser.go(&other).await;
    browser.click("[data-action=cancel]").await;
    browser.element(".card[data-state=cancelled]").await;
    assert_eq!(account(&merchant, "page-2").times, 0);

    browser.go(&other.replace("=12500&", "=1&")).await;
    assert_eq!(browser.text("#problem").await, "Invalid signature (3261)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_sum_declines_whatever_is_pressed() {
    let merchant = Merchant::start(ServerConfig::default()).await;
    let browser = Browser::open("en").await;
    browser.look(PHONE).await;
    browser.go(&page(&merchant.server, "page-1", 40_000)).await;
    browser.click("button.primary").await;
    browser.element(".card[data-state=declined]").await;
    assert_eq!(account(&merchant, "page-1").times, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wallet_lists_both_ways_to_pay() {
    let merchant = Merchant::start(ServerConfig::default()).await;
    merchant.call(200, "wallet/alipay/sale", &sale("gate-1", 1_000)).await;
    merchant.server.scan(&page(&merchant.server, "page-1", 2_000)).unwrap();
    let browser = Browser::open("en").await;
    browser.look(PHONE).await;
    browser.go(merchant.server.wallet_url()).await;
    browser.click("[data-id=gate-1] [data-action=approve]").await;
    browser.element("[data-id=gate-1][data-state=paid]").await;
    browser.click("[data-id=page-1] [data-action=approve]").await;
    browser.element("[data-id=page-1][data-state=paid]").await;
    assert_eq!(account(&merchant, "gate-1").times, 1);
    assert_eq!(account(&merchant, "page-1").times, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_fits_a_phone_in_three_languages() {
    for (language, name, success) in [
        ("en", "en", "Success: pay 1,234.50 CNY"),
        ("ru-RU,ru;q=0.9", "ru", "Успех: оплатить 1 234,50 CNY"),
        ("zh-CN", "zh", "成功：支付 1,234.50 CNY"),
    ] {
        let merchant = Merchant::start(ServerConfig::default()).await;
        let browser = Browser::open(language).await;
        let url = page(&merchant.server, "page-1", 123_450);
        for (dark, shade) in [(false, "light"), (true, "dark")] {
            browser.look(Look { dark, ..PHONE }).await;
            browser.go(&url).await;
            let button = browser.text("button.primary").await;
            assert_eq!(button.replace(['\u{a0}', '\u{202f}'], " "), success);
            assert_eq!(browser.run(WIDER).await, json!(false), "{name} {shade}");
            keep(&browser, &format!("{shade}-{name}")).await;
        }
        browser.click("[data-action=decline]").await;
        browser.element(".card[data-state=declined] .again").await;
        assert_eq!(browser.run(WIDER).await, json!(false), "{name}");
        keep(&browser, &format!("declined-{name}")).await;
        browser.go(&url.replace("=123450&", "=1&")).await;
        browser.element("#problem").await;
        assert_eq!(browser.run(WIDER).await, json!(false), "{name}");
        keep(&browser, &format!("refused-{name}")).await;
    }
}
