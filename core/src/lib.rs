//! The core of Till, a payment terminal.
//!
//! It answers one question: was the money moved, and exactly once? ARCHITECTURE.md has the map.

pub mod http;
pub mod id;
pub mod money;
pub mod secret;
pub mod time;

pub mod engine;
pub mod intent;
pub mod journal;
pub mod operation;
pub mod rail;
pub mod settings;
pub mod terminal;
pub mod transport;
