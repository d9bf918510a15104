//! The rail of ecommpay: what it sends, and what each answer proves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod callbacks;
mod clarifications;
mod desk;
mod flows_gate;
mod flows_page;
mod flows_refund;
mod hostile;
mod pages;
mod pays;
mod platform;
mod refunds;
mod requests;
mod sales;
mod settings;
mod shown;
mod signatures;
mod storms;
mod support;
mod vectors;
