//! A gateway that was killed before any of its terminals got the code.

use super::bench::{Bench, MINUTE, SECOND, code, no_word, paid, unanswered};
use till_core::operation::{Ask, Effect, Event, Rules, Silence, State, Timer, Told, Verdict};

fn rules() -> Rules {
    Rules { comes_back: true, ..Rules::default() }
}

/// A pay that was killed on its way, and found in a journal that is whole.
fn unseen() -> Bench {
    let mut pay = Bench::pay();
    pay.rules = rules();
    pay.answer(Ask::Create, code()).on(Event::Unseen);
    assert_eq!((pay.name(), pay.does(&Effect::Hide)), ("closing", true));
    assert_eq!(pay.on(Event::Hidden).sends(), [Ask::Close]);
    pay
}

#[test]
fn a_code_that_nobody_saw_is_asked_about_and_then_told_as_no_connection() {
    for open in [Verdict::Open(None), no_word()] {
        let mut pay = unseen();
        pay.answer(Ask::Close, open);
        let State::Closed(closed) = &pay.state else { panic!("{:?}", pay.state) };
        assert_eq!((closed.told, closed.unheard), (Told::NoConnection, true));
        // Told it is, known it is not: the bank is asked on, for as long as a code may live.
        assert!(pay.wakes(Timer::Ask).is_some() && closed.life.ms >= 10 * MINUTE);
    }
}

#[test]
fn the_banks_word_about_it_is_stronger_and_its_silence_is_doubt() {
    assert_eq!(unseen().answer(Ask::Close, paid()).name(), "approved");
    assert_eq!(unseen().answer(Ask::Close, unanswered(true)).name(), "in doubt");
    let mut late = unseen();
    late.answer(Ask::Close, no_word()).answer(Ask::Watch, paid());
    assert_eq!(late.name(), "approved", "no terminal has told anybody anything yet");
}

#[test]
fn nothing_is_sent_again() {
    let mut pay = unseen();
    for verdict in [no_word(), unanswered(true), Verdict::Open(None)] {
        pay.answer(Ask::Close, verdict).on(Event::Look);
        assert!(!pay.sends().contains(&Ask::Create));
    }
}

#[test]
fn a_journal_that_may_lack_something_leaves_it_in_doubt() {
    let mut pay = Bench::pay();
    pay.rules = rules();
    pay.answer(Ask::Create, code()).on(Event::Reload);
    assert_eq!((pay.name(), pay.sends()), ("in doubt", vec![Ask::Watch]));
}

/// The customer's own code was there before us, and a refund may be made again.
#[test]
fn entry_codes_and_refunds_are_no_codes_that_nobody_saw() {
    for mut bench in [Bench::entry(), Bench::refund()] {
        bench.rules = rules();
        bench.on(Event::Unseen);
        assert_eq!((bench.name(), bench.sends()), ("in doubt", vec![Ask::Watch]));
    }
    let mut shown = Bench::shown();
    shown.on(Event::Unseen);
    assert_eq!(shown.name(), "waiting", "what was shown is shown again");
}

/// ecommpay knows nothing of a payment for a while after it took it: it has to say so twice.
#[test]
fn where_silence_has_to_last_it_is_waited_for() {
    let mut pay = Bench::pay();
    pay.rules =
        Rules { lost: Some(Silence { after_ms: 120 * SECOND, apart_ms: 10 * SECOND }), ..rules() };
    pay.on(Event::Unseen).answer(Ask::Poll, no_word());
    assert_eq!(pay.name(), "creating");
    pay.pass(121 * SECOND).answer(Ask::Poll, no_word());
    assert_eq!(pay.name(), "creating", "once is not enough");
    pay.pass(10 * SECOND).answer(Ask::Poll, no_word());
    let State::NotPaid(not_paid) = &pay.state else { panic!("{:?}", pay.state) };
    assert_eq!(not_paid.told, Some(Told::NoConnection));
}
