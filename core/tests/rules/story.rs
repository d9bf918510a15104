//! What the journal tells people of an operation, line by line.

use super::desk::Desk;
use till_core::engine::Input;

/// Gives the story of the newest operation of this request id.
fn story(desk: &mut Desk, request_id: &str) -> Vec<String> {
    desk.lists.clear();
    desk.input(Input::History { waiter: 9_999, limit: 100 });
    let told = desk.lists[&9_999].as_ref().unwrap();
    let of = told.iter().find(|one| one.operation.order.request_id.as_str() == request_id);
    of.unwrap().story.iter().map(|record| record.event.clone()).collect()
}

#[test]
fn of_a_cancelled_code_whose_money_came_late() {
    let mut desk = Desk::new().start();
    desk.shown("r1");
    desk.cancel("r1");
    desk.reply("close", "open");
    desk.pass(20_000);
    desk.reply("watch", "paid");
    desk.reply("refund", "paid");
    let told = story(&mut desk, "r1");
    assert_eq!(
        told[2..],
        [
            "closing: cancelled",
            "closed: cancelled",
            "late money, 12500 UZS: being given back",
            "late money, 12500 UZS: given back",
        ]
    );
    let late = format!("late:{}", desk.newest("r1").id);
    assert_eq!(
        story(&mut desk, &late),
        ["give-back recorded", "approved: 12500 UZS", "answer handed over"]
    );
}

#[test]
fn of_late_money_that_cannot_go_back_or_is_kept() {
    for (give_back, end) in [
        (true, "ALARM: late money, 12500 UZS: the bank refuses to give it back"),
        (false, "ALARM: late money, 12500 UZS: kept and reported"),
    ] {
        let mut desk = Desk::new();
        desk.settings.rules.give_back = give_back;
        let mut desk = desk.start();
        desk.shown("r1");
        desk.cancel("r1");
        desk.reply("close", "open");
        desk.pass(20_000);
        desk.reply("watch", "paid");
        if give_back {
            desk.reply("refund", "declined no");
        }
        assert_eq!(story(&mut desk, "r1").last().unwrap(), end);
    }
}

#[test]
fn of_a_doubt_that_was_told() {
    let mut desk = Desk::new().start();
    desk.settings.rules.wait_ms = 5_000;
    let mut desk = desk.start();
    desk.shown("r1");
    desk.pass(5_100);
    desk.silence("close", true);
    desk.pass(11_000);
    desk.reply("inquire", "paid");
    let told = story(&mut desk, "r1");
    let end = [
        "closing: nobody paid in time",
        "in doubt",
        "told: not known (GoodsHandedOver)",
        "approved: 12500 UZS",
    ];
    assert_eq!(told[2..], end);
}

#[test]
fn of_a_lost_code_that_the_operator_closes() {
    let mut desk = Desk::new().start();
    desk.pay("r1");
    let mut desk = desk.killed();
    desk.cancel("r1");
    desk.reply("close", "declined no funds");
    let told = story(&mut desk, "r1");
    let end = ["in doubt", "the operator wants to close it", "declined: no funds"];
    assert_eq!(told[1..], end);
}

#[test]
fn of_what_never_left_and_of_what_was_refused() {
    let mut desk = Desk::new().start();
    desk.pay("r1");
    for _ in 0..3 {
        desk.silence("code", false);
    }
    let told = story(&mut desk, "r1");
    assert_eq!(told[1..], ["refused (7): the bank did not answer in time"]);
    desk.pay("r2");
    for _ in 0..3 {
        desk.silence("code", true);
    }
    desk.reply("close", "no-word");
    let told = story(&mut desk, "r2");
    assert_eq!(told[1..], ["closing: no connection", "closed: no connection"]);
}

#[test]
fn of_an_entry_code_with_another_sum() {
    let mut desk = Desk::new();
    desk.settings.bridge = true;
    let mut desk = desk.start();
    desk.pay_with("r1", |pay| pay.code_value = Some("https://qr".to_owned()));
    desk.reply("perform", "hand");
    desk.reply("poll", "other 9000");
    let told = story(&mut desk, "r1");
    let end = ["customer handed over", "late money, 9000 UZS: being given back"];
    assert_eq!(told[1..], end);
}

#[test]
fn of_a_refund_that_the_bank_took_back_and_of_settled_ones() {
    let mut desk = Desk::new().start();
    let payment = desk.paid("r1");
    desk.refund("f1", &payment, 100);
    desk.reply("refund", "paid");
    desk.pass(4_400_000);
    desk.reply("watch", "declined no");
    let told = story(&mut desk, "f1");
    assert_eq!(told[1..], ["approved: 100 UZS", "ALARM: the bank took its word back"]);
    for (paid, end) in [
        (true, "settled as paid by the operator: seen at the bank"),
        (false, "settled as not paid by the operator: seen at the bank"),
    ] {
        let mut desk = Desk::new().start();
        desk.pay("r2");
        let mut desk = desk.killed();
        desk.settle("r2", till_core::operation::Action::Pay, paid);
        desk.reply("inquire", "open");
        assert_eq!(story(&mut desk, "r2").last().unwrap(), end);
    }
}
