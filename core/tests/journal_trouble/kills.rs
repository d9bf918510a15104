//! SIGKILL at random moments, and logs torn as a power cut tears them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;
use till_core::journal::{Durability, Entry, Journal, JournalError, SqliteJournal};
use till_core::operation::Operation;

use crate::file::{Site, beside, bytes, mixed, put};
use crate::flips::Dice;
use crate::processes::{Worker, say};
use crate::samples::{approved, doubt, pay, waiting, with};

/// Gives the operation of a number after its nth event.
fn after(number: u64, events: usize) -> Operation {
    let operation = pay(number, "pos", &format!("request {}", number % 9));
    match events {
        1 => operation,
        2 => with(operation, waiting()),
        3 => with(operation, doubt(None, None)),
        _ => with(operation, approved()),
    }
}

/// Writes on and on, and says after each write which operation has how many events now.
#[test]
#[ignore = "run by another test, as a process of its own"]
fn worker_writes() {
    let Some(path) = std::env::var_os("TILL_JOURNAL") else { return };
    let mut journal = SqliteJournal::open(Path::new(&path), [1; 16]).unwrap();
    let mut next = journal.verify().unwrap().operations;
    let mut dice = Dice(next);
    let mut written: BTreeMap<u64, usize> = BTreeMap::new();
    loop {
        let mut numbers = vec![next];
        next += 1;
        if dice.roll(2) == 0 {
            numbers.push(dice.roll(next));
            numbers.dedup();
        }
        let operations: Vec<(u64, usize, Operation)> = numbers
            .into_iter()
            .map(|number| {
                let id = after(number, 1).id;
                let before = written
                    .get(&number)
                    .copied()
                    .unwrap_or_else(|| journal.events(&id).unwrap().len());
                (number, before + 1, after(number, before + 1))
            })
            .collect();
        let entries: Vec<Entry<'_>> = operations
            .iter()
            .map(|(_, _, operation)| Entry { operation, event: "test", at_ms: 1_000 })
            .collect();
        let durability = if dice.roll(8) == 0 { Durability::PowerCut } else { Durability::Kill };
        journal.write(&entries, durability).unwrap();
        let mut line = "worker:".to_owned();
        for (number, events, _) in operations {
            written.insert(number, events);
            line.push_str(&format!(" {number}={events}"));
        }
        say(&line);
    }
}

/// Checks that everything that was said to be written is there, each write whole.
fn check(journal: &SqliteJournal, told: &BTreeMap<u64, usize>) {
    for (number, events) in told {
        let id = after(*number, 1).id;
        let there = journal.events(&id).unwrap().len();
        // One write may have been committed without a word.
        assert!(there == *events || there == *events + 1, "{number}: {there}, told {events}");
        assert_eq!(journal.get(&id).unwrap(), Some(after(*number, there)));
    }
}

#[test]
fn what_was_said_to_be_written_survives_a_kill() {
    let site = Site::new();
    let mut dice = Dice(4_711);
    let mut told: BTreeMap<u64, usize> = BTreeMap::new();
    for cycle in 0..50 {
        let mut worker = Worker::start("kills::worker_writes", &site.path);
        let lines = dice.roll(120);
        let mut here: BTreeMap<u64, usize> = BTreeMap::new();
        let mut note = |line: String| {
            for word in line.split_whitespace() {
                let (number, events) = word.split_once('=').unwrap();
                here.insert(number.parse().unwrap(), events.parse().unwrap());
            }
        };
        for _ in 0..lines {
            note(worker.said("worker:").unwrap());
        }
        worker.child.kill().unwrap();
        while let Some(line) = worker.said("worker:") {
            note(line);
        }
        worker.child.wait().unwrap();
        let journal = site.open().unwrap();
        check(&journal, &here);
        told.extend(here);
        if cycle % 10 == 9 {
            check(&journal, &told);
            journal.verify().unwrap();
        }
    }
    assert!(told.len() > 1_000, "only {} operations", told.len());
}

/// Gives how much of a log was written; the rest is room.
fn written(log: &[u8]) -> usize {
    let frames = log[32..].chunks(4_120).take_while(|frame| frame[..4] != [0; 4]);
    32 + frames.map(<[u8]>::len).sum::<usize>()
}

/// Copies a journal that is in use, its log cut to a length and spoilt after it.
fn torn(site: &Site, log: usize, garbage: &[u8]) -> Site {
    let copy = Site::new();
    fs::copy(&site.path, &copy.path).unwrap();
    let mut bytes = bytes(&site.beside("-wal"))[..log].to_vec();
    bytes.extend_from_slice(garbage);
    fs::write(beside(&copy.path, "-wal"), bytes).unwrap();
    copy
}

#[test]
fn a_power_cut_loses_at_most_what_was_not_meant_to_survive_it() {
    let site = Site::new();
    let all = mixed(30);
    let mut journal = site.open().unwrap();
    for one in &all[..10] {
        put(&mut journal, one, Durability::Kill).unwrap();
    }
    put(&mut journal, &all[10], Durability::PowerCut).unwrap();
    let synced = written(&bytes(&site.beside("-wal")));
    for one in &all[11..] {
        put(&mut journal, one, Durability::Kill).unwrap();
    }
    let whole = written(&bytes(&site.beside("-wal")));
    let mut dice = Dice(99);
    let mut counts = Vec::new();
    for turn in 0..40 {
        let length = match turn {
            0 => synced,
            1 => whole,
            _ => {
                synced + usize::try_from(dice.roll(u64::try_from(whole - synced).unwrap())).unwrap()
            }
        };
        let garbage = vec![[0xa5, 0][turn % 2]; usize::try_from(dice.roll(3)).unwrap() * 4_120];
        let torn = torn(&site, length, &garbage);
        // As somebody finds it who only wants to look, before the next start.
        let found = SqliteJournal::open_read_only(&torn.path).unwrap().history(99).unwrap();
        let journal = torn.open().unwrap();
        assert_eq!(journal.history(99).unwrap(), found);
        let expected: Vec<Operation> = all[..found.len()].iter().rev().cloned().collect();
        assert_eq!(found, expected);
        assert!(found.len() >= 11, "{length}: {}", found.len());
        journal.verify().unwrap();
        counts.push(found.len());
    }
    assert_eq!((counts[0], counts[1]), (11, 30));
}

#[test]
fn a_kill_in_the_middle_of_a_checkpoint_is_no_damage() {
    let site = Site::new();
    let all = mixed(120);
    let mut journal = site.open().unwrap();
    for one in &all {
        put(&mut journal, one, Durability::Kill).unwrap();
    }
    let log = bytes(&site.beside("-wal"));
    // What the file would be in the end, written only in part: its head tells the new size.
    let reached = torn(&site, log.len(), &[]);
    let conn = Connection::open(&reached.path).unwrap();
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(conn);
    let whole = bytes(&reached.path);
    // A checkpoint only ever adds to the file that was there.
    let before = bytes(&site.path).len() / 4096;
    let after = whole.len() / 4096;
    for pages in [before, (before + after) / 2, after - 1] {
        let copy = torn(&site, log.len(), &[]);
        fs::write(&copy.path, &whole[..pages * 4096]).unwrap();
        let journal = copy.open().unwrap();
        assert_eq!(journal.history(999).unwrap().len(), 120, "{pages} pages");
        journal.verify().unwrap();
        drop(journal);
        // The same without the log is a file that was cut.
        fs::write(&copy.path, &whole[..pages * 4096]).unwrap();
        assert!(!copy.beside("-wal").exists());
        assert!(matches!(copy.open(), Err(JournalError::Damaged(_))), "{pages} pages");
    }
}

#[test]
fn a_flipped_bit_in_the_log_never_makes_a_wrong_answer() {
    let site = Site::new();
    let all = mixed(30);
    let mut journal = site.open().unwrap();
    for one in &all {
        put(&mut journal, one, Durability::PowerCut).unwrap();
    }
    let log = bytes(&site.beside("-wal"));
    let mut dice = Dice(5);
    for _ in 0..60 {
        let bit = dice.roll(u64::try_from(written(&log)).unwrap() * 8);
        let byte = usize::try_from(bit / 8).unwrap();
        let copy = torn(&site, byte, &[&[log[byte] ^ (1 << (bit % 8))], &log[byte + 1..]].concat());
        // A spoilt log ends at the spoilt write, as a torn one does.
        let found = match copy.open() {
            Ok(journal) => journal.history(99).unwrap(),
            Err(JournalError::Damaged(_)) => continue,
            Err(other) => panic!("{other:?}"),
        };
        let expected: Vec<Operation> = all[..found.len()].iter().rev().cloned().collect();
        assert_eq!(found, expected, "byte {byte}");
    }
}
