//! Sums and exchange rates as the banks know them: integers only.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// Names a currency by its ISO 4217 code, three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The Uzbek sum, the currency of the sandbox's merchant unless told otherwise.
    pub const UZS: Self = Self(*b"UZS");
    /// The Chinese yuan, what most Alipay+ customers pay in.
    pub const CNY: Self = Self(*b"CNY");

    /// Reads a code; `None` unless it is three capital Latin letters.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// Returns the three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Returns how many digits follow the decimal point in print (ISO 4217).
    #[must_use]
    pub fn exponent(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Currency {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        Self::new(&code).ok_or_else(|| format!("`{code}` is not a currency: write one like `UZS`"))
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

/// A sum in minor units with its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Minor units (tiyin, fen, cents).
    pub amount: u64,
    /// ISO 4217.
    pub currency: Currency,
}

impl Money {
    /// Makes a sum.
    #[must_use]
    pub const fn new(amount: u64, currency: Currency) -> Self {
        Self { amount, currency }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// The price of one minor unit of the merchant's currency in minor units of the customer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate {
    digits: u64,
    scale: u32,
}

impl Rate {
    /// Converts an amount of the merchant's currency, rounded half up, to at least one unit.
    #[must_use]
    pub fn convert(&self, amount: u64) -> u64 {
        let divisor = 10_u128.pow(self.scale);
        let product = u128::from(amount) * u128::from(self.digits);
        u64::try_from((product + divisor / 2) / divisor).unwrap_or(u64::MAX).max(1)
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a rate: write a positive decimal like `0.00057`");
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let decimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || text.ends_with('.') || !decimal(whole) || !decimal(fraction) {
            return Err(wrong());
        }
        let scale = u32::try_from(fraction.len()).ok().filter(|&scale| scale <= 18);
        let digits: Option<u64> = format!("{whole}{fraction}").parse().ok();
        match (digits, scale) {
            (Some(digits), Some(scale)) if digits > 0 => Ok(Self { digits, scale }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let divisor = 10_u64.pow(self.scale);
        let (whole, fraction) = (self.digits / divisor, self.digits % divisor);
        match usize::try_from(self.scale) {
            Ok(width) if width > 0 => write!(f, "{whole}.{fraction:0width$}"),
            Ok(_) | Err(_) => write!(f, "{whole}"),
        }
    }
}

impl TryFrom<String> for Rate {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_three_capitals() {
        assert_eq!(Currency::new("UZS"), Some(Currency::UZS));
        for wrong in ["", "uzs", "UZ", "UZSS", "U1S", "РУБ"] {
            assert_eq!(Currency::new(wrong), None, "{wrong}");
        }
        assert_eq!(Currency::new("JPY").map(|jpy| jpy.exponent()), Some(0));
        assert_eq!(Currency::UZS.exponent(), 2);
    }

    #[test]
    fn a_rate_converts_without_floats() {
        let rate: Rate = "0.00057".parse().unwrap();
        assert_eq!(rate.to_string(), "0.00057");
        assert_eq!(rate.convert(1_250_000), 713); // 712.5 is rounded up
        assert_eq!(rate.convert(1), 1, "never nothing for something");
        assert_eq!("7".parse::<Rate>().unwrap().convert(3), 21);
        assert_eq!("1.10".parse::<Rate>().unwrap().to_string(), "1.10");
    }

    #[test]
    fn a_wrong_rate_says_what_is_right() {
        for wrong in ["", ".", "1.", ".5", "-1", "0", "0.0", "1e3", "1,5", "1.2.3"] {
            let error = wrong.parse::<Rate>().unwrap_err();
            assert!(error.contains("like `0.00057`"), "{wrong}: {error}");
        }
    }
}
