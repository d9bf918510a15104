//! What must hold between the answers, the journal and the bank's books.

use std::collections::BTreeMap;

use serde_json::Value;
use till_core::journal::{Journal, Postgres, PostgresJournal};
use till_core::operation::{Action, Operation, State};
use till_core::secret::Secret;
use till_sandbox::octo::{Ledger, Movement};

/// Is what a caller was told last.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) caller: String,
    pub(crate) id: String,
    pub(crate) action: &'static str,
    pub(crate) code: u64,
}

impl Told {
    pub(crate) fn of(caller: &str, id: &str, action: &'static str, answer: &Value) -> Self {
        let code = answer["code"].as_u64().unwrap_or_else(|| panic!("no code: {answer}"));
        Self { caller: caller.to_owned(), id: id.to_owned(), action, code }
    }
}

pub(crate) fn hold(url: &str, ledger: &Ledger, told: &[Told]) {
    let options = Postgres {
        url: Secret::new(url.to_owned()),
        name: "books".to_owned(),
        lease_ms: 60_000,
        patience_ms: 30_000,
        listen: false,
    };
    let journal = PostgresJournal::open(options, [7; 16]).unwrap();
    let findings = journal.verify().unwrap();
    let operations = journal.history(usize::MAX).unwrap();
    assert_eq!(u64::try_from(operations.len()).unwrap(), findings.operations);
    assert_eq!(journal.damage(), None);
    let by_name: BTreeMap<&str, &Operation> =
        operations.iter().map(|one| (one.order.external_id.as_str(), one)).collect();
    assert_eq!(by_name.len(), operations.len());
    for movement in ledger.movements() {
        let id = match movement {
            Movement::Paid { external_id, .. } | Movement::Refunded { external_id, .. } => {
                external_id
            }
        };
        assert!(by_name.contains_key(id.as_str()), "{id} is lost");
    }
    for one in &operations {
        let id = one.order.external_id.as_str();
        assert!(ledger.times_moved(id) <= 1, "{id} was moved twice");
        if one.order.action() == Action::Pay {
            let paid = ledger.paid(id).map_or(0, |sum| sum.amount);
            assert!(ledger.refunded(id) <= paid, "{id}: more went back than was paid");
        }
    }
    let mut by_request: BTreeMap<(&str, &str, &str), Vec<&Operation>> = BTreeMap::new();
    for one in &operations {
        let order = &one.order;
        let key = (order.caller.as_str(), order.request_id.as_str(), order.action().as_str());
        by_request.entry(key).or_default().push(one);
    }
    for one in told {
        let key = (one.caller.as_str(), one.id.as_str(), one.action);
        let stored = by_request.get(&key).map(Vec::as_slice).unwrap_or_default();
        let moved =
            |operation: &&&Operation| ledger.times_moved(operation.order.external_id.as_str()) > 0;
        let moves = stored.iter().filter(moved).count();
        let late = |operation: &&&Operation| matches!(operation.state, State::Late(_));
        let lates = stored.iter().filter(moved).filter(late).count();
        match one.code {
            0 => assert_eq!(moves, 1, "{one:?} was told as done"),
            1 | 2 | 3 | 7 | 9 | 11 => {
                assert_eq!(moves, lates, "{one:?} was told as not done, and is not given back");
            }
            4 => assert!(moves <= 1, "{one:?} is not known"),
            code => panic!("{one:?} was told {code}"),
        }
    }
}
