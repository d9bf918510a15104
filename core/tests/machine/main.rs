//! The state machine, rule by rule: each test names the rule of the contracts that it holds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod bench;
mod doubt;
mod entry_code;
mod heard;
mod late_money;
mod open;
mod order_code;
mod refunds;
mod relayed;
mod taken;
mod unseen;
