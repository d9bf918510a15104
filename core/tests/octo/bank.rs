//! The rail against the sandbox's model of the bank: whole flows, without a socket.

use till_core::http::HttpResponse;
use till_core::operation::{Ask, Blame, HandOver, NoReason, Verdict};
use till_core::rail::octo::OctoSettings;
use till_core::rail::{Call, Rail, TokenVerdict};
use till_core::secret::Secret;
use till_sandbox::octo::{
    Action, Bank, Behaviour, Discount, Entered, RefundAnswer, RefundLater, RefundMode, Repeated,
    Request, Unscanned,
};

use super::support::*;

struct Counter {
    bank: Bank,
    seed: u64,
    token: Secret<String>,
}

/// Opens a bank and gets a token from it.
fn counter(behaviour: Behaviour) -> Counter {
    let token = Secret::new(String::new());
    let mut counter = Counter { bank: Bank::new(behaviour), seed: 7, token };
    let rail = ours(new_pay()).rail();
    let request = rail.token_request().unwrap();
    let answer = counter.answer(&request);
    let TokenVerdict::Granted(token, life_ms) = rail.read_token(&Ok(answer)) else {
        panic!("the bank knows its own client");
    };
    assert_eq!(life_ms, 25_200_000);
    counter.token = token;
    counter
}

/// Gives a bench the sandbox's credentials.
fn ours(bench: Bench) -> Bench {
    let secret = Secret::new("sandbox-secret".to_owned());
    let user = "208800000000000001";
    bench.set(|settings| {
        *settings = OctoSettings::new("https://localhost:8443", "till-sandbox", secret, user, "UZ");
    })
}

impl Counter {
    fn answer(&mut self, request: &till_core::http::HttpRequest) -> HttpResponse {
        let seed = &mut self.seed;
        let mut entropy = || {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *seed
        };
        let asked = Request {
            method: "POST",
            path: &request.path,
            authorization: request.authorization.as_deref(),
            content_type: Some(request.content_type),
            body: &request.body,
            peer: None,
        };
        let answer = self.bank.handle(AT_MS, &mut entropy, &asked);
        HttpResponse { status: answer.status, body: answer.body }
    }

    fn makes(&mut self, bench: Bench) -> Verdict {
        let bench = ours(bench);
        let request =
            bench.with_call(|rail, call| rail.request(&Call { token: Some(&self.token), ..*call }));
        let answer = self.answer(&request);
        bench.reads_bytes(answer.status, &answer.body)
    }

    /// Makes a code and binds the amount to it; gives what asks about it.
    fn shown(&mut self) -> Bench {
        let Verdict::CodeIssued(code) = self.makes(new_pay()) else { panic!("a code") };
        assert_eq!(code.life_ms, 600_000);
        let mut bench = order_code(Ask::Create);
        bench.code = Some(code);
        assert_eq!(self.makes(bench.clone()), Verdict::Open(None));
        Bench { ask: Ask::Poll, ..bench }
    }

    fn paid(&mut self) {
        let bench = self.shown();
        self.bank.approve(AT_MS, EXTERNAL_ID, None).unwrap();
        assert_eq!(paid(&self.makes(bench)), Some(uzs(12_500)));
    }
}

/// A refund of the payment that [`Counter::paid`] took, under a name of its own.
fn refund_of_it(ask: Ask) -> Bench {
    let mut bench = refund(ask).payment(|payment| {
        payment.id = till_core::id::OperationId::new("5f3a52c0-1111-4d0b-9a53-3b0e3c1c4f10");
        payment.external_id = till_core::id::ExternalId::new(EXTERNAL_ID);
    });
    bench.order.external_id = till_core::id::ExternalId::new("REFUNDXREFUNDXREFUNDXREFUN");
    bench
}

#[test]
fn an_order_code_is_made_bound_and_paid() {
    let mut counter = counter(Behaviour::default());
    let bench = counter.shown();
    assert_eq!(counter.makes(bench.clone()), Verdict::Open(None));
    counter.bank.approve(AT_MS, EXTERNAL_ID, None).unwrap();
    assert_eq!(paid(&counter.makes(bench)), Some(uzs(12_500)));
}

#[test]
fn a_discount_is_a_promotion() {
    let discount = Discount::Minor(500);
    let mut counter = counter(Behaviour { discount, ..Behaviour::default() });
    let bench = counter.shown();
    counter.bank.approve(AT_MS, EXTERNAL_ID, None).unwrap();
    assert_eq!(paid(&counter.makes(bench)), Some(uzs(12_000)));
}

#[test]
fn the_customer_may_decline_or_cancel() {
    let mut first = counter(Behaviour::default());
    let bench = first.shown();
    first.bank.decline(AT_MS, EXTERNAL_ID).unwrap();
    assert!(matches!(first.makes(bench), Verdict::NotPaid(NoReason::Declined(_))));
    let mut second = counter(Behaviour::default());
    let bench = second.shown();
    second.bank.cancel(AT_MS, EXTERNAL_ID).unwrap();
    assert_eq!(second.makes(bench), Verdict::NotPaid(NoReason::Cancelled));
}

#[test]
fn a_repetition_is_the_same_code_or_exists() {
    for (repeated, exists) in [(Repeated::SameAnswer, false), (Repeated::Exists, true)] {
        let mut counter = counter(Behaviour { repeated, ..Behaviour::default() });
        let bench = Bench { ask: Ask::Create, repeated: true, ..counter.shown() };
        let code = counter.makes(new_pay().repeated());
        assert_eq!(code == Verdict::Exists, exists, "{code:?}");
        let performed = counter.makes(bench);
        assert_eq!(performed == Verdict::Exists, exists, "{performed:?}");
    }
}

#[test]
fn an_unknown_external_id_is_no_word() {
    let unscanned = Unscanned::InvalidRequest;
    let mut counter = counter(Behaviour { unscanned, ..Behaviour::default() });
    assert!(matches!(counter.makes(order_code(Ask::Inquire)), Verdict::NoWord(_)));
    let bench = counter.shown();
    assert!(matches!(counter.makes(bench), Verdict::NoWord(_)));
}

#[test]
fn an_entry_code_is_handed_over_confirmed_and_asked_for_its_figures() {
    let mut counter = counter(Behaviour::default());
    let opened = counter.makes(entry_code(Ask::Create));
    assert!(matches!(opened, Verdict::Open(Some(HandOver::Sdk(_)))), "{opened:?}");
    assert!(matches!(counter.makes(entry_code(Ask::Poll)), Verdict::Open(_)));
    counter.bank.approve(AT_MS, EXTERNAL_ID, None).unwrap();
    assert_eq!(counter.makes(entry_code(Ask::Poll)), Verdict::Confirmed);
    assert_eq!(paid(&counter.makes(entry_code(Ask::Inquire))), Some(uzs(12_500)));
}

#[test]
fn a_customer_of_an_entry_code_may_pay_another_sum() {
    let entry_action = Action::PspRedirect;
    let mut counter = counter(Behaviour { entry_action, ..Behaviour::default() });
    let opened = counter.makes(entry_code(Ask::Create));
    assert!(matches!(opened, Verdict::Open(Some(HandOver::Url { .. }))), "{opened:?}");
    let entered = Entered { amount: 9_900, currency: None };
    counter.bank.approve(AT_MS, EXTERNAL_ID, Some(entered)).unwrap();
    assert_eq!(counter.makes(entry_code(Ask::Poll)), Verdict::Confirmed);
    assert_eq!(other_sum(&counter.makes(entry_code(Ask::Inquire))), Some(uzs(9_900)));
}

#[test]
fn a_refund_is_made_once_and_inquired() {
    let mut counter = counter(Behaviour::default());
    counter.paid();
    let unknown = counter.makes(refund_of_it(Ask::Inquire));
    assert!(matches!(unknown, Verdict::NoWord(_)), "{unknown:?}");
    for bench in [
        refund_of_it(Ask::Create),
        refund_of_it(Ask::Create).repeated(),
        refund_of_it(Ask::Inquire),
    ] {
        assert_eq!(paid(&counter.makes(bench)), Some(uzs(5_000)));
    }
    let foreign = paid(&counter.makes(refund_of_it(Ask::Payment)));
    assert_eq!(foreign, Some(uzs(12_500)), "the payment is paid");
}

#[test]
fn the_whole_sum_given_back_is_told_of_the_payment() {
    let mut counter = counter(Behaviour::default());
    counter.paid();
    let mut whole = refund_of_it(Ask::Create);
    whole.order.amount = uzs(12_500);
    assert_eq!(paid(&counter.makes(whole)), Some(uzs(12_500)));
    let given_back = Verdict::NotPaid(NoReason::GivenBack);
    assert_eq!(counter.makes(refund_of_it(Ask::Payment)), given_back);
    assert_eq!(counter.makes(order_code(Ask::Watch)), given_back);
}

#[test]
fn a_refund_above_what_is_left_is_refused_as_not_possible() {
    for refusal_status in [200, 400] {
        let mut counter = counter(Behaviour { refusal_status, ..Behaviour::default() });
        counter.paid();
        let mut above = refund_of_it(Ask::Create);
        above.order.amount = uzs(12_501);
        let verdict = counter.makes(above.clone());
        assert!(matches!(verdict, Verdict::Rejected(Blame::Payment, _)), "{verdict:?}");
        assert!(matches!(counter.makes(above.repeated()), Verdict::NoWord(_)));
    }
}

#[test]
fn a_refund_may_take_its_time_and_fail() {
    let later = RefundLater { answer: RefundAnswer::Pending, after_ms: None, fails: true };
    let refund = RefundMode::Later(later);
    let mut counter = counter(Behaviour { refund, ..Behaviour::default() });
    counter.paid();
    assert_eq!(counter.makes(refund_of_it(Ask::Create)), Verdict::Open(None));
    assert_eq!(counter.makes(refund_of_it(Ask::Inquire)), Verdict::Open(None));
    counter.bank.finish_refund(AT_MS, "REFUNDXREFUNDXREFUNDXREFUN", false).unwrap();
    let failed = counter.makes(refund_of_it(Ask::Inquire));
    assert!(matches!(failed, Verdict::NotPaid(NoReason::Declined(_))), "{failed:?}");
}

#[test]
fn a_bank_that_does_not_list_us_refuses_every_call() {
    let mut counter = counter(Behaviour::default());
    let allowed_peers = vec!["192.0.2.1".parse().unwrap()];
    counter.bank.set_behaviour(Behaviour { allowed_peers, ..Behaviour::default() });
    for bench in [new_pay(), order_code(Ask::Create), refund(Ask::Create), entry_code(Ask::Poll)] {
        let Verdict::Rejected(Blame::Configuration, words) = counter.makes(bench) else {
            panic!("refused");
        };
        assert!(words.contains("address list"), "{words}");
    }
    counter.bank.set_behaviour(Behaviour::default());
    counter.bank.revoke_tokens();
    let refused = counter.makes(order_code(Ask::Poll));
    assert!(matches!(refused, Verdict::Rejected(Blame::Configuration, _)), "{refused:?}");
}
