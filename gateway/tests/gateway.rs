//! The gateway over HTTP, against the sandbox bank: every route, and every refusal.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "gateway/callbacks.rs"]
mod callbacks;
#[path = "gateway/desk.rs"]
mod desk;
#[path = "gateway/operations.rs"]
mod operations;
#[path = "gateway/prescriptions.rs"]
mod prescriptions;
#[path = "gateway/refusals.rs"]
mod refusals;
#[path = "gateway/slow.rs"]
mod slow;
#[path = "gateway/terminals.rs"]
mod terminals;
#[path = "gateway/till.rs"]
mod till;
#[path = "gateway/watching.rs"]
mod watching;
