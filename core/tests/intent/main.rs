//! The contract of the terminal intents, row by row.

#![allow(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod answers;
mod cases;
mod codes;
mod fixture;
mod hostile;
mod messages;
mod requests;
mod transaction;
mod vectors;
