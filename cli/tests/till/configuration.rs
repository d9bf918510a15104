//! The configuration: every wrong one is told on one line, and nothing is ever approved without
//! one.

use std::fs;

use serde_json::Value;

use super::stage::{Bank, Home, Ran, Running};

/// A configuration that is right, line by line.
const RIGHT: &str = "\
[terminal]
id = \"T-1\"
currency = \"UZS\"
language = \"en\"
rail = \"octo\"
journal = \"till.sqlite\"
wait_s = 120
late_payment = \"refund\"
foreign_refunds = false

[octo]
base_url = \"https://127.0.0.1:9\"
client_id = \"till\"
client_secret = \"hunter2\"
user_id = \"208800000000000001\"
region = \"UZ\"
live = false

[ecommpay]
project_id = 201
secret = \"hunter4\"
test_project = true
gate_url = \"https://api.ecommpay.com\"
payment_page_url = \"https://paymentpage.ecommpay.com/payment\"

[ecommpay.customer]
id = \"walk-in\"
ip_address = \"192.0.2.1\"

[alipayplus]
client_id = \"c\"
env = \"DEV\"
site_name = \"Registan\"

[gateway]
url = \"https://till.example.com\"
token_file = \"device.token\"
";

fn history(home: &Home) -> Ran {
    home.till(&["history", "--config", "till.toml"])
}

#[test]
fn a_whole_configuration_is_right() {
    let home = Home::new();
    home.write("till.toml", RIGHT);
    home.write("device.token", "till-device-token\n");
    let ran = history(&home);
    assert_eq!((ran.status, ran.out.as_str()), (Some(0), "Nothing.\n"), "{}", ran.err);
}

/// Each: the line to be changed, what it becomes, and what is said after the file's name.
const WRONG: [(&str, &str, &str); 38] = [
    ("[terminal]", "[terminal", "line 1: not TOML: "),
    ("id = \"T-1\"", "id = ", "line 2: not TOML: "),
    ("[terminal]", "[termnal]", "termnal: unknown section; did you mean [terminal]?"),
    ("[gateway]", "[printer]", "printer: unknown section; there are [terminal], [octo], "),
    (
        "[terminal]",
        "live = true\n[terminal]",
        "live: it stands outside its section; put it under [octo]",
    ),
    ("[terminal]", "x = 1\n[terminal]", "x: unknown, and outside any section"),
    ("id = \"T-1\"", "id = 5", "terminal.id: not usable; write a name for people"),
    ("id = \"T-1\"", "id = \" \"", "terminal.id: not usable; write a name for people"),
    ("currency = \"UZS\"\n", "", "terminal.currency: missing; write three capital letters"),
    ("currency = \"UZS\"", "currency = \"sum\"", "terminal.currency: not usable; write three"),
    (
        "currency = \"UZS\"",
        "curency = \"UZS\"",
        "terminal.curency: unknown key; did you mean terminal.currency?",
    ),
    ("language = \"en\"", "language = \"uz\"", "terminal.language: not usable; write \"en\", "),
    ("rail = \"octo\"", "rail = \"visa\"", "terminal.rail: not usable; write \"octo\", "),
    ("wait_s = 120", "wait_s = \"120\"", "terminal.wait_s: not usable; write seconds from 1"),
    ("wait_s = 120", "wait_s = 0", "terminal.wait_s: not usable; write seconds from 1"),
    ("wait_s = 120", "wait_s = 3601", "terminal.wait_s: not usable; write seconds from 1"),
    (
        "wait_s = 120",
        "wait_ms = 120",
        "terminal.wait_ms: unknown key; did you mean terminal.wait_s?",
    ),
    ("late_payment = \"refund\"", "late_payment = \"keep\"", "terminal.late_payment: not usable; "),
    (
        "foreign_refunds = false",
        "foreign_refunds = 0",
        "terminal.foreign_refunds: not usable; write true or false",
    ),
    (
        "id = \"T-1\"",
        "base_url = \"x\"",
        "terminal.base_url: unknown key; did you mean octo.base_url?",
    ),
    ("id = \"T-1\"", "colour = \"red\"", "terminal.colour: unknown key; there are id, currency, "),
    (
        "base_url = \"https://127.0.0.1:9\"\n",
        "",
        "octo.base_url: missing; write the bank's address",
    ),
    ("https://127.0.0.1:9", "http://127.0.0.1:9", "octo.base_url: plain http is refused"),
    (
        "https://127.0.0.1:9",
        "https://oi-partner.octo.uz",
        "octo.base_url: oi-partner.octo.uz takes real money; octo.live = true",
    ),
    ("https://127.0.0.1:9", "the bank", "octo.base_url: an address such as"),
    (
        "client_id = \"till\"",
        "client_id = \"a:b\"",
        "octo.client_id: the client id from the bank, without a colon",
    ),
    ("client_secret = \"hunter2\"\n", "", "octo.client_secret_file: missing; write a file"),
    ("client_secret = \"hunter2\"", "client_secret = 5", "octo.client_secret: not usable; "),
    (
        "client_secret = \"hunter2\"",
        "client_secret_file = \"nowhere\"",
        "octo.client_secret_file: ",
    ),
    (
        "region = \"UZ\"",
        "client_secret_file = \"x\"",
        "octo.client_secret: client_secret_file is there too",
    ),
    (
        "user_id = \"208800000000000001\"",
        "user_id = 208800000000000001",
        "octo.user_id: not usable; write the user id from the bank, in quotation marks",
    ),
    ("region = \"UZ\"", "region = \"Uzbekistan\"", "octo.region: a country in two capital letters"),
    ("region = \"UZ\"", "extra_roots = \"nowhere.pem\"", "octo.extra_roots: "),
    ("region = \"UZ\"", "final_codes = [\"SUCCESS\"]", "octo.final_codes: SUCCESS has a meaning"),
    (
        "project_id = 201",
        "project_id = \"201\"",
        "ecommpay.project_id: not usable; write the project's number",
    ),
    (
        "ip_address = \"192.0.2.1\"",
        "ip_adress = \"x\"",
        "ecommpay.customer.ip_adress: unknown key; did you mean ecommpay.customer.ip_address?",
    ),
    ("env = \"DEV\"", "env = \"TEST\"", "alipayplus.env: not usable; write \"DEV\" or \"PROD\""),
    (
        "url = \"https://till.example.com\"",
        "uri = \"x\"",
        "gateway.uri: unknown key; did you mean gateway.url?",
    ),
];

#[test]
fn each_wrong_line_is_named_with_what_would_be_right() {
    let home = Home::new();
    let file = home.path("till.toml");
    for (line, wrong, said) in WRONG {
        assert!(RIGHT.contains(line), "{line}");
        // The key of [gateway] ends like one of [octo]; only the whole line is meant.
        let at = RIGHT.rfind(&format!("\n{line}")).map_or(0, |at| at + 1);
        let text = if line.starts_with("https://") {
            RIGHT.replacen(line, wrong, 1)
        } else {
            format!("{}{wrong}{}", &RIGHT[..at], &RIGHT[at + line.len()..])
        };
        home.write("till.toml", &text);
        let ran = home.till(&["history", "--config", file.to_str().unwrap()]);
        let begin = format!("till: {}: {said}", file.display());
        assert_eq!(ran.status, Some(4), "{wrong}: {ran:?}");
        assert!(ran.err.starts_with(&begin), "{wrong}\n  {}wanted\n  {begin}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        assert!(!ran.err.contains("hunter2"), "no secret is repeated: {}", ran.err);
        assert_eq!(ran.out, "");
    }
}

#[test]
fn a_missing_section_is_named() {
    let home = Home::new();
    home.write("till.toml", "[terminal]\ncurrency = \"UZS\"\n");
    let ran = history(&home);
    assert_eq!(ran.status, Some(4));
    assert!(ran.err.contains("till.toml: octo: the section is missing"), "{}", ran.err);
    home.write("till.toml", "");
    assert!(history(&home).err.contains("terminal.currency: missing"), "the file is empty");
}

#[test]
fn what_has_a_default_may_be_left_out() {
    let home = Home::new();
    home.write(
        "till.toml",
        "[terminal]\ncurrency = \"UZS\"\n[octo]\nbase_url = \"https://127.0.0.1:9\"\n\
         client_id = \"a\"\nclient_secret = \"b\"\nuser_id = \"c\"\n",
    );
    assert_eq!(history(&home).status, Some(0));
    assert!(home.path("till.sqlite").exists(), "the journal is beside the configuration");
}

#[test]
fn a_rail_whose_section_is_missing_takes_no_payment() {
    let home = Home::new();
    let (without, _) = RIGHT.split_once("\n[gateway]").unwrap();
    home.write("till.toml", &without.replace("rail = \"octo\"", "rail = \"gateway\""));
    assert_eq!(history(&home).status, Some(0), "what is stored can be read");
    let words = ["pay", "--config", "till.toml", "--json", "--amount", "1", "--purpose", "x"];
    let extras = home.till(&words).answer(4, 6);
    assert!(extras["message"].as_str().unwrap().contains("gateway"), "{extras}");
}

#[test]
fn nothing_is_approved_without_a_configuration() {
    let home = Home::new();
    let words = ["pay", "--json", "--amount", "1", "--purpose", "x"];
    let ran = home.till(&words);
    assert_eq!(ran.answer(4, 6)["dev.till.extra.ADVICE"], "configure");
    let said: Value = serde_json::from_str(ran.err.lines().next().unwrap()).unwrap();
    let usual = home.path(".config/till/till.toml");
    let usual = usual.to_str().unwrap();
    assert!(said["message"].as_str().unwrap().contains(usual), "{said}");
    for words in [
        &["refund", "--amount", "1", "--transaction", "/dev/null"][..],
        &["status", "--request-id", "a"],
        &["cancel", "--request-id", "a"],
        &["settle", "--request-id", "a", "--as", "paid", "--note", "x"],
        &["resume"],
        &["history"],
        &["doctor"],
    ] {
        let ran = home.till(words);
        assert_eq!(ran.status, Some(4), "{words:?}");
        assert!((ran.err + &ran.out).contains(usual), "{words:?}");
    }
    assert!(!home.path(".local").exists(), "and nothing is made");
}

#[test]
fn the_configuration_is_looked_for_in_turn() {
    let home = Home::new();
    let run = |variables: &[(&str, &str)], words: &[&str]| {
        let mut command = home.command(&[&["history"], words].concat());
        command.envs(variables.iter().copied());
        Running::start(command).end()
    };
    let (named, till, xdg) = (home.path("a.toml"), home.path("b.toml"), home.path("x"));
    let paths = [&named, &till, &xdg].map(|path| path.to_str().unwrap().to_owned());
    let all = [("TILL_CONFIG", paths[1].as_str()), ("XDG_CONFIG_HOME", paths[2].as_str())];
    let only_xdg = &all[1..];
    let said = |ran: &Ran, path: &str| {
        assert_eq!(ran.status, Some(4), "{ran:?}");
        assert!(ran.err.contains(path), "{path}: {}", ran.err);
    };
    said(&run(&all, &["--config", "a.toml"]), "--config names a.toml, which is not there");
    said(&run(&all, &[]), "TILL_CONFIG names");
    said(&run(only_xdg, &[]), &format!("{}/till/till.toml is not there", paths[2]));
    said(&run(&[("XDG_CONFIG_HOME", "relative")], &[]), "/.config/till/till.toml is not there");

    home.write(".config/till/device.token", "till-device-token\n");
    home.write(".config/till/till.toml", &RIGHT.replace("T-1", "home"));
    home.write("x/till/till.toml", &RIGHT.replace("id = \"T-1\"", "id = 1"));
    home.write("b.toml", &RIGHT.replace("id = \"T-1\"", "id = 2"));
    home.write("a.toml", &RIGHT.replace("id = \"T-1\"", "id = 3"));
    said(&run(&all, &["--config", "a.toml"]), "a.toml: terminal.id");
    said(&run(&all, &[]), "b.toml: terminal.id");
    said(&run(only_xdg, &[]), "x/till/till.toml: terminal.id");
    assert_eq!(run(&[], &[]).status, Some(0), "the one in the home folder is right");
}

#[test]
fn files_are_found_beside_the_configuration() {
    let home = Home::new();
    let _bank = Bank::new(&home, "journal = \"kept/till.sqlite\"");
    let toml = fs::read_to_string(home.path("till.toml")).unwrap();
    let ca = home.path("ca.pem").display().to_string();
    let toml = toml
        .replace("client_secret = \"sandbox-secret\"", "client_secret_file = \"octo.secret\"")
        .replace(&ca, "ca.pem");
    home.write("shop/till.toml", &toml);
    home.write("shop/octo.secret", "sandbox-secret\n");
    fs::copy(home.path("ca.pem"), home.path("shop/ca.pem")).unwrap();
    let ran = home.till(&["doctor", "--config", "shop/till.toml"]);
    assert_eq!(ran.status, Some(0), "{}", ran.out);
    let words = ["history", "--config", "shop/till.toml"];
    assert_eq!(home.till(&words).status, Some(0));
    assert!(home.path("shop/kept/till.sqlite").exists());

    for (secret, said) in [("", "is empty"), (" \n", "is empty")] {
        home.write("shop/octo.secret", secret);
        let ran = home.till(&words);
        assert_eq!(ran.status, Some(4));
        assert!(ran.err.contains(said), "{}", ran.err);
    }
}

#[test]
fn wrong_usage_is_one_line_and_2() {
    let home = Home::new();
    for words in [
        &[][..],
        &["pya"],
        &["pay", "--amount"],
        &["pay", "--amuont", "1"],
        &["pay", "--auto", "approve", "--amount", "1", "--purpose", "x"],
        &["pay", "--sandbox", "--auto", "perhaps", "--amount", "1", "--purpose", "x"],
        &["status"],
        &["history", "--limit", "many"],
        &["sandbox", "--fault", "explode:perform:1"],
        &["sandbox", "--listen", "8443"],
        &["doctor", "--log", "loud"],
    ] {
        let ran = home.till(words);
        assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""), "{words:?}");
        assert_eq!(ran.err.lines().count(), 1, "{words:?}: {}", ran.err);
        assert!(ran.err.starts_with("till: "), "{}", ran.err);
    }
    for words in [&["--help"][..], &["pay", "--help"], &["--version"]] {
        let ran = home.till(words);
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn the_environment_of_alipayplus_matches_the_banks_host() {
    let home = Home::new();
    home.write("device.token", "till-device-token\n");
    let live = RIGHT.replace("https://127.0.0.1:9", "https://oi-partner.octo.uz");
    let live = live.replace("live = false", "live = true");
    let dev = RIGHT.replace("https://127.0.0.1:9", "https://oi-dev.octo.uz");
    let other = |text: &str| text.replace("env = \"DEV\"", "env = \"PROD\"");
    for (text, wrong) in
        [(&live, true), (&other(&live), false), (&dev, false), (&other(&dev), true)]
    {
        home.write("till.toml", text);
        let ran = history(&home);
        assert_eq!(ran.status, Some(if wrong { 4 } else { 0 }), "{ran:?}");
        assert_eq!(ran.err.contains("alipayplus.env: it must match the host"), wrong, "{ran:?}");
    }
}
