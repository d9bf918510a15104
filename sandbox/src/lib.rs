//! The other side of the Till payment terminal: a bank to be tested against.
//!
//! [`octo::Bank`] is a pure model of the bank, written from the bank's own document.

mod call;
mod money;

pub mod octo;

pub use call::Call;
pub use money::{Currency, Money, Rate};
