//! Damage of every kind: refused with a clear word, kept as it is, read as far as it goes.

use std::fs;

use rusqlite::Connection;
use till_core::journal::{Durability, Findings, Journal, JournalError, SqliteJournal};

use crate::file::{Site, bytes, fill, fill_unmoved, mixed, put};
use crate::samples::{approved, pay, with};

fn damaged<T: std::fmt::Debug>(result: Result<T, JournalError>, names: &str) -> String {
    match result {
        Err(JournalError::Damaged(text)) => {
            assert!(text.contains(names), "{text}");
            assert!(text.contains("till.sqlite"), "names the file: {text}");
            text
        }
        other => panic!("{other:?}"),
    }
}

/// Changes a closed journal behind its back.
fn change(site: &Site, sql: &str) {
    let conn = Connection::open(&site.path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    conn.execute_batch(sql).unwrap();
}

#[test]
fn a_cut_file_is_refused_kept_and_read_as_far_as_it_goes() {
    let all = mixed(400);
    let site = Site::new();
    fill(&site.path, &all);
    let whole = bytes(&site.path);
    let half = whole.len() / 2;
    let last_page = whole.len() - 4096;
    for length in [1, 15, 16, 99, 100, 4095, 4096, 8192, half, half + 1, last_page, whole.len() - 1]
    {
        fs::write(&site.path, &whole[..length]).unwrap();
        damaged(site.open(), "bytes are left");
        assert_eq!(bytes(&site.path), whole[..length], "{length}: the file changed");
        let Ok(journal) = SqliteJournal::open_read_only(&site.path) else { continue };
        assert!(journal.damage().is_some(), "{length}");
        let Ok(found) = journal.history(usize::MAX) else { continue };
        let mut rest = all.iter().rev();
        assert!(found.iter().all(|one| rest.any(|other| other == one)), "{length}");
        // The last page holds no operation.
        assert!(found.len() < all.len() || length >= last_page, "{length}");
        if length >= half {
            assert!(found.len() > 100, "{length}: only {} read", found.len());
        }
        assert!(journal.verify().is_err(), "{length}");
    }
}

#[test]
fn an_emptied_file_is_not_a_new_one() {
    let site = Site::new();
    fill(&site.path, &mixed(3));
    fs::write(&site.path, b"").unwrap();
    damaged(site.open(), "empty");
    damaged(SqliteJournal::open_read_only(&site.path), "empty");
    fs::write(site.beside("-wal"), b"anything").unwrap();
    damaged(site.open(), "empty");
    assert_eq!((bytes(&site.path).len(), bytes(&site.beside("-wal")).len()), (0, 8));
}

#[test]
fn a_file_that_is_gone_while_its_log_is_left_is_not_made_anew() {
    let site = Site::new();
    fs::write(site.beside("-wal"), b"anything").unwrap();
    damaged(site.open(), "gone");
    assert!(!site.path.exists());
    assert_eq!(bytes(&site.beside("-wal")), b"anything");
}

#[test]
fn what_is_no_journal_is_refused_and_kept() {
    let site = Site::new();
    let text = "the quick brown fox jumps over the lazy dog. ".repeat(500);
    fs::write(&site.path, &text).unwrap();
    damaged(site.open(), "no journal");
    damaged(SqliteJournal::open_read_only(&site.path), "");
    assert_eq!(bytes(&site.path), text.as_bytes());
    fs::remove_file(&site.path).unwrap();
    change(&site, "CREATE TABLE accounts (sum); INSERT INTO accounts VALUES (1)");
    let before = bytes(&site.path);
    damaged(site.open(), "no journal");
    damaged(SqliteJournal::open_read_only(&site.path), "no journal");
    assert_eq!(bytes(&site.path), before);
}

#[test]
fn a_newer_version_is_refused_and_kept() {
    let site = Site::new();
    fill(&site.path, &mixed(3));
    change(&site, "PRAGMA user_version = 3");
    let before = bytes(&site.path);
    for refused in [site.open(), SqliteJournal::open_read_only(&site.path)] {
        let Err(JournalError::Newer(text)) = refused else { panic!("{refused:?}") };
        assert!(text.contains("update") && text.contains("till.sqlite"), "{text}");
    }
    assert_eq!(bytes(&site.path), before);
}

#[test]
fn a_damaged_open_operation_refuses_the_start() {
    for (column, value) in [
        ("body", "replace(body, '12501', '12500')"),
        ("open", "0"),
        ("caller", "'other'"),
        ("created_ms", "created_ms + 1"),
        ("events", "events + 1"),
        ("payment_external_id", "'x'"),
        ("checksum", "checksum + 1"),
        ("id", "upper(id)"),
    ] {
        let site = Site::new();
        let all = mixed(8);
        assert!(all[1].is_open());
        fill(&site.path, &all);
        change(&site, &format!("UPDATE operation SET {column} = {value} WHERE number = 2"));
        if column == "open" {
            // The index agrees with the column here: only the whole check can tell.
            damaged(site.open().unwrap().verify(), "number 2");
            continue;
        }
        damaged(site.open(), "number 2");
        let journal = SqliteJournal::open_read_only(&site.path).unwrap();
        let expected: Vec<_> = all.iter().rev().filter(|one| *one != &all[1]).cloned().collect();
        assert_eq!(journal.history(9).unwrap(), expected, "{column}");
        assert!(journal.damage().unwrap().contains("1 of its operations"), "{column}");
        assert_eq!(journal.history(2).unwrap(), expected[..2], "{column}");
        damaged(journal.verify(), "number 2");
    }
}

#[test]
fn a_damaged_newest_operation_refuses_the_start_and_the_rest_can_be_read() {
    let all = mixed(40);
    let site = Site::new();
    fill_unmoved(&site.path, &all);
    assert_eq!(site.open().unwrap().verify().unwrap().operations, 40);
    for sql in [
        "UPDATE recent SET body = replace(body, '12538', '12500') WHERE number = 39",
        "UPDATE recent SET story = replace(story, 'test', 'told') WHERE number = 39",
        "UPDATE recent SET story = '' WHERE number = 39",
        "UPDATE recent SET version = 2 WHERE number = 39",
        "UPDATE recent SET number = 103 WHERE number = 39",
        "UPDATE recent SET number = 0 WHERE number = 39",
        "UPDATE recent SET checksum = checksum + 1 WHERE number = 39",
        "UPDATE recent SET number = 0, version = 0, body = '', story = '', checksum = 0 \
         WHERE number = 39",
        "DELETE FROM recent WHERE number = 39",
        "UPDATE recent SET slot = 99 WHERE number = 39",
        "DELETE FROM recent WHERE slot = 50",
        "INSERT INTO recent SELECT 99, number, version, body, story, room, checksum FROM recent \
         WHERE number = 39",
    ] {
        let site = Site::new();
        fill_unmoved(&site.path, &all);
        change(&site, sql);
        let before = bytes(&site.path);
        damaged(site.open(), "");
        assert_eq!(bytes(&site.path), before, "{sql}: the file changed");
        let journal = SqliteJournal::open_read_only(&site.path).unwrap();
        let found = journal.history(99).unwrap();
        assert!(journal.damage().is_some(), "{sql}");
        let mut rest = all.iter().rev();
        assert!(found.iter().all(|one| rest.any(|other| other == one)), "{sql}");
        assert!(found.len() >= 38, "{sql}: only {} read", found.len());
        damaged(journal.get(&all[38].id), "");
        damaged(journal.by_external_id(&all[3].order.external_id), "");
        damaged(journal.verify(), "");
    }
}

#[test]
fn what_stands_in_a_slot_after_the_move_counts_no_more() {
    let site = Site::new();
    let all = mixed(40);
    fill(&site.path, &all);
    // Each is changed where it stands now; its slot tells the old state.
    let ended: Vec<_> = all.iter().map(|one| with(one.clone(), approved())).collect();
    let mut journal = site.open().unwrap();
    for one in &ended {
        put(&mut journal, one, Durability::Kill).unwrap();
    }
    drop(journal);
    let journal = site.open().unwrap();
    assert_eq!(journal.open_operations().unwrap(), []);
    assert_eq!(journal.history(99).unwrap(), ended.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(journal.events(&all[0].id).unwrap().len(), 3);
    journal.verify().unwrap();
}

#[test]
fn a_damage_that_was_found_ends_new_operations_but_not_old_ones() {
    let site = Site::new();
    let all = mixed(20);
    fill(&site.path, &all);
    let (closed, open) = (&all[3], &all[1]);
    assert!(!closed.is_open() && open.is_open());
    change(&site, "UPDATE operation SET body = replace(body, '12503', '99999') WHERE number = 4");
    let mut journal = site.open().unwrap();
    assert_eq!(journal.damage(), None);
    put(&mut journal, &pay(100, "pos", "before"), Durability::PowerCut).unwrap();
    damaged(journal.get(&closed.id), "number 4");
    assert!(journal.damage().unwrap().contains("number 4"));
    damaged(put(&mut journal, &pay(101, "pos", "after"), Durability::PowerCut), "no new operation");
    let order = &closed.order;
    let found = journal.by_request(&order.caller, order.action(), &order.request_id);
    damaged(found, "number 4");
    let ended = with(open.clone(), approved());
    put(&mut journal, &ended, Durability::PowerCut).unwrap();
    assert_eq!(journal.get(&ended.id).unwrap(), Some(ended));
    assert_eq!(journal.history(99).unwrap().len(), 20);
}

#[test]
fn a_form_of_a_newer_till_in_a_row_is_told_as_that() {
    let site = Site::new();
    fill(&site.path, &mixed(8));
    change(&site, "UPDATE operation SET version = 2 WHERE number = 4");
    // Its checksum does not fit: nobody wrote it so.
    damaged(site.open().unwrap().verify(), "number 4");
}

#[test]
fn a_story_with_a_hole_is_damaged() {
    for sql in [
        "DELETE FROM event WHERE operation = 4 AND n = 1",
        "DELETE FROM event WHERE operation = 4 AND n = 2",
        "UPDATE event SET text = 'approved' WHERE operation = 4 AND n = 2",
        "UPDATE event SET at_ms = 0 WHERE operation = 4 AND n = 2",
        "UPDATE event SET n = 3 WHERE operation = 4 AND n = 2",
    ] {
        let site = Site::new();
        let all = mixed(8);
        fill(&site.path, &all);
        change(&site, sql);
        let journal = site.open().unwrap();
        damaged(journal.events(&all[3].id), "number 4");
        assert_eq!(journal.events(&all[4].id).unwrap().len(), 2);
        assert_eq!(journal.get(&all[3].id).unwrap().as_ref(), Some(&all[3]));
        damaged(journal.verify(), "number 4");
    }
    let site = Site::new();
    fill(&site.path, &mixed(8));
    change(&site, "DELETE FROM operation WHERE number = 4");
    damaged(site.open().unwrap().verify(), "");
}

#[test]
fn a_changed_installation_is_damaged_and_the_rest_can_be_read() {
    let site = Site::new();
    let all = mixed(8);
    fill(&site.path, &all);
    change(&site, "UPDATE meta SET value = '00000000-0000-4000-8000-000000000000'");
    damaged(site.open(), "installation");
    let journal = SqliteJournal::open_read_only(&site.path).unwrap();
    assert_eq!((journal.installation(), journal.history(99).unwrap().len()), ("", 8));
    assert!(journal.damage().is_some());
}

#[test]
fn a_missing_index_is_seen_by_the_whole_check() {
    let site = Site::new();
    fill(&site.path, &mixed(8));
    change(&site, "DROP INDEX operation_payment");
    let journal = site.open().unwrap();
    damaged(journal.refunds_of(&mixed(8)[2].order.external_id), "");
    damaged(journal.verify(), "tables");
}

#[test]
fn an_unfinished_making_is_begun_again() {
    let site = Site::new();
    for rest in [".new", ".new-journal", ".new-wal"] {
        fs::write(site.beside(rest), b"half").unwrap();
    }
    let mut journal = site.open().unwrap();
    put(&mut journal, &pay(1, "pos", "a"), Durability::PowerCut).unwrap();
    assert_eq!(journal.verify().unwrap(), Findings { operations: 1, open: 1 });
    assert!(!site.beside(".new").exists());
}
