//! Callers that come back: a closing that nobody heard of is a success if money comes after all.

use super::bench::{Bench, HOUR, paid};
use till_core::operation::{
    Ask, Audience, Choice, Effect, Event, Heard, Rules, State, Story, Timer, Told, Verdict,
};

fn rules() -> Rules {
    Rules { comes_back: true, ..Rules::default() }
}

/// A payment that was cancelled, and closed by the bank's word; nobody has heard of it.
fn closed() -> Bench {
    let mut pay = Bench::shown();
    pay.rules = rules();
    pay.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, Verdict::Open(None));
    assert_eq!(pay.name(), "closed");
    pay
}

fn story(pay: &Bench) -> Option<(Told, Story)> {
    match &pay.state {
        State::Late(late) => Some((late.told, late.story)),
        State::Creating(_)
        | State::Waiting(_)
        | State::Closing(_)
        | State::InDoubt(_)
        | State::Approved(_)
        | State::NotPaid(_)
        | State::Refused(_)
        | State::Closed(_) => None,
    }
}

#[test]
fn money_after_an_unheard_closing_is_a_success() {
    let mut pay = closed();
    pay.answer(Ask::Watch, paid());
    assert_eq!(pay.name(), "approved");
}

#[test]
fn money_after_a_heard_closing_goes_back() {
    let mut pay = closed();
    pay.on(Event::Heard(Heard::No(Told::Cancelled)));
    pay.answer(Ask::Watch, paid());
    assert_eq!(story(&pay), Some((Told::Cancelled, Story::Refunding)));
    assert!(pay.effects.iter().any(|effect| matches!(effect, Effect::GiveBack(_))));
}

#[test]
fn a_success_that_came_after_the_caller_had_told_a_no_goes_back() {
    let mut pay = closed();
    pay.answer(Ask::Watch, paid());
    pay.on(Event::Heard(Heard::No(Told::Cancelled)));
    assert_eq!(story(&pay), Some((Told::Cancelled, Story::Refunding)));
}

#[test]
fn goods_that_were_kept_while_it_was_not_known_mean_that_the_money_goes_back() {
    for mut pay in [Bench::shown(), Bench::pay(), closed()] {
        pay.rules = rules();
        pay.on(Event::Heard(Heard::Unknown(Choice::GoodsKept)));
        pay.answer(Ask::Inquire, paid());
        assert_eq!(story(&pay).map(|(_, story)| story), Some(Story::Refunding), "{}", pay.name());
    }
}

#[test]
fn goods_that_went_mean_that_later_money_stays() {
    let mut pay = closed();
    pay.on(Event::Heard(Heard::Unknown(Choice::GoodsHandedOver)));
    assert_eq!(pay.name(), "in doubt", "nobody may get it back any more");
    pay.answer(Ask::Inquire, paid());
    assert!(matches!(&pay.state, State::Approved(approved) if approved.late));
}

#[test]
fn time_tells_nobody_where_callers_come_back() {
    let mut pay = Bench::shown();
    pay.rules = rules();
    pay.audience = Audience::Nobody;
    pay.answer(Ask::Poll, Verdict::Mismatch("x".to_owned()));
    pay.pass(HOUR).on(Event::Due(Timer::GiveUp));
    assert!(matches!(&pay.state, State::InDoubt(doubt) if doubt.choice.is_none()));
    assert!(!pay.tells());
}

#[test]
fn a_refund_is_not_changed_by_what_was_told() {
    let mut refund = Bench::refund();
    refund.rules = rules();
    let before = refund.state.clone();
    refund.on(Event::Heard(Heard::No(Told::Expired)));
    assert_eq!(refund.state, before);
}
