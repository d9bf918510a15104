//! `till refund`: whole, in part, too much, lost and sent again.

use serde_json::{Value, json};
use till_sandbox::Call;

use super::stage::{Bank, Home, REFUND, history, other, pay};

/// Takes a payment and writes its transaction to `coffee.json`.
fn coffee(home: &Home) -> String {
    let transaction = home.till(&pay(&["--request-id", "coffee"])).transaction();
    home.write("coffee.json", &transaction);
    transaction
}

fn refund<'a>(words: &[&'a str]) -> Vec<&'a str> {
    other("refund", &[&["--transaction", "coffee.json"], words].concat())
}

#[test]
fn a_payment_goes_back_in_parts_and_no_further() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let payment = coffee(&home);
    let ran = home.till(&refund(&["--amount", "5000", "--metadata", "why=cold"]));
    let transaction = ran.transaction();
    let answer = ran.json(0);
    assert_eq!(answer["action"], REFUND);
    assert_eq!(answer["extras"]["metadata"], json!({ "why": "cold" }));
    assert!(transaction.contains("\"type\":\"REFUND\""), "{transaction}");
    assert_eq!(bank.account(&payment).refunded, 5_000);

    let extras = home.till(&refund(&["--amount", "7501"])).answer(2, 9);
    assert_eq!(extras["dev.till.extra.ADVICE"], "fix_request");
    home.till(&refund(&["--amount", "7500"])).transaction();
    home.till(&refund(&["--amount", "1"])).answer(2, 9);
    assert_eq!(bank.account(&payment).refunded, 12_500);
    assert_eq!(bank.server().calls(Call::Refund), 2);
}

#[test]
fn the_transaction_comes_from_standard_input_or_from_a_whole_answer() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let ran = home.till(&pay(&[]));
    let transaction = ran.transaction();
    let words = other("refund", &["--transaction", "-", "--amount", "1"]);
    home.till_reading(&words, &transaction).transaction();
    home.till_reading(&words, &ran.out).transaction();
    let read: Value = serde_json::from_str(&transaction).unwrap();
    let by_id = json!({ "id": read["id"] }).to_string();
    home.till_reading(&words, &by_id).transaction();
    assert_eq!(bank.account(&transaction).refunded, 3);
}

#[test]
fn what_is_no_transaction_is_refused() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let words = ["--transaction", "nowhere.json", "--amount", "1"];
    let ran = home.till(&other("refund", &words));
    let line = ran.json(2);
    assert!(line["error"].as_str().unwrap().contains("nowhere.json"), "{line}");
    assert!(ran.err.contains("nowhere.json"), "{}", ran.err);
    for text in ["", "{", "[]", "{\"type\":\"REFUND\",\"id\":\"x\"}", "{\"amount\":1}"] {
        home.write("coffee.json", text);
        let extras = home.till(&refund(&["--amount", "1"])).answer(2, 5);
        let message = extras["message"].as_str().unwrap();
        assert!(message.starts_with("primary_transaction: "), "{text}: {message}");
    }
    home.till(&other("refund", &["--amount", "1"])).answer(2, 5);
    home.write("coffee.json", "{\"id\":\"not-ours\",\"externalId\":\"nor-this\"}");
    home.till(&refund(&["--amount", "1"])).answer(2, 9);
    // With a test project beside it, a test's payment may be that project's.
    let toml = std::fs::read_to_string(home.path("till.toml")).unwrap();
    home.write("till.toml", toml.split("[ecommpay]").next().unwrap());
    let sandbox = "{\"id\":\"x\",\"sandbox\":true}";
    home.write("coffee.json", sandbox);
    home.till(&refund(&["--amount", "1"])).answer(2, 5);
    assert_eq!(bank.server().calls(Call::Refund), 0);
}

#[test]
fn a_refund_without_an_answer_is_sent_again_and_made_once() {
    let home = Home::new();
    let bank = Bank::approving(&home, "wait_s = 1");
    let payment = coffee(&home);
    bank.fault("drop-answer:refund:99");
    bank.fault("drop-request:process:99");
    let words = refund(&["--amount", "5000", "--request-id", "back"]);
    let ran = home.till(&words);
    let line = format!(
        "{{\"result_code\":-1,\"action\":\"{REFUND}\",\"extras\":{{\"code\":4,\
         \"request_id\":\"back\",\"error_type\":\"unknown_result_error\",\
         \"message\":\"Refund not confirmed yet. Repeat the same refund.\",\
         \"dev.till.extra.OUTCOME\":\"unknown\",\
         \"dev.till.extra.ADVICE\":\"repeat_same_request\"}}}}\n"
    );
    assert_eq!((ran.status, ran.out), (Some(3), line), "{}", ran.err);
    assert_eq!(bank.account(&payment).refunded, 5_000, "the bank did it");

    let status = other("status", &["--request-id", "back", "--action", "refund"]);
    assert_eq!(home.till(&status).answer(3, 4)["error_type"], "unknown_result_error");
    let extras = home.till(&refund(&["--amount", "1", "--request-id", "other"])).answer(2, 9);
    assert_eq!(extras["dev.till.extra.ADVICE"], "ask_status", "another one is in doubt");

    bank.server().faults().clear();
    let back = home.till(&words).transaction();
    assert_eq!(home.till(&words).transaction(), back, "the same answer for ever");
    assert_eq!(home.till(&status).transaction(), back);
    let account = bank.account(&back);
    assert_eq!((account.times, account.moved.unwrap().amount), (1, 5_000));
    let words = refund(&["--amount", "4999", "--request-id", "back"]);
    home.till(&words).answer(2, 8);
    assert_eq!(bank.account(&payment).refunded, 5_000);
}

#[test]
fn resume_ends_what_was_left() {
    let home = Home::new();
    let bank = Bank::approving(&home, "wait_s = 1");
    let payment = coffee(&home);
    bank.fault("drop-answer:refund:99");
    bank.fault("drop-request:process:99");
    home.till(&refund(&["--amount", "5000", "--request-id", "back"])).answer(3, 4);
    bank.server().faults().clear();
    let listed = home.till(&other("resume", &[])).json(0);
    let operations = listed["operations"].as_array().unwrap();
    assert_eq!(operations.len(), 1, "{listed}");
    assert_eq!(operations[0]["request_id"], "back");
    assert_eq!(operations[0]["outcome"], "approved");
    assert_eq!(history(&home)[0]["outcome"], "approved");
    assert_eq!(bank.account(&payment).refunded, 5_000);
}
