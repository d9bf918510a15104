//! Order codes: creation, showing, polling, closing.

use super::bench::{Bench, HOUR, MINUTE, SECOND, code, no_word, paid, unanswered};
use till_core::operation::{
    Ask, Audience, Blame, Effect, Event, NoReason, State, Timer, Told, Verdict,
};

#[test]
fn the_amount_is_bound_before_the_code_is_shown() {
    let mut pay = Bench::pay();
    assert_eq!(pay.effects, [Effect::Send(Ask::Create)]);
    pay.answer(Ask::Create, code());
    assert_eq!((pay.name(), &pay.effects[..]), ("creating", &[Effect::Send(Ask::Create)][..]));
    pay.answer(Ask::Create, Verdict::Open(None));
    assert_eq!(pay.name(), "waiting");
    assert_eq!(pay.effects[0], Effect::Show);
}

#[test]
fn the_wait_starts_when_the_code_is_shown_and_ends_with_the_codes_life_at_the_latest() {
    assert_eq!(Bench::shown().wakes(Timer::Wait), Some(120 * SECOND));
    let mut pay = Bench::pay();
    pay.answer(Ask::Create, code()).pass(9 * MINUTE);
    pay.answer(Ask::Create, Verdict::Open(None));
    assert_eq!(pay.wakes(Timer::Wait), Some(MINUTE));
}

#[test]
fn polls_pause_1_s_at_first_and_2_s_after_10_s() {
    let mut pay = Bench::shown();
    assert_eq!(pay.wakes(Timer::Ask), Some(SECOND));
    assert_eq!(pay.pass(SECOND).on(Event::Due(Timer::Ask)).sends(), [Ask::Poll]);
    assert_eq!(pay.answer(Ask::Poll, Verdict::Open(None)).wakes(Timer::Ask), Some(SECOND));
    pay.pass(9 * SECOND);
    assert_eq!(pay.answer(Ask::Poll, no_word()).wakes(Timer::Ask), Some(2 * SECOND));
    assert_eq!(pay.name(), "waiting");
}

#[test]
fn an_unanswered_creating_call_is_made_3_times_at_most() {
    let mut pay = Bench::pay();
    for pause in [1, 2] {
        pay.answer(Ask::Create, unanswered(true));
        assert_eq!(pay.wakes(Timer::Ask), Some(pause * SECOND));
        pay.pass(pause * SECOND).on(Event::Due(Timer::Ask));
        assert_eq!(pay.sends(), [Ask::Create]);
    }
    pay.answer(Ask::Create, unanswered(true));
    assert_eq!((pay.name(), &pay.effects[..]), ("closing", &[Effect::Hide][..]));
    assert_eq!(pay.on(Event::Hidden).sends(), [Ask::Close]);
}

#[test]
fn no_attempt_starts_later_than_15_s_after_the_first() {
    let mut pay = Bench::pay();
    pay.pass(8 * SECOND).answer(Ask::Create, unanswered(true));
    pay.pass(SECOND).on(Event::Due(Timer::Ask));
    pay.pass(4 * SECOND).answer(Ask::Create, unanswered(true));
    assert_eq!(pay.wakes(Timer::Ask), Some(2 * SECOND), "15 s after the first is in time");
    let mut slow = Bench::pay();
    slow.pass(14 * SECOND + 1).answer(Ask::Create, unanswered(true));
    assert_eq!(slow.name(), "closing");
}

#[test]
fn each_creating_call_has_its_own_attempts() {
    let mut pay = Bench::pay();
    pay.answer(Ask::Create, unanswered(true)).on(Event::Due(Timer::Ask));
    pay.answer(Ask::Create, unanswered(true)).on(Event::Due(Timer::Ask));
    pay.answer(Ask::Create, code());
    pay.answer(Ask::Create, unanswered(true));
    assert_eq!((pay.name(), pay.wakes(Timer::Ask)), ("creating", Some(SECOND)));
}

#[test]
fn after_the_attempts_process_decides_success_7_or_doubt() {
    let given_up = || {
        let mut pay = Bench::pay();
        for _ in 0..2 {
            pay.answer(Ask::Create, unanswered(true)).on(Event::Due(Timer::Ask));
        }
        pay.answer(Ask::Create, unanswered(true)).on(Event::Hidden);
        pay
    };
    assert_eq!(given_up().answer(Ask::Close, paid()).name(), "approved");
    for open in [Verdict::Open(None), no_word()] {
        let mut pay = given_up();
        pay.answer(Ask::Close, open);
        let State::Closed(closed) = &pay.state else { panic!("{:?}", pay.state) };
        assert_eq!(closed.told, Told::NoConnection);
        assert!(pay.tells() && pay.wakes(Timer::Ask).is_some(), "it is watched");
    }
    assert_eq!(given_up().answer(Ask::Close, unanswered(true)).name(), "in doubt");
}

#[test]
fn if_no_byte_ever_left_it_is_code_7_at_once() {
    let mut pay = Bench::pay();
    for _ in 0..2 {
        pay.answer(Ask::Create, unanswered(false)).on(Event::Due(Timer::Ask));
    }
    pay.answer(Ask::Create, unanswered(false));
    let State::Refused(refused) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!((refused.code, refused.message.as_str()), (7, "silence"));
    assert!(pay.tells());
}

#[test]
fn one_attempt_that_may_have_left_is_enough_to_ask() {
    let mut pay = Bench::pay();
    for sent in [false, true] {
        pay.answer(Ask::Create, unanswered(sent)).on(Event::Due(Timer::Ask));
    }
    assert_eq!(pay.answer(Ask::Create, unanswered(false)).name(), "closing");
}

#[test]
fn a_refusal_before_anything_could_have_an_effect_is_code_6_or_5() {
    for (blame, code) in [(Blame::Configuration, 6), (Blame::Request, 5)] {
        let mut pay = Bench::pay();
        pay.answer(Ask::Create, Verdict::Rejected(blame, "words of the bank".to_owned()));
        let State::Refused(refused) = &pay.state else { panic!("{:?}", pay.state) };
        assert_eq!((refused.code, refused.message.as_str()), (code, "words of the bank"));
    }
}

#[test]
fn the_same_refusal_later_proves_nothing() {
    let rejected = || Verdict::Rejected(Blame::Configuration, "403".to_owned());
    let mut pay = Bench::pay();
    pay.answer(Ask::Create, unanswered(true)).on(Event::Due(Timer::Ask));
    assert_eq!(pay.answer(Ask::Create, rejected()).name(), "creating");
    let mut shown = Bench::shown();
    assert_eq!(shown.answer(Ask::Poll, rejected()).name(), "waiting");
    shown.on(Event::Cancel).on(Event::Hidden);
    assert_eq!(shown.answer(Ask::Close, rejected()).name(), "in doubt");
    assert_eq!(shown.answer(Ask::Inquire, rejected()).name(), "in doubt");
}

#[test]
fn an_unanswered_poll_is_followed_by_process_after_3_s_and_then_by_the_poll() {
    let mut pay = Bench::shown();
    pay.answer(Ask::Poll, unanswered(true));
    assert_eq!(pay.wakes(Timer::Ask), Some(3 * SECOND));
    assert_eq!(pay.on(Event::Due(Timer::Ask)).sends(), [Ask::Inquire]);
    pay.answer(Ask::Inquire, Verdict::Open(None));
    assert_eq!(pay.on(Event::Due(Timer::Ask)).sends(), [Ask::Poll]);
}

#[test]
fn paid_takes_the_code_off_the_screen_and_tells() {
    let mut pay = Bench::shown();
    pay.answer(Ask::Poll, paid());
    assert_eq!(pay.name(), "approved");
    assert_eq!(pay.effects, [Effect::Hide, Effect::Tell]);
}

#[test]
fn the_banks_final_no_is_told() {
    let mut pay = Bench::shown();
    pay.answer(Ask::Poll, Verdict::NotPaid(NoReason::Declined("no funds".to_owned())));
    let State::NotPaid(not_paid) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(not_paid.reason, NoReason::Declined("no funds".to_owned()));
    assert_eq!((not_paid.told, not_paid.watched), (None, false));
    assert_eq!(pay.effects, [Effect::Hide, Effect::Tell]);
}

#[test]
fn a_failure_in_no_table_is_final_when_it_is_said_again_5_s_later() {
    let said = || Verdict::Undecided("ODD".to_owned());
    let mut pay = Bench::shown();
    pay.answer(Ask::Poll, said());
    assert_eq!((pay.name(), pay.wakes(Timer::Ask)), ("waiting", Some(6_000)));
    pay.pass(4_999).answer(Ask::Poll, said());
    assert_eq!(pay.name(), "waiting", "too soon");
    pay.pass(1).answer(Ask::Poll, said());
    assert_eq!(pay.name(), "not paid");
}

#[test]
fn another_word_in_between_begins_the_5_s_anew() {
    let said = |code: &str| Verdict::Undecided(code.to_owned());
    let mut pay = Bench::shown();
    pay.answer(Ask::Poll, said("ODD")).pass(10 * SECOND).answer(Ask::Poll, said("EVEN"));
    assert_eq!(pay.name(), "waiting");
    pay.pass(10 * SECOND).answer(Ask::Poll, Verdict::Open(None));
    assert_eq!(pay.pass(10 * SECOND).answer(Ask::Poll, said("EVEN")).name(), "waiting");
}

#[test]
fn a_difference_of_figures_is_doubt() {
    let mismatch = || Verdict::Mismatch("sum".to_owned());
    let mut pay = Bench::shown();
    assert_eq!(pay.answer(Ask::Poll, mismatch()).name(), "in doubt");
    assert_eq!(pay.effects[0], Effect::Hide);
    assert_eq!(Bench::pay().answer(Ask::Create, mismatch()).name(), "in doubt");
    let mut closing = Bench::shown();
    closing.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, mismatch());
    assert_eq!(closing.name(), "in doubt");
}

#[test]
fn codes_2_and_3_need_the_code_off_the_screen_and_one_more_inquiry() {
    for (event, told) in
        [(Event::Cancel, Told::Cancelled), (Event::Due(Timer::Wait), Told::Expired)]
    {
        let mut pay = Bench::shown();
        pay.on(event);
        assert_eq!((pay.name(), &pay.effects[..]), ("closing", &[Effect::Hide][..]));
        assert_eq!(pay.on(Event::Hidden).sends(), [Ask::Close]);
        assert!(!pay.tells());
        pay.answer(Ask::Poll, Verdict::Open(None));
        assert_eq!(pay.name(), "closing", "a poll from before does not count");
        pay.answer(Ask::Close, Verdict::Open(None));
        let State::Closed(closed) = &pay.state else { panic!("{:?}", pay.state) };
        assert_eq!(closed.told, told);
        assert!(pay.tells());
    }
}

#[test]
fn paid_at_the_closing_inquiry_is_success() {
    let mut pay = Bench::shown();
    pay.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, paid());
    assert_eq!(pay.name(), "approved");
    let mut poll = Bench::shown();
    poll.on(Event::Cancel).answer(Ask::Poll, paid());
    assert_eq!(poll.name(), "approved", "a poll that was under way counts too");
}

#[test]
fn not_paid_at_the_closing_inquiry_tells_what_was_to_be_told() {
    let mut pay = Bench::shown();
    pay.on(Event::Cancel).on(Event::Hidden);
    pay.answer(Ask::Close, Verdict::NotPaid(NoReason::Declined(String::new())));
    let State::NotPaid(not_paid) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(not_paid.told, Some(Told::Cancelled));
}

#[test]
fn a_closing_inquiry_without_an_answer_is_doubt_and_closes_with_the_next_answer() {
    let mut pay = Bench::shown();
    pay.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, unanswered(true));
    assert_eq!((pay.name(), pay.tells()), ("in doubt", false));
    assert_eq!(pay.wakes(Timer::Ask), Some(3 * SECOND));
    assert_eq!(pay.on(Event::Due(Timer::Ask)).sends(), [Ask::Inquire]);
    pay.answer(Ask::Inquire, Verdict::Open(None));
    let State::Closed(closed) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(closed.told, Told::Cancelled);
}

#[test]
fn cancelling_before_the_code_is_shown_asks_the_bank_too() {
    let mut pay = Bench::pay();
    pay.answer(Ask::Create, code());
    pay.on(Event::Cancel);
    assert_eq!(pay.name(), "closing");
    pay.on(Event::Hidden).answer(Ask::Create, Verdict::Open(None));
    assert_eq!(pay.name(), "closing", "the code is not shown after all");
    assert_eq!(pay.answer(Ask::Close, no_word()).name(), "closed");
}

#[test]
fn a_push_or_a_look_asks_at_once_and_believes_nothing() {
    let mut pay = Bench::shown();
    assert_eq!(pay.on(Event::Look).sends(), [Ask::Inquire]);
    assert_eq!(pay.name(), "waiting");
}

#[test]
fn after_a_restart_a_live_code_is_shown_again_for_the_rest_of_its_wait() {
    let mut pay = Bench::shown();
    pay.pass(50 * SECOND).on(Event::Reload);
    assert_eq!(pay.effects[0], Effect::Show);
    assert_eq!(pay.wakes(Timer::Wait), Some(70 * SECOND));
    assert_eq!(pay.wakes(Timer::Ask), Some(0));
    pay.pass(71 * SECOND).on(Event::Reload);
    assert_eq!((pay.name(), &pay.effects[..]), ("closing", &[Effect::Hide][..]));
}

#[test]
fn after_a_reboot_the_wall_clock_tells_how_long_a_code_lives() {
    let mut pay = Bench::shown();
    pay.pass(50 * SECOND).reboot().on(Event::Reload);
    assert_eq!(pay.wakes(Timer::Wait), Some(70 * SECOND));
}

#[test]
fn a_code_that_may_have_been_shown_and_lost_is_doubt_and_only_asked_for() {
    let mut pay = Bench::pay();
    pay.answer(Ask::Create, code()).reboot().on(Event::Reload);
    assert_eq!((pay.name(), &pay.sends()[..]), ("in doubt", &[Ask::Watch][..]));
    assert_eq!(pay.answer(Ask::Watch, Verdict::Open(None)).name(), "in doubt");
    assert_eq!(pay.on(Event::Due(Timer::Ask)).sends(), [Ask::Inquire]);
}

#[test]
fn a_restart_while_closing_goes_on_closing() {
    let mut pay = Bench::shown();
    pay.on(Event::Cancel).on(Event::Reload);
    assert_eq!((pay.name(), &pay.effects[..]), ("closing", &[Effect::Hide][..]));
}

#[test]
fn a_bank_that_knows_the_repeated_id_is_asked_what_became_of_it() {
    let mut pay = Bench::pay();
    pay.answer(Ask::Create, unanswered(true)).on(Event::Due(Timer::Ask));
    assert_eq!(pay.answer(Ask::Create, Verdict::Exists).name(), "closing");
}

#[test]
fn the_perform_answer_may_be_final() {
    assert_eq!(Bench::pay().answer(Ask::Create, paid()).name(), "approved");
    let declined = Verdict::NotPaid(NoReason::Cancelled);
    assert_eq!(Bench::pay().answer(Ask::Create, declined).name(), "not paid");
}

#[test]
fn a_declined_code_that_can_be_paid_again_is_watched_to_its_end() {
    let mut pay = Bench::shown();
    pay.rules.declined_is_payable = true;
    pay.answer(Ask::Poll, Verdict::NotPaid(NoReason::Declined(String::new())));
    assert_eq!(pay.wakes(Timer::Ask), Some(15 * SECOND));
    pay.audience = Audience::Nobody;
    assert_eq!(pay.on(Event::Due(Timer::Ask)).sends(), [Ask::Watch]);
    pay.answer(Ask::Watch, Verdict::NotPaid(NoReason::Declined(String::new())));
    assert_eq!(pay.wakes(Timer::Ask), Some(15 * SECOND));
    pay.pass(HOUR).on(Event::Reload);
    assert_eq!(pay.sends(), [Ask::Watch], "time alone does not end the watch");
    pay.answer(Ask::Watch, unanswered(true));
    assert!(pay.wakes(Timer::Ask).is_some());
    pay.answer(Ask::Watch, Verdict::NotPaid(NoReason::Declined(String::new())));
    let State::NotPaid(not_paid) = &pay.state else { panic!("{:?}", pay.state) };
    assert!(!not_paid.watched && pay.effects.is_empty());
}

#[test]
fn only_the_closing_inquiry_says_how_the_closing_ends() {
    let rejected = Verdict::Rejected(Blame::Configuration, String::new());
    for verdict in [Verdict::Open(None), no_word(), unanswered(true), rejected] {
        let mut pay = Bench::shown();
        pay.on(Event::Cancel).on(Event::Hidden).answer(Ask::Poll, verdict);
        assert_eq!((pay.name(), pay.effects.len()), ("closing", 0));
    }
}
