//! The merchant's server: the same core as on a terminal, for terminals that hold no secrets.
//!
//! [`Till`] is all that touches operations; everything else is the way to it: HTTP, tokens, limits.

mod body;
mod cluster;
mod hearing;
pub mod http;
mod hub;
mod limit;
mod metrics;
mod server;
pub mod store;
mod till;
mod tls;

pub use http::App;
pub use limit::Limits;
pub use server::{Server, StartError};
pub use till::Till;
pub use tls::Identity;
