//! The token: how it is asked for, and what its answer says.

use till_core::http::{HttpResponse, Method, NoAnswer, NoAnswerReason};
use till_core::rail::{Rail, TokenVerdict};

use super::support::*;

fn reads(status: u16, body: &str) -> TokenVerdict {
    let answer = Ok(HttpResponse { status, body: body.as_bytes().to_vec() });
    new_pay().rail().read_token(&answer)
}

#[track_caller]
fn granted(body: &str) -> (String, u64) {
    match reads(200, body) {
        TokenVerdict::Granted(token, life_ms) => (token.expose().clone(), life_ms),
        TokenVerdict::Refused(why) | TokenVerdict::Unanswered(why) => panic!("{why}"),
    }
}

#[track_caller]
fn refused(status: u16, body: &str) -> String {
    let TokenVerdict::Refused(why) = reads(status, body) else { panic!("{status}: {body}") };
    why
}

#[track_caller]
fn assert_unanswered(status: u16, body: &str) {
    let verdict = reads(status, body);
    assert!(matches!(verdict, TokenVerdict::Unanswered(_)), "{status} {body} {verdict:?}");
}

#[test]
fn the_call_is_a_form_with_basic_credentials() {
    let request = new_pay().rail().token_request().unwrap();
    assert_eq!(request.method, Method::Post);
    assert_eq!(request.path, "/oauth2/token");
    assert_eq!(request.content_type, "application/x-www-form-urlencoded");
    assert_eq!(request.body, b"grant_type=client_credentials");
    // printf TestPOS:TestSecret | base64
    assert_eq!(request.authorization.as_deref(), Some("Basic VGVzdFBPUzpUZXN0U2VjcmV0"));
    assert!(!format!("{request:?}").contains("Basic"));
}

#[test]
fn the_documents_example_is_a_token_for_7_hours() {
    let body = r#"{
        "accessToken": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi",
        "tokenType": "Bearer",
        "expiresIn": 25200
    }"#;
    assert_eq!(granted(body), ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIi".to_owned(), 25_200_000));
}

#[test]
fn the_spelling_of_oauth_is_read_too() {
    let body = r#"{"access_token":"t","token_type":"bearer","expires_in":"600","scope":null}"#;
    assert_eq!(granted(body), ("t".to_owned(), 600_000));
    let both = r#"{"accessToken":"t","access_token":"t","expiresIn":60,"expires_in":60}"#;
    assert_eq!(granted(both), ("t".to_owned(), 60_000));
}

#[test]
fn a_token_of_unknown_life_is_kept_for_5_minutes() {
    for life in ["null", "0", "-1", "1.5", "\"soon\"", "{}"] {
        let body = format!(r#"{{"accessToken":"t","expiresIn":{life}}}"#);
        assert_eq!(granted(&body), ("t".to_owned(), 300_000), "{life}");
    }
    assert_eq!(granted(r#"{"accessToken":"t"}"#).1, 300_000);
}

#[test]
fn a_refusal_says_which_setting_to_look_at() {
    let said = r#"{"error":"invalid_client","error_description":"Bad client credentials"}"#;
    let words = refused(401, said);
    assert!(words.contains("octo.client_id") && words.contains("octo.client_secret"), "{words}");
    assert!(words.ends_with("(HTTP 401): Bad client credentials"), "{words}");
    let words = refused(403, "<html>403 Forbidden</html>");
    assert!(words.contains("address list"), "{words}");
    assert!(refused(400, said).contains("HTTP 400"));
    assert!(refused(404, "").contains("octo.base_url"));
}

#[test]
fn all_else_is_no_answer() {
    for status in [100, 302, 408, 429, 500, 502, 503] {
        assert_unanswered(status, r#"{"accessToken":"t","expiresIn":60}"#);
    }
    for body in [
        "",
        "{}",
        "null",
        "<html>",
        r#"{"accessToken":""}"#,
        r#"{"accessToken":null,"expiresIn":60}"#,
        r#"{"accessToken":5}"#,
        r#"{"accessToken":"a b"}"#,
        r#"{"accessToken":"a\r\nX-Evil: 1"}"#,
        r#"{"accessToken":"жетон"}"#,
        r#"{"accessToken":"t","tokenType":"mac"}"#,
        r#"{"AccessToken":"t"}"#,
    ] {
        assert_unanswered(200, body);
    }
    for sent in [true, false] {
        let answer = Err(NoAnswer { sent, why: NoAnswerReason::TimedOut });
        let verdict = new_pay().rail().read_token(&answer);
        assert!(matches!(verdict, TokenVerdict::Unanswered(_)));
    }
}

#[test]
fn a_token_is_not_printed() {
    let printed = format!("{:?}", reads(200, r#"{"accessToken":"hush","expiresIn":60}"#));
    assert!(!printed.contains("hush"), "{printed}");
}
