//! What must hold between the answers, the journal and the bank's books.

use std::collections::BTreeMap;

use till_core::journal::{Journal, Postgres, PostgresJournal};
use till_core::operation::{Action, Operation, State};
use till_core::secret::Secret;
use till_sandbox::octo::{Ledger, Movement};

use crate::terminal::Terminal;

/// Is what a POS was told last.
pub(crate) struct Told {
    pub(crate) terminal: Terminal,
    pub(crate) id: String,
    pub(crate) code: u64,
}

impl Told {
    /// Asks until an outcome that was not known is; one that was known stays.
    pub(crate) async fn settled(mut self) -> Self {
        let now = self.terminal.outcome(&self.id).await;
        assert!(self.code == 4 || now == self.code, "{}: {} became {now}", self.id, self.code);
        self.code = now;
        self
    }
}

/// Compares; gives how often money was moved.
pub(crate) fn hold(url: &str, ledger: &Ledger, told: &[Told]) -> usize {
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
    let by_id: BTreeMap<&str, &Operation> =
        operations.iter().map(|one| (one.id.as_str(), one)).collect();
    for Told { id, code, .. } in told {
        let one = by_id.get(id.as_str()).unwrap_or_else(|| panic!("{id} is lost"));
        let moves = ledger.times_moved(one.order.external_id.as_str());
        let late = u32::from(moves > 0 && matches!(one.state, State::Late(_)));
        match code {
            0 => assert_eq!(moves, 1, "{id} was told as done: {one:?}"),
            1 | 2 | 3 | 7 | 9 => {
                assert_eq!(moves, late, "{id} was told {code}, and is not given back: {one:?}");
            }
            4 => assert!(moves <= 1, "{id} is not known"),
            code => panic!("{id} was told {code}: {one:?}"),
        }
    }
    ledger.movements().len()
}
