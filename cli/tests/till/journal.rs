//! A journal that cannot be used: no money is moved, the file stays, and it can be read as far as
//! it goes.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt, PermissionsExt};

use serde_json::Value;
use till_sandbox::Call;

use super::stage::{Bank, Home, history, is_root, other, pay};

/// Where SQLite keeps the version of a file (sqlite.org/fileformat.html, The Database Header).
const VERSION_AT: u64 = 60;

/// Takes a payment, so that there is a journal.
fn shop() -> (Home, Bank) {
    let home = Home::new();
    let bank = Bank::approving(&home, "");
    home.till(&pay(&["--request-id", "r-1"])).transaction();
    (home, bank)
}

/// Checks that every request is refused with code 10, and that the file stays as it is.
fn refuses(home: &Home, bank: &Bank, said: &str) {
    let before = fs::read(home.path("till.sqlite")).unwrap();
    let calls = bank.server().calls(Call::GetQrCode);
    for words in [
        pay(&[]),
        other("status", &["--request-id", "r-1"]),
        other("status", &["--request-id", "nobody"]),
        other("cancel", &["--request-id", "r-1"]),
    ] {
        let extras = home.till(&words).answer(6, 10);
        assert_eq!(extras["dev.till.extra.ADVICE"], "call_support", "{words:?}");
        assert!(extras["message"].as_str().unwrap().contains(said), "{words:?}: {extras}");
    }
    assert_eq!(home.till(&other("resume", &[])).status, Some(6));
    let doctor = home.till(&other("doctor", &[])).json(4);
    let checks = doctor["checks"].as_array().unwrap();
    let journal = checks.iter().find(|check| check["name"] == "journal").unwrap();
    assert_eq!(journal["ok"], false, "{journal}");
    assert!(journal["message"].as_str().unwrap().contains(said), "{journal}");
    assert!(!journal["advice"].as_str().unwrap().is_empty());
    assert_eq!(fs::read(home.path("till.sqlite")).unwrap(), before, "the file is kept");
    assert_eq!(bank.server().calls(Call::GetQrCode), calls, "the bank was not asked");
}

#[test]
fn a_journal_of_a_newer_till() {
    let (home, bank) = shop();
    let file = OpenOptions::new().write(true).open(home.path("till.sqlite")).unwrap();
    file.write_all_at(&9_999_u32.to_be_bytes(), VERSION_AT).unwrap();
    refuses(&home, &bank, "newer");
    assert_eq!(home.till(&other("history", &[])).status, Some(6));
}

#[test]
fn a_journal_that_was_cut_can_still_be_listed_as_far_as_it_goes() {
    let (home, bank) = shop();
    let path = home.path("till.sqlite");
    let length = fs::metadata(&path).unwrap().len();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(length - 4_096).unwrap();
    refuses(&home, &bank, "till.sqlite");
    let ran = home.till(&other("history", &[]));
    assert_eq!(ran.status, Some(6));
    let line: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(line["operations"].is_array() || line["error"].is_string(), "{line}");
}

#[test]
fn an_emptied_journal_is_not_a_new_one() {
    let (home, bank) = shop();
    fs::write(home.path("till.sqlite"), "").unwrap();
    refuses(&home, &bank, "empty");
}

#[test]
fn a_file_that_is_no_journal() {
    let (home, bank) = shop();
    fs::write(home.path("till.sqlite"), "money: none\n".repeat(100)).unwrap();
    refuses(&home, &bank, "no journal of Till");
}

#[test]
fn a_journal_that_may_not_be_written_can_be_read() {
    if is_root() {
        return;
    }
    let (home, bank) = shop();
    fs::set_permissions(home.path("till.sqlite"), fs::Permissions::from_mode(0o400)).unwrap();
    refuses(&home, &bank, "till.sqlite");
    let ran = home.till(&other("history", &[]));
    assert_eq!(ran.status, Some(6));
    let line: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(line["operations"][0]["request_id"], "r-1", "{line}");
}

#[test]
fn a_folder_in_the_journals_place() {
    let home = Home::new();
    let _bank = Bank::approving(&home, "");
    fs::create_dir(home.path("till.sqlite")).unwrap();
    home.till(&pay(&[])).answer(6, 10);
    let ran = home.till(&other("history", &[]));
    assert_eq!(ran.status, Some(6));
    let line: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(line["error"].as_str().unwrap().contains("till.sqlite"), "{line}");
}

#[test]
fn sandbox_and_real_bank_never_share_a_journal() {
    let (home, _bank) = shop();
    let words = ["pay", "--sandbox", "--journal", "till.sqlite", "--json", "--amount", "1"];
    let words = [&words[..], &["--purpose", "x"]].concat();
    let extras = home.till(&words).answer(4, 6);
    assert!(extras["message"].as_str().unwrap().contains("--sandbox needs one of its own"));

    let words = ["pay", "--sandbox", "--journal", "s.sqlite", "--json", "--amount", "1"];
    home.till(&[&words[..], &["--purpose", "x", "--auto-after", "0"]].concat()).transaction();
    let extras = home.till(&pay(&["--journal", "s.sqlite"])).answer(4, 6);
    assert!(extras["message"].as_str().unwrap().contains("a journal of the sandbox"));
    assert_eq!(history(&home).len(), 1);
}

#[test]
fn history_tells_the_newest_first_and_no_more_than_asked() {
    let (home, _bank) = shop();
    home.till(&pay(&["--request-id", "r-2"])).transaction();
    let rows = history(&home);
    let ids: Vec<&str> = rows.iter().map(|row| row["request_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["r-2", "r-1"]);
    let listed = home.till(&other("history", &["--limit", "1"])).json(0);
    assert_eq!(listed["operations"].as_array().unwrap().len(), 1);
    let row = &rows[1];
    for (key, value) in [
        ("action", Value::from("pay")),
        ("caller", "cli".into()),
        ("amount", 12_500.into()),
        ("currency", "UZS".into()),
        ("purpose", "Coffee".into()),
        ("rail", "octo".into()),
        ("code", 0.into()),
        ("outcome", "approved".into()),
        ("advice", "none".into()),
        ("sandbox", false.into()),
        ("handed_over", true.into()),
    ] {
        assert_eq!(row[key], value, "{key}");
    }
    let story = row["story"].as_array().unwrap();
    assert!(story.len() >= 3 && story[0]["number"] == 1, "{row}");
    assert!(row["created_at"].as_str().unwrap().ends_with('Z'));
}
