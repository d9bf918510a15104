//! The settings: each wrong key is named on one line, with what would be right.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use till_core::operation::{Ask, Blame, Kind, Pace, Rules};
use till_core::rail::Rail;
use till_core::rail::ecommpay::{Ecommpay, EcommpaySettings, Parameter, Sale};
use till_core::secret::Secret;

use super::support::*;

fn wrong(change: impl FnOnce(&mut EcommpaySettings)) -> Vec<String> {
    let mut settings = settings();
    change(&mut settings);
    let wrong = settings.check();
    assert!(wrong.iter().all(|line| line.starts_with("ecommpay.") && !line.contains('\n')));
    assert_eq!(Ecommpay::new(settings).is_err(), !wrong.is_empty());
    wrong
}

fn keys(change: impl FnOnce(&mut EcommpaySettings)) -> Vec<String> {
    let key = |line: &String| line.split(':').next().unwrap().replacen("ecommpay.", "", 1);
    wrong(change).iter().map(key).collect()
}

#[test]
fn the_test_projects_settings_are_well() {
    assert_eq!(wrong(|_| {}), Vec::<String>::new());
    assert_eq!(wrong(|s| (s.test_project, s.live) = (false, true)), Vec::<String>::new());
}

#[test]
fn a_host_that_is_not_loopback_needs_live_or_the_test_project() {
    let lines = wrong(|s| s.test_project = false);
    assert_eq!(
        lines[0],
        "ecommpay.gate_url: api.ecommpay.com takes real money; ecommpay.live = true says that \
         this is wanted, ecommpay.test_project = true that project_id is the test project's"
    );
    assert_eq!(lines.len(), 2, "the page too: {lines:?}");
    let local = keys(|s| {
        s.test_project = false;
        s.gate_url = "https://127.0.0.1:8443/gate".to_owned();
        s.payment_page_url = "https://[::1]:8443/payment".to_owned();
    });
    assert_eq!(local, Vec::<String>::new());
    assert_eq!(keys(|s| s.live = true), ["live"]);
}

#[test]
fn addresses_are_https_and_nothing_else() {
    for url in [
        "",
        "api.ecommpay.com",
        "http://api.ecommpay.com",
        "http://127.0.0.1:8080",
        "ftp://api.ecommpay.com",
        "https://a:b@api.ecommpay.com",
        "https://api.ecommpay.com?x=1",
        "https://api.ecommpay.com#x",
    ] {
        assert_eq!(keys(|s| s.gate_url = url.to_owned()), ["gate_url"], "{url}");
        assert_eq!(keys(|s| s.payment_page_url = url.to_owned()), ["payment_page_url"], "{url}");
    }
}

#[test]
fn each_wrong_key_is_named() {
    assert_eq!(keys(|s| s.project_id = 0), ["project_id"]);
    assert_eq!(keys(|s| s.project_id = (1 << 53) + 1), ["project_id"]);
    assert_eq!(keys(|s| s.secret = Secret::new(String::new())), ["secret"]);
    assert_eq!(keys(|s| s.secret = Secret::new("a\n".to_owned())), ["secret"]);
    assert_eq!(keys(|s| s.customer.id = Some("a;b".to_owned())), ["customer.id"]);
    assert_eq!(keys(|s| s.customer.id = Some(String::new())), ["customer.id"]);
    let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    assert_eq!(keys(|s| s.customer.ip_address = nowhere), ["customer.ip_address"]);
    assert_eq!(keys(|s| s.lifetime_s = 60), ["lifetime_s"]);
    assert_eq!(keys(|s| s.base_time_s = 60), ["base_time_s"]);
    assert_eq!(keys(|s| s.currencies = vec![]), ["currencies"]);
    assert_eq!(keys(|s| s.currencies = vec!["UZS".parse().unwrap()]), ["currencies"]);
    assert_eq!(keys(|s| s.return_url = Some("shop".to_owned())), ["return_url"]);
    let success = Some("https://a.example/;x".to_owned());
    assert_eq!(keys(|s| s.return_url_success = success), ["return_url_success"]);
    let plain = Some("http://a.example/".to_owned());
    assert_eq!(keys(|s| s.callback_url = plain), ["callback_url"]);
    let all = keys(|s| (s.project_id, s.lifetime_s) = (0, 0));
    assert_eq!(all, ["project_id", "lifetime_s"]);
}

#[test]
fn a_sale_through_gate_needs_an_address_to_return_to() {
    let lines = wrong(|s| s.sale = Sale::Gate);
    assert_eq!(lines, ["ecommpay.return_url: needed with ecommpay.sale = \"gate\""]);
    assert_eq!(
        (Sale::default(), Sale::Page.as_str(), Sale::Gate.as_str()),
        (Sale::Page, "page", "gate")
    );
}

#[test]
fn further_parameters_are_ones_that_can_be_signed() {
    let with = |name: &str, value: Parameter| {
        keys(|s| s.parameters = BTreeMap::from([(name.to_owned(), value)]))
    };
    let text = |text: &str| Parameter::Text(text.to_owned());
    for (name, value) in [
        ("payment_amount", Parameter::Number(1)),
        ("signature", text("x")),
        ("best_before", text("x")),
        ("frame_mode", text("popup")),
        ("_plugin_version", text("x")),
        ("Upper", text("x")),
        ("", text("x")),
        ("region_code", text("a;b")),
        ("region_code", text("a\nb")),
        ("number", Parameter::Number((1 << 53) + 1)),
        ("long", text(&"x".repeat(2_600))),
    ] {
        assert_eq!(with(name, value), ["parameters"], "{name:?}");
    }
    assert_eq!(with("region_code", text("CN")), Vec::<String>::new());
}

#[test]
fn further_members_of_the_customer_are_ones_that_can_be_signed() {
    let with = |name: &str, value: &str| {
        keys(|s| s.customer.more = BTreeMap::from([(name.to_owned(), value.to_owned())]))
    };
    assert_eq!(with("first_name", "之的"), Vec::<String>::new());
    assert_eq!(with("id", "1"), ["customer"]);
    assert_eq!(with("First Name", "1"), ["customer"]);
    assert_eq!(with("email", "a;b"), ["customer.email"]);
    assert_eq!(with("email", ""), ["customer.email"]);
}

#[test]
fn the_secret_is_not_printed() {
    let printed = format!("{:?} {:?}", settings(), page(Ask::Poll).rail());
    assert!(!printed.contains("secret of"), "{printed}");
}

#[test]
fn a_test_project_is_marked_as_the_sandbox() {
    assert!(page(Ask::Poll).rail().sandbox());
    let live = page(Ask::Poll).set(|s| (s.test_project, s.live) = (false, true));
    assert!(!live.rail().sandbox());
}

#[test]
fn limits_are_10_00_cny_and_1_00_usd_to_5_000_00_cny() {
    let check = |minor: u64, currency: &str| {
        let mut bench = new_page();
        bench.order.amount = sum(minor, currency);
        bench.rail().check(&bench.order, true)
    };
    for (minor, currency) in
        [(1_000, "CNY"), (500_000, "CNY"), (100, "USD"), (1 << 53, "USD"), (1, "EUR"), (1, "JPY")]
    {
        assert_eq!(check(minor, currency), Ok(()), "{minor} {currency}");
    }
    for (minor, currency, words) in [
        (999, "CNY", "amount: at least 10.00\u{a0}CNY"),
        (500_001, "CNY", "amount: at most 5\u{a0}000.00\u{a0}CNY"),
        (99, "USD", "amount: at least 1.00\u{a0}USD"),
        (
            (1 << 53) + 1,
            "USD",
            "payment:amount is no whole number up to 2^53, which alone can be signed",
        ),
    ] {
        assert_eq!(check(minor, currency), Err((Blame::Request, words.to_owned())));
    }
}

#[test]
fn nine_currencies_are_taken() {
    let check = |bench: Bench, currency: &str| {
        let mut bench = bench;
        bench.order.amount = sum(10_000, currency);
        bench.rail().check(&bench.order, true)
    };
    for currency in ["AUD", "CAD", "CNY", "EUR", "GBP", "HKD", "JPY", "SGD", "USD"] {
        assert_eq!(check(new_page(), currency), Ok(()), "{currency}");
    }
    let taken =
        "dev.till.extra.CURRENCY: ecommpay takes AUD, CAD, CNY, EUR, GBP, HKD, JPY, SGD, USD";
    assert_eq!(check(new_page(), "UZS"), Err((Blame::Request, taken.to_owned())));
    let opened = new_page().set(|s| s.currencies = vec!["CNY".parse().unwrap()]);
    assert!(check(opened.clone(), "CNY").is_ok() && check(opened, "USD").is_err());
    // What was paid can be given back, whatever is opened now.
    let refund = refund(Ask::Create).set(|s| s.currencies = vec!["CNY".parse().unwrap()]);
    assert_eq!(check(refund, "USD"), Ok(()));
}

#[test]
fn a_scanned_code_cannot_be_paid_here() {
    let mut bench = new_page();
    let code_value = Some("https://qr.example/1".to_owned());
    bench.order.kind = Kind::Pay { purpose: String::new(), code_value };
    let (blame, words) = bench.rail().check(&bench.order, true).unwrap_err();
    assert_eq!(blame, Blame::Request);
    assert!(words.starts_with("dev.till.extra.CODE_VALUE"), "{words}");
}

#[test]
fn a_foreign_payment_whose_name_cannot_be_signed_is_refused() {
    let mut bench = refund(Ask::Create);
    let Kind::Refund { payment, .. } = &mut bench.order.kind else { panic!() };
    payment.external_id = till_core::id::ExternalId::new("A;b:c");
    let (blame, words) = bench.rail().check(&bench.order, true).unwrap_err();
    assert_eq!(blame, Blame::Request);
    assert!(words.contains("semicolon"), "{words}");
}

#[test]
fn status_is_asked_first_after_10_s_then_every_5_s_and_every_30_s_from_150_s() {
    let Pace { poll, retry, watch_ms, .. } = page(Ask::Poll).rail().rules(&Rules::default()).pace;
    for pauses in [poll, retry] {
        // With a jitter of 20 % to either side.
        assert_eq!(pauses.pause(0) * 4 / 5, 10_000);
        assert!(2_000 + pauses.pause(2_000) * 4 / 5 >= 10_000);
        assert_eq!([12_500, 149_999, 150_000].map(|ms| pauses.pause(ms)), [5_000, 5_000, 30_000]);
    }
    assert_eq!(watch_ms, 30_000);
}

#[test]
fn the_wait_is_shorter_than_a_payments_life_and_the_base_time_is_watched_often() {
    let bench = page(Ask::Poll);
    let rail = bench.rail();
    let rules = rail.rules(&Rules { wait_ms: 10_000_000, ..Rules::default() });
    assert_eq!(rules.wait_ms, 1_740_000);
    assert_eq!((rules.unknown_life_ms, rules.pace.grace_ms), (1_800_000, 3_600_000));
    let short = page(Ask::Poll).set(|s| (s.lifetime_s, s.base_time_s) = (300, 600));
    let rules = short.rail().rules(&Rules { wait_ms: 10_000_000, ..Rules::default() });
    assert_eq!((rules.wait_ms, rules.pace.grace_ms), (240_000, 600_000));
}

#[test]
fn the_terminals_rules_hold_within_ours() {
    let terminal =
        Rules { wait_ms: 90_000, give_back: false, refund_window_ms: u64::MAX, ..Rules::default() };
    let rules = page(Ask::Poll).rail().rules(&terminal);
    assert_eq!((rules.wait_ms, rules.give_back), (90_000, false));
    assert_eq!((rules.refund_window_ms, rules.refund_inquiry), (86_400_000, true));
    assert!(rules.declined_is_payable);
    let not = page(Ask::Poll).set(|s| s.declined_is_payable = false);
    assert!(!not.rail().rules(&terminal).declined_is_payable);
}
