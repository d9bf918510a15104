//! Terminals with the rail `gateway`: the same answers as with a bank of their own.

use std::time::Duration;

use till_core::intent::AnswerCode;
use till_core::operation::Story;
use till_sandbox::Auto;

use crate::desk::Desk;
use crate::till::{Till, Way, about};

fn start(desk: &Desk, journal: &str) -> Till {
    Till::start(&Way {
        url: desk.url.clone(),
        ca_pem: std::fs::read(desk.folder.path().join("ca.pem")).unwrap(),
        token: desk.token.clone(),
        sandbox: true,
        journal: desk.folder.path().join(journal),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_and_its_refund_go_through_the_gateway() {
    let desk = Desk::open().await;
    desk.approve();
    let till = start(&desk, "till.sqlite");
    let paid = till.pay("r-1").await;
    assert_eq!(paid.code, AnswerCode::Success, "{paid:?}");
    assert!(paid.sandbox);
    let receipt = paid.transaction.clone().unwrap();
    assert!(receipt.contains("\"rail\":\"octo\""), "the gateway's own receipt: {receipt}");
    let back = till.refund("r-2", &receipt).await;
    assert_eq!(back.code, AnswerCode::Success, "{back:?}");
    let twice = till.refund("r-3", &receipt).await;
    assert_eq!(twice.code, AnswerCode::NotRefundable, "{twice:?}");
    // Another terminal knows nothing of the payment: the gateway judges the receipt.
    let other = start(&desk, "other.sqlite");
    let again = other.refund("r-4", &receipt).await;
    assert_eq!(again.code, AnswerCode::NotRefundable, "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_payment_is_acknowledged_and_its_late_money_goes_back() {
    let desk = Desk::open().await;
    let till = start(&desk, "till.sqlite");
    let pay = till.pay("r-1");
    let cancel = async {
        till.shows_a_code().await;
        till.terminal.cancel(about("r-1")).await.unwrap()
    };
    let (told, cancelled) = tokio::join!(pay, cancel);
    assert_eq!((told.code, cancelled.code), (AnswerCode::Cancelled, AnswerCode::Cancelled));
    desk.bank.set_auto(Auto::Approve);
    for _ in 0..300 {
        let now = till.status("r-1").await;
        assert_eq!(now.code, AnswerCode::Cancelled, "what was told stays: {now:?}");
        if now.late_payment == Some(Story::Refunded) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the late money was not given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_starts_anew_in_the_middle_changes_no_answer() {
    let mut desk = Desk::open().await;
    let till = start(&desk, "till.sqlite");
    let terminal = till.terminal.clone();
    let shown = till.shown.clone();
    let paying = tokio::spawn(async move { Till { terminal, shown }.pay("r-1").await });
    till.shows_a_code().await;
    let address = desk.server.as_ref().unwrap().address();
    desk.stop().await;
    desk.start_at(address).await;
    desk.approve();
    let paid = paying.await.unwrap();
    assert_eq!(paid.code, AnswerCode::Success, "{paid:?}");
    assert_eq!(desk.recorded().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_gateway_nothing_was_sent_and_without_a_token_nothing_is_configured() {
    let mut desk = Desk::open().await;
    let till = start(&desk, "till.sqlite");
    desk.store.revoke_token("T-1", 1).unwrap();
    let refused = till.pay("r-1").await;
    assert_eq!(refused.code, AnswerCode::NotConfigured, "{refused:?}");
    desk.stop().await;
    let gone = till.pay("r-2").await;
    assert_eq!(gone.code, AnswerCode::NoConnection, "{gone:?}");
}
