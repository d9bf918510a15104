//! Till for other languages: the core's terminal behind one call with events as its answers.
//!
//! The records, enums and traits of this crate are the one definition: uniffi makes bindings of
//! them for any of its languages. On Android the same bytes travel through a few JNI natives
//! (the module `jni`), for which `till-bindgen` writes the Kotlin side.
//!
//! Android's library leaves uniffi's own entrances out: nobody there uses them.
//!
//! There is one terminal in a process, and no pointer to it leaves this crate: calls are numbers.
//! No call blocks. Requests go in as intents carry them and answers come out as extras, so that
//! whoever is outside needs no rules of its own.

mod call;
mod config;
mod contract;
mod convert;
mod desk;
#[cfg(feature = "echo")]
mod echo;
mod error;
mod event;
pub mod jni;
#[cfg(target_os = "android")]
mod log;
mod office;
mod qr;
mod rails;
mod refusing;
pub mod wire;

use std::sync::Arc;

pub use call::{Action, Call, Choice, Extra, Intent, MapEntry, NamedExtra, Refused, Target, Word};
pub use config::{Config, EcommpayConfig, GatewayConfig, OctoConfig, PageParameter, PageValue};
pub use error::TillError;
pub use event::{
    Amount, Answer, CodeForm, Event, FormField, HandOver, HandOverTo, Operation, OperationState,
    Stage, StoryLine,
};

uniffi::setup_scaffolding!();

/// Prints of types that hold secrets, or what strangers sent, the name only.
macro_rules! unprinted {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!("[", stringify!($name), "]"))
            }
        }
    )*};
}
unprinted!(Call, Config, Extra, HandOver, HandOverTo, Intent, MapEntry, NamedExtra, OctoConfig);
unprinted!(EcommpayConfig, FormField, GatewayConfig, PageParameter, PageValue, Target, Word);

/// Takes the events of one call, on threads of the terminal; must not block.
#[cfg_attr(not(target_os = "android"), uniffi::export(with_foreign))]
pub trait Listener: Send + Sync {
    /// Takes one event.
    fn event(&self, event: Event);
}

/// Takes customers to the SDK or a browser, on a thread of the terminal; must not block.
#[cfg_attr(not(target_os = "android"), uniffi::export(with_foreign))]
pub trait Bridge: Send + Sync {
    /// Hands over; false if nobody could be: the bank is asked at once what became of it.
    fn hand_over(&self, hand_over: HandOver) -> bool;
}

/// Begins a call and gives its handle. Never blocks; whatever happens, the listener gets one event
/// that ends the call, unless it is cancelled first.
///
/// *Journal:* as the call says. *Thread:* main-safe.
#[cfg_attr(not(target_os = "android"), uniffi::export)]
pub fn start(call: Call, listener: Arc<dyn Listener>) -> i64 {
    desk::start(desk::Asked::Call(Box::new(call)), listener)
}

/// Lets go of a call, of which its listener soon hears no more. What the call began goes on.
///
/// *Journal:* none. *Thread:* main-safe.
#[cfg_attr(not(target_os = "android"), uniffi::export)]
pub fn cancel(handle: i64) {
    desk::cancel(handle);
}

/// Sets who takes customers to the SDK or a browser; counts from the next `Configure` on.
///
/// *Journal:* none. *Thread:* main-safe.
#[cfg_attr(not(target_os = "android"), uniffi::export)]
pub fn set_bridge(bridge: Option<Arc<dyn Bridge>>) {
    office::set_bridge(bridge);
}

/// Gives the number of the interface, to be compared at load.
///
/// *Journal:* none. *Thread:* main-safe.
#[cfg_attr(not(target_os = "android"), uniffi::export)]
pub fn contract() -> i64 {
    contract::CONTRACT
}

/// Gives how many of a sum's last digits stand after the point; -1 for what is no currency.
///
/// *Journal:* none. *Thread:* main-safe.
#[cfg_attr(not(target_os = "android"), uniffi::export)]
pub fn exponent(currency: &str) -> i32 {
    let known: Result<till_core::money::Currency, _> = currency.parse();
    known.map_or(-1, |currency| i32::from(currency.exponent()))
}
