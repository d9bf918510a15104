//! The JSON of the calls: requests as the bank reads them, answers as it writes them.

use core::fmt;
use std::borrow::Cow;

use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Merchant;
use super::answer::Refused;
use crate::money::{Currency, Money};

/// A text field of a request; a wrong type is kept to be named, not a failure of the whole body.
#[derive(Debug, Default)]
pub(super) enum Text<'a> {
    #[default]
    Absent,
    Invalid,
    Is(Cow<'a, str>),
}

/// An amount or count of a request.
#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Number {
    #[default]
    Absent,
    Invalid,
    Is(u64),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetQrCode<'a> {
    #[serde(default, borrow)]
    pub(super) region: Text<'a>,
    #[serde(default)]
    pub(super) code_quantity: Number,
    #[serde(default, borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) external_id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) env: Option<Env<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Env<'a> {
    #[serde(default, borrow)]
    pub(super) device_token_id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) terminal_type: Text<'a>,
    #[serde(default, borrow)]
    pub(super) os_type: Text<'a>,
    #[serde(default, borrow)]
    pub(super) cookie_id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) client_ip: Text<'a>,
    #[serde(default, borrow)]
    pub(super) user_agent: Text<'a>,
}

/// The requests of perform, confirm, process and refund: one shape, other fields required.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order<'a> {
    #[serde(default, borrow)]
    pub(super) external_id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) code_value: Text<'a>,
    #[serde(default, borrow)]
    pub(super) user_id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) reference_order_id: Text<'a>,
    #[serde(default, borrow)]
    pub(super) order_description: Text<'a>,
    #[serde(default)]
    pub(super) order_amount: Number,
    #[serde(default, borrow)]
    pub(super) order_currency: Text<'a>,
    #[serde(default)]
    pub(super) payment_amount: Number,
    #[serde(default, borrow)]
    pub(super) payment_currency: Text<'a>,
    #[serde(default)]
    pub(super) withdrawal_amount: Number,
    #[serde(default, borrow)]
    pub(super) withdrawal_currency: Text<'a>,
}

impl Order<'_> {
    /// Reads orderAmount with orderCurrency; `None` if there is no amount.
    pub(super) fn order(&self) -> Result<Option<Money>, Refused> {
        money(self.order_amount, "orderAmount", &self.order_currency, "orderCurrency")
    }

    /// Reads paymentAmount with paymentCurrency; `None` if there is no amount.
    pub(super) fn payment(&self) -> Result<Option<Money>, Refused> {
        money(self.payment_amount, "paymentAmount", &self.payment_currency, "paymentCurrency")
    }

    /// Reads withdrawalAmount with withdrawalCurrency; `None` if there is no amount or it is 0.
    pub(super) fn withdrawal(&self) -> Result<Option<Money>, Refused> {
        if matches!(self.withdrawal_amount, Number::Is(0)) {
            return Ok(None);
        }
        let (amount, currency) = (self.withdrawal_amount, &self.withdrawal_currency);
        money(amount, "withdrawalAmount", currency, "withdrawalCurrency")
    }
}

fn money(
    amount: Number,
    amount_name: &'static str,
    code: &Text<'_>,
    code_name: &'static str,
) -> Result<Option<Money>, Refused> {
    let currency = match code.optional(code_name)? {
        None => None,
        Some(code) => Some(Currency::new(code).ok_or_else(|| Refused::invalid_field(code_name))?),
    };
    match (amount, currency) {
        (Number::Absent, _) => Ok(None),
        (Number::Invalid | Number::Is(0), _) => Err(Refused::invalid_field(amount_name)),
        (Number::Is(_), None) => Err(Refused::missing(code_name)),
        (Number::Is(amount), Some(currency)) => Ok(Some(Money { amount, currency })),
    }
}

impl Text<'_> {
    /// Returns the text; an absent or empty field is an error that names it.
    pub(super) fn required(&self, name: &'static str) -> Result<&str, Refused> {
        self.optional(name)?.ok_or_else(|| Refused::missing(name))
    }

    /// Returns the text; absent, null and empty are all `None`.
    pub(super) fn optional(&self, name: &'static str) -> Result<Option<&str>, Refused> {
        match self {
            Self::Absent => Ok(None),
            Self::Invalid => Err(Refused::invalid_field(name)),
            Self::Is(text) if text.is_empty() => Ok(None),
            Self::Is(text) => Ok(Some(text)),
        }
    }

    /// Returns the text if it is one of those allowed.
    pub(super) fn one_of(&self, name: &'static str, allowed: &[&str]) -> Result<&str, Refused> {
        let text = self.required(name)?;
        if allowed.contains(&text) { Ok(text) } else { Err(Refused::invalid_field(name)) }
    }
}

impl Number {
    /// Returns the number; an absent field is an error that names it.
    pub(super) fn required(self, name: &'static str) -> Result<u64, Refused> {
        match self {
            Self::Absent => Err(Refused::missing(name)),
            Self::Invalid => Err(Refused::invalid_field(name)),
            Self::Is(number) => Ok(number),
        }
    }
}

/// The answer of perform and confirm.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentAnswer<'a> {
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sdk_action_payload: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) redirect_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ac_decode_config: Option<AcDecodeConfig>,
    #[serde(flatten)]
    pub(super) figures: Figures<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) merchant: Option<MerchantAnswer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_promo_info: Option<PromoInfo>,
    pub(super) external_id: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AcDecodeConfig {
    pub(super) router_type: &'static str,
    pub(super) force_https: bool,
}

/// The amounts and the order of a payment.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Figures<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) withdrawal_amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) withdrawal_currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reference_order_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_currency: Option<Currency>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MerchantAnswer<'a> {
    merchant_id: &'a str,
    merchant_name: &'a str,
    merchant_mcc: &'a str,
    store: StoreAnswer<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StoreAnswer<'a> {
    store_id: &'a str,
    store_name: &'a str,
}

impl<'a> From<&'a Merchant> for MerchantAnswer<'a> {
    fn from(merchant: &'a Merchant) -> Self {
        let Merchant { id, name, mcc, store_id, store_name } = merchant;
        Self {
            merchant_id: id,
            merchant_name: name,
            merchant_mcc: mcc,
            store: StoreAnswer { store_id, store_name },
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PromoInfo {
    pub(super) promo_id: &'static str,
    pub(super) promo_type: &'static str,
    pub(super) discount_amount: u64,
    pub(super) discount_currency: Currency,
}

/// The answer of process.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProcessAnswer<'a> {
    pub(super) result: ResultAnswer<'a>,
    #[serde(flatten)]
    pub(super) figures: Figures<'a>,
    pub(super) external_id: &'a str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultAnswer<'a> {
    pub(super) result_code: &'a str,
    pub(super) result_status: &'static str,
    pub(super) result_message: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QrCodeAnswer<'a> {
    pub(super) result: ResultAnswer<'a>,
    pub(super) payment_code_info_list: Vec<PaymentCodeInfo<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentCodeInfo<'a> {
    pub(super) payment_code: &'a str,
    pub(super) code_validity_start_time: &'a str,
    pub(super) code_expiry_time: &'a str,
}

/// The answer of refund: its result is flat, not nested.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundAnswer<'a> {
    pub(super) external_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_from_amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_from_currency: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_quote_currency_pair: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_quote_price: Option<String>,
    #[serde(flatten)]
    pub(super) result: ResultAnswer<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenAnswer<'a> {
    pub(super) access_token: &'a str,
    pub(super) token_type: &'static str,
    pub(super) expires_in: u64,
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct TextVisitor;
struct NumberVisitor;

/// Answers for every JSON type that a field must not have.
macro_rules! wrong_types {
    ($value:ty: $($visit:ident($argument:ty)),*) => {
        $(fn $visit<E: de::Error>(self, _: $argument) -> Result<$value, E> {
            Ok(<$value>::Invalid)
        })*

        fn visit_unit<E: de::Error>(self) -> Result<$value, E> {
            Ok(<$value>::Absent)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<$value, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok(<$value>::Invalid)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<$value, A::Error> {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(<$value>::Invalid)
        }
    };
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text::Is(Cow::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text::Is(Cow::Owned(text.to_owned())))
    }

    wrong_types!(Text<'de>: visit_bool(bool), visit_u64(u64), visit_i64(i64), visit_f64(f64));
}

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Number, E> {
        Ok(Number::Is(number))
    }

    wrong_types!(Number: visit_bool(bool), visit_i64(i64), visit_f64(f64), visit_str(&str));
}
