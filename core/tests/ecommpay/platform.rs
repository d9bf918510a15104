//! The rail against the sandbox's model of the platform, which was written from the platform's
//! documents alone: what one says the other has to understand.

use till_core::operation::{Ask, Blame, Code, CodeForm, HandOver, NoReason, Verdict};
use till_sandbox::ecommpay::{Behaviour, PageBegins, Platform, RefundName, Shows};
use till_sandbox::{Refusal, Request};

use super::support::*;

/// The platform, and its time.
struct Side {
    platform: Platform,
    now_ms: i64,
}

impl Side {
    fn new(behaviour: Behaviour) -> Self {
        let secret = secret().expose().clone();
        let behaviour = Behaviour { project_id: PROJECT, secret, ..behaviour };
        Self { platform: Platform::new(behaviour), now_ms: AT_MS }
    }

    fn usual() -> Self {
        Self::new(Behaviour::default())
    }

    /// Carries a call there and its answer back.
    fn ask(&mut self, bench: &Bench) -> Verdict {
        let sent = bench.request();
        let request = Request {
            method: "POST",
            path: &sent.path,
            authorization: None,
            content_type: Some("application/json"),
            body: &sent.body,
            peer: None,
        };
        let mut seed = u64::try_from(self.now_ms).unwrap();
        let mut entropy = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seed
        };
        let answer = self.platform.handle(self.now_ms, &mut entropy, &request);
        self.now_ms += 1;
        bench.reads_bytes(answer.status, &answer.body)
    }

    fn later(&mut self, ms: i64) {
        self.now_ms += ms;
        self.platform.advance(self.now_ms);
    }

    /// Opens the page that the rail made.
    fn open(&mut self, address: &str) {
        let (_, query) = address.split_once('?').unwrap();
        self.platform.open_page(self.now_ms, &mut || 7, query).unwrap();
    }

    fn approve(&mut self) -> Result<bool, Refusal> {
        self.platform.approve(self.now_ms, &mut || 8, PAYMENT_ID)
    }

    /// Pays a page of 10.00 CNY.
    fn paid(behaviour: Behaviour) -> Self {
        let mut side = Self::new(behaviour);
        side.open(&address(&new_page()));
        assert_eq!(side.approve(), Ok(true));
        side
    }

    fn refunded(&self) -> u64 {
        self.platform.ledger().refunded(PAYMENT_ID)
    }
}

fn address(bench: &Bench) -> String {
    let Some(Verdict::CodeIssued(Code { value, .. })) = bench.without_call() else {
        panic!("no address")
    };
    value
}

fn accepted(verdict: Verdict) -> String {
    let Verdict::Accepted(reference) = verdict else { panic!("{verdict:?}") };
    reference
}

#[test]
fn a_page_is_unknown_until_it_is_chosen_and_then_paid() {
    let mut side = Side::usual();
    side.open(&address(&new_page()));
    assert!(is_no_word(&side.ask(&page(Ask::Poll))), "3061");
    assert_eq!(side.approve(), Ok(true));
    assert!(is_paid(&side.ask(&page(Ask::Poll)), cny(1_000)));
    assert!(is_paid(&side.ask(&page(Ask::Close)), cny(1_000)));
}

#[test]
fn further_parameters_of_a_page_are_signed_with_it() {
    use till_core::rail::ecommpay::Parameter;
    let bench = new_page().set(|settings| {
        let text = |text: &str| Parameter::Text(text.to_owned());
        settings.parameters.insert("payment_description".to_owned(), text("чай & кофе: 50% ☕"));
        settings.parameters.insert("close_on_missclick".to_owned(), Parameter::Flag(true));
        settings.parameters.insert("region_code".to_owned(), Parameter::Number(10));
        settings.callback_url = Some("https://till.example/ecommpay/callback?a=1&b=2".to_owned());
    });
    let mut side = Side::usual();
    side.open(&address(&bench));
    let view = side.platform.payment(side.now_ms, PAYMENT_ID).unwrap();
    assert_eq!(view.description.as_deref(), Some("чай & кофе: 50% ☕"));
}

#[test]
fn a_page_that_was_only_opened_is_open_or_unknown() {
    let mut side = Side::new(Behaviour { page_begins: PageBegins::Opened, ..Behaviour::default() });
    side.open(&address(&new_page()));
    assert!(is_open(&side.ask(&page(Ask::Poll))));
    side.later(1_800_000);
    assert!(is_declined(&side.ask(&page(Ask::Poll)), "Time-out (20602)"));
}

#[test]
fn a_decline_does_not_outlast_a_success_on_the_same_page() {
    let mut side = Side::usual();
    side.open(&address(&new_page()));
    side.platform.decline(side.now_ms, &mut || 9, PAYMENT_ID).unwrap();
    let words = "Insufficient funds on customer account (20105)";
    assert!(is_declined(&side.ask(&page(Ask::Poll)), words));
    assert_eq!(side.approve(), Ok(true));
    assert!(is_paid(&side.ask(&page(Ask::Poll)), cny(1_000)));
}

#[test]
fn a_cancel_is_a_cancel_under_either_name() {
    use till_sandbox::ecommpay::Cancelled;
    for cancelled in [Cancelled::Decline, Cancelled::Canceled] {
        let mut side = Side::new(Behaviour { cancelled, ..Behaviour::default() });
        side.open(&address(&new_page()));
        side.platform.cancel(side.now_ms, &mut || 9, PAYMENT_ID).unwrap();
        assert_eq!(side.ask(&page(Ask::Poll)), Verdict::NotPaid(NoReason::Cancelled));
    }
}

#[test]
fn a_sale_by_gate_is_accepted_shown_and_paid() {
    for shows in
        [Shows::QrData, Shows::QrUrl, Shows::QrImg, Shows::RedirectGet, Shows::RedirectPost]
    {
        let mut side = Side::new(Behaviour { shows, ..Behaviour::default() });
        let reference = accepted(side.ask(&gate(Ask::Create)));
        assert!(is_open(&side.ask(&gate(Ask::Poll).taken(&reference))), "processing");
        side.later(1_000);
        let told = side.platform.callbacks().next_back().unwrap().body.to_string();
        let callback = gate(Ask::Poll).rail().read_callback(told.as_bytes()).unwrap();
        assert_eq!(callback.payment_id.as_str(), PAYMENT_ID);
        let prescribed = callback.prescription.unwrap();
        let form = match (&prescribed, shows) {
            (Verdict::CodeIssued(code), Shows::QrData | Shows::QrUrl | Shows::QrImg) => {
                assert_eq!(code.life_ms, 600_000, "QR Code Timeout");
                Some(code.form)
            }
            (Verdict::Open(Some(HandOver::Url { .. })), Shows::RedirectGet) => None,
            (Verdict::Open(Some(HandOver::Form { fields, .. })), Shows::RedirectPost) => {
                assert!(fields.contains(&("amount".to_owned(), "10.00".to_owned())));
                None
            }
            other => panic!("{other:?}"),
        };
        let wanted = match shows {
            Shows::QrData => Some(CodeForm::Text),
            Shows::QrUrl => Some(CodeForm::PictureUrl),
            Shows::QrImg => Some(CodeForm::Picture),
            Shows::RedirectGet | Shows::RedirectPost | Shows::Nothing => None,
        };
        assert_eq!(form, wanted);
        assert_eq!(side.approve(), Ok(true));
        assert!(is_paid(&side.ask(&gate(Ask::Poll).taken(&reference)), cny(1_000)));
        let told = side.platform.callbacks().next_back().unwrap().body.to_string();
        let callback = gate(Ask::Poll).rail().read_callback(told.as_bytes()).unwrap();
        assert_eq!(callback.prescription, None, "a callback is never a word about money");
    }
}

#[test]
fn a_repeated_sale_exists_and_a_lost_one_is_unknown() {
    let mut side = Side::new(Behaviour { lose_sales: 1, ..Behaviour::default() });
    accepted(side.ask(&gate(Ask::Create)));
    assert!(is_no_word(&side.ask(&gate(Ask::Inquire))), "3061 after an acknowledgement");
    accepted(side.ask(&gate(Ask::Create)));
    assert_eq!(side.ask(&gate(Ask::Create)), Verdict::Exists, "3041");
    assert!(is_open(&side.ask(&gate(Ask::Inquire))));
}

#[test]
fn what_is_missing_is_told_and_sent() {
    let clarify = vec!["first_name".to_owned(), "zip".to_owned()];
    let mut side = Side::new(Behaviour { clarify, ..Behaviour::default() });
    let bench = |ask| {
        gate(ask).set(|settings| {
            let more = &mut settings.customer.more;
            more.insert("first_name".to_owned(), "张".to_owned());
        })
    };
    let reference = accepted(side.ask(&bench(Ask::Create)));
    let told = |side: &Side| side.platform.callbacks().next_back().unwrap().body.to_string();
    let read = |bench: &Bench, body: &str| {
        bench.rail().read_callback(body.as_bytes()).unwrap().prescription.unwrap()
    };
    let Verdict::Lacking(lacking) = read(&bench(Ask::Poll), &told(&side)) else { panic!() };
    assert!(lacking.contains("customer.zip") && !lacking.contains("first_name"), "{lacking}");
    let knows = |ask| {
        bench(ask).set(|settings| {
            settings.customer.more.insert("zip".to_owned(), "100000".to_owned());
        })
    };
    let Verdict::Wanted(wanted) = read(&knows(Ask::Poll), &told(&side)) else { panic!() };
    let mut clarification = knows(Ask::Create).taken(&reference);
    clarification.wanted = wanted;
    accepted(side.ask(&clarification));
    side.later(1_000);
    assert_eq!(side.approve(), Ok(true));
}

#[test]
fn a_part_goes_back_wherever_its_name_stands() {
    for refund_name in [RefundName::Operation, RefundName::Payment, RefundName::Nowhere] {
        let mut side = Side::paid(Behaviour { refund_name, ..Behaviour::default() });
        let reference = accepted(side.ask(&refund(Ask::Create)));
        assert!(is_open(&side.ask(&refund(Ask::Inquire).taken(&reference))), "processing");
        side.later(500);
        assert!(is_paid(&side.ask(&refund(Ask::Inquire).taken(&reference)), cny(400)));
        assert_eq!(side.refunded(), 400);
        // Without the acknowledgement only the name can find it.
        let found = is_paid(&side.ask(&refund(Ask::Inquire)), cny(400));
        assert_eq!(found, refund_name != RefundName::Nowhere);
    }
}

#[test]
fn a_repeated_refund_is_3230_and_moves_nothing() {
    let mut side = Side::paid(Behaviour::default());
    accepted(side.ask(&refund(Ask::Create)));
    assert!(is_open(&side.ask(&refund(Ask::Create))), "3230: it exists");
    side.later(500);
    assert!(is_open(&side.ask(&refund(Ask::Create))), "whatever became of it");
    assert_eq!(side.refunded(), 400);
    assert_eq!(side.platform.ledger().times_moved(REFUND_ID), 1);
}

#[test]
fn the_whole_sum_comes_back_as_a_reversal_and_the_payment_was_paid() {
    let mut side = Side::paid(Behaviour::default());
    let mut whole = refund(Ask::Create);
    whole.order.amount = cny(1_000);
    accepted(side.ask(&whole));
    side.later(500);
    whole.ask = Ask::Inquire;
    assert!(is_paid(&side.ask(&whole), cny(1_000)));
    assert_eq!(side.ask(&page(Ask::Poll)), Verdict::NotPaid(NoReason::GivenBack));
}

#[test]
fn refusals_of_a_refund_are_understood() {
    let mut side = Side::usual();
    assert!(is_rejected(&side.ask(&refund(Ask::Create)), Blame::Payment), "3061");
    let mut side = Side::paid(Behaviour::default());
    let mut more = refund(Ask::Create);
    more.order.amount = cny(1_001);
    assert!(is_rejected(&side.ask(&more), Blame::Payment), "3283");
    let mut side = Side::paid(Behaviour { refunds: false, ..Behaviour::default() });
    assert!(matches!(side.ask(&refund(Ask::Create)), Verdict::NotPaid(_)), "3610");
    let mut side = Side::paid(Behaviour { refund_pause_ms: 60_000, ..Behaviour::default() });
    accepted(side.ask(&refund(Ask::Create)));
    let mut other = refund(Ask::Create);
    other.order.external_id = till_core::id::ExternalId::new("ANOTHER");
    assert!(is_unanswered(&side.ask(&other), false), "3285: later");
}

#[test]
fn a_wrong_key_or_project_is_a_matter_of_the_configuration() {
    let mut side = Side::usual();
    let wrong = gate(Ask::Create).set(|settings| {
        settings.secret = till_core::secret::Secret::new("another".to_owned());
    });
    assert!(is_rejected(&side.ask(&wrong), Blame::Configuration), "3261");
    let other = gate(Ask::Create).set(|settings| settings.project_id = 202);
    let verdict = side.ask(&other);
    assert!(is_rejected(&verdict, Blame::Configuration) || is_mismatch(&verdict), "2442");
}
