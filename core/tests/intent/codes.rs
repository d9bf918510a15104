//! The rows of the table of codes: one test for each.

use till_core::id::RequestId;
use till_core::intent::{
    Advice, Answer, AnswerCode, ErrorType, Field, Language, NotRefundable, Outcome, Refusal, Verb,
    Wrong, refusal,
};
use till_core::operation::{Action, NoReason, State, Story, Told};

use crate::fixture::{
    STORIES, TOLDS, all_states, approved, approved_late, closed, doubt, late, not_paid, operation,
    reasons, refused, running, told, told_to, uzs,
};

const BOTH: [Action; 2] = [Action::Pay, Action::Refund];

#[track_caller]
fn row(answer: &Answer, code: u8, outcome: Outcome, advice: Advice) {
    let Answer { code: found, advice: advised, .. } = answer;
    assert_eq!((found.number(), answer.outcome(), *advised), (code, outcome, advice));
    assert!(!answer.message.is_empty());
    assert_eq!(answer.transaction.is_some(), code == 0);
}

fn refuse(about: Action, why: &Refusal) -> Answer {
    let verb = Verb::from(about);
    refusal(verb.action(), about, RequestId::new("order-7"), None, Language::En, why)
}

#[test]
fn code_0_success() {
    for action in BOTH {
        let answer = told(action, approved());
        row(&answer, 0, Outcome::Approved, Advice::None);
        assert_eq!((answer.late_payment, answer.error_type()), (None, None));
    }
}

#[test]
fn code_0_is_a_refund_that_the_bank_took_back_since_only_an_alarm_tells_it() {
    let mut state = approved();
    if let State::Approved(approved) = &mut state {
        approved.reversed = true;
    }
    row(&told(Action::Refund, state), 0, Outcome::Approved, Advice::None);
}

#[test]
fn code_0_after_code_4_reports_the_late_payment() {
    let answer = told(Action::Pay, approved_late());
    row(&answer, 0, Outcome::Approved, Advice::None);
    assert_eq!((answer.late_payment, answer.paid_amount), (Some(Story::Reported), None));
}

#[test]
fn code_1_declined_by_wallet_or_bank() {
    for action in BOTH {
        let reason = NoReason::Declined("Insufficient funds".to_owned());
        let answer = told(action, not_paid(reason, None));
        row(&answer, 1, Outcome::Declined, Advice::NewRequest);
        assert!(answer.message.contains("Insufficient funds"), "{}", answer.message);
    }
}

#[test]
fn code_1_given_back_already_or_settled_as_not_paid() {
    for reason in [NoReason::GivenBack, NoReason::Settled("checked by phone".to_owned())] {
        let answer = told(Action::Pay, not_paid(reason, None));
        row(&answer, 1, Outcome::Declined, Advice::NewRequest);
    }
    let settled = NoReason::Settled("checked by phone".to_owned());
    assert!(told(Action::Pay, not_paid(settled, None)).message.contains("checked by phone"));
}

#[test]
fn code_1_paid_with_another_sum_says_which() {
    let state = late(Told::OtherSum, uzs(9_000), Story::Refunding);
    let answer = told(Action::Pay, state);
    row(&answer, 1, Outcome::Declined, Advice::NewRequest);
    assert_eq!((answer.paid_amount, answer.late_payment), (Some(9_000), Some(Story::Refunding)));
    assert!(answer.message.contains("90.00") && answer.message.contains("125.00"));
    row(&told(Action::Pay, closed(Told::OtherSum)), 1, Outcome::Declined, Advice::NewRequest);
}

#[test]
fn code_1_refused_by_the_bank() {
    let answer = told(Action::Refund, refused(1, "Refund window is closed"));
    row(&answer, 1, Outcome::Declined, Advice::NewRequest);
    assert!(answer.message.contains("Refund window is closed"));
}

#[test]
fn code_2_cancelled_by_operator_or_customer() {
    for state in [not_paid(NoReason::Cancelled, None), closed(Told::Cancelled)] {
        row(&told(Action::Pay, state), 2, Outcome::Cancelled, Advice::NewRequest);
    }
}

#[test]
fn code_3_nobody_paid_in_time() {
    for state in [not_paid(NoReason::Expired, None), closed(Told::Expired)] {
        row(&told(Action::Pay, state), 3, Outcome::Expired, Advice::NewRequest);
    }
}

#[test]
fn code_4_of_a_pay_asks_the_status() {
    for answer in [
        told(Action::Pay, doubt()),
        told(Action::Pay, closed(Told::Unknown)),
        refuse(Action::Pay, &Refusal::Failed),
    ] {
        row(&answer, 4, Outcome::Unknown, Advice::AskStatus);
        assert_eq!(answer.error_type(), Some(ErrorType::Default));
    }
}

#[test]
fn code_4_of_a_refund_repeats_the_same_request() {
    for answer in [told(Action::Refund, doubt()), refuse(Action::Refund, &Refusal::Failed)] {
        row(&answer, 4, Outcome::Unknown, Advice::RepeatSameRequest);
        assert_eq!(answer.error_type(), Some(ErrorType::UnknownResult));
    }
}

#[test]
fn code_4_by_status_of_a_refund_repeats_the_same_request() {
    let answer = told_to(Verb::Status, Language::En, &operation(Action::Refund, doubt()));
    row(&answer, 4, Outcome::Unknown, Advice::RepeatSameRequest);
    assert_eq!(answer.error_type(), Some(ErrorType::UnknownResult));
    assert_eq!(answer.action, "dev.till.terminal.action.STATUS");
}

#[test]
fn code_4_with_goods_kept_stays_when_money_came_and_ends_when_it_went_back() {
    for story in STORIES {
        let answer = told(Action::Pay, late(Told::Unknown, uzs(12_500), story));
        let advice = if story == Story::Refunded { Advice::None } else { Advice::AskStatus };
        row(&answer, 4, Outcome::Unknown, advice);
        assert_eq!((answer.late_payment, answer.paid_amount), (Some(story), None));
    }
}

#[test]
fn code_4_is_not_final_when_the_bank_says_no() {
    let expected = [1, 1, 2, 3, 1, 1];
    for (reason, code) in reasons().into_iter().zip(expected) {
        let answer = told(Action::Pay, not_paid(reason, Some(Told::Unknown)));
        assert_eq!(answer.code.number(), code);
    }
}

#[test]
fn code_5_bad_request() {
    for why in [
        Refusal::Extra(Field::Amount, Wrong::Missing),
        Refusal::Extra(Field::PrimaryTransaction, Wrong::Sandbox),
        Refusal::Unreadable,
        Refusal::Order("currency JPY is not confirmed by the bank".to_owned()),
    ] {
        row(&refuse(Action::Pay, &why), 5, Outcome::Refused, Advice::FixRequest);
    }
    let answer = told(Action::Pay, refused(5, "orderAmount"));
    row(&answer, 5, Outcome::Refused, Advice::FixRequest);
    assert!(answer.message.contains("orderAmount"));
}

#[test]
fn code_6_not_configured_or_not_accepted_by_the_bank() {
    let words = "403: ask the bank to add this address to its list";
    for why in [Refusal::NotConfigured(words.to_owned()), Refusal::CallerNotAllowed] {
        row(&refuse(Action::Pay, &why), 6, Outcome::Refused, Advice::Configure);
    }
    let answer = told(Action::Pay, refused(6, words));
    row(&answer, 6, Outcome::Refused, Advice::Configure);
    assert!(answer.message.ends_with(words), "{}", answer.message);
}

#[test]
fn code_7_no_connection_and_nothing_shown_or_sent() {
    for action in BOTH {
        let why = Refusal::NoConnection("no connection to the bank: refused".to_owned());
        for answer in [
            refuse(action, &why),
            told(action, refused(7, "")),
            told(action, closed(Told::NoConnection)),
            told(action, not_paid(NoReason::Expired, Some(Told::NoConnection))),
        ] {
            row(&answer, 7, Outcome::Refused, Advice::NewRequest);
        }
    }
}

#[test]
fn code_8_request_id_in_use() {
    let answer = refuse(Action::Pay, &Refusal::OtherParameters);
    row(&answer, 8, Outcome::Refused, Advice::NewRequest);
    for action in BOTH {
        let refused = refuse(action, &Refusal::Running);
        row(&refused, 8, Outcome::Refused, Advice::AskStatus);
        for state in running() {
            row(&told(action, state), 8, Outcome::Refused, Advice::AskStatus);
        }
    }
}

#[test]
fn code_9_refund_not_possible() {
    for why in [
        NotRefundable::AboveRest(uzs(100)),
        NotRefundable::AlreadyRefunded,
        NotRefundable::NotOurs,
        NotRefundable::OtherTerminal,
        NotRefundable::NotPaid,
    ] {
        let answer = refuse(Action::Refund, &Refusal::NotRefundable(why));
        row(&answer, 9, Outcome::Refused, Advice::FixRequest);
        let stored = told(Action::Refund, refused(9, &why.words(Language::En)));
        row(&stored, 9, Outcome::Refused, Advice::FixRequest);
        assert_eq!(stored.message, answer.message);
    }
    let why = NotRefundable::AnotherInDoubt;
    let answer = refuse(Action::Refund, &Refusal::NotRefundable(why));
    row(&answer, 9, Outcome::Refused, Advice::AskStatus);
    let mut stored = refused(9, &why.words(Language::En));
    if let State::Refused(refused) = &mut stored {
        refused.ask_status = why.ask_status();
    }
    row(&told(Action::Refund, stored), 9, Outcome::Refused, Advice::AskStatus);
}

#[test]
fn code_10_the_journal_cannot_be_used() {
    let why = Refusal::Journal("till.sqlite: disk full".to_owned());
    let answer = refuse(Action::Pay, &why);
    row(&answer, 10, Outcome::Refused, Advice::CallSupport);
    assert!(answer.message.ends_with("till.sqlite: disk full"));
}

#[test]
fn code_11_no_such_request() {
    let answer = refuse(Action::Pay, &Refusal::NoSuchRequest);
    row(&answer, 11, Outcome::Refused, Advice::NewRequest);
}

#[test]
fn a_refusal_with_a_code_that_no_terminal_writes_is_a_damaged_journal_and_no_success() {
    for code in [0, 2, 3, 4, 8, 10, 11, 12, 255] {
        let answer = told(Action::Pay, refused(code, ""));
        row(&answer, 10, Outcome::Refused, Advice::CallSupport);
    }
}

#[test]
fn what_was_told_before_the_banks_no_stays_told() {
    let codes = [1, 2, 3, 4, 7];
    for (told_first, code) in TOLDS.into_iter().zip(codes) {
        assert_eq!(told(Action::Pay, closed(told_first)).code.number(), code);
        if told_first != Told::Unknown {
            let later = not_paid(NoReason::Expired, Some(told_first));
            assert_eq!(told(Action::Pay, later).code.number(), code);
        }
    }
}

#[test]
fn late_money_repeats_the_told_code_with_late_payment() {
    let codes = [1, 2, 3, 4, 7];
    for (told_first, code) in TOLDS.into_iter().zip(codes) {
        for story in STORIES {
            let asked = told(Action::Pay, late(told_first, uzs(12_500), story));
            assert_eq!((asked.code.number(), asked.late_payment), (code, Some(story)));
            assert_eq!((asked.paid_amount, asked.transaction), (None, None));
            let other = told(Action::Pay, late(told_first, uzs(12_499), story));
            assert_eq!((other.code.number(), other.paid_amount), (code, Some(12_499)));
        }
    }
}

#[test]
fn error_type_is_unknown_result_error_only_for_a_refund_with_code_4() {
    for action in BOTH {
        for (name, state) in all_states() {
            for verb in [Verb::from(action), Verb::Status] {
                let operation = operation(action, state.clone());
                let answer = told_to(verb, Language::En, &operation);
                let expected = match (answer.code, action) {
                    (AnswerCode::Success, _) => None,
                    (AnswerCode::Unknown, Action::Refund) => Some(ErrorType::UnknownResult),
                    _ => Some(ErrorType::Default),
                };
                assert_eq!(answer.error_type(), expected, "{name}");
            }
        }
    }
}

#[test]
fn the_numbers_of_the_codes_are_0_to_11() {
    for (code, number) in AnswerCode::ALL.into_iter().zip(0..) {
        assert_eq!((code.number(), AnswerCode::of(number)), (number, Some(code)));
    }
    assert_eq!(AnswerCode::of(12), None);
}
