//! A terminal behind a gateway: it tells what the gateway says, and decides nothing.

use super::bench::{Bench, HOUR, SECOND, receipt, unanswered};
use till_core::operation::state::{Approved, Closed, Late, NotPaid};
use till_core::operation::{
    Ask, Audience, Choice, Code, Effect, Event, Life, NoReason, Rules, Silence, State, Story,
    Timer, Told, Verdict, Word,
};

fn rules() -> Rules {
    Rules {
        relayed: true,
        give_back: false,
        lost: Some(Silence { after_ms: u64::MAX, apart_ms: 0 }),
        ..Rules::default()
    }
}

fn word(word: Word) -> Verdict {
    Verdict::Relayed(Box::new(word))
}

fn code(left_ms: u64) -> Verdict {
    word(Word::Code { code: Code::text("qr://1", left_ms), hand_over: None })
}

fn pay() -> Bench {
    let mut pay = Bench::pay();
    pay.rules = rules();
    pay
}

fn shown() -> Bench {
    let mut pay = pay();
    pay.answer(Ask::Create, code(60 * SECOND));
    assert_eq!(pay.name(), "waiting");
    pay
}

fn life(pay: &Bench) -> Life {
    Life { from: pay.now, ms: 0 }
}

fn closed_there(pay: &Bench) -> Verdict {
    let life = life(pay);
    let told = Told::Expired;
    word(Word::Ended(State::Closed(Closed { told, life, silent: None, unheard: true })))
}

fn approved() -> State {
    let receipt = receipt(12_500);
    State::Approved(Approved { receipt, late: false, watched: false, reversed: false })
}

#[test]
fn the_code_is_shown_and_waited_for_10_s_longer_than_the_gateway_waits() {
    let pay = shown();
    assert!(pay.does(&Effect::Show));
    assert_eq!(pay.wakes(Timer::Wait), Some(70 * SECOND));
}

#[test]
fn the_gateways_success_is_the_terminals() {
    let mut pay = shown();
    pay.answer(Ask::Poll, word(Word::Ended(approved())));
    assert_eq!(pay.name(), "approved");
    assert!(pay.does(&Effect::Hide) && pay.tells());
}

#[test]
fn the_gateways_closing_is_told_and_acknowledged_at_once() {
    let mut pay = shown();
    pay.answer(Ask::Poll, closed_there(&pay));
    assert_eq!(pay.name(), "closed");
    assert!(pay.tells());
    assert_eq!(pay.wakes(Timer::Ask), Some(0));
    pay.on(Event::Due(Timer::Ask));
    assert_eq!(pay.sends(), [Ask::Watch]);
}

#[test]
fn late_money_is_the_gateways_to_give_back() {
    let mut pay = shown();
    pay.answer(Ask::Poll, closed_there(&pay));
    let story = Story::Refunding;
    let late = Late { told: Told::Expired, receipt: receipt(12_500), story };
    pay.answer(Ask::Watch, word(Word::Ended(State::Late(late.clone()))));
    assert!(!pay.effects.iter().any(|effect| matches!(effect, Effect::GiveBack(_))));
    pay.on(Event::Due(Timer::Ask));
    assert_eq!(pay.sends(), [Ask::Watch], "it is asked how that went on");
    let late = Late { story: Story::Refunded, ..late };
    pay.answer(Ask::Watch, word(Word::Ended(State::Late(late))));
    assert!(matches!(&pay.state, State::Late(late) if late.story == Story::Refunded));
}

/// A pay in doubt whose operator has given a word.
fn settling(paid: bool) -> Bench {
    let mut pay = shown();
    pay.answer(Ask::Poll, word(Word::InDoubt));
    let note = "seen on the statement".to_owned();
    assert!(pay.on(Event::Settle { paid, note: note.clone() }).sends().is_empty(), "asked first");
    pay.answer(Ask::Inquire, word(Word::InDoubt)).on(Event::Settle { paid, note });
    assert_eq!((pay.name(), pay.sends()), ("in doubt", vec![Ask::Close]));
    pay
}

fn is_settling(pay: &Bench) -> bool {
    matches!(&pay.state, State::InDoubt(doubt) if doubt.settling.is_some())
}

#[test]
fn the_operators_word_goes_to_the_gateway_whose_own_ends_it() {
    let mut pay = settling(true);
    pay.answer(Ask::Close, word(Word::Ended(approved())));
    assert_eq!((pay.name(), pay.tells()), ("approved", true));
    // The gateway's bank knew better.
    let mut pay = settling(true);
    pay.answer(Ask::Close, closed_there(&pay));
    assert_eq!(pay.name(), "closed");
}

#[test]
fn an_operators_word_that_the_gateway_does_not_take_ends_nothing_and_is_not_said_again() {
    for said in [word(Word::InDoubt), word(Word::Unheard), unanswered(true), unanswered(false)] {
        let mut pay = settling(false);
        // Another look's answer does not take the word back.
        pay.answer(Ask::Watch, word(Word::InDoubt));
        assert!(is_settling(&pay));
        pay.answer(Ask::Close, said);
        assert_eq!((pay.name(), is_settling(&pay)), ("in doubt", false));
    }
}

#[test]
fn no_terminal_cancels_without_the_gateways_word() {
    for said in [word(Word::Begun), word(Word::Closing), code(1), unanswered(true)] {
        let mut pay = shown();
        pay.on(Event::Cancel).on(Event::Hidden);
        assert_eq!(pay.sends(), [Ask::Close]);
        pay.answer(Ask::Close, said);
        assert_eq!(pay.name(), "in doubt");
    }
}

#[test]
fn a_gateway_that_never_heard_of_it_gets_the_order_again() {
    let mut pay = pay();
    pay.answer(Ask::Create, unanswered(true));
    for _ in 0..2 {
        pay.pass(SECOND).on(Event::Due(Timer::Ask));
        pay.pass(8 * SECOND).answer(Ask::Create, unanswered(true));
    }
    pay.on(Event::Due(Timer::Ask));
    assert_eq!(pay.sends(), [Ask::Poll], "the attempts are used up: it is asked for");
    pay.answer(Ask::Poll, word(Word::Unheard));
    assert_eq!(pay.name(), "creating", "404 never means that nothing was sent");
    pay.on(Event::Due(Timer::Ask));
    assert_eq!(pay.sends(), [Ask::Create]);
}

#[test]
fn after_a_restart_a_pay_only_inquires() {
    let mut pay = pay();
    pay.reboot().on(Event::Reload);
    assert_eq!((pay.name(), pay.sends()), ("in doubt", vec![Ask::Watch]));
    pay.answer(Ask::Watch, word(Word::Begun));
    assert_eq!(pay.name(), "in doubt");
    let not_paid = NotPaid {
        reason: NoReason::Expired,
        told: None,
        life: life(&pay),
        watched: false,
        choice: None,
        unheard: false,
    };
    pay.answer(Ask::Watch, word(Word::Ended(State::NotPaid(not_paid))));
    assert_eq!(pay.name(), "not paid");
}

#[test]
fn a_doubt_that_was_told_is_a_late_success_later() {
    let mut pay = shown();
    pay.audience = Audience::Program;
    pay.answer(Ask::Poll, word(Word::InDoubt));
    pay.pass(HOUR).on(Event::Due(Timer::GiveUp));
    let told = Some(Choice::GoodsHandedOver);
    assert!(matches!(&pay.state, State::InDoubt(doubt) if doubt.choice == told));
    pay.answer(Ask::Inquire, word(Word::Ended(approved())));
    assert!(matches!(&pay.state, State::Approved(approved) if approved.late));
}
