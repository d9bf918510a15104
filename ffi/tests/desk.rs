//! The whole terminal behind its one call, with the sandbox over TLS.
//!
//! There is one terminal in a process, so these stories are told one after another by one test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use till_ffi::*;
use till_sandbox::{Auto, Server, ServerConfig};

const PAY: &str = "ru.lifepay.checkout.quick_payments_terminal.pay";
const REFUND: &str = "ru.lifepay.checkout.quick_payments_terminal.refund";
const STATUS: &str = "dev.till.terminal.action.STATUS";

/// Passes events on; panics on request, as a broken listener would.
struct Events(Mutex<Sender<Event>>, bool);

impl Listener for Events {
    fn event(&self, event: Event) {
        self.0.lock().unwrap().send(event).unwrap();
        assert!(!self.1, "a listener that panics");
    }
}

fn begin(call: Call) -> (i64, Receiver<Event>) {
    let (sender, events) = channel();
    (start(call, Arc::new(Events(Mutex::new(sender), false))), events)
}

fn is_last(event: &Event) -> bool {
    !matches!(event, Event::Stage { .. })
}

fn last(events: &Receiver<Event>) -> Event {
    std::iter::from_fn(|| events.recv_timeout(Duration::from_secs(60)).ok())
        .find(is_last)
        .expect("a call ends")
}

fn ask(call: Call) -> Event {
    last(&begin(call).1)
}

fn answer(event: Event) -> Answer {
    match event {
        Event::Answer { answer } => answer,
        other => panic!("no answer but {other:?}"),
    }
}

fn text(answer: &Answer, name: &str) -> Option<String> {
    answer.extras.iter().find(|extra| extra.name == name).map(|extra| match &extra.value {
        Extra::Text { text } => text.clone(),
        other => panic!("{name} is {other:?}"),
    })
}

fn intent(action: &str, request_id: &str, more: Vec<(&str, Extra)>) -> Intent {
    let id = ("request_id", Extra::Text { text: request_id.to_owned() });
    let extras = std::iter::once(id).chain(more);
    let extras = extras.map(|(name, value)| NamedExtra { name: name.to_owned(), value });
    Intent { caller: "pos".to_owned(), action: action.to_owned(), extras: extras.collect() }
}

fn pay(request_id: &str) -> Call {
    let purpose = Extra::Text { text: "Coffee".to_owned() };
    let more = vec![("amount", Extra::Long { number: 12_500 }), ("purpose", purpose)];
    Call::Run { intent: intent(PAY, request_id, more), attended: false }
}

fn refund(request_id: &str, transaction: &str) -> Call {
    let primary = Extra::Text { text: transaction.to_owned() };
    let more = vec![("amount", Extra::Int { number: 2_500 }), ("primary_transaction", primary)];
    Call::Run { intent: intent(REFUND, request_id, more), attended: false }
}

fn config(folder: &Path, bank: &Server) -> Config {
    Config {
        terminal_id: "T-1".to_owned(),
        currency: "UZS".to_owned(),
        language: "ru".to_owned(),
        rail: "octo".to_owned(),
        journal_folder: folder.to_str().unwrap().to_owned(),
        wait_ms: 6_000,
        report_late_payments: false,
        foreign_refunds: false,
        sandbox: true,
        octo: Some(OctoConfig {
            base_url: bank.base_url().to_owned(),
            client_id: "till-sandbox".to_owned(),
            client_secret: b"sandbox-secret".to_vec(),
            user_id: "208800000000000001".to_owned(),
            region: "UZ".to_owned(),
            live: false,
            app_terminal: false,
            user_agent: None,
            client_ip: None,
            extra_roots_pem: Some(bank.ca_pem().to_owned()),
            proxy: None,
            qr_user_id: None,
            perform_before_scan: true,
            open_codes: vec![],
            final_codes: vec![],
            expired_codes: vec![],
            request_codes: vec![],
            exists_codes: vec![],
            refund_inquiry: true,
            refund_by_payment_amount: false,
            exponents_confirmed: vec![],
            declined_is_payable: false,
        }),
        ecommpay: Some(ecommpay()),
        gateway: None,
    }
}

fn ecommpay() -> EcommpayConfig {
    EcommpayConfig {
        project_id: 201,
        secret: b"secret-key".to_vec(),
        gate_url: None,
        payment_page_url: None,
        live: false,
        test_project: true,
        parameters: vec![PageParameter {
            name: "close_on_missclick".to_owned(),
            value: PageValue::Flag { flag: true },
        }],
        customer_id: None,
        customer_ip: Some("192.0.2.1".to_owned()),
        customer: vec![],
        return_url: None,
        return_url_success: None,
        callback_url: None,
        currencies: vec!["USD".to_owned()],
        base_time_s: None,
        lifetime_s: Some(1_800),
        declined_is_payable: true,
        extra_roots_pem: None,
        proxy: None,
    }
}

struct Handed(Mutex<Sender<HandOver>>);

impl Bridge for Handed {
    fn hand_over(&self, hand_over: HandOver) -> bool {
        self.0.lock().unwrap().send(hand_over).unwrap();
        true
    }
}

#[test]
fn one_terminal_from_its_first_call_to_its_last() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let sandbox = ServerConfig { auto: Auto::Approve, auto_delay_ms: 0, ..Default::default() };
    let bank = runtime.block_on(Server::start(sandbox)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), &bank);

    nothing_moves_before_it_is_configured();
    a_wrong_configuration_is_named(&config);
    a_sandbox_takes_no_real_money_and_may_be_near(&config);
    assert_eq!(ask(Call::Configure { config: config.clone() }), Event::Done);
    assert_eq!(ask(Call::Configure { config: config.clone() }), Event::Done, "the same goes on");

    let paid = a_payment_shows_its_code_and_is_approved();
    strangers_are_refused_with_their_words_echoed();
    a_listener_that_panics_harms_nobody(&paid);
    a_refund_in_doubt_is_made_once_across_a_restart(&bank, &config, &paid);
    a_busy_terminal_is_not_configured_anew(&bank, &config);
    the_bridge_gets_what_is_to_be_handed_over(&config);
    an_unusable_journal_refuses_and_is_still_told(folder.path(), &config);
    assert_eq!(ask(Call::Stop), Event::Done);
}

fn nothing_moves_before_it_is_configured() {
    let answer = answer(ask(pay("early")));
    assert_eq!((answer.code, answer.request_id.as_str()), (6, "early"));
    assert_eq!(text(&answer, "dev.till.extra.ADVICE").unwrap(), "configure");
    assert_eq!(ask(Call::History { limit: 1 }), Event::Failed { error: TillError::Configure });
    assert_eq!(ask(Call::Warm), Event::Failed { error: TillError::Configure });
}

fn a_wrong_configuration_is_named(config: &Config) {
    let mut wrong = config.clone();
    wrong.wait_ms = 0;
    "uz".clone_into(&mut wrong.currency);
    if let Some(octo) = &mut wrong.octo {
        "http://bank.example".clone_into(&mut octo.base_url);
    }
    if let Some(ecommpay) = &mut wrong.ecommpay {
        ecommpay.lifetime_s = Some(-1);
    }
    let Event::Failed { error: TillError::CorrectConfiguration { wrong } } =
        ask(Call::Configure { config: wrong })
    else {
        panic!("it cannot be used");
    };
    let begins = |key| wrong.iter().any(|line| line.starts_with(key));
    assert!(
        begins("octo") && begins("ecommpay.lifetime_s") && begins("currency") && begins("wait_ms"),
        "{wrong:?}"
    );
    let answer = answer(ask(pay("wrong")));
    assert_eq!(answer.code, 6);
    assert!(answer.words.contains("wait_ms"), "in the operator's words: {}", answer.words);
}

fn a_sandbox_takes_no_real_money_and_may_be_near(config: &Config) {
    let configured = |base_url: &str, sandbox: bool, live: bool| {
        let mut config = config.clone();
        let octo = config.octo.as_mut().unwrap();
        base_url.clone_into(&mut octo.base_url);
        octo.live = live;
        config.sandbox = sandbox;
        match ask(Call::Configure { config }) {
            Event::Failed { error: TillError::CorrectConfiguration { wrong } } => wrong,
            Event::Done => vec![],
            other => panic!("{other:?}"),
        }
    };
    let both = ["octo.live: the sandbox moves no real money; only one of the two"];
    assert_eq!(configured("https://10.0.2.2:8443", true, true), both);
    assert!(configured("https://10.0.2.2:8443", true, false).is_empty(), "an emulator's host");
    assert!(configured("https://192.168.0.7", true, false).is_empty());
    assert_eq!(configured("https://192.168.0.7", false, false).len(), 1);
    assert_eq!(configured("https://bank.example", true, false).len(), 1);
}

fn a_payment_shows_its_code_and_is_approved() -> Answer {
    let (_, events) = begin(pay("p-1"));
    let mut stages = Vec::new();
    let answer = loop {
        match events.recv_timeout(Duration::from_secs(60)).expect("an answer") {
            Event::Stage { operation, request_id, stage } => {
                assert_eq!(request_id, "p-1");
                stages.push((operation, stage));
            }
            other => break answer(other),
        }
    };
    let shown = stages.iter().find_map(|(operation, stage)| match stage {
        Stage::CodeShown { code_value, left_ms, amount, .. } => {
            assert!(!code_value.is_empty() && *left_ms > 0);
            assert_eq!(
                (amount.minor, amount.currency.as_str(), amount.exponent),
                (12_500, "UZS", 2)
            );
            Some(operation.clone())
        }
        _ => None,
    });
    assert_eq!(shown, answer.operation);
    assert_eq!((answer.code, answer.result_code, answer.action.as_str()), (0, -1, PAY));
    assert_eq!(text(&answer, "dev.till.extra.OUTCOME").unwrap(), "approved");
    let operation = answer.operation.clone().unwrap();
    assert_eq!(ask(Call::HandedOver { operation: operation.clone(), code: 0 }), Event::Done);
    let Event::Operations { operations } = ask(Call::History { limit: 5 }) else {
        panic!("there is a history");
    };
    assert_eq!(operations.len(), 1);
    assert_eq!((&operations[0].id, operations[0].state), (&operation, OperationState::Approved));
    assert!(operations[0].handed_over && !operations[0].story.is_empty());
    answer
}

fn strangers_are_refused_with_their_words_echoed() {
    let entry = MapEntry {
        key: Word::Text { text: "k".to_owned() },
        value: Word::Text { text: "v".to_owned() },
    };
    let metadata = ("metadata", Extra::Map { entries: vec![entry] });
    let good = intent(PAY, "r-1", vec![metadata]);
    let refuse = |why| answer(ask(Call::Refuse { intent: good.clone(), why }));
    let answers = [(refuse(Refused::Unreadable), 5), (refuse(Refused::CallerNotAllowed), 6)];
    for (answer, code) in answers {
        assert_eq!((answer.code, answer.request_id.as_str()), (code, "r-1"));
        assert!(answer.extras.iter().any(|extra| extra.name == "metadata"));
    }
    let foreign = vec![("amount", Extra::Foreign { type_name: "android.os.Bundle".to_owned() })];
    let call = Call::Run { intent: intent(PAY, "r-2", foreign), attended: true };
    let answer = answer(ask(call));
    assert_eq!(answer.code, 5);
    assert!(text(&answer, "message").unwrap().contains("amount"));
}

fn a_listener_that_panics_harms_nobody(paid: &Answer) {
    let (sender, events) = channel();
    let listener = Arc::new(Events(Mutex::new(sender), true));
    start(pay("p-2"), listener);
    assert_eq!(answer(last(&events)).code, 0);
    let status = Call::Run { intent: intent(STATUS, "p-1", vec![]), attended: false };
    assert_eq!(answer(ask(status)).operation, paid.operation);
}

fn a_refund_in_doubt_is_made_once_across_a_restart(bank: &Server, config: &Config, paid: &Answer) {
    let transaction = text(paid, "transaction").unwrap();
    // The bank does it, and nobody hears of it: neither the refund's answer nor the inquiries'.
    for fault in ["drop-answer:refund:1000", "drop-request:process:1000"] {
        bank.faults().add(fault.parse().unwrap());
    }
    let unknown = answer(ask(refund("r-3", &transaction)));
    assert_eq!(
        (unknown.code, text(&unknown, "error_type").unwrap().as_str()),
        (4, "unknown_result_error")
    );
    assert_eq!(ask(Call::Stop), Event::Done);
    bank.faults().clear();
    assert_eq!(ask(Call::Configure { config: config.clone() }), Event::Done);
    let known = answer(ask(refund("r-3", &transaction)));
    assert_eq!((known.code, &known.operation), (0, &unknown.operation));
    let moved = bank.bank().lock().unwrap().ledger().movements().len();
    assert_eq!(moved, 3, "two payments, one refund");
}

fn a_busy_terminal_is_not_configured_anew(bank: &Server, config: &Config) {
    bank.set_auto(Auto::Ignore);
    let (handle, events) = begin(pay("p-3"));
    let shown = |event| matches!(event, Event::Stage { stage: Stage::CodeShown { .. }, .. });
    while !shown(events.recv_timeout(Duration::from_secs(60)).unwrap()) {}
    let other = Config { terminal_id: "T-2".to_owned(), ..config.clone() };
    assert_eq!(
        ask(Call::Configure { config: other }),
        Event::Failed { error: TillError::WaitForOperations }
    );
    // Whoever lets go of a call does not end what it began: another asks for its end.
    cancel(handle);
    let target =
        Target { caller: "pos".to_owned(), request_id: "p-3".to_owned(), action: Action::Pay };
    assert_eq!(answer(ask(Call::Cancel { target })).code, 2);
    assert!(events.try_iter().all(|event| !is_last(&event)), "the cancelled call hears no more");
    bank.set_auto(Auto::Approve);
}

fn the_bridge_gets_what_is_to_be_handed_over(config: &Config) {
    let (sender, handed) = channel();
    set_bridge(Some(Arc::new(Handed(Mutex::new(sender)))));
    assert_eq!(ask(Call::Configure { config: config.clone() }), Event::Done);
    let code = Extra::Text { text: "https://merchant.example/qr/7".to_owned() };
    let purpose = Extra::Text { text: "Tea".to_owned() };
    let more = vec![
        ("amount", Extra::Long { number: 500 }),
        ("purpose", purpose),
        ("dev.till.extra.CODE_VALUE", code),
    ];
    let call = Call::Run { intent: intent(PAY, "e-1", more), attended: false };
    let (_, events) = begin(call);
    let HandOver { operation, what } = handed.recv_timeout(Duration::from_secs(60)).unwrap();
    match what {
        HandOverTo::Sdk { payload } => assert!(!payload.is_empty()),
        HandOverTo::Url { url, .. } => assert!(url.starts_with("https://"), "{url}"),
        HandOverTo::Form { .. } => panic!("this bank sends no form"),
    }
    assert_eq!(ask(Call::Returned { operation: operation.clone() }), Event::Done);
    assert_eq!(answer(last(&events)).operation, Some(operation));
    set_bridge(None);
}

fn an_unusable_journal_refuses_and_is_still_told(folder: &Path, config: &Config) {
    assert_eq!(ask(Call::Stop), Event::Done);
    let holder = till_core::journal::SqliteJournal::open(&folder.join("till.sqlite"), [7; 16]);
    let Event::Failed { error: TillError::CloseOther { what } } =
        ask(Call::Configure { config: config.clone() })
    else {
        panic!("another one has it");
    };
    let refused = answer(ask(pay("p-4")));
    assert_eq!(refused.code, 10);
    assert!(refused.words.contains(&what), "{}", refused.words);
    let Event::Operations { operations } = ask(Call::History { limit: 10 }) else {
        panic!("it can be read all the same");
    };
    assert_eq!(operations.len(), 5);
    drop(holder);
}
