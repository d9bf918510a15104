//! Entry codes: a static code that was scanned, and the customer's own confirmation.

use super::bench::{Bench, MINUTE, SECOND, no_word, paid, receipt, unanswered};
use till_core::operation::{
    Ask, Audience, Effect, Event, HandOver, NoReason, State, Story, Timer, Told, Verdict,
};
use till_core::secret::Secret;

fn hand_over() -> HandOver {
    HandOver::Sdk(Secret::new("payload".to_owned()))
}

fn handed() -> Bench {
    let mut pay = Bench::entry();
    pay.answer(Ask::Create, Verdict::Open(Some(hand_over())));
    pay
}

#[test]
fn the_payload_goes_to_the_bridge_untouched_and_confirm_is_polled() {
    let mut pay = handed();
    assert_eq!(pay.name(), "waiting");
    assert!(pay.does(&Effect::HandOver(hand_over())));
    assert!(!pay.does(&Effect::Show), "there is nothing to show");
    assert_eq!(pay.on(Event::Due(Timer::Ask)).sends(), [Ask::Poll]);
}

#[test]
fn on_confirm_success_process_is_asked_for_the_figures() {
    let mut pay = handed();
    pay.answer(Ask::Poll, Verdict::Confirmed);
    assert_eq!((pay.name(), &pay.sends()[..]), ("in doubt", &[Ask::Inquire][..]));
    assert_eq!(pay.answer(Ask::Inquire, paid()).name(), "approved");
}

#[test]
fn not_s_after_confirm_is_doubt() {
    for verdict in [Verdict::Open(None), no_word(), unanswered(true)] {
        let mut pay = handed();
        pay.answer(Ask::Poll, Verdict::Confirmed).answer(Ask::Inquire, verdict);
        assert_eq!((pay.name(), pay.tells()), ("in doubt", false));
    }
}

#[test]
fn perform_may_confirm_at_once() {
    let mut pay = Bench::entry();
    pay.answer(Ask::Create, Verdict::Confirmed);
    assert_eq!((pay.name(), &pay.sends()[..]), ("in doubt", &[Ask::Inquire][..]));
}

#[test]
fn the_bridge_failing_or_the_user_coming_back_ends_nothing() {
    let mut pay = handed();
    pay.on(Event::Returned);
    assert_eq!((pay.name(), &pay.sends()[..]), ("waiting", &[Ask::Inquire][..]));
}

#[test]
fn another_sum_is_a_final_word_and_goes_back() {
    let mut pay = handed();
    pay.answer(Ask::Inquire, Verdict::OtherSum(receipt(9_000)));
    let State::Late(late) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!((late.told, late.story), (Told::OtherSum, Story::Refunding));
    assert!(pay.does(&Effect::GiveBack(super::bench::uzs(9_000))) && pay.tells());
}

#[test]
fn a_hand_over_is_handed_over_once_and_a_new_one_again() {
    let mut pay = handed();
    pay.answer(Ask::Poll, Verdict::Open(Some(hand_over())));
    assert!(!pay.does(&Effect::HandOver(hand_over())), "the bank repeats it with every answer");
    assert_eq!(pay.wakes(Timer::Ask), Some(SECOND));
    let new = HandOver::Sdk(Secret::new("another".to_owned()));
    pay.answer(Ask::Poll, Verdict::Open(Some(new.clone())));
    assert!(pay.does(&Effect::HandOver(new.clone())));
    pay.answer(Ask::Poll, Verdict::Open(Some(new.clone())));
    assert!(!pay.does(&Effect::HandOver(new)));
}

#[test]
fn a_hand_over_is_an_answer_like_any_other() {
    let new = || Verdict::Open(Some(HandOver::Sdk(Secret::new("another".to_owned()))));
    let mut silent = handed();
    silent.answer(Ask::Poll, unanswered(true)).answer(Ask::Inquire, new());
    assert_eq!(silent.on(Event::Due(Timer::Ask)).sends(), [Ask::Poll], "the bank speaks again");
    let said = || Verdict::Undecided("ODD".to_owned());
    let mut odd = handed();
    odd.answer(Ask::Poll, said()).answer(Ask::Poll, new());
    odd.pass(6 * SECOND).answer(Ask::Poll, said());
    assert_eq!(odd.name(), "waiting", "said twice, but open between");
}

#[test]
fn after_a_restart_the_hand_over_is_made_again_when_somebody_waits() {
    let mut pay = handed();
    pay.on(Event::Reload).audience = Audience::Nobody;
    pay.answer(Ask::Poll, Verdict::Open(Some(hand_over())));
    assert!(!pay.does(&Effect::HandOver(hand_over())));
    pay.audience = Audience::Program;
    pay.answer(Ask::Poll, Verdict::Open(Some(hand_over())));
    assert!(pay.does(&Effect::HandOver(hand_over())));
}

#[test]
fn silence_of_the_bank_never_ends_an_entry_code() {
    let mut pay = handed();
    pay.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, no_word());
    assert_eq!(pay.name(), "closed");
    for _ in 0..3 {
        pay.pass(30 * MINUTE).answer(Ask::Watch, no_word());
        assert_eq!(pay.name(), "closed");
    }
    pay.answer(Ask::Watch, Verdict::NotPaid(NoReason::Cancelled));
    assert_eq!(pay.name(), "not paid");
}

#[test]
fn a_no_after_confirm_success_contradicts_it_and_is_doubt() {
    let declined = || Verdict::NotPaid(NoReason::Declined("no".to_owned()));
    for verdict in [declined(), Verdict::Undecided("ODD".to_owned())] {
        let mut pay = handed();
        pay.answer(Ask::Poll, Verdict::Confirmed).answer(Ask::Inquire, verdict.clone());
        pay.pass(MINUTE).answer(Ask::Inquire, verdict);
        assert_eq!((pay.name(), pay.tells()), ("in doubt", false));
        assert_eq!(pay.answer(Ask::Inquire, paid()).name(), "approved");
    }
    let mut pay = handed();
    pay.answer(Ask::Poll, Verdict::Confirmed);
    pay.answer(Ask::Inquire, Verdict::NotPaid(NoReason::GivenBack));
    assert_eq!(pay.name(), "not paid", "paid and given back contradicts nothing");
}
