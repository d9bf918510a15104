//! What truly happened to the money, whatever the terminal was told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::money::Money;

/// One movement of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Movement {
    /// A customer paid the merchant.
    Paid {
        /// The payment's external id.
        external_id: String,
        /// What was paid, in the payment's currency.
        #[serde(flatten)]
        sum: Money,
        /// Unix time, ms.
        at_ms: i64,
    },
    /// The merchant gave money back.
    Refunded {
        /// The refund's external id.
        external_id: String,
        /// The external id of the payment that was given back.
        payment_external_id: String,
        /// What was given back, in the payment's currency.
        #[serde(flatten)]
        sum: Money,
        /// Unix time, ms.
        at_ms: i64,
    },
}

impl Movement {
    /// Returns when it was, Unix ms.
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        match self {
            Self::Paid { at_ms, .. } | Self::Refunded { at_ms, .. } => *at_ms,
        }
    }
}

/// All movements in order, and what they come to for each external id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Movement>", into = "Vec<Movement>")]
pub struct Ledger {
    movements: Vec<Movement>,
    accounts: BTreeMap<String, Account>,
}

/// What the movements of one external id, a payment's or a refund's, come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// How often money was moved under this id itself; more than once is the bank's own error.
    pub times: u32,
    /// What was moved under this id, the last time if more than once.
    pub moved: Option<Money>,
    /// For a payment: the sum of its refunds, minor units.
    pub refunded: u64,
}

impl Ledger {
    /// Returns every movement, oldest first.
    #[must_use]
    pub fn movements(&self) -> &[Movement] {
        &self.movements
    }

    /// Returns what was moved under an external id; all zero for an unknown one.
    #[must_use]
    pub fn account(&self, external_id: &str) -> Account {
        self.accounts.get(external_id).copied().unwrap_or_default()
    }

    /// Tells what a payment brought, `None` if it was never paid.
    #[must_use]
    pub fn paid(&self, external_id: &str) -> Option<Money> {
        self.account(external_id).moved
    }

    /// Tells how often money was moved under an external id, a payment's or a refund's.
    #[must_use]
    pub fn times_moved(&self, external_id: &str) -> u32 {
        self.account(external_id).times
    }

    /// Returns the sum of a payment's refunds, minor units.
    #[must_use]
    pub fn refunded(&self, payment_external_id: &str) -> u64 {
        self.account(payment_external_id).refunded
    }

    pub(crate) fn record(&mut self, movement: Movement) {
        self.post(&movement);
        self.movements.push(movement);
    }

    fn post(&mut self, movement: &Movement) {
        match movement {
            Movement::Paid { external_id, sum, .. } => self.count(external_id, *sum),
            Movement::Refunded { external_id, payment_external_id, sum, .. } => {
                self.count(external_id, *sum);
                if let Some(account) = self.accounts.get_mut(payment_external_id) {
                    account.refunded += sum.amount;
                }
            }
        }
    }

    fn count(&mut self, external_id: &str, sum: Money) {
        if let Some(account) = self.accounts.get_mut(external_id) {
            account.times += 1;
            account.moved = Some(sum);
        } else {
            let account = Account { times: 1, moved: Some(sum), refunded: 0 };
            self.accounts.insert(external_id.to_owned(), account);
        }
    }
}

impl From<Vec<Movement>> for Ledger {
    fn from(movements: Vec<Movement>) -> Self {
        let mut ledger = Self::default();
        for movement in &movements {
            ledger.post(movement);
        }
        ledger.movements = movements;
        ledger
    }
}

impl From<Ledger> for Vec<Movement> {
    fn from(ledger: Ledger) -> Self {
        ledger.movements
    }
}
