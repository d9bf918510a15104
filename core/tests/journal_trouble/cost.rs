//! What a journal costs: fsyncs by the write, and bytes by the start.

use std::fs;
use std::path::Path;
use std::process::Command;

use till_core::journal::{Durability, Entry, Journal, SqliteJournal};
use till_core::operation::Operation;

use crate::file::{Site, fill, put};
use crate::processes::again;
use crate::samples::{approved, doubt, pay, waiting, with};

/// Counts the fsyncs of a worker's whole life; `None` if nothing here can trace it.
fn fsyncs(operations: u64, durability: &str) -> Option<usize> {
    let site = Site::new();
    let trace = site.folder.path().join("trace");
    let exe = again("cost::worker_pays");
    let ran = Command::new("strace")
        .args(["-f", "-e", "trace=fsync,fdatasync,sync_file_range,syncfs,sync,msync", "-o"])
        .arg(&trace)
        .arg(exe.get_program())
        .args(exe.get_args())
        .env("TILL_JOURNAL", &site.path)
        .env("TILL_OPERATIONS", operations.to_string())
        .env("TILL_DURABILITY", durability)
        .output();
    let ran = match ran {
        Ok(ran) if ran.status.success() => ran,
        Ok(_) | Err(_) => {
            println!("SKIPPED: strace cannot trace here");
            return None;
        }
    };
    assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed"));
    let trace = fs::read_to_string(trace).unwrap();
    assert!(trace.contains("fdatasync("), "SQLite was built to wait for more than the data");
    Some(trace.lines().filter(|line| line.contains("sync(")).count())
}

#[test]
fn a_payment_costs_two_fsyncs_and_a_write_for_a_kill_none() {
    let (Some(ten), Some(eleven)) = (fsyncs(10, "mixed"), fsyncs(11, "mixed")) else { return };
    assert_eq!(eleven - ten, 2);
    assert_eq!(fsyncs(20, "mixed").unwrap() - eleven, 2 * 9);
    assert_eq!(fsyncs(1, "kill"), fsyncs(40, "kill"));
}

/// Writes payments as the engine does: recorded, shown, approved, handed over.
#[test]
#[ignore = "run by another test, as a process of its own"]
fn worker_pays() {
    let Some(path) = std::env::var_os("TILL_JOURNAL") else { return };
    let count: u64 = std::env::var("TILL_OPERATIONS").unwrap().parse().unwrap();
    let mixed = std::env::var("TILL_DURABILITY").unwrap() == "mixed";
    let must = if mixed { Durability::PowerCut } else { Durability::Kill };
    let mut journal = SqliteJournal::open(Path::new(&path), [1; 16]).unwrap();
    for number in 0..count {
        let recorded = pay(number, "pos", &format!("request {number}"));
        let mut ended = with(recorded.clone(), approved());
        put(&mut journal, &recorded, must).unwrap();
        put(&mut journal, &with(recorded, waiting()), Durability::Kill).unwrap();
        put(&mut journal, &ended, must).unwrap();
        ended.handed_over = true;
        put(&mut journal, &ended, Durability::Kill).unwrap();
    }
}

#[test]
fn the_log_does_not_grow_with_each_write_and_holds_what_was_written() {
    let site = Site::new();
    let mut journal = site.open().unwrap();
    let log = site.beside("-wal");
    let length = || fs::metadata(&log).unwrap().len();
    put(&mut journal, &pay(0, "pos", "0"), Durability::PowerCut).unwrap();
    let (reserved, file) = (length(), site.path.metadata().unwrap().len());
    for number in 1..6 {
        put(&mut journal, &pay(number, "pos", "more"), Durability::PowerCut).unwrap();
        assert_eq!(length(), reserved);
    }
    for number in 6..900 {
        put(&mut journal, &pay(number, "pos", "more"), Durability::PowerCut).unwrap();
    }
    assert!(length() < 6_000_000, "{} bytes of log", length());
    assert!(site.path.metadata().unwrap().len() > file, "the log was moved into the file");
    // What a kill leaves: the file, and a log with room at its end.
    let copy = Site::new();
    fs::copy(&site.path, &copy.path).unwrap();
    fs::copy(&log, copy.beside("-wal")).unwrap();
    let found = copy.open().unwrap().verify().unwrap();
    assert_eq!((found.operations, found.open), (900, 900));
}

#[test]
fn a_start_reads_the_same_with_many_operations_as_with_few() {
    let open = with(pay(1_000_000, "pos", "open"), doubt(None, None));
    let read = |count: u64| {
        let site = Site::new();
        let all: Vec<Operation> =
            (0..count).map(|number| with(pay(number, "pos", "a"), approved())).collect();
        fill(&site.path, &all);
        let mut journal = site.open().unwrap();
        let entry = Entry { operation: &open, event: "recorded", at_ms: 1_000 };
        journal.write(&[entry], Durability::PowerCut).unwrap();
        drop(journal);
        let length = site.path.metadata().unwrap().len();
        let ran = again("cost::worker_starts").env("TILL_JOURNAL", &site.path).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        let (_, rest) = said.split_once("read ").unwrap_or_else(|| panic!("{said}"));
        let bytes: u64 = rest.split_whitespace().next().unwrap().parse().unwrap();
        (bytes, length)
    };
    let (few, _) = read(100);
    let (many, length) = read(10_000);
    // The tree is a level or two deeper, and its newest rows lie on more pages.
    assert!(many < few + 24 * 4096, "{many} bytes read, not {few}");
    assert!(length > 20 * many, "{many} bytes read of {length}");
}

#[test]
#[ignore = "run by another test, as a process of its own"]
fn worker_starts() {
    let Some(path) = std::env::var_os("TILL_JOURNAL") else { return };
    let read = || -> u64 {
        let counts = fs::read_to_string("/proc/self/io").unwrap();
        let line = counts.lines().find_map(|line| line.strip_prefix("rchar: "));
        line.unwrap().parse().unwrap()
    };
    let before = read();
    let journal = SqliteJournal::open(Path::new(&path), [1; 16]).unwrap();
    assert_eq!(journal.open_operations().unwrap().len(), 1);
    println!("read {}", read() - before);
}
