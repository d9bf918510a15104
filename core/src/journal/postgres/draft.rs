//! What a group wrote so far: read at once, sent at its end, in one statement.

use std::collections::BTreeMap;

use crate::id::OperationId;
use crate::journal::form::{self, Columns, Stored};
use crate::journal::{Durability, Entry};
use crate::operation::{Operation, Order};

use super::link::Fail;
use super::text::escape;

/// Is where an operation stands in the database.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) number: i64,
    pub(super) events: u32,
    pub(super) open: bool,
    pub(super) order: Order,
}

/// Is an operation that is to be written.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) number: i64,
    /// How many events it has in the database; `None`: it should not be there yet.
    pub(super) before: Option<u32>,
    pub(super) operation: Operation,
    /// What happened, and when.
    pub(super) told: Vec<(i64, String)>,
}

/// Is what a group wrote so far.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) drafts: BTreeMap<OperationId, Draft>,
    pub(super) durability: Durability,
}

impl Default for Group {
    fn default() -> Self {
        Self { drafts: BTreeMap::new(), durability: Durability::Kill }
    }
}

impl Place {
    pub(super) fn of(stored: &Stored) -> Self {
        Self {
            number: stored.number,
            events: stored.events,
            open: stored.open,
            order: stored.operation.order.clone(),
        }
    }
}

impl Draft {
    pub(super) fn new(number: i64, before: Option<u32>, entry: &Entry<'_>) -> Self {
        let told = vec![(entry.at_ms, entry.event.to_owned())];
        Self { number, before, operation: entry.operation.clone(), told }
    }

    pub(super) fn events(&self) -> u32 {
        let told = u32::try_from(self.told.len()).unwrap_or(u32::MAX);
        self.before.unwrap_or(0).saturating_add(told)
    }

    pub(super) fn stored(&self) -> Stored {
        Stored {
            number: self.number,
            open: self.operation.is_open(),
            events: self.events(),
            operation: self.operation.clone(),
        }
    }
}

/// Gives the payment to which an operation belongs: one process drives all of it.
pub(super) fn family(operation: &Operation) -> String {
    match operation.order.payment() {
        None => escape(operation.id.as_str()),
        Some(payment) if payment.foreign => {
            format!("foreign:{}", escape(payment.external_id.as_str()))
        }
        Some(payment) => escape(payment.id.as_str()),
    }
}

/// Is a group as the parameters of its statement.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) made: Rows,
    pub(super) changed: Rows,
    pub(super) before: Vec<i64>,
    pub(super) families: Vec<String>,
    pub(super) events: Events,
    pub(super) ids: Vec<String>,
    pub(super) sync: bool,
}

/// Is columns of operations.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) number: Vec<i64>,
    pub(super) id: Vec<String>,
    pub(super) caller: Vec<String>,
    pub(super) action: Vec<String>,
    pub(super) request_id: Vec<String>,
    pub(super) external_id: Vec<String>,
    pub(super) payment: Vec<Option<String>>,
    pub(super) open: Vec<i64>,
    pub(super) created_ms: Vec<i64>,
    pub(super) events: Vec<i64>,
    pub(super) version: Vec<i64>,
    pub(super) body: Vec<String>,
    pub(super) checksum: Vec<i64>,
    pub(super) family: Vec<String>,
}

/// Is columns of events.
#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) operation: Vec<i64>,
    pub(super) n: Vec<i64>,
    pub(super) at_ms: Vec<i64>,
    pub(super) text: Vec<String>,
    pub(super) checksum: Vec<i64>,
}

impl Batch {
    pub(super) fn of(group: &Group) -> Result<Self, Fail> {
        let sync = group.durability == Durability::PowerCut;
        let mut batch = Self { sync, ..Self::default() };
        for draft in group.drafts.values() {
            let rows = if draft.before.is_some() { &mut batch.changed } else { &mut batch.made };
            rows.push(draft)?;
            if let Some(before) = draft.before {
                batch.before.push(i64::from(before));
            }
            batch.families.push(family(&draft.operation));
            batch.ids.push(escape(draft.operation.id.as_str()));
            let first = i64::from(draft.before.unwrap_or(0)).saturating_add(1);
            for (n, (at_ms, text)) in (first..).zip(&draft.told) {
                batch.events.push(draft.number, n, *at_ms, text);
            }
        }
        batch.families.sort_unstable();
        batch.families.dedup();
        Ok(batch)
    }
}

impl Rows {
    fn push(&mut self, draft: &Draft) -> Result<(), Fail> {
        let operation = &draft.operation;
        let body = form::body(operation).map_err(Fail::Refused)?;
        let columns = Columns::of(operation, draft.number, draft.events(), &body);
        self.number.push(columns.number);
        self.id.push(escape(columns.id));
        self.caller.push(escape(columns.caller));
        self.action.push(escape(columns.action));
        self.request_id.push(escape(columns.request_id));
        self.external_id.push(escape(columns.external_id));
        self.payment.push(columns.payment_external_id.map(escape));
        self.open.push(columns.open);
        self.created_ms.push(columns.created_ms);
        self.events.push(columns.events);
        self.version.push(columns.version);
        self.checksum.push(columns.checksum());
        self.family.push(family(operation));
        self.body.push(body);
        Ok(())
    }
}

impl Events {
    fn push(&mut self, operation: i64, n: i64, at_ms: i64, text: &str) {
        self.operation.push(operation);
        self.n.push(n);
        self.at_ms.push(at_ms);
        self.text.push(escape(text));
        self.checksum.push(form::event_checksum(operation, n, at_ms, text));
    }
}
