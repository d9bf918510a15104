//! Who is let in: addresses, tokens, methods, types.

use std::net::IpAddr;

use super::*;

#[test]
fn a_token_is_for_those_who_know_the_secret() {
    let mut desk = Desk::usual();
    let good = "grant_type=client_credentials";
    let (status, answer) = desk.ask_token(Some(BASIC), good);
    assert_eq!(
        (status, &answer["tokenType"], &answer["expiresIn"]),
        (200, &json!("Bearer"), &json!(25_200))
    );
    assert!(!answer["accessToken"].as_str().unwrap().is_empty());
    let basic = |text: &str| format!("Basic {}", data_encoding::BASE64.encode(text.as_bytes()));
    for wrong in [
        None,
        Some(basic("till-sandbox:wrong")),
        Some(basic("till-sandbox:sandbox-secret2")),
        Some(basic("till-sandboxsandbox-secret")),
        Some(basic("other:sandbox-secret")),
        Some(basic("")),
        Some("Basic !".to_owned()),
        Some("Basic".to_owned()),
        Some(BASIC.replace("Basic", "Bearer")),
    ] {
        let (status, answer) = desk.ask_token(wrong.as_deref(), good);
        assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")), "{wrong:?}");
    }
    assert_eq!(desk.ask_token(Some(&BASIC.replace("Basic", "basic")), good).0, 200);
    assert_eq!(desk.ask_token(Some(BASIC), "scope=a&grant_type=client_credentials").0, 200);
    for (body, error) in [
        ("", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=client_credentials&grant_type=password", "unsupported_grant_type"),
    ] {
        let (status, answer) = desk.ask_token(Some(BASIC), body);
        assert_eq!((status, &answer["error"]), (400, &json!(error)), "{body}");
    }
}

#[test]
fn a_token_ends_with_its_life() {
    let mut desk = Desk::new(Behaviour { token_life_s: 60, ..Behaviour::default() });
    desk.now_ms += 59_999;
    assert_eq!(desk.call("process", &json!({"externalId": "p"})).0, 200);
    desk.now_ms += 1;
    let expired = desk.refused("process", &json!({"externalId": "p"}));
    assert_eq!(expired, "401 UNAUTHORIZED: Access token has expired");
    desk.renew_token();
    assert_eq!(desk.call("process", &json!({"externalId": "p"})).0, 200);
    desk.bank.revoke_tokens();
    let unknown = desk.refused("process", &json!({"externalId": "p"}));
    assert_eq!(unknown, "401 UNAUTHORIZED: Access token is invalid");
}

#[test]
fn an_older_token_is_good_beside_a_newer_one() {
    let mut desk = Desk::usual();
    let old = desk.token.clone();
    for _ in 0..600 {
        desk.renew_token();
        assert_ne!(desk.token, old);
    }
    desk.token = old;
    assert_eq!(desk.call("process", &json!({"externalId": "p"})).0, 200);
}

#[test]
fn every_call_needs_the_token_the_method_and_the_type() {
    let mut desk = Desk::usual();
    let bearer = format!("Bearer {}", desk.token);
    for call in ["get-qr-code", "perform", "confirm", "process", "refund"] {
        let path = format!("/api/v1/{call}");
        let good = Request {
            method: "POST",
            path: &path,
            authorization: Some(&bearer),
            content_type: Some("application/json; charset=utf-8"),
            body: b"{}",
            peer: None,
        };
        assert_eq!(desk.send(&good).0, 400, "{call}: it is read");
        let without = Request { authorization: None, ..good };
        let (status, answer) = desk.send(&without);
        assert_eq!((status, &answer["result"]["resultCode"]), (401, &json!("UNAUTHORIZED")));
        for wrong in ["Bearer", "Bearer ", "Bearer nonsense", BASIC] {
            let request = Request { authorization: Some(wrong), ..good };
            assert_eq!(desk.send(&request).0, 401, "{call} {wrong}");
        }
        for wrong in [None, Some("text/plain"), Some("application/jsonp")] {
            let request = Request { content_type: wrong, ..good };
            assert_eq!(desk.send(&request).0, 415, "{call} {wrong:?}");
        }
        assert_eq!(desk.send(&Request { method: "GET", ..good }).0, 405, "{call}");
    }
    for path in ["/", "/api/v1/", "/api/v1/Perform", "/api/v1/perform/", "/oauth2/token/"] {
        let request = Request {
            method: "POST",
            path,
            authorization: Some(&bearer),
            content_type: Some("application/json"),
            body: b"{}",
            peer: None,
        };
        assert_eq!(desk.send(&request).0, 404, "{path}");
    }
}

#[test]
fn addresses_that_are_not_on_the_list_get_a_page() {
    let listed: IpAddr = "192.0.2.7".parse().unwrap();
    let mut desk = Desk::usual();
    let behaviour = Behaviour { allowed_peers: vec![listed], ..Behaviour::default() };
    desk.bank.set_behaviour(behaviour);
    let ask = |peer: Option<&str>| Request {
        method: "POST",
        path: "/oauth2/token",
        authorization: Some(BASIC),
        content_type: Some("application/x-www-form-urlencoded"),
        body: b"grant_type=client_credentials",
        peer: peer.map(|peer| peer.parse().unwrap()),
    };
    assert_eq!(desk.send(&ask(Some("192.0.2.7"))).0, 200);
    assert_eq!(desk.send(&ask(Some("::ffff:192.0.2.7"))).0, 200, "the same over IPv6");
    for stranger in [None, Some("192.0.2.8"), Some("127.0.0.1")] {
        let (status, page) = desk.send(&ask(stranger));
        assert_eq!(status, 403, "{stranger:?}");
        assert!(page.as_str().unwrap().starts_with("<html>"), "{page}");
    }
    let (status, _) = desk.call("process", &json!({"externalId": "p"}));
    assert_eq!(status, 403, "a token does not help");
}
