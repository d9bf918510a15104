//! A pay in doubt: what ends it, what does not, what is told.

use super::bench::{Bench, HOUR, MINUTE, SECOND, no_word, paid, receipt, unanswered, uzs};
use till_core::operation::{
    Ask, Audience, Choice, Effect, Event, NoReason, State, Story, Timer, Told, Verdict,
};

/// A pay whose closing inquiry had no answer.
fn doubt(audience: Audience) -> Bench {
    let mut pay = Bench::shown();
    pay.audience = audience;
    pay.on(Event::Due(Timer::Wait)).on(Event::Hidden).answer(Ask::Close, unanswered(true));
    pay
}

/// A pay whose code was lost with the process.
fn lost() -> Bench {
    let mut pay = Bench::pay();
    pay.on(Event::Reload).audience = Audience::Nobody;
    pay
}

#[test]
fn no_timer_and_no_number_of_attempts_ends_a_doubt() {
    let mut pay = doubt(Audience::Operator);
    for _ in 0..1_000 {
        pay.pass(HOUR).on(Event::Due(Timer::Ask)).answer(Ask::Inquire, unanswered(true));
        pay.on(Event::Due(Timer::Wait)).on(Event::Due(Timer::GiveUp));
        assert_eq!((pay.name(), pay.tells()), ("in doubt", false));
    }
}

#[test]
fn a_program_is_told_code_4_after_10_s_and_later_money_is_reported() {
    let mut pay = doubt(Audience::Program);
    assert_eq!(pay.wakes(Timer::GiveUp), Some(10 * SECOND));
    pay.on(Event::Due(Timer::GiveUp));
    assert!(pay.tells());
    let State::InDoubt(doubt) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(doubt.choice, Some(Choice::GoodsHandedOver));
    pay.answer(Ask::Watch, paid());
    let State::Approved(approved) = &pay.state else { panic!("{:?}", pay.state) };
    assert!(approved.late);
}

#[test]
fn an_operators_screen_never_tells_code_4_by_itself() {
    let mut pay = doubt(Audience::Operator);
    pay.on(Event::Due(Timer::GiveUp));
    assert!(!pay.tells());
}

#[test]
fn goods_kept_means_that_later_money_is_given_back() {
    let mut pay = doubt(Audience::Operator);
    pay.on(Event::Choose(Choice::GoodsKept));
    assert!(pay.tells());
    pay.answer(Ask::Watch, paid());
    let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!((late.told, late.story), (Told::Unknown, Story::Refunding));
    assert!(pay.does(&Effect::GiveBack(uzs(12_500))));
}

#[test]
fn goods_handed_over_means_that_later_money_is_reported() {
    let mut pay = doubt(Audience::Operator);
    pay.on(Event::Choose(Choice::GoodsHandedOver)).answer(Ask::Watch, paid());
    let State::Approved(approved) = &pay.state else { panic!("{:?}", pay.state) };
    assert!(approved.late && !pay.does(&Effect::GiveBack(uzs(12_500))));
}

#[test]
fn a_choice_is_made_once() {
    let mut pay = doubt(Audience::Operator);
    pay.on(Event::Choose(Choice::GoodsKept)).on(Event::Choose(Choice::GoodsHandedOver));
    let State::InDoubt(doubt) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(doubt.choice, Some(Choice::GoodsKept));
}

#[test]
fn paid_before_anything_was_told_is_a_plain_success() {
    let mut pay = doubt(Audience::Operator);
    pay.answer(Ask::Inquire, paid());
    let State::Approved(approved) = &pay.state else { panic!("{:?}", pay.state) };
    assert!(!approved.late && pay.tells());
}

#[test]
fn once_code_4_was_told_an_open_answer_closes_nothing() {
    let mut pay = doubt(Audience::Program);
    pay.on(Event::Due(Timer::GiveUp)).answer(Ask::Watch, Verdict::Open(None));
    assert_eq!(pay.name(), "in doubt");
    pay.answer(Ask::Watch, Verdict::NotPaid(NoReason::Cancelled));
    let State::NotPaid(not_paid) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(not_paid.told, None, "the bank's own word is told");
}

#[test]
fn the_operator_can_close_a_lost_code() {
    let mut pay = lost();
    assert_eq!(pay.on(Event::Cancel).sends(), [Ask::Close]);
    pay.answer(Ask::Close, Verdict::Open(None));
    let State::Closed(closed) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(closed.told, Told::Cancelled);
}

#[test]
fn silence_twice_a_minute_apart_after_the_end_is_the_banks_word() {
    let mut pay = lost();
    pay.pass(12 * MINUTE - 1).answer(Ask::Watch, no_word());
    pay.pass(MINUTE).answer(Ask::Watch, no_word());
    assert_eq!(pay.name(), "in doubt", "the first one was before the end and 2 minutes");
    pay.pass(MINUTE - 1).answer(Ask::Watch, no_word());
    assert_eq!(pay.name(), "in doubt", "less than a minute apart");
    pay.pass(1).answer(Ask::Watch, no_word());
    let State::NotPaid(not_paid) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(not_paid.reason, NoReason::Expired);
}

#[test]
fn an_open_answer_between_begins_the_silence_anew() {
    let mut pay = lost();
    pay.pass(13 * MINUTE).answer(Ask::Watch, no_word());
    pay.pass(MINUTE).answer(Ask::Watch, Verdict::Open(None));
    pay.pass(MINUTE).answer(Ask::Watch, no_word());
    assert_eq!(pay.name(), "in doubt");
    pay.answer(Ask::Watch, unanswered(true)).pass(MINUTE).answer(Ask::Watch, no_word());
    assert_eq!(pay.name(), "not paid", "no answer is no word either way");
}

#[test]
fn the_silence_rule_ends_closed_codes_with_what_was_told() {
    let mut pay = Bench::shown();
    pay.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, no_word());
    pay.pass(13 * MINUTE).answer(Ask::Watch, no_word());
    assert_eq!(pay.name(), "closed");
    pay.pass(MINUTE).answer(Ask::Watch, no_word());
    let State::NotPaid(not_paid) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!((not_paid.told, &not_paid.reason), (Some(Told::Cancelled), &NoReason::Expired));
}

#[test]
fn a_failure_in_no_table_ends_a_doubt_only_when_said_twice() {
    let said = || Verdict::Undecided("ODD".to_owned());
    let mut pay = lost();
    assert_eq!(pay.answer(Ask::Watch, said()).name(), "in doubt");
    assert_eq!(pay.pass(5 * SECOND).answer(Ask::Watch, said()).name(), "not paid");
}

#[test]
fn watched_doubts_are_asked_every_15_s_at_first() {
    let mut pay = lost();
    pay.answer(Ask::Watch, unanswered(true));
    assert_eq!(pay.wakes(Timer::Ask), Some(15 * SECOND));
    assert_eq!(pay.on(Event::Due(Timer::Ask)).sends(), [Ask::Watch]);
    pay.audience = Audience::Operator;
    pay.answer(Ask::Watch, unanswered(true));
    assert_eq!(pay.wakes(Timer::Ask), Some(3 * SECOND), "an operator waits");
}

#[test]
fn settle_needs_an_inquiry_first() {
    let settle = |paid| Event::Settle { paid, note: "seen in the bank's app".to_owned() };
    let mut pay = lost();
    assert_eq!(pay.on(settle(true)).name(), "in doubt");
    pay.answer(Ask::Watch, Verdict::Open(None)).on(settle(true));
    let State::Approved(approved) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(approved.receipt.settled.as_deref(), Some("seen in the bank's app"));
    assert_eq!(approved.receipt.paid, uzs(12_500));
    let mut not = lost();
    not.answer(Ask::Watch, Verdict::Open(None)).on(settle(false));
    assert_eq!(not.name(), "not paid");
    assert!(not.tells());
}

#[test]
fn settling_as_paid_keeps_the_promise_about_the_goods() {
    let mut pay = doubt(Audience::Operator);
    pay.answer(Ask::Inquire, Verdict::Mismatch("sum".to_owned()));
    pay.on(Event::Choose(Choice::GoodsKept));
    pay.on(Event::Settle { paid: true, note: String::new() });
    assert_eq!(pay.name(), "late");
}

#[test]
fn another_sum_in_doubt_goes_back() {
    let mut pay = lost();
    assert_eq!(pay.answer(Ask::Watch, Verdict::OtherSum(receipt(1))).name(), "late");
}

#[test]
fn a_cancel_of_what_is_being_closed_or_was_chosen_only_asks() {
    let intent = |pay: &Bench| {
        let State::InDoubt(doubt) = &pay.state else { panic!("{:?}", pay.state) };
        doubt.intent
    };
    let mut expiring = doubt(Audience::Operator);
    assert_eq!(expiring.on(Event::Cancel).sends(), [Ask::Inquire]);
    assert_eq!(intent(&expiring), Some(Told::Expired), "what will be told stands");
    let mut chosen = lost();
    chosen.on(Event::Choose(Choice::GoodsHandedOver));
    assert_eq!(chosen.on(Event::Cancel).sends(), [Ask::Inquire]);
    assert_eq!(intent(&chosen), None, "code 4 was told: nothing else will be");
}

#[test]
fn a_failure_in_no_table_ends_a_doubt_only_as_the_answer_to_an_inquiry() {
    let mut pay = lost();
    for ask in [Ask::Poll, Ask::Create] {
        for _ in 0..2 {
            pay.pass(10 * SECOND).answer(ask, Verdict::Undecided("ODD".to_owned()));
            assert_eq!((pay.name(), pay.effects.len()), ("in doubt", 0));
        }
    }
}

#[test]
fn the_closing_inquiry_is_the_one_that_settle_needs() {
    let mut pay = doubt(Audience::Operator);
    pay.on(Event::Settle { paid: false, note: String::new() });
    assert_eq!(pay.name(), "not paid");
}

#[test]
fn goods_that_went_keep_money_that_comes_after_the_banks_no() {
    for (choice, story) in
        [(Choice::GoodsHandedOver, Story::Reported), (Choice::GoodsKept, Story::Refunding)]
    {
        let mut pay = doubt(Audience::Operator);
        pay.on(Event::Choose(choice));
        pay.answer(Ask::Watch, Verdict::NotPaid(NoReason::Declined("no".to_owned())));
        assert_eq!(pay.name(), "not paid");
        pay.answer(Ask::Watch, paid());
        let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
        assert_eq!(late.story, story, "{choice:?}");
    }
    let mut pay = doubt(Audience::Operator);
    pay.on(Event::Choose(Choice::GoodsHandedOver));
    pay.answer(Ask::Watch, Verdict::NotPaid(NoReason::Declined("no".to_owned())));
    pay.answer(Ask::Watch, Verdict::OtherSum(receipt(9_000)));
    let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(late.story, Story::Refunding, "another sum was not what was asked for");
}
