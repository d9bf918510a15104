//! A rail that takes a call first and says later how it is paid, and rules that are not OCTO's.

use super::bench::{Bench, HOUR, MINUTE, SECOND, code, no_word, paid, receipt, unanswered};
use till_core::operation::{
    Ask, Audience, Blame, Effect, Event, HandOver, NoReason, Pace, Pauses, Rules, Silence, State,
    Timer, Told, Verdict,
};

const PAUSES: Pauses = Pauses {
    first_ms: 10 * SECOND,
    early_ms: 5 * SECOND,
    until_ms: 150 * SECOND,
    late_ms: 30 * SECOND,
};

fn rules() -> Rules {
    Rules {
        unknown_life_ms: 30 * MINUTE,
        pace: Pace { poll: PAUSES, retry: PAUSES, watch_ms: 30 * SECOND, grace_ms: HOUR },
        end: Silence { after_ms: 10 * MINUTE, apart_ms: 0 },
        lost: Some(Silence { after_ms: 120 * SECOND, apart_ms: 10 * SECOND }),
        ..Rules::default()
    }
}

fn accepted() -> Verdict {
    Verdict::Accepted("their name".to_owned())
}

fn pay() -> Bench {
    let mut pay = Bench::pay();
    pay.rules = rules();
    pay
}

/// A pay that the bank took, with nothing to show yet.
fn taken() -> Bench {
    let mut pay = pay();
    pay.answer(Ask::Create, accepted());
    assert_eq!((pay.name(), pay.state.reference()), ("creating", Some("their name")));
    pay
}

fn refund() -> Bench {
    let mut refund = Bench::refund();
    refund.rules = rules();
    refund
}

fn wanted() -> Verdict {
    Verdict::Wanted(vec!["email".to_owned()])
}

fn form() -> HandOver {
    HandOver::Form { url: "https://a.example".to_owned(), fields: vec![] }
}

#[test]
fn what_was_taken_is_asked_for_after_10_s_then_every_5_s_and_30_s_from_150_s() {
    let mut pay = taken();
    assert_eq!(pay.wakes(Timer::Ask), Some(10 * SECOND));
    assert_eq!(pay.pass(10 * SECOND).on(Event::Due(Timer::Ask)).sends(), [Ask::Poll]);
    assert_eq!(pay.answer(Ask::Poll, no_word()).wakes(Timer::Ask), Some(5 * SECOND));
    pay.rules.wait_ms = HOUR;
    pay.pass(139_999).answer(Ask::Poll, Verdict::Open(None));
    assert_eq!(pay.wakes(Timer::Ask), Some(5 * SECOND));
    pay.pass(1).answer(Ask::Poll, Verdict::Open(None));
    assert_eq!(pay.wakes(Timer::Ask), Some(30 * SECOND));
}

#[test]
fn a_push_asks_at_once() {
    assert_eq!(taken().on(Event::Look).sends(), [Ask::Poll]);
    assert_eq!(pay().on(Event::Look).sends(), [], "its answer is to come");
}

#[test]
fn a_code_is_shown_and_lives_from_its_answer() {
    let mut pay = taken();
    pay.pass(20 * SECOND).answer(Ask::Poll, code());
    assert_eq!((pay.name(), &pay.effects[0]), ("waiting", &Effect::Show));
    assert_eq!(pay.wakes(Timer::Wait), Some(120 * SECOND));
    let State::Waiting(waiting) = &pay.state else { panic!() };
    assert_eq!((waiting.life.from, waiting.life.ms), (pay.now, 10 * MINUTE));
}

#[test]
fn a_customer_is_handed_over_once() {
    let mut pay = taken();
    pay.answer(Ask::Poll, Verdict::Open(Some(form())));
    assert!(pay.does(&Effect::HandOver(form())) && pay.name() == "waiting");
    pay.answer(Ask::Poll, Verdict::Open(Some(form())));
    assert!(!pay.does(&Effect::HandOver(form())));
}

#[test]
fn a_final_word_ends_it_before_anything_is_shown() {
    assert_eq!(taken().answer(Ask::Poll, paid()).name(), "approved");
    let other = Verdict::OtherSum(receipt(1));
    assert_eq!(taken().answer(Ask::Poll, other).name(), "late");
    let declined = Verdict::NotPaid(NoReason::Declined(String::new()));
    assert_eq!(taken().answer(Ask::Poll, declined).name(), "not paid");
    assert_eq!(taken().answer(Ask::Poll, Verdict::Mismatch("sum".to_owned())).name(), "in doubt");
}

#[test]
fn no_word_twice_10_s_apart_120_s_after_the_last_byte_is_code_7() {
    let mut pay = taken();
    pay.pass(119_999);
    for _ in 0..3 {
        assert_eq!(pay.answer(Ask::Poll, no_word()).name(), "creating", "too soon");
    }
    pay.pass(1).answer(Ask::Poll, no_word());
    assert_eq!(pay.name(), "creating", "once");
    pay.pass(9_999).answer(Ask::Poll, no_word());
    assert_eq!(pay.name(), "creating", "not far enough apart");
    pay.pass(1).answer(Ask::Poll, no_word());
    let State::NotPaid(not_paid) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!((&not_paid.reason, not_paid.told), (&NoReason::Expired, Some(Told::NoConnection)));
    assert!(pay.tells());
}

#[test]
fn a_word_in_between_begins_the_silence_anew_and_no_answer_does_not() {
    let mut pay = taken();
    pay.rules.wait_ms = HOUR;
    pay.pass(120 * SECOND).answer(Ask::Poll, no_word());
    pay.pass(10 * SECOND).answer(Ask::Poll, Verdict::Open(None)).answer(Ask::Poll, no_word());
    assert_eq!(pay.name(), "creating");
    pay.pass(5 * SECOND).answer(Ask::Poll, unanswered(true));
    pay.pass(5 * SECOND).answer(Ask::Poll, no_word());
    assert_eq!(pay.name(), "not paid");
}

#[test]
fn the_wait_ends_what_is_known_and_never_shown_with_code_7() {
    let mut pay = taken();
    pay.pass(119_999).answer(Ask::Poll, Verdict::Open(None));
    assert_eq!(pay.name(), "creating");
    pay.pass(1).answer(Ask::Poll, Verdict::Open(None));
    let State::Closed(closed) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!((closed.told, closed.life.ms), (Told::NoConnection, 30 * MINUTE));
    assert!(pay.tells() && pay.wakes(Timer::Ask) == Some(30 * SECOND), "it is watched");
}

#[test]
fn the_wait_ends_a_silent_bank_in_doubt() {
    for silent in [unanswered(true), Verdict::Rejected(Blame::Configuration, "403".to_owned())] {
        let mut pay = taken();
        assert_eq!(pay.pass(119_999).answer(Ask::Poll, silent.clone()).name(), "creating");
        assert_eq!(pay.pass(1).answer(Ask::Poll, silent).name(), "in doubt");
        // One word is not enough for code 7: nothing was promised.
        assert_eq!(pay.answer(Ask::Inquire, no_word()).name(), "in doubt");
    }
}

#[test]
fn it_can_be_cancelled_and_is_asked_for_once_more() {
    let mut pay = taken();
    assert_eq!((pay.on(Event::Cancel).name(), pay.does(&Effect::Hide)), ("closing", true));
    assert_eq!(pay.on(Event::Hidden).sends(), [Ask::Close]);
    pay.answer(Ask::Close, Verdict::Open(None));
    let State::Closed(closed) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(closed.told, Told::Cancelled);
}

#[test]
fn after_a_restart_it_is_only_asked_for() {
    let mut pay = taken();
    pay.reboot().on(Event::Reload);
    assert_eq!((pay.name(), pay.sends()), ("in doubt", vec![Ask::Watch]));
    let State::InDoubt(doubt) = &pay.state else { panic!() };
    assert_eq!(doubt.life.ms, 30 * MINUTE, "as long as a code can live");
}

#[test]
fn unanswered_calls_are_followed_by_asking() {
    let mut pay = pay();
    for _ in 0..2 {
        pay.answer(Ask::Create, unanswered(true)).on(Event::Due(Timer::Ask));
        assert_eq!(pay.sends(), [Ask::Create]);
    }
    pay.answer(Ask::Create, unanswered(true));
    assert_eq!((pay.name(), pay.wakes(Timer::Ask)), ("creating", Some(10 * SECOND)));
    assert_eq!(pay.on(Event::Due(Timer::Ask)).sends(), [Ask::Poll]);
    assert_eq!(pay.state.reference(), Some(""));
}

#[test]
fn exists_is_ours_after_a_byte_left_and_somebody_elses_before() {
    let mut ours = pay();
    ours.answer(Ask::Create, unanswered(true)).on(Event::Due(Timer::Ask));
    ours.answer(Ask::Create, Verdict::Exists);
    assert_eq!((ours.name(), ours.state.reference()), ("creating", Some("")));
    let mut never_left = pay();
    never_left.answer(Ask::Create, unanswered(false)).on(Event::Due(Timer::Ask));
    for mut theirs in [pay(), never_left] {
        theirs.answer(Ask::Create, Verdict::Exists);
        let State::Refused(refused) = &theirs.state else { panic!("{:?}", theirs.state) };
        assert_eq!(refused.code, 7);
    }
}

#[test]
fn what_the_bank_wants_to_know_is_sent_and_not_sent_twice() {
    let mut pay = taken();
    assert_eq!(pay.answer(Ask::Poll, wanted()).sends(), [Ask::Create]);
    assert_eq!(pay.state.wanted(), ["email"]);
    pay.answer(Ask::Create, Verdict::Accepted("second".to_owned()));
    assert_eq!(pay.state.reference(), Some("second"));
    assert_eq!(pay.answer(Ask::Poll, wanted()).sends(), []);
    assert!(pay.wakes(Timer::Ask).is_some());
    let more = Verdict::Wanted(vec!["zip".to_owned()]);
    assert_eq!(pay.answer(Ask::Poll, more).sends(), [Ask::Create]);
}

#[test]
fn a_wish_that_comes_before_the_call_is_taken_waits_for_it() {
    let mut pay = pay();
    assert_eq!(pay.answer(Ask::Poll, wanted()).sends(), []);
    pay.answer(Ask::Create, accepted());
    assert_eq!(pay.answer(Ask::Poll, wanted()).sends(), [Ask::Create]);
}

#[test]
fn what_may_not_have_come_is_sent_again_when_it_is_wanted_again() {
    let mut pay = taken();
    pay.answer(Ask::Poll, wanted()).answer(Ask::Create, unanswered(true));
    assert_eq!((pay.name(), pay.state.reference()), ("creating", Some("their name")));
    assert_eq!(pay.answer(Ask::Poll, wanted()).sends(), [Ask::Create]);
}

#[test]
fn what_the_terminal_lacks_ends_with_code_6_and_the_names() {
    let mut pay = taken();
    pay.answer(Ask::Poll, Verdict::Lacking("email".to_owned()));
    let State::Refused(refused) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!((refused.code, refused.message.as_str()), (6, "email"));
    let mut refused = taken();
    refused.answer(Ask::Poll, wanted());
    refused.answer(Ask::Create, Verdict::Rejected(Blame::Configuration, "bad".to_owned()));
    assert_eq!(refused.name(), "refused");
}

#[test]
fn once_something_is_shown_only_the_money_counts() {
    let mut pay = taken();
    pay.answer(Ask::Poll, code());
    for verdict in [code(), wanted(), Verdict::Lacking("email".to_owned()), accepted()] {
        pay.answer(Ask::Poll, verdict);
        assert_eq!((pay.name(), pay.does(&Effect::Show)), ("waiting", false));
    }
    for verdict in [code(), wanted(), Verdict::Lacking("email".to_owned()), accepted()] {
        pay.on(Event::Answered(Ask::Create, verdict));
        assert_eq!(pay.name(), "waiting", "an answer that comes late");
    }
}

#[test]
fn the_banks_wishes_do_not_end_a_closing_or_a_doubt() {
    for verdict in [wanted(), Verdict::Lacking("email".to_owned())] {
        let mut closing = taken();
        closing.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, verdict.clone());
        assert_eq!(closing.name(), "closed", "the bank knows it, and nobody paid");
        closing.answer(Ask::Watch, verdict.clone());
        assert_eq!(closing.name(), "closed");
        let mut doubt = taken();
        doubt.reboot().on(Event::Reload).answer(Ask::Watch, verdict);
        assert_eq!(doubt.name(), "in doubt");
    }
}

#[test]
fn a_code_ends_10_min_after_its_end_with_one_word() {
    let mut pay = Bench::shown();
    pay.rules = rules();
    pay.audience = Audience::Nobody;
    pay.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, no_word());
    pay.pass(20 * MINUTE - 1).answer(Ask::Watch, no_word());
    assert_eq!((pay.name(), pay.wakes(Timer::Ask)), ("closed", Some(30 * SECOND)));
    pay.pass(1).answer(Ask::Watch, no_word());
    let State::NotPaid(not_paid) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!((&not_paid.reason, not_paid.told), (&NoReason::Expired, Some(Told::Cancelled)));
}

#[test]
fn the_base_time_is_watched_often_and_then_ever_less() {
    let mut pay = Bench::shown();
    pay.rules = Rules { end: Silence { after_ms: u64::MAX, apart_ms: 0 }, ..rules() };
    pay.audience = Audience::Nobody;
    pay.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, no_word());
    pay.pass(10 * MINUTE + HOUR - 1).answer(Ask::Watch, no_word());
    assert_eq!(pay.wakes(Timer::Ask), Some(30 * SECOND));
    pay.pass(1).answer(Ask::Watch, no_word());
    assert_eq!(pay.wakes(Timer::Ask), Some(MINUTE));
}

#[test]
fn an_accepted_refund_is_in_doubt_until_it_is_found() {
    let mut refund = refund();
    refund.answer(Ask::Create, accepted());
    assert_eq!((refund.name(), refund.state.reference()), ("in doubt", Some("their name")));
    assert_eq!(refund.wakes(Timer::Ask), Some(10 * SECOND));
    assert_eq!(refund.pass(10 * SECOND).on(Event::Due(Timer::Ask)).sends(), [Ask::Inquire]);
    refund.answer(Ask::Inquire, Verdict::Open(None));
    assert_eq!(refund.wakes(Timer::Ask), Some(5 * SECOND));
    assert_eq!(refund.state.reference(), Some("their name"), "it is kept");
    assert_eq!(refund.answer(Ask::Inquire, paid()).name(), "approved");
}

#[test]
fn a_refund_that_is_accepted_again_has_the_newer_name() {
    let mut refund = refund();
    refund.answer(Ask::Create, unanswered(true)).answer(Ask::Inquire, no_word());
    assert_eq!(refund.state.reference(), None);
    assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Create]);
    refund.answer(Ask::Create, accepted());
    assert_eq!(refund.state.reference(), Some("their name"));
    assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Inquire], "not sent again yet");
    refund.answer(Ask::Inquire, no_word()).on(Event::Due(Timer::Ask));
    refund.answer(Ask::Create, Verdict::Accepted(String::new()));
    assert_eq!(refund.state.reference(), Some("their name"), "no name is no newer one");
}
