//! The other side of the Till payment terminal: banks to be tested against.
//!
//! [`octo::Bank`] and [`ecommpay::Platform`] are pure models, each written from its bank's own
//! documents. [`Server`] puts them behind HTTPS, with faults on order, sends ecommpay's callbacks,
//! and gives the customer of both a wallet page.

mod call;
mod certificate;
mod customer;
mod fault;
mod http;
mod ledger;
mod money;
mod server;
mod view;
mod wallet;

pub mod ecommpay;
pub mod octo;
pub mod postgres;

pub use call::Call;
pub use certificate::{Certificate, certificate};
pub use customer::Auto;
pub use fault::{Fault, FaultKind, FaultSyntax, Faults, Plan};
pub use http::{Request, Response};
pub use ledger::{Account, Ledger, Movement};
pub use money::{Currency, Money, Rate};
pub use server::{Server, ServerConfig, StartError};
pub use view::{BankName, Entered, Kind, PaymentView, Refusal, ViewState};
