//! A pure model of ecommpay's platform for Alipay: no clock, no I/O, no randomness of its own.
//!
//! Written from the platform's public documents: the method's description, Gate, the Payment Page,
//! callbacks, the unified codes, and the signature of its PHP SDK.

mod behaviour;
mod clarification;
mod customer;
mod gate;
mod outbox;
mod page;
mod payment;
mod picture;
mod refund;
mod refused;
mod sale;
mod shown;
pub mod signature;
mod timer;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::behaviour::{
    Behaviour, Cancelled, ClarifyBy, Expired, PageBegins, RefundName, Shows,
};
pub use self::outbox::{Callback, CallbackView};
pub use self::refused::Refused;

use self::outbox::Outbox;
use self::payment::Payment;
use self::timer::Timer;
use crate::ledger::Ledger;

/// The platform: its books and how it behaves. Serialize it to keep it between runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Platform {
    behaviour: Behaviour,
    /// payment_id → payment.
    payments: BTreeMap<String, Payment>,
    /// The end of a code's address → payment_id.
    words: BTreeMap<String, String>,
    /// Alipay's order number → payment_id.
    orders: BTreeMap<u64, String>,
    /// The platform's name for a request → payment_id, and when it was made.
    requests: BTreeMap<String, (String, i64)>,
    /// merchant_refund_id → payment_id.
    refunds: BTreeMap<String, String>,
    /// What happens by itself: (when, what).
    timers: BTreeSet<(i64, Timer)>,
    /// What customers may still act on.
    open: BTreeSet<String>,
    ledger: Ledger,
    outbox: Outbox,
    /// The last payments that ended, newest first.
    recent: VecDeque<String>,
    /// How many operations there are.
    operations: u64,
    #[serde(skip)]
    revision: u64,
}

impl Platform {
    /// Opens a platform without any books.
    #[must_use]
    pub fn new(behaviour: Behaviour) -> Self {
        Self { behaviour, ..Self::default() }
    }

    /// Returns how the platform behaves.
    #[must_use]
    pub fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Changes how the platform behaves from now on; what was answered stays answered.
    pub fn set_behaviour(&mut self, behaviour: Behaviour) {
        self.behaviour = behaviour;
        self.touch();
    }

    /// Returns every movement of money. A refund's external id is its `merchant_refund_id`, else
    /// the platform's name for its request.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns a number that grows with every change of the books.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Takes the callbacks that are due at `now_ms`; what becomes of each has to be told to
    /// [`Self::callback_answered`].
    pub fn take_callbacks(&mut self, now_ms: i64) -> Vec<Callback> {
        self.advance(now_ms);
        let taken = self.outbox.take(now_ms);
        if !taken.is_empty() {
            self.touch();
        }
        taken
    }

    /// Learns whether a callback was answered with 200; if not, it is tried again later.
    pub fn callback_answered(&mut self, now_ms: i64, id: u64, ok: bool) {
        self.outbox.answered(now_ms, id, ok, self.behaviour.callback_hurry);
        self.touch();
    }

    /// Holds all callbacks back, or lets them go: in the order of their making, or backwards.
    pub fn hold_callbacks(&mut self, now_ms: i64, hold: bool, backwards: bool) {
        self.outbox.hold(hold, now_ms, backwards);
        self.touch();
    }

    /// Returns the callbacks that were made, oldest first, whether anybody wanted them or not.
    pub fn callbacks(&self) -> impl DoubleEndedIterator<Item = &CallbackView> {
        self.outbox.views()
    }

    /// Returns when something happens by itself next: a timer or a callback, Unix ms.
    #[must_use]
    pub fn next_ms(&self) -> Option<i64> {
        let timer = self.timers.first().map(|(at_ms, _)| *at_ms);
        [timer, self.outbox.next_due_ms()].into_iter().flatten().min()
    }

    /// Signs a JSON object as this project's callbacks are.
    #[must_use]
    pub fn sign(&self, body: Value) -> Value {
        signature::signed(body, &self.behaviour.secret)
    }

    fn touch(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    fn operation_id(&mut self) -> u64 {
        self.operations += 1;
        20_891_000_000_000 + self.operations
    }
}

/// Makes a random word of hexadecimal digits, 16 for each of its `parts`.
fn random_word(entropy: &mut dyn FnMut() -> u64, parts: usize) -> String {
    (0..parts).map(|_| format!("{:016x}", entropy())).collect()
}
