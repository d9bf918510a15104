//! ecommpay's Alipay: the Payment Page, Gate's sale, and Gate's refund.
//!
//! The rules are those of the platform's public documents. What these leave open is read
//! generously: where a status answer carries a hand-over, and how it lists what it lacks.

mod callback;
mod codes;
mod json;
mod natural;
mod number;
mod page;
mod read;
mod request;
mod settings;
mod shown;
pub mod signature;
mod status;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use callback::{Callback, CallbackError};
pub use json::Json;
pub use settings::{Customer, EcommpaySettings, Parameter, Sale};

use super::{Call, Rail, TokenVerdict};
use crate::http::{HttpRequest, HttpResponse, NoAnswer};
use crate::id::RailId;
use crate::money::Amount;
use crate::operation::{Ask, Blame, Code, Order, Pace, Pauses, Rules, Silence, Verdict};
use crate::secret::Secret;
use crate::time::Now;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;

/// An answer that comes this long after a time was asked for after it.
const MARGIN_MS: u64 = HttpRequest::TIME_LIMIT_MS;

/// The status is asked for 10 s after the begin at the earliest, even with a jitter of 20 %; then
/// every 5 s, and from 150 s every 30 s.
const PAUSES: Pauses =
    Pauses { first_ms: 12_500, early_ms: 5 * SECOND, until_ms: 150 * SECOND, late_ms: 30 * SECOND };

/// The least and greatest sums, in minor units (the method's description).
const LIMITS: [(&str, u64, Option<u64>); 2] = [("CNY", 1_000, Some(500_000)), ("USD", 100, None)];

/// Speaks ecommpay's API.
#[derive(Clone, Debug)]
pub struct Ecommpay {
    settings: EcommpaySettings,
}

/// Names a call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Sale,
    Refund,
    Status,
    Clarification,
}

impl Ecommpay {
    /// The name of this rail in configuration and journal.
    pub const ID: &str = "ecommpay";

    /// Makes the rail.
    ///
    /// # Errors
    /// What [`EcommpaySettings::check`] finds.
    pub fn new(settings: EcommpaySettings) -> Result<Self, Vec<String>> {
        let wrong = settings.check();
        if wrong.is_empty() { Ok(Self { settings }) } else { Err(wrong) }
    }

    /// Gives the settings.
    pub fn settings(&self) -> &EcommpaySettings {
        &self.settings
    }

    /// Checks what a pay asks for.
    fn check_pay(&self, order: &Order) -> Result<(), (Blame, String)> {
        let refuse = |message: String| Err((Blame::Request, message));
        let Amount { minor, currency } = order.amount;
        if order.code_value().is_some() {
            return refuse(
                "dev.till.extra.CODE_VALUE: ecommpay takes no scanned codes, it shows one"
                    .to_owned(),
            );
        }
        if !self.settings.currencies.contains(&currency) {
            let taken: Vec<&str> = self.settings.currencies.iter().map(|one| one.code()).collect();
            let taken = taken.join(", ");
            return refuse(format!("dev.till.extra.CURRENCY: ecommpay takes {taken}"));
        }
        let limits = LIMITS.iter().find(|(code, ..)| *code == currency.code());
        let (least, most) = limits.map_or((1, None), |(_, least, most)| (*least, *most));
        if minor < least {
            return refuse(format!("amount: at least {}", Amount::new(least, currency)));
        }
        if let Some(most) = most.filter(|most| minor > *most) {
            return refuse(format!("amount: at most {}", Amount::new(most, currency)));
        }
        Ok(())
    }

    /// Gives the terminal's wait, which is shorter than a payment's life.
    fn wait_ms(&self, terminal: &Rules) -> u64 {
        let life_ms = self.settings.lifetime_s.saturating_mul(SECOND);
        terminal.wait_ms.min(life_ms.saturating_sub(page::SLACK_MS))
    }
}

impl Name {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::Refund => "refund",
            Self::Status => "status",
            Self::Clarification => "clarification",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Sale => "/v2/payment/wallet/alipay/sale",
            Self::Refund => "/v2/payment/wallet/alipay/refund",
            Self::Status => "/v2/payment/status",
            Self::Clarification => "/v2/payment/clarification",
        }
    }
}

impl Rail for Ecommpay {
    fn id(&self) -> RailId {
        RailId::new(Self::ID)
    }

    fn check(&self, order: &Order, _bridge: bool) -> Result<(), (Blame, String)> {
        if order.payment().is_none() {
            self.check_pay(order)?;
        }
        let name = if order.payment().is_some() { Name::Refund } else { Name::Sale };
        match self.body(name, order, &[]) {
            Ok(_) => Ok(()),
            Err(why) => Err((Blame::Request, why.to_string())),
        }
    }

    fn rules(&self, terminal: &Rules) -> Rules {
        let wait_ms = self.wait_ms(terminal);
        let life_ms = self.settings.lifetime_s.saturating_mul(SECOND);
        Rules {
            wait_ms,
            give_back: terminal.give_back,
            refund_window_ms: terminal.refund_window_ms.min(Rules::REFUND_WINDOW_MS),
            refund_inquiry: true,
            declined_is_payable: self.settings.declined_is_payable,
            unknown_life_ms: life_ms.max(wait_ms.saturating_add(page::SLACK_MS)),
            pace: Pace {
                poll: PAUSES,
                retry: PAUSES,
                watch_ms: 30 * SECOND,
                grace_ms: self.settings.base_time_s.saturating_mul(SECOND),
            },
            end: Silence { after_ms: 10 * MINUTE + MARGIN_MS, apart_ms: 0 },
            lost: Some(Silence {
                after_ms: 120 * SECOND + MARGIN_MS,
                apart_ms: 10 * SECOND + MARGIN_MS,
            }),
            relayed: false,
            comes_back: false,
        }
    }

    fn token_request(&self) -> Option<HttpRequest> {
        None
    }

    fn read_token(&self, _answer: &Result<HttpResponse, NoAnswer>) -> TokenVerdict {
        TokenVerdict::Refused("ecommpay has no tokens: each call is signed".to_owned())
    }

    fn without_call(&self, call: &Call<'_>, rules: &Rules, now: &Now) -> Option<Verdict> {
        let page = self.settings.sale == Sale::Page && call.order.payment().is_none();
        if call.ask != Ask::Create || !page {
            return None;
        }
        if call.code.is_some() {
            // The address is signed with its sum: it can be shown as it is.
            return Some(Verdict::Open(None));
        }
        let life_ms = page::life_ms(rules);
        let best_before = now.wall_ms.saturating_add(i64::try_from(life_ms).unwrap_or(i64::MAX));
        Some(match page::address(&self.settings, call.order, best_before) {
            Ok(address) => Verdict::CodeIssued(Code::text(address, life_ms)),
            Err(why) => Verdict::Rejected(Blame::Request, why.to_string()),
        })
    }

    fn sandbox(&self) -> bool {
        self.settings.test_project
    }

    fn call(&self, order: &Order, _code: Option<&Code>, ask: Ask) -> &'static str {
        let name = match ask {
            Ask::Create if order.payment().is_some() => Name::Refund,
            Ask::Create => Name::Sale,
            Ask::Poll | Ask::Inquire | Ask::Watch | Ask::Close | Ask::Payment => Name::Status,
        };
        name.as_str()
    }

    fn request(&self, call: &Call<'_>) -> HttpRequest {
        self.make(call)
    }

    fn read(
        &self,
        call: &Call<'_>,
        answer: &Result<HttpResponse, NoAnswer>,
        wall_ms: i64,
    ) -> Verdict {
        read::read(self, call, answer, wall_ms)
    }

    fn mac_key(&self) -> Secret<Vec<u8>> {
        // EXPOSE: the key is derived from it and does not give it back.
        let secret = self.settings.secret.expose().as_bytes();
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut hmac: Hmac<Sha256> = Hmac::new_from_slice(secret).expect("any length");
        hmac.update(b"till qptransaction mac v1");
        Secret::new(hmac.finalize().into_bytes().to_vec())
    }
}
