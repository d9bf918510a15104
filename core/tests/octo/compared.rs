//! The paragraph below the table: what of an answer is compared with the request.

use till_core::operation::{Ask, NoReason, Verdict};

use super::support::*;

/// Writes a success of process with these fields.
fn says(fields: &str) -> String {
    result("S", "SUCCESS", fields)
}

#[test]
fn external_id_is_compared_where_the_answer_has_one() {
    let others = ["\"OTHER\"", "\"\"", "1", "[]", "\"aaaqeayeaudaocajbifqydiob4\""];
    for bench in [order_code(Ask::Poll), entry_code(Ask::Inquire)] {
        for other in others {
            let body = success().replace(&format!("\"{EXTERNAL_ID}\""), other);
            assert!(is_mismatch(&bench.reads(&body)), "{body}");
        }
        let without = success().replace("externalId", "referenceId");
        assert_eq!(paid(&bench.reads(&without)), Some(uzs(12_500)));
        let null = success().replace(&format!("\"{EXTERNAL_ID}\""), "null");
        assert_eq!(paid(&bench.reads(&null)), Some(uzs(12_500)));
    }
}

#[test]
fn external_id_is_compared_in_every_answer() {
    let other = r#""externalId":"OTHER""#;
    let created = format!(r#"{{"status":"CREATED",{other}}}"#);
    assert!(is_mismatch(&order_code(Ask::Create).reads(&created)));
    assert!(is_mismatch(&entry_code(Ask::Poll).reads(&created)));
    let code = format!(r#"{other},"paymentCodeInfoList":[{{"paymentCode":"{QR}"}}]"#);
    assert!(is_mismatch(&new_pay().reads(&says(&code))));
    assert!(is_mismatch(&order_code(Ask::Poll).reads(&result("F", "FAILED", other))));
    assert!(is_mismatch(&order_code(Ask::Poll).reads(&result("U", "PENDING", other))));
    assert!(is_mismatch(&refund(Ask::Create).reads(&says(other))));
    // A refusal echoes what it could read.
    let refused = result("F", "INVALID_REQUEST", r#""externalId":"""#);
    assert!(matches!(order_code(Ask::Poll).reads(&refused), Verdict::NoWord(_)));
}

#[test]
fn order_amount_is_compared_where_present() {
    let bench = order_code(Ask::Poll);
    for order in ["12499", "12501", "125", "1250000", "0"] {
        let body = says(&format!(r#""orderAmount":{order},"orderCurrency":"UZS""#));
        assert!(is_mismatch(&bench.reads(&body)), "{body}");
    }
    for currency in ["USD", "uzs", "UZ", "", "860"] {
        let body = says(&format!(r#""orderAmount":12500,"orderCurrency":"{currency}""#));
        assert!(is_mismatch(&bench.reads(&body)), "{body}");
    }
    let body = says(r#""orderAmount":12500,"orderCurrency":"UZS""#);
    assert_eq!(paid(&bench.reads(&body)), Some(uzs(12_500)));
}

#[test]
fn payment_amount_is_compared_where_the_order_has_none() {
    let bench = order_code(Ask::Poll);
    for (minor, currency) in [(12_501, "UZS"), (12_500, "USD"), (12_499, "USD"), (0, "UZS")] {
        let sum = format!(r#""paymentAmount":{minor},"paymentCurrency":"{currency}""#);
        assert!(is_mismatch(&bench.reads(&says(&sum))), "{sum}");
    }
    let body = says(r#""paymentAmount":12500,"paymentCurrency":"UZS","orderAmount":null"#);
    assert_eq!(paid(&bench.reads(&body)), Some(uzs(12_500)));
}

#[test]
fn an_order_code_needs_no_figures_since_the_amount_was_bound_to_it() {
    for body in [says(""), says(r#""orderCurrency":"UZS","paymentCurrency":null"#)] {
        assert_eq!(paid(&order_code(Ask::Poll).reads(&body)), Some(uzs(12_500)), "{body}");
    }
}

#[test]
fn a_lower_payment_amount_in_the_same_currency_is_a_promotion() {
    let promotion = says(
        r#""orderAmount":12500,"orderCurrency":"UZS","paymentAmount":12000,
            "paymentCurrency":"UZS","withdrawalAmount":700,"withdrawalCurrency":"CNY""#,
    );
    for bench in [order_code(Ask::Poll), order_code(Ask::Close)] {
        let Verdict::Paid(receipt) = bench.reads(&promotion) else { panic!("{bench:?}") };
        assert_eq!(receipt.paid, uzs(12_000));
        assert_eq!(receipt.ordered, Some(uzs(12_500)));
        assert_eq!(receipt.payment, Some(uzs(12_000)));
        assert_eq!(receipt.withdrawal, Some(sum(700, "CNY")));
        assert_eq!((receipt.at_ms, receipt.settled), (AT_MS, None));
    }
    let payment_only = says(r#""paymentAmount":12000,"paymentCurrency":"UZS""#);
    assert_eq!(paid(&order_code(Ask::Poll).reads(&payment_only)), Some(uzs(12_000)));
    let perform = r#"{"status":"SUCCESS","paymentAmount":12000,"paymentCurrency":"UZS"}"#;
    assert_eq!(paid(&order_code(Ask::Create).reads(perform)), Some(uzs(12_000)));
}

#[test]
fn beside_an_equal_order_amount_no_other_payment_amount_changes_what_was_paid() {
    for (minor, currency) in [(12_501, "UZS"), (100, "USD"), (0, "UZS")] {
        let fields = format!(
            r#""orderAmount":12500,"orderCurrency":"UZS","paymentAmount":{minor},
                "paymentCurrency":"{currency}""#
        );
        let Verdict::Paid(receipt) = order_code(Ask::Poll).reads(&says(&fields)) else {
            panic!("{fields}");
        };
        assert_eq!(receipt.paid, uzs(12_500), "{fields}");
        assert_eq!(receipt.payment, Some(sum(minor, currency)), "kept as it was said");
    }
}

#[test]
fn withdrawal_is_never_compared() {
    for withdrawal in [
        r#""withdrawalAmount":0,"withdrawalCurrency":"UZS""#,
        r#""withdrawalAmount":1,"withdrawalCurrency":"CNY""#,
        r#""withdrawalAmount":-1.5,"withdrawalCurrency":7"#,
        r#""withdrawalAmount":"lots""#,
    ] {
        let body = format!("{},{withdrawal}}}", success().trim_end_matches('}'));
        for bench in [order_code(Ask::Poll), entry_code(Ask::Inquire)] {
            assert_eq!(paid(&bench.reads(&body)), Some(uzs(12_500)), "{body}");
        }
    }
}

#[test]
fn an_amount_that_is_none_is_a_mismatch() {
    let odd = ["12500.0", "12500.5", "1.25e4", "-12500", "9223372036854775808", "true", "{}"];
    for bench in [order_code(Ask::Poll), entry_code(Ask::Inquire)] {
        for amount in odd {
            for name in ["orderAmount", "paymentAmount"] {
                let field = format!("\"{name}\":12500");
                let body = success().replace(&field, &format!("\"{name}\":{amount}"));
                assert!(is_mismatch(&bench.reads(&body)), "{body}");
            }
        }
        for half in [r#""orderAmount":12500"#, r#""paymentAmount":12500"#] {
            assert!(is_mismatch(&bench.reads(&says(half))), "{half}");
        }
        for half in [r#""orderCurrency":"USD""#, r#""paymentCurrency":"USD""#] {
            assert!(is_mismatch(&bench.reads(&says(half))), "{half}");
        }
    }
}

#[test]
fn an_amount_may_be_a_text_of_digits() {
    let body = success().replace(":12500", ":\"12500\"");
    for bench in [order_code(Ask::Poll), entry_code(Ask::Inquire)] {
        assert_eq!(paid(&bench.reads(&body)), Some(uzs(12_500)));
    }
}

#[test]
fn success_of_an_entry_code_needs_one_of_the_two_pairs() {
    let bench = entry_code(Ask::Inquire);
    assert_eq!(bench.reads(&says("")), Verdict::Confirmed);
    let withdrawal = r#""withdrawalAmount":12500,"withdrawalCurrency":"UZS""#;
    assert_eq!(bench.reads(&says(withdrawal)), Verdict::Confirmed);
    for one in [
        r#""orderAmount":12500,"orderCurrency":"UZS""#,
        r#""paymentAmount":12500,"paymentCurrency":"UZS""#,
    ] {
        assert_eq!(paid(&bench.reads(&says(one))), Some(uzs(12_500)), "{one}");
    }
}

#[test]
fn every_pair_of_an_entry_code_must_match_or_it_was_another_sum() {
    let order = |minor: u64| format!(r#""orderAmount":{minor},"orderCurrency":"UZS""#);
    let payment = |minor: u64, currency: &str| {
        format!(r#""paymentAmount":{minor},"paymentCurrency":"{currency}""#)
    };
    let asked = |fields: &str| other_sum(&entry_code(Ask::Inquire).reads(&says(fields)));
    assert_eq!(asked(&payment(12_499, "UZS")), Some(uzs(12_499)));
    assert_eq!(asked(&payment(99_999, "UZS")), Some(uzs(99_999)));
    assert_eq!(asked(&payment(12_500, "USD")), Some(sum(12_500, "USD")));
    assert_eq!(asked(&order(1)), Some(uzs(1)));
    let both = format!("{},{}", order(12_500), payment(12_000, "UZS"));
    assert_eq!(asked(&both), Some(uzs(12_000)), "no promotions on entry codes");
    let both = format!("{},{}", order(1), payment(12_500, "UZS"));
    assert_eq!(asked(&both), Some(uzs(12_500)), "what was paid is what can be given back");
    let both = format!("{},{}", order(12_500), payment(12_500, "UZS"));
    assert_eq!(asked(&both), None);
    let zero = format!("{},{}", order(12_500), payment(0, "UZS"));
    assert!(is_mismatch(&entry_code(Ask::Inquire).reads(&says(&zero))), "nobody pays nothing");
}

#[test]
fn another_sum_of_another_operation_is_a_mismatch() {
    let body = says(r#""paymentAmount":1,"paymentCurrency":"UZS","externalId":"OTHER""#);
    assert!(is_mismatch(&entry_code(Ask::Inquire).reads(&body)));
}

#[test]
fn the_amount_of_an_open_order_code_is_compared_before_it_is_shown() {
    let created = |fields: &str| {
        let body = format!(r#"{{"status":"CREATED",{fields}}}"#);
        order_code(Ask::Create).reads(&body)
    };
    assert!(is_mismatch(&created(r#""orderAmount":12501,"orderCurrency":"UZS""#)));
    assert!(is_mismatch(&created(r#""paymentAmount":12500,"paymentCurrency":"USD""#)));
    for well in [
        r#""orderAmount":12500,"orderCurrency":"UZS","paymentAmount":12000,
            "paymentCurrency":"UZS""#,
        r#""orderAmount":0,"orderCurrency":"UZS","paymentAmount":0,"paymentCurrency":null"#,
        r#""orderAmount":null,"paymentAmount":null"#,
        r#""paymentAmount":12500,"paymentCurrency":"UZS""#,
        r#""paymentAmount":12000,"paymentCurrency":"UZS""#,
    ] {
        assert_eq!(created(well), Verdict::Open(None), "{well}");
    }
    // The customer has yet to name the sum of an entry code.
    let body = r#"{"status":"PENDING","paymentAmount":7,"paymentCurrency":"UZS"}"#;
    assert_eq!(entry_code(Ask::Poll).reads(body), Verdict::Open(None));
}

#[test]
fn a_no_with_the_figures_of_another_order_is_a_mismatch() {
    let other = r#""orderAmount":1,"orderCurrency":"UZS""#;
    assert!(is_mismatch(&order_code(Ask::Poll).reads(&result("F", "FAILED", other))));
    assert!(is_mismatch(&refund(Ask::Inquire).reads(&result("F", "FAILED", other))));
    assert!(is_mismatch(&order_code(Ask::Poll).reads(&result("S", "REFUND", other))));
    // Whatever a customer typed before giving up is no difference.
    let verdict = entry_code(Ask::Inquire).reads(&result("F", "CANCELLED", other));
    assert_eq!(verdict, Verdict::NotPaid(NoReason::Cancelled));
}

#[test]
fn a_mismatch_says_what_differs_and_nothing_else() {
    let secret =
        r#""orderAmount":1,"orderCurrency":"UZS","sdkActionPayload":"hush","userId":"2088""#;
    let Verdict::Mismatch(text) = order_code(Ask::Poll).reads(&says(secret)) else { panic!() };
    assert_eq!(text, "orderAmount is 1 UZS, not 12500 UZS");
    let long = format!(r#""externalId":"{}\n\u001b[31m""#, "x".repeat(5_000));
    let Verdict::Mismatch(text) = order_code(Ask::Poll).reads(&says(&long)) else { panic!() };
    assert!(text.len() < 300 && !text.contains(char::is_control), "{text}");
}
