//! The table "What an answer proves", row by row, and what stands around it.

use till_core::operation::{Ask, Blame, NoReason, Verdict};

use super::support::*;

const INQUIRIES: [Ask; 4] = [Ask::Poll, Ask::Inquire, Ask::Watch, Ask::Close];

#[test]
fn process_s_is_paid() {
    for ask in INQUIRIES {
        assert_eq!(paid(&order_code(ask).reads(&success())), Some(uzs(12_500)), "{ask:?}");
    }
    assert_eq!(paid(&entry_code(Ask::Inquire).reads(&success())), Some(uzs(12_500)));
    let other_code = success().replace("\"SUCCESS\"", "\"PAYMENT_DONE\"");
    assert_eq!(paid(&order_code(Ask::Poll).reads(&other_code)), Some(uzs(12_500)));
}

#[test]
fn process_f_with_a_final_code_is_the_final_word_not_paid() {
    for ask in INQUIRIES {
        for code in ["FAILED", "DECLINED"] {
            assert_eq!(order_code(ask).reads(&result("F", code, "")), declined("said"), "{code}");
        }
        for code in ["EXPIRED", "ORDER_IS_CLOSED"] {
            let verdict = order_code(ask).reads(&result("F", code, ""));
            assert_eq!(verdict, Verdict::NotPaid(NoReason::Expired), "{code}");
        }
    }
}

#[test]
fn process_f_cancelled_is_told_as_cancelled() {
    for bench in [order_code(Ask::Poll), entry_code(Ask::Inquire)] {
        let verdict = bench.reads(&result("F", "CANCELLED", ""));
        assert_eq!(verdict, Verdict::NotPaid(NoReason::Cancelled));
    }
}

#[test]
fn a_setting_adds_to_the_final_codes() {
    let asked = |table: &str| {
        let bench = order_code(Ask::Poll).set(|settings| {
            settings.final_codes = vec!["NO_FUNDS".to_owned()];
            settings.expired_codes = vec!["CODE_ENDED".to_owned()];
            settings.open_codes = vec!["NOT_SCANNED".to_owned(), "FAILED".to_owned()];
            settings.request_codes = vec!["WHO_IS_THAT".to_owned()];
        });
        bench.reads(&result("F", table, ""))
    };
    assert_eq!(asked("NO_FUNDS"), declined("said"));
    assert_eq!(asked("CODE_ENDED"), Verdict::NotPaid(NoReason::Expired));
    assert_eq!(asked("NOT_SCANNED"), Verdict::Open(None));
    assert_eq!(asked("FAILED"), Verdict::Open(None), "a setting may take a final code back");
    assert_eq!(asked("WHO_IS_THAT"), Verdict::NoWord("said".to_owned()));
    assert_eq!(asked("DECLINED"), declined("said"), "the document's stay");
}

#[test]
fn process_f_that_speaks_of_the_request_says_nothing_about_the_money() {
    let codes = [
        "INVALID_REQUEST",
        "ORDER_NOT_EXIST",
        "PAYMENT_NOT_FOUND",
        "PARAM_ILLEGAL",
        "ALREADY_EXISTS",
    ];
    // Of these, a second one must not end the watch: the bank did not look.
    let not_looked = ["UNAUTHORIZED", "ACCESS_DENIED", "SERVER_ERROR", "INTERNAL_ERROR"];
    for ask in INQUIRIES {
        for code in codes {
            let verdict = order_code(ask).reads(&result("F", code, ""));
            assert_eq!(verdict, Verdict::NoWord("said".to_owned()), "{code}");
        }
        for code in not_looked {
            let verdict = order_code(ask).reads(&result("F", code, ""));
            assert_eq!(verdict, Verdict::Open(None), "{code}");
        }
    }
}

#[test]
fn process_f_with_a_code_in_neither_table_is_undecided() {
    for ask in INQUIRIES {
        let verdict = order_code(ask).reads(&result("F", "MOON_PHASE", ""));
        assert_eq!(verdict, Verdict::Undecided("MOON_PHASE".to_owned()));
    }
}

#[test]
fn process_u_pending_and_anything_unknown_is_open() {
    let bodies = [
        result("U", "PENDING", ""),
        result("U", "SUCCESS", ""),
        result("U", "FAILED", ""),
        result("F", "PENDING", ""),
        result("S", "PENDING", ""),
        result("X", "SUCCESS", ""),
        result("s", "SUCCESS", ""),
        result("", "SUCCESS", ""),
        result("F", "", ""),
        result("F", "SUCCESS", ""),
        result("F", "REFUND", ""),
        result("U", "REFUND", ""),
        result("S", "SUCCESS", r#""status":"PENDING""#),
        result("S", "SUCCESS", r#""operationStatus":"CREATED""#),
        r#"{"status":"PENDING"}"#.to_owned(),
        r#"{"status":"SUCCESS"}"#.to_owned(),
        r#"{"status":"FAILED"}"#.to_owned(),
        r#"{"resultCode":"SUCCESS"}"#.to_owned(),
        r#"{"result":{"resultCode":["SUCCESS"],"resultStatus":"S"}}"#.to_owned(),
    ];
    for body in bodies {
        for bench in [order_code(Ask::Poll), entry_code(Ask::Inquire)] {
            assert_eq!(bench.reads(&body), Verdict::Open(None), "{body}");
        }
    }
}

#[test]
fn perform_and_confirm_are_final_with_success_failed_cancelled_and_refund() {
    let status = |status: &str| format!(r#"{{"status":"{status}"}}"#);
    for bench in [order_code(Ask::Create), entry_code(Ask::Create), entry_code(Ask::Poll)] {
        assert_eq!(bench.reads(&status("FAILED")), declined("FAILED"));
        let cancelled = Verdict::NotPaid(NoReason::Cancelled);
        assert_eq!(bench.reads(&status("CANCELLED")), cancelled);
    }
    assert_eq!(paid(&order_code(Ask::Create).reads(&status("SUCCESS"))), Some(uzs(12_500)));
}

#[test]
fn success_of_an_entry_code_is_confirmed_and_its_figures_are_asked_for() {
    let other = r#"{"status":"SUCCESS","paymentAmount":1,"paymentCurrency":"UZS"}"#;
    for ask in [Ask::Create, Ask::Poll] {
        assert_eq!(entry_code(ask).reads(r#"{"status":"SUCCESS"}"#), Verdict::Confirmed);
        assert_eq!(entry_code(ask).reads(other), Verdict::Confirmed);
    }
}

#[test]
fn refund_first_seen_on_a_pay_is_paid_and_given_back() {
    let given_back = Verdict::NotPaid(NoReason::GivenBack);
    for bench in [order_code(Ask::Create), entry_code(Ask::Create), entry_code(Ask::Poll)] {
        assert_eq!(bench.reads(r#"{"status":"REFUND"}"#), given_back);
    }
    for bench in [order_code(Ask::Poll), entry_code(Ask::Inquire), refund(Ask::Payment)] {
        assert_eq!(bench.reads(&result("S", "REFUND", "")), given_back);
        assert_eq!(bench.reads(&result("S", "SUCCESS", r#""status":"REFUND""#)), given_back);
        assert_eq!(bench.reads(r#"{"status":"REFUND"}"#), given_back);
    }
}

#[test]
fn perform_and_confirm_are_open_with_created_pending_and_unknown() {
    for status in ["CREATED", "PENDING", "SCANNED", "success", ""] {
        let body = format!(
            r#"{{"status":"{status}","result":{{"resultStatus":"S","resultCode":"SUCCESS"}}}}"#
        );
        for bench in [order_code(Ask::Create), entry_code(Ask::Create), entry_code(Ask::Poll)] {
            assert_eq!(bench.reads(&body), Verdict::Open(None), "{body}");
        }
    }
}

#[test]
fn a_refused_call_is_rejected_with_the_banks_message() {
    let said = result("F", "INVALID_REQUEST", "");
    for status in [400, 404, 405, 413, 415, 422] {
        for bench in [new_pay(), order_code(Ask::Create), order_code(Ask::Poll)] {
            let verdict = bench.reads_status(status, &said);
            let expected = Verdict::Rejected(Blame::Configuration, "said".to_owned());
            assert_eq!(verdict, expected, "{status}");
        }
    }
}

#[test]
fn a_refusal_is_the_requests_if_it_names_something_that_the_pos_sent() {
    let said = |field: &str| {
        format!(r#"{{"result":{{"resultStatus":"F","resultMessage":"Invalid field: {field}"}}}}"#)
    };
    let blame = |bench: Bench, field: &str| {
        let Verdict::Rejected(blame, _) = bench.reads_status(400, &said(field)) else {
            panic!("{field}");
        };
        blame
    };
    for field in ["orderAmount", "paymentCurrency", "orderDescription", "purpose"] {
        assert_eq!(blame(order_code(Ask::Create), field), Blame::Request, "{field}");
    }
    assert_eq!(blame(entry_code(Ask::Create), "codeValue"), Blame::Request);
    // The bank made this one, not the POS.
    assert_eq!(blame(order_code(Ask::Create), "codeValue"), Blame::Configuration);
    for field in ["userId", "region", "externalId", "env.clientIp"] {
        assert_eq!(blame(new_pay(), field), Blame::Configuration, "{field}");
    }
}

#[test]
fn a_403_speaks_of_the_address_list_and_a_second_401_of_the_token() {
    let html = "<html><head><title>403 Forbidden</title></head></html>";
    for bench in [new_pay(), order_code(Ask::Poll), refund(Ask::Create).repeated()] {
        let Verdict::Rejected(Blame::Configuration, words) = bench.reads_status(403, html) else {
            panic!("{bench:?}");
        };
        assert!(words.contains("address list") && words.contains("403"), "{words}");
        let amount = result("F", "UNAUTHORIZED", r#""message":"amount""#);
        let Verdict::Rejected(Blame::Configuration, words) = bench.reads_status(401, &amount)
        else {
            panic!("{bench:?}");
        };
        assert!(words.contains("token") && words.ends_with("(HTTP 401): said"), "{words}");
    }
}

#[test]
fn a_creating_failure_that_speaks_of_the_request_counts_like_a_400() {
    let said = r#"{"result":{"resultCode":"INVALID_REQUEST","resultStatus":"F",
        "resultMessage":"Missing required field: userId"}}"#;
    for bench in [new_pay(), order_code(Ask::Create), entry_code(Ask::Create)] {
        let words = "Missing required field: userId".to_owned();
        assert_eq!(bench.reads(said), Verdict::Rejected(Blame::Configuration, words));
        let amount = said.replace("userId", "orderAmount");
        let words = "Missing required field: orderAmount".to_owned();
        assert_eq!(bench.reads(&amount), Verdict::Rejected(Blame::Request, words));
    }
}

#[test]
fn an_unknown_failure_of_a_code_that_nobody_saw_is_a_refusal() {
    let body = result("F", "MOON_PHASE", "");
    let rejected = Verdict::Rejected(Blame::Configuration, "said".to_owned());
    assert_eq!(new_pay().reads(&body), rejected);
    assert_eq!(order_code(Ask::Create).reads(&body), rejected);
    // A scanned code may have been seen by anybody.
    let undecided = Verdict::Undecided("MOON_PHASE".to_owned());
    assert_eq!(entry_code(Ask::Create).reads(&body), undecided);
    assert_eq!(entry_code(Ask::Poll).reads(&body), undecided);
}

#[test]
fn a_final_failure_of_perform_is_a_no_and_of_get_qr_code_a_refusal() {
    let body = result("F", "DECLINED", "");
    assert_eq!(order_code(Ask::Create).reads(&body), declined("said"));
    assert_eq!(entry_code(Ask::Create).reads(&body), declined("said"));
    let rejected = Verdict::Rejected(Blame::Configuration, "said".to_owned());
    assert_eq!(new_pay().reads(&body), rejected);
}

#[test]
fn a_creating_call_whose_outcome_the_bank_does_not_know_is_made_again() {
    for bench in [new_pay(), order_code(Ask::Create), entry_code(Ask::Create)] {
        for body in [result("F", "SERVER_ERROR", ""), result("U", "UNKNOWN", "")] {
            assert!(unanswered(true, &bench.reads(&body)), "{body}");
        }
    }
    assert_eq!(entry_code(Ask::Poll).reads(&result("U", "UNKNOWN", "")), Verdict::Open(None));
}

#[test]
fn a_known_external_id_exists_whatever_the_status() {
    for body in [
        result("F", "ALREADY_EXISTS", ""),
        result("F", "DUPLICATE_EXTERNAL_ID", ""),
        result("F", "REPEAT_REQUEST", ""),
        r#"{"resultStatus":"F","resultCode":"INVALID_REQUEST",
            "resultMessage":"externalId already exists: A"}"#
            .to_owned(),
    ] {
        for bench in [new_pay(), order_code(Ask::Create), refund(Ask::Create)] {
            for status in [200, 400, 409] {
                assert_eq!(bench.reads_status(status, &body), Verdict::Exists, "{status} {body}");
                assert_eq!(
                    bench.clone().repeated().reads_status(status, &body),
                    Verdict::Exists,
                    "{status} {body}"
                );
            }
        }
    }
    let own = new_pay().set(|settings| settings.exists_codes = vec!["E-17".to_owned()]);
    assert_eq!(own.reads(&result("F", "e-17", "")), Verdict::Exists);
}

#[test]
fn what_does_not_exist_is_no_repetition() {
    for code in ["ORDER_NOT_EXIST", "PAYMENT_NOT_EXIST", "REPEAT_REQ_INCONSISTENT"] {
        let verdict = refund(Ask::Create).reads(&result("F", code, ""));
        assert_ne!(verdict, Verdict::Exists, "{code}");
    }
}

#[test]
fn status_429_is_a_refusal_without_effect() {
    for bench in [new_pay(), order_code(Ask::Create), refund(Ask::Create), order_code(Ask::Poll)] {
        assert!(unanswered(false, &bench.reads_status(429, &success())));
    }
}

#[test]
fn status_5xx_and_other_statuses_may_have_had_an_effect() {
    for status in [100, 301, 302, 304, 402, 408, 409, 410, 418, 500, 502, 503, 504, 599] {
        for bench in
            [new_pay(), order_code(Ask::Create), refund(Ask::Create), order_code(Ask::Poll)]
        {
            let verdict = bench.reads_status(status, &success());
            assert!(unanswered(true, &verdict), "{status} {verdict:?}");
        }
    }
}

#[test]
fn no_answer_is_unanswered_and_says_whether_it_left() {
    for bench in [new_pay(), order_code(Ask::Create), refund(Ask::Create), entry_code(Ask::Poll)] {
        assert!(unanswered(true, &bench.reads_nothing(true)));
        assert!(unanswered(false, &bench.reads_nothing(false)));
    }
}

#[test]
fn a_body_that_is_not_ours_is_as_no_answer() {
    let benches = [
        new_pay(),
        order_code(Ask::Create),
        order_code(Ask::Poll),
        entry_code(Ask::Poll),
        refund(Ask::Create),
        refund(Ask::Inquire),
    ];
    let page = "<html><body>Welcome to the hotel</body></html>";
    for body in ["", "{}", "[]", "null", "1", "\"SUCCESS\"", "{\"result\":null}", page, "{\"a\":"] {
        for bench in &benches {
            assert!(unanswered(true, &bench.reads(body)), "{body} {bench:?}");
        }
    }
    for bench in &benches {
        assert!(unanswered(true, &bench.reads_bytes(200, b"{\"result\":\"\xff\"}")));
        assert!(unanswered(true, &bench.reads(&format!("{}x", success()))));
    }
}

#[test]
fn the_http_status_is_judged_first() {
    for bench in [order_code(Ask::Poll), entry_code(Ask::Inquire), refund(Ask::Inquire)] {
        for status in [400, 401, 403, 404, 429, 500, 503] {
            assert!(!is_final(&bench.reads_status(status, &success())), "{status}");
            let failed = result("F", "FAILED", "");
            assert!(!is_final(&bench.reads_status(status, &failed)), "{status}");
        }
    }
}

#[test]
fn an_answer_that_contradicts_itself_is_a_mismatch() {
    let two = format!("{},\"resultStatus\":\"F\"}}", success().trim_end_matches('}'));
    let bodies = [
        two,
        result("S", "SUCCESS", r#""status":"FAILED""#),
        result("S", "SUCCESS", r#""status":"CANCELLED""#),
        result("F", "FAILED", r#""status":"SUCCESS""#),
    ];
    for body in bodies {
        let verdict = order_code(Ask::Poll).reads(&body);
        assert!(matches!(verdict, Verdict::Mismatch(_)), "{body} {verdict:?}");
    }
    for result in ["F", "U"] {
        let body = format!(r#"{{"status":"SUCCESS","result":{{"resultStatus":"{result}"}}}}"#);
        let verdict = order_code(Ask::Create).reads(&body);
        assert!(matches!(verdict, Verdict::Mismatch(_)), "{body} {verdict:?}");
    }
}

#[test]
fn the_result_is_read_nested_and_flat() {
    let flat = r#"{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":null,"result":null}"#;
    assert_eq!(paid(&order_code(Ask::Poll).reads(flat)), Some(uzs(12_500)));
    let nested = result("S", "SUCCESS", "");
    assert_eq!(paid(&refund(Ask::Create).reads(&nested)), Some(uzs(5_000)));
    let both = result("S", "SUCCESS", r#""resultStatus":"S","resultCode":"SUCCESS""#);
    assert_eq!(paid(&order_code(Ask::Poll).reads(&both)), Some(uzs(12_500)));
}

#[test]
fn a_code_is_taken_that_a_qr_code_can_hold() {
    let issued = |length: usize| {
        let list = format!(r#""paymentCodeInfoList":[{{"paymentCode":"{}"}}]"#, "x".repeat(length));
        matches!(new_pay().reads(&result("S", "SUCCESS", &list)), Verdict::CodeIssued(_))
    };
    assert!(issued(2_953) && !issued(2_954), "version 40-L holds 2,953 bytes");
}

#[test]
fn without_perform_a_code_is_shown_as_soon_as_the_bank_does_not_deny_it() {
    let bench = order_code(Ask::Create).set(|settings| settings.perform_before_scan = false);
    assert_eq!(bench.call_name(), "process");
    for code in ["INVALID_REQUEST", "MOON_PHASE", "PENDING"] {
        assert_eq!(bench.reads(&result("F", code, "")), Verdict::Open(None), "{code}");
    }
    let poll = order_code(Ask::Poll).set(|settings| settings.perform_before_scan = false);
    let other = r#""paymentAmount":99,"paymentCurrency":"UZS""#;
    assert!(matches!(poll.reads(&result("S", "SUCCESS", other)), Verdict::OtherSum(_)));
}

#[test]
fn beside_a_failed_result_the_payments_status_decides_unless_the_result_is_the_requests() {
    let says = |status: &str, code: &str| {
        let body = result("F", code, &format!(r#""status":"{status}""#));
        entry_code(Ask::Poll).reads(&body)
    };
    assert_eq!(says("PENDING", "FAILED"), Verdict::Open(None));
    assert_eq!(says("CANCELLED", "MOON_PHASE"), Verdict::NotPaid(NoReason::Cancelled));
    assert_eq!(says("FAILED", "DECLINED"), declined("said"));
    for status in ["PENDING", "FAILED", "CANCELLED", "REFUND"] {
        let no_word = Verdict::NoWord("said".to_owned());
        assert_eq!(says(status, "INVALID_REQUEST"), no_word, "{status}");
        assert_eq!(says(status, "SERVER_ERROR"), Verdict::Open(None), "{status}");
    }
}
