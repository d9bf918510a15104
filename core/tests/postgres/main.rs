//! The journal in PostgreSQL beside other processes: leases, take-over, and a database that goes
//! away at any moment. What every journal does is in the suite of all of them.
#![cfg(feature = "postgres")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod away;
mod damage;
mod proxy;
#[path = "../journal/samples.rs"]
mod samples;
mod shared;

use std::sync::LazyLock;

use till_core::journal::{Durability, Entry, Journal, JournalError, Postgres, PostgresJournal};
use till_core::operation::Operation;
use till_core::secret::Secret;
use till_sandbox::postgres::Server;

/// A server for the tests that do not end it.
fn server() -> &'static Server {
    static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(false).unwrap());
    &SERVER
}

fn options(url: &str, lease_ms: u64) -> Postgres {
    Postgres {
        url: Secret::new(url.to_owned()),
        name: "test".to_owned(),
        lease_ms,
        patience_ms: 60_000,
        listen: true,
    }
}

fn open(url: &str) -> PostgresJournal {
    PostgresJournal::open(options(url, 60_000), [7; 16]).unwrap()
}

fn put(journal: &mut PostgresJournal, operation: &Operation) -> Result<(), JournalError> {
    let entry = Entry { operation, event: "test", at_ms: 1 };
    journal.write(&[entry], Durability::PowerCut)
}

/// Gives the name of the database in an address.
fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}
