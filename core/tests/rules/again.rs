//! A screen that was made anew finds its operation by its name alone.

use super::desk::Desk;
use till_core::engine::{Again, Input, Stage};
use till_core::id::{Caller, RequestId};
use till_core::intent::Advice;
use till_core::journal::Journal as _;
use till_core::operation::{Action, Choice};

fn again(desk: &mut Desk, id: &str, caller: &str, attended: bool) -> u64 {
    let again = Again {
        operation: desk.newest(id).id,
        caller: Caller::new(caller),
        request_id: RequestId::new(id),
        metadata: None,
        attended,
    };
    desk.next += 1;
    desk.input(Input::Again { waiter: desk.next, again });
    desk.next
}

fn stages(desk: &Desk, waiter: u64) -> Vec<&'static str> {
    let name = |stage: &Stage| match stage {
        Stage::Started { .. } => "started",
        Stage::CodeShown { .. } => "code",
        Stage::HandedToWallet => "wallet",
        Stage::Closing => "closing",
        Stage::NotConfirmed => "doubt",
        Stage::BankSilent { .. } | Stage::BankRefuses { .. } => "trouble",
    };
    desk.stages.iter().filter(|(id, _)| *id == waiter).map(|(_, stage)| name(stage)).collect()
}

#[test]
fn a_shown_code_is_shown_again_with_its_sum_and_answered() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    let waiter = again(&mut desk, "r1", "pos", true);
    assert_eq!(stages(&desk, waiter), ["started", "code"]);
    desk.reply("poll", "paid");
    assert_eq!(desk.told(waiter), (0, Advice::None));
}

#[test]
fn an_answer_that_is_known_is_given_at_once_and_begins_nothing() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    let calls = desk.calls.len();
    let waiter = again(&mut desk, "r1", "pos", true);
    assert_eq!(desk.told(waiter), (0, Advice::None));
    assert_eq!(desk.calls.len(), calls);
}

#[test]
fn a_payment_in_doubt_stays_on_the_operators_screen_until_the_choice() {
    let mut desk = Desk::new().start();
    desk.attended = true;
    desk.shown("r1");
    desk.cancel("r1");
    desk.silence("close", true);
    let mut desk = desk.start();
    let waiter = again(&mut desk, "r1", "pos", true);
    assert_eq!(stages(&desk, waiter)[..2], ["started", "doubt"]);
    desk.silence("inquire", true);
    desk.pass(120_000);
    assert_eq!(desk.code(waiter), None);
    let operation = desk.newest("r1").id;
    desk.input(Input::Choose { operation, choice: Choice::GoodsKept });
    assert_eq!(desk.told(waiter), (4, Advice::AskStatus));
    // The choice was made: a screen that is made anew once more is answered.
    let waiter = again(&mut desk, "r1", "pos", true);
    assert_eq!(desk.told(waiter), (4, Advice::AskStatus));
}

#[test]
fn nobody_elses_operation_is_told() {
    let mut desk = Desk::new().start();
    desk.paid("r1");
    let waiter = again(&mut desk, "r1", "other", true);
    assert_eq!(desk.told(waiter), (11, Advice::NewRequest));
}

#[test]
fn a_refund_in_doubt_is_asked_for_once_and_told_as_such() {
    let mut desk = Desk::new().start();
    let transaction = desk.paid("r1");
    let refund = desk.refund("r2", &transaction, 2_500);
    desk.silence("refund", true);
    desk.pass(60_000);
    let _first = refund;
    let caller = Caller::new("pos");
    let found = desk.journal.by_request(&caller, Action::Refund, &RequestId::new("r2")).unwrap();
    let id = found[0].id.clone();
    let again = Again {
        operation: id,
        caller,
        request_id: RequestId::new("r2"),
        metadata: None,
        attended: false,
    };
    let mut desk = desk.start();
    desk.next += 1;
    let waiter = desk.next;
    desk.input(Input::Again { waiter, again });
    desk.pass(100);
    let name = desk.under_way().first().map(|name| (*name).to_owned());
    if let Some(name) = name {
        desk.silence(&name, true);
    }
    desk.pass(60_000);
    assert_eq!(desk.told(waiter), (4, Advice::RepeatSameRequest));
}
