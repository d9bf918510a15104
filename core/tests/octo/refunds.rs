//! Refunds: the call, its repetition, its inquiry, and the payment that it is taken from.

use till_core::operation::{Ask, Blame, Verdict};
use till_core::rail::octo::RefundSum;

use super::support::*;

/// Writes the flat answer of section 4.6 with these fields.
fn flat(status: &str, code: &str, more: &str) -> String {
    let comma = if more.is_empty() { "" } else { "," };
    format!(
        r#"{{"externalId":"{EXTERNAL_ID}","resultCode":"{code}","resultStatus":"{status}",
            "resultMessage":"said"{comma}{more}}}"#
    )
}

#[test]
fn success_needs_s_and_the_wished_sum_where_one_is_present() {
    for ask in [Ask::Create, Ask::Inquire, Ask::Watch] {
        for more in [
            "",
            r#""refundAmount":5000,"refundCurrency":"UZS""#,
            r#""refundAmount":5000,"refundCurrency":"UZS","refundFromAmount":12500,
                "refundFromCurrency":"UZS""#,
            r#""refundFromAmount":5000,"refundFromCurrency":"UZS""#,
            r#""refundAmount":35,"refundCurrency":"CNY","refundFromAmount":5000,
                "refundFromCurrency":"UZS","refundQuoteCurrencyPair":"UZS/CNY",
                "refundQuotePrice":"0.007""#,
        ] {
            let verdict = refund(ask).reads(&flat("S", "SUCCESS", more));
            assert_eq!(paid(&verdict), Some(uzs(5_000)), "{more} {verdict:?}");
        }
    }
}

#[test]
fn any_other_sum_is_a_mismatch() {
    for more in [
        r#""refundAmount":4999,"refundCurrency":"UZS""#,
        r#""refundAmount":0,"refundCurrency":"UZS""#,
        r#""refundAmount":5000,"refundCurrency":"USD""#,
        r#""refundAmount":5000"#,
        r#""refundAmount":5000.0,"refundCurrency":"UZS""#,
        r#""refundAmount":-5000,"refundCurrency":"UZS""#,
        r#""refundFromAmount":12500,"refundFromCurrency":"UZS""#,
        r#""refundAmount":35,"refundCurrency":"CNY""#,
        r#""refundAmount":35,"refundCurrency":"CNY","refundFromAmount":4999,
            "refundFromCurrency":"UZS""#,
        // Less went back than was wished, although it was taken from a sum of that size.
        r#""refundAmount":4000,"refundCurrency":"UZS","refundFromAmount":5000,
            "refundFromCurrency":"UZS""#,
    ] {
        for ask in [Ask::Create, Ask::Inquire] {
            let verdict = refund(ask).reads(&flat("S", "SUCCESS", more));
            assert!(is_mismatch(&verdict), "{more} {verdict:?}");
        }
    }
}

#[test]
fn the_payments_figures_are_compared_too() {
    let figures = |order: u64, payment: u64| {
        format!(
            r#""orderAmount":{order},"orderCurrency":"UZS","paymentAmount":{payment},
                "paymentCurrency":"UZS","withdrawalAmount":5000,"withdrawalCurrency":"UZS""#
        )
    };
    let asked = |order, payment| {
        refund(Ask::Inquire).reads(&result("S", "SUCCESS", &figures(order, payment)))
    };
    assert_eq!(paid(&asked(12_500, 12_500)), Some(uzs(5_000)));
    assert!(is_mismatch(&asked(12_501, 12_500)));
    let payment_only = r#""paymentAmount":12501,"paymentCurrency":"UZS""#;
    let verdict = refund(Ask::Inquire).reads(&result("S", "SUCCESS", payment_only));
    assert!(is_mismatch(&verdict));
}

#[test]
fn another_external_id_is_a_mismatch() {
    let other = flat("S", "SUCCESS", "").replace(EXTERNAL_ID, PAYMENT_ID);
    assert!(is_mismatch(&refund(Ask::Create).reads(&other)));
    assert!(is_mismatch(&refund(Ask::Inquire).reads(&other)));
}

#[test]
fn a_refund_that_still_runs_is_open() {
    for body in [flat("U", "PENDING", ""), flat("F", "PENDING", ""), flat("S", "PENDING", "")] {
        assert_eq!(refund(Ask::Create).reads(&body), Verdict::Open(None), "{body}");
        assert_eq!(refund(Ask::Inquire).reads(&body), Verdict::Open(None), "{body}");
    }
    // Accepted is a success.
    let accepted = flat("S", "SUCCESS", r#""status":"PENDING""#);
    assert_eq!(paid(&refund(Ask::Create).reads(&accepted)), Some(uzs(5_000)));
    assert_eq!(paid(&refund(Ask::Inquire).reads(&accepted)), Some(uzs(5_000)));
}

#[test]
fn a_final_failure_is_a_declined_refund() {
    for code in ["FAILED", "DECLINED", "CANCELLED", "EXPIRED", "ORDER_IS_CLOSED"] {
        for ask in [Ask::Create, Ask::Inquire] {
            assert_eq!(refund(ask).reads(&flat("F", code, "")), declined("said"), "{code}");
        }
    }
}

#[test]
fn a_first_refusal_is_a_refusal() {
    let first = refund(Ask::Create);
    for (code, blame) in [
        ("INVALID_REQUEST", Blame::Configuration),
        ("NOT_FOUND", Blame::Configuration),
        ("REFUND_AMOUNT_EXCEEDED", Blame::Payment),
        ("ALREADY_REFUNDED", Blame::Payment),
    ] {
        let rejected = Verdict::Rejected(blame, "said".to_owned());
        assert_eq!(first.reads(&flat("F", code, "")), rejected, "{code}");
        assert_eq!(first.reads_status(400, &flat("F", code, "")), rejected, "{code}");
    }
    let amount = flat("F", "INVALID_REQUEST", "").replace("said", "Refund amount 5 exceeds 4");
    let words = "Refund amount 5 exceeds 4".to_owned();
    assert_eq!(first.reads(&amount), Verdict::Rejected(Blame::Request, words));
}

#[test]
fn an_error_to_a_repetition_proves_nothing() {
    let again = refund(Ask::Create).repeated();
    let no_word = Verdict::NoWord("said".to_owned());
    for code in ["INVALID_REQUEST", "ORDER_NOT_EXIST", "REFUND_AMOUNT_EXCEEDED", "MOON_PHASE"] {
        for status in [200, 400, 404, 422] {
            let verdict = again.reads_status(status, &flat("F", code, ""));
            assert_eq!(verdict, no_word, "{status} {code}");
        }
    }
    assert!(unanswered(true, &again.reads(&flat("F", "SERVER_ERROR", ""))));
}

#[test]
fn a_first_failure_that_no_table_knows_is_undecided() {
    let verdict = refund(Ask::Create).reads(&flat("F", "MOON_PHASE", ""));
    assert_eq!(verdict, Verdict::Undecided("MOON_PHASE".to_owned()));
}

#[test]
fn a_repetition_that_succeeds_is_the_first_ones_success() {
    let verdict = refund(Ask::Create).repeated().reads(&flat("S", "SUCCESS", ""));
    assert_eq!(paid(&verdict), Some(uzs(5_000)));
}

#[test]
fn the_word_refund_is_a_success_of_a_refund() {
    assert_eq!(paid(&refund(Ask::Inquire).reads(&flat("S", "REFUND", ""))), Some(uzs(5_000)));
    let status = flat("S", "SUCCESS", r#""status":"REFUND""#);
    assert_eq!(paid(&refund(Ask::Inquire).reads(&status)), Some(uzs(5_000)));
}

#[test]
fn a_setting_names_the_field_of_the_wished_sum() {
    let bench = refund(Ask::Inquire).set(|settings| settings.refund_sum = RefundSum::Payment);
    let echo = |minor: u64| format!(r#""paymentAmount":{minor},"paymentCurrency":"UZS""#);
    assert_eq!(paid(&bench.reads(&flat("S", "SUCCESS", &echo(5_000)))), Some(uzs(5_000)));
    assert!(is_mismatch(&bench.reads(&flat("S", "SUCCESS", &echo(12_500)))));
}

#[test]
fn a_foreign_payment_is_paid_if_the_bank_says_equal_figures() {
    let says = |fields: &str| {
        let body = result("S", "SUCCESS", &format!(r#"{fields},"externalId":"{PAYMENT_ID}""#));
        refund(Ask::Payment).reads(&body)
    };
    let order = r#""orderAmount":12500,"orderCurrency":"UZS""#;
    let payment = r#""paymentAmount":12500,"paymentCurrency":"UZS""#;
    for fields in [order.to_owned(), payment.to_owned(), format!("{order},{payment}")] {
        assert_eq!(paid(&says(&fields)), Some(uzs(12_500)), "{fields}");
    }
    for fields in [
        r#""withdrawalAmount":12500,"withdrawalCurrency":"UZS""#.to_owned(),
        order.replace("12500", "12501"),
        payment.replace("12500", "12499"),
        payment.replace("UZS", "USD"),
        format!("{order},{}", payment.replace("12500", "12499")),
    ] {
        assert!(is_mismatch(&says(&fields)), "{fields}");
    }
    let own = success();
    assert!(is_mismatch(&refund(Ask::Payment).reads(&own)), "the refund's id is not the payment's");
}

#[test]
fn a_foreign_payment_with_a_promotion_needs_the_banks_word_for_it() {
    let bench = refund(Ask::Payment).payment(|payment| payment.paid = uzs(12_000));
    let order = r#""orderAmount":12500,"orderCurrency":"UZS""#;
    assert!(is_mismatch(&bench.reads(&result("S", "SUCCESS", order))));
    let both = format!(r#"{order},"paymentAmount":12000,"paymentCurrency":"UZS""#);
    assert_eq!(paid(&bench.reads(&result("S", "SUCCESS", &both))), Some(uzs(12_000)));
}

#[test]
fn a_foreign_payment_that_is_not_paid_is_told_as_by_process() {
    let bench = refund(Ask::Payment);
    assert_eq!(bench.reads(&result("F", "FAILED", "")), declined("said"));
    let no_word = Verdict::NoWord("said".to_owned());
    assert_eq!(bench.reads(&result("F", "INVALID_REQUEST", "")), no_word);
    assert_eq!(bench.reads(&result("U", "PENDING", "")), Verdict::Open(None));
}
