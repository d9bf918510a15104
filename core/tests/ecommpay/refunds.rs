//! What proves a refund: its own operation, never the payment's status.

use till_core::operation::{Ask, Blame, NoReason, Verdict};

use super::support::*;

fn ours() -> String {
    format!(r#","merchant_refund_id":"{REFUND_ID}""#)
}

fn reads(operations: &[String]) -> Verdict {
    refund(Ask::Inquire).reads(&with_operations("partially refunded", operations))
}

fn sale() -> String {
    operation("sale", "success", 1_000, "").replace(REQUEST_ID, "of-the-sale")
}

#[test]
fn the_acknowledgement_means_accepted_and_not_given() {
    let ack = format!(r#"{{"status":"success","request_id":"{REQUEST_ID}"}}"#);
    let accepted = Verdict::Accepted(REQUEST_ID.to_owned());
    assert_eq!(refund(Ask::Create).reads(&ack), accepted);
    let other = r#"{"status":"success","payment_id":"OTHER"}"#;
    assert!(is_mismatch(&refund(Ask::Create).reads(other)));
}

#[test]
fn its_operation_is_found_by_our_name_for_it() {
    for kind in ["refund", "reversal"] {
        for ask in [Ask::Inquire, Ask::Watch, Ask::Close, Ask::Poll] {
            let operations = [sale(), operation(kind, "success", 400, &ours())];
            let body = with_operations("partially refunded", &operations);
            assert!(is_paid(&refund(ask).reads(&body), cny(400)), "{kind}");
        }
    }
    let nested = format!(r#","payment":{{"merchant_refund_id":"{REFUND_ID}"}}"#);
    assert!(is_paid(&reads(&[operation("refund", "success", 400, &nested)]), cny(400)));
}

#[test]
fn else_by_the_request_id_that_was_acknowledged() {
    let body =
        with_operations("partially refunded", &[sale(), operation("refund", "success", 400, "")]);
    assert!(is_paid(&refund(Ask::Inquire).taken(REQUEST_ID).reads(&body), cny(400)));
    for unknown in [refund(Ask::Inquire), refund(Ask::Inquire).taken("")] {
        assert!(is_no_word(&unknown.reads(&body)));
    }
    assert!(is_no_word(&refund(Ask::Inquire).taken("another").reads(&body)));
    // A request id that is lacking on either side is no request id in common.
    for none in ["null", "\"\"", "[]"] {
        let nameless = body.replace(&format!("\"{REQUEST_ID}\""), none);
        assert!(is_no_word(&refund(Ask::Inquire).reads(&nameless)), "{none}");
        assert!(is_no_word(&refund(Ask::Inquire).taken("").reads(&nameless)), "{none}");
    }
}

#[test]
fn another_refunds_operation_proves_nothing() {
    let another = operation("refund", "success", 400, r#","merchant_refund_id":"ANOTHER""#);
    assert!(is_no_word(&reads(&[sale(), another.clone()])));
    // The request that was acknowledged to us has somebody else's name: something is wrong.
    let body = with_operations("refunded", &[another]);
    assert!(is_mismatch(&refund(Ask::Inquire).taken(REQUEST_ID).reads(&body)));
}

#[test]
fn our_name_counts_before_the_request_id() {
    let operations = [
        operation("refund", "decline", 300, r#","merchant_refund_id":"ANOTHER""#),
        operation("refund", "success", 400, &ours()).replace(REQUEST_ID, "later"),
    ];
    let body = with_operations("partially refunded", &operations);
    assert!(is_paid(&refund(Ask::Inquire).taken(REQUEST_ID).reads(&body), cny(400)));
}

#[test]
fn the_payments_status_says_nothing_about_a_refund() {
    for said in ["refunded", "reversed", "partially refunded", "success", "decline"] {
        let body = with_operations(said, &[sale()]);
        assert!(is_no_word(&refund(Ask::Inquire).reads(&body)), "{said}");
        let declined = operation("refund", "decline", 400, &ours());
        let body = with_operations(said, &[sale(), declined]);
        assert!(matches!(refund(Ask::Inquire).reads(&body), Verdict::NotPaid(_)), "{said}");
    }
    let succeeded = operation("refund", "success", 400, &ours());
    let body = with_operations("decline", &[sale(), succeeded]);
    assert!(is_paid(&refund(Ask::Inquire).reads(&body), cny(400)));
}

#[test]
fn a_sale_with_our_refunds_name_is_no_refund() {
    assert!(is_no_word(&reads(&[operation("sale", "success", 400, &ours())])));
    let body = with_operations("success", &[operation("sale", "success", 400, "")]);
    assert!(is_no_word(&refund(Ask::Inquire).taken(REQUEST_ID).reads(&body)));
}

#[test]
fn its_sum_must_be_ours() {
    for minor in [399, 401, 1_000] {
        let other = operation("refund", "success", minor, &ours());
        assert!(is_mismatch(&reads(&[sale(), other])), "{minor}");
    }
    let good = operation("refund", "success", 400, &ours());
    let dollars = good.replace("CNY", "USD");
    assert!(is_mismatch(&reads(&[dollars])));
    let sumless = good.replace("sum_initial", "sum_other");
    assert!(is_mismatch(&reads(&[sumless])), "a success must say its sum");
    let float = good.replace(":400,", ":400.0,");
    assert!(is_mismatch(&reads(&[float])));
}

#[test]
fn its_payment_must_be_ours() {
    let operations = [operation("refund", "success", 400, &ours())];
    let body = with_operations("refunded", &operations);
    assert!(is_mismatch(&refund(Ask::Inquire).reads(&body.replace(PAYMENT_ID, "OTHER"))));
    let nameless = body.replace(&format!(r#""id":"{PAYMENT_ID}","#), "");
    assert!(is_mismatch(&refund(Ask::Inquire).reads(&nameless)));
}

#[test]
fn a_decline_is_final_and_wait_codes_wait() {
    let more = format!(r#","code":"3283","message":"Too much"{}"#, ours());
    let declined = operation("refund", "decline", 400, &more);
    assert!(is_declined(&reads(&[sale(), declined]), "Too much (3283)"));
    for said in ["processing", "external processing", "awaiting confirmation", "new"] {
        assert!(is_open(&reads(&[operation("refund", said, 400, &ours())])), "{said}");
    }
    for code in ["9999", "19999", "29999", "20802"] {
        let more = format!(r#","code":"{code}"{}"#, ours());
        assert!(is_open(&reads(&[operation("refund", "decline", 400, &more)])), "{code}");
        assert!(is_open(&reads(&[operation("refund", "success", 400, &more)])), "{code}");
        // The operation says no, and the number beside it says that nobody knows.
        let declined = operation("refund", "decline", 400, &ours());
        let errors = format!(r#"{{"errors":[{{"code":"{code}"}}],"#);
        let body = with_operations("success", &[declined]).replacen('{', &errors, 1);
        assert!(is_open(&refund(Ask::Inquire).reads(&body)), "{code}");
    }
}

#[test]
fn two_operations_of_our_name_must_agree() {
    let pair = |second: &str| {
        [operation("refund", "success", 400, &ours()), operation("refund", second, 400, &ours())]
    };
    assert!(is_mismatch(&reads(&pair("decline"))));
    assert!(is_paid(&reads(&pair("success")), cny(400)));
}

#[test]
fn code_3230_says_that_the_refund_exists_and_its_status_is_asked() {
    let exists = error("3230", "merchant_refund_id exists");
    for http in [200, 400, 422] {
        for repeated in [false, true] {
            let bench = Bench { repeated, ..refund(Ask::Create) };
            assert!(is_open(&bench.reads_status(http, &exists)), "{http} {repeated}");
        }
    }
}

#[test]
fn the_platforms_no_to_a_refund() {
    let none = error("3610", "Not allowed");
    let expected = Verdict::NotPaid(NoReason::Declined("Not allowed (3610)".to_owned()));
    assert_eq!(refund(Ask::Create).reads_status(400, &none), expected);
    // To a repetition it may be the first call that did it.
    let again = || Bench { repeated: true, ..refund(Ask::Create) };
    assert!(is_rejected(&again().reads_status(400, &none), Blame::Configuration));
    // Not in this status, more than is left, no such payment: it cannot be had of this payment.
    for code in ["3060", "3283", "3061"] {
        for bench in [refund(Ask::Create), again()] {
            let verdict = bench.reads_status(400, &error(code, "The amount does not fit"));
            assert!(is_rejected(&verdict, Blame::Payment), "{code}: {verdict:?}");
        }
    }
    let currency = refund(Ask::Create).reads_status(400, &error("3284", "Wrong currency"));
    assert!(is_rejected(&currency, Blame::Request));
    let pause = refund(Ask::Create).reads_status(400, &error("3285", "Repeat later"));
    assert!(is_unanswered(&pause, false));
    let duplicate = refund(Ask::Create).reads_status(400, &error("3613", "Duplicate operation"));
    assert!(is_unanswered(&duplicate, true));
}

#[test]
fn an_unknown_payment_is_no_word_about_its_refund() {
    let unknown = error("3061", "Transaction not found");
    assert!(is_no_word(&refund(Ask::Inquire).reads_status(400, &unknown)));
}

#[test]
fn a_foreign_payment_is_asked_for_with_its_figures() {
    let ask = || refund(Ask::Payment);
    assert!(is_paid(&ask().reads(&status("success", "success")), cny(1_000)));
    let partly = with_operations("partially refunded", &[sale()]);
    assert!(is_paid(&ask().reads(&partly), cny(1_000)));
    for said in ["refunded", "reversed", "decline", "expired"] {
        let verdict = ask().reads(&with_operations(said, &[]));
        assert!(is_no_word(&verdict), "{said}: {verdict:?}");
    }
    let other = status("success", "success").replace(":1000,", ":999,");
    assert!(is_mismatch(&ask().reads(&other)));
    assert!(is_open(&ask().reads(&status("processing", "processing"))));
}

#[test]
fn test_amounts_are_the_platforms_and_not_ours() {
    for minor in [50_000, 50_500] {
        let mut bench = refund(Ask::Inquire);
        bench.order.amount = cny(minor);
        let operations = [operation("refund", "success", minor, &ours())];
        let body = with_operations("partially refunded", &operations);
        assert!(is_paid(&bench.reads(&body), cny(minor)));
    }
}
