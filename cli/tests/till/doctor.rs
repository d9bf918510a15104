//! `till doctor`: what is wrong, and what to do about it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use till_sandbox::octo::{Behaviour, Discount, Expired, Unscanned};
use till_sandbox::{Auto, Call};

use super::stage::{Bank, Home, lead_nowhere, other, pay};

/// Runs the doctor and gives its checks.
fn checks(home: &Home, words: &[&str], status: i32) -> Vec<Value> {
    let line = home.till(&other("doctor", words)).json(status);
    assert_eq!(line.as_object().unwrap().len(), 1, "{line}");
    let checks = line["checks"].as_array().unwrap().clone();
    for check in &checks {
        let keys: Vec<&String> = check.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["advice", "message", "name", "ok"], "{check}");
        let told = !check["advice"].as_str().unwrap().is_empty();
        assert!(check["ok"] == true || told, "what is wrong has an advice: {check}");
    }
    checks
}

fn check<'a>(checks: &'a [Value], name: &str) -> &'a Value {
    let found = checks.iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {checks:?}"))
}

fn names(checks: &[Value]) -> Vec<&str> {
    checks.iter().map(|check| check["name"].as_str().unwrap()).collect()
}

/// Checks that this alone is wrong, and that the message has these words.
fn only_wrong(checks: &[Value], name: &str, words: &str) {
    let wrong: Vec<&Value> = checks.iter().filter(|check| check["ok"] == false).collect();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert_eq!(wrong[0]["name"], name, "{wrong:?}");
    assert!(wrong[0]["message"].as_str().unwrap().contains(words), "{wrong:?}");
}

#[test]
fn all_is_well() {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    let expected = [
        "configuration",
        "secrets",
        "journal",
        "clock",
        "connection",
        "tls",
        "address list",
        "credentials",
        "bank",
        "ecommpay connection",
        "ecommpay project",
    ];
    assert_eq!(names(&checks(&home, &[], 0)), expected);
    assert!(!home.path("till.sqlite").exists(), "a look makes nothing");
    home.till(&pay(&[])).transaction();
    let found = checks(&home, &[], 0);
    let message = check(&found, "journal")["message"].as_str().unwrap();
    assert!(message.contains("1 operations, 0 open"), "{message}");
    assert_eq!(bank.movements(), 1);
    let ran = home.till(&["doctor", "--config", "till.toml"]);
    assert_eq!(ran.status, Some(0));
    assert!(ran.out.contains("All well"), "{}", ran.out);
}

#[test]
fn the_embedded_sandbox_is_well_too() {
    let home = Home::new();
    let ran = home.till(&["doctor", "--sandbox", "--acceptance"]);
    assert_eq!(ran.status, Some(0), "{}", ran.out);
    assert!(ran.out.contains("no money moves") && ran.out.contains("All well"), "{}", ran.out);
}

#[test]
fn a_wrong_configuration_is_a_check_that_failed() {
    let home = Home::new();
    let line = home.till(&["doctor", "--json"]).json(4);
    let found = line["checks"].as_array().unwrap();
    only_wrong(found, "configuration", "no configuration");
    home.write("till.toml", "[terminal]\ncurrency = 5\n");
    only_wrong(&checks(&home, &[], 4), "configuration", "terminal.currency");
    home.write("till.toml", "[terminal]\ncurrency = \"UZS\"\nrail = \"gateway\"\n");
    only_wrong(&checks(&home, &[], 4), "rail", "gateway");
}

#[test]
fn secrets_that_others_may_read_are_a_warning() {
    let home = Home::new();
    let _bank = Bank::new(&home, "");
    let path = home.path("till.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let found = checks(&home, &[], 0);
    let secrets = check(&found, "secrets");
    assert!(secrets["message"].as_str().unwrap().contains("(mode 644)"), "{secrets}");
    assert_eq!(secrets["advice"], "chmod 600 till.toml");
}

#[test]
fn credentials_and_address_list() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let toml = fs::read_to_string(home.path("till.toml")).unwrap();
    home.write("till.toml", &toml.replace("sandbox-secret", "wrong"));
    only_wrong(&checks(&home, &[], 4), "credentials", "octo.client_secret");
    home.write("till.toml", &toml);
    let allowed_peers = vec!["192.0.2.1".parse().unwrap()];
    let behaviour = Behaviour { allowed_peers, ..Behaviour::default() };
    bank.server().bank().lock().unwrap().set_behaviour(behaviour);
    only_wrong(&checks(&home, &[], 4), "address list", "HTTP 403");
    bank.server().bank().lock().unwrap().set_behaviour(Behaviour::default());
    bank.fault("status:process:403:1");
    let found = checks(&home, &[], 4);
    only_wrong(&found, "bank", "403");
    assert!(check(&found, "bank")["advice"].as_str().unwrap().contains("public address"));
}

#[test]
fn a_bank_in_trouble() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    bank.fault("status:token:503:1");
    only_wrong(&checks(&home, &[], 4), "credentials", "503");
    bank.fault("garbage:process:1");
    only_wrong(&checks(&home, &[], 4), "bank", "HTTP 200, no result");
    lead_nowhere(&home);
    only_wrong(&checks(&home, &[], 4), "connection", "refused");
}

#[test]
fn a_certificate_that_is_not_trusted() {
    let home = Home::new();
    let _bank = Bank::new(&home, "");
    let toml = fs::read_to_string(home.path("till.toml")).unwrap();
    let toml = toml.split("[ecommpay]").next().unwrap().to_owned();
    let without: Vec<&str> = toml.lines().filter(|line| !line.starts_with("extra_roots")).collect();
    home.write("till.toml", &without.join("\n"));
    let found = checks(&home, &[], 4);
    only_wrong(&found, "tls", "not trusted");
    assert!(check(&found, "tls")["advice"].as_str().unwrap().contains("octo.extra_roots"));
    home.write("till.toml", &toml);
    home.write("ca.pem", "not PEM");
    only_wrong(&checks(&home, &[], 4), "octo", "octo.extra_roots");
}

#[test]
fn a_journal_in_use_is_only_read() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let mut holder = home.start(&pay(&[]));
    let code = holder.code();
    let found = checks(&home, &[], 0);
    let journal = check(&found, "journal");
    let message = journal["message"].as_str().unwrap();
    assert!(message.contains("1 operations, 1 open"), "{message}");
    assert!(message.contains("another till has it"), "{message}");
    bank.approve(&code);
    holder.end().transaction();
}

#[test]
fn acceptance_tells_what_the_bank_does() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let found = checks(&home, &["--acceptance"], 0);
    for (name, words) in [
        ("unknown id", "INVALID_REQUEST"),
        ("get-qr-code", "payable for 600 s"),
        ("bank's clock", "ahead"),
        ("repeated get-qr-code", "the same code"),
        ("before perform", "open"),
        ("perform before scan", "CREATED; the sum is bound"),
        ("repeated perform", "the same answer again"),
        ("nobody paid", "PENDING"),
        ("after the end", "not tried: the code ends in 10 min"),
        ("to be asked", "octo.refund_sum"),
    ] {
        let message = check(&found, name)["message"].as_str().unwrap();
        assert!(message.contains(words), "{name}: {message}");
    }
    assert_eq!(bank.server().calls(Call::Refund), 0);
    assert_eq!(bank.movements(), 0);
    let open = bank.server().bank().lock().unwrap().open_payments(bank.server().now_ms());
    assert_eq!(open[0].asked.unwrap().amount, 1, "one minor unit");
}

#[test]
fn acceptance_waits_for_the_end_if_it_is_told_to() {
    let told = [
        (Expired::Expired, "final, nobody paid"),
        (Expired::Pending, "open for ever"),
        (Expired::InvalidRequest, "said twice"),
    ];
    std::thread::scope(|scope| {
        for (expired, words) in told {
            scope.spawn(move || {
                let home = Home::new();
                let behaviour = Behaviour { code_life_ms: 3_000, expired, ..Behaviour::default() };
                let _bank = Bank::with(&home, "", |config| config.behaviour = behaviour);
                let ran = home.till(&other("doctor", &["--acceptance", "--until-end"]));
                let line: Value = serde_json::from_str(&ran.out).unwrap();
                let end = check(line["checks"].as_array().unwrap(), "after the end").clone();
                assert_eq!(end["ok"], true, "{end}");
                assert!(end["message"].as_str().unwrap().contains(words), "{end}");
            });
        }
    });
}

#[test]
fn acceptance_names_the_setting_for_what_it_dislikes() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    bank.fault("status:perform:400:1");
    let found = checks(&home, &["--acceptance"], 4);
    let perform = check(&found, "perform before scan");
    assert_eq!(perform["ok"], false);
    assert!(perform["advice"].as_str().unwrap().contains("octo.perform_before_scan"), "{perform}");

    bank.server().set_auto(Auto::Approve);
    let found = checks(&home, &["--acceptance"], 4);
    let nobody = check(&found, "nobody paid");
    assert!(nobody["message"].as_str().unwrap().contains("read as paid"), "{nobody}");
    bank.server().set_auto(Auto::Ignore);

    let behaviour = Behaviour {
        unscanned: Unscanned::InvalidRequest,
        discount: Discount::None,
        ..Behaviour::default()
    };
    bank.server().bank().lock().unwrap().set_behaviour(behaviour);
    let found = checks(&home, &["--acceptance"], 0);
    assert_eq!(check(&found, "nobody paid")["ok"], true);
}

#[test]
fn acceptance_is_refused_on_a_live_bank_unless_it_is_wanted() {
    let home = Home::new();
    let bank = Bank::new(&home, "");
    let toml = fs::read_to_string(home.path("till.toml")).unwrap();
    home.write("till.toml", &toml.replace("[octo]\n", "[octo]\nlive = true\n"));
    let found = checks(&home, &["--acceptance"], 4);
    only_wrong(&found, "acceptance", "octo.live is true");
    assert!(check(&found, "acceptance")["advice"].as_str().unwrap().contains("--yes-on-a-live"));
    assert_eq!(bank.server().calls(Call::GetQrCode), 0);
    checks(&home, &["--acceptance", "--yes-on-a-live-bank"], 0);
    assert!(bank.server().calls(Call::GetQrCode) > 0);
}
