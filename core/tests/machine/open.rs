//! What still needs driving, what runs, and what a refund has taken of its payment.

use super::bench::{Bench, code, paid, unanswered, uzs};
use till_core::id::OperationId;
use till_core::operation::{Ask, Blame, Event, NoReason, Operation, Verdict};

fn operation(bench: &Bench) -> Operation {
    let mut operation = Operation::new(OperationId::new("o"), bench.order.clone());
    operation.state = bench.state.clone();
    operation
}

fn declined() -> Verdict {
    Verdict::NotPaid(NoReason::Declined("no".to_owned()))
}

fn rejected() -> Verdict {
    Verdict::Rejected(Blame::Configuration, "no".to_owned())
}

#[test]
fn a_pay_is_open_until_the_banks_word_or_the_end_of_its_late_money() {
    let mut pay = Bench::pay();
    assert!(operation(&pay).is_open() && operation(&pay).is_running());
    pay.answer(Ask::Create, code());
    assert_eq!(operation(&pay).code().unwrap().value, "qr://1");
    pay.answer(Ask::Create, Verdict::Open(None));
    assert!(operation(&pay).is_open() && operation(&pay).is_running());
    assert_eq!(operation(&pay).code().unwrap().value, "qr://1");
    pay.on(Event::Cancel);
    assert!(operation(&pay).is_open() && operation(&pay).is_running());
    assert_eq!(operation(&pay).code(), None);
    pay.on(Event::Hidden).answer(Ask::Close, Verdict::Open(None));
    assert!(operation(&pay).is_open() && !operation(&pay).is_running());
    assert_eq!(operation(&pay).receipt(), None);
    pay.answer(Ask::Watch, paid());
    assert!(operation(&pay).is_open() && !operation(&pay).is_running());
    assert_eq!(operation(&pay).receipt().unwrap().paid, uzs(12_500));
    pay.on(Event::GaveBack { accepted: true });
    assert!(!operation(&pay).is_open());
}

#[test]
fn a_pay_in_doubt_is_open_and_does_not_run() {
    let mut pay = Bench::shown();
    pay.on(Event::Cancel).on(Event::Hidden).answer(Ask::Close, unanswered(true));
    assert!(operation(&pay).is_open() && !operation(&pay).is_running());
}

#[test]
fn what_is_final_is_not_open() {
    let mut pay = Bench::shown();
    pay.answer(Ask::Poll, paid());
    assert!(!operation(&pay).is_open() && !operation(&pay).is_running());
    assert_eq!(operation(&pay).receipt().unwrap().paid, uzs(12_500));
    let mut no = Bench::shown();
    no.answer(Ask::Poll, declined());
    assert!(!operation(&no).is_open());
    let mut refused = Bench::pay();
    refused.answer(Ask::Create, rejected());
    assert!(!operation(&refused).is_open());
}

#[test]
fn a_watched_decline_and_a_watched_refund_are_open() {
    let mut pay = Bench::shown();
    pay.rules.declined_is_payable = true;
    pay.answer(Ask::Poll, declined());
    assert!(operation(&pay).is_open());
    let mut refund = Bench::refund();
    refund.answer(Ask::Create, paid());
    assert!(operation(&refund).is_open());
}

#[test]
fn a_give_back_is_open_until_its_payment_was_told() {
    for ended in [paid(), declined(), rejected()] {
        let mut give_back = Bench::refund_of(false, true);
        give_back.rules.refund_inquiry = false;
        give_back.on(Event::Begin).answer(Ask::Create, ended);
        let mut operation = operation(&give_back);
        assert!(operation.is_open(), "{:?}", operation.state);
        operation.handed_over = true;
        assert!(!operation.is_open(), "{:?}", operation.state);
    }
    let mut refund = Bench::refund();
    refund.answer(Ask::Create, declined());
    assert!(!operation(&refund).is_open(), "an asked-for refund is told by its own answer");
}

#[test]
fn a_refund_has_taken_its_sum_unless_the_bank_said_no() {
    let mut refund = Bench::refund();
    assert_eq!(operation(&refund).spent(), Some(uzs(12_500)));
    refund.answer(Ask::Create, unanswered(true));
    assert_eq!(operation(&refund).spent(), Some(uzs(12_500)), "a doubt counts as spent");
    refund.answer(Ask::Inquire, paid());
    assert_eq!(operation(&refund).spent(), Some(uzs(12_500)));
    refund.answer(Ask::Watch, declined());
    assert_eq!(operation(&refund).spent(), None, "the bank took its word back");
    let mut no = Bench::refund();
    no.answer(Ask::Create, declined());
    assert_eq!(operation(&no).spent(), None);
    let mut refused = Bench::refund();
    refused.answer(Ask::Create, rejected());
    assert_eq!(operation(&refused).spent(), None);
    assert_eq!(operation(&Bench::shown()).spent(), None, "a pay takes nothing");
}
