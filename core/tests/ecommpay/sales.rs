//! The answers to Gate's sale: taken or refused, never paid.

use till_core::operation::{Ask, Blame, Verdict};

use super::support::*;

fn taken(reference: &str) -> Verdict {
    Verdict::Accepted(reference.to_owned())
}

#[test]
fn the_acknowledgement_means_accepted_and_not_paid() {
    let ack = format!(
        r#"{{"status":"success","request_id":"{REQUEST_ID}","project_id":201,
            "payment_id":"{PAYMENT_ID}"}}"#
    );
    assert_eq!(gate(Ask::Create).reads(&ack), taken(REQUEST_ID));
    for short in [r#"{"status":"success"}"#, r#"{"status":"success","request_id":null}"#] {
        assert_eq!(gate(Ask::Create).reads(short), taken(""));
    }
    assert_eq!(gate(Ask::Create).reads(r#"{"status":"success","request_id":17}"#), taken("17"));
}

#[test]
fn an_acknowledgement_of_something_else_is_none() {
    for other in [
        r#"{"status":"success","payment_id":"OTHER"}"#,
        r#"{"status":"success","project_id":202}"#,
        r#"{"status":"success","payment_id":["x"]}"#,
        r#"{"status":"error","code":"3041","payment_id":"OTHER"}"#,
    ] {
        assert!(is_mismatch(&gate(Ask::Create).reads(other)), "{other}");
    }
}

#[test]
fn a_request_id_that_is_made_to_hurt_is_not_kept() {
    for id in ["x".repeat(256), "a\\nb".to_owned()] {
        let ack = format!(r#"{{"status":"success","request_id":"{id}"}}"#);
        assert_eq!(gate(Ask::Create).reads(&ack), taken(""));
    }
}

#[test]
fn a_success_of_the_payment_in_place_of_the_acknowledgement_is_not_believed() {
    let paid = status("success", "success");
    assert!(is_unanswered(&gate(Ask::Create).reads(&paid), true));
}

#[test]
fn code_3041_says_that_the_payment_exists() {
    let exists = error("3041", "Payment ID already exists");
    for http in [200, 400, 409, 422] {
        assert_eq!(gate(Ask::Create).reads_status(http, &exists), Verdict::Exists, "{http}");
    }
    let number = exists.replace("\"3041\"", "3041");
    assert_eq!(gate(Ask::Create).reads_status(400, &number), Verdict::Exists);
}

#[test]
fn a_refused_request_made_no_operation() {
    for (code, message) in [
        ("3261", "Invalid signature"),
        ("3262", "Empty signature"),
        ("2442", "Project with this project id not found"),
        ("2541", "Payment method not found"),
        ("2003", "Invalid JSON"),
        ("99999", "Something new"),
    ] {
        let verdict = gate(Ask::Create).reads_status(400, &error(code, message));
        let expected = Verdict::Rejected(Blame::Configuration, format!("{message} ({code})"));
        assert_eq!(verdict, expected);
    }
}

#[test]
fn what_the_pos_sent_is_the_poss_to_change() {
    for (code, message) in [
        ("3023", "Currency is disabled"),
        ("3121", "Bad currency"),
        ("2004", "payment.amount: required field is missing"),
    ] {
        let verdict = gate(Ask::Create).reads_status(422, &error(code, message));
        assert!(is_rejected(&verdict, Blame::Request), "{verdict:?}");
    }
}

#[test]
fn the_platforms_own_trouble_may_have_had_an_effect() {
    for code in ["314", "501", "502", "601", "602", "3613", "20202", "20601", "20602", "20899"] {
        let verdict = gate(Ask::Create).reads_status(400, &error(code, "Try again"));
        assert!(is_unanswered(&verdict, true), "{code}: {verdict:?}");
    }
    for http in [500, 502, 503, 504, 302, 408, 409, 600] {
        let verdict = gate(Ask::Create).reads_status(http, "<html>");
        assert!(is_unanswered(&verdict, true), "{http}: {verdict:?}");
    }
    let verdict = gate(Ask::Create).reads_status(500, &error("3041", "exists"));
    assert!(is_unanswered(&verdict, true), "the HTTP status is judged first");
}

/// Neither success nor failure is confirmed: no refusal, or it would be done a second time.
#[test]
fn a_wait_code_in_a_refusal_refuses_nothing() {
    for code in ["9999", "19999", "29999", "20802"] {
        for bench in [gate(Ask::Create), refund(Ask::Create), refund(Ask::Inquire)] {
            for http in [200, 400, 422] {
                let verdict = bench.reads_status(http, &error(code, "amount: in progress"));
                assert!(is_unanswered(&verdict, true), "{code}: {verdict:?}");
            }
        }
    }
}

#[test]
fn an_error_beside_no_payment_is_an_error() {
    let none = error("3041", "exists").replacen('{', r#"{"payment":null,"#, 1);
    assert_eq!(gate(Ask::Create).reads_status(400, &none), Verdict::Exists);
    let unknown = error("3061", "unknown").replacen('{', r#"{"payment":null,"#, 1);
    assert!(is_no_word(&gate(Ask::Poll).reads_status(404, &unknown)));
}

#[test]
fn a_refusal_to_do_anything_now_had_none() {
    assert!(is_unanswered(&gate(Ask::Create).reads_status(429, "{}"), false));
    for code in ["2147", "3285"] {
        let verdict = gate(Ask::Create).reads_status(400, &error(code, "Lock"));
        assert!(is_unanswered(&verdict, false), "{code}");
    }
}

#[test]
fn no_answer_is_no_answer() {
    for sent in [false, true] {
        assert!(is_unanswered(&gate(Ask::Create).reads_nothing(sent), sent));
    }
    for body in ["", "{", "[]", "{}", "null", "OK", r#"{"status":"accepted"}"#, r#"{"a":1,"a":1}"#]
    {
        assert!(is_unanswered(&gate(Ask::Create).reads(body), true), "{body}");
    }
}

#[test]
fn a_refusal_that_is_not_the_apis_speaks_of_the_configuration() {
    for (http, words) in [
        (403, "address list"),
        (404, "ecommpay.gate_url"),
        (405, "ecommpay.gate_url"),
        (401, "HTTP 401"),
        (400, "HTTP 400"),
    ] {
        let verdict = gate(Ask::Create).reads_status(http, "<html>Forbidden</html>");
        let Verdict::Rejected(Blame::Configuration, said) = &verdict else {
            panic!("{http}: {verdict:?}")
        };
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn the_banks_words_are_one_line_and_not_long() {
    let message = format!("a\\u0000b{}", "x".repeat(500));
    let verdict = gate(Ask::Create).reads_status(400, &error("3261", &message));
    let Verdict::Rejected(_, said) = verdict else { panic!() };
    assert!(said.starts_with("a b") && said.len() < 250 && !said.contains(char::is_control));
}
