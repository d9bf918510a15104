//! One payment as the bank keeps it, and what the bank says of it.

use serde::{Deserialize, Serialize};

use super::wire::{AcDecodeConfig, Figures, MerchantAnswer, PaymentAnswer, PromoInfo};
use super::{Action, Behaviour, Declined, Expired, Refunded, Unscanned};
use crate::money::{Money, Rate};
pub use crate::view::Kind;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Payment {
    pub(super) kind: Kind,
    /// An entry code has one; get-qr-code may have issued several.
    pub(super) codes: Vec<String>,
    pub(super) user_id: String,
    pub(super) reference_order_id: Option<String>,
    pub(super) description: Option<String>,
    pub(super) order: Option<Money>,
    /// What perform asked the customer to pay; `None`: the customer names it.
    pub(super) asked: Option<Money>,
    /// The payload that the SDK would get.
    pub(super) payload: Option<String>,
    pub(super) created_at_ms: i64,
    pub(super) payable_since_ms: Option<i64>,
    pub(super) expires_at_ms: i64,
    pub(super) scanned: bool,
    pub(super) stage: Stage,
    /// Refunds that are done, minor units.
    pub(super) refunded: u64,
    /// Refunds that are done or still may be, minor units.
    pub(super) reserved: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    /// get-qr-code answered; perform has not come.
    Issued,
    /// perform came: the customer can pay.
    Payable,
    Paid(Paid),
    Declined {
        at_ms: i64,
    },
    Cancelled {
        at_ms: i64,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Paid {
    pub(super) at_ms: i64,
    /// What was to be paid before the bank's discount.
    pub(super) gross: Money,
    pub(super) payment: Money,
    /// What left the customer's wallet, in the customer's currency.
    pub(super) withdrawal: Money,
    pub(super) rate: Option<Rate>,
}

/// A payment's result as process tells it.
pub(super) struct Verdict {
    pub(super) code: &'static str,
    pub(super) status: &'static str,
    pub(super) message: &'static str,
}

impl Verdict {
    pub(super) const UNKNOWN: Self = Self::new("INVALID_REQUEST", "F", "Unknown externalId");
    pub(super) const PENDING: Self = Self::new("PENDING", "U", "Payment is being processed");

    pub(super) const fn new(
        code: &'static str,
        status: &'static str,
        message: &'static str,
    ) -> Self {
        Self { code, status, message }
    }
}

impl Payment {
    pub(super) fn alive(&self, now_ms: i64) -> bool {
        now_ms < self.expires_at_ms
    }

    /// Tells whether the whole sum was given back.
    pub(super) fn given_back(&self) -> bool {
        match &self.stage {
            Stage::Paid(paid) => self.refunded >= paid.payment.amount,
            Stage::Issued | Stage::Payable | Stage::Declined { .. } | Stage::Cancelled { .. } => {
                false
            }
        }
    }

    /// Judges as process does.
    pub(super) fn verdict(&self, now_ms: i64, behaviour: &Behaviour) -> Verdict {
        match &self.stage {
            Stage::Paid(_) if self.given_back() && behaviour.refunded == Refunded::Refund => {
                Verdict::new("REFUND", "S", "Payment refunded")
            }
            Stage::Paid(_) => Verdict::new("SUCCESS", "S", "Operation completed"),
            Stage::Declined { .. } => match behaviour.declined {
                Declined::Failed => {
                    Verdict::new("FAILED", "F", "Payment failed: insufficient funds")
                }
                Declined::Declined => {
                    Verdict::new("DECLINED", "F", "Payment declined by the wallet")
                }
            },
            Stage::Cancelled { .. } => {
                Verdict::new("CANCELLED", "F", "Payment cancelled by the user")
            }
            Stage::Issued | Stage::Payable if !self.alive(now_ms) => match behaviour.expired {
                Expired::Expired => Verdict::new("EXPIRED", "F", "The payment code has expired"),
                Expired::Pending => Verdict::PENDING,
                Expired::InvalidRequest => {
                    Verdict::new("INVALID_REQUEST", "F", "The payment code has expired")
                }
            },
            Stage::Issued | Stage::Payable => {
                if self.scanned || behaviour.unscanned == Unscanned::Pending {
                    Verdict::PENDING
                } else {
                    Verdict::UNKNOWN
                }
            }
        }
    }

    /// Gives the status of section 6; `untouched` is what an unpaid, living payment is.
    pub(super) fn status(
        &self,
        now_ms: i64,
        behaviour: &Behaviour,
        untouched: &'static str,
    ) -> &'static str {
        match &self.stage {
            Stage::Paid(_) if self.given_back() => "REFUND",
            Stage::Paid(_) => "SUCCESS",
            Stage::Declined { .. } => "FAILED",
            Stage::Cancelled { .. } => "CANCELLED",
            Stage::Issued | Stage::Payable
                if !self.alive(now_ms) && behaviour.expired == Expired::Expired =>
            {
                "CANCELLED"
            }
            Stage::Issued | Stage::Payable if self.scanned => "PENDING",
            Stage::Issued | Stage::Payable => untouched,
        }
    }

    /// Returns the figures; an unpaid entry code has no amounts (section 4.2).
    pub(super) fn figures(&self) -> Figures<'_> {
        let mut figures = Figures {
            reference_order_id: self.reference_order_id.as_deref(),
            order_description: self.description.as_deref(),
            ..Figures::default()
        };
        let (payment, withdrawal) = match (&self.stage, self.kind) {
            (Stage::Paid(paid), _) => (Some(paid.payment), Some(paid.withdrawal)),
            (_, Kind::Entry) => return figures,
            (_, Kind::Order) => (self.asked, self.asked.map(|asked| Money::new(0, asked.currency))),
        };
        figures.payment_amount = payment.map(|sum| sum.amount);
        figures.payment_currency = payment.map(|sum| sum.currency);
        figures.withdrawal_amount = withdrawal.map(|sum| sum.amount);
        figures.withdrawal_currency = withdrawal.map(|sum| sum.currency);
        let order = self.order.or(payment);
        figures.order_amount = order.map(|sum| sum.amount);
        figures.order_currency = order.map(|sum| sum.currency);
        figures
    }

    /// Builds the answer of perform and confirm, which have one shape (section 4.3).
    pub(super) fn answer<'a>(
        &'a self,
        external_id: &'a str,
        status: &'static str,
        behaviour: &'a Behaviour,
    ) -> PaymentAnswer<'a> {
        let open = matches!(status, "CREATED" | "PENDING");
        let action = match self.kind {
            Kind::Order => behaviour.order_action,
            Kind::Entry => behaviour.entry_action,
        };
        let (action_type, redirects) = match action {
            Action::None => (None, false),
            Action::Sdk => (Some("HANDLE_BY_SDK"), false),
            Action::Psp => (Some("HANDLE_BY_PSP"), false),
            Action::PspRedirect => (Some("HANDLE_BY_PSP"), true),
        };
        let paid = match &self.stage {
            Stage::Paid(paid) => Some(paid),
            Stage::Issued | Stage::Payable | Stage::Declined { .. } | Stage::Cancelled { .. } => {
                None
            }
        };
        PaymentAnswer {
            status,
            action_type: action_type.filter(|_| open),
            sdk_action_payload: self.payload.as_deref().filter(|_| open && action == Action::Sdk),
            redirect_url: (open && redirects)
                .then(|| format!("{}{}", behaviour.redirect_prefix, url_part(external_id))),
            ac_decode_config: (open && self.kind == Kind::Entry)
                .then_some(AcDecodeConfig { router_type: "AC_URL", force_https: true }),
            figures: self.figures(),
            rate: paid.and_then(|paid| paid.rate).map(|rate| rate.to_string()),
            merchant: Some(MerchantAnswer::from(&behaviour.merchant)),
            payment_promo_info: paid.and_then(Paid::promotion),
            external_id,
        }
    }
}

impl Paid {
    fn promotion(&self) -> Option<PromoInfo> {
        let off = self.gross.amount.checked_sub(self.payment.amount).filter(|&off| off > 0)?;
        Some(PromoInfo {
            promo_id: "PROMO-SANDBOX",
            promo_type: "DISCOUNT",
            discount_amount: off,
            discount_currency: self.payment.currency,
        })
    }
}

/// Escapes all that is not plainly allowed in a path of an URL.
fn url_part(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
