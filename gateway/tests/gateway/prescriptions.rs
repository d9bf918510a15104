//! What ecommpay's Gate prescribes by callback, through the gateway to its terminals.

use reqwest::StatusCode;
use serde_json::{Value, json};
use till_sandbox::ecommpay::{Shows, signature};

use crate::callbacks::{approve, call_back, external_id, pay};
use crate::desk::{Desk, ID, SECRET, code};

/// Begins a payment, waits for what is prescribed, and lets it be paid.
async fn prescribed(shows: Shows) -> Value {
    let desk = Desk::with_gate().await;
    desk.change_platform(|behaviour| behaviour.shows = shows);
    desk.put(ID, "", pay()).await;
    let (_, shown) = desk.get(ID, "?wait=30&version=creating").await;
    assert_eq!(shown["state"], "waiting", "{shown}");
    // A terminal that comes back is told the same again.
    let (_, again) = desk.put(ID, "", pay()).await;
    assert_eq!((&again["hand_over"], &again["version"]), (&shown["hand_over"], &shown["version"]));
    approve(&desk, &external_id(&desk).await);
    let (_, paid) = desk.get(ID, "?wait=60&version=waiting*").await;
    assert_eq!(code(&paid), 0, "{paid}");
    assert!(paid["hand_over"].is_null() && paid["code"].is_null(), "{paid}");
    shown
}

/// Who names no version hears of the next change, whatever stands when it comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_without_a_version_waits_for_a_change_and_never_at_the_end() {
    let desk = Desk::with_gate().await;
    let began = tokio::time::Instant::now();
    desk.put(ID, "", pay()).await;
    let (_, shown) = desk.get(ID, "?wait=60").await;
    assert!(shown["code"]["value"].is_string(), "the code is not withheld: {shown}");
    approve(&desk, &external_id(&desk).await);
    let (_, paid) = desk.get(ID, "?wait=60").await;
    assert_eq!(code(&paid), 0, "{paid}");
    assert_eq!(desk.get(ID, "?wait=60").await.1, paid);
    // A refund that the bank took and has not done yet is in doubt: that is no end.
    let receipt = paid["answer"]["extras"]["transaction"].clone();
    let refund = json!({ "action": "refund", "amount": 500, "primary_transaction": receipt });
    let id = ID.replace("5f3a", "7f3a");
    let (_, begun) = desk.put(&id, "?wait=20", refund).await;
    assert_eq!(begun["state"], "in_doubt", "{begun}");
    let (_, back) = desk.get(&id, "?wait=60").await;
    assert_eq!((back["state"].as_str(), code(&back)), (Some("ended"), 0), "{back}");
    assert!(began.elapsed() < std::time::Duration::from_secs(55), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_form_of_a_qr_code_is_shown_for_its_time() {
    let forms = [(Shows::QrData, "text"), (Shows::QrImg, "picture"), (Shows::QrUrl, "picture_url")];
    for (shows, form) in forms {
        let shown = prescribed(shows).await;
        assert_eq!(shown["code"]["form"], form, "{shown}");
        assert!(shown["code"]["left_ms"].as_u64().unwrap() <= 120_000, "{shown}");
        assert!(shown["hand_over"].is_null(), "{shown}");
        let value = shown["code"]["value"].as_str().unwrap();
        assert!(form != "picture_url" || value.starts_with("https://"), "{value}");
        assert!(form != "picture" || value.starts_with("iVBOR"), "a PNG in Base64: {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirection_reaches_the_terminal_whole() {
    let shown = prescribed(Shows::RedirectGet).await;
    let address = shown["hand_over"]["url"]["url"].as_str().unwrap_or_else(|| panic!("{shown}"));
    assert!(address.starts_with("https://") && address.contains("/alipay/"), "{address}");
    assert!(shown["code"].is_null(), "{shown}");
    let shown = prescribed(Shows::RedirectPost).await;
    let form = &shown["hand_over"]["form"];
    assert!(form["url"].as_str().unwrap().ends_with("/alipay/h5"), "{shown}");
    let fields = form["fields"].as_array().unwrap();
    let field = |name: &str| fields.iter().find(|field| field[0] == name).map(|field| &field[1]);
    assert_eq!(field("amount"), Some(&json!("125.00")), "{shown}");
    assert!(field("sign").is_some() && fields.len() == 9, "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_wants_to_know_and_nobody_does_ends_with_code_6_and_its_name() {
    let desk = Desk::with_gate().await;
    desk.change_platform(|behaviour| behaviour.clarify = vec!["phone".to_owned()]);
    desk.put(ID, "", pay()).await;
    let (_, ended) = desk.get(ID, "?wait=30&version=creating").await;
    assert_eq!((ended["state"].as_str(), code(&ended)), (Some("ended"), 6), "{ended}");
    assert!(ended["ended"]["message"].as_str().unwrap().contains("customer.phone"), "{ended}");
}

/// What is prescribed is believed of a payment that has nothing on a screen yet, and of no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_prescription_shows_no_second_code() {
    let desk = Desk::with_gate().await;
    desk.put(ID, "", pay()).await;
    let (_, shown) = desk.get(ID, "?wait=30&version=creating").await;
    let other = json!({
        "project_id": 201,
        "payment": { "id": external_id(&desk).await, "status": "awaiting redirect result" },
        "display_data": [{ "type": "qr_data", "title": "", "data": "https://other.example/1" }],
    });
    let (status, _) = call_back(&desk, &signature::signed(other, SECRET)).await;
    assert_eq!(status, StatusCode::OK);
    let (_, still) = desk.get(ID, "").await;
    assert_eq!(still["code"]["value"], shown["code"]["value"], "one payment has one code");
}
