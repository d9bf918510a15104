//! What a payment's status proves for a pay.

use till_core::operation::{Ask, Blame, NoReason, Verdict};

use super::support::*;

/// Every inquiry about a pay, through the page and through Gate.
fn inquiries() -> Vec<Bench> {
    let asks = [Ask::Poll, Ask::Inquire, Ask::Watch, Ask::Close];
    let pages = asks.iter().map(|ask| page(*ask));
    pages.chain(asks.iter().map(|ask| gate(*ask).taken(REQUEST_ID))).collect()
}

fn reads(body: &str) -> Verdict {
    page(Ask::Poll).reads(body)
}

#[test]
fn success_is_paid() {
    for bench in inquiries() {
        assert!(is_paid(&bench.reads(&status("success", "success")), cny(1_000)));
    }
    let alone = with_operations("success", &[]);
    assert!(is_paid(&reads(&alone), cny(1_000)), "the payment's own sum is enough");
}

#[test]
fn amount_currency_and_id_must_be_ours() {
    let ours = status("success", "success");
    for (from, to) in [
        (r#""amount":1000,"currency":"CNY"}},"#, r#""amount":1001,"currency":"CNY"}},"#),
        (r#""amount":1000,"currency":"CNY"}},"#, r#""amount":1000,"currency":"USD"}},"#),
        (r#""amount":1000,"currency":"CNY"}},"#, r#""amount":1000.0,"currency":"CNY"}},"#),
        (r#""amount":1000,"currency":"CNY"}},"#, r#""amount":1000}},"#),
        (r#""sum_initial":{"amount":1000"#, r#""sum_initial":{"amount":999"#),
        (r#""sum_initial":{"amount":1000"#, r#""sum_initial":{"amount":null"#),
        (r#""project_id":201"#, r#""project_id":202"#),
        (PAYMENT_ID, "SOMEBODYELSE"),
    ] {
        let other = ours.replace(from, to);
        assert_ne!(other, ours);
        for bench in inquiries() {
            assert!(is_mismatch(&bench.reads(&other)), "{from} -> {to}");
        }
    }
    let nameless = ours.replace(&format!(r#""id":"{PAYMENT_ID}","#), "");
    assert!(is_mismatch(&reads(&nameless)), "a success must name its payment");
}

#[test]
fn a_success_without_any_sum_is_not_believed() {
    let sumless = format!(r#"{{"payment":{{"id":"{PAYMENT_ID}","status":"success"}}}}"#);
    assert!(is_mismatch(&reads(&sumless)));
}

#[test]
fn sums_may_be_texts_of_digits() {
    let texts = status("success", "success").replace(":1000,", r#":"1000","#);
    assert!(is_paid(&reads(&texts), cny(1_000)));
}

#[test]
fn another_sum_is_no_word_about_ours_whatever_the_status() {
    for said in ["decline", "expired", "canceled", "processing"] {
        let other = status(said, "processing").replace(":1000,", ":2000,");
        assert!(is_mismatch(&reads(&other)), "{said}");
    }
}

#[test]
fn decline_is_the_final_no() {
    let declined = operation(
        "sale",
        "decline",
        1_000,
        r#","code":"20105","message":"Insufficient funds on customer account""#,
    );
    let body = with_operations("decline", &[declined]);
    let words = "Insufficient funds on customer account (20105)";
    for bench in inquiries() {
        assert!(is_declined(&bench.reads(&body), words));
    }
    assert!(is_declined(&reads(&with_operations("decline", &[])), "declined"));
}

#[test]
fn cancelled_and_expired_are_final_too() {
    for said in ["canceled", "cancelled"] {
        assert_eq!(reads(&status(said, said)), Verdict::NotPaid(NoReason::Cancelled));
    }
    assert_eq!(reads(&status("expired", "expired")), Verdict::NotPaid(NoReason::Expired));
    for code in ["301", "20301"] {
        let sale = operation("sale", "decline", 1_000, &format!(r#","code":"{code}""#));
        let verdict = reads(&with_operations("decline", &[sale]));
        assert_eq!(verdict, Verdict::NotPaid(NoReason::Cancelled), "{code}");
    }
}

#[test]
fn all_other_statuses_wait() {
    for said in [
        "awaiting 3ds result",
        "awaiting redirect result",
        "awaiting customer",
        "awaiting customer action",
        "awaiting clarification",
        "awaiting capture",
        "awaiting merchant auth",
        "awaiting confirmation",
        "processing",
        "external processing",
        "error",
        "internal error",
        "external error",
        "Success",
        "SUCCESS",
        "something new",
    ] {
        for bench in inquiries() {
            assert!(is_open(&bench.reads(&status(said, "processing"))), "{said}");
        }
    }
}

#[test]
fn codes_9999_19999_29999_and_20802_wait_whatever_the_status_says() {
    for code in ["9999", "19999", "29999", "20802"] {
        for said in ["decline", "success", "expired", "canceled"] {
            for code in [format!(r#","code":"{code}""#), format!(r#","code":{code}"#)] {
                let sale = operation("sale", said, 1_000, &code);
                let verdict = reads(&with_operations(said, &[sale]));
                assert!(is_open(&verdict), "{code} {said}: {verdict:?}");
            }
        }
    }
}

/// A wait code counts wherever it stands, unless an operation says something of its own.
#[test]
fn a_wait_code_beside_no_operations_word_waits() {
    for code in ["9999", "19999", "29999", "20802"] {
        for said in ["decline", "expired", "canceled"] {
            let bare = operation("sale", said, 1_000, "");
            for operations in [vec![], vec![bare]] {
                let body = with_operations(said, &operations);
                let errors = format!(r#"{{"errors":[{{"code":"{code}"}}],"#);
                let own = format!(r#""method":"alipay","code":"{code}""#);
                for body in
                    [body.replacen('{', &errors, 1), body.replacen(r#""method":"alipay""#, &own, 1)]
                {
                    assert!(is_open(&reads(&body)), "{body}");
                }
            }
        }
        // An earlier attempt's code is no word about the one that succeeded, or was declined.
        let errors = format!(r#"{{"errors":[{{"code":"{code}"}}],"#);
        let paid = status("success", "success").replacen('{', &errors, 1);
        assert!(is_paid(&reads(&paid), cny(1_000)), "{code}");
        let declined = operation("sale", "decline", 1_000, r#","code":"20105""#);
        let declined = with_operations("decline", &[declined]).replacen('{', &errors, 1);
        assert!(is_declined(&reads(&declined), "20105"), "{code}");
    }
}

#[test]
fn a_sale_that_was_given_back_was_a_success() {
    for said in ["refunded", "reversed", "partially refunded"] {
        let given = operation("sale", said, 1_000, "");
        let whole = with_operations("refunded", std::slice::from_ref(&given));
        assert_eq!(reads(&whole), Verdict::NotPaid(NoReason::GivenBack), "{said}");
        let partly = with_operations("partially refunded", &[given]);
        assert!(is_paid(&reads(&partly), cny(1_000)), "{said}");
    }
}

#[test]
fn a_contradiction_is_in_doubt() {
    for (payment, sale) in [
        ("success", "decline"),
        ("success", "expired"),
        ("decline", "success"),
        ("expired", "success"),
        ("canceled", "success"),
        ("refunded", "decline"),
        ("partially refunded", "decline"),
    ] {
        assert!(is_mismatch(&reads(&status(payment, sale))), "{payment} {sale}");
    }
}

#[test]
fn a_payment_whose_operation_still_runs_waits() {
    for payment in ["success", "decline", "expired", "refunded", "partially refunded"] {
        assert!(is_open(&reads(&status(payment, "processing"))), "{payment}");
    }
}

#[test]
fn a_success_after_declined_attempts_is_paid() {
    let attempts =
        ["decline", "success"].map(|said| operation("sale", said, 1_000, r#","code":"0""#));
    assert!(is_paid(&reads(&with_operations("success", &attempts)), cny(1_000)));
    let attempts = ["decline", "processing"].map(|said| operation("sale", said, 1_000, ""));
    assert!(is_open(&reads(&with_operations("decline", &attempts))));
}

#[test]
fn a_pay_first_seen_as_partly_given_back_was_paid() {
    for said in ["partially refunded", "partially reversed"] {
        let operations =
            [operation("sale", "success", 1_000, ""), operation("refund", "success", 300, "")];
        // Whether the payment's own sum is what is left or what was paid is not documented.
        for left in [700, 1_000] {
            let body = with_operations(said, &operations)
                .replace(r#""sum":{"amount":1000"#, &format!(r#""sum":{{"amount":{left}"#));
            assert!(is_paid(&reads(&body), cny(1_000)), "{said} {left}");
        }
        assert!(is_paid(&reads(&with_operations(said, &[])), cny(1_000)), "{said}");
        let other = with_operations(said, &[]).replace(":1000,", ":700,");
        assert!(is_mismatch(&reads(&other)), "{said}: without the sale's sum it proves nothing");
    }
}

#[test]
fn a_pay_first_seen_as_refunded_or_reversed_was_paid_and_given_back() {
    for said in ["refunded", "reversed"] {
        let kind = if said == "refunded" { "refund" } else { "reversal" };
        let operations =
            [operation("sale", "success", 1_000, ""), operation(kind, "success", 1_000, "")];
        for bench in inquiries() {
            let verdict = bench.reads(&with_operations(said, &operations));
            assert_eq!(verdict, Verdict::NotPaid(NoReason::GivenBack), "{said}");
        }
    }
}

#[test]
fn code_3061_says_nothing_about_the_money() {
    let unknown = error("3061", "Transaction not found");
    for http in [200, 400, 404, 422] {
        for bench in inquiries() {
            assert!(is_no_word(&bench.reads_status(http, &unknown)), "{http}");
        }
    }
}

#[test]
fn an_error_may_come_in_other_shapes() {
    for body in [
        r#"{"status":"error","code":3061,"message":"Transaction not found"}"#,
        r#"{"status":"error","errors":[{"code":"3061","message":"Transaction not found"}]}"#,
        r#"{"errors":[{"code":"3061","message":"Transaction not found"}]}"#,
        r#"{"code":"3061"}"#,
    ] {
        for http in [200, 404] {
            assert!(is_no_word(&page(Ask::Poll).reads_status(http, body)), "{http} {body}");
        }
    }
    let nameless = r#"{"code":"3041","message":"exists"}"#;
    assert_eq!(gate(Ask::Create).reads_status(400, nameless), Verdict::Exists);
    assert!(is_unanswered(&gate(Ask::Create).reads_status(200, nameless), true));
}

#[test]
fn other_errors_of_an_inquiry_are_no_word_either() {
    let wrong = page(Ask::Poll).reads_status(400, &error("3261", "Invalid signature"));
    assert!(is_rejected(&wrong, Blame::Configuration));
    let trouble = page(Ask::Poll).reads_status(400, &error("601", "Try again"));
    assert!(is_unanswered(&trouble, true));
    assert!(is_unanswered(&page(Ask::Poll).reads_status(429, ""), false));
    assert!(is_unanswered(&page(Ask::Poll).reads_status(502, ""), true));
    assert!(is_unanswered(&page(Ask::Poll).reads_nothing(true), true));
    for body in ["{}", "", "[]", r#"{"payment":{}}"#, r#"{"payment":{"status":""}}"#] {
        assert!(is_unanswered(&reads(body), true), "{body}");
    }
}

#[test]
fn errors_beside_a_payment_do_not_hide_it() {
    let body = status("success", "success").replace(
        r#"{"project_id":201,"#,
        r#"{"project_id":201,"status":"error","errors":[{"code":"3061"}],"#,
    );
    assert!(is_paid(&reads(&body), cny(1_000)));
}

#[test]
fn test_amounts_are_the_platforms_and_not_ours() {
    for minor in [40_000, 40_400] {
        let mut bench = page(Ask::Poll);
        bench.order.amount = cny(minor);
        let body = status("success", "success").replace(":1000,", &format!(":{minor},"));
        assert!(is_paid(&bench.reads(&body), cny(minor)));
    }
}
