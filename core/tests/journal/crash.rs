//! The memory journal as the simulator crashes it.

use std::sync::{Arc, Mutex};

use till_core::journal::{
    Attempt, Crash, Durability, Entry, Fault, Journal, JournalError, MemoryJournal,
};
use till_core::operation::Operation;

use crate::samples::{approved, doubt, pay, refund, waiting, with};

fn put(
    journal: &mut MemoryJournal,
    operation: &Operation,
    durability: Durability,
) -> Result<(), JournalError> {
    journal.write(&[Entry { operation, event: "test", at_ms: 1 }], durability)
}

/// Makes a journal with two writes that survive a power cut and three that may not.
fn five_writes() -> (MemoryJournal, [Operation; 2]) {
    let mut journal = MemoryJournal::new([1; 16]);
    let (first, second) = (pay(1, "pos", "a"), pay(2, "pos", "b"));
    put(&mut journal, &first, Durability::Kill).unwrap();
    put(&mut journal, &second, Durability::PowerCut).unwrap();
    assert_eq!(journal.unsynced(), 0);
    put(&mut journal, &with(first.clone(), waiting()), Durability::Kill).unwrap();
    put(&mut journal, &refund(3, &second, "pos", "c"), Durability::Kill).unwrap();
    put(&mut journal, &with(first.clone(), approved()), Durability::Kill).unwrap();
    assert_eq!((journal.unsynced(), journal.writes()), (3, 5));
    (journal, [first, second])
}

#[test]
fn a_kill_loses_nothing() {
    let (journal, [first, _]) = five_writes();
    let before = journal.history(9).unwrap();
    let after = journal.survivors(Crash::Kill);
    assert_eq!(after.history(9).unwrap(), before);
    assert_eq!(after.events(&first.id).unwrap().len(), 3);
    assert_eq!((after.unsynced(), after.installation()), (0, journal.installation()));
}

#[test]
fn a_power_cut_loses_the_last_unsynced_writes() {
    let kept = |kept| {
        let (journal, [first, second]) = five_writes();
        let after = journal.survivors(Crash::PowerCut { kept });
        let state = after.get(&first.id).unwrap().unwrap().state;
        let refunds = after.refunds_of(&second.order.external_id).unwrap().len();
        let open = after.open_operations().unwrap().len();
        (state, refunds, open, after.events(&first.id).unwrap().len())
    };
    let new = pay(1, "pos", "a").state;
    assert_eq!(kept(0), (new, 0, 2, 1));
    assert_eq!(kept(1), (waiting(), 0, 2, 2));
    assert_eq!(kept(2), (waiting(), 1, 3, 2));
    assert_eq!(kept(3), (approved(), 1, 2, 3));
    assert_eq!(kept(9), kept(3));
}

#[test]
fn what_a_power_cut_lost_can_be_written_again() {
    let (journal, [_, second]) = five_writes();
    let mut after = journal.survivors(Crash::PowerCut { kept: 0 });
    let back = refund(3, &second, "pos", "c");
    put(&mut after, &back, Durability::PowerCut).unwrap();
    assert_eq!(after.refunds_of(&second.order.external_id).unwrap(), std::slice::from_ref(&back));
    assert_eq!(after.by_external_id(&back.order.external_id).unwrap(), Some(back));
    assert_eq!(after.survivors(Crash::PowerCut { kept: 0 }).history(9).unwrap().len(), 3);
}

#[test]
fn a_crash_before_or_after_a_write_kills_the_process() {
    for (fault, survives) in [(Fault::CrashBefore, false), (Fault::CrashAfter, true)] {
        let mut journal = MemoryJournal::new([1; 16]);
        let first = pay(1, "pos", "a");
        put(&mut journal, &first, Durability::PowerCut).unwrap();
        journal.set_faults(move |attempt| if attempt.write == 2 { fault } else { Fault::None });
        let handle = journal.clone();
        let changed = with(first.clone(), doubt(None, None));
        assert!(put(&mut journal, &changed, Durability::PowerCut).is_err());
        assert!(handle.crashed() && journal.crashed());
        assert!(put(&mut journal, &changed, Durability::PowerCut).is_err());
        assert!(journal.get(&first.id).is_err() && journal.open_operations().is_err());
        let after = handle.survivors(Crash::PowerCut { kept: 0 });
        let expected = if survives { &changed } else { &first };
        assert_eq!(after.get(&first.id).unwrap().as_ref(), Some(expected));
        assert!(!after.crashed() && journal.crashed());
        assert!(put(&mut journal, &first, Durability::Kill).is_err(), "the old handle is dead");
    }
}

#[test]
fn a_full_disk_refuses_one_write_and_takes_the_next() {
    let mut journal = MemoryJournal::new([1; 16]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    journal.set_faults(move |attempt| {
        log.lock().unwrap().push(attempt);
        if attempt.write == 1 { Fault::Full } else { Fault::None }
    });
    let first = pay(1, "pos", "a");
    let refused = put(&mut journal, &first, Durability::PowerCut);
    assert!(matches!(refused, Err(JournalError::Unavailable(_))));
    assert_eq!(journal.history(9).unwrap(), []);
    put(&mut journal, &first, Durability::Kill).unwrap();
    // The plan and the count of writes stay over a crash.
    let mut journal = journal.survivors(Crash::Kill);
    put(&mut journal, &first, Durability::Kill).unwrap();
    let attempt = |write, durability| Attempt { write, durability, entries: 1 };
    let expected = [
        attempt(1, Durability::PowerCut),
        attempt(2, Durability::Kill),
        attempt(3, Durability::Kill),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[test]
fn reads_fail_when_told_to() {
    let mut journal = MemoryJournal::new([1; 16]);
    let first = pay(1, "pos", "a");
    put(&mut journal, &first, Durability::Kill).unwrap();
    let error = JournalError::Damaged("damaged".to_owned());
    journal.set_unreadable(Some(error.clone()));
    assert_eq!(journal.get(&first.id), Err(error.clone()));
    assert_eq!(journal.pays_by_request_id(&first.order.request_id), Err(error));
    journal.set_unreadable(None);
    assert_eq!(journal.get(&first.id), Ok(Some(first)));
}
