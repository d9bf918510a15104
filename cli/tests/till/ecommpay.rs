//! ecommpay through the command line: the Payment Page, Gate, refunds, and what may go wrong.
//!
//! The status is asked for 10 s after a payment's begin at the earliest, so these take their time.

use std::fs;

use serde_json::Value;
use till_sandbox::Call;
use till_sandbox::ecommpay::Behaviour;

use super::stage::{Bank, Home, Running, other};

/// Gives words of a pay of 125.00 CNY through ecommpay.
fn pay<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let usual = ["--rail", "ecommpay", "--currency", "CNY", "--amount", "12500"];
    other("pay", &[&usual[..], &["--purpose", "Tea"], words].concat())
}

fn refund(home: &Home, transaction: &str, amount: &str, id: &str) -> Running {
    let file = home.write("transaction.json", transaction);
    let words = ["--amount", amount, "--request-id", id, "--transaction", file.to_str().unwrap()];
    home.start(&other("refund", &words))
}

/// Adds lines to the section `[ecommpay]` of `till.toml`.
fn set(home: &Home, lines: &str) {
    let toml = fs::read_to_string(home.path("till.toml")).unwrap();
    home.write("till.toml", &toml.replace("[ecommpay]\n", &format!("[ecommpay]\n{lines}\n")));
}

fn external_id(transaction: &str) -> String {
    let transaction: Value = serde_json::from_str(transaction).unwrap();
    transaction["externalId"].as_str().unwrap().to_owned()
}

#[test]
fn a_page_is_paid_and_given_back_in_parts() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut running = home.start(&pay(&["--request-id", "r-1"]));
    let code = running.code();
    assert!(code.starts_with(&bank.server().payment_page_url()), "{code}");
    for word in ["force_payment_method=alipay", "language_code=zh", "best_before="] {
        assert!(code.contains(word), "{word}: {code}");
    }
    let id = bank.approve_page(&code);
    let transaction = running.end().transaction();
    assert_eq!(external_id(&transaction), id);
    assert!(transaction.contains("\"sandbox\":true"), "{transaction}");
    assert_eq!(bank.ecommpay(&id).times, 1);
    assert_eq!(bank.server().calls(Call::Sale), 0, "a page needs no call");

    refund(&home, &transaction, "5000", "back-1").end().answer(0, 0);
    assert_eq!(bank.ecommpay(&id).refunded, 5_000);
    let extras = refund(&home, &transaction, "7501", "back-2").end().answer(2, 9);
    assert_eq!(bank.ecommpay(&id).refunded, 5_000, "{extras}");
    refund(&home, &transaction, "7500", "back-3").end().answer(0, 0);
    assert_eq!(bank.ecommpay(&id).refunded, 12_500);
}

#[test]
fn the_whole_sum_on_the_same_day_comes_back_as_a_reversal() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut running = home.start(&pay(&[]));
    let id = bank.approve_page(&running.code());
    let transaction = running.end().transaction();
    // The bank's answer is lost: the refund is in doubt, and found by its name.
    bank.fault("drop-answer:refund:1");
    refund(&home, &transaction, "12500", "back").end().answer(0, 0);
    let platform = bank.server().platform();
    let last = platform.lock().unwrap().callbacks().next_back().unwrap().body.clone();
    assert_eq!(last["operation"]["type"], "reversal");
    assert_eq!(last["payment"]["status"], "reversed");
    assert_eq!(bank.ecommpay(&id).refunded, 12_500);
    let refund = last["operation"]["merchant_refund_id"].as_str().unwrap();
    assert_eq!(bank.ecommpay(refund).times, 1, "the money went back once");
}

#[test]
fn a_declined_refund_is_told() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let words = ["--rail", "ecommpay", "--currency", "CNY", "--amount", "60000"];
    let mut running = home.start(&other("pay", &[&words[..], &["--purpose", "Tea"]].concat()));
    let id = bank.approve_page(&running.code());
    let transaction = running.end().transaction();
    let extras = refund(&home, &transaction, "50000", "back").end().answer(1, 1);
    let message = extras["message"].as_str().unwrap();
    assert!(message.contains("General decline (20000)"), "{message}");
    assert_eq!(bank.ecommpay(&id).refunded, 0);
}

#[test]
fn the_customer_declines_or_cancels_for_good() {
    for (cancels, code) in [(false, 1), (true, 2)] {
        let home = Home::new();
        let bank = Bank::with(&home, "", |config| {
            config.ecommpay = Behaviour { page_retries: false, ..Behaviour::default() };
        });
        set(&home, "declined_is_payable = false");
        let mut running = home.start(&pay(&[]));
        let id = bank.open_page(&running.code());
        bank.server().change_platform(|platform, now_ms| {
            if cancels {
                platform.cancel(now_ms, &mut || 7, &id).unwrap();
            } else {
                platform.decline(now_ms, &mut || 7, &id).unwrap();
            }
        });
        running.end().answer(1, code);
        assert_eq!(bank.ecommpay(&id).times, 0);
    }
}

#[test]
fn a_page_that_nobody_opens_expires() {
    let home = Home::new();
    let bank = Bank::new(&home, "wait_s = 1");
    let extras = home.till(&pay(&[])).answer(1, 3);
    assert_eq!(extras["dev.till.extra.OUTCOME"], "expired");
    assert!(bank.server().calls(Call::Status) > 0, "it was asked once more");
}

#[test]
fn a_silent_platform_leaves_doubt_and_status_ends_it() {
    let home = Home::new();
    let bank = Bank::new(&home, "wait_s = 1");
    bank.fault("drop-answer:status:99");
    let mut running = home.start(&pay(&["--request-id", "r-1"]));
    let id = bank.approve_page(&running.code());
    let extras = running.end().answer(3, 4);
    assert_eq!(extras["dev.till.extra.ADVICE"], "ask_status");
    bank.server().faults().clear();
    let status = other("status", &["--request-id", "r-1"]);
    let transaction = home.till(&status).transaction();
    assert_eq!(external_id(&transaction), id);
    assert_eq!(bank.ecommpay(&id).times, 1);
}

/// Sets Gate up, at a platform whose status says what to show.
fn gate(home: &Home) -> Bank {
    let bank = Bank::with(home, "", |config| {
        config.ecommpay = Behaviour { status_shows: true, ..Behaviour::default() };
    });
    set(home, "sale = \"gate\"\nreturn_url = \"https://shop.example/back\"");
    bank
}

#[test]
fn a_sale_by_gate_is_shown_and_paid() {
    let home = Home::new();
    let bank = gate(&home);
    // The first answer is lost; the repetition hears 3041: the sale is there.
    bank.fault("drop-answer:sale:1");
    let mut running = home.start(&pay(&[]));
    let code = running.code();
    assert!(code.starts_with(bank.server().wallet_url()), "{code}");
    let platform = bank.server().platform();
    let id = platform.lock().unwrap().find(&code).unwrap();
    bank.server().change_platform(|platform, now_ms| {
        assert_eq!(platform.approve(now_ms, &mut || 7, &id), Ok(true));
    });
    let transaction = running.end().transaction();
    assert_eq!(external_id(&transaction), id);
    assert_eq!(bank.ecommpay(&id).times, 1);
}

#[test]
fn a_first_sale_that_hears_3041_ends_and_shows_nothing() {
    let home = Home::new();
    let bank = gate(&home);
    bank.fault("duplicate:sale:1");
    let ran = home.till(&pay(&[]));
    let extras = ran.answer(5, 7);
    assert_eq!(extras["dev.till.extra.ADVICE"], "new_request");
    assert!(!ran.err.contains("code_shown"), "{}", ran.err);
    assert!(bank.server().platform().lock().unwrap().ledger().movements().is_empty());
}

#[test]
fn a_wrong_secret_is_code_6() {
    let home = Home::new();
    let bank = gate(&home);
    let toml = fs::read_to_string(home.path("till.toml")).unwrap();
    home.write("till.toml", &toml.replace("ecommpay-sandbox-key", "another-key"));
    let extras = home.till(&pay(&[])).answer(4, 6);
    assert!(extras["message"].as_str().unwrap().contains("3261"), "{extras}");
    let checks = home.till(&other("doctor", &[])).json(4);
    let named = |checks: &Value, name: &str| -> Value {
        let checks = checks["checks"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).unwrap().clone()
    };
    let project = named(&checks, "ecommpay project");
    assert_eq!(project["ok"], false);
    assert!(project["message"].as_str().unwrap().contains("3261"), "{project}");
    home.write("till.toml", &toml);
    let checks = home.till(&other("doctor", &[])).json(0);
    assert_eq!(named(&checks, "ecommpay project")["ok"], true);
    assert_eq!(named(&checks, "ecommpay connection")["ok"], true);
    home.write("till.toml", &toml.replace("project_id = 201", "project_id = 202"));
    let checks = home.till(&other("doctor", &[])).json(4);
    let project = named(&checks, "ecommpay project");
    assert!(project["advice"].as_str().unwrap().contains("ecommpay.project_id"), "{project}");
    assert_eq!(bank.server().calls(Call::Sale), 1);
}

#[test]
fn what_ecommpay_does_not_take_is_code_5_before_any_call() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let wrong: [(&[&str], &str); 5] = [
        (&["--amount", "12500"], "dev.till.extra.CURRENCY: ecommpay takes AUD, CAD, CNY"),
        (&["--currency", "CNY", "--amount", "999"], "amount: at least 10.00"),
        (&["--currency", "CNY", "--amount", "500001"], "amount: at most 5"),
        (&["--currency", "USD", "--amount", "99"], "amount: at least 1.00"),
        (
            &["--currency", "CNY", "--amount", "1000", "--code-value", "https://x.example"],
            "dev.till.extra.CODE_VALUE: ",
        ),
    ];
    for (words, message) in wrong {
        let usual = ["--rail", "ecommpay", "--purpose", "Tea"];
        let extras = home.till(&other("pay", &[&usual[..], words].concat())).answer(2, 5);
        let said = extras["message"].as_str().unwrap();
        assert!(said.contains(message), "{words:?}: {said}");
    }
    assert_eq!(bank.server().calls(Call::Status), 0);
}

#[test]
fn the_embedded_bank_has_ecommpay_too() {
    let home = Home::new();
    let words = ["--sandbox", "--json", "--amount", "12500"];
    let more = ["pay", "--purpose", "Tea", "--rail", "ecommpay", "--auto", "approve"];
    let ran = home.till(&[&more[..], &words].concat());
    let transaction = ran.transaction();
    assert!(transaction.contains("\"currency\":\"CNY\""), "{transaction}");
    // Another process, and the bank's books from its file.
    let refund = ["refund", "--transaction", "-", "--request-id", "back"];
    home.till_reading(&[&refund[..], &words].concat(), &transaction).answer(0, 0);
}

#[test]
fn each_wrong_key_is_named() {
    let home = Home::new();
    let _bank = Bank::new(&home, "");
    let toml = fs::read_to_string(home.path("till.toml")).unwrap();
    for (lines, said) in [
        ("sale = \"gate\"", "ecommpay.return_url: needed with ecommpay.sale = \"gate\""),
        ("sale = \"direct\"", "ecommpay.sale: not usable; write \"page\" or \"gate\""),
        ("live = true", "ecommpay.live: the test project moves no real money"),
        ("currencies = [\"UZS\"]", "ecommpay.currencies: some of AUD"),
        ("lifetime_s = 10", "ecommpay.lifetime_s: 180 to 86400 seconds"),
        ("callback_url = \"http://x\"", "ecommpay.callback_url: an https address"),
        ("parameters = { signature = \"x\" }", "ecommpay.parameters: signature is set for each"),
        ("parameters = { a = 1.5 }", "ecommpay.parameters.a: not usable; write a text, a number"),
        ("customer = { ip_address = \"here\" }", "ecommpay.customer.ip_address: not usable"),
        ("customer = { phone = \"1;2\" }", "ecommpay.customer.phone: a text on one line"),
        ("secret_file = \"x\"", "ecommpay.secret: secret_file is there too; keep one"),
        ("shop = \"x\"", "ecommpay.shop: unknown key"),
    ] {
        home.write("till.toml", &toml.replace("[ecommpay]\n", &format!("[ecommpay]\n{lines}\n")));
        let extras = home.till(&pay(&[])).answer(4, 6);
        let message = extras["message"].as_str().unwrap();
        assert!(message.contains(said) && !message.contains('\n'), "{lines}: {message}");
    }
    let lines: String = toml
        .lines()
        .filter(|line| !line.starts_with("secret ="))
        .map(|line| format!("{line}\n"))
        .collect();
    home.write("till.toml", &lines);
    let extras = home.till(&pay(&[])).answer(4, 6);
    let message = extras["message"].as_str().unwrap();
    assert!(message.contains("ecommpay.secret_file: missing; write a file"), "{message}");
}
