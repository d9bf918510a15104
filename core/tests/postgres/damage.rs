//! A damaged journal refuses new payments, is kept, and is read as far as it goes.

use sha2::{Digest, Sha256};
use till_core::journal::{Journal, JournalError, PostgresJournal};

use crate::samples::{approved, pay, with};
use crate::{name, open, options, put, server};

#[test]
fn a_changed_row_is_found_and_stops_new_payments_only() {
    let url = server().database().unwrap();
    let mut journal = open(&url);
    let (wrong, right) = (pay(1, "pos", "a"), pay(2, "pos", "b"));
    put(&mut journal, &wrong).unwrap();
    put(&mut journal, &right).unwrap();
    let change = format!(
        "UPDATE till_operation SET body = replace(body, '\"sandbox\"', '\"sandbax\"'), \
         created_ms = created_ms + 1 WHERE id = '{}'",
        wrong.id
    );
    server().sql(name(&url), &change).unwrap();
    assert_eq!(journal.damage(), None);
    let found = journal.get(&wrong.id);
    assert!(matches!(found, Err(JournalError::Damaged(_))), "{found:?}");
    assert!(journal.damage().unwrap().contains("the checksum does not fit"));
    let new = put(&mut journal, &pay(3, "pos", "c"));
    assert!(matches!(new, Err(JournalError::Damaged(_))), "{new:?}");
    put(&mut journal, &with(right.clone(), approved())).unwrap();
    assert_eq!(journal.history(9).unwrap(), [with(right, approved())]);
    assert!(matches!(journal.verify(), Err(JournalError::Damaged(_))));
    let rows = server().sql(name(&url), "SELECT count(*) FROM till_operation").unwrap();
    assert_eq!(rows, "2", "nothing is dropped");
}

#[test]
fn every_column_is_under_the_checksum() {
    let url = server().database().unwrap();
    let mut journal = open(&url);
    let one = pay(1, "pos", "a");
    put(&mut journal, &one).unwrap();
    for change in [
        "caller = caller || 'x'",
        "action = 'refund'",
        "request_id = 'b'",
        "external_id = external_id || 'x'",
        "payment_external_id = 'x'",
        "open = 0",
        "events = 2",
        "version = 2",
        "number = number + 1",
    ] {
        let sql = |sql: &str| server().sql(name(&url), sql).unwrap();
        sql("ALTER TABLE till_event DROP CONSTRAINT IF EXISTS till_event_operation_fkey");
        sql("CREATE TABLE kept AS SELECT * FROM till_operation");
        sql(&format!("UPDATE till_operation SET {change}"));
        let found = open(&url).get(&one.id);
        assert!(matches!(found, Err(JournalError::Damaged(_))), "{change}: {found:?}");
        sql("DELETE FROM till_operation; INSERT INTO till_operation SELECT * FROM kept");
        sql("DROP TABLE kept");
    }
    assert_eq!(open(&url).get(&one.id).unwrap(), Some(one.clone()));
    server().sql(name(&url), "UPDATE till_event SET text = 'other'").unwrap();
    assert!(matches!(journal.events(&one.id), Err(JournalError::Damaged(_))));
    server().sql(name(&url), "DELETE FROM till_event").unwrap();
    assert!(matches!(journal.events(&one.id), Err(JournalError::Damaged(_))));
}

#[test]
fn a_newer_version_is_refused_and_kept() {
    let url = server().database().unwrap();
    drop(open(&url));
    let version = |checksum: i64| {
        let sql = format!(
            "UPDATE till_meta SET value = '4', checksum = {checksum} WHERE key = 'version'"
        );
        server().sql(name(&url), &sql).unwrap();
        PostgresJournal::open(options(&url, 60_000), [7; 16]).map(|_| ())
    };
    assert!(matches!(version(7), Err(JournalError::Damaged(_))), "a version that nobody wrote");
    let mut sum = Sha256::new_with_prefix(b"meta");
    for text in ["version", "4"] {
        sum.update(u64::try_from(text.len()).unwrap().to_le_bytes());
        sum.update(text);
    }
    let digest: [u8; 32] = sum.finalize().into();
    let refused = version(i64::from_le_bytes(*digest.first_chunk().unwrap()));
    assert!(matches!(refused, Err(JournalError::Newer(_))), "{refused:?}");
}

#[test]
fn many_processes_may_make_the_tables_at_once() {
    let url = server().database().unwrap();
    let all: Vec<_> = (0..8)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || open(&url).installation().to_owned())
        })
        .collect();
    let mut ids: Vec<String> = all.into_iter().map(|one| one.join().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids, ["07070707-0707-4707-8707-070707070707"]);
}
