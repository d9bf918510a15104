//! OCTO's Alipay+ acquiring, merchant-presented mode.
//!
//! The section numbers in this module are those of the bank's document "Alipay+ integration".

mod codes;
mod figures;
mod hand_over;
mod judge;
mod read;
mod request;
mod settings;
mod token;
mod wire;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

pub use settings::{OctoSettings, PushAnswer, RefundSum, TerminalType};

use super::{Call, Rail, TokenVerdict};
use crate::http::{HttpRequest, HttpResponse, NoAnswer};
use crate::id::{ExternalId, RailId};
use crate::operation::{Ask, Blame, Code, Order, Rules, Verdict};
use crate::secret::Secret;
use wire::Push;

/// Speaks OCTO's API: pay by order code and entry code, refund.
#[derive(Clone, Debug)]
pub struct Octo {
    settings: OctoSettings,
    client_ip: String,
}

/// Names a call of the API, apart from the token's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    GetQrCode,
    Perform,
    Confirm,
    Process,
    Refund,
}

impl Octo {
    /// The name of this rail in configuration and journal.
    pub const ID: &str = "octo";

    /// Makes the rail.
    ///
    /// # Errors
    /// What [`OctoSettings::check`] finds.
    pub fn new(settings: OctoSettings) -> Result<Self, Vec<String>> {
        let wrong = settings.check();
        if wrong.is_empty() {
            let client_ip = settings.client_ip.to_string();
            Ok(Self { settings, client_ip })
        } else {
            Err(wrong)
        }
    }

    /// Gives the settings.
    pub fn settings(&self) -> &OctoSettings {
        &self.settings
    }

    /// Gives what stands for the userId in logs: the first 8 hexadecimal digits of its SHA-256.
    pub fn logged_user_id(&self) -> String {
        self.settings.logged_user_id()
    }

    /// Reads the bank's push: the external id of its own process call. Proves nothing else.
    pub fn read_push(body: &[u8]) -> Option<ExternalId> {
        let push: Push<'_> = read::json(body)?;
        push.external_id.get().map(ExternalId::new)
    }

    /// Makes the body of the answer 200 to the push about a known external id.
    pub fn push_answer(&self, external_id: &ExternalId) -> Vec<u8> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            external_id: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            result: Option<Outcome>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Outcome {
            result_code: &'static str,
            result_status: &'static str,
            result_message: &'static str,
        }
        let success = Outcome {
            result_code: "SUCCESS",
            result_status: "S",
            result_message: "Notification received",
        };
        let result = match self.settings.push_answer {
            PushAnswer::ExternalId => None,
            PushAnswer::Result => Some(success),
        };
        let body = Body { external_id: external_id.as_str(), result };
        serde_json::to_vec(&body).unwrap_or_default()
    }

    fn name(&self, order: &Order, code: Option<&Code>, ask: Ask) -> Name {
        let refund = order.payment().is_some();
        let entry = order.code_value().is_some();
        match ask {
            Ask::Create if refund => Name::Refund,
            Ask::Create if entry => Name::Perform,
            Ask::Create if code.is_none() => Name::GetQrCode,
            Ask::Create if self.settings.perform_before_scan => Name::Perform,
            Ask::Poll if entry => Name::Confirm,
            Ask::Create | Ask::Poll | Ask::Inquire | Ask::Watch | Ask::Close | Ask::Payment => {
                Name::Process
            }
        }
    }
}

impl Name {
    fn as_str(self) -> &'static str {
        match self {
            Self::GetQrCode => "get-qr-code",
            Self::Perform => "perform",
            Self::Confirm => "confirm",
            Self::Process => "process",
            Self::Refund => "refund",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::GetQrCode => "/api/v1/get-qr-code",
            Self::Perform => "/api/v1/perform",
            Self::Confirm => "/api/v1/confirm",
            Self::Process => "/api/v1/process",
            Self::Refund => "/api/v1/refund",
        }
    }
}

impl Rail for Octo {
    fn id(&self) -> RailId {
        RailId::new(Self::ID)
    }

    fn check(&self, order: &Order, bridge: bool) -> Result<(), (Blame, String)> {
        let currency = order.amount.currency;
        if currency.exponent() != 2 && !self.settings.exponents_confirmed.contains(&currency) {
            return Err((
                Blame::Request,
                format!(
                    "dev.till.extra.CURRENCY: {currency} has {} decimal places; until the bank has \
                     confirmed its minor units (octo.exponents_confirmed), only currencies with 2 \
                     are taken",
                    currency.exponent()
                ),
            ));
        }
        if order.code_value().is_some() && !bridge {
            let message = "a scanned code needs the Alipay+ SDK bridge, and none is configured";
            return Err((Blame::Configuration, message.to_owned()));
        }
        Ok(())
    }

    fn rules(&self, terminal: &Rules) -> Rules {
        Rules {
            wait_ms: terminal.wait_ms,
            give_back: terminal.give_back,
            refund_window_ms: terminal.refund_window_ms.min(Rules::REFUND_WINDOW_MS),
            refund_inquiry: self.settings.refund_inquiry,
            declined_is_payable: self.settings.declined_is_payable,
            ..Rules::default()
        }
    }

    fn token_request(&self) -> Option<HttpRequest> {
        Some(self.make_token())
    }

    fn read_token(&self, answer: &Result<HttpResponse, NoAnswer>) -> TokenVerdict {
        token::read(answer)
    }

    fn call(&self, order: &Order, code: Option<&Code>, ask: Ask) -> &'static str {
        self.name(order, code, ask).as_str()
    }

    fn request(&self, call: &Call<'_>) -> HttpRequest {
        self.make(self.name(call.order, call.code, call.ask), call)
    }

    fn read(
        &self,
        call: &Call<'_>,
        answer: &Result<HttpResponse, NoAnswer>,
        wall_ms: i64,
    ) -> Verdict {
        read::read(
            &self.settings,
            self.name(call.order, call.code, call.ask),
            call,
            answer,
            wall_ms,
        )
    }

    fn said(&self, answer: &HttpResponse) -> Option<String> {
        read::said(&answer.body)
    }

    fn mac_key(&self) -> Secret<Vec<u8>> {
        // EXPOSE: the key is derived from it and does not give it back.
        let secret = self.settings.client_secret.expose().as_bytes();
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut hmac: Hmac<Sha256> = Hmac::new_from_slice(secret).expect("any length");
        hmac.update(b"till qptransaction mac v1");
        Secret::new(hmac.finalize().into_bytes().to_vec())
    }
}
