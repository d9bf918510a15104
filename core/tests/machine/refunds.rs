//! Refunds: sent once, repeated under one name within 24 h, asked for until the bank's word.

use super::bench::{Bench, HOUR, SECOND, no_word, paid, unanswered, uzs};
use till_core::operation::{Ask, Audience, Blame, Effect, Event, NoReason, State, Timer, Verdict};

fn doubt() -> Bench {
    let mut refund = Bench::refund();
    refund.answer(Ask::Create, unanswered(true));
    refund
}

#[test]
fn an_accepted_refund_is_success_and_watched_24_h() {
    let mut refund = Bench::refund();
    assert_eq!(refund.sends(), [Ask::Create]);
    assert_eq!(refund.wakes(Timer::Wait), Some(120 * SECOND));
    refund.answer(Ask::Create, paid());
    assert!(refund.tells());
    assert_eq!(refund.wakes(Timer::Ask), Some(HOUR));
    assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Watch]);
    refund.answer(Ask::Watch, Verdict::Open(None));
    assert_eq!(refund.wakes(Timer::Ask), Some(HOUR));
    refund.pass(24 * HOUR).on(Event::Due(Timer::Ask));
    let State::Approved(approved) = &refund.state else { panic!("{:?}", refund.state) };
    assert!(!approved.watched && refund.effects.is_empty());
}

#[test]
fn a_later_failure_of_an_accepted_refund_alarms() {
    let mut refund = Bench::refund();
    refund.answer(Ask::Create, paid());
    refund.answer(Ask::Watch, Verdict::NotPaid(NoReason::Declined(String::new())));
    let State::Approved(approved) = &refund.state else { panic!("{:?}", refund.state) };
    assert!(approved.reversed && !approved.watched);
}

#[test]
fn a_refund_is_not_watched_where_the_bank_cannot_be_asked() {
    let mut refund = Bench::refund();
    refund.rules.refund_inquiry = false;
    refund.answer(Ask::Create, paid());
    assert_eq!(refund.wakes(Timer::Ask), None);
}

#[test]
fn an_unanswered_refund_is_asked_for_after_3_s_then_sent_again_under_its_name() {
    let mut refund = doubt();
    assert_eq!((refund.name(), refund.tells()), ("in doubt", false));
    assert_eq!(refund.wakes(Timer::Ask), Some(3 * SECOND));
    assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Inquire]);
    refund.answer(Ask::Inquire, no_word());
    assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Create]);
    refund.answer(Ask::Create, unanswered(true));
    assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Inquire]);
}

#[test]
fn a_repetition_may_succeed() {
    assert_eq!(doubt().answer(Ask::Create, paid()).name(), "approved");
}

#[test]
fn an_error_to_a_repetition_proves_nothing() {
    for error in [
        Verdict::Rejected(Blame::Request, "not found".to_owned()),
        no_word(),
        Verdict::NotPaid(NoReason::Declined(String::new())),
        Verdict::Undecided("ODD".to_owned()),
        Verdict::Mismatch("sum".to_owned()),
    ] {
        let mut refund = doubt();
        refund.answer(Ask::Create, error.clone()).pass(10 * SECOND);
        refund.answer(Ask::Create, error);
        assert_eq!((refund.name(), refund.tells()), ("in doubt", false));
        assert!(refund.wakes(Timer::Ask).is_some());
    }
}

#[test]
fn process_of_the_refunds_own_id_decides() {
    assert_eq!(doubt().answer(Ask::Inquire, paid()).name(), "approved");
    let declined = || Verdict::NotPaid(NoReason::Declined(String::new()));
    assert_eq!(doubt().answer(Ask::Inquire, declined()).name(), "not paid");
    assert_eq!(doubt().answer(Ask::Watch, declined()).name(), "not paid");
}

#[test]
fn exists_with_the_payment_refunded_is_success() {
    let mut refund = doubt();
    assert_eq!(refund.answer(Ask::Create, Verdict::Exists).sends(), [Ask::Payment]);
    assert_eq!(refund.name(), "in doubt");
    refund.answer(Ask::Payment, Verdict::NotPaid(NoReason::GivenBack));
    let State::Approved(approved) = &refund.state else { panic!("{:?}", refund.state) };
    assert_eq!(approved.receipt.paid, uzs(12_500));
}

#[test]
fn exists_with_the_payment_still_paid_proves_nothing() {
    let mut refund = doubt();
    refund.answer(Ask::Create, Verdict::Exists).answer(Ask::Payment, paid());
    assert_eq!(refund.name(), "in doubt");
    assert!(refund.wakes(Timer::Ask).is_some());
}

#[test]
fn after_24_h_a_refund_is_only_asked_for() {
    let mut refund = doubt();
    refund.pass(24 * HOUR);
    for _ in 0..3 {
        refund.answer(Ask::Inquire, no_word());
        assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Inquire]);
    }
}

#[test]
fn a_clock_that_went_back_over_a_reboot_cannot_prove_the_24_h() {
    let mut refund = doubt();
    refund.answer(Ask::Inquire, no_word()).reboot().now.wall_ms -= 48 * 3_600_000;
    assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Inquire]);
}

#[test]
fn a_wall_clock_that_jumps_within_one_start_changes_nothing() {
    let mut refund = doubt();
    refund.answer(Ask::Inquire, no_word()).now.wall_ms += 48 * 3_600_000;
    assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Create]);
}

#[test]
fn where_refunds_cannot_be_asked_for_they_are_repeated() {
    let mut refund = doubt();
    refund.rules.refund_inquiry = false;
    for _ in 0..2 {
        assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Create]);
        refund.answer(Ask::Create, unanswered(true));
    }
}

#[test]
fn the_caller_is_told_code_4_when_its_wait_is_over_and_the_doubt_goes_on() {
    let mut refund = doubt();
    assert_eq!(refund.wakes(Timer::Wait), Some(120 * SECOND));
    refund.on(Event::Due(Timer::Wait));
    assert!(refund.tells());
    assert_eq!(refund.name(), "in doubt");
}

#[test]
fn a_refund_that_never_left_is_code_7() {
    let mut refund = Bench::refund();
    for _ in 0..2 {
        refund.answer(Ask::Create, unanswered(false)).on(Event::Due(Timer::Ask));
    }
    refund.answer(Ask::Create, unanswered(false));
    let State::Refused(refused) = &refund.state else { panic!("{:?}", refund.state) };
    assert_eq!(refused.code, 7);
}

#[test]
fn a_first_refusal_is_code_6_or_5_and_a_first_decline_code_1() {
    let mut refund = Bench::refund();
    refund.answer(Ask::Create, Verdict::Rejected(Blame::Configuration, "403".to_owned()));
    assert_eq!(refund.name(), "refused");
    let mut above = Bench::refund();
    above.answer(Ask::Create, Verdict::Rejected(Blame::Payment, "above".to_owned()));
    let State::Refused(refused) = &above.state else { panic!("{:?}", above.state) };
    assert_eq!(refused.code, 9, "the bank knows of refunds that we do not");
    let declined = Verdict::NotPaid(NoReason::Declined(String::new()));
    assert_eq!(Bench::refund().answer(Ask::Create, declined).name(), "not paid");
}

#[test]
fn a_first_answer_that_says_nothing_final_is_doubt() {
    for verdict in [
        Verdict::Open(None),
        no_word(),
        Verdict::Undecided("ODD".to_owned()),
        Verdict::Mismatch("sum".to_owned()),
    ] {
        assert_eq!(Bench::refund().answer(Ask::Create, verdict).name(), "in doubt");
    }
    let mut exists = Bench::refund();
    exists.answer(Ask::Create, Verdict::Exists);
    assert!(exists.does(&Effect::Send(Ask::Payment)));
}

#[test]
fn after_a_restart_a_refund_is_asked_for_and_sent_again_within_its_24_h() {
    let mut refund = Bench::refund();
    refund.audience = Audience::Nobody;
    refund.pass(HOUR).reboot().on(Event::Reload);
    assert_eq!((refund.name(), &refund.sends()[..]), ("in doubt", &[Ask::Watch][..]));
    refund.answer(Ask::Watch, no_word());
    assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Create]);
}

#[test]
fn silence_never_ends_a_refund() {
    let mut refund = doubt();
    refund.audience = Audience::Nobody;
    for _ in 0..10 {
        refund.pass(HOUR).answer(Ask::Watch, no_word());
        assert_eq!(refund.name(), "in doubt");
    }
}

#[test]
fn an_unknown_failure_said_twice_by_process_is_final() {
    let said = || Verdict::Undecided("ODD".to_owned());
    let mut refund = doubt();
    refund.answer(Ask::Inquire, said());
    assert_eq!(refund.wakes(Timer::Ask), Some(6_000));
    assert_eq!(refund.pass(5 * SECOND).answer(Ask::Inquire, said()).name(), "not paid");
}

#[test]
fn a_foreign_payment_is_asked_for_before_the_first_refund_call() {
    let mut refund = Bench::refund_of(true, false);
    assert_eq!(refund.on(Event::Begin).sends(), [Ask::Payment]);
    refund.answer(Ask::Payment, paid());
    assert_eq!((refund.name(), &refund.sends()[..]), ("creating", &[Ask::Create][..]));
    assert_eq!(refund.answer(Ask::Create, paid()).name(), "approved");
}

#[test]
fn a_foreign_payment_with_other_figures_is_code_9() {
    for verdict in [
        Verdict::Mismatch("sum".to_owned()),
        Verdict::NotPaid(NoReason::GivenBack),
        Verdict::Open(None),
        no_word(),
    ] {
        let mut refund = Bench::refund_of(true, false);
        refund.on(Event::Begin).answer(Ask::Payment, verdict);
        let State::Refused(refused) = &refund.state else { panic!("{:?}", refund.state) };
        assert_eq!(refused.code, 9);
    }
}

#[test]
fn a_foreign_refund_killed_before_its_first_call_begins_again() {
    let mut refund = Bench::refund_of(true, false);
    refund.on(Event::Begin).reboot().on(Event::Reload);
    assert_eq!((refund.name(), &refund.sends()[..]), ("creating", &[Ask::Payment][..]));
    refund.answer(Ask::Payment, paid()).reboot().on(Event::Reload);
    assert_eq!((refund.name(), &refund.sends()[..]), ("in doubt", &[Ask::Watch][..]));
}

#[test]
fn settle_decides_a_refund_after_an_inquiry() {
    let settle = |paid| Event::Settle { paid, note: "bank's letter".to_owned() };
    let mut refund = doubt();
    assert_eq!(refund.on(settle(true)).name(), "in doubt");
    refund.answer(Ask::Inquire, no_word());
    assert_eq!(refund.on(settle(true)).name(), "approved");
    let mut not = doubt();
    assert_eq!(not.answer(Ask::Inquire, no_word()).on(settle(false)).name(), "not paid");
}

#[test]
fn a_refund_cannot_be_cancelled() {
    let mut refund = Bench::refund();
    refund.on(Event::Cancel);
    assert_eq!((refund.name(), refund.effects.len()), ("creating", 0));
    let mut unclear = doubt();
    unclear.on(Event::Cancel);
    assert_eq!((unclear.name(), unclear.effects.len()), ("in doubt", 0));
}

#[test]
fn attempts_count_from_the_first_call_not_from_the_record() {
    let mut refund = Bench::refund_of(false, false);
    refund.pass(60 * SECOND).on(Event::Begin).answer(Ask::Create, unanswered(false));
    assert_eq!((refund.name(), refund.wakes(Timer::Ask)), ("creating", Some(SECOND)));
}

#[test]
fn a_wall_clock_that_is_ahead_after_a_reboot_ends_no_watch_of_a_refund() {
    let mut refund = Bench::refund();
    refund.answer(Ask::Create, paid()).reboot().now.wall_ms += 48 * 3_600_000;
    refund.on(Event::Reload);
    let State::Approved(approved) = &refund.state else { panic!("{:?}", refund.state) };
    assert!(approved.watched);
    assert_eq!(refund.pass(HOUR).on(Event::Due(Timer::Ask)).sends(), [Ask::Watch]);
}

#[test]
fn only_the_payments_own_inquiry_proves_a_refund_by_the_payments_end() {
    let given_back = || Verdict::NotPaid(NoReason::GivenBack);
    assert_eq!(doubt().answer(Ask::Inquire, given_back()).name(), "not paid");
    assert_eq!(doubt().answer(Ask::Create, given_back()).name(), "in doubt");
}

#[test]
fn what_the_bank_knows_of_is_asked_for_before_it_is_sent_again() {
    for (ask, known) in [
        (Ask::Create, Verdict::Exists),
        (Ask::Create, Verdict::Accepted(String::new())),
        (Ask::Inquire, Verdict::Open(None)),
        (Ask::Inquire, Verdict::Undecided("ODD".to_owned())),
    ] {
        let mut refund = doubt();
        refund.answer(Ask::Inquire, no_word()).answer(ask, known.clone());
        assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [Ask::Inquire], "{known:?}");
    }
}

#[test]
fn each_of_a_foreign_refunds_calls_is_begun_three_times_within_15_s_of_its_own() {
    let fails = |refund: &mut Bench, ask| {
        for pause in [SECOND, 2 * SECOND] {
            refund.answer(ask, unanswered(false));
            assert_eq!(refund.wakes(Timer::Ask), Some(pause));
            assert_eq!(refund.on(Event::Due(Timer::Ask)).sends(), [ask]);
        }
    };
    let mut refund = Bench::refund_of(true, false);
    refund.on(Event::Begin).on(Event::Reload);
    fails(&mut refund, Ask::Payment);
    refund.pass(15 * SECOND).answer(Ask::Payment, paid());
    fails(&mut refund, Ask::Create);
    refund.answer(Ask::Create, unanswered(false));
    let State::Refused(refused) = &refund.state else { panic!("{:?}", refund.state) };
    assert_eq!(refused.code, 7);
}
