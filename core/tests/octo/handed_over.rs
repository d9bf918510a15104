//! What the customer's device is given while a payment is open.

use till_core::operation::{Ask, HandOver, Verdict};

use super::support::*;

#[test]
fn an_order_code_goes_to_the_bridge_for_handle_by_sdk_only() {
    let sdk = r#"{"status":"CREATED","actionType":"HANDLE_BY_SDK","sdkActionPayload":"p"}"#;
    let psp = r#"{"status":"CREATED","actionType":"HANDLE_BY_PSP",
        "redirectUrl":"https://a.example","sdkActionPayload":"p"}"#;
    let bench = order_code(Ask::Create);
    assert!(matches!(bench.reads(sdk), Verdict::Open(Some(HandOver::Sdk(_)))));
    assert_eq!(bench.reads(psp), Verdict::Open(None));
    assert_eq!(bench.without_bridge().reads(sdk), Verdict::Open(None));
}

#[test]
fn an_entry_code_is_handed_over_while_it_is_open() {
    let sdk = r#"{"status":"CREATED","actionType":"HANDLE_BY_SDK","sdkActionPayload":{"a" : 1},
        "redirectUrl":"https://a.example"}"#;
    let url = r#"{"status":"PENDING","actionType":"HANDLE_BY_PSP",
        "redirectUrl":"http://a.example/b","userAgent":"ua",
        "acDecodeConfig":{"routerType":"AC_URL","forceHttps":true}}"#;
    let text = url.replace(
        r#"{"routerType":"AC_URL","forceHttps":true}"#,
        r#""{\"routerType\":\"AC_URL\",\"forceHttps\":true}""#,
    );
    for ask in [Ask::Create, Ask::Poll] {
        let bench = entry_code(ask);
        let Verdict::Open(Some(HandOver::Sdk(payload))) = bench.reads(sdk) else { panic!("{sdk}") };
        assert_eq!(payload.expose(), "{\"a\" : 1}");
        let address = HandOver::Url {
            url: "https://a.example/b".to_owned(),
            user_agent: Some("ua".to_owned()),
            ac_decode_config: Some("{\"routerType\":\"AC_URL\",\"forceHttps\":true}".to_owned()),
        };
        assert_eq!(bench.reads(url), Verdict::Open(Some(address.clone())));
        assert_eq!(bench.reads(&text), Verdict::Open(Some(address)));
        let plain = url.replace("true", "false");
        assert_eq!(bench.reads(&plain), Verdict::Open(None), "plain http is refused");
        assert_eq!(bench.clone().without_bridge().reads(url), Verdict::Open(None));
    }
}
