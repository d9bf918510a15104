//! Callbacks: what they say, where they go, when they come again.

use serde_json::json;

use super::super::outbox::pause_ms;
use super::super::{Behaviour, Platform, Shows, signature};
use super::{Desk, REFUND, SALE, refund, sale};

const URL: &str = "https://shop.example/callback";

fn desk(behaviour: Behaviour) -> Desk {
    Desk::new(Behaviour { callback_url: Some(URL.to_owned()), ..behaviour })
}

fn right(body: &serde_json::Value) -> bool {
    let given = body["signature"].as_str().unwrap();
    signature::is_right(body, "ecommpay-sandbox-key", given)
}

#[test]
fn each_step_is_told_signed() {
    let mut desk = desk(Behaviour::default());
    desk.paid("p-1", 1_000);
    desk.accepted(REFUND, &refund("p-1", "r-1", Some(400)));
    desk.later(500);
    let told: Vec<_> = desk.platform.callbacks().map(|one| one.body.clone()).collect();
    let seen = |index: usize| {
        let body: &serde_json::Value = &told[index];
        assert!(right(body));
        assert_eq!(body["project_id"], 201);
        assert_eq!(body["payment"]["id"], "p-1");
        let text = |at: &str| body.pointer(at).unwrap().as_str().unwrap().to_owned();
        (text("/payment/status"), text("/operation/type"), text("/operation/status"))
    };
    let triple = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    let waiting = "awaiting redirect result";
    assert_eq!(seen(0), triple(waiting, "sale", waiting));
    assert_eq!(seen(1), triple("success", "sale", "success"));
    assert_eq!(seen(2), triple("partially refunded", "refund", "success"));
    assert_eq!(told[2]["operation"]["merchant_refund_id"], "r-1");
    assert_eq!(told.len(), 3);
}

#[test]
fn every_way_to_pay_is_shown() {
    for shows in
        [Shows::QrData, Shows::QrImg, Shows::QrUrl, Shows::RedirectGet, Shows::RedirectPost]
    {
        let mut desk = desk(Behaviour { shows, ..Behaviour::default() });
        desk.sold("p-1", 1_000);
        let told = desk.told();
        assert!(right(&told), "{shows:?}");
        let code = desk.platform.payment(desk.now_ms, "p-1").unwrap().code;
        let word = code.rsplit('/').next().unwrap().to_owned();
        let (data, redirect) = (&told["display_data"], &told["redirect_data"]);
        match shows {
            Shows::RedirectGet => {
                assert_eq!(redirect["method"], "GET");
                assert_eq!(redirect["body"], json!([]), "an empty body is a list");
                assert!(redirect["url"].as_str().unwrap().ends_with(&word));
            }
            Shows::RedirectPost => {
                assert_eq!(redirect["method"], "POST");
                assert_eq!(redirect["body"]["amount"], "10.00");
                let order = redirect["body"]["order_no"].as_str().unwrap();
                assert_eq!(desk.platform.find(order).as_deref(), Some("p-1"));
            }
            Shows::QrData | Shows::QrImg | Shows::QrUrl | Shows::Nothing => {
                assert_eq!(
                    data[1],
                    json!({
                        "type": "add_info", "title": "QR Code Timeout", "data": "600",
                    })
                );
                let text = data[0]["data"].as_str().unwrap();
                match shows {
                    Shows::QrImg => {
                        let picture = data_encoding::BASE64.decode(text.as_bytes()).unwrap();
                        assert!(picture.starts_with(b"\x89PNG"));
                        assert_eq!(desk.platform.picture(&word).unwrap(), picture);
                    }
                    Shows::QrUrl => assert!(text.ends_with(&format!("/qr/{word}.png"))),
                    Shows::QrData | Shows::RedirectGet | Shows::RedirectPost | Shows::Nothing => {
                        assert_eq!(text, code)
                    }
                }
            }
        }
    }
}

#[test]
fn the_address_of_the_request_wins() {
    let mut desk = desk(Behaviour::default());
    let mut request = sale("p-1", 1_000);
    request["general"]["merchant_callback_url"] = json!("https://other.example/");
    desk.accepted(SALE, &request);
    desk.later(200);
    let taken = desk.platform.take_callbacks(desk.now_ms);
    assert_eq!(taken[0].url, "https://other.example/");
    let mut request = sale("p-2", 1_000);
    request["general"]["merchant_callback_url"] = json!("nowhere");
    assert_eq!(desk.refused(SALE, &request), "2004");
}

#[test]
fn a_callback_is_put_off_or_unwanted_as_the_sale_says() {
    let mut desk = desk(Behaviour::default());
    let mut request = sale("p-1", 1_000);
    request["callback"] = json!({ "delay": 30, "force_disable": 1 });
    desk.accepted(SALE, &request);
    desk.later(200);
    assert!(desk.platform.take_callbacks(desk.now_ms).is_empty());
    desk.later(30_000);
    assert_eq!(desk.platform.take_callbacks(desk.now_ms).len(), 1, "it asks for something");
    desk.choose(Platform::approve, "p-1").unwrap();
    desk.later(60_000);
    assert!(desk.platform.take_callbacks(desk.now_ms).is_empty(), "it only informs");
}

#[test]
fn the_schedule_is_the_documents() {
    assert!((1..=6).all(|attempt| pause_ms(attempt) == 10_000));
    // 70 + 10 × 1.12^3, 1.12^4 and 1.12^36.
    assert_eq!((pause_ms(7), pause_ms(8)), (84_049, 85_735));
    assert!((661_000..662_000).contains(&pause_ms(40)), "{}", pause_ms(40));
    let pauses: Vec<i64> = (1..120).map(pause_ms).collect();
    assert!(pauses.is_sorted());
    assert_eq!(*pauses.last().unwrap(), 4 * 3_600_000);
    let days = pauses.iter().sum::<i64>() / 86_400_000;
    assert!((9..=11).contains(&days), "{days}");
}

#[test]
fn an_unheard_callback_comes_again_at_most_120_times() {
    let mut desk = desk(Behaviour { shows: Shows::Nothing, ..Behaviour::default() });
    desk.accepted(SALE, &sale("p-1", 1_000));
    desk.later(1_800_000);
    let mut attempts = 0;
    while let Some(at_ms) = desk.platform.next_ms() {
        desk.later((at_ms - desk.now_ms).max(0));
        for callback in desk.platform.take_callbacks(desk.now_ms) {
            attempts += 1;
            assert_eq!(callback.attempt, attempts);
            desk.platform.callback_answered(desk.now_ms, callback.id, false);
        }
    }
    assert_eq!(attempts, 120);
    let view = desk.platform.callbacks().next_back().unwrap();
    assert_eq!((view.attempts, view.delivered), (120, false));
}

#[test]
fn what_was_on_its_way_at_a_crash_is_sent_again() {
    let mut desk = desk(Behaviour::default());
    desk.sold("p-1", 1_000);
    let first = desk.platform.take_callbacks(desk.now_ms);
    let kept = serde_json::to_string(&desk.platform).unwrap();
    desk.platform = serde_json::from_str(&kept).unwrap();
    let again = desk.platform.take_callbacks(desk.now_ms);
    assert_eq!((again[0].id, &again[0].body), (first[0].id, &first[0].body));
    desk.platform.callback_answered(desk.now_ms, again[0].id, true);
    desk.later(86_400_000);
    let left = desk.platform.take_callbacks(desk.now_ms);
    assert!(left.iter().all(|one| one.id != first[0].id), "it was heard");
}

#[test]
fn held_callbacks_go_backwards() {
    let mut desk = desk(Behaviour::default());
    desk.platform.hold_callbacks(desk.now_ms, true, false);
    desk.paid("p-1", 1_000);
    desk.later(60_000);
    assert!(desk.platform.take_callbacks(desk.now_ms).is_empty());
    desk.platform.hold_callbacks(desk.now_ms, false, true);
    let mut order = Vec::new();
    for _ in 0..3 {
        order.extend(desk.platform.take_callbacks(desk.now_ms).into_iter().map(|one| one.id));
        desk.later(100);
    }
    assert_eq!(order, [2, 1]);
}
