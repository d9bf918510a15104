//! The other side of the Till payment terminal: a bank to be tested against.
//!
//! [`octo::Bank`] is a pure model of the bank, written from the bank's own document. [`Server`]
//! puts it behind HTTPS, with faults on order, and gives its customer a wallet page.

mod call;
mod customer;
mod fault;
mod money;
mod server;
mod wallet;

pub mod octo;

pub use call::Call;
pub use customer::Auto;
pub use fault::{Fault, FaultKind, FaultSyntax, Faults, Plan};
pub use money::{Currency, Money, Rate};
pub use server::{Server, ServerConfig, StartError};
