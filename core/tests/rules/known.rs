//! The rules: what a gateway's terminals tell of an operation that they named.

use super::desk::Desk;
use till_core::engine::{Act, Input, Named};
use till_core::id::{Caller, OperationId, RailId, RequestId};
use till_core::intent::{PayRequest, Request};
use till_core::journal::Journal as _;
use till_core::operation::{Choice, Heard, State, Told};

/// A gateway whose terminal has a payment that is paid, and told to nobody; its transaction.
fn paid() -> (Desk, String) {
    let mut desk = Desk::new();
    desk.settings.callers_are_terminals = true;
    let mut desk = desk.start();
    let waiter = desk.shown("r1");
    desk.reply("poll", "paid");
    let transaction = desk.answers[&waiter].transaction.clone().unwrap();
    (desk, transaction)
}

fn hears(desk: &mut Desk, heard: Heard) {
    let (caller, id) = (Some(Caller::new("pos")), desk.newest("r1").id);
    let named = Named { caller, id, order: None, begin: false, act: Act::Heard(heard) };
    desk.next += 1;
    desk.input(Input::Known { waiter: desk.next, named });
    desk.pass(200);
}

/// Both words that make late money of a success.
const WORDS: [Heard; 2] = [Heard::No(Told::Cancelled), Heard::Unknown(Choice::GoodsKept)];

#[test]
fn a_no_about_a_success_gives_it_back() {
    for heard in WORDS {
        let (mut desk, _) = paid();
        hears(&mut desk, heard);
        assert_eq!(desk.under_way(), ["refund"], "{heard:?}");
        assert!(matches!(desk.newest("r1").state, State::Late(_)));
    }
}

/// The whole sum would go back beside what went back already.
#[test]
fn a_no_about_a_success_that_was_refunded_in_part_gives_nothing_back() {
    for heard in WORDS {
        let (mut desk, payment) = paid();
        let refund = desk.refund("f1", &payment, 5_000);
        desk.reply("refund", "paid");
        assert_eq!(desk.code(refund), Some(0));
        hears(&mut desk, heard);
        assert!(desk.calls.is_empty(), "{heard:?}: {:?}", desk.calls);
        assert!(matches!(desk.newest("r1").state, State::Approved(_)));
    }
}

#[test]
fn nor_while_a_refund_runs_or_is_in_doubt() {
    for answered in [false, true] {
        let (mut desk, payment) = paid();
        desk.refund("f1", &payment, 5_000);
        if answered {
            desk.silence("refund", true);
        }
        hears(&mut desk, Heard::No(Told::Expired));
        assert!(matches!(desk.newest("r1").state, State::Approved(_)));
        assert!(!desk.calls.iter().any(|(_, _, body, _)| body.ends_with("-late")));
    }
}

#[test]
fn a_refund_that_was_declined_keeps_nothing_from_going_back() {
    let (mut desk, payment) = paid();
    desk.refund("f1", &payment, 5_000);
    desk.reply("refund", "declined no");
    hears(&mut desk, Heard::No(Told::Cancelled));
    assert!(matches!(desk.newest("r1").state, State::Late(_)));
}

/// Whoever did not hear that its order cannot be taken gives it up, and hears how that ends.
#[test]
fn an_order_that_cannot_be_taken_can_be_given_up() {
    for (currency, rail) in [(Some("JPY"), None), (None, Some("unknown"))] {
        let mut desk = Desk::new();
        desk.settings.callers_are_terminals = true;
        let mut desk = desk.start();
        let order = PayRequest {
            caller: Caller::new("pos"),
            request_id: Some(RequestId::new("r1")),
            metadata: None,
            amount_minor: 100,
            purpose: "Coffee".to_owned(),
            currency: currency.map(|code| code.parse().unwrap()),
            rail: rail.map(RailId::new),
            code_value: None,
            idempotent: false,
        };
        let mut recorded = vec![];
        for begin in [true, false, true, false] {
            let id = OperationId::new("5f3a52c0-1111-4d0b-9a53-3b0e3c1c4f10");
            let order = Some(Request::Pay(order.clone()));
            let caller = Some(Caller::new("pos"));
            let named = Named { caller, id, order, begin, act: Act::Look };
            desk.next += 1;
            desk.input(Input::Known { waiter: desk.next, named });
            recorded.push(desk.journal.history(10).unwrap().len());
        }
        assert_eq!(recorded, [0, 1, 1, 1], "{currency:?} {rail:?}");
        let state = desk.newest("r1").state;
        assert!(matches!(&state, State::Refused(refused) if refused.code == 7), "{state:?}");
        assert!(desk.calls.is_empty());
    }
}
