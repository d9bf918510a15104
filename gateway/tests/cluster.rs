//! Several gateway processes on one PostgreSQL: what one was asked for, any of them does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

#[path = "cluster/address.rs"]
mod address;
#[path = "cluster/away.rs"]
mod away;
#[path = "cluster/fleet.rs"]
mod fleet;
#[path = "cluster/locked.rs"]
mod locked;
#[path = "cluster/together.rs"]
mod together;
