//! A pure model of OCTO's Alipay+ acquiring: no clock, no I/O, no randomness of its own.
//!
//! The section numbers in this module are those of the bank's document "Alipay+ integration".

mod answer;
mod behaviour;
mod codes;
mod customer;
mod payment;
mod payments;
mod refund;
mod token;
mod wire;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

pub use self::answer::{Request, Response};
pub use self::behaviour::{
    Action, Behaviour, Cross, Declined, Discount, Expired, Merchant, RefundAnswer, RefundLater,
    RefundMode, RefundSum, Refunded, Repeated, Unscanned,
};
pub use self::customer::{Entered, PaymentView, Refusal, ViewState};
pub use self::payment::Kind;
pub use crate::ledger::{Account, Ledger, Movement};

use self::answer::Refused;
use self::payment::Payment;
use self::refund::Refund;
use crate::call::Call;

/// The bank: its books, its tokens and how it behaves. Serialize it to keep it between runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Bank {
    behaviour: Behaviour,
    /// Token → end of its life, Unix ms.
    tokens: BTreeMap<String, i64>,
    /// External id → payment.
    payments: BTreeMap<String, Payment>,
    /// Issued code → external id.
    codes: BTreeMap<String, String>,
    /// referenceOrderId → external ids, in the order of their perform calls.
    orders: BTreeMap<String, Vec<String>>,
    /// What customers may still act on: (end of life, external id).
    open: BTreeSet<(i64, String)>,
    /// External id → refund.
    refunds: BTreeMap<String, Refund>,
    /// Refunds that end by themselves: (when, external id).
    due: BTreeSet<(i64, String)>,
    ledger: Ledger,
    /// The last payments that customers decided on, newest first.
    recent: VecDeque<String>,
    #[serde(skip)]
    revision: u64,
}

impl Bank {
    /// Opens a bank without any books.
    #[must_use]
    pub fn new(behaviour: Behaviour) -> Self {
        Self { behaviour, ..Self::default() }
    }

    /// Answers one call at `now_ms` (Unix ms); `entropy` makes tokens, codes and payloads.
    pub fn handle(
        &mut self,
        now_ms: i64,
        entropy: &mut dyn FnMut() -> u64,
        request: &Request<'_>,
    ) -> Response {
        self.settle_due(now_ms);
        if !self.admits(request) {
            return Response::forbidden();
        }
        let Some(call) = Call::of_octo_path(request.path) else {
            return Response::not_found();
        };
        if request.method != "POST" {
            return Response::method_not_allowed();
        }
        if call == Call::Token {
            return self.token(now_ms, entropy, request);
        }
        if let Err(refused) = self.authorise(now_ms, request) {
            return Response::refused(&refused);
        }
        let answered = match call {
            Call::GetQrCode => self.get_qr_code(now_ms, entropy, request.body),
            Call::Perform => self.perform(now_ms, entropy, request.body),
            Call::Confirm => self.confirm(now_ms, request.body),
            Call::Process => self.process(now_ms, request.body),
            Call::Refund => return self.refund(now_ms, request.body),
            Call::Token
            | Call::Sale
            | Call::Status
            | Call::Clarification
            | Call::Page
            | Call::Callback => return Response::not_found(),
        };
        answered.unwrap_or_else(|refused| Response::refused(&refused))
    }

    /// Returns how the bank behaves.
    #[must_use]
    pub fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Changes how the bank behaves from now on; what was answered stays answered.
    pub fn set_behaviour(&mut self, behaviour: Behaviour) {
        self.behaviour = behaviour;
        self.touch();
    }

    /// Returns every movement of money.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns a number that grows with every change of the books.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Makes every token that was given out worthless, as a restart of the bank does.
    pub fn revoke_tokens(&mut self) {
        self.tokens.clear();
        self.touch();
    }

    fn admits(&self, request: &Request<'_>) -> bool {
        let list = &self.behaviour.allowed_peers;
        list.is_empty() || request.peer.is_some_and(|peer| list.contains(&peer.to_canonical()))
    }

    fn touch(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }
}

/// Reads a JSON body.
fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refused> {
    serde_json::from_slice(body)
        .map_err(|error| Refused::invalid(format!("Malformed request body: {error}")))
}

/// Makes a random word of small letters and digits, 13 for each of its `parts`.
fn random_word(entropy: &mut dyn FnMut() -> u64, parts: usize) -> String {
    let mut word = String::with_capacity(parts * 13);
    for _ in 0..parts {
        data_encoding::BASE32_DNSSEC.encode_append(&entropy().to_be_bytes(), &mut word);
    }
    word
}
