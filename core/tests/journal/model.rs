//! Both journals against each other, over random writes.

use proptest::prelude::*;
use till_core::journal::{Durability, Entry, Journal};
use till_core::operation::{Action, Operation, State};

use crate::bench::{Bench, MemoryBench, SqliteBench};
use crate::samples::{all, caller, pay, refund, request, with};

/// More than SQLite keeps among the newest, so that all ways lead from these to the others.
const NUMBERS: u64 = 110;

#[derive(Clone, Debug)]
enum Act {
    Write(Vec<(u64, usize)>, Durability),
    Reopen,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let durability = prop_oneof![4 => Just(Durability::Kill), 1 => Just(Durability::PowerCut)];
    let entries = prop::collection::vec((0..NUMBERS, 0..20_usize), 0..9);
    let act = prop_oneof![
        12 => (entries, durability)
            .prop_map(|(entries, durability)| Act::Write(entries, durability)),
        1 => Just(Act::Reopen),
    ];
    prop::collection::vec(act, 1..40)
}

/// Gives the operation of a number: a third are refunds, few callers and requests are shared, and
/// number 23 wants the external id of number 1.
fn operation(number: u64, state: State) -> Operation {
    let by = ["pos", "cli"][usize::try_from(number % 2).unwrap()];
    let request_id = format!("r{}", number % 5);
    let mut operation = match number {
        23 => pay(23, by, &request_id),
        _ if number % 3 == 2 => refund(number, &pay(number % 6, "pos", "r0"), by, &request_id),
        _ => pay(number, by, &request_id),
    };
    if number == 23 {
        operation.order.external_id = pay(1, "pos", "r1").order.external_id;
    }
    with(operation, state)
}

fn compare(sqlite: &dyn Journal, memory: &dyn Journal) {
    assert_eq!(sqlite.history(999), memory.history(999));
    assert_eq!(sqlite.open_operations(), memory.open_operations());
    assert_eq!(sqlite.verify(), memory.verify());
    for number in 0..NUMBERS {
        let one = operation(number, all()[0].1.state.clone());
        assert_eq!(sqlite.get(&one.id), memory.get(&one.id));
        assert_eq!(sqlite.events(&one.id), memory.events(&one.id));
        let external = &one.order.external_id;
        assert_eq!(sqlite.by_external_id(external), memory.by_external_id(external));
        assert_eq!(sqlite.refunds_of(external), memory.refunds_of(external));
    }
    for id in (0..5).map(|number| request(&format!("r{number}"))) {
        assert_eq!(sqlite.pays_by_request_id(&id), memory.pays_by_request_id(&id));
        for by in ["pos", "cli"].map(caller) {
            for action in [Action::Pay, Action::Refund] {
                let found = sqlite.by_request(&by, action, &id);
                assert_eq!(found, memory.by_request(&by, action, &id));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn both_journals_tell_the_same(acts in acts()) {
        let states = all();
        let (mut sqlite, mut memory) = (SqliteBench::new(), MemoryBench::new());
        for act in acts {
            match act {
                Act::Write(entries, durability) => {
                    let written: Vec<Operation> = entries
                        .into_iter()
                        .map(|(number, state)| operation(number, states[state].1.state.clone()))
                        .collect();
                    let entries: Vec<Entry<'_>> = written
                        .iter()
                        .map(|operation| Entry { operation, event: "test", at_ms: 5 })
                        .collect();
                    let one = sqlite.journal().write(&entries, durability);
                    let other = memory.journal().write(&entries, durability);
                    assert_eq!(one.is_ok(), other.is_ok(), "{one:?}, {other:?}");
                }
                Act::Reopen => {
                    sqlite.reopen();
                    memory.reopen();
                }
            }
        }
        compare(sqlite.journal(), memory.journal());
    }
}
