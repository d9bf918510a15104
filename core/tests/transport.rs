//! The transport against servers made by hand, over real sockets on the loopback interface.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "transport/answers.rs"]
mod answers;
#[path = "transport/broken.rs"]
mod broken;
#[path = "transport/calls.rs"]
mod calls;
#[path = "transport/limits.rs"]
mod limits;
#[path = "transport/pki.rs"]
mod pki;
#[path = "transport/proxies.rs"]
mod proxies;
#[path = "transport/secure.rs"]
mod secure;
#[path = "transport/server.rs"]
mod server;
#[path = "transport/settings.rs"]
mod settings;
