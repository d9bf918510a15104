//! A database that goes away: it is waited for, and no write is done twice or believed unseen.

use std::time::Duration;

use till_core::journal::{Durability, Entry, Findings, Journal, JournalError, PostgresJournal};
use till_core::operation::Operation;
use till_sandbox::postgres::Server;

use crate::proxy::Proxy;
use crate::samples::{approved, pay, with};
use crate::{open, options, put, server};

#[test]
fn a_restart_of_the_database_is_waited_out() {
    let mut server = Server::start(false).unwrap();
    let url = server.database().unwrap();
    let mut journal = open(&url);
    let first = pay(1, "pos", "a");
    put(&mut journal, &first).unwrap();
    server.stop().unwrap();
    let restart = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        server.start_again().unwrap();
        server
    });
    let second = pay(2, "pos", "b");
    put(&mut journal, &second).unwrap();
    let server = restart.join().unwrap();
    assert_eq!(journal.history(9).unwrap(), [second.clone(), first]);
    assert_eq!(journal.events(&second.id).unwrap().len(), 1);
    drop(journal);
    drop(server);
}

#[test]
fn a_database_that_stays_away_is_named_and_nothing_is_believed() {
    let mut server = Server::start(false).unwrap();
    let url = server.database().unwrap();
    let mut options = options(&url, 60_000);
    options.patience_ms = 500;
    let mut journal = PostgresJournal::open(options, [7; 16]).unwrap();
    server.stop().unwrap();
    let one = pay(1, "pos", "a");
    let error = put(&mut journal, &one).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("cannot be reached; check that it runs"), "{text}");
    assert!(text.contains("till0 at 127.0.0.1") && !text.contains("postgres://"), "{text}");
    server.start_again().unwrap();
    assert_eq!(journal.get(&one.id).unwrap(), None);
    put(&mut journal, &one).unwrap();
    assert_eq!(journal.verify().unwrap(), Findings { operations: 1, open: 1 });
}

fn marked(operation: &Operation) -> Entry<'_> {
    Entry { operation, event: "test-of-a-lost-answer", at_ms: 1 }
}

#[test]
fn a_write_whose_answer_was_lost_is_there_once() {
    let proxy = Proxy::before(&server().database().unwrap());
    let mut journal = open(&proxy.url);
    for number in 1..=5 {
        let one = pay(number, "pos", "a");
        proxy.lose_an_answer();
        let entries = [marked(&one)];
        journal.write(&entries, Durability::PowerCut).unwrap();
        assert_eq!(u64::from(proxy.answers_lost()), 2 * number - 1, "the answer was lost");
        proxy.lose_an_answer();
        let end = with(one.clone(), approved());
        let entries = [marked(&end)];
        journal.write(&entries, Durability::PowerCut).unwrap();
        assert_eq!(u64::from(proxy.answers_lost()), 2 * number, "the answer was lost");
        assert_eq!(journal.get(&one.id).unwrap(), Some(end));
        assert_eq!(journal.events(&one.id).unwrap().len(), 2);
    }
    assert_eq!(journal.verify().unwrap(), Findings { operations: 5, open: 0 });
}

#[test]
fn what_was_written_outlives_kills_of_the_database_at_any_moment() {
    let mut server = Server::start(false).unwrap();
    let url = server.database().unwrap();
    let mut writer = open(&url);
    let (told, heard) = std::sync::mpsc::channel();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let writing = std::thread::spawn(move || {
        for number in 1.. {
            if stopped.try_recv().is_ok() {
                return (writer, number - 1);
            }
            writer.begin_group(&[]);
            let (one, other) = (pay(2 * number, "pos", "a"), pay(2 * number + 1, "pos", "a"));
            put(&mut writer, &one).unwrap();
            put(&mut writer, &other).unwrap();
            writer.end_group().unwrap();
            put(&mut writer, &with(one, approved())).unwrap();
            told.send(()).unwrap();
        }
        unreachable!()
    });
    for pause_ms in [3, 17, 40] {
        for _ in 0..20 {
            heard.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        std::thread::sleep(Duration::from_millis(pause_ms));
        server.kill().unwrap();
        server.start_again().unwrap();
    }
    stop.send(()).unwrap();
    let (journal, rounds) = writing.join().unwrap();
    assert!(rounds >= 60);
    let expected = Findings { operations: 2 * rounds, open: rounds };
    assert_eq!(journal.verify().unwrap(), expected);
    for number in 1..=rounds {
        let events = |number| journal.events(&pay(number, "pos", "a").id).unwrap().len();
        assert_eq!((events(2 * number), events(2 * number + 1)), (2, 1));
    }
}

#[test]
fn a_wrong_address_or_database_says_what_would_be_right() {
    let refused = |url: &str| {
        let mut options = options(url, 60_000);
        options.patience_ms = 0;
        match PostgresJournal::open(options, [7; 16]) {
            Err(JournalError::Unavailable(text)) => text,
            other => panic!("{other:?}"),
        }
    };
    let text = refused("nonsense");
    assert!(text.contains("it should be like postgres://user:password@host/database"), "{text}");
    let text = refused(&server().address("nowhere"));
    assert!(text.contains("database \"nowhere\" does not exist"), "{text}");
    let latin = "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0";
    server().sql("postgres", latin).unwrap();
    let text = refused(&server().address("latin"));
    assert!(text.contains("make it with ENCODING 'UTF8'"), "{text}");
}
