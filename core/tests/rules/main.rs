//! The rules of the intents, through the engine: each test names the rule that it holds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod again;
mod calls;
mod desk;
mod endings;
mod groups;
mod journal;
mod known;
mod late;
mod refunds;
mod refunds_again;
mod request_id;
mod starts;
mod status;
mod story;
