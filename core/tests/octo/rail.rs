//! The rail around its calls: names, checks, rules, keys, pushes.

use data_encoding::HEXLOWER;
use till_core::id::ExternalId;
use till_core::operation::{Ask, Blame, Rules};
use till_core::rail::Rail;
use till_core::rail::octo::{Octo, PushAnswer};

use super::support::*;

#[test]
fn each_ask_has_its_call() {
    assert_eq!(new_pay().call_name(), "get-qr-code");
    assert_eq!(order_code(Ask::Create).call_name(), "perform");
    assert_eq!(order_code(Ask::Poll).call_name(), "process");
    assert_eq!(entry_code(Ask::Create).call_name(), "perform");
    assert_eq!(entry_code(Ask::Poll).call_name(), "confirm");
    assert_eq!(refund(Ask::Create).call_name(), "refund");
    assert_eq!(refund(Ask::Poll).call_name(), "process");
    assert_eq!(refund(Ask::Payment).call_name(), "process");
    for ask in [Ask::Inquire, Ask::Watch, Ask::Close] {
        for bench in [order_code(ask), entry_code(ask), refund(ask)] {
            assert_eq!(bench.call_name(), "process", "{bench:?}");
        }
    }
}

#[test]
fn other_exponents_than_2_wait_for_the_banks_word() {
    for (code, places) in [("JPY", "0"), ("KWD", "3"), ("KRW", "0")] {
        let mut bench = new_pay();
        bench.order.amount = sum(500, code);
        let (blame, words) = bench.rail().check(&bench.order, true).unwrap_err();
        assert_eq!(blame, Blame::Request);
        assert!(words.contains(code) && words.contains(places), "{words}");
        assert!(words.contains("octo.exponents_confirmed"), "{words}");
        let bench = bench.set(|settings| {
            settings.exponents_confirmed = vec![code.parse().unwrap()];
        });
        assert_eq!(bench.rail().check(&bench.order, true), Ok(()));
    }
    for bench in [new_pay(), refund(Ask::Create)] {
        assert_eq!(bench.rail().check(&bench.order, false), Ok(()));
    }
}

#[test]
fn an_entry_code_needs_a_bridge_before_the_first_byte() {
    let bench = entry_code(Ask::Create);
    let (blame, words) = bench.rail().check(&bench.order, false).unwrap_err();
    assert_eq!(blame, Blame::Configuration);
    assert!(words.contains("bridge"), "{words}");
    assert_eq!(bench.rail().check(&bench.order, true), Ok(()));
}

#[test]
fn rules_are_the_terminals_within_the_banks() {
    let terminal = Rules {
        wait_ms: 90_000,
        give_back: false,
        refund_window_ms: u64::MAX,
        refund_inquiry: true,
        declined_is_payable: false,
        ..Rules::default()
    };
    let rules = new_pay().rail().rules(&terminal);
    assert_eq!(rules, Rules { refund_window_ms: 86_400_000, ..terminal.clone() });
    let bench = new_pay().set(|settings| {
        settings.refund_inquiry = false;
        settings.declined_is_payable = true;
    });
    let rules = bench.rail().rules(&Rules { refund_window_ms: 1_000, ..terminal });
    assert!(!rules.refund_inquiry && rules.declined_is_payable);
    assert_eq!(rules.refund_window_ms, 1_000);
}

#[test]
fn wrong_settings_make_no_rail() {
    let mut wrong = settings();
    wrong.base_url = "http://oi-dev.octo.uz".to_owned();
    wrong.region = String::new();
    let lines = Octo::new(wrong).unwrap_err();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("octo.base_url: ") && lines[1].starts_with("octo.region: "));
}

#[test]
fn the_rail_prints_neither_secret_nor_user_id() {
    let rail = new_pay().rail();
    let printed = format!("{rail:?}");
    assert!(!printed.contains("TestSecret") && !printed.contains("2088"), "{printed}");
    assert_eq!(rail.logged_user_id().len(), 8);
    assert_eq!(rail.id().as_str(), "octo");
}

#[test]
fn the_mac_key_comes_from_the_secret_alone() {
    let key = |rail: Octo| HEXLOWER.encode(rail.mac_key().expose());
    // printf 'till qptransaction mac v1' | openssl dgst -sha256 -hmac TestSecret
    let expected = "410dc8ff7916ea3bb4958b125fe31c59a3d523dcda38320c64cde0af4e315408";
    assert_eq!(key(new_pay().rail()), expected);
    let same = new_pay().set(|settings| settings.client_id = "other".to_owned());
    assert_eq!(key(same.rail()), expected);
    let other = new_pay().set(|settings| {
        settings.client_secret = till_core::secret::Secret::new("Other".to_owned());
    });
    assert_ne!(key(other.rail()), expected);
}

#[test]
fn a_push_names_an_external_id_and_nothing_of_it_is_believed() {
    let push = Octo::read_push(success().as_bytes());
    assert_eq!(push, Some(ExternalId::new(EXTERNAL_ID)));
    for body in ["", "{}", "[]", "null", r#"{"externalId":""}"#, r#"{"externalId":1}"#] {
        assert_eq!(Octo::read_push(body.as_bytes()), None, "{body}");
    }
}

#[test]
fn the_answer_to_a_push_has_the_shape_of_a_setting() {
    let id = ExternalId::new(EXTERNAL_ID);
    let answer = |bench: Bench| object(&bench.rail().push_answer(&id));
    assert_eq!(answer(new_pay()), serde_json::json!({ "externalId": EXTERNAL_ID }));
    let result = new_pay().set(|settings| settings.push_answer = PushAnswer::Result);
    let answer = answer(result);
    assert_eq!(answer["externalId"], EXTERNAL_ID);
    assert_eq!(answer["result"]["resultStatus"], "S");
    assert_eq!(answer["result"]["resultCode"], "SUCCESS");
}
