//! Several processes on one database: each family is driven by one of them at a time.

use std::time::Duration;

use till_core::id::OperationId;
use till_core::journal::{Journal, JournalError, Neighbours, News, Owner, PostgresJournal};

use till_core::time::Clock;

use crate::proxy::Proxy;
use crate::samples::{approved, pay, refund, with};
use crate::{open, options, put, server};

const LEASE_MS: u64 = 4_000;

fn short(url: &str) -> PostgresJournal {
    PostgresJournal::open(options(url, LEASE_MS), [7; 16]).unwrap()
}

/// Waits until the news bring this.
fn hears(news: &mut tokio::sync::mpsc::UnboundedReceiver<News>, what: &News) {
    let clock = Clock::new();
    let until = clock.now().boot_ms + 30_000;
    loop {
        match news.try_recv() {
            Ok(heard) if heard == *what => return,
            Ok(_) => {}
            Err(_) if clock.now().boot_ms > until => panic!("{what:?} is not heard"),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

#[test]
fn what_one_process_drives_is_not_given_to_another() {
    let url = server().database().unwrap();
    let (mut one, other) = (open(&url), open(&url));
    let (first, second) = (pay(1, "pos", "a"), pay(2, "pos", "b"));
    put(&mut one, &first).unwrap();
    put(&mut one, &second).unwrap();
    assert_eq!(other.open_operations().unwrap(), []);
    assert_eq!(one.open_operations().unwrap(), [first.clone(), second.clone()]);
    assert_eq!(other.get(&first.id).unwrap(), Some(first.clone()), "but it can be read");
    drop(one);
    assert_eq!(other.open_operations().unwrap(), [first, second], "who ends in order leaves all");
}

#[test]
fn a_process_cannot_write_what_another_drives() {
    let url = server().database().unwrap();
    let (mut one, mut other) = (open(&url), open(&url));
    let payment = with(pay(1, "pos", "a"), approved());
    put(&mut one, &payment).unwrap();
    let back = refund(2, &payment, "pos", "b");
    for wrong in [&back, &with(pay(1, "pos", "a"), approved())] {
        let refused = put(&mut other, wrong);
        assert!(matches!(refused, Err(JournalError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(other.refunds_of(&payment.order.external_id).unwrap(), []);
    put(&mut one, &back).unwrap();
    assert_eq!(other.refunds_of(&payment.order.external_id).unwrap(), [back]);
    assert_eq!(one.events(&payment.id).unwrap().len(), 1);
}

#[test]
fn what_a_dead_process_drove_is_taken_over() {
    let url = server().database().unwrap();
    let proxy = Proxy::before(&url);
    let (mut dies, mut lives) = (short(&proxy.url), short(&url));
    let mut news = lives.news().unwrap();
    let (payment, other) = (with(pay(1, "pos", "a"), approved()), pay(3, "pos", "c"));
    put(&mut dies, &payment).unwrap();
    let back = refund(2, &payment, "pos", "b");
    put(&mut dies, &back).unwrap();
    put(&mut lives, &other).unwrap();
    proxy.freeze(true);
    hears(&mut news, &News::Orphans);
    assert_eq!(lives.open_operations().unwrap(), [back.clone(), other]);
    put(&mut lives, &with(back, approved())).unwrap();
    proxy.freeze(false);
}

#[test]
fn a_process_that_was_taken_for_dead_writes_nothing_more() {
    let url = server().database().unwrap();
    let proxy = Proxy::before(&url);
    let (mut stopped, mut lives) = (short(&proxy.url), short(&url));
    let mut news = lives.news().unwrap();
    let one = pay(1, "pos", "a");
    put(&mut stopped, &one).unwrap();
    proxy.freeze(true);
    hears(&mut news, &News::Orphans);
    assert_eq!(lives.open_operations().unwrap(), std::slice::from_ref(&one));
    proxy.freeze(false);
    let refused = put(&mut stopped, &with(one.clone(), approved()));
    assert!(matches!(refused, Err(JournalError::TakenOver(_))), "{refused:?}");
    stopped.begin_group(&[]);
    let ended = stopped.end_group();
    assert!(matches!(ended, Err(JournalError::TakenOver(_))), "{ended:?}");
    assert_eq!(lives.events(&one.id).unwrap().len(), 1);
    assert_eq!(stopped.open_operations().unwrap(), [], "it begins anew, with what is free");
    let two = pay(2, "pos", "b");
    put(&mut stopped, &two).unwrap();
    assert_eq!(lives.get(&two.id).unwrap(), Some(two));
}

#[test]
fn a_lease_that_is_renewed_is_never_lost() {
    let url = server().database().unwrap();
    let (mut one, other) = (short(&url), short(&url));
    let operation = pay(1, "pos", "a");
    put(&mut one, &operation).unwrap();
    for _ in 0..10 {
        std::thread::sleep(Duration::from_millis(LEASE_MS / 4));
        assert_eq!(other.open_operations().unwrap(), []);
        one.begin_group(&[]);
        one.end_group().unwrap();
    }
}

#[test]
fn what_came_later_is_newer_whichever_process_wrote_it() {
    let url = server().database().unwrap();
    let mut one = open(&url);
    put(&mut one, &with(pay(1, "pos", "r"), approved())).unwrap();
    drop(one);
    let mut other = open(&url);
    let newest = pay(2, "pos", "r");
    put(&mut other, &newest).unwrap();
    let found =
        other.by_request(&newest.order.caller, newest.order.action(), &newest.order.request_id);
    assert_eq!(found.unwrap()[0], newest);
}

#[test]
fn every_process_hears_of_a_change() {
    let url = server().database().unwrap();
    let (mut one, mut other) = (open(&url), open(&url));
    let (mut here, mut there) = (one.news().unwrap(), other.news().unwrap());
    hears(&mut here, &News::Missed);
    hears(&mut there, &News::Missed);
    let operation = pay(1, "pos", "a");
    put(&mut one, &operation).unwrap();
    let changed = News::Changed(OperationId::new(operation.id.as_str()));
    hears(&mut here, &changed);
    hears(&mut there, &changed);
}

#[test]
fn a_database_without_notify_is_written_all_the_same() {
    let url = server().database().unwrap();
    let mut options = options(&url, 60_000);
    options.listen = false;
    let mut journal = PostgresJournal::open(options, [7; 16]).unwrap();
    let mut news = journal.news().unwrap();
    put(&mut journal, &pay(1, "pos", "a")).unwrap();
    assert_eq!(journal.verify().unwrap().operations, 1);
    assert_eq!(news.try_recv().ok(), None);
}

#[tokio::test]
async fn a_family_is_claimed_once_while_its_owner_lives() {
    let url = server().database().unwrap();
    let (one, other) = (open(&url), open(&url));
    let (here, there) = (one.neighbours(), other.neighbours());
    let family = Neighbours::family_of_new(&OperationId::new("a payment"));
    assert_eq!(here.claim(&family).await.unwrap(), Owner::Me);
    assert_eq!(here.claim(&family).await.unwrap(), Owner::Me);
    assert_eq!(there.claim(&family).await.unwrap(), Owner::Other(here.me()));
    drop(one);
    assert_eq!(there.claim(&family).await.unwrap(), Owner::Me);
}

#[tokio::test]
async fn a_wish_is_answered_by_its_owner_or_comes_back_when_that_dies() {
    let url = server().database().unwrap();
    let (one, mut other) = (open(&url), open(&url));
    let (asks, serves) = (one.neighbours(), other.neighbours());
    let mut news = other.news().unwrap();
    let owner = serves.me();
    let serving = tokio::spawn(async move {
        let mut wishes = Vec::new();
        // A process that is not listened to yet looks by itself, as a gateway does.
        while wishes.is_empty() {
            let _heard_or_not = tokio::time::timeout(Duration::from_secs(1), news.recv()).await;
            wishes = serves.wishes(&[]).await.unwrap();
        }
        assert_eq!((wishes.len(), wishes[0].request.as_str()), (1, "cancel \0 \\"));
        serves.answer(wishes[0].id, "done \0").await.unwrap();
        assert_eq!(serves.wishes(&[]).await.unwrap(), []);
    });
    let patience = Duration::from_secs(30);
    let answer = asks.ask(owner, "cancel \0 \\", patience).await.unwrap();
    assert_eq!(answer.as_deref(), Some("done \0"));
    serving.await.unwrap();
    let silent = asks.ask(owner, "more", Duration::from_millis(10)).await;
    assert!(matches!(silent, Err(JournalError::Unavailable(_))), "{silent:?}");
    let asking = tokio::spawn(async move { asks.ask(owner, "more", patience).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(other);
    assert_eq!(asking.await.unwrap().unwrap(), None);
    let left = server().sql(crate::name(&url), "SELECT count(*) FROM till_wish").unwrap();
    assert_eq!(left, "0");
}
