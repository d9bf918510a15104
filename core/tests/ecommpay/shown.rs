//! How a Gate payment goes on: display_data and redirect_data, in a status answer.

use till_core::operation::{Ask, Code, CodeForm, HandOver, Verdict};

use super::support::*;

/// A payment that waits for its customer, with this beside it.
fn waiting(more: &str) -> String {
    let body = status("awaiting redirect result", "processing");
    body.replacen('{', &format!("{{{more},"), 1)
}

fn reads(more: &str) -> Verdict {
    gate(Ask::Poll).taken(REQUEST_ID).reads(&waiting(more))
}

fn display(objects: &[(&str, &str, &str)]) -> String {
    let object = |(kind, title, data): &(&str, &str, &str)| {
        format!(r#"{{"type":"{kind}","title":"{title}","data":"{data}"}}"#)
    };
    let objects: Vec<String> = objects.iter().map(object).collect();
    format!(r#""display_data":[{}]"#, objects.join(","))
}

fn redirect(method: &str, body: &str) -> String {
    format!(
        r#""redirect_data":{{"method":"{method}","body":{body},"encrypted":[],
            "url":"https://example.com:443/payment/h5.html?a=1"}}"#
    )
}

fn shown(value: &str, form: CodeForm, life_ms: u64) -> Verdict {
    Verdict::CodeIssued(Code { value: value.to_owned(), life_ms, form })
}

const PICTURE: &str = "iVBORw0KGgo=";

#[test]
fn qr_data_is_drawn_and_lives_as_long_as_its_timeout_says() {
    let more = display(&[
        ("qr_data", "QR code", "weixin://wxpay/bizpayurl?pr=dMrSpJG"),
        ("add_info", "QR Code Timeout", "600"),
    ]);
    let expected = shown("weixin://wxpay/bizpayurl?pr=dMrSpJG", CodeForm::Text, 600_000);
    assert_eq!(reads(&more), expected);
}

#[test]
fn qr_url_is_the_address_of_a_picture() {
    let more = display(&[("qr_url", "QR", "https://pics.example/q.png")]);
    assert_eq!(reads(&more), shown("https://pics.example/q.png", CodeForm::PictureUrl, 1_800_000));
    for refused in ["http://pics.example/q.png", "javascript:alert(1)", "https://a@b.example/"] {
        assert_eq!(reads(&display(&[("qr_url", "QR", refused)])), Verdict::Open(None), "{refused}");
    }
}

#[test]
fn qr_img_is_a_picture_in_base64() {
    let expected = shown(PICTURE, CodeForm::Picture, 1_800_000);
    assert_eq!(reads(&display(&[("qr_img", "QR", PICTURE)])), expected);
    let address = format!("data:image/png;base64,{PICTURE}");
    assert_eq!(reads(&display(&[("qr_img", "QR", &address)])), expected);
    let broken = "iVBORw0KGgo=\\n";
    assert_eq!(reads(&display(&[("qr_img", "QR", broken)])), expected, "line ends do not count");
    let long = "AAAA".repeat(40_000);
    for refused in ["not base64!", "", "iVBORw0KGgo", &long] {
        assert_eq!(reads(&display(&[("qr_img", "QR", refused)])), Verdict::Open(None));
    }
}

#[test]
fn of_several_forms_the_text_is_drawn() {
    let more = display(&[
        ("qr_img", "", PICTURE),
        ("qr_url", "", "https://pics.example/q.png"),
        ("qr_data", "", "code"),
    ]);
    assert_eq!(reads(&more), shown("code", CodeForm::Text, 1_800_000));
}

#[test]
fn a_timeout_that_is_none_is_the_payments_lifetime() {
    for timeout in ["0", "-5", "10 minutes", "", "86401", "99999999999999999999"] {
        let more = display(&[("qr_data", "", "code"), ("add_info", "QR Code Timeout", timeout)]);
        assert_eq!(reads(&more), shown("code", CodeForm::Text, 1_800_000), "{timeout}");
    }
    let other = display(&[("qr_data", "", "code"), ("add_info", "Help", "600")]);
    assert_eq!(reads(&other), shown("code", CodeForm::Text, 1_800_000));
    let number = display(&[("qr_data", "", "code"), ("add_info", "QR Code Timeout", "90")])
        .replace("\"90\"", "90");
    assert_eq!(reads(&number), shown("code", CodeForm::Text, 90_000));
    let short = gate(Ask::Poll).set(|settings| settings.lifetime_s = 300);
    let verdict = short.taken("").reads(&waiting(&display(&[("qr_data", "", "code")])));
    assert_eq!(verdict, shown("code", CodeForm::Text, 300_000));
}

#[test]
fn what_no_qr_code_holds_is_not_shown() {
    let long = "x".repeat(2_954);
    for refused in [long.as_str(), "a\\u0000b", ""] {
        assert_eq!(reads(&display(&[("qr_data", "", refused)])), Verdict::Open(None));
    }
    for odd in [r#""display_data":{}"#, r#""display_data":[]"#, r#""display_data":[1,null]"#] {
        assert_eq!(reads(odd), Verdict::Open(None), "{odd}");
    }
}

#[test]
fn redirect_data_by_get_is_an_address_to_open() {
    let url = "https://example.com:443/payment/h5.html?a=1".to_owned();
    let open = Verdict::Open(Some(HandOver::Url { url, user_agent: None, ac_decode_config: None }));
    for body in ["[]", "{}", "null"] {
        assert_eq!(reads(&redirect("GET", body)), open, "{body}");
    }
    assert_eq!(reads(&redirect("get", "[]")), open);
    let camel = redirect("GET", "[]").replace("redirect_data", "redirectData");
    assert_eq!(reads(&camel), open);
}

#[test]
fn a_get_with_a_body_has_it_in_its_query() {
    let Verdict::Open(Some(HandOver::Url { url, .. })) =
        reads(&redirect("GET", r#"{"b":"c d","e":2}"#))
    else {
        panic!()
    };
    assert_eq!(url, "https://example.com/payment/h5.html?a=1&b=c+d&e=2");
}

#[test]
fn redirect_data_by_post_is_a_form_that_submits_itself() {
    let body = r#"{"order_no":"29895000000582","amount":13.00,"flag":true,"none":null}"#;
    let fields = [("order_no", "29895000000582"), ("amount", "13.00"), ("flag", "1"), ("none", "")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let url = "https://example.com:443/payment/h5.html?a=1".to_owned();
    assert_eq!(reads(&redirect("POST", body)), Verdict::Open(Some(HandOver::Form { url, fields })));
}

#[test]
fn a_redirection_that_is_none_is_waited_out() {
    for odd in [
        redirect("POST", r#"{"a":{"b":1}}"#),
        redirect("POST", r#"["a"]"#),
        redirect("GET", r#""a""#),
        redirect("GET", "[]").replace("https://", "http://"),
        redirect("GET", "[]").replace("https://", "intent://"),
        r#""redirect_data":{"method":"GET"}"#.to_owned(),
        r#""redirect_data":[]"#.to_owned(),
    ] {
        assert_eq!(reads(&odd), Verdict::Open(None), "{odd}");
    }
}

#[test]
fn without_a_bridge_the_customers_phone_opens_the_address() {
    let bench = || Bench { bridge: false, ..gate(Ask::Poll).taken("") };
    let verdict = bench().reads(&waiting(&redirect("GET", "[]")));
    let url = "https://example.com:443/payment/h5.html?a=1";
    assert_eq!(verdict, shown(url, CodeForm::Text, 1_800_000));
    let verdict = bench().reads(&waiting(&redirect("POST", r#"{"a":1}"#)));
    assert!(matches!(verdict, Verdict::Lacking(_)), "nobody can send a form: {verdict:?}");
}

#[test]
fn what_a_page_shows_its_customer_is_not_ours_to_show() {
    let more = display(&[("qr_data", "", "code")]);
    assert_eq!(page(Ask::Poll).reads(&waiting(&more)), Verdict::Open(None));
    let mut restarted = page(Ask::Poll);
    restarted.code = None;
    assert_eq!(restarted.reads(&waiting(&more)), Verdict::Open(None));
    for ask in [Ask::Inquire, Ask::Watch, Ask::Close] {
        assert_eq!(gate(ask).reads(&waiting(&more)), Verdict::Open(None), "too late to show it");
    }
}

#[test]
fn a_final_word_counts_more_than_what_to_show() {
    let more = display(&[("qr_data", "", "code")]);
    let paid = status("success", "success").replacen('{', &format!("{{{more},"), 1);
    assert!(is_paid(&gate(Ask::Poll).taken("").reads(&paid), cny(1_000)));
    let other = waiting(&more).replace(":1000,", ":1001,");
    assert!(is_mismatch(&gate(Ask::Poll).taken("").reads(&other)));
}
