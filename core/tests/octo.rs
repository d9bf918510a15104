//! The rail of OCTO: what it sends, and what each answer proves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "octo/bank.rs"]
mod bank;
#[path = "octo/compared.rs"]
mod compared;
#[path = "octo/handed_over.rs"]
mod handed_over;
#[path = "octo/hostile.rs"]
mod hostile;
#[path = "octo/proves.rs"]
mod proves;
#[path = "octo/rail.rs"]
mod rail;
#[path = "octo/refunds.rs"]
mod refunds;
#[path = "octo/sends.rs"]
mod sends;
#[path = "octo/support.rs"]
mod support;
#[path = "octo/tokens.rs"]
mod tokens;
#[path = "octo/vectors.rs"]
mod vectors;
