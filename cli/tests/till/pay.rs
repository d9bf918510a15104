//! `till pay`, to every end, and `till status` after it.

use serde_json::{Value, json};
use till_sandbox::octo::{Action, Behaviour};
use till_sandbox::{Auto, Call};

use super::stage::{Bank, Home, PAY, STATUS, history, lead_nowhere, other, pay};

#[test]
fn a_success_is_one_line_with_the_keys_of_the_contract() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let mut running =
        home.start(&pay(&["--request-id", "r-1", "--metadata", "a=1", "--metadata", "b=x=y"]));
    let shown = running.event("code_shown");
    let ran = running.end();
    let transaction = ran.transaction();
    let quoted = Value::from(transaction.as_str());
    let expected = format!(
        "{{\"result_code\":-1,\"action\":\"{PAY}\",\"extras\":{{\"code\":0,\
         \"transaction\":{quoted},\"request_id\":\"r-1\",\
         \"metadata\":{{\"a\":\"1\",\"b\":\"x=y\"}},\
         \"dev.till.extra.OUTCOME\":\"approved\",\"dev.till.extra.ADVICE\":\"none\"}}}}\n"
    );
    assert_eq!(ran.out, expected);
    let (code, expires) = (&shown["code_value"], &shown["expires_at"]);
    let line =
        format!("{{\"event\":\"code_shown\",\"code_value\":{code},\"expires_at\":{expires}}}\n");
    assert!(ran.err.contains(&line), "{}", ran.err);
    let account = bank.account(&transaction);
    assert_eq!((account.times, account.moved.unwrap().amount), (1, 12_500));
}

#[test]
fn the_customer_declines_or_cancels() {
    for (auto, code, message, outcome) in [
        (
            Auto::Decline,
            1,
            "Payment declined. The bank says: Payment failed: insufficient funds",
            "declined",
        ),
        (Auto::Cancel, 2, "Payment cancelled.", "cancelled"),
    ] {
        let home = Home::new();
        let bank = Bank::with(&home, "", |config| config.auto = auto);
        let ran = home.till(&pay(&["--request-id", "r-1"]));
        let line = format!(
            "{{\"result_code\":-1,\"action\":\"{PAY}\",\"extras\":{{\"code\":{code},\
             \"request_id\":\"r-1\",\"error_type\":\"default_error\",\"message\":\"{message}\",\
             \"dev.till.extra.OUTCOME\":\"{outcome}\",\
             \"dev.till.extra.ADVICE\":\"new_request\"}}}}\n"
        );
        assert_eq!((ran.status, ran.out.as_str()), (Some(1), line.as_str()), "{}", ran.err);
        assert_eq!(bank.movements(), 0);
    }
}

#[test]
fn nobody_pays_in_time() {
    let home = Home::new();
    let _bank = Bank::new(&home, "wait_s = 1");
    let extras = home.till(&pay(&[])).answer(1, 3);
    assert_eq!(extras["dev.till.extra.OUTCOME"], "expired");
    assert!(!extras["request_id"].as_str().unwrap().is_empty(), "one was generated");
}

#[test]
fn a_bank_that_falls_silent_leaves_doubt_and_status_ends_it() {
    let home = Home::new();
    let bank = Bank::new(&home, "wait_s = 1");
    bank.fault("drop-request:process:99");
    let mut running = home.start(&pay(&["--request-id", "r-1"]));
    let code = running.code();
    running.event("not_confirmed");
    bank.approve(&code);
    let extras = running.end().answer(3, 4);
    assert_eq!(extras["dev.till.extra.ADVICE"], "ask_status");
    assert_eq!(extras["error_type"], "default_error");

    let status = other("status", &["--request-id", "r-1"]);
    assert_eq!(home.till(&status).answer(3, 4)["dev.till.extra.ADVICE"], "ask_status");
    bank.server().faults().clear();
    let ran = home.till(&status);
    let extras = ran.answer(0, 0);
    assert_eq!(ran.json(0)["action"], STATUS);
    assert_eq!(extras["dev.till.extra.LATE_PAYMENT"], "reported");
    assert_eq!(bank.account(extras["transaction"].as_str().unwrap()).times, 1);
}

#[test]
fn credentials_and_addresses_that_the_bank_refuses_are_code_6() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let toml = std::fs::read_to_string(home.path("till.toml")).unwrap();
    home.write("till.toml", &toml.replace("sandbox-secret", "wrong-secret"));
    let extras = home.till(&pay(&[])).answer(4, 6);
    assert_eq!(extras["dev.till.extra.ADVICE"], "configure");
    assert!(extras["message"].as_str().unwrap().contains("octo.client_secret"), "{extras}");

    home.write("till.toml", &toml);
    let list = vec!["192.0.2.1".parse().unwrap()];
    let behaviour = Behaviour { allowed_peers: list, ..Behaviour::default() };
    bank.server().bank().lock().unwrap().set_behaviour(behaviour);
    let extras = home.till(&pay(&[])).answer(4, 6);
    assert!(extras["message"].as_str().unwrap().contains("address list"), "{extras}");
    assert_eq!(bank.movements(), 0);
}

#[test]
fn nobody_there_is_code_7() {
    let home = Home::new();
    let _bank = Bank::new(&home, "");
    lead_nowhere(&home);
    let extras = home.till(&pay(&[])).answer(5, 7);
    assert_eq!(extras["dev.till.extra.ADVICE"], "new_request");
}

#[test]
fn bad_requests_are_code_5_and_name_the_extra() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let long = "x".repeat(256);
    let id = "i".repeat(1_025);
    let wrong: [(&[&str], &str); 12] = [
        (&["--purpose", "x"], "amount"),
        (&["--purpose", "x", "--amount", "0"], "amount"),
        (&["--purpose", "x", "--amount", "-5"], "amount"),
        (&["--purpose", "x", "--amount", "9223372036854775808"], "amount"),
        (&["--purpose", "x", "--amount", "12.50"], "amount"),
        (&["--purpose", "x", "--amount", ""], "amount"),
        (&["--amount", "1"], "purpose"),
        (&["--amount", "1", "--purpose", &long], "purpose"),
        (&["--amount", "1", "--purpose", "x", "--currency", "sum"], "dev.till.extra.CURRENCY"),
        (&["--amount", "1", "--purpose", "x", "--rail", "visa"], "dev.till.extra.RAIL"),
        (&["--amount", "1", "--purpose", "x", "--code-value", ""], "dev.till.extra.CODE_VALUE"),
        (&["--amount", "1", "--purpose", "x", "--request-id", &id], "request_id"),
    ];
    for (words, name) in wrong {
        let ran = home.till(&other("pay", words));
        let extras = ran.answer(2, 5);
        let message = extras["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{name}: ")), "{words:?}: {message}");
        assert_eq!(extras["dev.till.extra.ADVICE"], "fix_request");
    }
    let twice = ["--metadata", "a=1", "--metadata", "a=2"];
    let extras = home.till(&pay(&twice)).answer(2, 5);
    assert!(extras["message"].as_str().unwrap().starts_with("metadata: "), "{extras}");
    assert!(history(&home).is_empty(), "nothing of it is recorded");
    assert_eq!(bank.server().calls(Call::GetQrCode), 0);
}

#[test]
fn the_greatest_amount_is_taken() {
    let home = Home::new();
    let _bank = Bank::approving(&home, "");
    let words = ["--amount", "9223372036854775807", "--purpose", ""];
    let transaction = home.till(&other("pay", &words)).transaction();
    assert!(transaction.contains("\"amount\":9223372036854775807"), "{transaction}");
}

#[test]
fn metadata_without_a_key_is_bad_usage() {
    let home = Home::new();
    let _bank = Bank::new(&home, "");
    let ran = home.till(&pay(&["--metadata", "novalue"]));
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (Some(2), "{\"error\":\"--metadata needs K=V, such as --metadata order=17\"}\n")
    );
    assert_eq!(
        ran.err,
        "{\"event\":\"error\",\"message\":\"--metadata needs K=V, such as --metadata order=17\"}\n"
    );
}

#[test]
fn a_running_payment_is_in_use_and_can_be_asked_for_and_cancelled() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut running = home.start(&pay(&["--request-id", "r-1"]));
    let code = running.code();
    let id = ["--request-id", "r-1"];

    let extras = home.till(&other("status", &id)).answer(2, 8);
    assert_eq!(extras["dev.till.extra.ADVICE"], "ask_status");
    let words = [&["--amount", "1", "--purpose", "Coffee"][..], &id].concat();
    let extras = home.till(&other("pay", &words)).answer(2, 8);
    assert_eq!(extras["dev.till.extra.ADVICE"], "new_request", "other parameters");

    let mut same = home.start(&pay(&id));
    assert_eq!(same.code(), code, "the same request is shown the same code");
    let ran = home.till(&other("cancel", &id));
    ran.answer(1, 2);
    assert_eq!(ran.json(1)["action"], STATUS);
    same.end().answer(1, 2);
    running.end().answer(1, 2);
    assert_eq!(bank.server().calls(Call::GetQrCode), 1);
    assert_eq!(bank.movements(), 0);
}

#[test]
fn what_nobody_asked_for_is_code_11() {
    let home = Home::new();
    let _bank = Bank::new(&home, "");
    for command in ["status", "cancel"] {
        let extras = home.till(&other(command, &["--request-id", "r-1"])).answer(2, 11);
        assert_eq!(extras["dev.till.extra.ADVICE"], "new_request", "{command}");
        assert_eq!(extras["request_id"], "r-1");
    }
    home.till(&other("status", &["--request-id", ""])).answer(2, 5);
}

#[test]
fn a_repeated_pay_is_a_new_one_unless_it_is_idempotent() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let first = home.till(&pay(&["--request-id", "r-1"])).transaction();
    let again = home.till(&pay(&["--request-id", "r-1", "--idempotent"])).transaction();
    assert_eq!(again, first);
    assert_eq!(bank.movements(), 1);
    let second = home.till(&pay(&["--request-id", "r-1"])).transaction();
    assert_ne!(second, first, "the first answer was handed over");
    assert_eq!(bank.movements(), 2);
    let story = history(&home);
    assert_eq!(story.len(), 2);
    assert!(story.iter().all(|row| row["handed_over"] == json!(true)), "{story:?}");
}

#[test]
fn an_entry_code_is_handed_over_in_words() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let words = ["--code-value", "https://shop.example/1"];
    let mut running = home.start(&pay(&words));
    let event = running.event("handed_over");
    let ran = running.end();
    assert_eq!(event["kind"], "sdk");
    assert_eq!(event["sha256"].as_str().unwrap().len(), 64);
    assert!(event["length"].as_u64().unwrap() > 0);
    let line =
        format!("{{\"event\":\"handed_over\",\"kind\":\"sdk\",\"length\":{},", event["length"]);
    assert!(ran.err.contains(&line), "{}", ran.err);
    assert_eq!(bank.account(&ran.transaction()).times, 1);

    let behaviour = Behaviour { entry_action: Action::PspRedirect, ..Behaviour::default() };
    bank.server().bank().lock().unwrap().set_behaviour(behaviour);
    let mut running = home.start(&pay(&words));
    let event = running.event("handed_over");
    assert_eq!(event["kind"], "url");
    assert!(event["url"].as_str().unwrap().starts_with("https://"), "{event}");
    assert_eq!(bank.account(&running.end().transaction()).times, 1);
}

#[test]
fn another_currency_can_be_asked_for() {
    let home = Home::new();
    let _bank = Bank::approving(&home, "");
    let transaction = home.till(&pay(&["--currency", "USD"])).transaction();
    assert!(transaction.contains("\"currency\":\"USD\""), "{transaction}");
    let extras = home.till(&pay(&["--currency", "JPY"])).answer(2, 5);
    assert!(extras["message"].as_str().unwrap().contains("decimal places"), "{extras}");
}

#[test]
fn a_rail_that_is_known_but_not_set_up_is_code_6() {
    let home = Home::new();
    let _bank = Bank::new(&home, "");
    let toml = std::fs::read_to_string(home.path("till.toml")).unwrap();
    home.write("till.toml", toml.split("[ecommpay]").next().unwrap());
    for rail in ["ecommpay", "gateway"] {
        let extras = home.till(&pay(&["--rail", rail])).answer(4, 6);
        let message = extras["message"].as_str().unwrap();
        assert!(message.contains(rail) && message.contains("missing"), "{message}");
    }
}
