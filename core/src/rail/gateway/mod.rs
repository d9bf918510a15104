//! A merchant's gateway: a terminal without secrets. The gateway runs the same machine with the
//! acquirers behind it; this rail gives it orders, shows what it says, and tells it what was told.

mod read;
mod request;
mod settings;
pub mod wire;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use settings::GatewaySettings;

use super::{Call, Rail, TokenVerdict};
use crate::http::{HttpRequest, HttpResponse, NoAnswer};
use crate::id::RailId;
use crate::operation::{Ask, Blame, Code, Order, Pace, Pauses, Receipt, Rules, Silence, Verdict};
use crate::secret::Secret;
use crate::time::Now;

/// Speaks a gateway's API.
#[derive(Clone, Debug)]
pub struct Gateway {
    id: RailId,
    settings: GatewaySettings,
}

impl Gateway {
    /// The name of this rail in configuration and journal.
    pub const ID: &str = "gateway";

    /// Makes the rail.
    ///
    /// # Errors
    /// What [`GatewaySettings::check`] finds.
    pub fn new(settings: GatewaySettings) -> Result<Self, Vec<String>> {
        let wrong = settings.check();
        let id = RailId::new(Self::ID);
        if wrong.is_empty() { Ok(Self { id, settings }) } else { Err(wrong) }
    }

    /// Makes the rail to one acquirer of the gateway, whichever `settings` name; its own name is
    /// [`Gateway::id_of`] that one.
    ///
    /// # Errors
    /// What [`GatewaySettings::check`] finds.
    pub fn to(settings: GatewaySettings, acquirer: &RailId) -> Result<Self, Vec<String>> {
        let rail = Some(acquirer.to_string());
        let gateway = Self::new(GatewaySettings { rail, ..settings })?;
        Ok(Self { id: Self::id_of(acquirer), ..gateway })
    }

    /// Names the way to an acquirer of the gateway: never what an acquirer of the terminal's own is
    /// called, since whoever goes on with an operation must ask where it was begun.
    pub fn id_of(acquirer: &RailId) -> RailId {
        RailId::new(format!("{}:{acquirer}", Self::ID))
    }

    /// Tells whether a rail of this name is a way to a gateway.
    pub fn leads_to(rail: &RailId) -> bool {
        let rest = rail.as_str().strip_prefix(Self::ID);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    /// Gives the settings.
    pub fn settings(&self) -> &GatewaySettings {
        &self.settings
    }
}

impl Rail for Gateway {
    fn id(&self) -> RailId {
        self.id.clone()
    }

    fn check(&self, order: &Order, bridge: bool) -> Result<(), (Blame, String)> {
        if order.code_value().is_some() && !bridge {
            let message = "a scanned code needs the Alipay+ SDK bridge, and none is configured";
            return Err((Blame::Configuration, message.to_owned()));
        }
        Ok(())
    }

    fn rules(&self, terminal: &Rules) -> Rules {
        const SECOND: u64 = 1_000;
        let each = |ms| Pauses { first_ms: ms, early_ms: ms, until_ms: 0, late_ms: ms };
        Rules {
            wait_ms: terminal.wait_ms.saturating_add(Rules::LONGER_MS),
            // Only the gateway gives late money back: it knows what all terminals were told.
            give_back: false,
            refund_window_ms: terminal.refund_window_ms.min(Rules::REFUND_WINDOW_MS),
            refund_inquiry: true,
            declined_is_payable: false,
            unknown_life_ms: Code::UNKNOWN_LIFE_MS,
            // The gateway itself waits with its answer until there is news.
            pace: Pace {
                poll: each(300),
                retry: each(3 * SECOND),
                watch_ms: 60 * SECOND,
                grace_ms: 120 * SECOND,
            },
            end: Silence { after_ms: u64::MAX, apart_ms: 0 },
            lost: Some(Silence { after_ms: u64::MAX, apart_ms: 0 }),
            relayed: true,
            comes_back: false,
        }
    }

    fn token_request(&self) -> Option<HttpRequest> {
        None
    }

    fn read_token(&self, _answer: &Result<HttpResponse, NoAnswer>) -> TokenVerdict {
        TokenVerdict::Refused("a gateway has no token calls: each call carries its own".to_owned())
    }

    fn without_call(&self, call: &Call<'_>, _rules: &Rules, now: &Now) -> Option<Verdict> {
        // Whether the payment of another terminal stands is asked by the gateway.
        (call.ask == Ask::Payment).then(|| {
            Verdict::Paid(Receipt {
                paid: call.order.amount,
                ordered: None,
                payment: None,
                withdrawal: None,
                at_ms: now.wall_ms,
                settled: None,
                relayed: None,
            })
        })
    }

    fn judges_receipts(&self) -> bool {
        true
    }

    fn sandbox(&self) -> bool {
        self.settings.sandbox
    }

    fn call(&self, _order: &Order, _code: Option<&Code>, ask: Ask) -> &'static str {
        match ask {
            Ask::Create => "order",
            Ask::Close => "close",
            Ask::Poll | Ask::Inquire | Ask::Watch | Ask::Payment => "look",
        }
    }

    fn request(&self, call: &Call<'_>) -> HttpRequest {
        request::request(&self.settings, call)
    }

    fn read(
        &self,
        call: &Call<'_>,
        answer: &Result<HttpResponse, NoAnswer>,
        _wall_ms: i64,
    ) -> Verdict {
        read::read(call, answer)
    }

    fn mac_key(&self) -> Secret<Vec<u8>> {
        // EXPOSE: the key is derived from it and does not give it back.
        let token = self.settings.token.expose().as_bytes();
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut hmac: Hmac<Sha256> = Hmac::new_from_slice(token).expect("any length");
        hmac.update(b"till qptransaction mac v1");
        Secret::new(hmac.finalize().into_bytes().to_vec())
    }
}
