//! What is said of an address that does not work: one line, and never the password.

use std::process::Output;

use crate::fleet::Fleet;
use crate::together::server;

/// Runs a command with another address, and expects it to fail with one line.
fn fails(fleet: &Fleet, words: &[&str], url: &str) -> String {
    let mut command = fleet.command(words);
    let Output { status, stdout, stderr } = command.args(["--database", url]).output().unwrap();
    let text = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(6), "{text}");
    assert!(!text.contains("hunter2") && !text.contains("pass/word"), "{text}");
    assert_eq!((text.lines().count(), text.starts_with("error: ")), (1, true), "{text}");
    assert!(stdout.is_empty() || words == ["check"]);
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_does_not_work_is_told_in_one_line_without_its_password() {
    let fleet = Fleet::start(0, server(), "", "").await;
    let place = fleet.url.split_once('@').unwrap().1.to_owned();
    let (host, name) = place.split_once('/').unwrap();
    let at = |text: &str| format!("postgres://postgres:hunter2@{text}");
    let no_database = fails(&fleet, &["check"], &at(&format!("{host}/nowhere")));
    assert!(no_database.contains("nowhere") && no_database.contains("make it"), "{no_database}");
    let no_server = fails(&fleet, &["token", "list"], &at(&format!("127.0.0.1:1/{name}")));
    assert!(no_server.contains("cannot be reached"), "{no_server}");
    let no_host = fails(&fleet, &["token", "list"], &at(&format!("no-such-host.invalid/{name}")));
    assert!(no_host.contains("no-such-host.invalid"), "{no_host}");
    let unescaped = format!("postgres://postgres:hunter2@pass/word@{place}");
    let wrong = fails(&fleet, &["token", "list"], &unescaped);
    assert!(wrong.contains("postgres://user:password@host/database"), "{wrong}");
    let plain = format!("{}?sslmode=require", at(&place));
    let plain = fails(&fleet, &["token", "list"], &plain);
    assert!(plain.contains("does not speak TLS"), "{plain}");
    server().sql(name, "CREATE ROLE locked LOGIN PASSWORD 'x' CONNECTION LIMIT 0").unwrap();
    let locked = fails(&fleet, &["token", "list"], &format!("postgres://locked:hunter2@{place}"));
    assert!(locked.contains("connections"), "{locked}");
    let checked = fleet.command(&["check"]).output().unwrap();
    let checked = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.contains("journal: 0 operations, 0 open"), "{checked}");
    let newer = "UPDATE till_meta SET value = '9' WHERE key = 'version'";
    server().sql(name, newer).unwrap();
    let newer = fails(&fleet, &["token", "list"], &at(&place));
    assert!(newer.contains("version"), "{newer}");
}
