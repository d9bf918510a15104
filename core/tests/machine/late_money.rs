//! Money that comes after the POS was told that there is none.

use super::bench::{Bench, HOUR, MINUTE, SECOND, no_word, paid, unanswered, uzs};
use till_core::operation::{
    Ask, Audience, Effect, Event, NoReason, State, Story, Timer, Told, Verdict,
};

fn closed() -> Bench {
    let mut pay = Bench::shown();
    pay.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, Verdict::Open(None));
    pay.audience = Audience::Nobody;
    pay
}

#[test]
fn closed_operations_are_watched_and_stay_closed_without_the_banks_word() {
    let mut pay = closed();
    assert_eq!(pay.wakes(Timer::Ask), Some(15 * SECOND));
    for verdict in [Verdict::Open(None), no_word(), unanswered(true)] {
        assert_eq!(pay.on(Event::Due(Timer::Ask)).sends(), [Ask::Watch]);
        assert_eq!(pay.answer(Ask::Watch, verdict).name(), "closed");
        assert!(pay.wakes(Timer::Ask).is_some());
    }
    pay.pass(30 * 24 * HOUR).answer(Ask::Watch, Verdict::Open(None));
    assert_eq!((pay.name(), pay.wakes(Timer::Ask)), ("closed", None), "only people ask on");
    assert_eq!(pay.on(Event::Look).sends(), [Ask::Inquire]);
}

#[test]
fn late_money_is_given_back_in_full_once() {
    let mut pay = closed();
    pay.pass(MINUTE).answer(Ask::Watch, paid());
    let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!((late.told, late.story), (Told::Cancelled, Story::Refunding));
    assert_eq!(pay.effects, [Effect::GiveBack(uzs(12_500)), Effect::Tell]);
    pay.answer(Ask::Inquire, paid());
    assert!(pay.effects.is_empty(), "the same news again gives nothing back");
    pay.on(Event::GaveBack { accepted: true });
    let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(late.story, Story::Refunded);
    pay.on(Event::GaveBack { accepted: true });
    let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(late.story, Story::Refunded);
}

#[test]
fn a_give_back_that_the_bank_takes_its_word_back_about_is_an_alarm() {
    let mut pay = closed();
    pay.answer(Ask::Watch, paid()).on(Event::GaveBack { accepted: true });
    pay.on(Event::GaveBack { accepted: false });
    let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(late.story, Story::RefundFailed);
    pay.on(Event::GaveBack { accepted: true });
    let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(late.story, Story::RefundFailed);
}

#[test]
fn a_refused_give_back_is_an_alarm() {
    let mut pay = closed();
    pay.answer(Ask::Watch, paid()).on(Event::GaveBack { accepted: false });
    let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(late.story, Story::RefundFailed);
}

#[test]
fn late_money_is_reported_if_the_setting_says_so() {
    let mut pay = closed();
    pay.rules.give_back = false;
    pay.answer(Ask::Watch, paid());
    let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(late.story, Story::Reported);
    assert_eq!(pay.effects, [Effect::Tell]);
}

#[test]
fn money_after_the_banks_no_is_late_money() {
    for (reason, told) in [
        (NoReason::Declined(String::new()), Told::OtherSum),
        (NoReason::Cancelled, Told::Cancelled),
        (NoReason::Expired, Told::Expired),
    ] {
        let mut pay = Bench::shown();
        pay.answer(Ask::Poll, Verdict::NotPaid(reason)).answer(Ask::Inquire, paid());
        let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
        assert_eq!(late.told, told);
    }
}

#[test]
fn the_banks_final_no_ends_the_watch_and_keeps_what_was_told() {
    let mut pay = closed();
    pay.answer(Ask::Watch, Verdict::NotPaid(NoReason::Expired));
    let State::NotPaid(not_paid) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!((not_paid.told, not_paid.watched), (Some(Told::Cancelled), false));
}

#[test]
fn a_restart_goes_on_watching() {
    let mut pay = closed();
    assert_eq!(pay.reboot().on(Event::Reload).sends(), [Ask::Watch]);
}

#[test]
fn a_give_back_that_no_byte_of_left_is_tried_on() {
    let mut refund = Bench::refund_of(false, true);
    refund.audience = Audience::Nobody;
    refund.on(Event::Begin);
    for _ in 0..2 {
        refund.answer(Ask::Create, unanswered(false)).on(Event::Due(Timer::Ask));
    }
    refund.answer(Ask::Create, unanswered(false));
    assert_eq!(refund.name(), "in doubt");
    assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Create]);
}

#[test]
fn a_wall_clock_that_is_ahead_after_a_reboot_ends_no_watch() {
    let no = || Verdict::NotPaid(NoReason::Declined(String::new()));
    let mut declined = Bench::shown();
    declined.rules.declined_is_payable = true;
    declined.answer(Ask::Poll, no()).reboot().now.wall_ms += 86_400_000;
    declined.on(Event::Reload).answer(Ask::Watch, no());
    let State::NotPaid(watched) = &declined.state else { panic!("{:?}", declined.state) };
    assert!(watched.watched, "the code lives for 10 min, and the device is just up");
    declined.pass(12 * MINUTE).answer(Ask::Watch, no());
    let State::NotPaid(watched) = &declined.state else { panic!("{:?}", declined.state) };
    assert!(!watched.watched);

    let mut pay = closed();
    pay.reboot().now.wall_ms += 86_400_000;
    pay.answer(Ask::Watch, no_word()).pass(MINUTE).answer(Ask::Watch, no_word());
    assert_eq!(pay.name(), "closed");
    pay.pass(11 * MINUTE).answer(Ask::Watch, no_word()).pass(MINUTE).answer(Ask::Watch, no_word());
    assert_eq!(pay.name(), "not paid");
}

#[test]
fn a_payment_that_was_told_as_paid_stays_so() {
    let mut pay = Bench::shown();
    pay.answer(Ask::Poll, paid());
    for event in [
        Event::Look,
        Event::Due(Timer::Ask),
        Event::Reload,
        Event::Answered(Ask::Watch, Verdict::NotPaid(NoReason::GivenBack)),
        Event::Answered(Ask::Inquire, unanswered(true)),
    ] {
        pay.on(event);
        let State::Approved(approved) = &pay.state else { panic!("{:?}", pay.state) };
        assert!(!approved.reversed && pay.effects.is_empty(), "nobody asks for it again");
    }
}

#[test]
fn a_final_no_that_is_not_watched_sets_no_timer() {
    let mut pay = Bench::shown();
    pay.answer(Ask::Poll, Verdict::NotPaid(NoReason::Expired));
    pay.answer(Ask::Inquire, Verdict::Open(None));
    assert_eq!((pay.name(), pay.effects.len()), ("not paid", 0));
}

#[test]
fn reported_money_stays_reported() {
    let mut pay = closed();
    pay.rules.give_back = false;
    pay.answer(Ask::Watch, paid());
    for accepted in [true, false] {
        pay.on(Event::GaveBack { accepted });
        let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
        assert_eq!(late.story, Story::Reported);
    }
}
