//! What was once written is read for ever: the stored forms and the stored files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;

use rusqlite::Connection;
use till_core::journal::{Durability, Entry, Findings, Journal, SqliteJournal};
use till_core::operation::{Choice, Kind, NoReason, Operation, State, Story, Told};

use crate::samples::{all, approved, pay, with};

/// The version of the file that this Till writes.
const VERSION: u32 = 2;

/// The form of the bodies in it that this Till writes.
const FORM: u32 = 1;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals")
}

fn bless() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Reads a stored file, or makes it of what there is now if that was asked for.
fn stored(name: &str, now: &str) -> String {
    let path = folder().join(name);
    if bless() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, now).unwrap();
    }
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_operation_has_its_stored_form() {
    let mut names = BTreeSet::new();
    for (name, operation) in all() {
        let now = format!("{}\n", serde_json::to_string_pretty(&operation).unwrap());
        let stored = stored(&format!("forms/{FORM}/{name}.json"), &now);
        assert_eq!(now, stored, "{name}: the form on disk changed (tests/journals/README.md)");
        assert_eq!(serde_json::from_str::<Operation>(&stored).unwrap(), operation, "{name}");
        names.insert(format!("{name}.json"));
    }
    let files = fs::read_dir(folder().join(format!("forms/{FORM}"))).unwrap();
    let files: BTreeSet<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, names);
}

/// Says every word that can stand in a body; a new one does not compile until it is listed, and
/// what is listed must be in a sample.
#[test]
fn no_state_is_without_a_sample() {
    let mut seen = BTreeSet::new();
    for (_, operation) in all() {
        seen.extend(words(&operation));
    }
    let expected = [
        "creating",
        "waiting",
        "closing",
        "in doubt",
        "approved",
        "not paid",
        "refused",
        "closed",
        "late",
        "kept",
        "handed over",
        "other sum",
        "cancelled",
        "expired",
        "unknown",
        "no connection",
        "declined",
        "by customer",
        "nobody",
        "given back",
        "settled",
        "refunding",
        "refunded",
        "failed",
        "reported",
        "pay",
        "refund",
    ];
    assert_eq!(seen, BTreeSet::from(expected));
}

fn words(operation: &Operation) -> Vec<&'static str> {
    let mut words = match &operation.state {
        State::Creating(_) => vec!["creating"],
        State::Waiting(_) => vec!["waiting"],
        State::Closing(closing) => vec!["closing", told(closing.told)],
        State::InDoubt(doubt) => {
            let choice = doubt.choice.map(|choice| match choice {
                Choice::GoodsKept => "kept",
                Choice::GoodsHandedOver => "handed over",
            });
            ["in doubt"].into_iter().chain(choice).chain(doubt.intent.map(told)).collect()
        }
        State::Approved(_) => vec!["approved"],
        State::NotPaid(not_paid) => {
            let reason = match &not_paid.reason {
                NoReason::Declined(_) => "declined",
                NoReason::Cancelled => "by customer",
                NoReason::Expired => "nobody",
                NoReason::GivenBack => "given back",
                NoReason::Settled(_) => "settled",
            };
            ["not paid", reason].into_iter().chain(not_paid.told.map(told)).collect()
        }
        State::Refused(_) => vec!["refused"],
        State::Closed(closed) => vec!["closed", told(closed.told)],
        State::Late(late) => {
            let story = match late.story {
                Story::Refunding => "refunding",
                Story::Refunded => "refunded",
                Story::RefundFailed => "failed",
                Story::Reported => "reported",
            };
            vec!["late", told(late.told), story]
        }
    };
    words.push(match &operation.order.kind {
        Kind::Pay { .. } => "pay",
        Kind::Refund { .. } => "refund",
    });
    words
}

fn told(told: Told) -> &'static str {
    match told {
        Told::OtherSum => "other sum",
        Told::Cancelled => "cancelled",
        Told::Expired => "expired",
        Told::Unknown => "unknown",
        Told::NoConnection => "no connection",
    }
}

/// Gives the stored journal of a version, or makes the newest one if that was asked for.
fn stored_journal(version: u32) -> PathBuf {
    static BLESSED: Once = Once::new();
    let path = folder().join(format!("v{version}.sqlite"));
    if bless() && version == VERSION {
        BLESSED.call_once(|| {
            let scratch = tempfile::tempdir().unwrap();
            let made = scratch.path().join("made.sqlite");
            let journal = fill(&made);
            // As a kill leaves it: the newest operations are not moved yet.
            let conn = Connection::open(&made).unwrap();
            conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
            fs::copy(made, &path).unwrap();
            drop(journal);
        });
    }
    path
}

/// Writes all samples, each with two events.
fn fill(path: &Path) -> SqliteJournal {
    let mut journal = SqliteJournal::open(path, [0x5a; 16]).unwrap();
    for (name, operation) in all() {
        let recorded = with(operation.clone(), pay(0, "", "").state);
        let first = Entry { operation: &recorded, event: "recorded", at_ms: 1_000 };
        let second = Entry { operation: &operation, event: name, at_ms: 2_000 };
        journal.write(&[first, second], Durability::PowerCut).unwrap();
    }
    journal
}

#[test]
fn a_stored_journal_of_every_version_opens_and_reads_the_same() {
    let scratch = tempfile::tempdir().unwrap();
    for version in 1..=VERSION {
        let path = scratch.path().join("copy.sqlite");
        fs::copy(stored_journal(version), &path).unwrap();
        let mut journal = SqliteJournal::open(&path, [0; 16]).unwrap();
        check(&journal);
        let one = pay(900, "pos", "new");
        let entry = Entry { operation: &one, event: "recorded", at_ms: 3_000 };
        journal.write(&[entry], Durability::PowerCut).unwrap();
        let (_, old) = &all()[3];
        let ended = with(old.clone(), approved());
        let entry = Entry { operation: &ended, event: "approved", at_ms: 4_000 };
        journal.write(&[entry], Durability::PowerCut).unwrap();
        drop(journal);
        let journal = SqliteJournal::open(&path, [0; 16]).unwrap();
        assert_eq!(journal.get(&one.id).unwrap(), Some(one));
        assert_eq!(journal.get(&ended.id).unwrap(), Some(ended));
        journal.verify().unwrap();
    }
}

#[test]
fn a_journal_of_the_newest_version_can_be_only_read() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("copy.sqlite");
    let stored = stored_journal(VERSION);
    fs::copy(&stored, &path).unwrap();
    let mut journal = SqliteJournal::open_read_only(&path).unwrap();
    check(&journal);
    let one = pay(900, "pos", "new");
    let entry = Entry { operation: &one, event: "recorded", at_ms: 3_000 };
    assert!(journal.write(&[entry], Durability::Kill).is_err());
    drop(journal);
    assert_eq!(fs::read(path).unwrap(), fs::read(stored).unwrap());
}

fn check(journal: &SqliteJournal) {
    let all = all();
    assert_eq!(journal.installation(), "5a5a5a5a-5a5a-4a5a-9a5a-5a5a5a5a5a5a");
    let open: Vec<Operation> =
        all.iter().filter(|(_, one)| one.is_open()).map(|(_, one)| one.clone()).collect();
    assert_eq!(journal.open_operations().unwrap(), open);
    for (name, operation) in &all {
        assert_eq!(journal.get(&operation.id).unwrap().as_ref(), Some(operation), "{name}");
        let events = journal.events(&operation.id).unwrap();
        let events: Vec<_> = events.iter().map(|e| (e.number, e.event.as_str(), e.at_ms)).collect();
        assert_eq!(events, [(1, "recorded", 1_000), (2, name, 2_000)]);
    }
    let count = |length: usize| u64::try_from(length).unwrap();
    let findings = Findings { operations: count(all.len()), open: count(open.len()) };
    assert_eq!(journal.verify().unwrap(), findings);
}
