//! What every journal does.

use till_core::id::{ExternalId, OperationId};
use till_core::journal::{
    Durability, Entry, Findings, Journal, JournalError, MOST_OF_A_REQUEST, Sought,
};
use till_core::operation::{Action, Operation};

use crate::bench::Bench;
use crate::samples::{
    all, approved, caller, doubt, pay, refund, refused, request, uzs, waiting, with,
};

fn entry<'a>(operation: &'a Operation, event: &'a str) -> Entry<'a> {
    Entry { operation, event, at_ms: 1_000 }
}

fn put(journal: &mut dyn Journal, operation: &Operation) {
    journal.write(&[entry(operation, "test")], Durability::Kill).unwrap();
}

fn put_all<'a>(journal: &mut dyn Journal, operations: impl IntoIterator<Item = &'a Operation>) {
    let entries: Vec<Entry<'_>> = operations.into_iter().map(|one| entry(one, "test")).collect();
    journal.write(&entries, Durability::PowerCut).unwrap();
}

pub(crate) fn every_state_is_read_as_it_was_written(bench: &mut impl Bench) {
    let all = all();
    for (_, operation) in &all {
        put(bench.journal(), operation);
    }
    for reopened in [false, true] {
        for (name, operation) in &all {
            let journal = bench.journal();
            assert_eq!(journal.get(&operation.id).unwrap().as_ref(), Some(operation), "{name}");
            let found = journal.by_external_id(&operation.order.external_id).unwrap();
            assert_eq!(found.as_ref(), Some(operation), "{name}");
        }
        if !reopened {
            bench.reopen();
        }
    }
}

pub(crate) fn an_operation_changes_in_its_place(bench: &mut impl Bench) {
    let (first, second) = (pay(1, "pos", "a"), pay(2, "pos", "b"));
    put_all(bench.journal(), [&first, &second]);
    let mut changed = with(first.clone(), approved());
    put(bench.journal(), &changed);
    changed.handed_over = true;
    put(bench.journal(), &changed);
    assert_eq!(bench.journal().get(&first.id).unwrap(), Some(changed.clone()));
    assert_eq!(bench.journal().history(9).unwrap(), [second, changed]);
}

pub(crate) fn what_is_not_there_is_not_found(bench: &mut impl Bench) {
    for filled in [false, true] {
        let journal = bench.journal();
        let nobody = OperationId::new("nobody");
        assert_eq!(journal.get(&nobody).unwrap(), None);
        assert_eq!(journal.by_external_id(&ExternalId::new("nothing")).unwrap(), None);
        assert_eq!(journal.by_request(&caller("pos"), Action::Pay, &request("x")).unwrap(), []);
        assert_eq!(journal.pays_by_request_id(&request("x")).unwrap(), []);
        assert_eq!(journal.refunds_of(&ExternalId::new("nothing")).unwrap(), []);
        assert_eq!(journal.events(&nobody).unwrap(), []);
        assert_eq!(journal.damage(), None);
        if !filled {
            assert_eq!(journal.open_operations().unwrap(), []);
            assert_eq!(journal.history(9).unwrap(), []);
            let one = pay(1, "pos", "a");
            put_all(journal, [&one, &refund(2, &one, "pos", "b")]);
        }
    }
}

pub(crate) fn a_request_is_found_by_caller_action_and_id(bench: &mut impl Bench) {
    let first = with(pay(1, "pos", "r"), refused());
    let other_caller = pay(2, "po", "sr");
    let other_action = refund(3, &first, "pos", "r");
    let second = pay(4, "pos", "r");
    let other_id = pay(5, "pos", "R");
    put_all(bench.journal(), [&first, &other_caller, &other_action, &second, &other_id]);
    let journal = bench.journal();
    let found =
        |by: &str, action, id: &str| journal.by_request(&caller(by), action, &request(id)).unwrap();
    assert_eq!(found("pos", Action::Pay, "r"), [second, first]);
    assert_eq!(found("pos", Action::Refund, "r"), [other_action]);
    assert_eq!(found("po", Action::Pay, "sr"), [other_caller]);
    assert_eq!(found("po", Action::Pay, "r"), []);
    assert_eq!(found("po", Action::Refund, "sr"), []);
    assert_eq!(found("pos", Action::Pay, "R"), [other_id]);
}

pub(crate) fn pays_are_found_by_request_id_whoever_asked(bench: &mut impl Bench) {
    let (zoe, abe) = (pay(1, "zoe", "r"), with(pay(2, "abe", "r"), approved()));
    let (back, mia) = (refund(3, &abe, "abe", "r"), pay(4, "mia", "r"));
    put_all(bench.journal(), [&zoe, &abe, &back, &mia, &pay(5, "mia", "other")]);
    let found = bench.journal().pays_by_request_id(&request("r")).unwrap();
    assert_eq!(found, [mia, abe, zoe]);
}

pub(crate) fn a_request_used_for_ever_gives_the_newest_and_the_open(bench: &mut impl Bench) {
    let most = u64::try_from(MOST_OF_A_REQUEST).unwrap();
    let mut all: Vec<Operation> =
        (0..most + 20).map(|number| with(pay(number, "pos", "1"), refused())).collect();
    all[5] = with(pay(5, "pos", "1"), waiting());
    all[7] = with(pay(7, "pos", "1"), doubt(None, None));
    put_all(bench.journal(), &all);
    put_all(bench.journal(), [&pay(1000, "other", "1")]);
    let mut expected: Vec<Operation> = all.iter().rev().take(MOST_OF_A_REQUEST).cloned().collect();
    expected.extend([all[7].clone(), all[5].clone()]);
    let mut of_all = expected.clone();
    of_all.insert(0, pay(1000, "other", "1"));
    of_all.remove(MOST_OF_A_REQUEST);
    for number in 1_001..1_004 {
        let journal = bench.journal();
        let found = journal.by_request(&caller("pos"), Action::Pay, &request("1")).unwrap();
        assert_eq!(found, expected);
        assert_eq!(journal.pays_by_request_id(&request("1")).unwrap(), of_all);
        bench.reopen();
        // Of these and older ones, some are found in another way than others.
        let newest = with(pay(number, "pos", "1"), refused());
        put(bench.journal(), &newest);
        for found in [&mut expected, &mut of_all] {
            found.insert(0, newest.clone());
            found.remove(MOST_OF_A_REQUEST);
        }
    }
}

pub(crate) fn refunds_of_a_payment_come_oldest_first(bench: &mut impl Bench) {
    let (paid, other) = (pay(1, "pos", "a"), pay(2, "pos", "b"));
    let first = with(refund(3, &paid, "pos", "c"), approved());
    let foreign = refund(4, &other, "pos", "d");
    let second = refund(5, &paid, "cli", "e");
    put_all(bench.journal(), [&paid, &other, &first, &foreign, &second]);
    let journal = bench.journal();
    assert_eq!(journal.refunds_of(&paid.order.external_id).unwrap(), [first.clone(), second]);
    assert_eq!(journal.refunds_of(&other.order.external_id).unwrap(), [foreign]);
    assert_eq!(journal.refunds_of(&first.order.external_id).unwrap(), []);
}

pub(crate) fn open_operations_come_oldest_first(bench: &mut impl Bench) {
    let (first, second) = (with(pay(1, "pos", "a"), waiting()), pay(2, "pos", "b"));
    let closed = with(pay(3, "pos", "c"), approved());
    put_all(bench.journal(), [&first, &closed, &second]);
    assert_eq!(bench.journal().open_operations().unwrap(), [first.clone(), second.clone()]);
    put(bench.journal(), &with(first.clone(), approved()));
    assert_eq!(bench.journal().open_operations().unwrap(), std::slice::from_ref(&second));
    bench.reopen();
    let again = with(first, doubt(None, None));
    put(bench.journal(), &again);
    assert_eq!(bench.journal().open_operations().unwrap(), [again, second]);
    let mut open = bench.journal().open_operations().unwrap();
    for (_, sample) in all().into_iter().skip(4) {
        put(bench.journal(), &sample);
        open.extend(sample.is_open().then_some(sample));
        assert_eq!(bench.journal().open_operations().unwrap(), open);
    }
    assert!(open.len() > 5 && open.len() < all().len());
}

pub(crate) fn history_comes_newest_first(bench: &mut impl Bench) {
    let all: Vec<Operation> = (0..5).map(|number| pay(number, "pos", "a")).collect();
    put_all(bench.journal(), &all);
    put(bench.journal(), &all[0]);
    let newest: Vec<Operation> = all.into_iter().rev().collect();
    assert_eq!(bench.journal().history(2).unwrap(), newest[..2]);
    assert_eq!(bench.journal().history(5).unwrap(), newest);
    assert_eq!(bench.journal().history(usize::MAX).unwrap(), newest);
    assert_eq!(bench.journal().history(0).unwrap(), []);
}

/// However old, and whatever came since.
pub(crate) fn a_search_looks_at_everything(bench: &mut impl Bench) {
    let old: Vec<Operation> = ["a", "b", "a"]
        .into_iter()
        .zip(0..)
        .map(|(by, number)| pay(number, by, if number == 0 { "first" } else { "later" }))
        .collect();
    put_all(bench.journal(), &old);
    let many: Vec<Operation> = (10..310).map(|number| pay(number, "c", "later")).collect();
    put_all(bench.journal(), &many);
    let back = refund(400, &old[0], "a", "first");
    put(bench.journal(), &back);
    for reopened in [false, true] {
        let mut find = |by: Option<&str>, id: Option<&str>, limit| {
            let (by, id) = (by.map(caller), id.map(request));
            bench.journal().search(by.as_ref(), id.as_ref(), limit).unwrap()
        };
        let of_a = [&back, &old[2], &old[0]].map(Clone::clone);
        assert_eq!(find(Some("a"), None, 9), of_a);
        assert_eq!(find(Some("a"), None, 2), of_a[..2]);
        assert_eq!(find(Some("b"), None, 9), [old[1].clone()]);
        assert_eq!(find(None, Some("first"), 9), [back.clone(), old[0].clone()]);
        assert_eq!(find(Some("a"), Some("later"), 9), [old[2].clone()]);
        assert_eq!(find(None, Some("later"), usize::MAX).len(), 302);
        assert_eq!(find(Some("c"), Some("later"), 1), [many[299].clone()]);
        assert_eq!(find(Some("nobody"), None, 9), []);
        assert_eq!(find(Some("b"), Some("first"), 9), []);
        if !reopened {
            bench.reopen();
        }
    }
}

pub(crate) fn events_are_numbered_within_the_operation(bench: &mut impl Bench) {
    let (first, second) = (pay(1, "pos", "a"), pay(2, "pos", "b"));
    let told = [(&first, "recorded"), (&second, "noted"), (&first, "told"), (&first, "told")];
    for (at_ms, (operation, event)) in (-1..).zip(told) {
        let entry = Entry { operation, event, at_ms };
        bench.journal().write(&[entry], Durability::Kill).unwrap();
        if at_ms == 1 {
            bench.reopen();
        }
    }
    let events = bench.journal().events(&first.id).unwrap();
    let events: Vec<_> = events.iter().map(|e| (e.number, e.event.as_str(), e.at_ms)).collect();
    assert_eq!(events, [(1, "recorded", -1), (2, "told", 1), (3, "told", 2)]);
    let events = bench.journal().events(&second.id).unwrap();
    assert_eq!((events.len(), events[0].number), (1, 1));
}

pub(crate) fn an_external_id_is_taken_once(bench: &mut impl Bench) {
    let first = pay(1, "pos", "a");
    put(bench.journal(), &first);
    let mut second = pay(2, "pos", "b");
    second.order.external_id = first.order.external_id.clone();
    for _ in 0..2 {
        let refused = bench.journal().write(&[entry(&second, "x")], Durability::PowerCut);
        assert!(matches!(refused, Err(JournalError::Conflict(_))), "{refused:?}");
        bench.reopen();
    }
    assert_eq!(bench.journal().get(&second.id).unwrap(), None);
    assert_eq!(bench.journal().history(9).unwrap(), [first]);
}

pub(crate) fn what_was_ordered_never_changes(bench: &mut impl Bench) {
    let first = pay(1, "pos", "a");
    put(bench.journal(), &first);
    let mut other_sum = with(first.clone(), approved());
    other_sum.order.amount = uzs(1);
    let mut other_name = with(first.clone(), approved());
    other_name.order.external_id = ExternalId::new("other");
    for other in [&other_sum, &other_name] {
        for _ in 0..2 {
            let refused = bench.journal().write(&[entry(other, "x")], Durability::PowerCut);
            assert!(matches!(refused, Err(JournalError::Conflict(_))), "{refused:?}");
            bench.reopen();
        }
    }
    assert_eq!(bench.journal().get(&first.id).unwrap(), Some(first.clone()));
    assert_eq!(bench.journal().events(&first.id).unwrap().len(), 1);
}

pub(crate) fn a_write_is_all_or_nothing(bench: &mut impl Bench) {
    let first = pay(1, "pos", "a");
    put(bench.journal(), &first);
    let changed = with(first.clone(), approved());
    let back = refund(2, &first, "pos", "b");
    let mut wrong = pay(3, "pos", "c");
    wrong.order.external_id = first.order.external_id.clone();
    let entries = [entry(&changed, "x"), entry(&back, "x"), entry(&wrong, "x")];
    for durability in [Durability::Kill, Durability::PowerCut] {
        let refused = bench.journal().write(&entries, durability);
        assert!(matches!(refused, Err(JournalError::Conflict(_))), "{refused:?}");
        let journal = bench.journal();
        assert_eq!(journal.history(9).unwrap(), std::slice::from_ref(&first));
        assert_eq!(journal.open_operations().unwrap(), std::slice::from_ref(&first));
        assert_eq!(journal.refunds_of(&first.order.external_id).unwrap(), []);
        assert_eq!(journal.by_request(&caller("pos"), Action::Refund, &request("b")).unwrap(), []);
        assert_eq!(journal.events(&first.id).unwrap().len(), 1);
    }
    bench.journal().write(&entries[..2], Durability::PowerCut).unwrap();
    bench.reopen();
    assert_eq!(bench.journal().history(9).unwrap(), [back, changed]);
    assert_eq!(bench.journal().verify().unwrap(), Findings { operations: 2, open: 1 });
}

pub(crate) fn one_write_may_change_an_operation_twice(bench: &mut impl Bench) {
    let first = pay(1, "pos", "a");
    let last = with(first.clone(), approved());
    let entries = [entry(&first, "one"), entry(&last, "two")];
    bench.journal().write(&entries, Durability::PowerCut).unwrap();
    assert_eq!(bench.journal().get(&first.id).unwrap(), Some(last));
    assert_eq!(bench.journal().open_operations().unwrap(), []);
    let events = bench.journal().events(&first.id).unwrap();
    assert_eq!(events.iter().map(|event| event.number).collect::<Vec<_>>(), [1, 2]);
    bench.journal().write(&[], Durability::PowerCut).unwrap();
    assert_eq!(bench.journal().verify().unwrap(), Findings { operations: 1, open: 0 });
}

pub(crate) fn everything_is_there_after_reopening(bench: &mut impl Bench) {
    let installation = bench.journal().installation().to_owned();
    assert_eq!(installation, "07070707-0707-4707-8707-070707070707");
    let paid = with(pay(1, "pos", "a"), approved());
    put(bench.journal(), &paid);
    for number in 2..6 {
        bench.reopen();
        assert_eq!(bench.journal().installation(), installation);
        put(bench.journal(), &refund(number, &paid, "pos", "b"));
    }
    bench.reopen();
    assert_eq!(bench.journal().history(9).unwrap().len(), 5);
    assert_eq!(bench.journal().refunds_of(&paid.order.external_id).unwrap().len(), 4);
    assert_eq!(bench.journal().open_operations().unwrap().len(), 4);
    assert_eq!(bench.journal().verify().unwrap(), Findings { operations: 5, open: 4 });
}

pub(crate) fn odd_texts_are_kept(bench: &mut impl Bench) {
    let long = "я".repeat(512);
    let texts =
        ["", " ", "a\0b", "a", "%", "_", "'; DROP TABLE operation; --", "\u{10ffff}", &long];
    for (number, text) in (0..).zip(texts) {
        let operation = pay(number, text, text);
        let entry = Entry { operation: &operation, event: text, at_ms: i64::MIN };
        bench.journal().write(&[entry], Durability::Kill).unwrap();
        let journal = bench.journal();
        let found = journal.by_request(&caller(text), Action::Pay, &request(text)).unwrap();
        assert_eq!(found, std::slice::from_ref(&operation), "{text:?}");
        assert_eq!(journal.pays_by_request_id(&request(text)).unwrap(), found, "{text:?}");
        let event = &journal.events(&operation.id).unwrap()[0];
        assert_eq!((event.event.as_str(), event.at_ms), (text, i64::MIN));
    }
    bench.reopen();
    assert_eq!(bench.journal().verify().unwrap().operations, 9);
}

pub(crate) fn a_whole_check_counts(bench: &mut impl Bench) {
    assert_eq!(bench.journal().verify().unwrap(), Findings { operations: 0, open: 0 });
    let all = all();
    put_all(bench.journal(), all.iter().map(|(_, operation)| operation));
    let open = all.iter().filter(|(_, operation)| operation.is_open()).count();
    let findings = bench.journal().verify().unwrap();
    assert_eq!(findings.operations, u64::try_from(all.len()).unwrap());
    assert_eq!(findings.open, u64::try_from(open).unwrap());
}

pub(crate) fn more_operations_than_it_remembers(bench: &mut impl Bench) {
    let all: Vec<Operation> = (0..3_000).map(|number| pay(number, "pos", "a")).collect();
    for some in all.chunks(500) {
        put_all(bench.journal(), some);
    }
    let ends: Vec<Operation> =
        all.iter().step_by(7).map(|one| with(one.clone(), approved())).collect();
    put_all(bench.journal(), &ends);
    for (one, end) in all.iter().step_by(7).zip(&ends) {
        assert_eq!(bench.journal().get(&one.id).unwrap().as_ref(), Some(end));
        assert_eq!(bench.journal().events(&one.id).unwrap().len(), 2);
    }
    let open = u64::try_from(all.len() - ends.len()).unwrap();
    assert_eq!(bench.journal().verify().unwrap(), Findings { operations: 3_000, open });
}

pub(crate) fn what_a_group_wrote_is_read_at_once_and_is_there_afterwards(bench: &mut impl Bench) {
    let (old, first, second) = (pay(1, "pos", "r"), pay(2, "pos", "r"), pay(3, "po", "r"));
    put(bench.journal(), &old);
    let sought = [(&old, Action::Pay), (&second, Action::Pay), (&old, Action::Refund)];
    let sought: Vec<Sought> = sought
        .into_iter()
        .map(|(one, action)| Sought {
            caller: one.order.caller.clone(),
            action,
            request_id: one.order.request_id.clone(),
        })
        .collect();
    bench.journal().begin_group(&sought);
    put(bench.journal(), &first);
    put(bench.journal(), &second);
    let paid = with(old.clone(), approved());
    put(bench.journal(), &paid);
    let back = refund(4, &paid, "pos", "r");
    put(bench.journal(), &back);
    let end = with(back.clone(), refused());
    put(bench.journal(), &end);
    for ended in [false, true] {
        let journal = bench.journal();
        assert_eq!(journal.get(&old.id).unwrap().as_ref(), Some(&paid));
        assert_eq!(journal.get(&end.id).unwrap().as_ref(), Some(&end));
        let found = journal.by_external_id(&first.order.external_id).unwrap();
        assert_eq!(found.as_ref(), Some(&first));
        let by = |name: &str, action| journal.by_request(&caller(name), action, &request("r"));
        assert_eq!(by("pos", Action::Pay).unwrap(), [first.clone(), paid.clone()]);
        assert_eq!(by("po", Action::Pay).unwrap(), std::slice::from_ref(&second));
        assert_eq!(by("pos", Action::Refund).unwrap(), std::slice::from_ref(&end));
        let pays = [second.clone(), first.clone(), paid.clone()];
        assert_eq!(journal.pays_by_request_id(&request("r")).unwrap(), pays);
        assert_eq!(
            journal.refunds_of(&paid.order.external_id).unwrap(),
            std::slice::from_ref(&end)
        );
        let open = [first.clone(), second.clone()];
        assert_eq!(journal.open_operations().unwrap(), open);
        let newest = [end.clone(), second.clone(), first.clone(), paid.clone()];
        assert_eq!(journal.history(9).unwrap(), newest);
        assert_eq!(journal.history(2).unwrap(), newest[..2]);
        let numbers = |id| {
            let events = journal.events(id).unwrap();
            events.iter().map(|event| event.number).collect::<Vec<_>>()
        };
        assert_eq!((numbers(&old.id), numbers(&end.id)), (vec![1, 2], vec![1, 2]));
        if !ended {
            bench.journal().end_group().unwrap();
            bench.reopen();
        }
    }
    assert_eq!(bench.journal().verify().unwrap(), Findings { operations: 4, open: 2 });
}

pub(crate) fn a_part_of_a_group_that_conflicts_leaves_the_rest(bench: &mut impl Bench) {
    let (first, second) = (pay(1, "pos", "a"), pay(2, "pos", "b"));
    let mut same_name = pay(3, "pos", "c");
    same_name.order.external_id = first.order.external_id.clone();
    let mut other_order = first.clone();
    other_order.order.amount = uzs(1);
    bench.journal().begin_group(&[]);
    put(bench.journal(), &first);
    for wrong in [&same_name, &other_order] {
        let half = [entry(&second, "x"), entry(wrong, "x")];
        let refused = bench.journal().write(&half, Durability::PowerCut);
        assert!(matches!(refused, Err(JournalError::Conflict(_))), "{refused:?}");
        assert_eq!(bench.journal().history(9).unwrap(), std::slice::from_ref(&first));
    }
    put(bench.journal(), &second);
    bench.journal().end_group().unwrap();
    bench.reopen();
    assert_eq!(bench.journal().history(9).unwrap(), [second, first.clone()]);
    assert_eq!(bench.journal().events(&first.id).unwrap().len(), 1);
}

pub(crate) fn a_group_that_never_ended_left_nothing(bench: &mut impl Bench) {
    let (old, new) = (pay(1, "pos", "a"), pay(2, "pos", "b"));
    put(bench.journal(), &old);
    bench.journal().begin_group(&[]);
    put_all(bench.journal(), [&new]);
    put_all(bench.journal(), [&with(old.clone(), approved())]);
    bench.reopen();
    assert_eq!(bench.journal().history(9).unwrap(), std::slice::from_ref(&old));
    assert_eq!(bench.journal().open_operations().unwrap(), [old]);
    assert_eq!(bench.journal().get(&new.id).unwrap(), None);
    bench.journal().begin_group(&[]);
    bench.journal().end_group().unwrap();
    put(bench.journal(), &new);
    bench.reopen();
    assert_eq!(bench.journal().get(&new.id).unwrap(), Some(new));
}
