//! The command line as people and scripts use it: processes of the built program, over TLS, against
//! the sandbox bank.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "till/configuration.rs"]
mod configuration;
#[path = "till/demo.rs"]
mod demo;
#[path = "till/doctor.rs"]
mod doctor;
#[path = "till/ecommpay.rs"]
mod ecommpay;
#[path = "till/gateway.rs"]
mod gateway;
#[path = "till/interrupts.rs"]
mod interrupts;
#[path = "till/journal.rs"]
mod journal;
#[path = "till/pay.rs"]
mod pay;
#[path = "till/people.rs"]
mod people;
#[path = "till/refund.rs"]
mod refund;
#[path = "till/sandbox.rs"]
mod sandbox;
#[path = "till/settle.rs"]
mod settle;
#[path = "till/sharing.rs"]
mod sharing;
#[path = "till/stage.rs"]
mod stage;
#[path = "till/takeover.rs"]
mod takeover;
