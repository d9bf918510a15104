//! The SQLite journal in trouble: full disks, missing rights, damage, other processes, kills.
//!
//! Each trouble has a clear error, and nothing is lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(clippy::print_stdout, reason = "a test that cannot run here says so")]

#[path = "journal_trouble/access.rs"]
mod access;
#[path = "journal_trouble/cost.rs"]
mod cost;
#[path = "journal_trouble/damage.rs"]
mod damage;
#[path = "journal_trouble/file.rs"]
mod file;
#[path = "journal_trouble/flips.rs"]
mod flips;
#[path = "journal_trouble/kills.rs"]
mod kills;
#[path = "journal_trouble/processes.rs"]
mod processes;
#[path = "journal/samples.rs"]
mod samples;
#[path = "journal_trouble/space.rs"]
mod space;
