//! What a process knows of the journal without asking the database.

use std::collections::BTreeMap;

use super::draft::{Draft, Group, Place};
use crate::id::OperationId;
use crate::journal::Sought;
use crate::journal::form::Stored;
use crate::operation::Operation;

/// The most closed operations that are remembered.
const MOST_PLACES: usize = 4_096;

/// Is what a request was found to have.
#[derive(Debug, Default)]
pub(super) struct Found(pub(super) Vec<Stored>);

/// Is what this process knows without asking.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) places: BTreeMap<OperationId, Place>,
    /// The greatest number that was seen or given.
    pub(super) last: i64,
    pub(super) group: Option<Group>,
    /// What the group will look for.
    pub(super) wanted: Vec<Sought>,
    pub(super) foreseen: BTreeMap<Sought, Found>,
    pub(super) damage: Option<String>,
    /// Whether whoever uses the journal was told that it was taken over: only then it may begin
    /// anew.
    pub(super) told_taken_over: bool,
    /// How many places are remembered before the closed ones are forgotten.
    most_places: usize,
}

impl Held {
    /// Remembers where an operation stands. What is open stays: it will be written again.
    pub(super) fn remember(&mut self, stored: &Stored) {
        if self.places.len() >= self.most_places.max(MOST_PLACES) {
            self.places.retain(|_, place| place.open);
            self.most_places = self.places.len().saturating_mul(2);
        }
        self.last = self.last.max(stored.number);
        self.places.insert(stored.operation.id.clone(), Place::of(stored));
    }

    pub(super) fn drafted(&self, id: &OperationId) -> Option<&Draft> {
        self.group.as_ref()?.drafts.get(id)
    }

    pub(super) fn is_drafted(&self, fits: impl Fn(&Operation) -> bool) -> bool {
        let drafts = self.group.iter().flat_map(|group| group.drafts.values());
        drafts.map(|draft| &draft.operation).any(fits)
    }

    pub(super) fn drafts(&self, fits: impl Fn(&Operation) -> bool) -> Vec<Stored> {
        let drafts = self.group.iter().flat_map(|group| group.drafts.values());
        drafts.filter(|draft| fits(&draft.operation)).map(Draft::stored).collect()
    }
}
